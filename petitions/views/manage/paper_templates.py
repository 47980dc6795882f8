"""How is a whole template replaced?  Downloaded, edited in Word, uploaded, looked at, and used from a day on; or put back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.dates import today
from accounts.errors import BadInput
from petitions import docx, layout, paper_templates, wordfile
from petitions.forms.manage.wordings import TemplateFileForm, TemplateUseForm
from petitions.layout import Layout
from petitions.models import PaperTemplate, PaperTemplateUse
from petitions.paper_templates import SHIPPED_SERIAL as SHIPPED
from petitions.paper_templates import Kind
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit


def kind_of(code: str) -> Kind:
    """Return a kind of paper, or nothing at all."""
    found = paper_templates.KINDS.get(code)
    if found is None:
        raise Http404
    return found


def panel(code: str, form: TemplateFileForm) -> dict[str, Any]:
    """Return what the page of a kind shows of its whole templates."""
    uses = list(PaperTemplateUse.objects.filter(kind=code).select_related("template").order_by("valid_from", "pk"))
    begun = [use for use in uses if use.valid_from <= today()]
    now = begun[-1].template if begun else None
    rows = PaperTemplate.objects.filter(kind=code).select_related("uploaded_by").order_by("-serial")
    return {
        "file_form": form, "upload": link("manage_template_upload", code), "now": now, "now_use": begun[-1] if begun else None,
        "links": links(code, now.serial if now else SHIPPED), "back_to_shipped": link("manage_template_version", code, "0") if now else "",
        "coming": [{"use": use, "call_off": link("manage_template_call_off", code, str(use.pk))} for use in uses if use.valid_from > today()],
        "versions": [{"row": row, "url": link("manage_template_version", code, str(row.serial)), "now": row == now} for row in rows],
        "places": _places(code), "faults": paper_templates.faults_in_use(code),
    }  # fmt: skip


def links(code: str, serial: int) -> dict[str, str]:
    """Where a version is looked at and taken from."""
    names = ("sample", "word", "file")
    return {name: link(f"manage_template_{name}", code, str(serial)) for name in names}


def _places(code: str) -> list[dict[str, Any]]:
    """Every place a template of the kind may name."""
    own = paper_templates.places(code).parts.values()
    more = [name.strip("【】") for name in paper_templates.fields(code)]
    known = [{"name": part.name, "must": part.must, "whole": part.whole} for part in own]
    return known + [{"name": name} for name in more if name not in {part.name for part in own}]


@require_POST
@kit.room("templates")
def upload(request: HttpRequest, kind: str) -> HttpResponse:
    """Take a template in; whatever is wrong with it is said at once, and nothing is kept."""
    found = kind_of(kind)
    form = TemplateFileForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = paper_templates.upload(kind, file.read(wordfile.LARGEST + 1), file.name, by=actor_of(request))
        except BadInput as refused:
            form.add_error("file", refused.fields["file"].split("\n"))
        else:
            messages.success(request, "已上传，还没有启用：请先看样张。")
            return HttpResponseRedirect(link("manage_template_version", kind, str(row.serial)))
    context = {"paper": found, "refused": True, **panel(kind, form)}
    return render(request, "manage/template.html", {**kit.frame("templates", (found.title, "")), **context}, status=422)


@require_http_methods(["GET", "POST"])
@kit.room("templates")
def version(request: HttpRequest, kind: str, serial: int) -> HttpResponse:
    """One version: what it looks like, and from which day it is used."""
    found, row = kind_of(kind), _version(kind, serial)
    form = TemplateUseForm(request.POST if request.method == "POST" else None, initial={"valid_from": today()})
    if form.is_valid():
        try:
            made = paper_templates.use(kind, row, by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, f"{made.valid_from:%Y年%-m月%-d日}起启用；以前出具的文书不变。")
            return HttpResponseRedirect(link("manage_template", kind))
    name = f"第{serial}版" if row else "系统原样"
    context = {
        "paper": found, "row": row, "name": name, "form": form, "links": links(kind, serial), "back": link("manage_template", kind),
        "used": _uses_alone(kind, row),
    }  # fmt: skip
    frame = kit.frame("templates", (found.title, link("manage_template", kind)), (name, ""))
    return render(request, "manage/template_version.html", {**frame, **context}, status=422 if form.is_bound else 200)


def _uses_alone(kind: str, row: PaperTemplate | None) -> bool:
    """Whether this version is used now and nothing else is to come: there is nothing to decide."""
    last = PaperTemplateUse.objects.filter(kind=kind).order_by("valid_from", "pk").last()
    used, kept = (last.template_id if last else None), (row.pk if row else None)
    return used == kept and (last is None or last.valid_from <= today())


def _version(kind: str, serial: int) -> PaperTemplate | None:
    """A version's row; ``None`` for the shipped one."""
    return get_object_or_404(PaperTemplate, kind=kind, serial=serial) if serial != SHIPPED else None


def _layout(kind: str, serial: int) -> Layout | None:
    row = _version(kind_of(kind).code, serial)
    return layout.from_json(row.layout) if row else None


@require_POST
@kit.room("templates")
def call_off(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Take back a decision whose day has not come."""
    row = get_object_or_404(PaperTemplateUse, kind=kind_of(kind).code, pk=pk)
    paper_templates.call_off(kind, row, by=actor_of(request))
    messages.success(request, "已取消，仍用现在的模板。")
    return HttpResponseRedirect(link("manage_template", kind))


@require_safe
@kit.room("templates")
def sample(request: HttpRequest, kind: str, serial: int) -> HttpResponse:
    """A paper on a made-up matter, as it goes to the printer."""
    found = kind_of(kind)
    html = paper_templates.sample(kind, _layout(kind, serial))
    context = {
        "paper": {"number": f"{found.title}（样张）"}, "html": html, "back_url": link("manage_template_version", kind, str(serial)),
        "docx_url": link("manage_template_word", kind, str(serial)),
    }  # fmt: skip
    return render(request, "papers/page.html", context)


@require_safe
@kit.room("templates")
def word(request: HttpRequest, kind: str, serial: int) -> HttpResponse:
    """The same made-up paper as a Word file."""
    html = paper_templates.sample(kind, _layout(kind, serial))
    title = f"{kind_of(kind).title}（样张）"
    return _file(docx.of(html, title=title, issued_on=today()), f"{title}.docx")


@require_safe
@kit.room("templates")
def file(request: HttpRequest, kind: str, serial: int) -> HttpResponse:
    """The template itself, to edit and to upload again."""
    content = paper_templates.word_file(kind, _layout(kind, serial))
    return _file(content, f"{kind_of(kind).title}-{f'第{serial}版' if serial else '系统原样'}-模板.docx")


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=docx.MEDIA_TYPE)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer
