"""What is told when a filing is registered?  The entry and its people, as any page, import or script hands them over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from accounts.models import Department, Region
from petitions.models import Category, Channel, IdKind, Kind, PartyRole, Purpose, Sex


@dataclass(frozen=True)
class Person:
    """One person of a filing, as told at the counter; everything but the name may be missing."""

    name: str
    role: str = PartyRole.LEAD
    representative: bool = False
    is_organisation: bool = False
    sex: str = Sex.UNKNOWN
    birth_date: date | None = None
    id_kind: str = IdKind.NONE
    id_number: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Entry:
    """What the registration page holds: all a filing needs.

    Attributes:
        received_on: Asia/Shanghai date of receipt; today unless ``backdate_reason`` says why not.
        claims: the requests, one by one; empty = the title stands for the one request.
        head_count: people registered, 0 = as many as are named; ``actual_count`` those who came.
        handed_due: the superior's own limit, for what was handed down (T8).
        imported_from: the list of another system that it comes from: its day of receipt is that system's, however old.
    """

    title: str
    content: str
    people: Sequence[Person]
    received_on: date | None = None
    backdate_reason: str = ""
    channel: str = Channel.VISIT
    kind: str = Kind.CLAIM
    purpose: str = Purpose.SETTLE
    category: Category | None = None
    region: Region | None = None
    place: str = ""
    claims: Sequence[str] = ()
    head_count: int = 0
    actual_count: int | None = None
    hide_name: bool = False
    urgent: bool = False
    addressee: str = ""
    postmark_on: date | None = None
    handed_by: Department | None = None
    handed_number: str = ""
    handed_due: date | None = None
    references: Sequence[tuple[str, str]] = field(default=())
    imported_from: str = ""
