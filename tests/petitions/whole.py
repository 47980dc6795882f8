"""What must hold of a matter after every step, whichever road it took: written down again, beside the table and not from it.

No row without a way out, no duty without its clock nor clock without its duty, no state without the paper the law owes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from accounts.actor import Actor, system_actor
from petitions import access, lifecycle
from petitions.access import ON
from petitions.actions.matter import Matter
from petitions.actions.record import digest_of
from petitions.dossier import Dossier, dossier_of
from petitions.models import Clock, Event, Paper, Petition, Proceeding, Reach

# Which duties run in which state: one of each group.  A duty that is over runs on as overdue until it is done.
_T5, _REVIEW = ("T5", "T5'"), ("T6D", "T7D")
DUTIES: dict[tuple[str, str], tuple[tuple[str, ...], ...]] = {
    ("filing", "registered"): (("T1", "T2"),),
    ("filing", "triaged"): (("T1", "T2"),),
    ("assignment", "sent"): (("TS",),),
    ("assignment", "signed"): (("T3",),),
    ("assignment", "objected"): (("T3",), ("TC",)),
    ("handling", "handling"): (_T5,),
    ("handling", "drafted"): (_T5,),
    ("handling", "checked"): (_T5,),
    ("handling", "issued"): (("TD",),),
    ("handling", "closed"): (("TA",),),
    ("handling", "lapsed"): (("TN",),),
    ("handling", "exhausted"): (("TN",),),
    ("study", "studying"): (("TG",),),
    ("study", "reply_drafted"): (("TG",),),
    ("study", "reply_issued"): (("TD",),),
    ("study", "closed"): (("TA",),),
    ("duty", "studying"): (("TY",),),
    ("duty", "reply_drafted"): (("TY",),),
    ("duty", "reply_issued"): (("TD",),),
    ("duty", "closed"): (("TA",),),
    ("review", "applied"): (("TF",), _REVIEW),
    ("review", "reviewing"): (_REVIEW,),
    ("review", "review_drafted"): (_REVIEW,),
    ("review", "review_issued"): (("TD",),),
    ("review", "review_delivered"): (("T7",),),
    ("execution", "executing"): (("TE",),),
    ("instruction", "written"): (("TB",),),
    ("supervision", "open"): (("TV",),),
    ("measure", "decided"): (("TZ",),),
    ("advice", "sent"): (("T9",),),
}
DUTIES |= {("rereview", state): groups for (kind, state), groups in DUTIES.items() if kind == "review"}
del DUTIES["rereview", "review_delivered"]
# What a body above set itself (T8), and windows, end by their own rules.
_OWN_WAY = frozenset({"T4", "T6", "T7", "T8", "TQ"})
# The law sets no day for closing what was settled, or answered and agreed to.
_QUIET = frozenset({"settled", "delivered", "confirmed", "ended"})

# Which papers a state owes, on the matter: one of each group.
_TOLD = ("accept_notice", "come_back_notice", "redo_order")
_LATE = ("delivered", "lapsed", "appealed", "exhausted", "redone", "closed", "confirmed")
_DECIDED = ("review_issued", "review_delivered", "review_lapsed", "review_appealed", "review_ended")
PAPERS: dict[tuple[str, str], tuple[str, ...]] = {
    **{("handling", state): _TOLD for state in ("handling", "drafted", "checked", "issued", *_LATE)},
    **{("study", state): ("suggestion_notice",) for state in ("studying", "reply_drafted")},
    **{("duty", state): ("channel_notice", "accept_notice") for state in ("studying", "reply_drafted")},
    ("outside", "outside"): ("channel_notice", "accept_notice"),
    ("outside", "came_back"): ("come_back_notice",),
    ("duty", "came_back"): ("come_back_notice",),
    ("study", "reply_issued"): ("suggestion_reply",),
    ("study", "reply_delivered"): ("suggestion_reply",),
    ("duty", "reply_issued"): ("duty_reply",),
    ("duty", "reply_delivered"): ("duty_reply",),
    ("review", "review_refused"): ("review_refused",),
    ("review", "review_dropped"): ("review_dropped",),
    ("review", "applied"): ("review_application",),
    ("rereview", "applied"): ("rereview_application",),
    ("review", "reviewing"): ("review_accepted",),
    ("rereview", "reviewing"): ("review_accepted",),
    ("execution", "executing"): ("execution_letter",),
    ("hearing", "called"): ("hearing_notice",),
    ("hearing", "held"): ("hearing_notice",),
    ("hearing", "concluded"): ("hearing_conclusion",),
    ("mediation", "agreed"): ("mediation_paper", "settlement_paper"),
    ("withdrawal", "confirmed"): ("withdrawal_notice",),
    ("urgent", "reported"): ("urgent_report",),
    ("dispute", "decided"): ("competence_notice",),
    ("measure", "decided"): ("measure_notice",),
    ("advice", "sent"): ("advice_improve", "advice_policy", "advice_blame"),
    ("advice", "answered"): ("adoption_report",),
    ("assignment", "sent"): ("transfer_letter", "assign_letter"),
    ("assignment", "channelled"): ("channel_notice",),
    ("assignment", "declined"): ("not_accepted_notice", "no_further_notice"),
    ("assignment", "co_sent"): ("co_letter",),
    ("assignment", "reported"): ("closing_report",),
}
OUTCOMES: dict[str, str] = {
    "not_accepted": "not_accepted_notice", "no_further": "no_further_notice", "redirected": "redirect_notice",
    "direct_reply": "direct_reply", "withdrawn": "withdrawal_notice", "legal": "transfer_letter", "opinion": "opinion",
    "suggestion": "suggestion_reply", "duty": "duty_reply",
}  # fmt: skip


def complaints(petition: Petition, people: Iterable[Actor]) -> list[str]:
    """Return, in words, what does not hold of ``petition``."""
    found = dossier_of(Petition.objects.get(pk=petition.pk))
    everybody = [*people, system_actor()]
    return [*_derived(found), *_chain(found), *_ways_out(found, everybody), *_clocks(found), *_papers(found)]


def kind_of(row: Any) -> str:
    """A run is named by its kind: the same state owes other things in other runs."""
    return str(row.kind) if isinstance(row, Proceeding) else ON[type(row)]


def _derived(found: Dossier) -> Iterator[str]:
    matter = Matter.of(found.petition)
    if found.petition.stage != matter.stage():
        yield f"stage {found.petition.stage} is derived as {matter.stage()}"
    leads = [row for row in found.assignments if row.lead and row.state not in ("returned", "recalled")]
    if len(leads) > 1:
        yield "two lead units"
    stored = {(r.department_id, r.role, r.tray, r.due, r.open) for r in Reach.objects.filter(petition=found.petition)}
    wanted = {(r.department_id, r.role, r.tray, r.due, r.open) for r in matter.wanted_reach().values()}
    if {row for row in stored if row[1] != "advised"} != {row for row in wanted if row in stored} or len(wanted) > len(
        stored
    ):
        yield "Reach is not what it should be"


def _chain(found: Dossier) -> Iterator[str]:
    previous = b""
    for event in Event.objects.filter(petition=found.petition).order_by("seq"):
        previous = digest_of(event, found.petition.ref, previous)
        if bytes(event.digest) != previous:
            yield f"event {event.seq} breaks the chain"
    if bytes(found.petition.chain_head) != previous:
        yield "the head of the chain is another"


def _ways_out(found: Dossier, people: list[Actor]) -> Iterator[str]:
    for row in found.rows:
        kind = ON[type(row)]
        state = access.state_of(row)
        if kind == "petition" or state in lifecycle.FINAL_STATES[kind]:
            continue
        if not any(_leads_on(step, found.petition, row, state, people) for step in lifecycle.STEPS.values()):
            yield f"no way out of {kind_of(row)} {state}"
    appealed = [run for run in found.proceedings if run.state in ("appealed", "review_appealed")]
    for run in appealed:
        if not any(review.after_id == run.pk and review.state not in _NO_REVIEW for review in found.reviews):
            yield f"{kind_of(run)} waits for a review that is not there"


_NO_REVIEW = ("review_refused", "review_dropped")


def _leads_on(step: lifecycle.Step, petition: Petition, row: Any, state: str, people: list[Actor]) -> bool:
    if step.code == "instruct" and ON[type(row)] == "instruction":
        return state == "asked"  # a submission waits for the leader's word, which stands on the matter
    here = step.on == ON[type(row)] and state in step.from_ and step.to not in ("", state)
    return here and access.fits(step, petition, row) and any(access.may(one, step, petition, row) for one in people)


def _clocks(found: Dossier) -> Iterator[str]:
    running = [clock for clock in found.clocks if clock.ended == "" and not clock.shadow]
    rows = [row for row in found.rows if row is not found.petition and row not in found.filings[1:]]
    for row in rows:
        for group in DUTIES.get((kind_of(row), access.state_of(row)), ()):
            if not any(clock.name in group and _on(clock) == (ON[type(row)], row.pk) for clock in running):
                if group == ("T7",):  # it was never contested in time, or its night is to come
                    continue
                yield f"{kind_of(row)} {access.state_of(row)} has lost its clock {'/'.join(group)}"
    by_key = {(ON[type(row)], row.pk): row for row in found.rows}
    for clock in running:
        if clock.name in _OWN_WAY:
            continue
        row = by_key[_on(clock)]
        owed = {name for group in DUTIES.get((kind_of(row), access.state_of(row)), ()) for name in group}
        if clock.name not in owed:
            yield f"{clock.name} runs for a {kind_of(row)} that is {access.state_of(row)}"
    if found.petition.stage not in _QUIET and not [clock for clock in found.clocks if clock.ended == ""]:
        yield f"{found.petition.stage}: nothing runs"


def _on(clock: Clock) -> tuple[str, int]:
    kinds = [name for name in ON.values() if getattr(clock, f"{name}_id", None) is not None and name != "petition"]
    return kinds[0], getattr(clock, f"{kinds[0]}_id")


def _papers(found: Dossier) -> Iterator[str]:
    issued = {paper.kind for paper in found.papers}
    for row in found.rows:
        owed = PAPERS.get((kind_of(row), access.state_of(row)), ())
        if owed and not issued & set(owed) and not getattr(row, "outside_number", ""):
            yield f"{kind_of(row)} {access.state_of(row)} without {'/'.join(owed)}"
    owed_by_outcome = OUTCOMES.get(found.petition.outcome, "")
    if owed_by_outcome and found.petition.stage in ("confirmed", "ended") and owed_by_outcome not in issued:
        yield f"ended as {found.petition.outcome} without {owed_by_outcome}"
    yield from _of_runs(found)
    if any(run.extended_days for run in found.proceedings) and "extension_notice" not in issued:
        yield "extended without telling the petitioner"


def _of_runs(found: Dossier) -> Iterator[str]:
    """Opinions, and how they were served."""
    for run in found.proceedings:
        mine = [paper for paper in found.papers if paper.proceeding_id == run.pk and paper.void_on is None]
        kinds = {"handling": "opinion", "review": "review_opinion", "rereview": "rereview_opinion"}
        late = (*_LATE, "issued", *_DECIDED)
        if run.kind not in kinds or run.state not in late or run.outside_number or found.petition.outcome == "settled":
            continue
        opinions = [paper for paper in mine if paper.kind == kinds[run.kind]]
        if not opinions:
            yield f"{run.kind} {run.state} without its opinion"
        elif run.state not in ("issued", "review_issued") and opinions[-1].served_on is None:
            yield f"{run.kind} {run.state} was never served"
    if any(paper.served_on and paper.kind == "opinion" for paper in found.papers) and not Paper.objects.filter(
        petition=found.petition, kind="service_receipt"
    ):
        yield "served without a receipt"
