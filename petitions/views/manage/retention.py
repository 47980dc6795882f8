"""For how long are files kept here?  The national periods, and what the place has laid down beside them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.dates import today
from accounts.errors import BadInput
from petitions import retention
from petitions.forms.archive import RetentionForm
from petitions.forms.manage.staff import ReasonForm
from petitions.law import archive
from petitions.models import RetentionRule
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit


@require_safe
@kit.room("retention")
def table(request: HttpRequest) -> HttpResponse:
    """Every ground with the national period and the rules of the place."""
    rules = [_line(row) for row in RetentionRule.objects.order_by("ground", "-valid_from")]
    grounds = [
        {"ground": ground, "label": archive.label_of(ground.years), "rules": [one for one in rules if one["row"].ground == code]}
        for code, ground in archive.GROUNDS.items()
    ]  # fmt: skip
    context = {"grounds": grounds, "source": archive.SOURCE, "add": link("manage_retention_add")}
    history = kit.history("retention")
    return render(request, "manage/retention.html", {**kit.frame("retention"), **context, "history": history})


def _line(row: RetentionRule) -> dict[str, Any]:
    over = row.valid_to is not None and row.valid_to < today()
    end = "" if over else link("manage_retention_end", str(row.pk))
    return {"row": row, "label": archive.label_of(row.years), "over": over, "end": end}


@require_http_methods(["GET", "POST"])
@kit.room("retention")
def add(request: HttpRequest) -> HttpResponse:
    """Add a rule; a shorter one than the national table's is refused."""
    form = RetentionForm(request.POST if request.method == "POST" else None, initial={"valid_from": today()})
    if form.is_valid():
        try:
            retention.add(by=actor_of(request), **form.changes())
        except BadInput as refused:
            kit.put_on(form, BadInput({_FIELDS.get(name, name): said for name, said in refused.fields.items()}))
        else:
            messages.success(request, "已新增；以前归档的案卷期限不变。")
            return HttpResponseRedirect(link("manage_retention"))
    return _form(request, form, "新增保管期限规则", "只能比国家规定更长；以前归档的案卷期限不变。", "新增")


_FIELDS = {"years": "period"}


@require_http_methods(["GET", "POST"])
@kit.room("retention")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a rule."""
    row = get_object_or_404(RetentionRule, pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        retention.end(row, by=actor_of(request), **form.cleaned_data)
        messages.success(request, "这条规则已结束。")
        return HttpResponseRedirect(link("manage_retention"))
    words = "，".join(f"{name}：{value}" for name, value in retention.facts(row).items() if value)
    return _form(request, form, "结束保管期限规则", words, "结束")


def _form(request: HttpRequest, form: Any, heading: str, intro: str, button: str) -> HttpResponse:
    context = {"heading": heading, "intro": intro, "form": form, "button": button, "back": link("manage_retention")}
    frame = kit.frame("retention", (heading, ""))
    return render(request, "manage/form.html", {**frame, **context}, status=422 if form.is_bound else 200)
