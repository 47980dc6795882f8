"""How does the law read on paper?  docs/lifecycle.md is printed from the table, for people who know no Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from petitions.law import accusations as sealed
from petitions.law import review
from petitions.lifecycle import (
    ASIDE,
    BEGINNINGS,
    CLOCKS,
    EXTENSION_TOTAL_DAYS,
    FINAL_STATES,
    PAPERS,
    STAGES,
    STATES,
    STEPS,
    TEXT,
    ClockRule,
    Step,
)

KINDS = {
    "filing": "信访件",
    "assignment": "承办关系",
    "proceeding": "办理程序",
    "petition": "信访事项",
    "instruction": "领导批示",
    "supervision": "督办",
    "recusal": "回避",
    **ASIDE,
}
PLACES = {
    "office": "受理机关", "unit": "责任单位", "sender": "转送交办机关", "review": "复查机关", "rereview": "复核机关",
    "decider": "回避人所在单位（负责人回避的，上一级）", "recorder": "（上级机关不在本系统的）信访部门",
}  # fmt: skip
ROLES = {
    "triage": "受理甄别", "office_head": "信访部门负责人", "registrar": "窗口登记", "supervisor": "督查", "signer": "签收",
    "handler": "承办人", "leader": "县领导", "unit_leader": "分管领导", "unit_head": "主要负责人",
    "reviewer": "复查人员", "rereviewer": "复核人员",
}  # fmt: skip


def lifecycle_page() -> str:
    """Return docs/lifecycle.md."""
    return "\n".join([*_head(), *_diagram(), *_steps(), *_clocks(), *_papers(), *_sealed()]) + "\n"


def _head() -> Iterator[str]:
    yield "# 信访事项办理流程（由 petitions/lifecycle.py 打印，请勿手改）"
    yield ""
    yield f"依据：《{TEXT}》（2022年5月1日起施行）。每一行读作：**谁**，在**何种状态**下，可以对哪一种对象采取哪一步；之后处于什么状态；"
    yield "哪些时限到此为止，哪些时限不再适用，哪些时限开始；出具什么文书；依据哪一条。写明“地方规则”的，条例没有规定天数，可由管理员调整。"
    yield ""


# The runs of a proceeding that share its table of states, each drawn by itself: where a road leaves for another, both show it.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "办理与处理意见": (
        "handling", "drafted", "checked", "issued", "delivered", "lapsed", "appealed", "exhausted", "redone", "settled",
        "closed", "confirmed", "withdrawn",
    ),
    "复查与复核": tuple(state for state in review.STATES if state not in ("appealed", "exhausted", "redone")),
    "建议答复与履职答复": (
        "studying", "reply_drafted", "reply_issued", "reply_delivered", "closed", "confirmed", "withdrawn", "came_back",
    ),
    "导入其他程序": ("outside", "outside_done", "came_back"),
    "执行": ("executing", "executed"),
}  # fmt: skip


def _diagram() -> Iterator[str]:
    yield "## 状态图"
    yield ""
    yield "由同一张表画出：方框是状态，箭头是改变状态的步骤；不改变状态的步骤（如记录接谈、延长期限、催办）只列在下面的表里。"
    yield "“●”是开始，“◉”是这一对象的终点。同一程序的几条路分开画；“系统”自动走的步骤也在内。"
    yield ""
    for kind in STATES:
        parts = _PARTS if kind == "proceeding" else {"": tuple(STATES[kind])}
        for title, states in parts.items():
            yield f"### {KINDS[kind]}{f'：{title}' if title else ''}"
            yield ""
            yield from _drawn(kind, states)
            yield ""


def _drawn(kind: str, states: tuple[str, ...]) -> Iterator[str]:
    """One diagram: every move between ``states``, steps that lead from and to the same two written on one arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for step in STEPS.values():
        if step.on == kind and step.to in states:
            for state in step.from_:
                if state in states:
                    arrows.setdefault((state, step.to), []).append(step.label)
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f'  state "{STATES[kind][state]}" as {state}' for state in states)
    yield from (f"  [*] --> {state}" for state in states if state in BEGINNINGS[kind])
    for (state, to), labels in arrows.items():
        yield f"  {state} --> {to}: {'／'.join(dict.fromkeys(labels))}"
    yield from (f"  {state} --> [*]" for state in states if state in FINAL_STATES[kind])
    yield "```"


def _steps() -> Iterator[str]:
    for kind, title in KINDS.items():
        yield f"## 步骤：{title}"
        yield ""
        yield "| 步骤 | 从 | 到 | 由谁 | 停止的时限 | 不再适用 | 开始的时限 | 文书 | 依据 |"
        yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        yield from (_row(step) for step in STEPS.values() if step.on == kind)
        yield ""


def _row(step: Step) -> str:
    words = STAGES if step.on == "petition" else STATES[step.on]
    cells = [
        step.label,
        "、".join(words[state] for state in step.from_),
        words[step.to] if step.to else "（不变）",
        "、".join(_who(who) for who in step.who),
        _names(step.stops),
        _names(step.cancels),
        _names(step.starts),
        "、".join(PAPERS[code].title for code in (step.paper, *step.also) if code),
        step.article,
    ]
    return "| " + " | ".join(cells) + " |"


def _who(who: str) -> str:
    if ":" not in who:
        return {
            "leader": "县领导（分管领域内）",
            "system": "自动",
            "petitioner": "信访人（网上）",
            "conference": "联席办",
        }[who]
    place, role = who.split(":")
    return PLACES[place] + ROLES[role]


def _names(codes: tuple[str, ...]) -> str:
    return "、".join(f"{code} {CLOCKS[code].label}" for code in codes)


def _clocks() -> Iterator[str]:
    yield "## 时限"
    yield ""
    yield (
        "当日不计，自次日起算；最后一日是法定休息日的，顺延至下一工作日（两个日期都保存）。延长办理期限合计不超过"
        f"{EXTENSION_TOTAL_DAYS}日。"
    )
    yield ""
    yield "| 代码 | 时限 | 天数 | 性质 | 起算对象 | 依据 |"
    yield "| --- | --- | --- | --- | --- | --- |"
    yield from (_clock(rule) for rule in CLOCKS.values())
    yield ""


def _clock(rule: ClockRule) -> str:
    days = f"{rule.length}{'个工作日' if rule.working else '日'}" if rule.length else "由交办、批示机关确定"
    nature = "权利期限" if rule.window else "办理期限"
    return f"| {rule.code} | {rule.label} | {days} | {nature} | {KINDS[rule.on]} | {rule.article} |"


def _papers() -> Iterator[str]:
    yield "## 文书"
    yield ""
    yield "文号：机关代字＋信访＋字＋〔年份〕＋序号，按机关、种类、年份连续编号，作废不再使用。"
    yield ""
    yield "| 文书 | 字 | 送信访人 | 依据 |"
    yield "| --- | --- | --- | --- |"
    yield from (
        f"| {k.title} | {k.mark} | {'是' if k.to_petitioner else '否'} | {k.article} |" for k in PAPERS.values()
    )


def _sealed() -> Iterator[str]:
    """The road of sealed reports, in a chapter of its own: their rows stand beside the table (law/accusations.py)."""
    yield "## 检举控告类（第三十条）"
    yield ""
    yield "检举控告不进入上面各表：单独的数据、编号和文书，只有专门受理人员名单上的人看得到。不得转给被反映的人、被反映的单位和它的下级；"
    yield "这样的操作会被拒绝，并留下记录。"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for state, words in sealed.STATES.items():
        yield f'  state "{words}" as sealed_{state}'
    yield "  [*] --> sealed_received: 登记、由窗口转入"
    for step in sealed.ROWS:
        yield from (f"  sealed_{state} --> sealed_{step.to}: {step.label}" for state in step.from_ if step.to)
    yield "```"
    yield ""
    yield "| 步骤 | 从 | 到 | 停止的时限 | 不再适用 | 开始的时限 | 文书 | 依据 |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for step in sealed.ROWS:
        yield _sealed_row(step)
    yield ""
    yield "| 时限 | 长度 | 依据 |"
    yield "| --- | --- | --- |"
    for name, (label, code) in sealed.CLOCKS.items():
        rule = CLOCKS.get(code)
        length, article = (rule.length, rule.article) if rule else sealed.HOUSE[name]
        yield f"| {label} | {length}日 | {article} |"
    yield ""
    yield "| 文书 | 依据 |"
    yield "| --- | --- |"
    for paper in sealed.PAPERS.values():
        yield f"| {paper.title} | {paper.article} |"


def _sealed_row(step: sealed.GuardedStep) -> str:
    names = [
        [sealed.CLOCKS[name][0] for name in each] for each in (step.stops, step.cancels, (*step.starts, *step.resumes))
    ]
    cells = [
        step.label, "、".join(sealed.STATES[state] for state in step.from_),
        sealed.STATES[step.to] if step.to else "（不变）", *("、".join(each) for each in names),
        sealed.PAPERS[step.paper].title if step.paper else "", step.article,
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"
