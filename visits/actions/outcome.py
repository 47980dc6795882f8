"""What became of a party's matters in the room?  One record, one answer for each matter, through the verbs of the matter.

A new matter is registered by the verb of the counter.  An assignment goes through the lifecycle's own step, with its clocks
and its paper.  A matter that a unit already has keeps its course: the leader's word goes to it as an instruction to be
written (呈批), and the duty stands in the follow-up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import prefetch_related_objects

from accounts.actor import Actor
from accounts.models import Department, DepartmentKind, Role
from petitions import limits, numbers
from petitions.access import visible_to
from petitions.actions import Entry, advance, moment, nested, register
from petitions.actions.beside import write_beside
from petitions.errors import BadInput, NotSeen, WrongMoment
from petitions.lifecycle import OPEN_STAGES
from petitions.models import Category, Filing, Petition
from petitions.workdays import next_workday
from visits import access, book
from visits.actions import papers
from visits.actions.conflict import check_leader, check_party, check_unit
from visits.actions.day import forget, with_visit
from visits.actions.record import must_be, note
from visits.actions.sponsor import take_on
from visits.models import FollowUp, Form, Kind, Outcome, Purpose, Reception, Status, Visit

ROUTED = frozenset({Kind.ASSIGNED, Kind.SPONSORED})
LONGEST = timedelta(days=3660)
MOST_MATTERS = 5


@dataclass(frozen=True)
class Matter:
    """One matter that a party brought: a filed one (``petition``) or a new one (``entry``), and what became of it.

    Attributes:
        purpose: why it was there; empty = as the visit's form and its carried cases say.
        answer: what was said, done or asked for: the reply where it was answered, the demand where it was assigned.
        unit, due: of an assignment or a sponsored case; ``due`` also of a study.
    """

    kind: str
    answer: str
    petition: Petition | None = None
    entry: Entry | None = None
    purpose: str = ""
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
    with nested.whole(), limits.kept():
        visit, reception = with_visit(reception, by)
        must_be(visit, Status.PUBLISHED)
        if reception.state != Reception.State.IN_ROOM:
            raise WrongMoment(f"这一批现在是“{reception.get_state_display()}”，不能登记。", rule="接访登记")
        _check(visit, reception, said, matters)
        known = _known(visit, matters)
        # The office's other rooms wait for these rows: what needs no number has been read before.
        with numbers.ahead(visit.office_id, moment.today().year, _series(matters)):
            return _recorded(visit, reception, by, said, matters, known)


def _recorded(
    visit: Visit, reception: Reception, by: Actor, said: Said, matters: Sequence[Matter], known: Known
) -> Recorded:
    serial = numbers.take(visit.office_id, "reception", moment.today().year)
    code = f"JF{moment.today().year}-{serial:06d}"
    codes: dict[str, str] = {}
    _write(reception, by, said, code)
    outcomes = [_one(visit, reception, matter, by, codes, known) for matter in matters]
    _finish(reception)
    note(visit, "record", by, reception=reception.ref, code=code, outcomes=[row.kind for row in outcomes])
    return Recorded(code, outcomes, codes)


@dataclass(frozen=True)
class Known:
    """What is read before numbers are taken: which cases came along, and when each matter's petitioner is asked again."""

    carried: frozenset[int]
    asked: dict[date, date]


def _known(visit: Visit, matters: Sequence[Matter]) -> Known:
    prefetch_related_objects([visit], "units")
    limits.rules_on(moment.today())
    days, today = timedelta(days=book.number(visit.office_id, "revisit_days")), moment.today()
    ends = {matter.due or today for matter in matters}
    carried = frozenset(visit.carried.values_list("petition_id", flat=True))
    return Known(carried, {day: _workday(day + days) for day in ends})


def _series(matters: Sequence[Matter]) -> dict[str, int]:
    """How many numbers of each series the record takes at most; what is not needed goes back."""
    wanted = Counter({"reception": 1, "reception_sheet": len(matters)})
    for matter in matters:
        routed, new = matter.kind in ROUTED, matter.entry is not None
        wanted[numbers.MATTER] += new
        wanted.update(_PAPERS[routed] if new and matter.kind != Kind.STUDIED else ())
        wanted.update(["submission"] if routed and not new else ())
        wanted.update(["reception_order"] if routed else ())
        wanted.update(["sponsorship", "sponsor_charge"] if matter.kind == Kind.SPONSORED else ())
    return dict(wanted)


_PAPERS = {True: ("assign_letter", "destination_notice"), False: ("direct_reply",)}


def _write(reception: Reception, by: Actor, said: Said, code: str) -> None:
    """What the papers of the session read, before they are issued."""
    reception.code, reception.people = code, said.people or reception.people
    reception.origin, reception.opinion, reception.recorder = said.origin, said.opinion, by.post


def _finish(reception: Reception) -> None:
    reception.state, reception.ended_at = Reception.State.DONE, moment.now()
    # Who they are now stands with their matters, under the matters' keys.
    forget(reception)
    reception.save()


def _check(visit: Visit, reception: Reception, said: Said, matters: Sequence[Matter]) -> None:
    if not 1 <= len(matters) <= MOST_MATTERS:
        raise BadInput({"matters": f"每批登记1到{MOST_MATTERS}件事项。"}, rule="接访登记")
    check_party(visit, reception.name)
    known = [matter.petition.pk for matter in matters if matter.petition is not None]
    if len(known) != len(set(known)):
        raise BadInput({"matters": "同一件事项填了两次。"}, rule="接访登记")
    for matter in matters:
        _check_one(visit, matter)
        _check_names(said, matter)


def _check_names(said: Said, matter: Matter) -> None:
    """Who was asked not to tell the unit a name does not write it where the unit reads it (domain.md §2.9)."""
    if matter.petition is not None:
        names = [row.name for row in matter.petition.petitioners.all()] if matter.petition.hide_name else []
    else:
        names = [one.name for one in matter.entry.people] if matter.entry and matter.entry.hide_name else []
    told = {"answer": matter.answer, "origin": said.origin, "opinion": said.opinion}
    wrong = [place for place, text in told.items() if any(len(name) > 1 and name in text for name in names)]
    if wrong:
        raise BadInput(dict.fromkeys(wrong, "信访人要求不透露姓名：请把姓名改为“信访人”。"), rule="为信访人保密")


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


def _one(visit: Visit, reception: Reception, matter: Matter, by: Actor, codes: dict[str, str], known: Known) -> Outcome:
    """One matter: registered if it is new, then answered, assigned, taken on or put off."""
    petition, filing = _matter(matter, by, codes)
    paper = _through_the_verbs(petition, filing, matter, by, visit)
    outcome = Outcome.objects.create(
        reception=reception, petition=petition, purpose=matter.purpose or _purpose(visit, petition, known), new=matter.entry is not None,
        kind=matter.kind, unit=matter.unit, due=matter.due, paper=paper, recorded_on=moment.today(),
    )  # fmt: skip
    _on_paper(outcome, matter, by, in_course=filing is None)
    if matter.kind == Kind.SPONSORED:
        assert matter.unit is not None
        assert matter.due is not None
        take_on(
            petition, sponsor=visit.leader, unit=matter.unit, due=matter.due, crux=reception.origin, by=by, outcome=outcome
        )  # fmt: skip
    _duties(visit, outcome, matter, known)
    return outcome


def _purpose(visit: Visit, petition: Petition, known: Known) -> Purpose:
    """Brought along, invited, or brought by the party itself."""
    if petition.pk in known.carried:
        return Purpose.CARRIED
    return Purpose.INVITED if visit.form == Form.INVITED else Purpose.BROUGHT


def _on_paper(outcome: Outcome, matter: Matter, by: Actor, *, in_course: bool) -> None:
    """The session's sheet, the order to the unit, and the event in the matter's own record that names them."""
    reception, visit = outcome.reception, outcome.reception.visit
    order = papers.order(outcome, matter.answer, by, in_course=in_course) if matter.kind in ROUTED else None
    sheet = papers.sheet(outcome, matter.answer, by)
    if order is not None and not outcome.paper:
        outcome.paper = order.number
        outcome.save(update_fields=["paper"])
    words = f"{visit.leader.user.name}（{visit.leader_title}）在{visit.place.name}接谈，{Kind(matter.kind).label}：{matter.answer}"
    data = {"visit": visit.ref, "reception": reception.code, "kind": str(matter.kind), "sheet": sheet.number}
    write_beside("received", on=outcome.petition, by=by, data=data | {"paper": (order or sheet).number},
                 text={"note": words, "reason": reception.origin})  # fmt: skip


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
    if leader.role != Role.LEADER:
        return ""  # a town's or a department's head gives no instruction to be written
    if not visible_to(leader).filter(pk=petition.pk).exists():
        return ""  # not in his fields: the duty stands in the follow-up alone
    event = advance(
        "submit_to_leader", on=petition, by=by, leader=visit.leader, proposal=f"接访时拟交办：{matter.answer}"
    )
    return str(event.data.get("paper", ""))


def _duties(visit: Visit, outcome: Outcome, matter: Matter, known: Known) -> None:
    """What is owed now: carrying out, an answer after study, and a visit afterwards by somebody else."""
    today = moment.today()
    rows = []
    if matter.kind in ROUTED:
        rows.append(FollowUp(outcome=outcome, kind=FollowUp.Kind.CARRY_OUT, unit=matter.unit, due=matter.due or today))
    if matter.kind == Kind.STUDIED:
        rows.append(FollowUp(outcome=outcome, kind=FollowUp.Kind.STUDY, unit=visit.office, due=matter.due or today))
    after = known.asked[matter.due or today]
    rows.append(FollowUp(outcome=outcome, kind=FollowUp.Kind.REVISIT, unit=visit.office, due=after))
    FollowUp.objects.bulk_create(rows)


def _workday(day: date) -> date:
    return next_workday(day, book.calendar(day, day))


def may_receive(unit: Department) -> bool:
    """Whether a leader may assign to ``unit``: a body that decides, not an office of leaders."""
    return unit.kind not in (DepartmentKind.LEADERSHIP, DepartmentKind.SUPERIOR, DepartmentKind.SYSTEM)


__all__ = ["MOST_MATTERS", "Matter", "Recorded", "Said", "record"]
