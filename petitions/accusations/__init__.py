"""Sealed reports (检举控告, Art.30, 41, 46): who may see them, what happens to them, what leaves them.

A room of its own beside the open verbs: nothing open reads these rows, and nothing here writes an open one.
"""
