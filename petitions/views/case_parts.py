"""What does the case page show of a matter?  Its rail, people, filings, claims, units, papers and files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from accounts.actor import Actor
from accounts.dates import day_of
from accounts.masks import mask_address, mask_id, mask_phone
from petitions import lifecycle, limits, trees
from petitions.access import ON, Aside, Row, may_unmask, recused, sees_name, steps_for
from petitions.dossier import Dossier
from petitions.law import oversight, repeats, review
from petitions.law.review import CONCLUSIONS
from petitions.lifecycle import Step
from petitions.models import (
    Advice,
    Assignment,
    Attachment,
    Channel,
    Claim,
    Clock,
    Dispute,
    Filing,
    Hearing,
    Instruction,
    Measure,
    Mediation,
    Party,
    Petition,
    Petitioner,
    Proceeding,
    Recusal,
    Route,
    Supervision,
    Withdrawal,
)
from petitions.views.badges import TONES, badge
from petitions.views.links import link, step_link
from petitions.workdays import spoken

AWAY_NAME = "（您已回避，不显示信访人）"
HIDDEN_NAME = "（信访人要求不透露姓名）"
_ICONS = {
    "danger": "stop",
    "instruct": "pen",
    "draft": "pen",
    "interview": "pen",
    "deliver": "send",
    "transfer": "send",
}


# --- the rail ---------------------------------------------------------------------------------------------------


def state(found: Dossier) -> dict[str, Any]:
    """Where the whole matter stands, who has it, since when."""
    moved = [event for event in found.events if event.step in lifecycle.STEPS and lifecycle.STEPS[event.step].to]
    return {
        "label": _state_word(found),
        "unit": _who_has_it(found),
        "former": _former(found),
        "since": (moved or found.events)[-1].occurred_on if found.events else None,
        "marks": _marks(found),
    }


def _who_has_it(found: Dossier) -> str:
    """The body that is to act: while a review is under way its own, else the one that handles."""
    petition = found.petition
    if petition.stage in review.BY_BODY and found.reviews:
        return found.reviews[-1].department.name
    return (
        found.lead.department.name
        if found.lead and petition.stage not in ("ended", "confirmed")
        else petition.office.name
    )


def _former(found: Dossier) -> str:
    """Under which name the responsible body had this matter before: one it followed, or its own old one."""
    lead = found.lead
    if lead is None:
        return ""
    body = lead.department
    followed = [e.data["was_name"] for e in found.events if e.step == "reorganised" and e.data["now"] == body.pk]
    if followed:
        return str(followed[-1])
    was = trees.name_on(body.pk, lead.sent_on, body.short_name)
    return was if was != body.short_name else ""


def _state_word(found: Dossier) -> str:
    """The stage in a word; while a draft waits, for whom, as the trays say it."""
    run = found.handling
    if found.petition.stage == "handling" and run is not None and run.state in ("drafted", "checked"):
        return lifecycle.STATES["proceeding"][run.state]
    return lifecycle.STAGES[found.petition.stage]


def _marks(found: Dossier) -> list[dict[str, str]]:
    petition = found.petition
    marks = [
        (petition.urgent, "重大紧急", "late"),
        (petition.joint, f"联名 {petition.head_count}人{_band(petition)}", ""),
        (_without_voice(found), "未推选代表", "wait"),
        (petition.hide_name, "不透露姓名", "stop"),
        (petition.resolved is True, "已化解", "done"),
        (petition.resolved is False, "未化解", "wait"),
        (bool(petition.outcome), petition.get_outcome_display(), ""),
    ]
    return [{"label": label, "tone": tone} for shown, label, tone in marks if shown]


def _without_voice(found: Dossier) -> bool:
    """Whether people came together and have not said who speaks for them (Art.20 ¶3)."""
    came = any(filing.channel == Channel.VISIT for filing in found.filings)
    return found.petition.joint and came and not any(party.representative for party in found.parties)


def _band(petition: Petition) -> str:
    words = repeats.band(petition.head_count)
    return f"（{words}）" if words else ""


def clocks(found: Dossier, today: date) -> list[Any]:
    """Running clocks, the nearest duty first, then windows; each with the reasons for its day."""
    running = [clock for clock in found.clocks if clock.ended == ""]
    rules = limits.rules_on(today, back_to=min((clock.start for clock in running), default=today))
    running.sort(key=lambda clock: (clock.window, clock.shadow, clock.due))
    return [badge(clock, today, rules, whose=_whose(clock)) for clock in running]


def _whose(clock: Clock) -> str:
    if clock.window:
        return "（期限内可提出）"
    return f" · {clock.department.short_name}" if clock.department else ""


def steps(found: Dossier, actor: Actor) -> list[dict[str, Any]]:
    """The steps this person may take now, as buttons in words; the ordinary ones first."""
    pairs = steps_for(actor, found.petition, found.rows)
    pairs.sort(key=lambda pair: pair[0].secondary)
    many = {step.code for step, _ in pairs if sum(other.code == step.code for other, _ in pairs) > 1}
    first = next((step.code for step, _ in pairs if not step.secondary), "")
    return [
        _button(found.petition, step, row, name_row=step.code in many, primary=step.code == first)
        for step, row in pairs
    ]


def no_steps(found: Dossier, actor: Actor) -> str:
    """Why there is nothing to do, where that has a reason of its own; empty where it has none."""
    away = recused(actor, found.petition)
    if away is None:
        return ""
    more = "，也不查看信访人的信息和材料" if away.hides_name else ""
    return f"您已回避这件事项：不再办理{more}（第二十八条第三款）。"


def _button(petition: Petition, step: Step, row: Row, *, name_row: bool, primary: bool) -> dict[str, Any]:
    label = f"{step.label}（{row_name(row)}）" if name_row else step.label
    return {
        "label": label, "url": step_link(petition, step, row), "primary": primary, "danger": step.danger,
        "hint": step.hint, "icon": _ICONS.get(step.code, ""),
    }  # fmt: skip


def row_name(row: Row) -> str:
    """What a row is called where a matter has several of its kind."""
    if isinstance(row, Filing):
        return row.number
    if isinstance(row, Recusal):
        return row.person.user.name
    if isinstance(row, Assignment | Proceeding | Supervision | Aside):
        return "，".join(filter(None, (row.department.short_name, _which(row))))
    return row.leader.user.name if isinstance(row, Instruction) else row.number


def _which(row: Row) -> str:
    """What tells two rows of one body apart: why it is supervised, what was suggested, which procedure it is."""
    if isinstance(row, Supervision):
        return oversight.TRIGGERS.get(row.trigger, "")
    if isinstance(row, Advice):
        return oversight.ADVICE[row.kind]
    if isinstance(row, Measure):
        return oversight.MEASURES[row.kind]
    return row.outside_procedure if isinstance(row, Proceeding) and row.kind == "outside" else ""


def open_matters(found: Dossier) -> dict[str, Any]:
    """Instructions and supervisions that wait for an answer: they stay in sight in the rail."""
    return {
        "open_instructions": [row for row in found.instructions if row.state != "answered"],
        "open_supervisions": [_supervision(row) for row in found.supervisions if row.state != "ended"],
        "past_instructions": [row for row in found.instructions if row.state == "answered"],
        "past_supervisions": [_supervision(row) for row in found.supervisions if row.state == "ended"],
    }


def _supervision(row: Supervision) -> dict[str, Any]:
    from petitions.actions.whole import TRIGGERS

    return {
        "row": row, "trigger": TRIGGERS.get(row.trigger, row.trigger),
        "state": lifecycle.STATES["supervision"].get(row.state, row.state),
    }  # fmt: skip


# --- the matter -------------------------------------------------------------------------------------------------


def people(found: Dossier, actor: Actor, revealed: Iterable[int] = ()) -> list[dict[str, Any]]:
    """Everybody who takes part, masked; or a single line where the petitioner's name is not to be told."""
    if not sees_name(actor, found.petition):
        away = recused(actor, found.petition)
        return [
            {
                "key": "0",
                "name": AWAY_NAME if away else HIDDEN_NAME,
                "role": f"共{found.petition.head_count}人",
                "bits": [],
                "reveal_url": "",
            }
        ]
    parts: dict[int, list[Party]] = {}
    for party in found.parties:
        parts.setdefault(party.petitioner_id, []).append(party)
    shown, may = set(revealed), _may_reveal(found, actor)
    rows = [
        person(found.petition, row, number, parts.get(row.pk, []), clear=number in shown)
        for number, row in enumerate(found.petitioners, start=1)
    ]
    return rows if may else [row | {"reveal_url": ""} for row in rows]


def _may_reveal(found: Dossier, actor: Actor) -> bool:
    """Whether the reader may look behind the masks; asked only where somebody had the matter once, or was recused."""
    once = found.petition.recusals or any(row.state in ("returned", "recalled") for row in found.assignments)
    return not once or may_unmask(actor, found.petition)


def person(petition: Petition, row: Petitioner, number: int, parts: list[Party], *, clear: bool) -> dict[str, Any]:
    """One person as `parts/person_masked.html` reads it; ``number`` is the person's place in the matter."""
    roles = list(dict.fromkeys(part.get_role_display() for part in parts))
    if any(part.representative for part in parts):
        roles.append("代表")
    return {
        "key": str(number), "name": row.name, "role": "、".join(roles), "bits": _bits(row, clear=clear), "revealed": clear,
        "reveal_url": f"{link('reveal', petition.ref)}?person={number}" if has_secrets(row) else "",
    }  # fmt: skip


def has_secrets(row: Petitioner) -> bool:
    """Whether there is anything behind the masks."""
    return bool(row.id_number or row.phone or row.address)


def _bits(row: Petitioner, *, clear: bool) -> list[tuple[str, str]]:
    def shown(value: str, mask: Any) -> str:
        return value if clear else str(mask(value))

    born = spoken(row.birth_date).split(" ")[0] if row.birth_date and clear else ""
    bits = [
        ("性别", row.get_sex_display() if row.sex in ("1", "2") else ""),
        ("出生", born),
        (row.get_id_kind_display(), shown(row.id_number, mask_id) if row.id_number else ""),
        ("手机", shown(row.phone, mask_phone) if row.phone else ""),
        ("住址", shown(row.address, mask_address) if row.address else ""),
    ]
    return [(label, value) for label, value in bits if value]


def filings(found: Dossier) -> list[dict[str, Any]]:
    """Each filing with its channel, its dates and the gap between receipt and record."""
    return [_filing(found, row) for row in found.filings]


def _filing(found: Dossier, row: Filing) -> dict[str, Any]:
    gap = (day_of(row.recorded_at) - row.received_on).days
    return {
        "row": row,
        "state": lifecycle.STATES["filing"].get(row.state, row.state),
        "gap": f"收到后{gap}天登记" if gap > 0 else "",
        "references": [ref for ref in found.references if ref.filing_id == row.pk],
        "office": row.office.short_name,
        "registrar": row.registrar.user.name,
        "handed_by": found.department(row.handed_by_id),
    }


def claims(found: Dossier) -> list[dict[str, Any]]:
    """Each claim with its road, the outside procedure if any, and the opinion's answer."""
    runs = {run.pk: run for run in found.proceedings}
    return [_claim(claim, runs.get(claim.proceeding_id or 0)) for claim in found.claims]


def _claim(claim: Claim, run: Proceeding | None) -> dict[str, Any]:
    outside = run if run is not None and run.kind == "outside" else None
    return {
        "row": claim, "route": Route(claim.route).label if claim.route else "", "outside": outside,
        "support": claim.get_support_display() if claim.support else "",
        "draft": run is not None and run.issued_on is None and bool(claim.support),
    }  # fmt: skip


def units(found: Dossier) -> list[dict[str, Any]]:
    """Who holds the matter, on what footing, since when, with which handler."""
    return [
        {
            "row": row, "department": row.department.name, "mode": row.get_mode_display(),
            "lead": row.lead and row.state != "returned", "state": lifecycle.STATES["assignment"].get(row.state, row.state),
            "handler": row.handler.user.name if row.handler_id and row.handler else "",
            "suggested": found.department(row.suggested_id),
        }
        for row in found.assignments
    ]  # fmt: skip


def draft(found: Dossier) -> dict[str, Any] | None:
    """The draft opinion that is not issued yet: inside the office only."""
    run = found.handling
    if run is None or not run.facts or run.issued_on is not None:
        return None
    people = {"drafter": found.post(run.drafter_id), "checker": found.post(run.checker_id)}
    mine = [claim for claim in found.claims if claim.proceeding_id == run.pk]
    return {"run": run, "claims": mine, **people}


def reviews(found: Dossier) -> list[dict[str, Any]]:
    """Each review: before whom, since when, how it stands, with which conclusion."""
    return [
        {
            "row": run, "name": run.get_kind_display(), "body": run.department.name, "conclusion": CONCLUSIONS.get(run.conclusion, "")
            if run.issued_on else "", "state": lifecycle.STATES["proceeding"].get(run.state, run.state),
        }
        for run in found.reviews
    ]  # fmt: skip


def asides(found: Dossier) -> list[dict[str, Any]]:
    """What runs beside the stage: what it is, how it stands, since when, a fact or two."""
    return [
        {
            "kind": lifecycle.ASIDE[ON[type(row)]], "state": lifecycle.STATES[ON[type(row)]].get(row.state, row.state),
            "body": row.department.short_name, "facts": _aside_facts(row),
        }
        for row in found.asides
    ]  # fmt: skip


def _aside_facts(row: Aside) -> str:
    if isinstance(row, Hearing):
        return f"{spoken(row.hold_on)} {row.place}，主持人{row.chair}"
    if isinstance(row, Mediation):
        until = f"，{spoken(row.perform_by)}前履行" if row.perform_by else ""
        how = "双方自行和解" if row.between_them else f"调解人{row.mediator}"
        return f"{spoken(row.started_on)}起，{how}{until}{'，已司法确认' if row.confirmed_on else ''}"
    if isinstance(row, Withdrawal):
        return f"{spoken(row.asked_on)}表示"
    if isinstance(row, Dispute):
        settled = f"，由{row.body.name}受理" if row.body else ""
        return f"{row.between}，{spoken(row.asked_on)}提请{settled}"
    if isinstance(row, Measure):
        until = f"，{spoken(row.rectify_by)}前整改" if row.rectify_by else ""
        return f"{oversight.MEASURES[row.kind]}{until}"
    if isinstance(row, Advice):
        adopted = f"，{oversight.ADOPTED[row.adopted]}" if row.adopted else ""
        return f"{oversight.ADVICE[row.kind]}建议，{spoken(row.sent_on)}提出{adopted}"
    return f"{spoken(row.reported_on)}报告"


def papers(found: Dossier) -> list[dict[str, Any]]:
    """Papers, the newest first, each with its print view and how it was served."""
    return [
        {"row": row, "url": link("paper", row.ref), "served": _served(row), "department": row.department.short_name}
        for row in reversed(found.papers)
    ]


def _served(row: Any) -> str:
    if row.served_on is None:
        return ""
    how = {"hand": "直接送达", "post": "邮寄送达", "other": "其他方式送达"}.get(row.served_how, "送达")
    return f"{spoken(row.served_on)} {how}{'，拒收' if row.receipt == 'refused' else ''}"


def files(found: Dossier, *, named: bool) -> list[dict[str, Any]]:
    """Files, each with its link; a file's own name may name the petitioner, and is shown to whoever may know that."""
    return [
        {"row": row, "url": link("attachment", row.ref), "name": row.name if named else plain_name(row, number)}
        for number, row in enumerate(found.attachments, start=1)
    ]


def plain_name(row: Attachment, number: int | str = "") -> str:
    """What a file is called where its own name is not to be told: 附件1.jpg."""
    return f"附件{number}{PurePosixPath(row.name).suffix[:8]}"


def past_clocks(found: Dossier) -> list[dict[str, Any]]:
    """Clocks that have ended: what was met, and what was late."""
    return [
        {"row": clock, "label": lifecycle.CLOCKS[clock.name].label, "late": clock.ended == Clock.Ended.LATE}
        for clock in found.clocks
        if clock.ended
    ]


def tone(petition: Petition) -> str:
    """The colour that helps the eye to find a stage; the word says it."""
    return TONES.get(petition.stage, "")
