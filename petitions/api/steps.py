"""Which steps may this person take, with which fields, and how is one taken?  The forms and the one door of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access_log import log
from accounts.actor import Actor
from accounts.api import actor_of
from accounts.models import AccessKind
from petitions import access, lifecycle
from petitions.access import ON, Row
from petitions.api import shapes
from petitions.api.bodies import only
from petitions.api.document import KEY, READ, WRITE, operation
from petitions.api.errors import RULE
from petitions.api.fields import Options, described, posted
from petitions.api.sending import REPEATED, Sending, fresh
from petitions.dossier import dossier_of
from petitions.errors import BadInput, WrongMoment
from petitions.forms.base import StepForm
from petitions.forms.steps import STEP_FORMS, form_for
from petitions.lifecycle import Step
from petitions.models import Petition
from petitions.taking import Unfit, attempt, law_of, row_for
from petitions.views.answers import field_for, petition_for
from petitions.views.case_parts import row_name

_BODY = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "row": {"type": "string", "description": "The ref of the row; may be left out where only one fits."},
        "seen": {"type": "integer", "minimum": 0, "nullable": True,
                 "description": "What `seen` was when the matter was read; with it, what changed since is refused (409)."},
        "fields": {
            "type": "object",
            "description": "Values by the names that GET …/steps/ gives; dates as 2026-11-26, options by their value.",
            "additionalProperties": {
                "nullable": True, "anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}],
            },
        },
    },
}  # fmt: skip


@operation("list_steps", status=200, shape=shapes.Steps, refuses=READ, summary="现在可以办的步骤，和每一步要填的内容")
@api_view(["GET"])
def steps(request: Request, ref: str) -> Response:
    """The steps that this person may take now, each with its row and the fields of its form."""
    actor = actor_of(request)
    only(request.query_params)
    petition = petition_for(actor, ref)
    log(actor, AccessKind.READ, f"petition:{ref}", data={"page": "steps"})
    found, options = dossier_of(petition), Options()
    pairs = access.steps_for(actor, petition, found.rows)
    said = [_step(form_for(law, petition, row, actor), options) for law, row in pairs if law.code in STEP_FORMS]
    return Response(shapes.Steps({"ref": ref, "seen": petition.events_count, "steps": said}).data)


def _step(form: StepForm, options: Options) -> dict[str, Any]:
    law = form.step
    return {
        "step": law.code, "label": law.label, "article": f"《{lifecycle.TEXT}》{law.article}", "hint": law.hint,
        "danger": law.danger, "on": law.on, "row": form.row.ref, "row_name": row_name(form.row),
        "fields": described(form, options),
    }  # fmt: skip


@operation("take_step", status=200, shape=shapes.Taken, refuses=WRITE, request={"application/json": _BODY},
           parameters=[KEY], summary="办一步")  # fmt: skip
@api_view(["POST"])
def step(request: Request, ref: str, step: str) -> Response:
    """Take one step on one row of the matter, once for each Idempotency-Key."""
    only(request.query_params)
    sending = Sending(request)
    if (before := sending.before()) is not None:
        return _taken(before, {REPEATED: "true"})
    petition = petition_for(sending.by, ref)
    row, seen, fields = _said(sending.said)
    law = law_of(step)
    on = _row(sending.by, petition, law, row)
    form, wrong = _filled(form_for(law, petition, on, sending.by), fields, seen)
    return _taken(_attempted(form, wrong, sending))


def _said(said: Mapping[str, Any]) -> tuple[str, int | None, Mapping[str, Any]]:
    """The three parts of a body."""
    only(said, "row", "seen", "fields")
    row, seen, fields = said.get("row", ""), said.get("seen"), said.get("fields", {})
    wrong = {}
    if not isinstance(row, str):
        wrong["row"] = "这里要填行的 ref。"
    if seen is not None and (not isinstance(seen, int) or isinstance(seen, bool) or not 0 <= seen < 2**31):
        wrong["seen"] = "这里要填读取时的 seen。"
    if not isinstance(fields, Mapping):
        wrong["fields"] = "这里要是一个对象。"
    if wrong:
        raise BadInput(wrong, rule=RULE)
    return row, seen, fields


def _row(actor: Actor, petition: Petition, law: Step, ref: str) -> Row:
    """The row that is meant: by its ref, or the only one on which the step may be taken.

    Raises:
        NotSeen, WrongMoment: there is none; BadInput: there are several.
    """
    if ref:
        return row_for(petition, law, ref)
    rows = [row for row in dossier_of(petition).rows if ON[type(row)] == law.on]
    fitting = [row for one, row in access.steps_for(actor, petition, rows) if one.code == law.code]
    if len(fitting) > 1:
        names = "；".join(f"{row.ref} {row_name(row)}" for row in fitting)
        raise BadInput({"row": f"有几行可以办这一步，请写明是哪一行：{names}。"}, rule=RULE)
    if not rows:
        raise WrongMoment(f"现在不能“{law.label}”。", rule=f"《{lifecycle.TEXT}》{law.article}")
    return (fitting or rows[-1:])[0]


def _filled(form: StepForm, said: Mapping[str, Any], seen: int | None) -> tuple[StepForm, dict[str, str]]:
    """The same form filled in, and what is wrong with what was said that the form cannot know."""
    data, wrong = posted(form, said)
    if seen is not None:
        data["seen"] = str(seen)
    return form_for(form.step, form.petition, form.row, form.actor, data), wrong


def _attempted(form: StepForm, wrong: Mapping[str, str], sending: Sending) -> dict[str, str]:
    """Take the step as the page would; a verb's refusal names fields as the form does."""
    try:
        return attempt(form, key=sending.key, body=sending.body, wrong=wrong, also=lambda: _now(form))
    except Unfit:
        raise
    except BadInput as refused:
        told = {field_for(form, name) or name: sentence for name, sentence in refused.fields.items()}
        raise BadInput(told, rule=refused.rule) from None


def _now(form: StepForm) -> dict[str, str]:
    """Where the matter stands after the step."""
    now = Petition.objects.only("ref", "number", "stage", "events_count").get(pk=form.petition.pk)
    return {
        "ref": now.ref, "number": now.number, "stage": now.stage, "seen": str(now.events_count), "step": form.step.code,
    }  # fmt: skip


def _taken(answer: Mapping[str, str], headers: dict[str, str] | None = None) -> Response:
    said = {**answer, "seen": int(answer["seen"]), "code": fresh(answer)}
    return Response(shapes.Taken(said).data, headers=headers)
