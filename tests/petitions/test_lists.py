"""Does a list show every matter once, in order, within scope, whatever the filters and the way through its pages?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from petitions.actions.beside import write_beside
from petitions.errors import BadInput
from petitions.filters import Filters
from petitions.keyset import Mark, Turn, pack, unpack
from petitions.lifecycle import LONG_DAYS
from petitions.models import Filing, Petition, Reach
from petitions.querysets import ORDER, Wanted, page_of
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


def plant(cast: Cast, days: list[int], units: list[int], **columns: Any) -> list[Petition]:
    """Petitions without history: what a list reads, and no more."""
    bodies = [cast.bureau, cast.sibling, cast.township]
    rows = [
        Petition(
            number=f"T{Petition.objects.count() + n}", title=f"第{n}件", content="略", office=cast.office, stage="handling",
            received_on=DAY + timedelta(days=day), registered_at="2026-03-02T08:00:00Z", responsible=bodies[unit], **columns,
        )
        for n, (day, unit) in enumerate(zip(days, units, strict=True))
    ]  # fmt: skip
    Petition.objects.bulk_create(rows)
    reach = [
        Reach(petition=row, department=row.responsible, role="lead", tray="", received_on=row.received_on)
        for row in rows
    ]
    # Every third reaches a second unit of the same scope as well.
    reach += [
        Reach(petition=row, department=cast.county, role="co", tray="", received_on=row.received_on)
        for row in rows[::3]
    ]
    Reach.objects.bulk_create(reach)
    return rows


def walk(actor: Actor, wanted: Wanted, size: int, *, back: bool = False) -> list[int]:
    """All ids of a list, page by page; ``back``: from the last page to the first."""
    seen, turn, page = [], Turn(size=size), None
    while True:
        page = page_of(actor, wanted, turn)
        seen.append([row.pk for row in page.rows])
        if not page.after:
            break
        turn = Turn(after=unpack(page.after, ORDER), size=size)
    if not back:
        return [pk for rows in seen for pk in rows]
    last = [seen[-1]]
    while page.before:
        page = page_of(actor, wanted, Turn(before=unpack(page.before, ORDER), size=size))
        last.insert(0, [row.pk for row in page.rows])
    return [pk for rows in last for pk in rows]


def newest(rows: list[Petition]) -> list[int]:
    return [row.pk for row in sorted(rows, key=lambda row: (row.received_on, row.pk), reverse=True)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=23), size=st.integers(1, 9))
def test_no_row_is_lost_or_doubled(cast: Cast, rows: list[tuple[int, int]], size: int) -> None:
    Reach.objects.all().delete()
    Petition.objects.all().delete()
    planted = plant(cast, [day for day, _ in rows], [unit for _, unit in rows])
    head = Actor(user=cast.head.user, post=cast.unit_head.post)
    head.post.department.path = cast.county.path  # a head above all units: many keys, and rows that two of them share
    for actor, mine in (
        (cast.triage, planted),
        (head, planted),
        (cast.signer, [row for row in planted if row.responsible_id == cast.bureau.pk]),
        (cast.auditor, []),
    ):
        for back in (False, True):
            assert walk(actor, Wanted(), size, back=back) == newest(mine)


def test_counts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(cast, [1] * 7, [0] * 7)
    assert page_of(cast.triage, Wanted(), Turn(size=2)).count == 7
    assert page_of(cast.signer, Wanted(), Turn(size=2)).count == 7
    assert page_of(cast.sibling_signer, Wanted(), Turn(size=2)).count == 0
    monkeypatch.setattr("petitions.querysets.CAP", 3)
    assert page_of(cast.triage, Wanted(), Turn(size=2)).count == 3
    assert page_of(cast.signer, Wanted(), Turn(size=2)).count == 3


def test_the_long_ones_are_open_and_came_half_a_year_ago(cast: Cast, make: Makes) -> None:
    old, ended, fresh = make.handling().petition, make.confirmed(), make.handling().petition
    long_ago = date.today() - timedelta(days=LONG_DAYS + 1)
    Petition.objects.filter(pk__in=[old.pk, ended.pk]).update(received_on=long_ago)
    form = Filters({"long": "yes"})
    assert form.is_valid()
    wanted = form.wanted(date.today())
    for actor in (cast.triage, cast.signer):
        page = page_of(actor, wanted, Turn())
        assert [row.pk for row in page.rows] == [old.pk]
    assert fresh.received_on > long_ago


KEYS = ("urgent=yes", "repeated=yes", "listed=yes", "sponsored=yes", "heads=5")


@pytest.mark.parametrize("query", KEYS)
def test_a_key_matter_is_found_by_what_makes_it_one_and_by_nothing_else(cast: Cast, make: Makes, query: str) -> None:
    repeated = make.handling().petition
    Filing.objects.filter(petition=repeated).update(repeat=True)
    sponsored = make.handling().petition
    write_beside("sponsored", on=sponsored, by=cast.head, data={"sponsorship": "HJ2026001"})
    made = dict(zip(KEYS, (
        make.urgent().petition, repeated, make.measure("decide_measure").petition, sponsored, make.joint().petition,
    ), strict=True))  # fmt: skip
    make.measure(), make.handling()  # a measure that is only proposed makes no key matter
    name, value = query.split("=")
    form = Filters({name: value})
    assert form.is_valid(), form.errors
    found = page_of(cast.triage, form.wanted(date.today()), Turn())
    assert [row.pk for row in found.rows] == [made[query].pk] and found.count == 1
    mine = page_of(cast.signer, form.wanted(date.today()), Turn())
    assert [row.pk for row in mine.rows] == ([] if query == "heads=5" else [made[query].pk])


FILTERS: dict[str, Callable[[Petition, Cast], bool]] = {
    "stage=handling": lambda p, c: p.stage == "handling",
    "category=T02": lambda p, c: p.category_id == "T0202",
    "category=T0202": lambda p, c: p.category_id == "T0202",
    "region=330726101000": lambda p, c: p.region_id == "330726101201",
    "region=330726000000": lambda p, c: p.region_id == "330726101201",
    "channel=visit": lambda p, c: True,
    "channel=letter": lambda p, c: False,
    "kind=claim": lambda p, c: p.kind == "claim",
    "kind=suggestion": lambda p, c: p.kind == "suggestion",
    "joint=no": lambda p, c: not p.joint,
    "joint=yes": lambda p, c: p.joint,
    "resolved=yes": lambda p, c: p.resolved is True,
    "overdue=yes": lambda p, c: False,
    "long=yes": lambda p, c: False,
    "heads=30": lambda p, c: p.head_count >= 30,
    "urgent=yes": lambda p, c: p.urgent,
    "received_from=2000-01-01": lambda p, c: True,
    "received_to=2000-01-01": lambda p, c: False,
}


@pytest.mark.parametrize("query", FILTERS)
def test_each_filter(cast: Cast, make: Makes, query: str) -> None:
    make.registered()
    make.registered(kind="suggestion", category=None, region=None)
    make.handling()
    name, value = query.split("=")
    form = Filters({name: value})
    assert form.is_valid(), form.errors
    wanted = form.wanted(date.today())
    for actor in (cast.triage, cast.registrar, cast.signer):
        page = page_of(actor, wanted, Turn())
        every = page_of(actor, Wanted(), Turn()).rows
        full = {row.pk: row for row in Petition.objects.all()}
        assert [row.pk for row in page.rows] == [row.pk for row in every if FILTERS[query](full[row.pk], cast)]
        assert page.count == len(page.rows)


def test_by_unit_and_all_below(cast: Cast, make: Makes) -> None:
    held = make.sent()
    for department, many in ((cast.bureau, 1), (cast.county, 1), (cast.sibling, 0)):
        form = Filters({"responsible": str(department.pk), "stage": "sent"})
        assert form.is_valid()
        assert len(page_of(cast.triage, form.wanted(DAY), Turn()).rows) == many
    assert held.petition.responsible_id == cast.bureau.pk


def test_marks_are_sealed() -> None:
    mark = Mark(DAY, 12345)
    text = pack(mark, "newest")
    assert unpack(text, "newest") == mark
    assert pack(mark, "newest") == text
    assert "12345" not in text
    for forged in (text[:-2], text[::-1], "x", "é", text + "A" * 40):
        with pytest.raises(BadInput):
            unpack(forged, "newest")
    with pytest.raises(BadInput):
        unpack(text, "search:words")


def test_the_page(cast: Cast, make: Makes, signed_in: Callable[[Actor], Client]) -> None:
    shown = make.registered(hide_name=True).petition
    client = signed_in(cast.triage)
    page = client.get("/petitions/").content.decode()
    assert shown.title in page
    assert shown.lead_name in page
    assert shown.content not in page
    assert client.get("/petitions/?stage=nowhere").status_code == 422
    assert client.get("/petitions/?received_from=2026-13-01").status_code == 422
    assert client.get("/petitions/?after=forged").status_code == 422
    assert client.get("/petitions/?stage=confirmed").status_code == 200


def test_a_hidden_name_is_not_shown_to_the_unit(cast: Cast, make: Makes, signed_in: Callable[[Actor], Client]) -> None:
    held = make.sent(hide_name=True)
    page = signed_in(cast.signer).get("/petitions/").content.decode()
    assert held.petition.title in page
    assert held.petition.lead_name not in page


def test_nobody_reads_without_signing_in(client: Client) -> None:
    assert client.get("/petitions/").status_code == 302
    assert client.get("/search/?q=x").status_code == 302
