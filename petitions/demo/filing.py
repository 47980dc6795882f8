"""What does an invented filing hold?  A person or a group of the village, an affair, a channel, and what is special."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from accounts.models import Region
from petitions import lifecycle, querycode
from petitions.actions import Entry, Person
from petitions.demo.contents import contents
from petitions.demo.county import County
from petitions.demo.names import Face, face
from petitions.demo.words import Affair, Told, Words, affairs
from petitions.models import Channel, IdKind, Kind, PartyRole, Purpose

# Units whose people are in the tour get more of the matters.
_FAVOURED = {"ZRZY": 5, "RS": 4, "NYNC": 2, "ZJ": 2, "HB": 2}
_CHANNELS = ((Channel.VISIT, 45), (Channel.PHONE, 22), (Channel.ONLINE, 18), (Channel.LETTER, 15))
_TRAIT_CHANNELS = {
    "letter": Channel.LETTER,
    "phone": Channel.PHONE,
    "joint": Channel.VISIT,
    "handed": Channel.HANDED_DOWN,
}
_FROM_ABOVE = (("JHXF", "金信转"), ("SHENG", "浙信转"), ("GUO", "国信转"))
_ADDRESSEES = ("县信访局", "县委主要领导", "县人民政府", "县长信箱")
_MORE_CLAIMS = ("书面答复处理结果", "公开处理经过和责任单位")
# What is not sent on as a petition of an ordinary kind.
_LEGAL, _THANKS, _GENERAL = "0801", "1702", ("1702", "1703")
TOWN = "330726101"


@dataclass
class Subject:
    """One matter to be: who asks what, of which place, and which body it belongs to."""

    told: Told
    village: Region
    unit: str
    people: list[Person]
    traits: frozenset[str]
    channel: str


def demo_code(number: int) -> str:
    """The query code of the ``number``-th invented filing: known beforehand, so that a tour can show the public page."""
    rng = Random(f"demo query code {number}")  # noqa: S311  (an invented filing keeps no secret)
    return "".join(rng.choice(querycode.ALPHABET) for _ in range(querycode.LENGTH))


class Desk:
    """Makes subjects and entries for one history."""

    def __init__(self, county: County, words: Words, rng: Random, taken: set[str]) -> None:
        self.county, self.words, self.rng, self.taken = county, words, rng, taken

    def subject(self, traits: Sequence[str], unit: str, day: date) -> Subject:
        """Choose everything about a matter that begins on ``day``."""
        special = frozenset(traits) | self._chance(traits)
        affair = self._affair(special, unit)
        village = self._village(affair, special, unit)
        told = self.words.tell(affair, village, day.year, self.taken)
        people = self._people(village, special)
        return Subject(
            told, village, self._unit(affair, village, special, unit), people, special, self._channel(special)
        )

    def entry(self, subject: Subject, day: date, *, content: str = "") -> Entry:
        """What the clerk types for ``subject`` on ``day``; ``content`` for a repeat."""
        told, traits = subject.told, subject.traits
        late = "backdated" in traits and not content
        suggests = told.affair.category in _GENERAL or told.affair.suggests
        return Entry(
            title=told.title, content=content or told.content, people=subject.people, channel=subject.channel,
            category=self.county.categories[told.affair.category] if traits & {"town", "letter"} else None,
            region=subject.village, place=f"{subject.village.name}{self.rng.randint(1, 320)}号",
            claims=list(told.claims), head_count=len(subject.people) + (7 if "joint" in traits else 0),
            actual_count=len(subject.people) if "joint" in traits else None, hide_name="hidden" in traits,
            urgent="urgent" in traits, received_on=day - timedelta(days=self.rng.randint(1, 3)) if late else None,
            backdate_reason=self.words.late() if late else "", **self._kind(suggests, affair=told.affair),
            **self._letter(subject, day), **self._above(subject, day),
        )  # fmt: skip

    # --- choices ------------------------------------------------------------------------------------------------

    def _chance(self, traits: Sequence[str]) -> frozenset[str]:
        if {"thanks", "legal", "handed", "town", "suggests"} & set(traits):
            return frozenset()
        odds = (
            ("hidden", 0.05),
            ("backdated", 0.06),
            ("joint", 0.05),
            ("urgent", 0.03),
            ("claims", 0.08),
        )
        found = {trait for trait, odd in odds if self.rng.random() < odd}
        return frozenset(found - {"backdated"} if "punctual" in traits else found)

    def _affair(self, traits: frozenset[str], unit: str) -> Affair:
        rows = [row for row in affairs() if _fits(row, traits, unit)]
        owners = {row.code: row.department for row in contents()}
        return self.rng.choices(rows, [_FAVOURED.get(owners[row.category], 1) for row in rows])[0]

    def _village(self, affair: Affair, traits: frozenset[str], unit: str) -> Region:
        rows = self.county.villages
        if "town" in traits or unit == TOWN:
            rows = [row for row in rows if row.code.startswith(TOWN)]
        if affair.category[:2] in ("01", "02"):
            rows = [row for row in rows if row.name.endswith("村")]
        return self.rng.choice(rows)

    def _unit(self, affair: Affair, village: Region, traits: frozenset[str], wanted: str) -> str:
        row = next(row for row in contents() if row.code == affair.category)
        if "town" in traits or wanted == TOWN or (row.by_town and self.rng.random() < 0.6):
            return village.code[:9]
        return row.department or "MZ"

    def _channel(self, traits: frozenset[str]) -> str:
        for trait, channel in _TRAIT_CHANNELS.items():
            if trait in traits:
                return channel
        return self.rng.choices([c for c, _ in _CHANNELS], [w for _, w in _CHANNELS])[0]

    def _people(self, village: Region, traits: frozenset[str]) -> list[Person]:
        count = self.rng.randint(lifecycle.JOINT_FROM, 9) if "joint" in traits else 1
        faces: dict[str, Face] = {}
        while len(faces) < count:
            one = face(self.rng)
            faces[one.id_number] = one
        return [self._person(one, number, village, joint=count > 1) for number, one in enumerate(faces.values())]

    def _person(self, one: Face, number: int, village: Region, *, joint: bool) -> Person:
        known = number == 0 or self.rng.random() < 0.7
        return Person(
            name=one.name, role=PartyRole.LEAD if number == 0 else PartyRole.COMPANION,
            representative=joint and number < 3, sex=one.sex, birth_date=one.birth if known else None,
            id_kind=IdKind.RESIDENT if known else IdKind.NONE, id_number=one.id_number if known else "",
            phone=one.phone if known else "", address=f"{village.full_name}{self.rng.randint(1, 320)}号",
        )  # fmt: skip

    # --- parts of an entry ----------------------------------------------------------------------------------------

    def _kind(self, suggests: bool, *, affair: Affair) -> dict[str, Any]:
        purpose = Purpose.THANK if affair.category == _THANKS else Purpose.SUGGEST if suggests else Purpose.SETTLE
        return {"kind": Kind.SUGGESTION if suggests else Kind.CLAIM, "purpose": purpose}

    def _letter(self, subject: Subject, day: date) -> dict[str, Any]:
        if subject.channel != Channel.LETTER:
            return {}
        return {"addressee": self.rng.choice(_ADDRESSEES), "postmark_on": day - timedelta(days=self.rng.randint(2, 6))}

    def _above(self, subject: Subject, day: date) -> dict[str, Any]:
        if subject.channel != Channel.HANDED_DOWN:
            return {}
        code, mark = self.rng.choice(_FROM_ABOVE)
        number = f"{mark}〔{day.year}〕{self.rng.randint(100, 9999)}号"
        return {
            "handed_by": self.county.departments[code], "handed_number": number,
            "handed_due": day + timedelta(days=60), "references": [("上级信访系统", f"{code}{self.rng.getrandbits(40):013d}")],
        }  # fmt: skip


def _fits(affair: Affair, traits: frozenset[str], unit: str) -> bool:
    """Whether ``affair`` can be told with these traits and goes to ``unit`` (anywhere if empty)."""
    if affair.suggests is not ("suggests" in traits):
        return False
    if "thanks" in traits or "legal" in traits:
        return affair.category == (_THANKS if "thanks" in traits else _LEGAL)
    if affair.category == _THANKS or affair.category == _LEGAL:
        return False
    if "direct" in traits:
        return affair.category == "1703"
    row = next(row for row in contents() if row.code == affair.category)
    if "town" in traits or unit == TOWN:
        return row.by_town
    if "sent" in traits and affair.category == "1703":
        return False
    enough = "mixed" not in traits or len(affair.claims) > 1
    return enough and (not unit or row.department == unit)
