"""Which local limits hold?  In force, to come and over; adding one and ending one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.dates import today
from accounts.errors import BadInput
from petitions import lifecycle, local_rules
from petitions.forms.manage.calendar import EndRuleForm, LocalRuleForm
from petitions.models import LocalRule
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit


@require_safe
@kit.room("local_rules")
def rules(request: HttpRequest) -> HttpResponse:
    """Every clock that a local rule may set, with the law's number and the rules of this place."""
    mine: dict[str, list[dict[str, Any]]] = {}
    for row in LocalRule.objects.order_by("code", "-valid_from"):
        mine.setdefault(row.code, []).append(_line(row))
    clocks = [
        {"rule": rule, "rows": mine.pop(code, []), "add": f"{link('manage_add_rule')}?code={code}"}
        for code, rule in local_rules.settable().items()
    ]
    others = [row for rows in mine.values() for row in rows]
    history = kit.history(*(f"local_rule:{code}" for code in lifecycle.CLOCKS))
    context = {"clocks": clocks, "others": others, "history": history, "add": link("manage_add_rule")}
    return render(request, "manage/local_rules.html", {**kit.frame("local_rules"), **context})


def _line(row: LocalRule) -> dict[str, Any]:
    day = today()
    over = row.valid_to is not None and row.valid_to < day
    state = "over" if over else "later" if row.valid_from > day else "now"
    return {"row": row, "state": state, "end": "" if over else link("manage_end_rule", str(row.pk))}


@require_http_methods(["GET", "POST"])
@kit.room("local_rules")
def add(request: HttpRequest) -> HttpResponse:
    """Add a rule; a longer one than the law is refused with the article."""
    form = LocalRuleForm(
        request.POST if request.method == "POST" else None, initial={"code": request.GET.get("code", "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = local_rules.add(by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(
                request, f"已新增：{local_rules.settable()[row.code].label}，自{row.valid_from:%Y年%-m月%-d日}起。"
            )
            return HttpResponseRedirect(link("manage_local_rules"))
    return _form(request, form, "新增地方规则", "只能比条例更严；已经起算的时限不变。", "新增")


@require_http_methods(["GET", "POST"])
@kit.room("local_rules")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a rule; one that has not begun is taken back."""
    row = get_object_or_404(LocalRule, pk=pk)
    form = EndRuleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            local_rules.end(row, by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, "这条规则已结束；按它起算的时限不变。")
            return HttpResponseRedirect(link("manage_local_rules"))
    words = "，".join(f"{name}{value}" for name, value in local_rules.facts(row).items() if value)
    return _form(request, form, "结束地方规则", words, "结束")


def _form(request: HttpRequest, form: Any, heading: str, intro: str, button: str) -> HttpResponse:
    context = {"heading": heading, "intro": intro, "form": form, "button": button, "back": link("manage_local_rules")}
    status = 422 if form.is_bound else 200
    return render(request, "manage/form.html", {**kit.frame("local_rules", (heading, "")), **context}, status=status)
