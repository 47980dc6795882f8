"""What do our papers say, and in which template?  Each kind of paper, its own page, and how it would look."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.dates import today
from accounts.errors import BadInput
from petitions import paper_templates, wording
from petitions.forms.manage.wordings import PaperWordingForm, TemplateFileForm
from petitions.models import PaperWording
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit
from petitions.views.manage.paper_templates import kind_of, panel


@require_safe
@kit.room("templates")
def templates(request: HttpRequest) -> HttpResponse:
    """Every kind of paper, and which have a template or words of the office's own."""
    worded = set(PaperWording.objects.values_list("kind", flat=True))
    lines = [
        {
            "kind": kind, "worded": code in worded, "whole": paper_templates.in_use(code, today()) is not None,
            "faults": paper_templates.faults_in_use(code), "url": link("manage_template", code),
        }
        for code, kind in paper_templates.KINDS.items()
    ]  # fmt: skip
    return render(request, "manage/templates.html", {**kit.frame("templates"), "lines": lines})


@require_http_methods(["GET", "POST"])
@kit.room("templates")
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind of paper: its whole template, and the words round the shipped one."""
    paper = kind_of(kind)
    if paper.sealed:
        return _page(request, kind, {})
    kept = PaperWording.objects.filter(kind=kind).values_list("text", flat=True).first()
    form = PaperWordingForm(
        request.POST if request.method == "POST" else None, initial={"text": kept or wording.STANDARD}
    )
    if form.is_valid():
        try:
            wording.set_paper(kind, by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, f"“{paper.title}”已保存；以前出具的不变。")
            return HttpResponseRedirect(link("manage_template", kind))
    return _page(request, kind, {"form": form, "look": link("manage_template_look", kind)}, refused=form.is_bound)


def _page(request: HttpRequest, kind: str, context: dict[str, Any], *, refused: bool = False) -> HttpResponse:
    paper = kind_of(kind)
    known = {"paper": paper, "history": kit.history(f"template:{kind}"), **panel(kind, TemplateFileForm())}
    frame = kit.frame("templates", (paper.title, ""))
    return render(request, "manage/template.html", {**frame, **known, **context}, status=422 if refused else 200)


@require_POST
@kit.room("templates")
def look(request: HttpRequest, kind: str) -> HttpResponse:
    """How the paper would look with the words typed and a made-up matter; nothing is kept."""
    paper = kind_of(kind)
    form = PaperWordingForm(request.POST)
    if not form.is_valid():
        raise BadInput({"text": "文字太长。"})
    text = form.cleaned_data["text"].strip()
    if text and (why := wording.fault(text)):
        raise BadInput({"text": why})
    html = paper_templates.sample(kind, None, text=text)
    shown = {"paper": {"number": f"{paper.title}（样张）"}, "html": html, "back_url": link("manage_template", kind)}
    return render(request, "papers/page.html", shown)
