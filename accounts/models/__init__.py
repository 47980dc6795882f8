"""The nouns of accounts."""

from accounts.models.departments import COMPETENT_KINDS, Department, DepartmentKind, FormerName, Level
from accounts.models.log import AccessKind, AccessLog, Seal, SealedRow
from accounts.models.office import DatabaseMark, Kind, Office
from accounts.models.people import Delegation, LeaderField, Post, Role, User
from accounts.models.regions import Region, RegionLevel
from accounts.models.tokens import ApiToken

__all__ = [
    "COMPETENT_KINDS",
    "AccessKind",
    "AccessLog",
    "ApiToken",
    "DatabaseMark",
    "Delegation",
    "Department",
    "DepartmentKind",
    "FormerName",
    "Kind",
    "LeaderField",
    "Level",
    "Office",
    "Post",
    "Region",
    "RegionLevel",
    "Role",
    "Seal",
    "SealedRow",
    "User",
]
