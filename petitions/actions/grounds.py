"""On which ground may a matter be refused, and what must the record say for it?  Art.19, 23, 33, 35, 36 (domain.md §2.7).

A ground that speaks of another matter names it, and what it says of that matter is read from the record: nobody types it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.db.models import Q

from petitions import lifecycle, repeats
from petitions.access import visible_to
from petitions.actions.door import Work
from petitions.errors import BadInput, WrongMoment
from petitions.models import Petition
from petitions.workdays import is_overdue

# Where another step is the lawful way, the refusal names it.
_INSTEAD: Mapping[tuple[str, str], str] = {
    ("not_accept", "re_reviewed"): "复核后仍以同一事实和理由提出的，用“不再受理”，并指明复核意见。",
    (
        "decline",
        "out_of_remit",
    ): "不属于本单位职权范围的，应当自收到之日起5个工作日内提出异议，由转送、交办机关核实决定。",
}


def refuse(work: Work, ground: str, explanation: str, other: Petition | None) -> None:
    """Write down a ground for not accepting; both it and the reasons are owed to the petitioner in writing.

    Args:
        ground: a code that ``lifecycle.GROUNDS_OF`` has for this step.
        other: the matter that the ground speaks of, for those in ``lifecycle.NAMING``.

    Raises:
        BadInput, WrongMoment: it is no ground for this step, or the record does not bear it out.
    """
    if ground not in lifecycle.GROUNDS_OF[work.step.code]:
        instead = _INSTEAD.get((work.step.code, ground), "请选择不予受理的情形。")
        raise BadInput({"ground": instead}, rule="第二十三条")
    if not explanation.strip():
        raise BadInput({"explanation": "请写明理由和其他解决途径。"}, rule="第二十三条")
    words, article = lifecycle.GROUNDS[ground]
    if ground in lifecycle.NAMING:
        named = _named(work, other, article)
        _BORNE_OUT[ground](work, named, f"《{lifecycle.TEXT}》{article}")
        work.data["other"] = named.number
    work.data["ground"] = ground
    work.text["explanation"] = explanation
    work.paper_words |= {"ground": words, "ground_article": article, "explanation": explanation}


def _named(work: Work, other: Petition | None, article: str) -> Petition:
    """The matter that the ground speaks of: in sight, another one, and brought by the same people (Art.19 ¶3)."""
    rule = f"《{lifecycle.TEXT}》{article}"
    if other is None:
        raise BadInput({"other": "请填写这一情形所指的那件事项的编号。"}, rule=rule)
    found = visible_to(work.by).filter(pk=other.pk).exclude(pk=work.petition.pk).first()
    if found is None:
        raise BadInput({"other": "没有找到那一件事项。"}, rule="职责范围")
    if not repeats.shared_by(work.petition, found):
        sentence = f"{found.number}不是同一信访人提出的：同一问题、不同的人，应当受理，可以关联。"
        raise BadInput({"other": sentence}, rule=rule)
    return found


def _in_time_below(work: Work, found: Petition, rule: str) -> None:
    """A body below has it in hand: a ground only while that body's own clock has not run out (Art.19 ¶3)."""
    if found.stage not in lifecycle.OPEN_STAGES:
        raise BadInput({"other": "那一件不在办理中，不能以此为由不予受理。"}, rule=rule)
    if found.due is not None and is_overdue(found.due, work.occurred_on):
        raise WrongMoment(
            f"{found.number}已于{found.due:%Y年%-m月%-d日}逾期，不能再以此为由不予受理：请收下，并入并督办。", rule=rule
        )


def _agreement_holds(work: Work, found: Petition, rule: str) -> None:
    """An agreement that has been performed, or whose day of performance has not passed; a broken one bars nothing (Art.33)."""
    holds = Q(state="performed") | Q(state="agreed", perform_by__gte=work.occurred_on)
    if not found.mediations.filter(holds).exists():
        raise BadInput({"other": f"{found.number}没有在履行期内或者已经履行的调解、和解协议。"}, rule=rule)


def _window_closed(work: Work, found: Petition, rule: str) -> None:
    """The window for review or re-review closed without an application (Art.35, 36)."""
    if not repeats.window_lapsed(found):
        raise BadInput({"other": f"{found.number}没有超过复查、复核申请期限。"}, rule=rule)


def _re_reviewed(work: Work, found: Petition, rule: str) -> None:
    """A re-review opinion stands on record: the petitioner gets the notice of 不再受理 with its number and day (Art.36)."""
    said = last_word(work, found)
    work.data |= {"opinion_number": said.number, "opinion_date": said.issued_on, "same_by": said.same_by}
    work.paper_words |= {"opinion_number": said.number, "opinion_date": said.issued_on}
    work.paper_kind = "no_further_notice"


_BORNE_OUT: Mapping[str, Callable[[Work, Petition, str], None]] = {
    "in_progress": _in_time_below, "mediated": _agreement_holds, "window_lapsed": _window_closed, "re_reviewed": _re_reviewed,
}  # fmt: skip


def last_word(work: Work, earlier: Petition) -> repeats.LastWord:
    """The re-review opinion on ``earlier``, which the same people brought (Art.36).

    Raises:
        BadInput: there is none, or other people brought it.
    """
    name = "earlier" if work.step.code == "no_further" else "other"
    found = visible_to(work.by).filter(pk=earlier.pk).exclude(pk=work.petition.pk).first()
    if found is None:
        raise BadInput({name: "没有找到以前的那一件。"}, rule="职责范围")
    how = repeats.shared_by(work.petition, found)
    if not how:
        raise BadInput(
            {name: f"{found.number}不是同一信访人提出的：同一问题、不同的人，应当受理，可以关联。"}, rule="第三十六条"
        )
    said = repeats.last_word(found)
    if said is None:
        raise BadInput({name: f"{found.number}没有送达的复核意见，不能不再受理。"}, rule="第三十六条")
    return replace(said, same_by=how)


__all__ = ["last_word", "refuse"]
