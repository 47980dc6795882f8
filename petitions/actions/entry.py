"""What is told when a filing is registered?  The entry and its people, as any page, import or script hands them over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from accounts.models import Department, Region
from petitions.models import Category, Channel, IdKind, Kind, PartyRole, Purpose, Sex

_SENTENCE_END = re.compile(r"[。！？!?；;\n]+")
_ASKS = re.compile(
    r"请求|要求|恳请|恳求|敬请|希望|盼望|诉求|望(?:予|政府|领导|有关|尽快)|请(?:帮|给|尽快|依法|予以|有关|政府|领导|贵|你们|您)"
)
_CLAIM_LENGTH = 300  # characters; what is longer is a narrative, not a request


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
        claims: the requests, one by one; empty = what the narrative asks for is the one request (``claim_of``).
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


def claim_of(title: str, content: str) -> str:
    """Return the one request of a filing whose requests nobody has listed, in the petitioner's own words and uncut.

    An opinion answers it word for word (Art.32).  The sentences that ask for something, together; where none does, the
    title, or the whole sentence that a title was cut from.
    """
    sentences = [one.strip() for one in _SENTENCE_END.split(content) if one.strip()]
    asking = [one for one in sentences if _ASKS.search(one)]
    cut = sentences[:1] if title.endswith("…") and content.strip().startswith(title[:-1]) else []
    for claim in ("；".join(asking), *asking[-1:], *cut):
        if claim and len(claim) <= _CLAIM_LENGTH:
            return claim
    return title
