"""The demo county receives: held and coming receptions, one under way, what came of them, and sponsored cases at each stage."""

from visits.demo.story import tell

__all__ = ["tell"]
