"""Trays: a tab's count is the number of its rows, what runs out first comes first, and nobody finds another's work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.dates import today
from petitions.access import visible_to
from petitions.actions import advance
from petitions.keyset import Turn, unpack
from petitions.models import Petition, Reach
from petitions.trays import QUESTIONS, Line, by_unit, counts, page_of, questions_for
from tests.cast import Cast
from tests.makes import Makes


def everything(actor: object, code: str, size: int = 2) -> list[Line]:
    """Every row of a tray, page by page."""
    lines: list[Line] = []
    mark = ""
    while True:
        turn = Turn(after=unpack(mark, f"tray:{code}"), size=size)
        page = page_of(actor, QUESTIONS[code], turn)  # type: ignore[arg-type]
        lines += page.rows
        mark = page.after
        if not mark:
            return lines


@pytest.fixture
def busy(cast: Cast, make: Makes) -> Cast:
    """One matter and more at each place of the road."""
    for _ in range(3):
        make.registered()
    for stage in ("sent", "signed", "handling", "drafted", "checked", "issued", "delivered", "closed", "confirmed"):
        getattr(make, stage)()
    make.sent()
    held = make.signed()
    advance("object", on=held, by=cast.signer, reason="不属于本局")
    run = make.handling()
    advance("add_co_unit", on=run.assignment, by=cast.handler, department=cast.sibling, demand="请提供意见")
    Reach.objects.filter(due__isnull=False).update(due=today() + timedelta(days=30))  # whatever weekday it is today
    late = Petition.objects.filter(stage="handling").first()
    assert late is not None
    for day, matter in ((-2, late), (1, make.sent().petition)):
        due = today() + timedelta(days=day)
        Petition.objects.filter(pk=matter.pk).update(due=due)
        Reach.objects.filter(petition=matter, open=True).update(due=due)
    return cast


@pytest.mark.parametrize(
    "who",
    ["triage", "head", "registrar", "supervisor", "signer", "handler", "unit_leader", "unit_head", "leader",
     "sibling_signer", "stranger"],
)  # fmt: skip
def test_the_count_of_a_tab_is_the_number_of_its_rows(busy: Cast, who: str) -> None:
    actor = getattr(busy, who)
    tabs = counts(actor, questions_for(actor))
    seen = set(visible_to(actor).values_list("pk", flat=True))
    for tab in tabs:
        lines = everything(actor, tab.question.code)
        assert tab.count == len(lines), tab.question.code
        assert {line.petition.pk for line in lines} <= seen
        days = [line.due or today() + timedelta(days=99999) for line in lines]
        assert days == sorted(days)
        assert len({(line.petition.pk, line.department_id) for line in lines}) == len(lines)


def test_each_place_of_the_road_has_its_tray(busy: Cast) -> None:
    found = {tab.question.code: tab.count for tab in counts(busy.triage, questions_for(busy.triage))}
    assert found == {
        "to_route": 3,
        "objection": 1,
        "to_confirm": 1,
        "to_follow": 1,
        "report_up": 0,
        "due_soon": 0,
        "overdue": 0,
    }
    unit = {tab.question.code: tab.count for tab in counts(busy.signer, questions_for(busy.signer))}
    assert unit == {
        "to_sign": 3, "to_accept": 1, "handling": 4, "due_soon": 1, "overdue": 1, "to_deliver": 1, "to_close": 1,
        "co_work": 0, "to_answer": 0, "to_end": 0, "received": 0,
    }  # fmt: skip
    assert [line.tray for line in everything(busy.sibling_signer, "to_sign")] == ["to_sign"]


def test_a_draft_waits_for_its_checker_and_then_for_the_head(busy: Cast) -> None:
    def count(actor: object, code: str) -> int:
        return counts(actor, [QUESTIONS[code]])[0].count  # type: ignore[arg-type]

    assert (count(busy.unit_leader, "to_check"), count(busy.unit_head, "to_issue")) == (1, 1)
    assert count(busy.handler, "mine") == 6


def test_those_who_watch_see_the_overdue_of_all_they_watch(busy: Cast) -> None:
    for actor, many in (
        (busy.supervisor, 1),
        (busy.head, 1),
        (busy.leader, 1),
        (busy.other_leader, 0),
        (busy.triage, 0),
    ):
        assert counts(actor, [QUESTIONS["overdue"]])[0].count == many


@pytest.mark.parametrize("who", ["supervisor", "head", "leader", "unit_head"])
def test_a_figure_by_unit_and_the_list_behind_it_agree(busy: Cast, who: str) -> None:
    actor, question = getattr(busy, who), QUESTIONS["overdue"]
    figures = by_unit(actor, question)
    assert figures == {busy.bureau.pk: (1, today() - timedelta(days=2))}
    for unit, (many, first) in figures.items():
        rows = page_of(actor, question, Turn(), units=[unit]).rows
        assert (len(rows), min(row.due for row in rows if row.due)) == (many, first)


def test_who_has_no_tray_has_no_questions(busy: Cast) -> None:
    for actor in (busy.auditor, busy.system_admin):
        assert questions_for(actor) == []
        assert page_of(actor, QUESTIONS["overdue"], Turn()).rows == []
