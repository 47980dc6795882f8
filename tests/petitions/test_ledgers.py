"""What is a ledger?  The rows that are there, in the reader's scope, with columns, conditions, views and a spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from openpyxl import load_workbook

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Department
from petitions import exports, jobs, ledgers, trees
from petitions.actions import advance
from petitions.errors import BadInput, NotSeen
from petitions.keyset import Turn, unpack
from petitions.ledgers import Asked
from petitions.models import Clock, Measure, SavedView, Supervision
from tests.cast import Cast
from tests.makes import Makes
from tests.visits.conftest import Days

SignIn = Callable[[Actor], Client]


@pytest.fixture
def supervised(cast: Cast, make: Makes) -> list[Supervision]:
    """Three of the bureau, one of them answered."""
    runs = [make.handling() for _ in range(3)]
    for run in runs:
        advance("supervise", on=run.petition, by=cast.supervisor, trigger="t5_lapsed", demand="请说明。")
    rows = list(Supervision.objects.order_by("pk"))
    advance("answer_supervision", on=rows[0], by=cast.unit_head, answer="已在办理。")
    return rows


def asked(actor: Actor, code: str, query: str = "") -> Asked:
    return Asked.of(ledgers.found(actor, code), QueryDict(query))


def test_it_lists_the_very_rows_in_scope_narrowed_and_in_order(cast: Cast, supervised: list[Supervision]) -> None:
    every = asked(cast.supervisor, "supervisions")
    assert list(every.rows(cast.supervisor)) == supervised[::-1]
    assert list(asked(cast.supervisor, "supervisions", "state=answered").rows(cast.supervisor)) == supervised[:1]
    assert list(asked(cast.supervisor, "supervisions", "state=-ended&sort=oldest").rows(cast.supervisor)) == supervised
    assert every.rows(cast.unit_head).count() == 3 and every.rows(cast.sibling_head).count() == 0


def test_pages_are_as_long_as_asked_and_meet_every_row_once(cast: Cast, supervised: list[Supervision]) -> None:
    one = asked(cast.supervisor, "supervisions", "sort=oldest")
    first = one.page(cast.supervisor, Turn(size=2))
    second = one.page(cast.supervisor, Turn(size=2, after=unpack(first.after, one.mark)))
    assert [*first.rows, *second.rows] == supervised and first.count == 3 and not second.after
    back = one.page(cast.supervisor, Turn(size=2, before=unpack(second.before, one.mark)))
    assert back.rows == first.rows


def test_what_is_not_there_is_refused_and_whose_it_is_not_is_not_told(cast: Cast) -> None:
    with pytest.raises(BadInput):
        asked(cast.supervisor, "supervisions", "state=never")
    for code in ("receptions", "no-such"):
        with pytest.raises(NotSeen):
            ledgers.found(cast.unit_head, code)


def test_supervisions_tell_when_the_answer_is_due_and_which_are_late(cast: Cast, supervised: list[Supervision]) -> None:
    late, clocks = supervised[1], Clock.objects.filter(name="TV")
    clocks.filter(supervision=late).update(due=today() - timedelta(days=1))
    due = clocks.get(supervision=supervised[2]).due
    rows = {row.pk: row.due for row in asked(cast.supervisor, "supervisions").rows(cast.supervisor)}
    assert rows[late.pk] == today() - timedelta(days=1) and rows[supervised[2].pk] == due > today()
    clocks.filter(supervision=supervised[0]).update(due=today() - timedelta(days=5))  # answered: late no more
    assert list(asked(cast.supervisor, "supervisions", "late=yes&sort=due").rows(cast.supervisor)) == [late]


def test_supervisions_stand_in_the_order_of_a_day_that_is_reckoned_page_by_page(
    cast: Cast, supervised: list[Supervision]
) -> None:
    Clock.objects.filter(supervision=supervised[2]).update(due=today() - timedelta(days=3))
    one = asked(cast.supervisor, "supervisions", "sort=due")
    first = one.page(cast.supervisor, Turn(size=2))
    second = one.page(cast.supervisor, Turn(size=2, after=unpack(first.after, one.mark)))
    assert [*first.rows, *second.rows] == [supervised[2], supervised[0], supervised[1]]
    back = one.page(cast.supervisor, Turn(size=2, before=unpack(second.before, one.mark)))
    assert back.rows == first.rows


@pytest.mark.parametrize("code", ["supervisions", "sent", "extensions", "advices", "measures"])
def test_a_ledger_of_matters_is_narrowed_to_a_body_a_category_and_a_place(cast: Cast, make: Makes, code: str) -> None:
    make.measure("decide_measure"), make.advice(cast.bureau)
    advance("extend", on=make.handling(), by=cast.unit_head, days=10, reason="案情复杂，需要调查。")
    every = asked(cast.supervisor, code).rows(cast.supervisor).count()
    assert every > 0
    for name, here in (("unit", cast.bureau.pk), ("category", cast.category.pk), ("region", cast.region.parent_id)):
        assert asked(cast.supervisor, code, f"{name}={here}").rows(cast.supervisor).count() == every, name
    assert not asked(cast.supervisor, code, f"unit={cast.sibling.pk}").rows(cast.supervisor).exists()


def test_a_body_that_is_no_more_is_asked_for_in_its_place_in_the_tree_and_says_so(
    cast: Cast, signed_in: SignIn
) -> None:
    Department.objects.filter(pk=cast.sibling.pk).update(valid_to=today() - timedelta(days=1))
    trees.forget()
    page = signed_in(cast.supervisor).get(f"/ledgers/sent/?unit={cast.sibling.pk}").content.decode()
    indent = "\u3000" * min(trees.departments().nodes[cast.sibling.pk].depth, 3)
    assert f'<option value="{cast.sibling.pk}" selected>{indent}{cast.sibling.short_name}（已撤销）</option>' in page
    assert indent and asked(cast.supervisor, "sent", f"unit={cast.sibling.pk}").conditions().endswith("（已撤销）")


def test_each_shipped_view_opens_for_whoever_is_offered_it(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.handling()
    for actor in (cast.supervisor, cast.leader, cast.unit_head):
        client = signed_in(actor)
        client.get("/ledgers/")
        for ready in ledgers.ready_of(actor):
            base = "/petitions/" if ready.page == "matters" else f"/ledgers/{ready.page.removeprefix('ledger:')}/"
            assert client.get(f"{base}?{ready.query(today())}").status_code == 200, ready.name


def test_the_matters_under_a_board_are_those_that_the_ledger_of_measures_says_so_of(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    """One measure hangs its matter on a board; one is proposed, one rejected, and one, decided on, is a talk."""
    listed, _, talk = make.measure("decide_measure"), make.measure(), make.measure("decide_measure")
    advance("reject_measure", on=make.measure(), by=cast.conference, reason="情节轻微。")
    Measure.objects.update(kind="listed")
    Measure.objects.filter(pk=talk.pk).update(kind="talk")
    (ready,) = [one for one in ledgers.ready_of(cast.supervisor) if one.name.endswith("挂牌督办")]
    page = signed_in(cast.supervisor).get(f"/petitions/?{ready.query(today())}").context
    rows = asked(cast.supervisor, "measures", "kind=listed").rows(cast.supervisor)
    assert [line.petition.pk for line in page["lines"]] == [row.petition_id for row in rows] == [listed.petition_id]
    assert page["page"].count == 1


def test_a_shipped_view_is_altered_and_kept_under_a_name_of_ones_own(
    cast: Cast, supervised: list[Supervision], signed_in: SignIn
) -> None:
    client = signed_in(cast.supervisor)
    said = {"page": "ledger:supervisions", "name": "答复不了的", "query": "state=open&cols=number.unit", "default": "1"}
    assert client.post("/views/save/", said)["Location"] == "/ledgers/supervisions/?cols=number.unit&state=open"
    assert client.get("/ledgers/supervisions/")["Location"].endswith("state=open")
    page = client.get("/ledgers/supervisions/?cols=number.unit&state=open").content.decode()
    assert "答复不了的" in page and supervised[1].petition.number in page and supervised[1].petition.title not in page
    assert "督办台账" in client.get("/views/").content.decode()
    assert signed_in(cast.registrar).post("/views/save/", said).status_code == 422
    assert SavedView.objects.count() == 1


def test_columns_are_ticked_and_stand_in_the_address(
    cast: Cast, supervised: list[Supervision], signed_in: SignIn
) -> None:
    answer = signed_in(cast.supervisor).get("/ledgers/supervisions/?state=open&col=unit&col=number")
    assert answer["Location"] == "/ledgers/supervisions/?state=open&cols=number.unit"


def test_the_spreadsheet_is_exactly_what_is_shown(cast: Cast, supervised: list[Supervision], signed_in: SignIn) -> None:
    answer = signed_in(cast.supervisor).post(
        "/export/", {"page": "ledger:supervisions", "query": "state=-ended&sort=oldest&cols=number.unit.opened"}
    )
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    rows = list(sheet.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == ("编号", "被督办单位", "督办日期")
    assert [row[0] for row in rows[1:]] == [one.petition.number for one in supervised]
    said = dict(sheet.worksheets[1].iter_rows(values_only=True))
    assert said["条件"] == "状态：未结束" and said["件数"] == "3"


def test_a_long_ledger_is_written_in_the_background_in_the_scope_of_who_asked(
    cast: Cast, supervised: list[Supervision], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    assert exports.is_long(cast.unit_head, "ledger:supervisions", QueryDict(""))
    for actor, many in ((cast.unit_head, 3), (cast.sibling_head, 0)):
        job = jobs.start(exports.CODE, by=actor, settings={"page": "ledger:supervisions", "query": ""})
        assert jobs.run(job.ref) == "ended"
        job.refresh_from_db()
        assert job.counts["rows"] == many


def test_the_ledgers_of_visits_are_their_own_rows_without_names(cast: Cast, signed_in: SignIn) -> None:
    days = Days(cast)
    visit = days.published()
    days.waiting(visit, "李四", "13800000045")
    client = signed_in(cast.triage)
    assert cast.leader.user.name in client.get("/ledgers/visits/").content.decode()
    page = client.get("/ledgers/receptions/").content.decode()
    assert visit.place.name in page and "李四" not in page
    assert client.get("/ledgers/sponsorships/").status_code == 200
