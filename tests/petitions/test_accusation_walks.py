"""Random walks over the sealed road: whatever recipients do, in whatever order, some things always hold."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.dates import SHANGHAI
from petitions.accusations import access, clocks, intake, record, words
from petitions.accusations.intake import Reporter
from petitions.actions import moment
from petitions.errors import Refused
from petitions.law import accusations as law
from petitions.models import Accusation, AccusationPaper
from tests.cast import build_cast
from tests.petitions.accusations import Sealed

FIRST = date(2026, 3, 2)
REPORTERS = [
    [],
    [Reporter("赵举", "", "13900000077", "")],
    [Reporter("赵举", "", "13900000077", ""), Reporter("孙联", "", "", "某村2号")],
]
NEVER_DESTROYED = (
    "archive",
    "keep_longer",
    "propose_destruction",
    "keep",
    "destroy",
)  # the archive has tests of its own


def _fillers(room: Sealed, row: Accusation, data: st.DataObject) -> dict[str, Callable[[], dict[str, Any]]]:
    """What each step's form would hold."""
    pick = data.draw
    known = words.of(row)
    numbers = list(row.papers.values_list("number", flat=True))
    leader = lambda: pick(st.sampled_from([room.cast.leader.post, room.cast.other_leader.post]))  # noqa: E731
    body = lambda: {"body": pick(st.sampled_from([room.discipline, room.organisation, room.cast.bureau]))}  # noqa: E731
    paper = lambda: pick(st.sampled_from([*numbers, "没有这份"]))  # noqa: E731
    return {
        "examine": lambda: room.about(
            remit=pick(st.sampled_from(sorted(law.REMITS))), major=pick(st.booleans()), cadre=pick(st.booleans())
        ),
        "transfer": body, "inform": body,
        "report": lambda: {"leader": leader(), "proposal": "拟办"},
        "report_on": lambda: {"leader": leader(), "proposal": "续报"},
        "taken_over": dict, "urge": lambda: {"note": "正在核查"}, "returned": lambda: {"reason": "不属管辖"},
        "result": lambda: {"result": "已查处"},
        "answer": lambda: {
            "reporter": pick(st.sampled_from([*range(len(known["reporters"])), 9])), "answer": "已查处",
            "how": pick(st.sampled_from(["talk", "letter"])),
        },
        "close": lambda: {"note": pick(st.sampled_from(["", "多次联系不上"]))},
        "file_away": lambda: {"reason": "没有线索", "note": pick(st.sampled_from(["", "已告知"]))},
        "add_material": lambda: {"origin": "body", "words": "书面反馈"},
        "amend_about": lambda: {
            "accused": pick(st.sampled_from([["钱某"], ["钱某", "郑某"]])), "units": pick(st.sampled_from([[], [room.cast.bureau]])),
            "reason": "又来信补充",
        },
        "serve": lambda: {"paper": paper(), "receipt": "posted"},
        "void": lambda: {"paper": paper(), "reason": "写错"},
    }  # fmt: skip


def _hold(row: Accusation) -> None:
    """What must hold after every step."""
    known, running = words.of(row), set(row.clocks.filter(ended="").values_list("name", flat=True))
    assert record.is_whole(row, list(row.events.order_by("seq")))
    assert row.due == clocks.next_due(row)
    assert len(running) == row.clocks.filter(ended="").count(), "a duty runs twice"
    if row.state in ("received", "examined", "reported", "transferred"):
        assert row.due is not None, f"{row.state}: nothing runs"
    if row.state == "closed":
        assert not running
        _told(known)
    letters = {one.number for one in AccusationPaper.objects.filter(accusation=row, kind="letter")}
    met = row.clocks.filter(name="S1").exclude(ended="").exists()
    filed = row.events.filter(step="file_away").exists()
    if known.get("remit") == "discipline" and met and not filed:
        assert letters
    assert ("S2" in running) <= (row.state == "transferred")
    assert set(row.bars) == set(access.bars_for(known))
    if row.state == "answered":
        assert not intake.unanswered(known)


def _told(known: dict[str, Any]) -> None:
    done = [one for one in known.get("told", []) if one.get("paper") not in known.get("void", {})]
    if known.get("major"):
        assert {duty for one in done for duty in one.get("duties", [])} == set(law.LEADERS)
    if known.get("cadre") and known["remit"] != "organisation":
        assert any(one["kind"] == "inform" for one in done)


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_recipients_do_the_report_stays_whole_and_ends_only_when_all_are_told(data: st.DataObject) -> None:
    with transaction.atomic():
        try:
            _walk(data)
        finally:
            transaction.set_rollback(True)


def _walk(data: st.DataObject) -> None:
    room, day = Sealed(build_cast()), FIRST
    room.lead()
    with moment.at(datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)):
        row = room.received(reporters=data.draw(st.sampled_from(REPORTERS)))
    left, over = data.draw(st.integers(4, 18)), False
    while left:
        left -= 1
        day += timedelta(days=data.draw(st.sampled_from([0, 0, 1, 9, 31])))
        with moment.at(datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)):
            codes = [
                step.code
                for step in law.ROWS
                if row.state in step.from_ and step.code not in ("recuse", "namesake", *NEVER_DESTROYED)
            ]
            code = data.draw(st.sampled_from(codes))
            said = _fillers(room, row, data)[code]()
            with suppress(Refused), transaction.atomic():
                room.take(row, code, by=data.draw(st.sampled_from([room.first, room.second])), **said)
            row.refresh_from_db()
            _hold(row)
            if row.state == "closed" and not over:  # what comes afterwards is walked for some steps too
                over, left = True, data.draw(st.integers(0, 4))
