"""The nouns of accounts."""

from accounts.models.departments import COMPETENT_KINDS, Department, DepartmentKind, Level
from accounts.models.log import AccessKind, AccessLog, Seal, SealedRow
from accounts.models.people import Delegation, LeaderField, Post, Role, User
from accounts.models.regions import Region, RegionLevel

__all__ = [
    "COMPETENT_KINDS",
    "AccessKind",
    "AccessLog",
    "Delegation",
    "Department",
    "DepartmentKind",
    "LeaderField",
    "Level",
    "Post",
    "Region",
    "RegionLevel",
    "Role",
    "Seal",
    "SealedRow",
    "User",
]
