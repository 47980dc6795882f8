"""What is to be archived, what is kept, whose period is over?  And the papers of a file: contents, closing note, register."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access_log
from accounts.actor import Actor
from accounts.dates import today
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import access, destruction, filelist
from petitions.errors import BadInput
from petitions.forms.archive import DecideForm, ProposeForm
from petitions.keyset import Mark, Page, Turn, cut, pack, unpack
from petitions.law.archive import GROUNDS, label_of
from petitions.models import ArchiveFile, Clock, Destruction, Filing, Petition
from petitions.views.answers import actor_of, petition_for, refusals
from petitions.views.links import case_link, link
from petitions.views.receipts import filing_for

SIZE = 25
TABS = {"todo": "待归档", "kept": "已归档", "ending": "期满待鉴定", "registers": "销毁清册"}


def may_keep(actor: Actor) -> bool:
    """Whether the post keeps the archive of a petition office."""
    return actor.role in destruction.KEEPS and actor.department.is_petition_office


@require_safe
@signed_in
@refusals
def archive(request: HttpRequest) -> HttpResponse:
    """The archive of the office: one question after the other, each a page of its own."""
    actor = actor_of(request)
    files = destruction.files_of(actor)
    tab = request.GET.get("tab", "todo")
    tab = tab if tab in TABS else "todo"
    tabs = [
        {"label": words, "url": f"{link('archive')}?tab={code}", "active": code == tab} for code, words in TABS.items()
    ]
    show = {"todo": _todo, "kept": _kept, "ending": _ending, "registers": _registers}[tab]
    return render(request, "petitions/archive.html", {"tab": tab, "tabs": tabs, **show(request, actor, files)})


def to_archive(actor: Actor) -> QuerySet[Petition]:
    """Return the matters of the actor's office that are done with, have no clock running, and lie in no archive yet."""
    running = Clock.objects.filter(petition=OuterRef("pk"), ended="")
    rows = access.visible_to(actor).filter(
        stage__in=["confirmed", "ended"], archived_on=None, closed_on__isnull=False, key_destroyed_at=None
    )
    return rows.filter(~Exists(running), office=access.unit_of(actor)).order_by("closed_on", "pk")


def _todo(request: HttpRequest, actor: Actor, files: QuerySet[ArchiveFile]) -> dict[str, Any]:
    after = unpack(request.GET.get("after", ""), "to_archive")
    rows = to_archive(actor).select_related("category")
    if after is not None:
        rows = rows.filter(Q(closed_on__gt=after.day) | Q(closed_on=after.day, pk__gt=after.pk))
    found = list(rows[: SIZE + 1])
    page, _, more = cut(found, Turn(after=after, size=SIZE))
    last = page[-1] if more else None
    mark = pack(Mark(last.closed_on, last.pk), "to_archive") if last and last.closed_on else ""
    names = access.names_of(actor)
    lines = [
        {"row": row, "href": case_link(row), "name": row.lead_name if names.may_know(row) else "（未告知）"}
        for row in page
    ]
    return {
        "lines": lines, "page": Page(page, after=mark, sizes=()), "bulk_steps": [{"label": "批量归档", "url": link("bulk_step", "archive")}],
    }  # fmt: skip


def _kept(request: HttpRequest, actor: Actor, files: QuerySet[ArchiveFile]) -> dict[str, Any]:
    after, sought = unpack(request.GET.get("after", ""), "archive"), request.GET.get("q", "").strip()[:60]
    rows = files.order_by("-archived_on", "-pk")
    if sought:
        rows = rows.filter(Q(number=sought) | Q(petition__number=sought))
    if after is not None:
        rows = rows.filter(Q(archived_on__lt=after.day) | Q(archived_on=after.day, pk__lt=after.pk))
    page, _, more = cut(list(rows[: SIZE + 1]), Turn(after=after, size=SIZE))
    mark = pack(Mark(page[-1].archived_on, page[-1].pk), "archive") if more else ""
    return {"lines": [_line(file) for file in page], "page": Page(page, after=mark, sizes=()), "sought": sought}


def _ending(request: HttpRequest, actor: Actor, files: QuerySet[ArchiveFile]) -> dict[str, Any]:
    found = list(destruction.ending(actor, today())[:100])
    return {"lines": [_line(file) for file in found], "form": ProposeForm()}


def _registers(request: HttpRequest, actor: Actor, files: QuerySet[ArchiveFile]) -> dict[str, Any]:
    rows = Destruction.objects.filter(department=access.unit_of(actor)).select_related("proposed_by__user")
    return {"registers": [{"row": row, "href": link("destruction", row.ref)} for row in rows.order_by("-pk")[:100]]}


def _line(file: ArchiveFile) -> dict[str, Any]:
    return {
        "file": file, "period": label_of(file.years), "href": case_link(file.petition),
        "contents": link("file_list", file.petition.ref),
    }  # fmt: skip


@require_POST
@signed_in
@refusals
def propose(request: HttpRequest) -> HttpResponse:
    """Draw up a register of what was picked."""
    actor = actor_of(request)
    destruction.files_of(actor)
    form = ProposeForm(request.POST)
    if not form.is_valid():
        raise BadInput({"reason": "请写明鉴定意见。"}, rule=destruction.RULE)
    register = destruction.propose(request.POST.getlist("pick"), form.cleaned_data["reason"], by=actor)
    messages.success(request, f"已列入{register.number}，请另一位负责人审批。")
    return HttpResponseRedirect(link("destruction", register.ref))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@refusals
def register(request: HttpRequest, ref: str) -> HttpResponse:
    """One register: what stands on it, printable, and the decision of another person."""
    actor = actor_of(request)
    found = destruction.register_of(actor, ref)
    form = DecideForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _decide(request, actor, found, form)
        return HttpResponseRedirect(link("destruction", ref))
    lines = [_line(file) for file in found.files.select_related("petition").order_by("pk")]
    may = found.state == "proposed" and actor.role in destruction.DECIDES and found.proposed_by.user_id != actor.user.pk
    context = {
        "register": found, "lines": lines, "form": form if may else None, "back_url": f"{link('archive')}?tab=registers",
        "print": "print" in request.GET, "grounds": {code: ground.label for code, ground in GROUNDS.items()},
    }  # fmt: skip
    template = "papers/register.html" if context["print"] else "petitions/destruction.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


def _decide(request: HttpRequest, actor: Actor, found: Destruction, form: DecideForm) -> None:
    said = form.cleaned_data
    if said["verdict"] == "refuse":
        destruction.refuse(found, said["decision"], by=actor)
        messages.success(request, "不予销毁，案卷继续保管。")
        return
    done = destruction.approve(found, said["decision"], by=actor)
    messages.success(request, f"已销毁{len(done.destroyed)}件，不能恢复。")
    for number, why in done.kept:
        messages.warning(request, f"{number}没有销毁：{why}。")


@never_cache
@require_safe
@signed_in
@refusals
def contents(request: HttpRequest, ref: str) -> HttpResponse:
    """The list of contents and the closing note of a matter's file, for the printer."""
    actor = actor_of(request)
    petition = petition_for(actor, ref, "office")
    access_log.log(actor, AccessKind.PRINT, f"petition:{petition.ref}", data={"contents": True})
    found = filelist.of(petition)
    context = {
        "petition": petition, "found": found, "parts": filelist.PARTS, "back_url": case_link(petition),
        "period": label_of(found.file.years) if found.file else "", "day": today(),
    }  # fmt: skip
    return render(request, "papers/file_list.html", context)


@never_cache
@require_safe
@signed_in
@refusals
def sheet(request: HttpRequest, ref: str) -> HttpResponse:
    """The registration sheet (信访登记单) of one filing, for the file."""
    actor = actor_of(request)
    filing: Filing = filing_for(actor, ref)
    petition = filing.petition
    access_log.log(actor, AccessKind.PRINT, f"petition:{petition.ref}", data={"sheet": filing.number})
    parties = filing.parties.select_related("petitioner").order_by("pk") if access.sees_name(actor, petition) else []
    context = {
        "petition": petition, "filing": filing, "parties": parties, "claims": petition.claims.all(),
        "hidden": not access.sees_name(actor, petition), "back_url": case_link(petition),
    }  # fmt: skip
    return render(request, "papers/filing_sheet.html", context)
