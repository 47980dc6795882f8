"""Which papers come of a reception, a revisit and a sponsored case?  Numbered and fixed as every paper of a matter is (domain.md §7).

Each is issued in the transaction of the verb that it records, by the office that holds the reception; the number goes into
the matter's own record.
"""

from __future__ import annotations

from typing import Any

from accounts.actor import Actor
from accounts.models import Department
from petitions import papers
from petitions.actions import moment
from petitions.models import Paper, Petition
from visits.models import FollowUp, Outcome, SponsorNote, Sponsorship

KINDS = ("reception_sheet", "reception_order", "revisit_sheet")
SPONSORED = ("sponsor_charge", "sponsor_plan", "sponsor_time", "sponsor_end")


def sheet(outcome: Outcome, answer: str, by: Actor) -> Paper:
    """接访登记表: what was heard and decided about one matter."""
    return _of_outcome("reception_sheet", outcome, by, answer=answer)


def order(outcome: Outcome, answer: str, by: Actor, *, in_course: bool) -> Paper:
    """接访交办单: what a unit is to do, and until when.

    Args:
        in_course: somebody has the matter already, and its clocks stay as they are.
    """
    return _of_outcome("reception_order", outcome, by, answer=answer, in_course=in_course)


def revisited(duty: FollowUp, by: Actor, settled: bool | None) -> Paper:
    """回访记录: what the petitioner said when asked; never a rating."""
    if duty.outcome is not None:
        return _of_outcome("revisit_sheet", duty.outcome, by, duty=duty, settled=settled)
    assert duty.sponsorship is not None
    row = duty.sponsorship
    known = {"duty": duty, "settled": settled, "sponsored": row, "recorder": papers.signed_by(by)}
    return _issue("revisit_sheet", row.petition, row.office, by, known | _began(row))


def _began(row: Sponsorship) -> dict[str, Any]:
    """When and by whom a case was taken on that no reception began, in the places that name a reception."""
    title = row.sponsor.title or row.sponsor.get_role_display()
    visit = {"day": row.taken_on, "leader_title": title, "leader": row.sponsor}
    said = (
        f"{row.number}，{row.get_result_display()}，{row.ended_on:%Y年%-m月%-d日}销号" if row.ended_on else row.number
    )
    return {"visit": visit, "outcome": {"get_kind_display": said}}


def _of_outcome(code: str, outcome: Outcome, by: Actor, **words: Any) -> Paper:
    reception = outcome.reception
    visit = reception.visit
    units = "、".join(unit.short_name for unit in visit.units.all()) if code == "reception_sheet" else ""
    known = {
        "outcome": outcome,
        "reception": reception,
        "visit": visit,
        "units": units,
        "recorder": papers.signed_by(by),
    }
    return _issue(code, outcome.petition, visit.office, by, known | words)


def charge(row: Sponsorship, by: Actor, *, handed: str = "") -> Paper:
    """包案责任书: who answers for the matter until when; anew where another leader takes it on."""
    return _of_sponsored("sponsor_charge", row, by, handed=handed)


def plan(row: Sponsorship, by: Actor) -> Paper:
    """化解方案: one case, one plan."""
    units = "、".join(unit.short_name for unit in row.co_units.all())
    return _of_sponsored("sponsor_plan", row, by, co_units=units)


def more_time(row: Sponsorship, asked: SponsorNote, by: Actor, *, agree: bool, words: str) -> Paper:
    """延期审批表: asked by whom and why, and what a main leader said to it; before the row's day is changed."""
    return _of_sponsored(
        "sponsor_time",
        row,
        by,
        asked=asked,
        agree=agree,
        words=words,
        before=row.due,
        decider=by.post,
        decided=papers.signed_by(by),
    )


def ended(row: Sponsorship, by: Actor) -> Paper:
    """销号审批表: what was reported, and what the petition office found."""
    return _of_sponsored("sponsor_end", row, by, verified=papers.signed_by(by))


def _of_sponsored(code: str, row: Sponsorship, by: Actor, **words: Any) -> Paper:
    """Every paper of the case can say its steps, what was given of more time, and who answered for it before."""
    steps = list(row.milestones.select_related("unit"))
    course = row.notes.filter(kind__in=(SponsorNote.Kind.EXTENDED, SponsorNote.Kind.HANDOVER)).order_by("pk")
    known = {"row": row, "steps": steps, "done": sum(step.done_on is not None for step in steps)}
    for name, kind in (("extended", SponsorNote.Kind.EXTENDED), ("handovers", SponsorNote.Kind.HANDOVER)):
        known[name] = [note for note in course if note.kind == kind]
    return _issue(code, row.petition, row.office, by, known | words)


def _issue(code: str, petition: Petition, body: Department, by: Actor, words: dict[str, Any]) -> Paper:
    deputy = by.user if by.delegation else None
    return papers.issue(
        code, petition=petition, body=body, by=by.post, on_day=moment.today(), words=words, deputy=deputy
    )
