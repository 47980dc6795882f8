"""On which matter is a template tried?  One that is made up, with everything that any kind of paper names.

No row of the office is read: who keeps the templates sees no matter.
"""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any


class Made(SimpleNamespace):
    """Something with a name, as the rows of the office have."""

    def __str__(self) -> str:
        return str(getattr(self, "name", ""))


_NUMBER, _TITLE = "浦信2026-000128", "反映某村道路积水"
_DAYS = {
    "received": date(2026, 11, 3),
    "accepted": date(2026, 11, 9),
    "issued": date(2026, 11, 24),
    "due": date(2027, 1, 8),
}
_FACTS = "经查，某村东侧道路排水管堵塞，2026年9月以来雨后积水，沿线12户出行受影响。"
_BASIS = "《城镇排水与污水处理条例》第二十条。"


def _body(name: str, phone: str = "0579-00000000") -> Made:
    return Made(name=name, short_name=name, phone=phone, address="某路1号", kind="", pk=0)


_OFFICE, _UNIT, _ABOVE = _body("某县信访局"), _body("某县住房和城乡建设局"), _body("某县人民政府")
_OFFICE.is_petition_office = True
_LEADER = Made(name="李某", user=Made(name="李某"), title="副县长", office=_OFFICE)
_CLAIM = Made(
    serial=1, text="疏通排水管，恢复通行。", route=6, get_route_display="信访程序", get_support_display="支持",
    answer="已安排施工，12月20日前完工。",
    proceeding=Made(outside_body="某市仲裁委员会", outside_procedure="仲裁", outside_limit="6个月"),
)  # fmt: skip
_PAPER = Made(
    title="信访事项处理意见书", number="某住建信访答字〔2026〕12号", issued_on=_DAYS["issued"], served_on=_DAYS["issued"], served_how="hand",
    receipt="signed", receiver="王某", witness="",
)  # fmt: skip
_RUN = Made(
    kind="handling", department=_UNIT, started_on=_DAYS["accepted"], issued_on=_DAYS["issued"], delivered_on=_DAYS["issued"], facts=_FACTS, basis=_BASIS,
    simplified=False, extended_days=30, conclusion="uphold", get_petitioner_view_display="同意", outside_limit="", reward="奖金1000元（县人民建议奖励办法）",
)  # fmt: skip
_VISIT = Made(
    day=_DAYS["received"], leader=_LEADER, leader_title="副县长", place=Made(name="某县信访接待中心"), room="一号接待室",
    get_form_display="定点接访", office=_OFFICE,
)  # fmt: skip
_STEPS = [
    Made(
        what="疏通排水管",
        unit=_UNIT,
        person="赵某",
        due=_DAYS["due"],
        done_when="雨后不积水",
        done_on=_DAYS["issued"],
        words="已疏通。",
    )
]
_NOTE = Made(on_day=_DAYS["issued"], said="原包案领导调离。", post=_LEADER, until=_DAYS["due"])
_ROW = Made(
    number="包2026-003", sponsor=_LEADER, unit=_UNIT, officer="赵某", due=_DAYS["due"], crux="管网产权不清。", plan="先疏通，后移交。",
    measures="现场协调", facts_true=True, claim_fair=True, taken_on=_DAYS["accepted"], reported_on=_DAYS["issued"], report="已疏通。",
    finding="现场核查属实。", ended_on=_DAYS["issued"], opened_on=_DAYS["issued"], get_result_display="已化解", received_on=_DAYS["received"],
    pledges=["包掌握情况", "包协调化解"], team="住建局、某镇", legal_opinion="管网由建设单位移交。", checked="现场核查", agreement="某公司负责维护。",
    agreed_on=_DAYS["issued"],
)  # fmt: skip


def matter() -> dict[str, Any]:
    """Return what the templates of all kinds name, but for the kind itself."""
    return {**_about_the_paper(), **_about_the_work(), **_about_others(), **_typed()}


def _about_the_paper() -> dict[str, Any]:
    petition = Made(
        number=_NUMBER, title=_TITLE, received_on=_DAYS["received"], office=_OFFICE, hide_name=False, lead_name="王某"
    )
    return {
        "petition": petition, "body": _UNIT, "mark": "某县住房和城乡建设局文件", "number": _PAPER.number, "day": _DAYS["issued"],
        "addressee": "王某", "petitioner": "王某", "signed": "张某（李某代签）", "name": "复查", "claims": [_CLAIM],
        "filing": Made(received_on=_DAYS["received"], handed_number="金信转〔2026〕8号", handed_due=_DAYS["due"], handed_signed_on=_DAYS["received"]),
    }  # fmt: skip


def _about_the_work() -> dict[str, Any]:
    return {
        "proceeding": _RUN, "run": _RUN, "row": _ROW, "visit": _VISIT, "leader": _LEADER, "decider": _LEADER, "verifier": _LEADER,
        "lead": Made(department=_UNIT, sender=_OFFICE), "held": Made(department=_UNIT), "about": _PAPER, "about_number": "", "served": _PAPER,
        "voided": _PAPER, "mediation": Made(mediator="周某"),
        "hearing": Made(hold_on=_DAYS["issued"], place="某镇会议室", chair="周某", proceeding=_RUN, public=False),
        "reception": Made(code="接2026-018", people=2, origin="排水管堵塞。", opinion="限期疏通。"),
        "outcome": Made(unit=_UNIT, due=_DAYS["due"], get_kind_display="交办"),
        "duty": Made(get_kind_display="一月回访", at_home=True, tries=1, get_heard_display="认可", words="路通了。"),
        "asked": Made(until=_DAYS["due"], said="施工需要时间。", post=_LEADER), "settled": "已履行", "steps": _STEPS, "done": 1, "extended": [_NOTE], "handovers": [_NOTE],
    }  # fmt: skip


def _about_others() -> dict[str, Any]:
    return {
        "department": _UNIT, "unit": _UNIT, "respondent": _UNIT, "superior": _ABOVE, "to": _ABOVE, "above": [_ABOVE], "review_bodies": [_ABOVE],
        "conference": [_ABOVE], "own": [_ABOVE], "copies": [_OFFICE], "enclosed": ["信访事项处理意见书", "送达回证"], "units": "某县住房和城乡建设局", "co_units": "某镇人民政府", "competent": "某县水利局", "how": "某路2号，电话0579-00000001",
        "recorder": "陈某", "parties": "王某、某公司", "people": "王某、村干部赵某", "between": "某县住房和城乡建设局和某县水利局",
    }  # fmt: skip


def _typed() -> dict[str, Any]:
    return {
        "note": "请注意保护信访人信息。", "reason": "情况复杂，需要勘查。", "demand": "查明原因，限期疏通。", "trigger": "超过规定期限没有办结",
        "facts": _FACTS, "basis": _BASIS, "suggestion": "建立管网巡查制度。", "advice": "改进工作", "adopted": "已采纳",
        "answer": "已整改并建立巡查制度。", "result": "已疏通，信访人当面确认。", "reply": "已安排疏通，12月20日前完工。", "text": "请依法尽快办理。",
        "proposal": "拟请分管领导批示。", "terms": "一、某公司负责疏通。\n二、王某不再就此另行主张。", "request": "撤销原意见。",
        "reasons": "原意见没有查明堵塞原因。", "excuse": "因病住院。", "attached": True, "ground": "不属于本机关职权范围",
        "ground_article": "第二十三条", "explanation": "请向有权机关提出。", "opinion_number": "某政信访复核字〔2026〕2号",
        "opinion_date": _DAYS["accepted"], "conclusion": "维持", "conclusion_text": "排水管应当疏通。", "measure": "通报",
        "matters": "积水的原因和责任。", "what": "疏通排水管。", "when_where": "2026年11月3日，某村。", "event": "道路积水，约30人聚集。",
        "cause": "连日降雨。", "look_form": "实地督办", "facts_true": "属实", "claim_fair": "合理", "understood": "理解", "measures": "已派人到场。", "trend": "雨停后缓解。", "by_office": True, "upheld": True, "agree": True,
        "words": "同意。", "verified": "李某", "decided": "李某", "started": Made(length=60, due=_DAYS["due"]), "handed": "原包案领导调离。", "in_course": True, "changed": [(_CLAIM, "支持")], "days": 30, "redo_days": 30,
        "place": "某镇会议室", "held_on": _DAYS["accepted"], "applied_on": _DAYS["issued"],
        "opinion_on": _DAYS["issued"], "perform_by": _DAYS["due"], "rectify_by": _DAYS["due"], "limit_on": _DAYS["due"], "due_on": _DAYS["due"],
        "due": _DAYS["due"], "new_due": _DAYS["due"], "redo_due": _DAYS["due"], "answer_due": _DAYS["due"], "before": _DAYS["issued"],
    }  # fmt: skip


def guarded() -> dict[str, Any]:
    """Return what the papers of a sealed report name beyond :func:`matter`."""
    told = {
        "accused": ["某甲"], "accused_unit": "某单位", "content": "（检举控告的内容）", "hide_reporter": False,
        "reporters": [{"name": "某乙", "phone": "13800000000", "address": "某村"}],
    }  # fmt: skip
    return {
        "told": told,
        "by_own_rules": False,
        "units": [],
        "to": "某机关",
        "reporter": "某乙",
        "note": "已核查并作出处理。",
        "number": "G2026-0001转1",
    }
