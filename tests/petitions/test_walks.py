"""Random walks through the law: whatever people do, in whatever order, some things always hold."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.dates import SHANGHAI
from petitions import access, lifecycle, querycode
from petitions.actions import advance, moment, register, run_night
from petitions.actions.matter import Matter
from petitions.actions.record import digest_of
from petitions.errors import Refused
from petitions.models import Claim, Event, Petition, Reach
from tests.cast import Cast, build_cast
from tests.makes import Makes, entry

FIRST = date(2026, 3, 2)
OUTSIDE = {"procedure": "行政复议", "body": "浦江县人民政府", "limit": "60日"}


def _fillers(cast: Cast, petition: Petition) -> dict[str, Callable[[], dict[str, Any]]]:
    """What each step's form would hold; steps without an entry ask for nothing."""
    serials = list(Claim.objects.filter(petition=petition).values_list("serial", flat=True))
    answers = {n: {"support": "explain", "answer": "已解释。"} for n in serials}
    held = set(petition.assignments.exclude(state="returned").values_list("department_id", flat=True))
    free = next((d for d in (cast.bureau, cast.sibling, cast.township) if d.pk not in held), cast.bureau)
    why = {"reason": "理由"}
    return {
        "triage": lambda: {"kind": "claim", "category": cast.category, "region": cast.region},
        "transfer": lambda: {"department": free},
        "assign": lambda: {"department": free, "limit_on": moment.today() + timedelta(days=40)},
        "route_legal": lambda: {"department": cast.police},
        "redirect": lambda: {"body": "某机关"},
        "not_accept": lambda: {"ground": "out_of_remit", "explanation": "不属职权"},
        "decline": lambda: {
            "ground": "mediated",
            "explanation": "已达成协议",
            "other": Makes(cast).agreed().petition,
        },
        "no_further": lambda: {
            "earlier": Makes(cast).ended_by_rereview(),
            "explanation": "同一事实理由",
        },
        "file_away": lambda: {"explanation": "单纯表达"},
        "direct_reply": lambda: {"reply": "答复"},
        "object": lambda: why | {"suggested": cast.sibling},
        "uphold_objection": lambda: why,
        "refuse_objection": lambda: why,
        "channel": lambda: {"routes": dict.fromkeys(serials, 4), "outside": dict.fromkeys(serials, OUTSIDE)},
        "assign_handler": lambda: {"handler": cast.handler.post},
        "add_co_unit": lambda: {"department": free, "demand": "请协办"},
        "remind": lambda: {"demand": "请抓紧"},
        "co_answer": lambda: {"answer": "意见"},
        "report_back": lambda: {"result": "已办结"},
        "extend_report": lambda: {"limit_on": moment.today() + timedelta(days=60), "reason": "委托鉴定"},
        "object_up": lambda: why,
        "taken_back": lambda: {"answer": "同意"},
        "objection_refused": lambda: {"answer": "不同意"},
        "report_up": lambda: {"result": "已办结"},
        "extend_up": lambda: {"limit_on": moment.today() + timedelta(days=90), "reason": "委托鉴定"},
        "interview": lambda: {"text": "笔录"},
        "extend": lambda: {"days": 5, "reason": "复杂"},
        "draft": lambda: {"facts": "事实", "basis": "依据", "answers": answers},
        "return_draft": lambda: why,
        "deliver": lambda: {"how": "post", "view": "0"},
        "refuse_closure": lambda: why,
        "submit_to_leader": lambda: {"leader": cast.leader.post, "proposal": "拟办"},
        "instruct": lambda: {"text": "请办"},
        "answer_instruction": lambda: {"answer": "已办"},
        "supervise": lambda: {"trigger": "shirking"},
        "answer_supervision": lambda: {"answer": "已改"},
        "end_supervision": lambda: {"finding": "属实"},
        "follow_up": lambda: {"reached": True, "words": "满意"},
        "judge_resolved": lambda: {"resolved": True, "ground": "协议已履行"},
        "reissue_code": lambda: {"reason": "遗失"},
        "add_reference": lambda: {"system": "省系统", "number": querycode.new_ref()},
        "ask_recusal": lambda: {"person": cast.handler.post, "origin": "petitioner", "interest": "是亲属"},
        "grant_recusal": lambda: {"hides_name": True, "reason": "属实"},
        "refuse_recusal": lambda: why,
    }


def _choices(cast: Cast, petition: Petition) -> list[tuple[lifecycle.Step, Any, Actor]]:
    """Every step that somebody may take now, but those that need another matter."""
    rows = [petition, *petition.filings.all(), *petition.assignments.all(), *petition.proceedings.all(),
            *petition.instructions.all(), *petition.supervisions.all(), *petition.recusal_rows.all()]  # fmt: skip
    return [
        (step, row, actor)
        for actor in cast.everybody().values()
        if access.visible_to(actor).filter(pk=petition.pk).exists()
        for step, row in access.steps_for(actor, petition, rows)
        if step.code not in ("merge", "reissue_code")
    ]


def _hold(petition: Petition) -> None:
    """What must hold after every step."""
    matter = Matter.of(petition)
    assert petition.stage == matter.stage()
    duties = [c for c in matter.clocks if not c.shadow]
    assert petition.stage in ("confirmed", "ended") or duties, f"{petition.stage}: nothing runs"
    leads = [row for row in matter.assignments if row.lead and row.state not in ("returned", "recalled")]
    assert len(leads) <= 1
    wanted = {(r.department_id, r.role, r.tray, r.due, r.open) for r in matter.wanted_reach().values()}
    assert wanted == {(r.department_id, r.role, r.tray, r.due, r.open) for r in Reach.objects.filter(petition=petition)}
    previous = b""
    for event in Event.objects.filter(petition=petition).order_by("seq"):
        previous = digest_of(event, petition.ref, previous)
        assert bytes(event.digest) == previous
    assert bytes(petition.chain_head) == previous


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_people_do_the_matter_stays_whole(data: st.DataObject) -> None:
    with transaction.atomic():
        try:
            _walk(data)
        finally:
            transaction.set_rollback(True)


def _walk(data: st.DataObject) -> None:
    cast, day = build_cast(), FIRST
    with moment.at(datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)):
        petition = register(entry(cast, claims=["一", "二"]), by=cast.registrar).petition
    for _ in range(data.draw(st.integers(3, 16))):
        day += timedelta(days=data.draw(st.sampled_from([0, 0, 1, 3, 9, 31])))
        with moment.at(datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)):
            run_night()
            petition.refresh_from_db()
            _hold(petition)
            choices = _choices(cast, petition)
            assert choices or petition.stage in ("confirmed", "ended"), f"no way out of {petition.stage}"
            if not choices:
                return
            step, row, actor = choices[data.draw(st.integers(0, 10_000), label="choice") % len(choices)]
            _try(step, row, actor, _fillers(cast, petition))
            petition = Petition.objects.get(pk=petition.pk)
            _hold(petition)


def _try(step: lifecycle.Step, row: Any, actor: Actor, fillers: dict[str, Callable[[], dict[str, Any]]]) -> None:
    """Take the step; a refusal is fine (a clock may have run out) but must change nothing, which `_hold` sees."""
    with suppress(Refused):
        advance(step.code, on=row, by=actor, **fillers.get(step.code, dict)())
