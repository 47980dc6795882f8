"""What became of a party's matters in the room?  One record, one answer for each matter, through the verbs of the matter.

A new matter is registered by the verb of the counter.  An assignment goes through the lifecycle's own step, with its clocks
and its paper.  A matter that a unit already has keeps its course: the leader's word goes to it as an instruction to be
written (呈批), and the duty stands in the follow-up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Department, DepartmentKind
from petitions import numbers
from petitions.access import visible_to
from petitions.actions import Entry, advance, moment, register
from petitions.actions.beside import write_beside
from petitions.errors import BadInput, NotSeen, WrongMoment
from petitions.lifecycle import OPEN_STAGES
from petitions.models import Category, Filing, Petition
from petitions.workdays import next_workday
from visits import access, book
from visits.actions.conflict import check_leader, check_party, check_unit
from visits.actions.day import _with_visit
from visits.actions.record import must_be, note
from visits.actions.sponsor import take_on
from visits.models import FollowUp, Kind, Outcome, Purpose, Reception, Status, Visit

ROUTED = frozenset({Kind.ASSIGNED, Kind.SPONSORED})
LONGEST = timedelta(days=3660)
MOST_MATTERS = 5


@dataclass(frozen=True)
class Matter:
    """One matter that a party brought: a filed one (``petition``) or a new one (``entry``), and what became of it.

    Attributes:
        answer: what was said, done or asked for: the reply where it was answered, the demand where it was assigned.
        unit, due: of an assignment or a sponsored case; ``due`` also of a study.
    """

    kind: str
    answer: str
    petition: Petition | None = None
    entry: Entry | None = None
    purpose: str = Purpose.BROUGHT
    unit: Department | None = None
    due: date | None = None
    category: Category | None = None


@dataclass(frozen=True)
class Said:
    """What the session record holds beside the matters (domain.md §3.3): where and why it arose, the leader's opinion."""

    origin: str = ""
    opinion: str = ""
    people: int | None = None


@dataclass(frozen=True)
class Recorded:
    """The session's code, its outcomes, and the query codes of what was registered: told once."""

    code: str
    outcomes: list[Outcome]
    codes: dict[str, str]


def record(reception: Reception, *, by: Actor, said: Said, matters: Sequence[Matter]) -> Recorded:
    """Write what was heard and decided: the party's record, and for each matter its outcome, all or nothing.

    Raises:
        NotSeen, WrongPerson; WrongMoment: the party is not in the room; BadInput: ``fields`` says which in words.
    """
    access.check(by, access.RECORDS, "接访登记")
    with transaction.atomic():
        visit, reception = _with_visit(reception, by)
        must_be(visit, Status.PUBLISHED)
        if reception.state != Reception.State.IN_ROOM:
            raise WrongMoment(f"这一批现在是“{reception.get_state_display()}”，不能登记。", rule="接访登记")
        _check(visit, reception, matters)
        serial = numbers.take(visit.office_id, "reception", moment.today().year)
        code = f"JF{moment.today().year}-{serial:06d}"
        codes: dict[str, str] = {}
        outcomes = [_one(visit, reception, matter, said, by, code, codes) for matter in matters]
        _finish(reception, by, said, code)
        note(visit, "record", by, reception=reception.ref, code=code, outcomes=[row.kind for row in outcomes])
    return Recorded(code, outcomes, codes)


def _finish(reception: Reception, by: Actor, said: Said, code: str) -> None:
    reception.state, reception.ended_at, reception.code = Reception.State.DONE, moment.now(), code
    reception.origin, reception.opinion, reception.recorder = said.origin, said.opinion, by.post
    reception.people = said.people or reception.people
    # Who they are now stands with their matters, under the matters' keys.
    reception.name = reception.phone = reception.matter = reception.filed_number = ""
    reception.save()


def _check(visit: Visit, reception: Reception, matters: Sequence[Matter]) -> None:
    if not 1 <= len(matters) <= MOST_MATTERS:
        raise BadInput({"matters": f"每批登记1到{MOST_MATTERS}件事项。"}, rule="接访登记")
    check_party(visit, reception.name)
    known = [matter.petition.pk for matter in matters if matter.petition is not None]
    if len(known) != len(set(known)):
        raise BadInput({"matters": "同一件事项填了两次。"}, rule="接访登记")
    for matter in matters:
        _check_one(visit, matter)


def _check_one(visit: Visit, matter: Matter) -> None:
    wrong: dict[str, str] = {}
    today = moment.today()
    if matter.kind not in Kind.values:
        wrong["kind"] = "请选择处理结果。"
    if (matter.petition is None) == (matter.entry is None):
        wrong["matters"] = "请填写新的事项，或者选一件已登记的事项。"
    if not matter.answer.strip():
        wrong["answer"] = "请写明当场怎样答复，或者交办什么。"
    if matter.kind in ROUTED and matter.unit is None:
        wrong["unit"] = "交办、包案要写明责任单位。"
    if matter.kind in (*ROUTED, Kind.STUDIED) and matter.due is None:
        wrong["due"] = "请写明期限。"
    if matter.due is not None and not today < matter.due <= today + LONGEST:
        wrong["due"] = "期限要晚于今天，也不能太远。"
    if wrong:
        raise BadInput(wrong, rule="接访登记")
    if matter.petition is not None:
        check_leader(visit.leader, matter.petition, "petition")
    if matter.unit is not None:
        check_unit(visit.leader, matter.unit.pk, "unit")


def _one(
    visit: Visit, reception: Reception, matter: Matter, said: Said, by: Actor, code: str, codes: dict[str, str]
) -> Outcome:
    """One matter: registered if it is new, then answered, assigned, taken on or put off."""
    petition, filing = _matter(matter, by, codes)
    paper = _through_the_verbs(petition, filing, matter, by, visit)
    outcome = Outcome.objects.create(
        reception=reception, petition=petition, purpose=matter.purpose, new=matter.entry is not None, kind=matter.kind,
        unit=matter.unit, due=matter.due, paper=paper, recorded_on=moment.today(),
    )  # fmt: skip
    words = f"{visit.leader.user.name}（{visit.leader_title}）在{visit.place.name}接谈，{Kind(matter.kind).label}：{matter.answer}"
    write_beside(
        "received", on=petition, by=by, data={"visit": visit.ref, "reception": code, "kind": str(matter.kind)},
        text={"note": words, "reason": said.origin},
    )  # fmt: skip
    if matter.kind == Kind.SPONSORED:
        assert matter.unit is not None
        assert matter.due is not None
        take_on(
            petition, sponsor=visit.leader, unit=matter.unit, due=matter.due, crux=said.origin, by=by, outcome=outcome
        )
    _duties(visit, outcome, matter)
    return outcome


def _matter(matter: Matter, by: Actor, codes: dict[str, str]) -> tuple[Petition, Filing | None]:
    """The petition and its filing if that still waits for triage; a filing that was routed is none of ours."""
    if matter.entry is not None:
        done = register(matter.entry, by=by)
        codes[done.filing.number] = done.code
        return done.petition, done.filing
    assert matter.petition is not None
    petition = visible_to(by).filter(pk=matter.petition.pk).first()
    if petition is None:
        raise NotSeen
    filing = petition.filings.order_by("pk").first()
    waits = (
        filing is not None and filing.state in ("registered", "triaged") and petition.office_id == access.office_of(by)
    )
    return petition, filing if waits else None


def _through_the_verbs(petition: Petition, filing: Filing | None, matter: Matter, by: Actor, visit: Visit) -> str:
    """Take the step of the law that the outcome means, and return the number of its paper."""
    if filing is None:
        return _beside_its_course(petition, matter, by, visit)
    if matter.kind in (Kind.RESOLVED, Kind.EXPLAINED):
        event = advance("direct_reply", on=filing, by=by, reply=matter.answer)
    elif matter.kind in ROUTED:
        event = advance(
            "assign", on=filing, by=by, department=matter.unit, limit_on=matter.due, demand=matter.answer[:500],
            category=matter.category or petition.category,
        )  # fmt: skip
    else:
        return ""
    return str(event.data.get("paper", ""))


def _beside_its_course(petition: Petition, matter: Matter, by: Actor, visit: Visit) -> str:
    """A matter that somebody has keeps its course; what the leader asks for goes to him as a draft instruction."""
    if petition.stage not in OPEN_STAGES:
        if matter.kind in ROUTED:
            raise BadInput(
                {"kind": f"{petition.number}已经办结。有新的事实的，请登记为新的事项再交办。"}, rule="第三十六条"
            )
        return ""
    if matter.kind not in ROUTED:
        return ""
    lead = petition.responsible
    if lead is not None and matter.unit is not None and lead.pk != matter.unit.pk:
        raise BadInput(
            {"unit": f"这件事项由{lead.name}办理，请交办该单位；需要换单位的，按异议、协办程序办。"}, rule="第二十四条"
        )
    leader = Actor(visit.leader.user, visit.leader)
    if not visible_to(leader).filter(pk=petition.pk).exists():
        return ""  # not in his fields: the duty stands in the follow-up alone
    event = advance(
        "submit_to_leader", on=petition, by=by, leader=visit.leader, proposal=f"接访时拟交办：{matter.answer}"
    )
    return str(event.data.get("paper", ""))


def _duties(visit: Visit, outcome: Outcome, matter: Matter) -> None:
    """What is owed now: carrying out, an answer after study, and a visit afterwards by somebody else."""
    days = timedelta(days=book.number(visit.office_id, "revisit_days"))
    today = moment.today()
    rows = []
    if matter.kind in ROUTED:
        rows.append(FollowUp(outcome=outcome, kind=FollowUp.Kind.CARRY_OUT, unit=matter.unit, due=matter.due or today))
    if matter.kind == Kind.STUDIED:
        rows.append(FollowUp(outcome=outcome, kind=FollowUp.Kind.STUDY, unit=visit.office, due=matter.due or today))
    after = _workday((matter.due or today) + days)
    rows.append(FollowUp(outcome=outcome, kind=FollowUp.Kind.REVISIT, unit=visit.office, due=after))
    FollowUp.objects.bulk_create(rows)


def _workday(day: date) -> date:
    return next_workday(day, book.calendar(day, day))


def may_receive(unit: Department) -> bool:
    """Whether a leader may assign to ``unit``: a body that decides, not an office of leaders."""
    return unit.kind not in (DepartmentKind.LEADERSHIP, DepartmentKind.SUPERIOR, DepartmentKind.SYSTEM)


__all__ = ["MOST_MATTERS", "Matter", "Recorded", "Said", "record"]
