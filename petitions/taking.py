"""What is the one way from a filled form to the door?  A page, a program and a step on many matters all take it.

What differs among them is where the form's words come from, and how the answer is shown; nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from accounts.access_log import log
from accounts.models import AccessKind
from petitions import lifecycle, querycode
from petitions.access import Row
from petitions.actions import advance
from petitions.actions.door import check
from petitions.actions.once import answered, once
from petitions.dossier import row_of
from petitions.errors import BadInput, NotSeen
from petitions.forms.base import StepForm, faults
from petitions.forms.steps import STEP_FORMS
from petitions.forms.triage import RetractForm
from petitions.lifecycle import Step
from petitions.models import Event, Petition

SHOWN_FOR = 15 * 60  # seconds that a fresh query code may be shown, printed and told by whoever made it


class Unfit(BadInput):
    """The form cannot be taken as it was filled in (422); its errors stand beside its fields, ``fields`` names them all."""


def law_of(code: str) -> Step:
    """Return the row of the table.

    Raises:
        NotSeen: there is no such step, or none that a person takes by a form.
    """
    law = lifecycle.STEPS.get(code)
    if law is None or code not in STEP_FORMS:
        raise NotSeen
    return law


def row_for(petition: Petition, law: Step, ref: str) -> Row:
    """Return the matter's own row that ``law`` is taken on.

    Raises:
        NotSeen: it has none of that ref.
    """
    row = row_of(petition, law.on, ref)
    if row is None:
        raise NotSeen
    return row


def attempt(
    form: StepForm,
    *,
    key: str,
    body: Mapping[str, object] | bytes,
    wrong: Mapping[str, str] | None = None,
    also: Callable[[], dict[str, str]] = dict,
) -> dict[str, str]:
    """Take the step of a filled form, once for each key, and return its answer (:func:`take`).

    Args:
        key: of the sending; pressed or sent twice, the first answer comes again. Empty: each sending is one of its own.
        body: what was sent, without key and token.
        wrong: what the form cannot know to be wrong about what was sent.
        also: what the answer says besides, asked in the step's own transaction.

    Raises:
        NotSeen, Stale, WrongMoment, WrongPerson, BadInput, KeyReused: nothing has been changed.
        Unfit: likewise; asked only of who may take the step at this moment.
    """
    if form.is_valid() and not wrong:
        if not key:
            return take(form) | also()
        return once(form.actor, key, body, lambda: take(form) | also())[0]
    # Sent twice: what was chosen is no longer offered because it has been done.
    before = answered(form.actor, key, body)
    if before is not None:
        return before
    check(form.step, form.row, form.petition, form.actor)
    raise Unfit(faults(form) | dict(wrong or {}))


def take(form: StepForm) -> dict[str, str]:
    """Take the step of a valid form through the one door.

    Returns:
        ``paper``: the number of the paper it issued, if any; where the step made a query code, ``code`` and ``until``
        (Unix time) it may be shown.
    """
    if isinstance(form, RetractForm) and form.is_report():  # its words would be lost: the page moves them first
        raise BadInput({"why": "转专门受理请在页面上办理，由本人填写。"}, rule="第三十条")
    made = _new_code(form) if form.step.code == "reissue_code" else {}
    more: dict[str, Any] = {"code": made["code"]} if made else {}
    event: Event = advance(form.step.code, on=form.row, by=form.actor, **more, **form.common(), **form.changes())
    if made:
        log(form.actor, AccessKind.REPRINT_CODE, f"filing:{form.row.ref}")
    return {"paper": str(event.data.get("paper", "")), **made}


def _new_code(form: StepForm) -> dict[str, str]:
    return {"filing": form.row.ref, "code": querycode.new_code(), "until": str(time.time() + SHOWN_FOR)}


__all__ = ["SHOWN_FOR", "Unfit", "attempt", "law_of", "row_for", "take"]
