"""Does every order of a list show each matter once, in its place, within scope, by whichever road it was reached?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from petitions import querysets
from petitions.access import scope_of, visible_to
from petitions.columns import COLUMNS, DEFAULT, MOST, chosen, named
from petitions.keyset import Turn, unpack
from petitions.models import Petition, Reach
from petitions.orders import CLOSED, DUE, NEWEST, ORDERS, Order, offered_to
from petitions.querysets import Wanted, page_of
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
SignIn = Callable[[Actor], Client]


def plant(cast: Cast, rows: list[tuple[int, int, bool, bool]]) -> list[Petition]:
    """Matters without history: (day, unit, closed, of the category)."""
    bodies = [cast.bureau, cast.sibling, cast.township]
    made = [
        Petition(
            number=f"T{number}", title=f"第{number}件", content="略", office=cast.office, received_on=DAY,
            registered_at="2026-03-02T08:00:00Z", responsible=bodies[unit], category=cast.category if same else None,
            stage="confirmed" if closed else ("handling", "sent")[day % 2], closed_on=DAY + timedelta(day) if closed else None,
            due=None if closed else DAY + timedelta(day),
        )
        for number, (day, unit, closed, same) in enumerate(rows)
    ]  # fmt: skip
    Petition.objects.bulk_create(made)
    reach = [
        Reach(
            petition=row, department=where, role=role, tray="", received_on=DAY, due=row.due, open=row.due is not None
        )
        for number, row in enumerate(made)
        for where, role in ((row.responsible, "lead"), (cast.county, "co"))[: 1 + (number % 3 == 0)]
    ]
    Reach.objects.bulk_create(reach)
    return made


def walk(actor: Actor, wanted: Wanted, order: Order, size: int) -> list[int]:
    """All ids of a list, from the first page to the last and back again; both ways must agree."""
    pages, turn = [], Turn(size=size)
    while True:
        page = page_of(actor, wanted, turn, order=order)
        pages.append([row.pk for row in page.rows])
        if not page.after:
            break
        turn = Turn(after=unpack(page.after, order.code), size=size)
    back = [pages[-1]]
    while page.before:
        page = page_of(actor, wanted, Turn(before=unpack(page.before, order.code), size=size), order=order)
        back.insert(0, [row.pk for row in page.rows])
    assert [pk for rows in back for pk in rows] == [pk for rows in pages for pk in rows]
    return [pk for rows in pages for pk in rows]


def expected(order: Order, rows: list[Petition]) -> list[int]:
    of = [row for row in rows if getattr(row, order.column) is not None]
    return [
        row.pk for row in sorted(of, key=lambda row: (getattr(row, order.column), row.pk), reverse=not order.ascending)
    ]


ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.booleans(), st.booleans()), max_size=19)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, size=st.integers(1, 7), gathered=st.sampled_from([-1, 10**9]))
@pytest.mark.parametrize("order", [DUE, CLOSED], ids=lambda order: order.code)
def test_no_row_is_lost_or_doubled(
    cast: Cast, order: Order, rows: list[tuple[int, int, bool, bool]], size: int, gathered: int
) -> None:
    Reach.objects.all().delete()
    Petition.objects.all().delete()
    querysets.GATHERED = gathered
    planted = plant(cast, rows)
    head = Actor(user=cast.head.user, post=cast.unit_head.post)
    head.post.department.path = cast.county.path
    mine = [row for row in planted if row.responsible_id == cast.bureau.pk]
    try:
        for actor, seen in ((cast.triage, planted), (head, planted), (cast.signer, mine), (cast.auditor, [])):
            for wanted, fits in _wishes(cast):
                assert walk(actor, wanted, order, size) == expected(order, [row for row in seen if fits(row)])
    finally:
        querysets.GATHERED = 2000


def _wishes(cast: Cast) -> list[tuple[Wanted, Callable[[Petition], bool]]]:
    bureau = cast.bureau.pk
    return [
        (Wanted(), lambda row: True),
        (Wanted(stages=("sent",)), lambda row: row.stage == "sent"),
        (Wanted(stages=("confirmed",)), lambda row: row.stage == "confirmed"),
        (Wanted(categories=("T0202",)), lambda row: row.category_id == "T0202"),
        (Wanted(responsible=(bureau,)), lambda row: row.responsible_id == bureau),
        (
            Wanted(responsible=(bureau,), categories=("T0202",)),
            lambda row: row.responsible_id == bureau and row.category_id == "T0202",
        ),
    ]


def test_a_short_road_is_gathered_and_a_long_one_walked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for of_the_category, gathered in ((40, True), (querysets.GATHERED, True), (querysets.GATHERED + 1, False)):
        expected = {True: of_the_category, False: 90_000}  # by the planner's statistics, which a small table hardly has
        monkeypatch.setattr(
            querysets,
            "planned_rows",
            lambda roads, said=expected: [float(said["category_id" in one.sql]) for one in roads],
        )
        assert querysets._route(None, (), Wanted(categories=("T0202",)), DUE).gathered is gathered


def test_a_matter_that_was_given_back_is_nobody_s_due_day(cast: Cast, make: Makes) -> None:
    held = make.sent()
    Reach.objects.filter(petition=held.petition, department=cast.bureau).update(role="former", open=False, due=None)
    assert page_of(cast.signer, Wanted(), Turn(), order=DUE).rows == []
    assert page_of(cast.signer, Wanted(), Turn(), order=DUE).count == 0


def test_the_count_is_that_of_the_rows_shown(cast: Cast) -> None:
    plant(cast, [(1, 0, False, True)] * 3 + [(2, 0, True, True)] * 2)
    for order, many in ((NEWEST, 5), (DUE, 3), (CLOSED, 2)):
        for actor in (cast.triage, cast.signer):
            page = page_of(actor, Wanted(), Turn(size=2), order=order)
            assert page.count == many


def test_a_window_is_not_offered_what_its_index_does_not_carry(cast: Cast) -> None:
    assert CLOSED not in offered_to(scope_of(cast.registrar))
    assert offered_to(scope_of(cast.triage)) == offered_to(scope_of(cast.signer)) == tuple(ORDERS.values())


def test_every_order_stays_in_scope(cast: Cast, make: Makes) -> None:
    make.confirmed()
    make.handling()
    make.registered()
    for actor in cast.everybody().values():
        seen = set(visible_to(actor).values_list("pk", flat=True))
        for order in offered_to(scope_of(actor)):
            assert {row.pk for row in page_of(actor, Wanted(), Turn(), order=order).rows} <= seen


# --- columns -----------------------------------------------------------------------------------------------------------


def test_columns_of_an_address() -> None:
    assert chosen("") == DEFAULT
    assert chosen("no.such") == DEFAULT
    assert [column.code for column in chosen("due.number.due.nowhere")] == ["title", "due", "number"]
    assert named(DEFAULT) == ""
    assert named(chosen("title.due")) == "title.due"
    assert len(chosen(".".join(COLUMNS))) == MOST


def test_only_the_columns_shown_are_read(cast: Cast, make: Makes) -> None:
    make.registered()
    row = page_of(cast.triage, Wanted(), Turn(), columns=chosen("title.stage")).rows[0]
    left = row.get_deferred_fields()
    assert {"content", "lead_name", "category_id", "number", "due"} <= left
    assert not {"title", "stage", "received_on", "ref"} & left


def test_every_column_says_what_the_matter_says(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    from petitions.models import Rating

    run = make.delivered(place="寺前村晒谷场")
    Rating.objects.create(
        petition=run.petition, filing=run.petition.filings.get(), target="unit", department=cast.bureau, value="3",
        rated_at="2026-03-02T08:00:00Z",
    )  # fmt: skip
    client = signed_in(cast.triage)
    said = {
        "channel": "来访", "kind": "申诉求决", "purpose": "求决", "heads": "1", "office": "信访局", "handler": cast.handler.user.name,
        "co_units": "0", "outcome": "作出处理意见", "rating_unit": "不满意", "region": "寺前村", "place": "寺前村晒谷场",
    }  # fmt: skip
    for code, words in said.items():
        page = client.get(f"/petitions/?cols=title.{code}").content.decode()
        row = page[page.index("<tbody>") :]
        assert f">{words}<" in row, code
    asked = querysets.for_list(Petition.objects.all(), chosen("handler.rating_unit")).get()
    assert (asked.shown_handler, asked.shown_rating_unit) == (cast.handler.user.name, "3")  # type: ignore[attr-defined]


def test_a_name_that_is_not_to_be_told_is_in_no_column(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.sent(hide_name=True)
    page = signed_in(cast.signer).get("/petitions/?cols=title.name").content.decode()
    assert held.petition.title in page and held.petition.lead_name not in page


def test_filters_keep_columns_order_and_size(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.sent()
    page = signed_in(cast.triage).get("/petitions/?stage=sent&cols=title.due&sort=due&size=50").content.decode()
    for name, value in (("cols", "title.due"), ("sort", "due"), ("size", "50")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert 'class="chip" href="?cols=title.due&amp;sort=due&amp;size=50"' in page


def test_an_order_that_is_not_offered_is_the_usual_one(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.registered()
    assert "按收到日期从新到旧" in signed_in(cast.registrar).get("/petitions/?sort=closed").content.decode()
    assert "先到期的在前" in signed_in(cast.triage).get("/petitions/?sort=due").content.decode()


def test_columns_are_picked_and_moved_without_a_script(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.triage)
    order = ".".join(COLUMNS)
    ask: dict[str, Any] = {"stage": "sent", "order": order, "col": ["number", "title", "due"]}
    page = client.get("/columns/", ask | {"up": "due"}).content.decode()
    moved = page.split('name="order" value="')[1].split('"')[0].split(".")
    assert moved.index("due") == list(COLUMNS).index("due") - 1
    assert 'value="due" checked' in page and 'value="stage" checked' not in page
    done = client.get("/columns/", ask | {"order": "due.title.number", "apply": "1"})
    assert done.status_code == 302
    assert done["Location"] == "/petitions/?stage=sent&cols=due.title.number"
