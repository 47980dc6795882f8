"""Which step may be taken on many matters at once, and what becomes of each?  Row by row through the one door, with a report.

A row is taken as one hand would take it: the step's own form, filled with what was said once for all and with what its
own matter says for the rest.  A refusal is told with its rule and stops nobody else; what has changed since it was seen
is reported, never forced.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model

from accounts.actor import Actor
from accounts.privacy import seal, unseal
from petitions import access, jobs, lifecycle
from petitions.access import Row
from petitions.actions.once import once
from petitions.errors import BadInput, NotSeen, Refused
from petitions.forms.base import StepForm
from petitions.forms.steps import form_for
from petitions.lifecycle import Step
from petitions.models import Assignment, Event, Filing, Job, Paper, Petition, Proceeding
from petitions.taking import Unfit, attempt

CODE = "bulk_step"
AT_ONCE = 50  # rows taken while somebody waits; more are taken in the background
MOST = 500  # rows of one go
RULE = "批量办理"
_DATED = ("occurred_on", "late_reason", "note")
_MODELS: Mapping[str, type[Model]] = {"filing": Filing, "assignment": Assignment, "proceeding": Proceeding}


@dataclass(frozen=True)
class Bulk:
    """A step for many.

    Attributes:
        fields: what is asked once for all; the rest of the step's form each matter answers itself.
        trays: under which questions it is offered.
        free: fields of those that may stay open, where the matter's own suggestion holds.
    """

    fields: tuple[str, ...]
    trays: tuple[str, ...]
    free: tuple[str, ...] = ()


BULKS: Mapping[str, Bulk] = {
    "assign": Bulk(("department", "limit_on", "demand", "note"), ("to_route",), free=("department",)),
    "sign_for": Bulk(_DATED, ("to_sign",)),
    "co_sign_for": Bulk(_DATED, ("to_sign",)),
    "legal_receive": Bulk(_DATED, ("to_sign",)),
    "accept": Bulk(("handler", "simplified", *_DATED), ("to_accept",)),
    "extend": Bulk(("days", "reason"), ("due_soon",)),
    "assign_handler": Bulk(("handler", "note"), ("to_accept", "handling")),
    "close": Bulk(("note",), ("to_close",)),
    "confirm_closure": Bulk(("note",), ("to_confirm",)),
    "remind": Bulk(("demand",), ("due_soon", "overdue")),
    "archive": Bulk(("note",), ("to_archive",)),
}


def offered(actor: Actor, tray: str = "") -> list[Step]:
    """The steps for many that ``actor``'s post takes at all, of one tray or of every list; each row is asked at the door."""
    return [
        lifecycle.STEPS[code]
        for code, bulk in BULKS.items()
        if (not tray or tray in bulk.trays) and any(who.endswith(f":{actor.role}") for who in lifecycle.STEPS[code].who)
    ]


@dataclass(frozen=True)
class Picked:
    """A matter that was picked: the row that the step is taken on, and how many events its reader had seen."""

    petition: Petition
    row: Row | None
    seen: int


@dataclass(frozen=True)
class Outcome:
    """What became of one row: taken, with its paper if it has one, or refused with the reason and the rule."""

    label: str
    ref: str = ""
    paper: str = ""
    message: str = ""
    rule: str = ""

    @property
    def done(self) -> bool:
        """Whether the step was taken."""
        return not self.message

    @property
    def reason(self) -> str:
        """The refusal in one line."""
        return f"{self.label}：{self.message}" + (f"（依据：{self.rule}）" if self.rule else "")


def picked(actor: Actor, step: Step, asked: Sequence[tuple[str, int | None]]) -> list[Picked]:
    """Return the matters among ``asked`` (ref, events seen) that the actor sees, in that order, each with its row."""
    refs = [ref for ref, _ in asked]
    found = {row.ref: row for row in access.visible_to(actor).select_related("office").filter(ref__in=refs)}
    rows = _rows(step, found.values())
    return [
        Picked(found[ref], _row(actor, step, found[ref], rows.get(found[ref].pk, [])), found[ref].events_count if seen is None else seen)
        for ref, seen in asked
        if ref in found
    ]  # fmt: skip


def _rows(step: Step, petitions: Iterable[Petition]) -> dict[int, list[Any]]:
    """The rows of the step's kind, by matter, read together."""
    if step.on == "petition":
        return {one.pk: [one] for one in petitions}
    found: dict[int, list[Any]] = {}
    for row in _MODELS[step.on]._default_manager.filter(petition__in=[one.pk for one in petitions]).order_by("pk"):
        found.setdefault(row.petition_id, []).append(row)  # type: ignore[attr-defined]
    return found


def _row(actor: Actor, step: Step, petition: Petition, rows: Sequence[Any]) -> Row | None:
    """The row the step can be taken on; else the latest of its kind, so that the door says why not."""
    fit = (
        row for row in rows
        if access.state_of(row) in step.from_ and access.may(actor, step, petition, row) and access.fits(step, petition, row)
    )  # fmt: skip
    return next(fit, rows[-1] if rows else None)


def shared_form(actor: Actor, step: Step, rows: Sequence[Picked], data: Any = None) -> StepForm:
    """Return the step's form with what is asked once for all.

    Raises:
        BadInput: no picked matter has a row that the step is taken on.
    """
    first = next((one for one in rows if one.row is not None), None)
    if first is None or first.row is None:
        raise BadInput({"pick": f"所选的事项都没有可以“{step.label}”的。"}, rule=RULE)
    form, bulk = form_for(step, first.petition, first.row, actor, data), BULKS[step.code]
    for name in [name for name in form.fields if name not in bulk.fields]:
        del form.fields[name]
    for name in bulk.free:
        form.fields[name].required = form.fields[name].widget.is_required = False
        form.fields[name].initial = form.initial[name] = None
        form.fields[name].help_text = "不选的，各件按分派表的建议；没有建议的会列在结果里。"
    return form


def said_of(step: Step, data: Mapping[str, Any]) -> dict[str, str]:
    """What of a posted form is said once for all; empty fields are not said."""
    return {name: str(value) for name in BULKS[step.code].fields if (value := data.get(name))}


def take(actor: Actor, step: Step, one: Picked, said: Mapping[str, str], key: str = "") -> Outcome:
    """Take the step on one row and return what became of it.

    Args:
        key: of the sending; pressed twice, a row that went through says so again.
    """
    label = one.petition.number
    if one.row is None:
        return Outcome(label, one.petition.ref, message=f"没有可以“{step.label}”的。", rule=RULE)
    try:
        form = _filled(actor, step, one.petition, one.row, said, one.seen)
        answer = attempt(form, key=key and f"{key}-{one.petition.ref}", body=said)
    except Unfit:
        return _first_fault(one, form)
    except Refused as refused:
        message = "；".join(refused.fields.values()) if isinstance(refused, BadInput) else refused.message
        return Outcome(label, one.petition.ref, message=message or refused.message, rule=refused.rule)
    return Outcome(label, one.petition.ref, paper=answer["paper"])


def _filled(actor: Actor, step: Step, petition: Petition, row: Row, said: Mapping[str, str], seen: int) -> StepForm:
    """The step's form for one row: what was said for all, and for the rest what the form begins with."""
    blank = form_for(step, petition, row, actor)
    begun = {name: blank.get_initial_for_field(field, name) for name, field in blank.fields.items()}
    data = {name: value for name, value in begun.items() if value is not None}
    return form_for(step, petition, row, actor, {**data, **said, "seen": seen})


def _first_fault(one: Picked, form: StepForm) -> Outcome:
    """What is filled in that cannot be taken."""
    name, faults = next(iter(form.errors.items()))
    field = str(form.fields[name].label) if name in form.fields else ""
    said = str(faults[0])
    return Outcome(one.petition.number, one.petition.ref, message=f"{field}：{said}" if field else said, rule=RULE)


# --- in the background ---------------------------------------------------------------------------------------------------


def start(actor: Actor, step: Step, rows: Sequence[Picked], said: Mapping[str, str], key: str) -> str:
    """Write down that a step is to be taken on many rows; the same sending twice is one job.  Return its ref."""

    def begin() -> dict[str, str]:
        kept = base64.b64encode(seal(json.dumps(dict(said)), _aad(step))).decode()
        settings = {
            "step": step.code,
            "name": step.label,
            "rows": [[one.petition.ref, one.seen] for one in rows],
            "said": kept,
        }
        return {"job": jobs.start(CODE, by=actor, settings=settings).ref}

    body = {**said, "rows": [one.petition.ref for one in rows]}
    return once(actor, key, body, begin)[0]["job"] if key else begin()["job"]


def _aad(step: Step) -> bytes:
    return f"bulk:{step.code}".encode()


@jobs.kind(CODE, "批量办理")
def run(work: jobs.Run) -> None:
    """Take the rows one by one from where the work stands: a row and the count of it are written together."""
    step, said = _told(work.job)
    rows = work.job.settings["rows"]
    for number in range(work.job.done, len(rows)):
        ref, seen = rows[number]
        with transaction.atomic():
            found = picked(work.by, step, [(ref, seen)])
            unseen = NotSeen()
            outcome = (
                take(work.by, step, found[0], said) if found else Outcome(f"第{number + 1}件", message=unseen.message)
            )
            work.report([] if outcome.done else [(number + 1, outcome.reason)])
            work.step(number + 1, total=len(rows), taken=int(outcome.done), refused=int(not outcome.done))


def papers_of(actor: Actor, job: Job) -> list[Paper]:
    """Return what the work has issued so far, in the order of its rows, as far as the actor sees the matters.

    The record says it: each step's own event names its papers, so that nothing is kept of it beside.
    """
    step, refs = lifecycle.STEPS[job.settings["step"]], [ref for ref, _ in job.settings["rows"]]
    mine = access.visible_to(actor).filter(ref__in=refs)
    events = Event.objects.filter(petition__in=mine, step=step.code, post=job.post_id, recorded_at__gte=job.made_at)
    numbers = [number for data in events.values_list("data", flat=True) for number in _numbers(data)]
    found = Paper.objects.filter(number__in=numbers).select_related("petition", "department")
    place = {ref: nth for nth, ref in enumerate(refs)}
    return sorted(found, key=lambda paper: (place[paper.petition.ref], paper.pk))


def _numbers(data: Mapping[str, Any]) -> list[str]:
    return [number for number in (data.get("paper"), *data.get("also", ())) if number]


def _told(job: Job) -> tuple[Step, dict[str, str]]:
    step = lifecycle.STEPS[job.settings["step"]]
    said: dict[str, str] = json.loads(unseal(base64.b64decode(job.settings["said"]), _aad(step)))
    return step, said
