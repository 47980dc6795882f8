"""How does a clerk register a filing?  One page that keeps what is typed, shows what is on file, and sends once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access_log import log
from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import attachments, imports, lifecycle, limits
from petitions.actions import drafts, moment
from petitions.actions.once import answered, once
from petitions.actions.register import Registered, may_register, register
from petitions.errors import BadInput, NotSeen, Refused, WrongMoment, WrongPerson
from petitions.forms import registration as forms
from petitions.models import Attachment, Draft
from petitions.querycode import new_ref
from petitions.repeats import Earlier
from petitions.views import beside
from petitions.views.accusations import hand_in
from petitions.views.answers import actor_of, petition_for, put_on, refusals
from petitions.views.links import link
from petitions.views.receipts import hand_over


@dataclass
class Sheet:
    """The page as it stands: what was typed, its two forms, and what is shown beside them."""

    request: HttpRequest
    actor: Actor
    ref: str
    data: QueryDict | None = None
    draft: Draft | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)
    rule: str = ""

    def __post_init__(self) -> None:
        self.form = forms.EntryForm(self.data, initial={"draft": self.ref, "idempotency_key": new_ref()})
        self.people = forms.people_set(self.data)


@never_cache
@signed_in
@refusals
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show an empty registration page, help with one that is being filled, or register it."""
    actor = _clerk(request)
    if request.method != "POST":
        return _show(Sheet(request, actor, new_ref()))
    helper = "add_row" if "add_row" in request.POST else request.POST.get("do", "")
    if helper == "hand_in":
        return _hand_in(request, actor)
    if helper:
        return _help(request, actor, helper)
    try:
        return _register(request, actor)
    except WrongMoment:
        # Pressed twice with files to send: they find the draft registered already, and the first answer is meant.
        before = answered(actor, request.POST.get("idempotency_key", ""), _body(request))
        if before is None:
            raise
        return _registered(request, before)


@never_cache
@signed_in
@refusals
@require_safe
def draft(request: HttpRequest, ref: str) -> HttpResponse:
    """Go on with a draft of one's own."""
    actor = _clerk(request)
    found = drafts.open_draft(actor, ref)
    log(actor, AccessKind.READ, f"draft:{ref}")
    sheet = Sheet(request, actor, ref, drafts.typed_in(found), found)
    _quiet(sheet)
    return _show(sheet)


@signed_in
@refusals
@require_POST
def draft_save(request: HttpRequest) -> HttpResponse:
    """Keep what is typed so far; asked by the page itself after each pause."""
    saved = drafts.save(_clerk(request), request.POST.get("draft", ""), request.POST)
    return JsonResponse({"draft": saved.ref})


@signed_in
@refusals
@require_POST
def throw_away(request: HttpRequest, ref: str) -> HttpResponse:
    """Delete a draft of one's own."""
    drafts.throw_away(_clerk(request), ref)
    return HttpResponseRedirect("/")


@signed_in
@refusals
@require_POST
def look_up(request: HttpRequest) -> HttpResponse:
    """The panel's upper part: this person's earlier matters inside the clerk's scope; logged with the draft."""
    actor = _clerk(request)
    earlier = beside.shown(beside.earlier(actor, request.POST))
    context = {
        "earlier": earlier,
        "asked": bool(forms.people_typed(request.POST)),
        "under": request.POST.get("under", ""),
    }
    return render(request, "petitions/_earlier.html", context)


@signed_in
@refusals
@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """The panel's lower part: category, place and body out of the narrative, and matters that read alike."""
    actor = _clerk(request)
    return render(request, "petitions/_suggested.html", beside.suggested(actor, request.POST))


def _clerk(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not may_register(actor):
        raise WrongPerson("登记来件不是您这个岗位的职责。", rule=f"《{lifecycle.TEXT}》第二十一条")
    return actor


# --- helping -----------------------------------------------------------------------------------------------------


def _help(request: HttpRequest, actor: Actor, helper: str) -> HttpResponse:
    """Do what a button of the page asks, keep everything, and show the page again."""
    draft = drafts.save(actor, request.POST.get("draft", ""), request.POST)
    data, problems = _helped(request, actor, draft, helper)
    sheet = Sheet(request, actor, draft.ref, data, draft, problems)
    _quiet(sheet)
    return _show(sheet, status=422 if problems else 200)


def _hand_in(request: HttpRequest, actor: Actor) -> HttpResponse:
    """It is a report-accusation (Art.30): what is typed goes to the page between, and from there into the sealed room."""
    sheet = Sheet(request, actor, request.POST.get("draft", ""), request.POST)
    sheet.form.is_valid()
    if not hand_in.ready(sheet.form, sheet.people):
        return _again(sheet)
    if request.FILES:
        sheet.draft = drafts.draft_for(actor, sheet.ref)
        sheet.problems = _take_files(request, actor, sheet.draft)
    if sheet.problems:
        return _again(sheet)
    return HttpResponseRedirect(hand_in.typed(actor, sheet.ref, request.POST))


def _helped(request: HttpRequest, actor: Actor, draft: Draft, helper: str) -> tuple[QueryDict, list[dict[str, Any]]]:
    if helper == "add_row":
        return forms.with_row(request.POST), []
    if helper == "read":
        data, wrong = forms.with_reader(request.POST)
        return data, [{"message": sentence, "href": "#id_reader"} for sentence in wrong]
    if helper.startswith("drop:"):
        attachments.remove(_own_file(draft, helper.removeprefix("drop:")), by=actor)
        return request.POST.copy(), []
    if helper.startswith("take:"):
        return _accepted(request.POST, helper.removeprefix("take:")), []
    return request.POST.copy(), _take_files(request, actor, draft)


def _accepted(data: QueryDict, choice: str) -> QueryDict:
    """A suggestion taken without a script: ``category=0101``."""
    more = data.copy()
    name, _, value = choice.partition("=")
    if name in ("category", "region"):
        more[name] = value
    return more


def _own_file(draft: Draft, ref: str) -> Attachment:
    found = draft.attachments.filter(ref=ref).first()
    if found is None:
        raise NotSeen
    return found


def _take_files(request: HttpRequest, actor: Actor, draft: Draft) -> list[dict[str, Any]]:
    """Take each file that can be taken; say which cannot, and why."""
    problems = []
    for upload in request.FILES.getlist("files"):
        assert isinstance(upload, UploadedFile)
        try:
            attachments.take(upload, by=actor, draft=draft)
        except BadInput as refused:
            problems.append({"message": refused.message, "href": "#id_files"})
    return problems


# --- registering -------------------------------------------------------------------------------------------------


def _register(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Register what was typed: once for each key; whatever is refused is shown with everything still in place."""
    ref = request.POST.get("draft", "")
    sheet = Sheet(request, actor, ref, request.POST)
    sheet.draft = drafts.draft_for(actor, ref) if request.FILES else None
    sheet.problems = _take_files(request, actor, sheet.draft) if sheet.draft else []
    right = [sheet.form.is_valid(), sheet.people.is_valid(), not sheet.problems]
    if not all(right) or not _decided(sheet):
        return _again(sheet)
    try:
        answer, _ = once(actor, request.POST.get("idempotency_key") or new_ref(), _body(request), lambda: _write(sheet))
    except Refused as refused:
        return _refused(sheet, refused)
    return _registered(request, answer)


def _registered(request: HttpRequest, answer: dict[str, str]) -> HttpResponse:
    hand_over(request, answer)
    return HttpResponseRedirect(link("registered", answer["filing"]))


def _write(sheet: Sheet) -> dict[str, str]:
    under = sheet.form.cleaned_data["under"]
    petition = petition_for(sheet.actor, under) if under and under != "new" else None
    entry = forms.entry_of(sheet.form, sheet.people.people())
    done: Registered = register(entry, by=sheet.actor, under=petition, draft=_draft_of(sheet))
    return {"filing": done.filing.ref, "code": done.code, "until": str(int(moment.now().timestamp()) + 900)}


def _draft_of(sheet: Sheet) -> Draft | None:
    """The draft that was saved on the way here, if any; one that is registered already is refused."""
    try:
        return drafts.open_draft(sheet.actor, sheet.ref)
    except NotSeen:
        return None


def _decided(sheet: Sheet) -> bool:
    """Whether the clerk has said what this is, where the same person has a matter still open."""
    if sheet.form.cleaned_data["under"]:
        return True
    open_ones = [one for one in _by_document(sheet) if one.open]
    if open_ones:
        names = "、".join(one.petition.number for one in open_ones[:3])
        sheet.problems.append({
            "message": f"此人有尚未办结的事项（{names}）：请选择并入其中一件，或者作为新事项登记。", "href": "#earlier",
        })  # fmt: skip
    return not open_ones


def _by_document(sheet: Sheet) -> list[Earlier]:
    return beside.earlier(sheet.actor, sheet.request.POST, named=False)


def _body(request: HttpRequest) -> dict[str, object]:
    skip = ("csrfmiddlewaretoken", "idempotency_key")
    return {name: values for name, values in request.POST.lists() if name not in skip}


def _refused(sheet: Sheet, refused: Refused) -> HttpResponse:
    if not isinstance(refused, BadInput):
        sheet.problems.append({"message": refused.message})
    else:
        sheet.problems += put_on(sheet.form, refused)
    sheet.rule = refused.rule
    return _again(sheet, status=refused.status)


def _again(sheet: Sheet, *, status: int = 422) -> HttpResponse:
    """The same page with what is wrong; everything typed is kept as the draft too."""
    try:
        sheet.draft = drafts.save(sheet.actor, sheet.ref, sheet.request.POST)
    except Refused:
        sheet.draft = None
    return _show(sheet, status=status)


# --- showing -----------------------------------------------------------------------------------------------------


def _quiet(sheet: Sheet) -> None:
    sheet.form.quiet()
    sheet.people.quiet()


def _show(sheet: Sheet, *, status: int = 200) -> HttpResponse:
    data = sheet.data or QueryDict()
    rules = limits.rules_on(today())
    context = {
        "form": sheet.form,
        "people": sheet.people,
        "checked_forms": [sheet.form, *sheet.people.forms],
        "problems": sheet.problems,
        "rule": sheet.rule,
        "files": list(sheet.draft.attachments.order_by("added_at")) if sheet.draft else [],
        "draft": sheet.draft,
        "under": data.get("under", ""),
        "asked": bool(forms.people_typed(data)),
        "earlier": beside.shown(beside.earlier(sheet.actor, data)) if sheet.data is not None else [],
        "representatives": limits.most_representatives(lifecycle.MANY, rules),
        "representatives_few": limits.most_representatives(lifecycle.FEW, rules),
        "joint_from": lifecycle.JOINT_FROM,
        "systems": imports.systems(),
        **(beside.suggested(sheet.actor, data) if sheet.data is not None else {}),
    }
    return render(sheet.request, "petitions/register.html", context, status=status)


__all__ = ["draft", "draft_save", "look_up", "page", "suggest", "throw_away"]
