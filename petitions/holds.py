"""What keeps a matter's file from being archived or destroyed?  Anything that is still open, here or in another app."""

from __future__ import annotations

from collections.abc import Callable

from petitions import lifecycle
from petitions.lifecycle import FINAL_STATES
from petitions.models import (
    Advice,
    Clock,
    Dispute,
    Filing,
    Hearing,
    Instruction,
    Measure,
    Mediation,
    Petition,
    Proceeding,
    Recusal,
    Supervision,
    UrgentReport,
    Withdrawal,
)

Hold = Callable[[Petition], str]
_others: list[Hold] = []
# States in which a run has nothing left to do though the law's table lets it be taken up again.
_AT_REST = ("lapsed", "exhausted", "appealed", "review_delivered", "delivered")
_ROWS = (
    ("filing", Filing, "信访件还没有了结"), ("proceeding", Proceeding, "办理程序还没有结束"),
    ("instruction", Instruction, "领导批示还没有回复"), ("supervision", Supervision, "督办还没有结束"),
    ("measure", Measure, "联席会议措施还没有结束"), ("advice", Advice, "三项建议还没有了结"), ("hearing", Hearing, "听证还没有结束"),
    ("mediation", Mediation, "调解和解还没有结束"), ("withdrawal", Withdrawal, "撤回还没有核实"), ("urgent", UrgentReport, "紧急处置还没有结束"),
    ("dispute", Dispute, "受理争议还没有确定"), ("recusal", Recusal, "回避申请还没有决定"),
)  # fmt: skip


def on_hold(hold: Hold) -> None:
    """Let another app say why a matter is not done with (``""`` where it has nothing to say)."""
    _others.append(hold)


def why_open(petition: Petition) -> str:
    """Return what of the matter is still open, in one sentence; ``""`` where everything has ended."""
    if petition.stage not in ("confirmed", "ended"):
        return f"现在是“{lifecycle.STAGES[petition.stage]}”"
    running = Clock.objects.filter(petition=petition, ended="").order_by("due", "pk").first()
    if running is not None:
        day = f"{running.due.year}年{running.due.month}月{running.due.day}日"
        return f"“{lifecycle.CLOCKS[running.name].label}”的期限还在走，到{day}为止"
    for kind, model, words in _ROWS:
        ended = FINAL_STATES[kind] | ({*_AT_REST} if kind == "proceeding" else set())
        if model._default_manager.filter(petition=petition).exclude(state__in=ended).exists():
            return words
    return next((said for hold in _others if (said := hold(petition))), "")
