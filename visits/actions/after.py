"""Is what was promised done?  Duties carried out, petitioners asked by somebody else, again after ninety days; research written."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from accounts.models import Department, Role
from petitions.access import may, unit_of
from petitions.actions import advance, moment
from petitions.actions.apart import had_in_hand
from petitions.actions.beside import write_beside
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.lifecycle import STEPS
from petitions.models import Petition
from visits import access
from visits.actions import papers
from visits.actions.record import locked, note
from visits.models import FollowUp, Heard, Outcome, Research, Status, Visit

SECOND_AFTER = timedelta(days=90)
ASKING = (FollowUp.Kind.REVISIT, FollowUp.Kind.SECOND)
SUGGESTS = frozenset({Role.SUPERVISOR, Role.OFFICE_HEAD})  # as the law's table says of `advise`


def _locked(by: Actor, row: FollowUp) -> FollowUp:
    found = access.follow_ups_of(by).select_for_update(of=("self",)).filter(pk=row.pk).first()
    if found is None:
        raise NotSeen
    if found.done_on is not None:
        raise WrongMoment("这一项已经办完。", rule="接访跟进")
    return found


def may_do(row: FollowUp, by: Actor) -> bool:
    """Whether ``by`` is of those who do this duty: who asks afterwards, who studies, or the unit that carries out."""
    if row.kind in ASKING:
        return access.may(by, access.WATCH)
    if row.kind == FollowUp.Kind.STUDY:
        return access.office_of(by) == row.unit_id
    return by.role in access.UNIT and unit_of(by) == row.unit_id


def carry_out(row: FollowUp, *, by: Actor, words: str) -> FollowUp:
    """Say that the leader's assignment, or the study, has been done, and how; by the unit that owes it."""
    if not words.strip():
        raise BadInput({"words": "请写明办理情况。"}, rule="件件有回音")
    with transaction.atomic():
        row = _locked(by, row)
        if row.kind in ASKING:
            raise WrongPerson("回访由信访部门未经办的人员进行。", rule="办理与回访分开")
        if not may_do(row, by):
            raise WrongPerson(f"由{row.unit.short_name}办理。", rule="接访跟进")
        _done(row, by, words)
        write_beside("visit_follow_up", on=row.petition, by=by, data={"kind": row.kind}, text={"note": words})
    return row


def revisit(
    row: FollowUp, *, by: Actor, reached: bool, words: str = "", heard: str = "", at_home: bool = False, settled: bool | None = None
) -> FollowUp:  # fmt: skip
    """Write down what the petitioner said when asked: at home or by telephone, by somebody who had no hand in it.

    Not reached leaves the duty open and counts a try.  What was heard is a note, never the petitioner's rating.

    Raises:
        WrongPerson: who handled or recorded it; BadInput.
    """
    access.check(by, access.WATCH, "回访")
    if reached and (heard not in Heard.values or not words.strip()):
        raise BadInput({"words": "请记录群众的原话和态度。"}, rule="回访")
    with transaction.atomic():
        row = _locked(by, row)
        if row.kind not in ASKING:
            raise WrongPerson("这一项由承办单位办理。", rule="接访跟进")
        _check_apart(row, by)
        if not reached:
            row.tries += 1
            row.save(update_fields=["tries"])
        else:
            row.reached, row.heard, row.at_home = True, heard, at_home
            _done(row, by, words)
        _into_the_matter(row, by, reached=reached, words=words, settled=settled)
        if reached:
            _second_wave(row)
    return row


def _check_apart(row: FollowUp, by: Actor) -> None:
    """Who handled the matter, or wrote the record of its reception, does not ask afterwards."""
    recorder = row.outcome.reception.recorder if row.outcome is not None else None
    if had_in_hand(row.petition, by.user) or (recorder is not None and recorder.user_id == by.user.pk):
        raise WrongPerson("回访要由未经办、未参加接访登记的人员进行。", rule="办理与回访分开")


def _done(row: FollowUp, by: Actor, words: str) -> None:
    row.done_on, row.done_by, row.words = moment.today(), by.post, words
    row.save(update_fields=["done_on", "done_by", "words", "reached", "heard", "at_home"])


def _into_the_matter(row: FollowUp, by: Actor, *, reached: bool, words: str, settled: bool | None) -> None:
    """By the matter's own step where its moment has come; else as a note beside it.  What was heard goes on paper too."""
    paper = papers.revisited(row, by, settled) if reached else None
    petition, step = row.petition, STEPS["follow_up"]
    if petition.stage in step.from_ and may(by, step, petition, petition):
        advance("follow_up", on=petition, by=by, reached=reached, words=words, settled=settled)
        return
    said = words if reached else "未联系上"
    data = {"kind": row.kind, "reached": reached} | ({"paper": paper.number} if paper else {})
    write_beside("visit_follow_up", on=petition, by=by, data=data, text={"note": said})


def _second_wave(row: FollowUp) -> None:
    """Ninety days on, where the matter was brought again or the petitioner was not content (about the matter, not the person)."""
    again = row.petition.filings.filter(repeat=True).exists()
    if row.kind == FollowUp.Kind.REVISIT and (again or row.heard == Heard.NOT):
        _ask_again(row.unit_id, moment.today() + SECOND_AFTER, outcome=row.outcome, sponsorship=row.sponsorship)


def _ask_again(unit_id: int, due: date, **of: Any) -> bool:
    """Put a second revisit down, once for each outcome or sponsored case (``of``)."""
    _, made = FollowUp.objects.get_or_create(**of, kind=FollowUp.Kind.SECOND, defaults={"unit_id": unit_id, "due": due})
    return made


def ask_repeats_again() -> int:
    """Each night: a matter that was brought again within ninety days of its reception is asked after on the ninetieth day.

    Returns:
        how many second revisits were put down; run again, late or twice at once it puts down none twice.
    """
    today = moment.today()
    rows = Outcome.objects.filter(
        recorded_on__gte=today - SECOND_AFTER, petition__filings__repeat=True,
        petition__filings__received_on__gt=F("recorded_on"),
    ).exclude(follow_ups__kind=FollowUp.Kind.SECOND)  # fmt: skip
    count = 0
    for outcome in rows.select_related("reception__visit").distinct():
        due = max(outcome.recorded_on + SECOND_AFTER, today + timedelta(days=1))
        count += _ask_again(outcome.reception.visit.office_id, due, outcome=outcome)
    return count


# --- research ----------------------------------------------------------------------------------------------------


def write_research(
    visit: Visit, *, by: Actor, topic: str, findings: str, suggestion: str = "", to: Department | None = None
) -> Research:
    """Write what a held visit found out, and what should change; it may be written anew until the suggestion has been made.

    Raises:
        WrongMoment: it has not been held, or the suggestion has been made; BadInput.
    """
    access.check(by, access.DESK, "撰写调研报告")
    if not topic.strip() or not findings.strip():
        raise BadInput({"findings": "请写明主题和调查情况。"}, rule="调查研究")
    if bool(suggestion.strip()) != (to is not None):
        raise BadInput({"to": "政策建议要写明向哪个机关提出。"}, rule="第四十条（完善政策建议）")
    with transaction.atomic():
        visit = locked(by, visit)
        if visit.status != Status.HELD:
            raise WrongMoment("接访结束后再写调研报告。", rule="调查研究")
        if Research.objects.filter(visit=visit, advice__isnull=False).exists():
            raise WrongMoment("完善政策建议已经提出，报告不再改。", rule="调查研究")
        row, _ = Research.objects.update_or_create(
            visit=visit,
            defaults={
                "topic": topic, "findings": findings, "suggestion": suggestion, "to": to, "written_on": moment.today(),
                "written_by": by.post,
            },
        )  # fmt: skip
        note(visit, "research", by, research=row.ref)
    return row


def suggest(row: Research, *, by: Actor, petition: Petition, basis: str) -> Research:
    """Make the report's suggestion a 完善政策建议 by the law's own step: with its paper, its clock and its answer (Art.40).

    Args:
        petition: the matter that the problem showed itself in; one that the visit met or brought is the nearest.

    Raises:
        WrongPerson, NotSeen; WrongMoment: it has been made; BadInput: there is none, or no basis.
    """
    access.check(by, SUGGESTS, "提出完善政策建议")
    with transaction.atomic():
        visit = locked(by, row.visit)
        row = Research.objects.select_for_update(of=("self",)).select_related("to").get(pk=row.pk)
        if row.to is None or not row.suggestion.strip():
            raise BadInput({"basis": "报告里还没有写政策建议和向哪个机关提出。"}, rule="第四十条（完善政策建议）")
        if row.advice_id is not None:
            raise WrongMoment("这条建议已经提出。", rule="第四十条（完善政策建议）")
        event = advance("advise", on=petition, by=by, kind="policy", department=row.to, facts=row.findings,
                        suggestion=row.suggestion, basis=basis)  # fmt: skip
        row.advice_id = int(event.data["advice"])
        row.save(update_fields=["advice"])
        note(visit, "suggest", by, research=row.ref, paper=event.data.get("paper", ""))
    return row


__all__ = ["ASKING", "ask_repeats_again", "carry_out", "may_do", "revisit", "suggest", "write_research"]
