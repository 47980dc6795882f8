"""What everybody reads afterwards: numbers, where the office has switched them on, and none so small that it points at somebody."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.dates import today
from accounts.models import AccessLog
from tests.cast import Cast
from tests.makes import Makes
from tests.visits.conftest import Days
from tests.visits.test_day import heard, new
from visits import indicators
from visits.actions import tables
from visits.models import Outcome, Reception, Sponsorship, Visit
from visits.results import result_of, sponsored_in_public

pytestmark = pytest.mark.django_db


def switch(cast: Cast, code: str, value: int = 1) -> None:
    tables.set_number(cast.head, code, value, source="县委办通知", valid_from=today())


def held(days: Days, make: Makes, **kinds: int) -> Visit:
    """A held visit with so many parties of each outcome, three people each."""
    visit, number = days.published(), 0
    for kind, count in kinds.items():
        for _ in range(count):
            number += 1
            row = Reception.objects.create(
                visit=visit, day=visit.day, place=visit.place, queue_number=number, arrived_at=timezone.now(), state="done", people=3
            )  # fmt: skip
            Outcome.objects.create(reception=row, petition=make.registered().petition, kind=kind, recorded_on=today())
    Visit.objects.filter(pk=visit.pk).update(status="held")
    visit.refresh_from_db()
    return visit


def notice(visit: Visit) -> str:
    return Client().get(f"/v/{visit.ref}/").content.decode()


def test_numbers_of_a_held_visit_stand_on_its_notice_once_the_office_wants_it(
    days: Days, make: Makes, cast: Cast
) -> None:
    visit = held(days, make, assigned=6, resolved=5)
    assert result_of(visit) is None and "接访结果" not in notice(visit)
    switch(cast, "results_public")
    page = notice(visit)
    assert "11批，33人" in page and "<dt>交办</dt><dd>6件</dd>" in page and "<dt>当场解决</dt><dd>5件</dd>" in page


def test_outcomes_too_few_are_taken_together_or_left_out(days: Days, make: Makes, cast: Cast) -> None:
    switch(cast, "results_public")
    visit = held(days, make, assigned=6, resolved=3, explained=2)
    found = result_of(visit)
    assert found is not None and found.kinds == [("交办", 6), ("其他", 5)]
    Outcome.objects.filter(reception__visit=visit, kind="explained").delete()
    found = result_of(visit)
    assert found is not None and found.kinds == [("交办", 6)], "three are not shown under any name"


def test_fewer_than_five_parties_are_said_to_be_few_and_no_more(days: Days, make: Makes, cast: Cast) -> None:
    switch(cast, "results_public")
    visit = held(days, make, assigned=4)
    page = notice(visit)
    assert (
        "不足5批" in page
        and "交办" not in page
        and "4" not in page[page.index("接访结果") : page.index("不足5件")].replace("h2", "")
    )


def test_a_visit_that_is_still_to_come_has_no_result(days: Days, cast: Cast) -> None:
    switch(cast, "results_public")
    assert result_of(days.published()) is None


def sponsored(days: Days, make: Makes, many: int, **more: Any) -> list[Sponsorship]:
    cast = days.cast
    said = {
        "office": cast.office,
        "sponsor": cast.leader.post,
        "unit": cast.bureau,
        "taken_on": today(),
        "due": today() + timedelta(days=30),
    }
    return [
        Sponsorship.objects.create(number=f"HJ{more.get('state', 'running')}-{number}", petition=make.registered().petition, **said | more)
        for number in range(many)
    ]  # fmt: skip


def test_sponsored_cases_stand_in_public_without_what_they_are_about(days: Days, make: Makes, cast: Cast) -> None:
    rows = sponsored(days, make, 5)
    assert Client().get("/v/sponsored/").status_code == 404 and sponsored_in_public(today()) is None
    switch(cast, "sponsored_public")
    page = Client().get("/v/sponsored/").content.decode()
    assert all(row.number in page for row in rows) and cast.leader.user.name in page and cast.bureau.short_name in page
    assert rows[0].petition.title not in page and "王小明" not in page and rows[0].petition.number not in page
    assert 'href="/v/sponsored/"' in Client().get("/v/").content.decode()
    switch(cast, "sponsored_public", 0)
    assert Client().get("/v/sponsored/").status_code == 404


def test_an_office_with_fewer_than_five_shows_none_and_small_groups_are_not_counted(
    days: Days, make: Makes, cast: Cast
) -> None:
    switch(cast, "sponsored_public")
    sponsored(days, make, 4)
    shown = sponsored_in_public(today())
    assert shown is not None and (shown.rows, shown.states) == ([], [])
    sponsored(days, make, 2, state="ended", result="settled", ended_on=today() - timedelta(days=10))
    shown = sponsored_in_public(today())
    assert shown is not None and len(shown.rows) == 6 and shown.states == [("包案中", None), ("已销号", None)]
    Sponsorship.objects.filter(state="ended").update(result="")
    assert sponsored_in_public(today()).rows == [], "whose registration was taken back was never one"  # type: ignore[union-attr]
    Sponsorship.objects.filter(state="ended").update(result="settled", ended_on=date(2020, 1, 1))
    assert sponsored_in_public(today()).rows == [], "what ended long ago has gone"  # type: ignore[union-attr]


def test_the_figures_leave_as_a_spreadsheet_that_says_what_the_page_says(
    days: Days, cast: Cast, signed_in: Any
) -> None:
    heard(days, new(days, "assigned"), new(days, "explained", entry=days.entry(title="路灯不亮")))
    address = f"/visits/figures/sheet/?first={today()}&last={today()}"
    answer = signed_in(cast.supervisor).get(address)
    assert answer.status_code == 200 and "spreadsheet" in answer["Content-Type"]
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames == ["比率", "数量", "按领导", "按层级", "按地点", "说明"]
    counts = indicators.figures(cast.supervisor, indicators.Cut(today(), today()))
    said = {row[0].value: row[1].value for row in book["数量"].iter_rows(min_row=2)}
    assert said == {one.label: counts[code] for code, one in indicators.LISTS.items()}
    (row,) = book["按地点"].iter_rows(min_row=2, values_only=True)
    assert row == ("县接访大厅", *(counts[code] for code in indicators.COLUMNS))
    assert AccessLog.objects.filter(kind="export", target="visit-figures", user=cast.supervisor.user).count() == 1
    assert signed_in(cast.handler).get(address).status_code == 403
