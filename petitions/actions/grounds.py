"""On which ground may a matter be refused, and what must the record say for it?  Art.19, 23, 33, 35, 36 (domain.md §2.7).

A ground that speaks of another matter names it, and what it says of that matter is read from the record: nobody types it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.db.models import Q

from petitions import lifecycle, repeats
from petitions.access import unit_of, visible_to
from petitions.actions import supervised
from petitions.actions.door import Work
from petitions.actions.matter import Matter
from petitions.errors import BadInput, WrongMoment
from petitions.models import Petition

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
        named = _named(work, other, "other", f"《{lifecycle.TEXT}》{article}")
        _BORNE_OUT[ground](work, named)
        work.data["other"] = named.petition.number
    work.data["ground"] = ground
    work.text["explanation"] = explanation
    work.paper_words |= {"ground": words, "ground_article": article, "explanation": explanation}


@dataclass(frozen=True)
class _Named:
    """The matter that is named, by what its people are known again, the field that names it and the article that asks for it."""

    petition: Petition
    same_by: str
    field: str
    rule: str


def _named(work: Work, other: Petition | None, field: str, rule: str) -> _Named:
    """The matter that the step names: in sight, another one, and brought by the same people (Art.19 ¶3, 36)."""
    if other is None:
        raise BadInput({field: "请填写这一情形所指的那件事项的编号。"}, rule=rule)
    found = visible_to(work.by).filter(pk=other.pk).exclude(pk=work.petition.pk).first()
    if found is None:
        raise BadInput({field: "没有找到那一件事项。"}, rule="职责范围")
    how = repeats.shared_by(work.petition, found)
    if not how:
        sentence = f"{found.number}不是同一信访人提出的：同一问题、不同的人，应当受理，可以关联。"
        raise BadInput({field: sentence}, rule=rule)
    return _Named(found, how, field, rule)


def _in_time_below(work: Work, named: _Named) -> None:
    """Another body has it in hand: a ground only while no duty of such a body has run out (Art.19 ¶3)."""
    found, own = named.petition, unit_of(work.by)
    if found.stage not in lifecycle.OPEN_STAGES:
        raise BadInput({"other": "那一件不在办理中，不能以此为由不予受理。"}, rule=named.rule)
    if found.responsible_id in (None, own):
        sentence = f"{found.number}还没有交由下级机关、单位办理，不能以此为由不予受理。"
        raise BadInput({"other": sentence}, rule=named.rule)
    late = supervised.late_below(Matter.of(found), own, work.occurred_on)
    if late is not None:
        sentence = f"{found.number}已于{late.due:%Y年%-m月%-d日}逾期，不能再以此为由不予受理：请收下，并入并督办。"
        raise WrongMoment(sentence, rule=named.rule)


def _agreement_holds(work: Work, named: _Named) -> None:
    """An agreement that has been performed, or whose day of performance has not passed; a broken one bars nothing (Art.33)."""
    holds = Q(state="performed") | Q(state="agreed", perform_by__gte=work.occurred_on)
    if not named.petition.mediations.filter(holds).exists():
        sentence = f"{named.petition.number}没有在履行期内或者已经履行的调解、和解协议。"
        raise BadInput({"other": sentence}, rule=named.rule)


def _window_closed(work: Work, named: _Named) -> None:
    """The window for review or re-review closed without an application (Art.35, 36)."""
    if not repeats.window_lapsed(named.petition):
        raise BadInput({"other": f"{named.petition.number}没有超过复查、复核申请期限。"}, rule=named.rule)


def _re_reviewed(work: Work, named: _Named) -> None:
    """A re-review opinion stands on record: the petitioner gets the notice of 不再受理 with its number and day (Art.36)."""
    said = _last_word_on(named)
    work.data |= {"opinion_number": said.number, "opinion_date": said.issued_on, "same_by": said.same_by}
    work.paper_words |= {"opinion_number": said.number, "opinion_date": said.issued_on}
    work.paper_kind = "no_further_notice"


_BORNE_OUT: Mapping[str, Callable[[Work, _Named], None]] = {
    "in_progress": _in_time_below, "mediated": _agreement_holds, "window_lapsed": _window_closed, "re_reviewed": _re_reviewed,
}  # fmt: skip


def last_word(work: Work, earlier: Petition) -> repeats.LastWord:
    """The re-review opinion on ``earlier``, which the same people brought (Art.36).

    Raises:
        BadInput: there is none, or other people brought it.
    """
    return _last_word_on(_named(work, earlier, "earlier", "第三十六条"))


def _last_word_on(named: _Named) -> repeats.LastWord:
    said = repeats.last_word(named.petition)
    if said is None:
        raise BadInput({named.field: f"{named.petition.number}没有送达的复核意见，不能不再受理。"}, rule=named.rule)
    return replace(said, same_by=named.same_by)


__all__ = ["last_word", "refuse"]
