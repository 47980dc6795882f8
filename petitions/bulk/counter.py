"""How is an invented matter registered?  Petition, first filing, people and claims, as `petitions.actions.register` has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from random import Random
from typing import Any

from accounts.identity import pinyin_initials
from accounts.models import Role
from accounts.privacy import EncryptedTextField, blind, new_matter_key, wrap_key
from petitions import lifecycle, numbers
from petitions.bulk.life import Life, Row, morning
from petitions.bulk.office import Body, County, Hand
from petitions.bulk.words import Composer
from petitions.models import IdKind, PartyRole, Petitioner
from petitions.querycode import ALPHABET, LENGTH, new_ref

CHANNELS = ("visit", "visit", "visit", "letter", "letter", "phone", "online")
WITH_ID = 0.6
REPEATED = 0.05
# The check digit of an 18-digit ID (GB 11643).
_WEIGHTS, _MARKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"

_initial_of = lru_cache(maxsize=None)(pinyin_initials)


def initials_of(name: str) -> str:
    """Initials character by character: our own names have no character whose reading hangs on its neighbour."""
    return "".join([_initial_of(mark) for mark in name])


@dataclass
class Ids:
    """Where the next id of each table comes from: a block of its sequence for each worker's share."""

    following: dict[str, int]

    def next(self, table: str) -> int:
        """Take an id."""
        found = self.following[table]
        self.following[table] = found + 1
        return found


@dataclass
class Counter:
    """Registers one matter after the other.  ``serials``: the next serial by body and year."""

    county: County
    system: Hand
    random: Random
    words: Composer
    ids: Ids
    serials: dict[tuple[int, int], int] = field(default_factory=dict)

    def register(self, office: Body, day: date) -> Life:
        """A matter just registered with ``office`` on ``day``."""
        random, ref, key = self.random, new_ref(), new_matter_key()
        serial = self.serials[office.pk, day.year]
        self.serials[office.pk, day.year] = serial + 1
        word, name = self.words.planted(), self.words.name()
        count = 1 if random.random() < 0.9 else random.randint(2, 12)
        # A planted word stands in the title or in the text, never in both.
        in_title = bool(word) and random.random() < 0.3
        at = morning(day)
        petition = {
            "id": self.ids.next("petition"), "ref": ref,
            "number": numbers.matter_number(office.prefix, day.year, serial),
            "title": self.words.title(word if in_title else ""), "content": self.words.narrative("" if in_title else word),
            "category_id": random.choice(self.county.categories), "region_id": random.choice(self.county.regions),
            "kind": "claim", "office_id": office.pk, "received_on": day, "registered_at": at, "head_count": count,
            "joint": count >= lifecycle.JOINT_FROM, "hide_name": random.random() < 0.03,
            "urgent": random.random() < 0.01, "lead_name": name, "outcome": "", "resolved": None,
            "wrapped_key": wrap_key(key, b"matter-key:" + ref.encode()),
        }  # fmt: skip
        life = Life(petition, key, self.ids, self.system, office.pk, self.county.office.pk)
        self._file(life, office, day, at)
        self._claim(life)
        return life

    def _file(self, life: Life, office: Body, day: date, at: datetime) -> None:
        hand = office.hands[Role.REGISTRAR if office is self.county.office else Role.SIGNER]
        filing = self._filing(life, office, hand, day, at, 1)
        self._people(life, filing)
        clock = life.start("T1" if office is self.county.office else "T2", filing, day)
        data = self._said(life, filing) | {"due": str(clock.due)}
        life.write("register", "filing", filing.pk, hand, day, data, None)

    def _filing(self, life: Life, office: Body, hand: Hand, day: date, at: datetime, nth: int) -> Row:
        code = "".join(self.random.choices(ALPHABET, k=LENGTH))
        columns = {
            "ref": new_ref(), "number": numbers.filing_number(life.petition["number"], nth),
            "channel": self.random.choice(CHANNELS), "office_id": office.pk, "registrar_id": hand.post,
            "received_on": day, "recorded_at": at, "state": "registered", "head_count": life.petition["head_count"],
            "query_code_hash": blind(code, "query-code"), "query_code_made_at": at,
        }  # fmt: skip
        filing = Row("filing", self.ids.next("filing"), columns)
        life.filings.append(filing)
        return filing

    def _said(self, life: Life, filing: Row) -> dict[str, Any]:
        columns: Mapping[str, Any] = filing.columns
        return {
            "filing": columns["number"], "channel": columns["channel"], "people": columns["head_count"],
            "received_on": str(columns["received_on"]),
        }  # fmt: skip

    def _people(self, life: Life, filing: Row) -> None:
        """The lead petitioner; of a crowd a companion too."""
        self._person(life, filing, life.petition["lead_name"], PartyRole.LEAD)
        if life.petition["head_count"] > 1:
            self._person(life, filing, self.words.name(), PartyRole.COMPANION)

    def _person(self, life: Life, filing: Row, name: str, role: str) -> None:
        pk = self.ids.next("petitioner")
        person = {"id": pk, "petition_id": life.petition["id"], "name": name, "name_initials": initials_of(name)}
        phone = f"+86199{self.random.randrange(10**8):08d}"
        person |= {
            "phone": _PHONE.seal_value(phone), "phone_hash": blind(phone, "phone"),
            "address": _ADDRESS.seal_value(f"浦江县{self.random.randrange(1, 400)}号"),
        }  # fmt: skip
        if self.random.random() < WITH_ID:
            number, born = self._id_number()
            person |= {
                "id_kind": str(IdKind.RESIDENT.value), "id_number": _ID.seal_value(number), "id_hash": blind(number, "id"),
                "birth_date": born, "sex": "1" if int(number[16]) % 2 else "2",
            }  # fmt: skip
        life.people.append(person)
        life.parties.append({"filing_id": filing.pk, "petitioner_id": pk, "role": str(role)})

    def _id_number(self) -> tuple[str, date]:
        born = date.fromordinal(self.random.randint(711_858, 732_000))  # 1950 to 2005
        digits = f"330726{born:%Y%m%d}{self.random.randrange(1000):03d}"
        return digits + _MARKS[sum(int(a) * b for a, b in zip(digits, _WEIGHTS, strict=True)) % 11], born

    def _claim(self, life: Life) -> None:
        for serial, text in enumerate(self.words.claims(), start=1):
            life.claims.append({"petition_id": life.petition["id"], "serial": serial, "text": text})

    def repeat(self, life: Life, office: Body, day: date) -> None:
        """The same people again, filed under the open matter with words of their own."""
        hand = office.hands[Role.REGISTRAR if office is self.county.office else Role.SIGNER]
        at = morning(day)
        filing = self._filing(life, office, hand, day, at, 2)
        filing.columns |= {"state": "merged", "content": self.words.repeat(), "repeat": True, "head_count": 1}
        known = life.people[0]
        if "id_hash" in known:
            life.parties.append({"filing_id": filing.pk, "petitioner_id": known["id"], "role": "lead"})
        else:
            self._person(life, filing, life.petition["lead_name"], PartyRole.LEAD)
        life.write("register_repeat", "filing", filing.pk, hand, day, self._said(life, filing), None)


def _sealed(column: str) -> EncryptedTextField:
    found = Petitioner._meta.get_field(column)
    assert isinstance(found, EncryptedTextField)
    return found


_PHONE, _ADDRESS, _ID = _sealed("phone"), _sealed("address"), _sealed("id_number")
