"""The tables behind the plan: leaders, places, busy days, recusals, rules, the place's own numbers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.dates import today
from accounts.models import Role
from petitions.errors import NotSeen
from petitions.views.answers import actor_of
from visits import access, book
from visits.actions import tables as verbs
from visits.forms.tables import (
    AdoptForm,
    AdoptPledgesForm,
    BusyForm,
    EndForm,
    NumberForm,
    OwnBusyForm,
    PlaceForm,
    PledgeForm,
    ReceiverForm,
    RecusalForm,
    RuleForm,
)
from visits.frequency import spoken
from visits.models import BusyDay, FrequencyRule, Place, Pledge, Receiver, Recusal
from visits.pledges import DEFAULT
from visits.views import kit


@require_safe
@kit.page
def index(request: HttpRequest) -> HttpResponse:
    """Everything a plan depends on, on one page."""
    actor = actor_of(request)
    office = access.check(actor, access.WATCH, "查看接访规则")
    values = book.numbers(office)
    rules = FrequencyRule.objects.filter(office=office).order_by("-valid_from", "pk")
    context = {
        "rules": [{"row": row, "words": spoken(book.frequency(row)), "over": bool(row.valid_to and row.valid_to < today()),
                   "end": kit.url("end_rule", row.pk)} for row in rules],
        "numbers": [{"label": label, "value": values[code], "default": default} for code, (default, label) in book.NUMBERS.items()],
        "pledges": [{"row": row, "over": bool(row.valid_to and row.valid_to < today()), "end": kit.url("end_pledge", row.pk)}
                    for row in Pledge.objects.filter(office=office).order_by("-valid_from", "place", "pk")], "default_pledges": DEFAULT,
        "places": [{"row": row, "url": kit.url("edit_place", row.pk)} for row in Place.objects.filter(office=office).select_related("region")],
        "receivers": Receiver.objects.filter(office=office).select_related("post__user").order_by("-main", "pk"),
        "busy": BusyDay.objects.filter(post__receives__office=office, last__gte=today()).select_related("post__user").order_by("first"),
        "recusals": Recusal.objects.filter(post__receives__office=office).select_related("post__user", "place", "department", "petition"),
        "plans": access.may(actor, access.DESK), "heads": actor.role == Role.OFFICE_HEAD, "back": kit.url("plan"),
    }  # fmt: skip
    return render(request, "visits/tables.html", context)


def _page(
    request: HttpRequest,
    form: Any,
    run: Any,
    heading: str,
    button: str = "保存",
    intro: str = "",
    done: str = "已保存。",
) -> HttpResponse:
    def act(data: dict[str, Any]) -> None:
        run(data)

    return kit.form_page(
        request, form, act, heading=heading, button=button, back=kit.url("tables"), done=done, intro=intro
    )


@require_http_methods(["GET", "POST"])
@kit.page
def add_place(request: HttpRequest) -> HttpResponse:
    """A new place."""
    actor = actor_of(request)
    access.check(actor, access.DESK, "维护接访地点")
    return _page(
        request, PlaceForm(kit.data(request)), lambda data: verbs.keep_place(actor, None, **data), "新增接访地点"
    )


@require_http_methods(["GET", "POST"])
@kit.page
def edit_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a place."""
    actor = actor_of(request)
    office = access.check(actor, access.DESK, "维护接访地点")
    row = get_object_or_404(Place, pk=pk, office=office)
    return _page(
        request,
        PlaceForm(kit.data(request), place=row),
        lambda data: verbs.keep_place(actor, row, **data),
        f"接访地点：{row.name}",
    )


@require_http_methods(["GET", "POST"])
@kit.page
def receiver(request: HttpRequest) -> HttpResponse:
    """Who receives."""
    actor = actor_of(request)
    access.check(actor, access.DESK, "维护接访领导")
    return _page(
        request,
        ReceiverForm(kit.data(request)),
        lambda data: verbs.keep_receiver(actor, **data),
        "接访领导",
        intro="再次保存同一位领导会改他的层级、是否主要领导、是否参加。",
    )


@require_http_methods(["GET", "POST"])
@kit.page
def busy(request: HttpRequest) -> HttpResponse:
    """Days on which somebody cannot receive; a leader writes his own."""
    actor = actor_of(request)
    if access.receives(actor):
        form: Any = OwnBusyForm(kit.data(request))

        def own(data: dict[str, Any]) -> None:
            verbs.keep_busy(actor, actor.post, **data)

        return kit.form_page(
            request, form, own, heading="我的日程：不能接访的日子", button="保存", back=kit.url("plan"), done="已保存。"
        )
    office = access.check(actor, access.DESK, "维护领导日程")
    form = BusyForm(kit.data(request), office_id=office.pk)
    return _page(
        request, form, lambda data: verbs.keep_busy(actor, data.pop("post"), **data), "领导日程：不能接访的日子"
    )


@require_POST
@kit.page
def drop_busy(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a busy day out."""
    actor = actor_of(request)
    row = BusyDay.objects.filter(pk=pk).first()
    if row is None:
        raise NotSeen
    return kit.press(request, lambda: verbs.drop_busy(actor, row), back=kit.url("tables"), done="已删除。")


@require_http_methods(["GET", "POST"])
@kit.page
def recusal(request: HttpRequest) -> HttpResponse:
    """What a leader keeps away from."""
    actor = actor_of(request)
    office = access.check(actor, access.DESK, "登记回避")
    form = RecusalForm(kit.data(request), office_id=office.pk, actor=actor)
    return _page(request, form, lambda data: verbs.keep_apart(actor, data.pop("post"), **data), "登记回避")


@require_http_methods(["GET", "POST"])
@kit.page
def adopt(request: HttpRequest) -> HttpResponse:
    """A shipped set of rules."""
    actor = actor_of(request)
    access.check(actor, verbs.HEAD, "确定接访次数规则")
    return _page(
        request, AdoptForm(kit.data(request)), lambda data: verbs.adopt(actor, data.pop("code"), **data), "采用一套规则", "采用",
        intro="条例只说“定期接待、定期下访”，没有规定次数；次数以本地文件为准。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@kit.page
def add_rule(request: HttpRequest) -> HttpResponse:
    """A rule of this place's own."""
    actor = actor_of(request)
    access.check(actor, verbs.HEAD, "确定接访次数规则")
    return _page(
        request, RuleForm(kit.data(request)), lambda data: verbs.add_rule(actor, **data), "新增次数规则", "新增"
    )


@require_http_methods(["GET", "POST"])
@kit.page
def end_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Until when a rule holds."""
    actor = actor_of(request)
    office = access.check(actor, verbs.HEAD, "确定接访次数规则")
    row = get_object_or_404(FrequencyRule, pk=pk, office=office)
    words = spoken(book.frequency(row))
    return _page(
        request,
        EndForm(kit.data(request)),
        lambda data: verbs.end_rule(actor, row, **data),
        "结束规则",
        "结束",
        intro=words,
    )


@require_http_methods(["GET", "POST"])
@kit.page
def number(request: HttpRequest) -> HttpResponse:
    """One of the place's own numbers."""
    actor = actor_of(request)
    access.check(actor, verbs.HEAD, "确定本地数值")
    return _page(
        request,
        NumberForm(kit.data(request)),
        lambda data: verbs.set_number(actor, data.pop("code"), data.pop("value"), **data),
        "本地数值",
    )


@require_http_methods(["GET", "POST"])
@kit.page
def adopt_pledges(request: HttpRequest) -> HttpResponse:
    """A shipped list of what a sponsoring leader takes upon himself."""
    actor = actor_of(request)
    access.check(actor, verbs.HEAD, "确定包案责任")
    return _page(
        request, AdoptPledgesForm(kit.data(request)), lambda data: verbs.adopt_pledges(actor, data.pop("code"), **data),
        "采用包案责任", "采用", intro="条例没有规定“四包”“五包”的内容，以本地文件为准；已经签订的责任书不变。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@kit.page
def add_pledge(request: HttpRequest) -> HttpResponse:
    """One more, of this place's own."""
    actor = actor_of(request)
    access.check(actor, verbs.HEAD, "确定包案责任")
    return _page(
        request, PledgeForm(kit.data(request)), lambda data: verbs.add_pledge(actor, **data), "新增包案责任", "新增"
    )


@require_http_methods(["GET", "POST"])
@kit.page
def end_pledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Until when it holds."""
    actor = actor_of(request)
    office = access.check(actor, verbs.HEAD, "确定包案责任")
    row = get_object_or_404(Pledge, pk=pk, office=office)
    return _page(
        request, EndForm(kit.data(request)), lambda data: verbs.end_pledge(actor, row, **data), "结束包案责任", "结束",
        intro=row.text,
    )  # fmt: skip
