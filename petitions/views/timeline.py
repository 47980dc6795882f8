"""What has happened, when, by whom, under which article?  The events of a matter as lines of its timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.dates import day_of
from petitions import lifecycle, trees
from petitions.actions import label_of, road
from petitions.actions.record import words_of
from petitions.actions.whole import TRIGGERS
from petitions.dossier import Dossier
from petitions.law import oversight, review
from petitions.matterkey import key_of
from petitions.models import Event, Outcome, PetitionerView, Rating
from petitions.views.links import link
from petitions.workdays import spoken

# What the encrypted words of an event are called.
_WORDS = {
    "note": "", "text": "", "reply": "", "answer": "", "reason": "理由", "explanation": "理由", "proposal": "拟办意见",
    "demand": "要求", "result": "办理结果", "finding": "结论", "words": "信访人说法", "ground": "依据", "comment": "意见",
    "interest": "利害关系", "body": "有权处理的机关", "how": "怎样找到它", "place": "地点", "people": "在场人", "receiver": "签收人", "witness": "见证人",
    "late_reason": "补录原因", "between": "争议单位", "decider": "作出决定的机关",
    "facts": "事实", "suggestion": "建议", "basis": "依据", "what": "执行事项",
    "matters": "听证事项", "chair": "主持人", "other": "另一方", "mediator": "调解人", "terms": "协议内容", "parties": "当事人",
    "court": "法院", "evidence": "履行情况", "when_where": "时间、地点", "event": "事件", "cause": "起因", "measures": "措施", "trend": "趋势",
    "request": "请求", "reasons": "事实和理由", "excuse": "超过期限的理由", "backdate_reason": "补录原因",
}  # fmt: skip
# Words that may name the petitioner: not for those who are not to know the name.
_NAMING = frozenset({"receiver", "people", "parties", "terms"})
_LATE = frozenset({"clock_lapsed", "supervision_opened"})
_SERVED = {"hand": "直接送达", "post": "邮寄送达", "other": "其他方式"}


def timeline(found: Dossier, *, named: bool) -> list[dict[str, Any]]:
    """Return the events of ``found``, the newest first.

    Args:
        named: whether the reader may know who the petitioner is.
    """
    key = key_of(found.petition)
    papers = {paper.number: paper for paper in found.papers}
    return [_line(event, found, key, papers, named=named) for event in reversed(found.events)]


def _line(event: Event, found: Dossier, key: bytes | None, papers: dict[str, Any], *, named: bool) -> dict[str, Any]:
    step = lifecycle.STEPS.get(event.step)
    words = words_of(event, found.petition, key)
    notes = [*_facts(event, found), *_said(words, named=named)]
    paper = papers.get(str(event.data.get("paper", "")))
    return {
        "occurred_on": event.occurred_on, "recorded_at": event.recorded_at, "label": label_of(event.step),
        "who": _who(event, found), "post": _post(event, found), "note": "\n".join(notes),
        "article": f"《{lifecycle.TEXT}》{step.article}" if step else "",
        "papers": [{"label": f"{paper.title} {paper.number}", "url": link("paper", paper.ref)}] if paper else [],
        "kind": _kind(event, found), "icon": "", "gap": _gap(event),
    }  # fmt: skip


def _who(event: Event, found: Dossier) -> str:
    post = found.post(event.post_id)
    if post is None:
        return "信访人"
    if event.delegation_id and event.delegation:
        return f"{event.user.name if event.user else ''}（代{event.delegation.post.user.name}）"
    return post.user.name


def _post(event: Event, found: Dossier) -> str:
    """The post acted in, its body by the name it bore on the day."""
    post = found.post(event.post_id)
    if post is None:
        return ""
    body = trees.name_on(post.department_id, day_of(event.recorded_at), post.department.short_name)
    through = " · 经接口" if event.data.get("token") else ""
    return f"{body} {post.title or post.get_role_display()}{through}"


def _kind(event: Event, found: Dossier) -> str:
    if event.step in _LATE:
        return "late"
    post = found.post(event.post_id)
    if post is not None and post.role == "system":
        return "auto"
    step = lifecycle.STEPS.get(event.step)
    return "step" if step is not None and not step.secondary else ""


def _gap(event: Event) -> str:
    days = (day_of(event.recorded_at) - event.occurred_on).days
    return f"发生后{days}天补录" if days > 0 and event.step not in _LATE else ""


def _said(words: dict[str, str], *, named: bool) -> list[str]:
    lines = []
    for name, value in words.items():
        if name in _NAMING and not named:
            continue
        label = _WORDS.get(name, "")
        lines.append(f"{label}：{value}" if label else value)
    return lines


def _facts(event: Event, found: Dossier) -> list[str]:
    """What the event says in codes and dates, in words."""
    data = event.data
    lines = [_department(data, found), *(_day(data, name, label) for name, label in _DAYS)]
    if event.step == "clock_lapsed":
        lines.append(f"{lifecycle.CLOCKS[data['clock']].label}期限届满，没有办结")
    if event.step == "take_over":
        lines += ["此前的办理过程见纸质档案", f"接收时的阶段：{lifecycle.STAGES.get(data.get('stage', ''), '')}"]
        lines += [_day(data, name, label) for name, label in road.LABELS.items() if name not in dict(_DAYS)]
        lines += [f"已有文书：{'、'.join(data['papers'])}"] if data.get("papers") else []
        again = [spoken(date.fromisoformat(day)) for day in data.get("again", ())]
        lines += [f"重复来件：{'、'.join(again)}"] if again else []
    if event.step == "clock_moved":
        lines.append(f"{lifecycle.CLOCKS[data['clock']].label}：原定{spoken(date.fromisoformat(data['was']))}")
    if (person := found.post(data.get("person"))) is not None:
        lines.append(f"回避人：{person.user.name}（{person.department.short_name}）")
        lines += ["不得知悉信访人的信息和材料"] if data.get("hides_name") else []
    if event.step == "reorganised":
        lines.append(f"承办单位由{data['was_name']}变更为{data['now_name']}（机构改革），到期日不变")
    lines += [words for name, table, label in _CODES if (words := _code(data, name, table, label))]
    lines += [
        f"{label}：{data[name]}"
        for name, label in (
            ("number", "文号"),
            ("reference", "外部编号"),
            ("related", "关联事项"),
            ("served", "送达的文书"),
            ("voided", "作废的文书"),
            ("other", "在办事项"),
            ("heads", "登记人数"),
            ("actual", "实到人数"),
            ("into", "并入"),
            ("from", "并入的事项"),
            ("split_to", "另立为"),
            ("split_from", "由哪一件的重复件拆出"),
            ("earlier", "以前的事项"),
            ("opinion_number", "复核意见"),
            ("same_by", "认定同一信访人的依据"),
        )
        if data.get(name)
    ]
    if data.get("days"):
        lines.append(f"延长{data['days']}日")
    return [line for line in lines if line]


_DAYS = (
    ("limit_on", "办理期限"),
    ("handed_due", "上级期限"),
    ("due", "到期日"),
    ("redo_due", "重新办理到期日"),
    ("issued_on", "作出日期"),
    ("hold_on", "举行日期"),
    ("rectify_by", "整改期限"),
    ("perform_by", "履行期限"),
    ("answer_due", "回复期限"),
    ("held_on", "日期"),
)
_CODES: tuple[tuple[str, Mapping[str, str], str], ...] = (
    ("ground", {code: words for code, (words, _) in review.REFUSALS.items()}, "情形"),
    ("form", dict(oversight.FORMS), "方式"),
    ("measure_kind", dict(oversight.MEASURES), "措施"),
    ("advice_kind", dict(oversight.ADVICE), "建议"),
    ("adopted", dict(oversight.ADOPTED), "采纳情况"),
    ("article", dict(oversight.LIABILITY), "依据"),
    ("facts_true", dict(oversight.FACTS_TRUE), "是否属实"),
    ("claim_fair", dict(oversight.CLAIM_FAIR), "诉求是否合理"),
    ("understood", dict(oversight.UNDERSTOOD), "信访人是否理解"),
    ("conclusion", dict(review.CONCLUSIONS), "结论"),
    ("ground", {code: words for code, (words, _) in lifecycle.GROUNDS.items()}, "情形"),
    ("outcome", dict(Outcome.choices), "办结方式"),
    ("trigger", TRIGGERS, "情形"),
    ("how", _SERVED, "送达方式"),
    ("view", dict(PetitionerView.choices), "信访人意见"),
    ("target", dict(Rating.Target.choices), "评价对象"),
    ("value", dict(Rating.Value.choices), "评价"),
)


def _code(data: dict[str, Any], name: str, table: Mapping[str, str], label: str) -> str:
    words = table.get(str(data.get(name, "")))
    return f"{label}：{words}" if words else ""


def _department(data: dict[str, Any], found: Dossier) -> str:
    department = found.department(data.get("department"))
    return f"单位：{department.name}" if (department and "mode" in data) or (department and "demand" in data) else ""


def _day(data: dict[str, Any], name: str, label: str) -> str:
    value = data.get(name)
    return f"{label}：{spoken(date.fromisoformat(value))}" if isinstance(value, str) and len(value) == 10 else ""
