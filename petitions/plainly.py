"""What do we tell the petitioner, in words that an old farmer uses?  Where it is, who has it, by when, what next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from accounts.models import Department
from petitions.law import review
from petitions.models import Clock, Event, Filing, Outcome, Paper, Petition, Rating
from petitions.workdays import spoken

# Stage → (what is happening now, in plain words).  Leaders' instructions and inner opinions are never told.
SAYING = {
    "registered": "您的来件已经登记，信访部门正在看是哪一家管。",
    "triaged": "信访部门正在转给管这件事的单位。",
    "sent": "已经转给管这件事的单位，等单位签收。",
    "review": "单位已经收到，正在看能不能受理，会书面告诉您。",
    "objected": "单位说这件事可能不归它管，信访部门正在核实。您不用做什么。",
    "handling": "单位已经受理，正在办理。",
    "issued": "处理意见已经作出，正在送给您。",
    "delivered": "处理意见已经送到您手里。",
    "lapsed": "处理意见已经送达，申请复查的时间已经过了。",
    "settled": "双方已经达成协议，正在照协议办。没有照协议办的，请告诉承办单位或者信访部门，会接着办理。",
    "in_review": "您申请的复查正在进行，复查机关会书面答复您。",
    "in_rereview": "您申请的复核正在进行，复核机关会书面答复您。",
    "review_issued": "复查（复核）意见已经作出，正在送给您。",
    "review_delivered": "复查意见已经送到您手里。",
    "exhausted": "复查、复核的程序已经走完，单位正在办结手续。",
    "closed": "单位说已经办完，信访部门正在审核。",
    "confirmed": "这件事已经办结。",
    "ended": "这件事的信访程序已经结束。",
}
ENDING = {
    Outcome.REDIRECTED: "这件事不归本机关管，告知书上写明了应当找哪一家。",
    Outcome.NOT_ACCEPTED: "这件事没有受理，告知书上写明了理由和别的办法。",
    Outcome.NO_FURTHER: "这件事以前已经有复核意见，不再受理。有新的事实或者理由，可以重新提出。",
    Outcome.MERGED: "这件事已经并到您先前提出的事项里一起办。",
    Outcome.FILED: "这件来件已经存档备查。",
    Outcome.DIRECT_REPLY: "已经答复，请看下面的文书。",
    Outcome.TAKEN_BACK: "这件事由上级机关另行处理，不再由本机关办。",
    Outcome.LEGAL: "这件事属于政法机关管，已经转过去。",
    Outcome.WITHDRAWN: "按您的意思，这件事已经撤回。以后随时可以重新提出。",
    Outcome.CHANNELLED: "这件事要走别的法定途径，告知书上写明了怎么走。",
}
# Of suggestions, and of duties the unit carries out itself (Art.29, 31(5)): they are answered, and no review follows.
_REPLIED = {"issued": "答复已经作出，正在送给您。", "delivered": "答复已经送到您手里。"}
_DUTY = "对履行职责的答复不服的，可以自收到之日（{day}）起60日内申请行政复议，或者6个月内向人民法院起诉；向哪里提出，答复上写明了。"
# From here on nobody works on it any more: who did is told instead of who does.
_HANDLED = frozenset(
    {
        "delivered",
        "lapsed",
        "settled",
        "in_review",
        "in_rereview",
        "review_issued",
        "review_delivered",
        "exhausted",
        "closed",
        "confirmed",
        "ended",
    }
)
WAY = (("registered", "登记"), ("sent", "转给单位"), ("review", "决定是否受理"), ("handling", "办理"), ("issued", "答复您"),
       ("confirmed", "办结"))  # fmt: skip
_ORDER = {"registered": 0, "triaged": 0, "sent": 1, "objected": 1, "review": 2, "handling": 3, "issued": 4,
          "delivered": 4, "lapsed": 4, "settled": 4, "in_review": 4, "in_rereview": 4, "review_issued": 4, "review_delivered": 4, "exhausted": 5,
          "closed": 5, "confirmed": 6, "ended": 6}  # fmt: skip


@dataclass
class WayStep:
    """One stop on the way of a matter."""

    label: str
    state: str  # done | now | next
    when: date | None = None
    who: str = ""
    text: str = ""


@dataclass
class PlainStatus:
    """All that the public page shows of a matter; ``full`` is false where only the stage may be told."""

    number: str
    title: str
    headline: str
    full: bool
    way: list[WayStep] = field(default_factory=list)
    who: Department | None = None
    who_label: str = ""
    who_was: str = ""  # under which name it was handled before the body was merged, abolished or renamed
    due: date | None = None
    due_words: str = ""
    remedy: str = ""
    may_apply: str = ""  # "复查" | "复核": what may be asked for on this page today
    papers: list[Paper] = field(default_factory=list)
    may_rate: list[tuple[str, str]] = field(default_factory=list)
    rated: list[Rating] = field(default_factory=list)


def status_of(filing: Filing, *, full: bool, today: date) -> PlainStatus:
    """Return what the holder of ``filing``'s code may be told; without a second factor the stage alone."""
    petition = filing.petition
    headline = _headline(petition)
    if not full:
        return PlainStatus(filing.number, "", headline, full=False)
    status = PlainStatus(
        filing.number, petition.title, headline, full=True, way=_way(petition), who=petition.responsible,
        who_label="由谁办理的" if petition.stage in _HANDLED else "现在谁在办",
    )  # fmt: skip
    status.who, status.who_was = _who(petition, today)
    if petition.stage in review.BY_BODY:
        status.who, status.who_was, status.who_label = _reviewing(petition), "", "现在谁在办"
    _tell_due(status, petition)
    papers = Paper.objects.filter(petition=petition, for_petitioner=True, void_on=None)
    status.papers = list(papers.select_related("department").order_by("issued_on", "pk"))
    status.may_apply, status.remedy = _remedy(petition, today)
    answered = next((paper for paper in status.papers if paper.kind == "duty_reply" and paper.served_on), None)
    if answered is not None and answered.served_on is not None:
        status.remedy = "".join((status.remedy, _DUTY.format(day=spoken(answered.served_on))))
    _tell_rating(status, petition)
    return status


def _headline(petition: Petition) -> str:
    """What is happening now; an answer that is no opinion is not called one."""
    if petition.stage == "ended":
        return ENDING.get(Outcome(petition.outcome), SAYING["ended"])
    replied = petition.outcome in (Outcome.SUGGESTION, Outcome.DUTY)
    return (_REPLIED if replied else SAYING).get(petition.stage, SAYING[petition.stage])


def _reviewing(petition: Petition) -> Department | None:
    """The body that reviews now."""
    runs = petition.proceedings.filter(kind__in=("review", "rereview")).select_related("department").order_by("pk")
    run = runs.last()
    return run.department if run else None


def _who(petition: Petition, today: date) -> tuple[Department | None, str]:
    """Who has it, and the name the petitioner knew before (原…): what was closed stays under a body that is no longer, and
    whoever has followed it answers now."""
    body = petition.responsible
    if body is None:
        return None, ""
    if body.valid_to is not None and body.valid_to < today:
        return body.heir or body, f"原{body.name}"
    moves = Event.objects.filter(petition=petition, step="reorganised").order_by("-seq").values_list("data", flat=True)
    names = [str(data["was_name"]) for data in moves if data.get("now") == body.pk]
    return body, f"原{names[0]}" if names else ""


def _way(petition: Petition) -> list[WayStep]:
    if petition.stage == "ended":
        return [
            WayStep("登记", "done", petition.received_on),
            WayStep(petition.get_outcome_display() or "结束", "done", petition.closed_on),
        ]
    at, days = _ORDER[petition.stage], _days(petition)
    who = petition.responsible.name if petition.responsible else ""
    return [
        WayStep(label, "done" if n < at else "now" if n == at else "next", days.get(code),
                who if code in ("sent", "handling") else "")
        for n, (code, label) in enumerate(WAY)
    ]  # fmt: skip


_STEP_DAYS = {"transfer": "sent", "assign": "sent", "pass_down": "sent", "assign_down": "sent", "sign_for": "review", "accept": "handling", "take_up": "handling",
              "take_suggestion": "handling", "sign_reply": "issued",
              "sign": "issued", "confirm_closure": "confirmed"}  # fmt: skip


def _days(petition: Petition) -> dict[str, date]:
    days = {"registered": petition.received_on}
    for step, day in (
        Event.objects.filter(petition=petition, step__in=_STEP_DAYS).order_by("seq").values_list("step", "occurred_on")
    ):
        days[_STEP_DAYS[step]] = day
    return days


def _tell_due(status: PlainStatus, petition: Petition) -> None:
    clock = (
        Clock.objects.filter(petition=petition, ended="", window=False, shadow=False, name__in=_TOLD)
        .order_by("due")
        .first()
    )
    if clock is not None:
        status.due = clock.due
        status.due_words = promise(clock.name, clock.due)


# Only duties owed to the petitioner are told; what offices owe each other is not.
_TOLD = {
    "T1": "转给管这件事的单位",
    "T2": "告诉您是否受理",
    "T3": "告诉您是否受理",
    "T5": "给您处理意见",
    "T5'": "给您处理意见",
    "TG": "给您回复",
    "TY": "给您答复",
    "T6D": "给您复查意见",
    "T7D": "给您复核意见",
}


def promise(clock_name: str, due: date) -> str:
    """Return in plain words what the petitioner may expect by ``due``; empty where offices owe it each other only."""
    return f"最晚{spoken(due)}前{_TOLD[clock_name]}" if clock_name in _TOLD else ""


def _remedy(petition: Petition, today: date) -> tuple[str, str]:
    """What may still be asked for, and until when, in a sentence."""
    window = Clock.objects.filter(petition=petition, name__in=("T6", "T7"), ended="").order_by("-pk").first()
    if window is None or window.due < today:
        return "", ""
    name, against = ("复查", "处理意见") if window.name == "T6" else ("复核", "复查意见")
    return (
        name,
        f"对{against}不服的，可以在{spoken(window.due)}以前，向作出意见单位的上一级机关申请{name}。网上、窗口、邮寄都可以。",
    )


def _tell_rating(status: PlainStatus, petition: Petition) -> None:
    status.rated = list(petition.ratings.all())
    if not petition.rateable:
        return
    done = {rating.target for rating in status.rated}
    targets = [(Rating.Target.OFFICE, petition.office.name)]
    if petition.responsible is not None and petition.responsible_id != petition.office_id:
        targets.append((Rating.Target.UNIT, petition.responsible.name))
    status.may_rate = [(str(target), name) for target, name in targets if target not in done]
