"""How does another system register a filing?  The registration page's own forms and verb, as one JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import QueryDict
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access_log import log
from accounts.actor import Actor
from accounts.api import actor_of
from accounts.models import AccessKind
from petitions import lifecycle
from petitions.actions import drafts, moment
from petitions.actions.entered import CLAIM_LIMIT, MOST_CLAIMS, MOST_REFERENCES
from petitions.actions.register import Entry, may_register, register
from petitions.api import shapes
from petitions.api.bodies import only
from petitions.api.document import KEY, READ, WRITE, operation
from petitions.api.errors import RULE
from petitions.api.fields import Options, faults, of_field, schema_of, values
from petitions.api.sending import REPEATED, Sending, fresh
from petitions.errors import BadInput, NotSeen, WrongPerson
from petitions.forms import registration as forms
from petitions.forms.registration import MOST_PEOPLE, PAGE_FIELDS, PEOPLE, EntryForm, PersonForm
from petitions.models import Draft, Petition
from petitions.taking import SHOWN_FOR
from petitions.views import beside
from petitions.views.answers import petition_for

_LISTS = ("people", "claims", "references")
_ENTRY = [name for name in EntryForm.base_fields if name not in (*PAGE_FIELDS, "claims")]
_PERSON = list(PersonForm.base_fields)
_OF_THE_PLACE = ("category", "region", "handed_by")


def _schema() -> dict[str, Any]:
    entry = {name: schema_of(name, EntryForm.base_fields[name], options=name not in _OF_THE_PLACE) for name in _ENTRY}
    person = {name: schema_of(name, PersonForm.base_fields[name]) for name in _PERSON}
    words = {"type": "string", "maxLength": 80}
    reference = {"type": "object", "additionalProperties": False, "required": ["system", "number"],
                 "properties": {"system": {"type": "string", "maxLength": 40}, "number": words}}  # fmt: skip
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["channel", "content", "kind", "purpose", "people"],
        "properties": entry | {
            "under": {"type": "string", "maxLength": 16,
                      "description": "The ref of the open matter that this repeats; `new`: looked at, it is another matter."},
            "draft": {"type": "string", "pattern": "^[0-9A-Za-z]{16}$", "nullable": True,
                      "description": "The draft that files were uploaded to; they become the filing's."},
            "people": {"type": "array", "minItems": 1, "maxItems": MOST_PEOPLE,
                       "description": "Everybody named; the first leads unless one says so.",
                       "items": {"type": "object", "additionalProperties": False, "required": ["name"], "properties": person}},
            "claims": {"type": "array", "maxItems": MOST_CLAIMS, "items": {"type": "string", "maxLength": CLAIM_LIMIT},
                       "description": "The requests, one by one; without any the title stands for the one request."},
            "references": {"type": "array", "maxItems": MOST_REFERENCES, "items": reference,
                           "description": "Other systems' numbers of this filing; each is registered once."},
        },
    }  # fmt: skip


@operation("filing_fields", status=200, shape=shapes.Wanted, refuses=(*READ, 403), methods=["GET"],
           summary="登记要填的内容和选项")  # fmt: skip
@operation("register_filing", status=201, shape=shapes.Registered, refuses=WRITE, methods=["POST"],
           request={"application/json": _schema()}, parameters=[KEY], summary="登记来件、重复件")  # fmt: skip
@api_view(["GET", "POST"])
def filings(request: Request) -> Response:
    """What registering wants (GET); register a filing, once for each Idempotency-Key (POST)."""
    only(request.query_params)
    if not may_register(actor_of(request)):
        raise WrongPerson("登记来件不是您这个岗位的职责。", rule=f"《{lifecycle.TEXT}》第二十一条")
    return _register(Sending(request)) if request.method == "POST" else _wanted()


def _wanted() -> Response:
    options, entry, person = Options(), EntryForm(), PersonForm()
    said = {
        "fields": [of_field(entry, name, options) for name in _ENTRY],
        "person": [of_field(person, name, options) for name in _PERSON],
    }
    return Response(shapes.Wanted(said).data)


def _register(sending: Sending) -> Response:
    if (before := sending.before()) is not None:
        return _registered(before, {REPEATED: "true"})
    entry, under = _entry(sending.said, sending.by)
    draft = _draft(sending.said, sending.by)
    return _registered(sending.run(lambda: _write(entry, under, draft, sending.by)))


def _entry(said: Mapping[str, Any], actor: Actor) -> tuple[Entry, Petition | None]:
    """The entry of a body, and the matter it repeats.

    Raises:
        BadInput: a field cannot be taken, or the same person has an open matter and it is not said which it is.
        NotSeen: the matter named by ``under`` is out of scope.
    """
    only(said, *_ENTRY, "under", "draft", *_LISTS)
    plain = {name: value for name, value in said.items() if name not in (*_LISTS, "draft")}
    data, wrong = values(EntryForm.base_fields, plain, [*_ENTRY, "under"])
    wrong |= _people(said.get("people", []), data)
    claims, references = _strings(said.get("claims"), wrong), _references(said.get("references"), wrong)
    form, people = EntryForm(data), forms.people_set(data)
    if not form.is_valid():
        wrong = faults(form) | wrong
    if not people.is_valid() and not any(name.startswith("people") for name in wrong):
        wrong |= _of_people(people)
    if wrong:
        raise BadInput(wrong, rule=f"《{lifecycle.TEXT}》第十九条、第二十一条")
    under = form.cleaned_data["under"]
    if not under:
        _check_repeats(actor, data)
    matter = petition_for(actor, under) if under and under != "new" else None
    return replace(forms.entry_of(form, people.people()), claims=claims, references=references), matter


def _draft(said: Mapping[str, Any], actor: Actor) -> Draft | None:
    """The draft whose files the filing takes over (`petitions.api.files`).

    Raises:
        BadInput: the post has none of that name; WrongMoment: it has been registered.
    """
    ref = said.get("draft")
    if ref is None:
        return None
    try:
        return drafts.open_draft(actor, ref if isinstance(ref, str) else "")
    except NotSeen:
        raise BadInput({"draft": "没有这份草稿：请填上传附件时回答里的 draft。"}, rule=RULE) from None


def _people(rows: Any, data: QueryDict) -> dict[str, str]:
    """Put each person's row into ``data`` as the page posts it, and return what is of the wrong kind."""
    if not isinstance(rows, list) or len(rows) > MOST_PEOPLE or not all(isinstance(row, dict) for row in rows):
        return {"people": f"这里要是1到{MOST_PEOPLE}个对象的列表。"}
    wrong: dict[str, str] = {}
    for number, row in enumerate(rows):
        told, faulty = values(PersonForm.base_fields, row, _PERSON, f"{PEOPLE}-{number}-")
        data.update(told)  # type: ignore[arg-type]
        wrong |= {f"people[{number}].{name}": sentence for name, sentence in faulty.items()}
        if not isinstance(row.get("name"), str) or not row["name"].strip():
            wrong[f"people[{number}].name"] = "请填写姓名；匿名来件请填“匿名”。"
    data[f"{PEOPLE}-TOTAL_FORMS"], data[f"{PEOPLE}-INITIAL_FORMS"] = str(len(rows)), "0"
    return wrong


def _of_people(people: Any) -> dict[str, str]:
    rows = {
        f"people[{number}].{name}": sentence
        for number, row in enumerate(people.forms)
        for name, sentence in faults(row).items()
    }
    whole = "；".join(str(one) for one in people.non_form_errors())
    return rows | ({"people": whole} if whole else {})


def _strings(value: Any, wrong: dict[str, str]) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        wrong["claims"] = "这里要是文字的列表，一项请求一条。"
        return ()
    return tuple(value)


def _references(value: Any, wrong: dict[str, str]) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    rows: list[Any] = value if isinstance(value, list) else [None]
    fit = all(isinstance(row, dict) and set(row) == {"system", "number"} for row in rows)
    if not fit or not all(isinstance(text, str) and text.strip() for row in rows for text in row.values()):
        wrong["references"] = "这里要是列表，每项写明 system 和 number。"
        return ()
    return tuple((row["system"], row["number"]) for row in rows)


def _check_repeats(actor: Actor, data: QueryDict) -> None:
    """The same person has a matter still open: a program must say which it is, as the clerk must on the page."""
    open_ones = [one.petition for one in beside.earlier(actor, data, named=False) if one.open]
    if open_ones:
        log(actor, AccessKind.LOOK_UP, data={"shown": [one.ref for one in open_ones]})
        names = "、".join(f"{one.number}（{one.ref}）" for one in open_ones[:3])
        sentence = f"此人有尚未办结的事项：{names}。并入其中一件的，under 写它的 ref；作为新事项登记的，under 写 new。"
        raise BadInput({"under": sentence}, rule="重复件")


def _write(entry: Entry, under: Petition | None, draft: Draft | None, actor: Actor) -> dict[str, str]:
    done = register(entry, by=actor, under=under, draft=draft)
    return {
        "filing": done.filing.ref, "number": done.filing.number, "petition": done.petition.ref,
        "petition_number": done.petition.number, "repeat": "1" if done.filing.repeat else "", "code": done.code,
        "until": str(int(moment.now().timestamp()) + SHOWN_FOR),
        "due": done.clock.due.isoformat() if done.clock else "",
    }  # fmt: skip


def _registered(answer: Mapping[str, str], headers: dict[str, str] | None = None) -> Response:
    due = date.fromisoformat(answer["due"]) if answer["due"] else None
    said = {**answer, "repeat": bool(answer["repeat"]), "code": fresh(answer), "due": due}
    return Response(shapes.Registered(said).data, status=201, headers=headers)
