"""What may stand in an office's tables on its first day?  What the law and the State Council give, and nothing invented.

Papers' kinds need no rows: they are the table of the law itself (`petitions.lifecycle.PAPERS`).
"""
