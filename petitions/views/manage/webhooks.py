"""Which other systems are told of changes?  The security administrator's pages, with what could not be delivered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import BadInput
from petitions import lifecycle
from petitions import webhooks as verbs
from petitions.actions import label_of
from petitions.forms.manage.interfaces import WebhookEditForm, WebhookForm
from petitions.forms.manage.staff import ReasonForm
from petitions.models import Delivery, Webhook
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit

LATEST = 100


@require_safe
@kit.room("webhooks")
def webhooks(request: HttpRequest) -> HttpResponse:
    """Every address that is told, with what waits and what could not be delivered."""
    rows = list(Webhook.objects.order_by("name", "pk"))
    waiting, failed = _many(Delivery.State.WAITING), _many(Delivery.State.FAILED)
    history = kit.history(*(verbs.target_of(row) for row in rows[:20]), verbs.FAILED)
    context = {
        "lines": [_line(row, waiting, failed) for row in rows], "add": link("manage_add_webhook"), "history": history,
        "failures": link("manage_webhook_failures"),
    }  # fmt: skip
    return render(request, "manage/webhooks.html", {**kit.frame("webhooks"), **context})


def _many(state: str) -> dict[int, int]:
    """How many deliveries of each webhook are in ``state``: by an index that holds those alone."""
    rows = Delivery.objects.filter(state=state).values_list("webhook").annotate(many=Count("pk"))
    return dict(rows.order_by())


def _line(row: Webhook, waiting: dict[int, int], failed: dict[int, int]) -> dict[str, Any]:
    stages = "、".join(lifecycle.STAGES.get(code, code) for code in row.stages)
    return {
        "row": row, "url": link("manage_webhook", str(row.pk)), "stages": stages or "全部阶段",
        "waiting": waiting.get(row.pk, 0), "failed": failed.get(row.pk, 0),
    }  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
@kit.room("webhooks")
def add(request: HttpRequest) -> HttpResponse:
    """Tell another system from now on: its secret is shown on this answer and nowhere else."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            row, secret = verbs.add(by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            return _secret(request, row, secret)
    intro = "阶段变动时只告知事项的编号、阶段、步骤和时间，不告知姓名和内容；对方要知道更多，凭令牌来读。"
    return _form(request, form, "新增推送", intro, "新增并显示密钥")


def _form(
    request: HttpRequest, form: Any, heading: str, intro: str, button: str, *, back: str = "", danger: bool = False,
    **more: Any,
) -> HttpResponse:  # fmt: skip
    back = back or link("manage_webhooks")
    context = {"heading": heading, "intro": intro, "form": form, "button": button, "back": back, "danger": danger}
    frame = kit.frame("webhooks", (heading, ""))
    template = "manage/webhook.html" if more else "manage/form.html"
    return render(request, template, {**frame, **context, **more}, status=422 if form.is_bound else 200)


def _secret(request: HttpRequest, row: Webhook, secret: str) -> HttpResponse:
    context = {
        "heading": f"{row.name}的密钥", "secret": secret, "back": link("manage_webhooks"),
        "text": "对方用它核对推送是不是本系统发出的（Standard Webhooks）。请当面或者用密封方式交给对方。",
        "lost": "丢失了就更换密钥。",
    }  # fmt: skip
    return render(request, "manage/secret.html", {**kit.frame("webhooks", (row.name, "")), **context})


@require_http_methods(["GET", "POST"])
@kit.room("webhooks")
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One address: change it, stop it, give it another secret."""
    row = get_object_or_404(Webhook, pk=pk)
    now = {"name": row.name, "url": row.url, "stages": row.stages, "active": row.active}
    form = WebhookEditForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_valid():
        try:
            verbs.edit(row, by=actor_of(request), **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, "已保存，下一次变动起按新的告知。")
            return HttpResponseRedirect(link("manage_webhooks"))
    more: dict[str, Any] = {
        "secret": link("manage_webhook_secret", str(pk)), "test": link("manage_webhook_test", str(pk)),
        "history": kit.history(verbs.target_of(row)),
    }  # fmt: skip
    return _form(request, form, row.name, "停用以后不再告知；等待中的推送留着。", "保存", **more)


@require_POST
@kit.room("webhooks")
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a message marked as a test to the address as it was saved, and say what the other system answered."""
    row = get_object_or_404(Webhook, pk=pk)
    said = verbs.send_test(row, by=actor_of(request))
    told = messages.success if said.taken else messages.error
    told(request, f"测试消息{'已送到' if said.taken else '没有送到'}：{said.words}。")
    return HttpResponseRedirect(link("manage_webhook", str(pk)))


@never_cache
@require_http_methods(["GET", "POST"])
@kit.room("webhooks")
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Another secret: shown on this answer and nowhere else."""
    row = get_object_or_404(Webhook, pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _secret(request, row, verbs.new_secret(row, by=actor_of(request), **form.cleaned_data))
    intro = f"{row.name}：旧密钥随即不再使用，请对方同时更换。"
    return _form(request, form, "更换密钥", intro, "更换并显示", back=link("manage_webhook", str(pk)), danger=True)


@require_safe
@kit.room("webhooks")
def failures(request: HttpRequest) -> HttpResponse:
    """What was given up: for whom, why, how often it was tried; never which matter."""
    rows = Delivery.objects.filter(state=Delivery.State.FAILED).select_related("webhook").order_by("-ended_at", "-pk")
    found = list(rows[: LATEST + 1])
    lines = [
        {"row": row, "step": label_of(row.step), "stage": lifecycle.STAGES.get(row.stage, row.stage)} for row in found
    ]
    context = {"lines": lines[:LATEST], "more": len(found) > LATEST, "again": link("manage_push_again")}
    frame = kit.frame("webhooks", ("没有送到的", ""))
    return render(request, "manage/webhook_failures.html", {**frame, **context, "history": kit.history(verbs.FAILED)})


@require_POST
@kit.room("webhooks")
def again(request: HttpRequest) -> HttpResponse:
    """Try once more what could not be delivered."""
    many = verbs.send_again(actor_of(request))
    messages.success(request, f"{many}条推送会再送一次。" if many else "没有要再送的推送。")
    return HttpResponseRedirect(link("manage_webhook_failures"))
