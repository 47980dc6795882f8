"""Who is told what, and what could not be sent?  The table with the office's own words, and a second try."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import BadInput
from accounts.models import Role
from petitions import notices, wording
from petitions.actions import label_of
from petitions.actions.send import send_again
from petitions.forms.manage.wordings import NoticeWordingForm
from petitions.models import Notice, NoticeWording
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit

_PLACES = {
    "lead": "主办单位",
    "unit": "承办单位",
    "office": "信访部门",
    "sender": "转送交办机关",
    "newest": "新承办单位",
    "advised": "收到建议的单位",
    "leaders": "分管",
    "conference": "联席会议办公室",
    "disputed": "（有争议并提请协调的）联席会议办公室",
    "decided": "确定受理的单位",
    "newest_run": "复查复核机关",
}
_ALONE = {"handler": "承办人", "leader": "县领导", "petitioner": "信访人（短信）"}
SHOWN = 50


def whom(told: str) -> str:
    """Return in words whom a row of the table tells."""
    place, _, role = told.partition(":")
    return _ALONE[told] if not role else f"{_PLACES[place]}{Role(role).label.removeprefix('单位')}"


@require_safe
@kit.room("notices")
def table(request: HttpRequest) -> HttpResponse:
    """The table of notices, and what could not be sent: by road and reason, never to whom."""
    own = {(row.step, row.whom): row for row in NoticeWording.objects.all()}
    lines = [_line(step, told, own.get((step, told.whom))) for step, rows in notices.TABLE.items() for told in rows]
    failed = Notice.objects.filter(state=Notice.State.FAILED).values("channel", "failure")
    roads = dict(Notice.Channel.choices)
    groups = [
        {"road": roads[row["channel"]], "why": row["failure"], "many": row["many"]}
        for row in failed.annotate(many=Count("pk")).order_by("-many")[:SHOWN]
    ]
    context = {
        "lines": lines, "failed": groups, "again": link("manage_send_again"),
        "history": kit.history(*{f"notice_rule:{step}" for step in notices.TABLE}, "notice_rule:failed"),
    }  # fmt: skip
    return render(request, "manage/notices.html", {**kit.frame("notices"), **context})


def _line(step: str, told: notices.Told, own: NoticeWording | None) -> dict[str, Any]:
    return {
        "step": label_of(step), "whom": whom(told.whom), "text": own.text if own else told.text,
        "own": own is not None, "off": bool(own and own.off),
        "url": link("manage_notice", step, told.whom.replace(":", "-")),
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@kit.room("notices")
def notice(request: HttpRequest, step: str, told: str) -> HttpResponse:
    """One row of the table: its words, or that it is left out."""
    row = next((one for one in notices.TABLE.get(step, ()) if one.whom == told.replace("-", ":")), None)
    if row is None:
        raise Http404
    own = NoticeWording.objects.filter(step=step, whom=row.whom).first()
    now = {"text": own.text if own else row.text, "off": bool(own and own.off)}
    form = NoticeWordingForm(request.POST if request.method == "POST" else None, initial=now)
    if row.whom == "petitioner":
        del form.fields["off"]
    if form.is_valid():
        try:
            wording.set_notice(step, row.whom, by=actor_of(request), standard=row.text, **form.cleaned_data)
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(request, "已保存，一分钟内生效。")
            return HttpResponseRedirect(link("manage_notices"))
    heading = f"{label_of(step)}：告知{whom(row.whom)}"
    context = {"heading": heading, "intro": f"原文：{row.text}", "form": form, "back": link("manage_notices")}
    frame = kit.frame("notices", (heading, ""))
    return render(request, "manage/form.html", {**frame, **context}, status=422 if form.is_bound else 200)


@require_POST
@kit.room("notices")
def again(request: HttpRequest) -> HttpResponse:
    """Try once more what could not be sent."""
    many = send_again(actor_of(request))
    messages.success(request, f"{many}条通知会再发一次。" if many else "没有要再发的通知。")
    return HttpResponseRedirect(link("manage_notices"))
