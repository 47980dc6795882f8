"""After which step is who told what?  One table; rows are written in the step's own transaction, sent later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import DepartmentKind, Post, Role
from petitions import access, wording
from petitions.models import Assignment, Clock, Filing, Notice, Party, Petition, Petitioner, Proceeding


@dataclass(frozen=True)
class Told:
    """One row: whom we tell and in which words ({number} is filled in).

    ``whom`` is ``place:role`` (place: unit = the unit of the row stepped on, lead, office, sender), ``handler``,
    ``leader`` or ``petitioner``.
    """

    whom: str
    text: str


TABLE: Mapping[str, tuple[Told, ...]] = {
    "transfer": (Told("lead:signer", "新转送 {number}，请签收"), Told("petitioner", "您反映的事项已转有关单位办理，可凭查询码查询。")),
    "assign": (Told("lead:signer", "新交办 {number}，请签收"), Told("petitioner", "您反映的事项已交有关单位办理，可凭查询码查询。")),
    "pass_down": (Told("lead:signer", "上级机关转送 {number}，请签收"), Told("petitioner", "您反映的事项已转有关单位办理，可凭查询码查询。")),
    "assign_down": (Told("lead:signer", "上级机关交办 {number}，请签收"), Told("petitioner", "您反映的事项已交有关单位办理，可凭查询码查询。")),
    "route_legal": (Told("newest:signer", "转来 {number}，请签收"),),
    "object": (Told("sender:triage", "{number} 提出异议，请核实"), Told("sender:signer", "{number} 提出异议，请核实")),
    "uphold_objection": (Told("unit:signer", "{number} 同意退回"), Told("sender:triage", "{number} 退回，请重新转送"), Told("sender:signer", "{number} 退回，请重新转送")),
    "refuse_objection": (Told("unit:signer", "{number} 不同意退回，受理告知期限继续计算"),),
    "accept": (Told("unit:unit_head", "{number} 已受理"), Told("petitioner", "您反映的事项已受理，可凭查询码查询。")),
    "channel": (Told("petitioner", "您反映的事项已导入法定途径，详见告知书，可凭查询码查询。"),),
    "channel_direct": (Told("petitioner", "您反映的事项已导入法定途径，详见告知书，可凭查询码查询。"),),
    "decline": (Told("office:triage", "{number} 责任单位不予受理"), Told("petitioner", "您反映的事项有了答复，可凭查询码查询。")),
    "assign_handler": (Told("handler", "{number} 由您承办"),),
    "add_co_unit": (Told("newest:signer", "请协办 {number}"),),
    "remind": (
        Told("unit:signer", "{number} 催办，请抓紧办理"),
        Told("handler", "{number} 催办，请抓紧办理"),
        Told("unit:unit_head", "{number} 信访部门已催办"),
    ),
    "extend_report": (Told("lead:signer", "{number} 交办期限已延长"), Told("lead:handler", "{number} 交办期限已延长")),
    "extend_up": (Told("lead:signer", "{number} 上级交办期限已延长"), Told("lead:handler", "{number} 上级交办期限已延长")),
    "merge": (Told("petitioner", "您反映的事项正在办理，这次来件已并入一起办理，可凭查询码查询。"),),
    "merge_supervise": (Told("petitioner", "您反映的事项正在办理，这次来件已并入一起办理，可凭查询码查询。"),),
    "co_answer": (Told("lead:handler", "{number} 协办意见已回"),),
    "draft": (Told("unit:unit_leader", "{number} 处理意见待核稿"),),
    "return_draft": (Told("handler", "{number} 处理意见退回修改"),),
    "check": (Told("unit:unit_head", "{number} 处理意见待签发"),),
    "sign": (Told("handler", "{number} 处理意见书已签发，请送达"),),
    "extend": (Told("petitioner", "您反映的事项办理期限已延长，理由见告知书，可凭查询码查询。"),),
    "deliver": (Told("petitioner", "处理意见书已送达，可凭查询码查询及了解复查途径。"),),
    "lapse": (Told("handler", "{number} 申请复查期已满，请认定办结"),),
    "close": (Told("office:triage", "{number} 办结待审核"),),
    "refuse_closure": (Told("handler", "{number} 办结未获认定"),),
    "confirm_closure": (Told("petitioner", "您反映的事项已办结，请凭查询码对办理工作作出评价。"),),
    "taken_back": (Told("petitioner", "您反映的事项由上级机关另行处理，可凭查询码查询。"),),
    "direct_reply": (Told("petitioner", "您反映的事项已答复，请凭查询码查看并评价。"),),
    "submit_to_leader": (Told("leader", "{number} 呈请批示"),),
    "instruct": (Told("lead:signer", "{number} 有领导批示，请落实并回复"), Told("lead:unit_head", "{number} 有领导批示，请落实并回复")),
    "answer_instruction": (Told("leader", "{number} 批示落实情况已回复"),),
    "supervise": (Told("unit:unit_head", "{number} 督办，请按期反馈"), Told("unit:signer", "{number} 督办，请按期反馈")),
    "supervision_opened": (
        Told("lead:unit_head", "{number} 逾期未告知受理，已自动督办"),
        Told("office:supervisor", "{number} 责任单位逾期未告知受理，已自动督办"),
    ),
    "take_suggestion": (Told("petitioner", "您的建议已收到，正在研究，可凭查询码查询。"),),
    "draft_reply": (Told("unit:unit_head", "{number} 答复待签发"),),
    "return_reply": (Told("handler", "{number} 答复退回修改"),),
    "sign_reply": (Told("handler", "{number} 答复已签发，请送达"),),
    "deliver_reply": (Told("petitioner", "答复已送达，可凭查询码查询。"),),
    "close_reply": (Told("office:triage", "{number} 办结待审核"),),
    "come_back": (Told("lead:unit_head", "{number} 有诉求回到信访程序"), Told("petitioner", "您反映的事项转入信访程序办理，可凭查询码查询。")),
    "to_ordinary": (Told("petitioner", "您反映的事项转为普通程序办理，可凭查询码查询。"),),
    "call_hearing": (Told("lead:unit_head", "{number} 决定听证，请准备材料"), Told("lead:handler", "{number} 决定听证，请准备材料"), Told("petitioner", "您反映的事项将举行听证，时间、地点见通知书，可凭查询码查询。")),
    "conclude_hearing": (Told("lead:handler", "{number} 听证已有结论"), Told("petitioner", "听证已有结论，可凭查询码查询。")),
    "cancel_hearing": (Told("lead:handler", "{number} 听证取消"), Told("petitioner", "原定听证已取消，可凭查询码查询。")),
    "agree_mediation": (Told("petitioner", "协议书已制作，可凭查询码查询。"), Told("office:triage", "{number} 达成调解、和解协议")),
    "break_mediation": (Told("lead:unit_head", "{number} 协议没有履行，继续办理"), Told("lead:handler", "{number} 协议没有履行，继续办理")),
    "close_settled": (Told("office:triage", "{number} 办结待审核"),),
    "record_withdrawal": (Told("office:triage", "{number} 记录了撤回，请另一人核实"), Told("office:office_head", "{number} 记录了撤回，请另一人核实")),
    "confirm_withdrawal": (Told("lead:handler", "{number} 已撤回，停止办理"), Told("lead:signer", "{number} 已撤回，停止办理"), Told("petitioner", "按您的意思，信访事项已撤回，可凭查询码查询。以后随时可以重新提出。")),
    "report_urgent": (Told("leaders:leader", "{number} 重大紧急信访事项，请阅"), Told("conference:conference", "{number} 重大紧急信访事项通报"), Told("office:office_head", "{number} 重大紧急信访事项，请即上报上一级信访部门和国家信访局"), Told("lead:unit_head", "{number} 重大紧急信访事项，请及时处置")),
    "urgent_measure": (Told("office:office_head", "{number} 紧急事项续报"), Told("conference:conference", "{number} 紧急事项续报")),
    "apply_review": (Told("newest_run:reviewer", "{number} 申请复查，请审查"), Told("lead:unit_head", "{number} 信访人申请复查"), Told("petitioner", "收到您的复查申请，可凭查询码查询。")),
    "apply_rereview": (Told("newest_run:rereviewer", "{number} 申请复核，请审查"), Told("lead:unit_head", "{number} 信访人申请复核"), Told("petitioner", "收到您的复核申请，可凭查询码查询。")),
    "accept_review": (Told("petitioner", "您的申请已受理，可凭查询码查询。"), Told("lead:unit_head", "{number} 复查（复核）已受理，请备齐材料")),
    "refuse_review": (Told("petitioner", "您的申请有了答复，可凭查询码查询。"),),
    "drop_review": (Told("unit:reviewer", "{number} 申请人撤回申请"), Told("unit:rereviewer", "{number} 申请人撤回申请"), Told("petitioner", "您的申请已按您的意思撤回，可凭查询码查询。")),
    "sign_review": (Told("lead:unit_head", "{number} 复查（复核）意见已作出，请查看"), Told("lead:handler", "{number} 复查（复核）意见已作出，请查看"), Told("office:triage", "{number} 复查（复核）意见已作出")),
    "deliver_review": (Told("petitioner", "复查（复核）意见书已送达，可凭查询码查询。"),),
    "supervision_by_lapse": (Told("office:supervisor", "{number} 有期限届满未办，已自动督办"), Told("unit:unit_head", "{number} 因逾期已自动督办，请按期反馈"), Told("unit:office_head", "{number} 因逾期已自动督办，请按期反馈")),
    "return_answer": (Told("unit:unit_head", "{number} 督办反馈不合要求，请重新反馈"), Told("unit:signer", "{number} 督办反馈不合要求，请重新反馈")),
    "refer_dispute": (Told("office:office_head", "{number} 受理有争议，请报共同上一级决定或提请联席会议"), Told("disputed:conference", "{number} 受理有争议，提请联席会议协调")),
    "dispute_to_conference": (Told("conference:conference", "{number} 受理有争议，提请联席会议协调"),),
    "decide_dispute": (Told("office:triage", "{number} 受理机关已确定，请转送"), Told("decided:signer", "{number} 受理机关确定为本单位，请准备签收")),
    "coordinate_dispute": (Told("office:triage", "{number} 受理机关已确定，请转送"), Told("decided:signer", "{number} 受理机关确定为本单位，请准备签收")),
    "dispute_agreed": (Told("office:triage", "{number} 受理机关已商定，请转送"),),
    "propose_measure": (Told("conference:conference", "{number} 提请联席会议采取措施"),),
    "decide_measure": (Told("unit:unit_head", "{number} 联席会议决定采取措施，请限期整改"), Told("office:supervisor", "{number} 联席会议已决定采取措施")),
    "answer_measure": (Told("conference:conference", "{number} 整改情况已报"),),
    "reopen_measure": (Told("unit:unit_head", "{number} 整改不到位，请继续整改"),),
    "advise": (Told("advised:unit_head", "{number} 收到建议，请书面反馈采纳情况"), Told("advised:signer", "{number} 收到建议，请书面反馈采纳情况")),
    "answer_advice": (Told("office:supervisor", "{number} 建议采纳情况已反馈"),),
    "track_execution": (Told("newest_run:unit_head", "{number} 请执行处理意见"), Told("newest_run:signer", "{number} 请执行处理意见")),
    "urge_execution": (Told("unit:unit_head", "{number} 请尽快执行处理意见"),),
    "choose_representatives": (Told("petitioner", "已登记代表名单，可凭查询码查询。"),),
    "void_served": (Told("petitioner", "有一份发给您的文书已作废，见作废告知书，可凭查询码查询。"),),
    "recall_opinion": (Told("handler", "{number} 处理意见书已收回，请改正后重新送核"),),
    "recall_reply": (Told("handler", "{number} 答复已收回，请改正"),),
    "answer_supervision": (Told("office:supervisor", "{number} 督办已反馈"),),
}  # fmt: skip


class Subject(Protocol):
    """What a matter must offer to be told about."""

    petition: Petition
    filings: list[Filing]
    assignments: list[Assignment]
    proceedings: list[Proceeding]

    @property
    def lead(self) -> Assignment | None:
        """The lead assignment in force."""


def tell(step: str, *, matter: Subject, row: Any, by: Actor, at: datetime) -> None:
    """Write the notices of ``step``; the actor is not told of what he has just done himself."""
    rows = TABLE.get(step, ())
    if not rows:
        return
    notices = [notice for told in rows for notice in _notices(told, step, matter, row, at)]
    Notice.objects.bulk_create(n for n in notices if n.post_id != by.post.pk)


def _notices(told: Told, step: str, matter: Subject, row: Any, at: datetime) -> Iterable[Notice]:
    petition = matter.petition
    words = wording.of_notice(step, told.whom, told.text)
    if not words:
        return []
    text = words.replace("{number}", petition.number)
    if told.whom == "petitioner":
        # The text names neither the matter nor a person: a phone may be read by others (domain.md §8).
        return _to_petitioners(matter.filings[0], petition, step, text, at)
    return to_posts(_posts(told.whom, matter, row), step=step, petition=petition, text=text, at=at)


def roles_told(step: str) -> frozenset[str]:
    """Return the roles that the table has told of ``step``, wherever they sit; the petitioner has none."""
    return frozenset(row.whom.partition(":")[2] for row in TABLE[step] if ":" in row.whom)


TELL_ON = "请转告其他信访人。"


def _to_petitioners(filing: Filing, petition: Petition, step: str, text: str, at: datetime) -> list[Notice]:
    """To the one who leads; of a joint matter to each representative who left a number of his own too, who passes it on."""
    told = [Notice(filing=filing, petition=petition, step=step, channel="sms", text=text, made_at=at)]
    if not petition.joint:
        return told
    others = _representatives(filing)
    return told + [
        Notice(
            filing=filing, petition=petition, petitioner=one, step=step, channel="sms", text=text + TELL_ON, made_at=at
        )
        for one in others
    ]


def _representatives(filing: Filing) -> list[Petitioner]:
    """Who speaks for the others and can be reached by a number that is not the leader's; each number once."""
    parts = Party.objects.filter(filing=filing).select_related("petitioner").order_by("pk")
    numbers, found = {"", *(part.petitioner.phone_hash for part in parts if part.role == "lead")}, []
    for part in parts:
        if part.representative and part.petitioner.phone_hash not in numbers:
            numbers.add(part.petitioner.phone_hash)
            found.append(part.petitioner)
    return found


def to_posts(posts: Iterable[Post], *, step: str, petition: Petition | None, text: str, at: datetime) -> list[Notice]:
    """Return unsaved notices to ``posts``: on each one's desk, and by every other road of the office that has an address.

    Args:
        petition: the matter it is about; ``None`` where it is about none.
        text: names the matter by its number alone; it leaves the house by mail.
    """
    found = []
    for post in posts:
        found.append(
            Notice(post=post, petition=petition, step=step, text=text, made_at=at, ended_at=at, state=Notice.State.SENT)
        )
        found += [
            Notice(post=post, petition=petition, step=step, text=text, made_at=at, channel=channel)
            for channel in settings.STAFF_CHANNELS
            if address_of(post, channel)
        ]
    return found


def address_of(post: Post, channel: str) -> str:
    """Return where ``post``'s person is reached by ``channel``, or ``""``."""
    user = post.user
    return {"email": user.email, "sms": user.phone, "chat": user.username}.get(channel, "")


def _posts(whom: str, matter: Subject, row: Any) -> Iterable[Post]:
    if whom in ("handler", "lead:handler"):
        held = row if whom == "handler" else matter.lead
        return _in_force(pk=getattr(held, "handler_id", None) or 0)
    if whom == "leader":
        return _in_force(pk=getattr(row, "leader_id", None) or getattr(row, "told_leader_id", None) or 0)
    place, role = whom.split(":")
    if place == "advised":
        advice = matter.petition.advices.order_by("-pk").first()
        return posts_of(advice.department_id, role) if advice else []
    if place == "disputed":  # only where it went to the conference at once
        waits = matter.petition.disputes.filter(state="conference").exists()
        return _above("conference", role, matter.petition) if waits else []
    if place == "decided":
        return posts_of(row.body_id, role) if getattr(row, "body_id", None) else []
    if place in ("leaders", "conference"):
        return _above(place, role, matter.petition)
    department_id = _department(place, matter, row)
    return posts_of(department_id, role) if department_id else []


def _above(place: str, role: str, petition: Petition) -> list[Post]:
    """The leaders in whose charge the matter lies, or the joint conference's office (Art.25)."""
    if place == "conference":
        return list(_in_force(role=Role(role)))
    paths = petition.reach.values_list("department__path", flat=True)
    above = {int(pk) for path in paths for pk in path.split("/") if pk}
    return list(_in_force(role=Role(role), fields__department__in=above).distinct())


def posts_of(department_id: int, *roles: str) -> list[Post]:
    """Return the posts in force that act for a body in ``roles``, those of its inner offices among them."""
    inner = Q(department__parent=department_id, department__kind=DepartmentKind.INNER)
    return list(_in_force(Q(department=department_id) | inner, role__in=[Role(role) for role in roles]))


# Whose desk a duty lies on, first those who do the work, then those who answer for it.
_OFFICE_DESK = (Role.TRIAGE, Role.SIGNER)
_UNIT_DESK = (Role.SIGNER, Role.REVIEWER, Role.REREVIEWER, Role.TRIAGE)  # a review body has no signer
_REVIEW_DESK = (Role.REVIEWER, Role.REREVIEWER)
_REVIEW_DUTIES = ("TF", "T6D", "T7D")
_HEADS = (Role.OFFICE_HEAD, Role.UNIT_HEAD)
_OFFICE_DUTIES = ("T1", "T2", "TC", "TA")


def holders(clock: Clock, lead: Assignment | None, *, heads: bool) -> list[Post]:
    """Return who must be told of ``clock``: the handler, else who signs for the unit or triages for the office.

    Args:
        lead: the lead assignment in force, whose handler also answers instructions and supervisions.
        heads: whether the body's head is told too; the head is told alone where nobody else is there.
    """
    if clock.department_id is None:
        return []
    above = posts_of(clock.department_id, *_HEADS)
    at_work = _handler_of(clock, lead) or _desk(clock)
    if not at_work:
        return above
    known = {post.pk for post in at_work}
    return at_work + [post for post in above if heads and post.pk not in known]


def _handler_of(clock: Clock, lead: Assignment | None) -> list[Post]:
    held = clock.assignment or clock.proceeding
    if held is None and clock.filing_id is None and lead and lead.department_id == clock.department_id:
        held = lead
    return list(_in_force(pk=held.handler_id)) if held and held.handler_id else []


def _desk(clock: Clock) -> list[Post]:
    """The first desk of the body that has somebody: triage, then signing for; a unit has no triage."""
    if clock.name in _REVIEW_DUTIES and clock.department_id:
        return posts_of(clock.department_id, _REVIEW_DESK[clock.name == "T7D"])
    roles = _OFFICE_DESK if clock.name in _OFFICE_DUTIES or clock.filing_id else _UNIT_DESK
    found = (posts_of(clock.department_id, role) for role in roles if clock.department_id)
    return next((posts for posts in found if posts), [])


def _in_force(*where: Q, **named: Any) -> QuerySet[Post]:
    rows = Post.objects.in_force(today()).filter(*where, user__is_active=True, **named)
    return rows.select_related("user").order_by("pk")


def _department(place: str, matter: Subject, row: Any) -> int | None:
    lead = matter.lead
    if place == "office":
        return access.office_for(matter.petition)
    if place == "newest":
        return matter.assignments[-1].department_id
    if place == "newest_run":
        return matter.proceedings[-1].department_id
    if place == "sender" and isinstance(row, Assignment):
        return row.sender_id
    if place == "unit" and not isinstance(row, Petition | Filing):
        department_id: int = row.department_id
        return department_id
    return lead.department_id if lead else None
