"""What do our papers say besides what the law wants said?  Each kind of paper, its own page, and how it would look."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.dates import today
from accounts.errors import BadInput
from petitions import lifecycle, wording
from petitions.forms.manage.wordings import PaperWordingForm
from petitions.lifecycle import PaperKind
from petitions.models import PaperWording
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit


@require_safe
@kit.room("templates")
def templates(request: HttpRequest) -> HttpResponse:
    """Every kind of paper, and which have words of the office's own."""
    own = set(PaperWording.objects.values_list("kind", flat=True))
    lines = [
        {"kind": kind, "own": code in own, "url": link("manage_template", code)}
        for code, kind in lifecycle.PAPERS.items()
    ]
    return render(request, "manage/templates.html", {**kit.frame("templates"), "lines": lines})


@require_http_methods(["GET", "POST"])
@kit.room("templates")
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind of paper: the words round its own."""
    paper = _kind(kind)
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
    context = {
        "paper": paper, "form": form, "look": link("manage_template_look", kind),
        "history": kit.history(f"template:{kind}"),
    }  # fmt: skip
    frame = kit.frame("templates", (paper.title, ""))
    return render(request, "manage/template.html", {**frame, **context}, status=422 if form.is_bound else 200)


def _kind(kind: str) -> PaperKind:
    found = lifecycle.PAPERS.get(kind)
    if found is None:
        raise Http404
    return found


@require_POST
@kit.room("templates")
def look(request: HttpRequest, kind: str) -> HttpResponse:
    """How the paper would look with the words typed and a made-up matter; nothing is kept."""
    paper = _kind(kind)
    form = PaperWordingForm(request.POST)
    if not form.is_valid():
        raise BadInput({"text": "文字太长。"})
    text = form.cleaned_data["text"].strip()
    if text and (why := wording.fault(text)):
        raise BadInput({"text": why})
    sample = "sample_notice" if paper.to_petitioner else "sample_sheet"
    context = {
        "kind": paper, "number": wording.FIELDS["【文号】"], "addressee": "（收文者）", "day": today(),
        "body": {"name": wording.FIELDS["【机关】"], "phone": wording.FIELDS["【电话】"]},
        "around": wording.around(text, wording.FIELDS),
    }  # fmt: skip
    html = render_to_string(f"papers/body/{sample}.html", context)
    shown = {"paper": {"number": f"{paper.title}（样张）"}, "html": html, "back_url": link("manage_template", kind)}
    return render(request, "papers/page.html", shown)
