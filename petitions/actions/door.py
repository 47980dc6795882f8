"""The one door: look, lock, check the moment and the person, change, record.  Nothing else changes a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from accounts.actor import Actor, system_actor
from accounts.models import Department
from petitions import access, hooks, lifecycle, limits, notices, papers
from petitions.access import ON, Row
from petitions.actions import clocks, moment, nested, record, standing, told
from petitions.actions.matter import Matter, save_reach
from petitions.errors import BadInput, NotSeen, Stale, WrongMoment, WrongPerson
from petitions.lifecycle import Step
from petitions.models import Clock, Event, Filing, Paper, Petition, Proceeding

Effect = Callable[..., None]
EFFECTS: dict[str, Effect] = {}


def effect(code: str) -> Callable[[Effect], Effect]:
    """Name the function that makes the changes a step brings beyond its state, clocks and paper."""

    def register(function: Effect) -> Effect:
        EFFECTS[code] = function
        return function

    return register


@dataclass
class Work:
    """One step in progress: what an effect may read and add to.

    Attributes:
        data: what the event will say in clear (codes, ids, dates).
        text: what it will say encrypted (free words, personal data).
        clocks_on: the row that new clocks hang on, where it is not the row stepped on.
        lengths: days for clocks whose length a person sets (T8, TB).
        to: the state the row goes to, where the effect knows better than the table.
        touched: names of the row's columns that the effect changed.
        after: what is done last, when everything has been written.
        follow: system rows of the table that come with this step, each with the row it moves: recorded one by one.
    """

    step: Step
    row: Row
    matter: Matter
    by: Actor
    rules: limits.Rules
    occurred_on: date
    note: str
    data: dict[str, Any] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    clocks_on: Row | None = None
    starts: tuple[str, ...] = ()
    to: str = ""
    lengths: dict[str, int] = field(default_factory=dict)
    touched: list[str] = field(default_factory=list)
    petition_touched: list[str] = field(default_factory=list)
    paper_words: dict[str, Any] = field(default_factory=dict)
    paper: Paper | None = None
    also: list[Paper] = field(default_factory=list)
    owed: tuple[str, ...] = ()  # further papers that this very case calls for
    keep: tuple[str, ...] = ()  # clocks that the table would stop and this very case does not
    paper_kind: str = ""  # where the effect knows better than the table which paper it is
    follow: list[tuple[str, Row]] = field(default_factory=list)
    after: Callable[[], None] | None = None

    @property
    def petition(self) -> Petition:
        """The matter's locked petition."""
        return self.matter.petition

    def set(self, **changes: Any) -> None:
        """Change columns of the row stepped on."""
        for name, value in changes.items():
            setattr(self.row, name, value)
            self.touched.append(name)

    def set_petition(self, **changes: Any) -> None:
        """Change columns of the petition."""
        for name, value in changes.items():
            setattr(self.petition, name, value)
            self.petition_touched.append(name)


def advance(
    step: str,
    *,
    on: Row,
    by: Actor,
    note: str = "",
    occurred_on: date | None = None,
    late_reason: str = "",
    seen: int | None = None,
    through: Filing | None = None,
    **changes: Any,
) -> Event:
    """Take one step of the law on one row, and return the event that records it.

    Args:
        step: code of a row of the table.
        on: the filing, assignment, proceeding, petition, instruction or supervision stepped on.
        note: free words of the person, kept encrypted.
        occurred_on: Asia/Shanghai date on which it happened; today unless dated back, with ``late_reason``.
        seen: the number of events the person had before their eyes; ``None`` skips the question.
        through: the filing that the petitioner opened with code and second factor, where ``by`` is the petitioner.
        changes: what the step's form asks for.

    Raises:
        NotSeen, WrongMoment, WrongPerson, Stale, BadInput: nothing has been changed.
    """
    row_of_law = lifecycle.STEPS.get(step)
    if row_of_law is None or row_of_law.on != ON[type(on)]:
        raise BadInput({"step": "没有这个步骤。"})
    with nested.atomic():
        standing.hold(value for value in changes.values() if isinstance(value, Department))
        matter = _locked(by, on, through)
        row = matter.find(on)
        _check_seen(matter.petition, seen)
        check(row_of_law, row, matter.petition, by)
        common = {"note": note, "late_reason": late_reason, "occurred_on": occurred_on}
        clean = _clean(_common, common)
        day = _day(row_of_law, clean["occurred_on"], clean["late_reason"], by)
        work = Work(row_of_law, row, matter, by, limits.rules_on(day), day, clean["note"], starts=row_of_law.starts)
        _check_names(work, {**changes, "note": clean["note"]})
        return _take(work, changes, clean["late_reason"])


# Kept apart in the record and shown to nobody who may not know the name.
_NAMED_APART = frozenset({"receiver", "people", "parties", "terms"})


def _check_names(work: Work, changes: dict[str, Any]) -> None:
    """Who was asked not to tell the unit a name does not write it where the unit reads it (domain.md §2.9).

    Asked only of people who know the name: for others the refusal itself would tell it.
    """
    if not work.petition.hide_name or not access.sees_name(work.by, work.petition):
        return
    names = [
        name for name in work.petition.petitioners.values_list("name", flat=True) if len(name) > 1 and name != "匿名"
    ]
    told_in = [name for name, text in changes.items() if name not in _NAMED_APART and isinstance(text, str)
               and any(known in text for known in names)]  # fmt: skip
    if told_in:
        sentence = "信访人要求不透露姓名：请把姓名改为“信访人”。"
        raise BadInput(dict.fromkeys(told_in, sentence), rule="为信访人保密（信访人的要求）")


def _common(*, note: str, late_reason: str, occurred_on: date | None) -> None:
    """What every step may be told; here for its type hints."""


def _clean(function: Callable[..., None], changes: dict[str, Any]) -> dict[str, Any]:
    """``changes`` as ``function`` wants them: right kinds, words without what only misleads, none too long."""
    clean, wrong = told.as_named(function, changes)
    if wrong:
        raise BadInput(wrong)
    return clean


def _locked(by: Actor, on: Row, through: Filing | None = None) -> Matter:
    pk = on.pk if isinstance(on, Petition) else on.petition_id
    rows = access.visible_to(by) if through is None else Petition.objects.filter(pk=through.petition_id)
    petition = rows.select_related("office").select_for_update(of=("self",)).filter(pk=pk).first()
    if petition is None:
        raise NotSeen
    not_destroyed(petition)
    return Matter.of(petition)


def not_destroyed(petition: Petition) -> None:
    """Refuse to go on with a matter whose words have been destroyed: nothing about it can be kept any more.

    Raises:
        WrongMoment: its key is gone.
    """
    if petition.key_destroyed_at is not None:
        raise WrongMoment("这件事项的档案已销毁，不能再办理。", rule="档案管理")


def _check_seen(petition: Petition, seen: int | None) -> None:
    if seen is None or seen == petition.events_count:
        return
    if not isinstance(seen, int):
        raise BadInput({"seen": "页面已过期，请刷新后重新提交。"})
    since = list(petition.events.filter(seq__gt=seen).select_related("user", "post__department").order_by("seq"))
    said = "；".join(f"{e.user.name if e.user else '信访人'}已{label_of(e.step)}" for e in since)
    raise Stale(f"您打开页面之后，{said}。您填写的内容已保留，请核对后再提交。", since=since)


def label_of(step: str) -> str:
    """The words for an event's step code."""
    found = lifecycle.STEPS.get(step)
    return found.label if found else lifecycle.EVENTS.get(step, step)


def check(step: Step, row: Row, petition: Petition, by: Actor) -> None:
    """Refuse a step at the wrong moment (409) or by the wrong person (403); pages ask before they show a form."""
    _check_moment(step, row, petition)
    _check_person(step, row, petition, by)


def _check_moment(step: Step, row: Row, petition: Petition) -> None:
    state = access.state_of(row)
    if state in step.from_ and access.fits(step, petition, row):
        return
    if isinstance(row, Filing) and step.code not in access.UPWARD and access.waits_for_superior(row):
        raise WrongMoment("已向上级提出异议，收到答复并登记以后再办。", rule=f"《{lifecycle.TEXT}》第二十三条")
    words = lifecycle.STAGES if step.on == "petition" else lifecycle.STATES[step.on]
    raise WrongMoment(
        f"现在是“{words.get(state, state)}”，不能“{step.label}”。", rule=f"《{lifecycle.TEXT}》{step.article}"
    )


def _check_person(step: Step, row: Row, petition: Petition, by: Actor) -> None:
    if access.recused(by, petition) is not None:
        raise WrongPerson("您已回避这件事项，不能办理。", rule=f"《{lifecycle.TEXT}》第二十八条第三款")
    if not access.may(by, step, petition, row):
        raise WrongPerson(f"“{step.label}”不是您这个岗位的职责。", rule=f"《{lifecycle.TEXT}》{step.article}")


def _day(step: Step, occurred_on: date | None, late_reason: str, by: Actor) -> date:
    """The day it happened: never ahead; what may be dated back is so only some days and with a reason."""
    today = moment.today()
    if occurred_on is None or occurred_on == today:
        return today
    if occurred_on > today:
        raise BadInput({"occurred_on": "日期不能晚于今天。"}, rule="补录规则")
    if not by.is_system:
        if not step.dated:
            raise BadInput({"occurred_on": f"“{step.label}”按办理当日记录，不能补录。"}, rule="补录规则")
        if occurred_on < today - timedelta(days=limits.backdate_days()):
            raise BadInput({"occurred_on": f"最多可补录{limits.backdate_days()}天以内的日期。"}, rule="补录规则")
        if not late_reason.strip():
            raise BadInput({"late_reason": "补录以前的日期要写明原因。"}, rule="补录规则")
    return occurred_on


def not_before(work: Work, day: date | None, sentence: str) -> None:
    """Refuse a step that is dated before what it follows.

    Raises:
        BadInput: with ``sentence``.
    """
    if day is not None and work.occurred_on < day:
        raise BadInput({"occurred_on": sentence}, rule="补录规则")


def _take(work: Work, changes: dict[str, Any], late_reason: str) -> Event:
    run = EFFECTS.get(work.step.code)
    if run is not None:
        _call(run, work, changes)
    elif changes:
        raise BadInput(dict.fromkeys(changes, "这一步不需要填写此项。"))
    _move_state(work)
    _turn_clocks(work)
    if work.step.paper:
        work.paper = issue(work, work.paper_kind or work.step.paper)
    work.also = [issue(work, kind) for kind in (*work.step.also, *work.owed)]
    if late_reason:
        work.text["late_reason"] = late_reason
    return _finish(work)


def issue(work: Work, kind: str, run: Proceeding | None = None) -> Paper:
    """Issue a paper of the step in the name of the body the actor acts for; what a petitioner files online is fixed in
    the name of the body that received it."""
    run = run or (work.row if isinstance(work.row, Proceeding) else None)
    words = {"note": work.note, "filing": work.matter.first_filing, "lead": work.matter.lead, **work.paper_words}
    mine = work.by.post.pk is not None
    body = _body(work, access.unit_of(work.by) if mine else work.petition.office_id)
    return papers.issue(
        kind, petition=work.petition, body=body, by=work.by.post if mine else system_actor().post, on_day=work.occurred_on,
        words=words, proceeding=run, deputy=work.by.user if work.by.delegation else None,
    )  # fmt: skip


def _body(work: Work, pk: int) -> Department:
    """The department ``pk``: the matter's office and the actor's own body are at hand (a petitioner acts for none)."""
    if work.petition.office_id == pk:
        return work.petition.office
    if work.by.post.department_id == pk:
        return work.by.department
    return Department.objects.get(pk=pk)


def _call(run: Effect, work: Work, changes: dict[str, Any]) -> None:
    try:
        run(work, **_clean(run, changes))
    except TypeError as error:  # a missing or unknown field of the step's form
        if "argument" not in str(error):
            raise
        raise BadInput({"form": f"“{work.step.label}”的填写项不完整。"}) from error


def _move_state(work: Work) -> None:
    to = work.to or work.step.to
    if to and not isinstance(work.row, Petition):
        work.set(state=to)
    if work.touched and not isinstance(work.row, Petition):
        work.row.save(update_fields=sorted(set(work.touched)))


def _turn_clocks(work: Work) -> None:
    stops = tuple(code for code in work.step.stops if code not in work.keep)
    clocks.stop(work.matter, stops, work.row, work.occurred_on)
    clocks.stop(work.matter, work.step.cancels, work.row, work.occurred_on, how=Clock.Ended.CANCELLED)
    for code in work.starts:
        start_clock(work, code)


def start_clock(work: Work, code: str, *, start: date | None = None, shadow: bool = False) -> Clock:
    """Start clock ``code`` on the work's row (or the row it names) and return it, saved."""
    row = work.clocks_on or work.row
    clock = clocks.new_clock(
        work.petition, code, row, start=start or work.occurred_on, rules=work.rules, shadow=shadow,
        department_id=owner_of(code, row, work.petition), length=work.lengths.get(code),
    )  # fmt: skip
    clock.save(force_insert=True)
    work.matter.clocks.append(clock)
    if not (shadow or clock.window):
        work.paper_words["started"] = clock  # what a paper of this step promises or demands a day for
    return clock


def owner_of(code: str, row: Row, petition: Petition) -> int | None:
    """Who owes the duty: the petition office for routing, answering objections and auditing; else the row's unit."""
    if lifecycle.CLOCKS[code].window:
        return None
    if code in ("T1", "T2", "TC"):
        return petition.office_id
    if code == "TA":
        return access.office_for(petition)
    return getattr(row, "department_id", None) or petition.responsible_id


def _finish(work: Work) -> Event:
    """Write the derived columns, Reach, the event and the notices: the same end for every step."""
    petition = work.petition
    _save_followed(work)
    columns = [*work.matter.derive(), *work.petition_touched, "events_count", "chain_head"]
    text = {"note": work.note, **work.text}
    if work.paper is not None:
        work.data["paper"] = work.paper.number
    if work.also:
        work.data["also"] = [paper.number for paper in work.also]
    event = record.make_event(
        petition, work.step.code, by=work.by, on=work.step.on, on_id=work.row.pk,
        occurred_on=work.occurred_on, data=work.data, text=text,
    )  # fmt: skip
    followed = [_recorded(work, code, row) for code, row in work.follow]
    petition.save(update_fields=sorted(set(columns)))
    save_reach(work.matter)
    Event.objects.bulk_create([event, *followed])
    notices.tell(work.step.code, matter=work.matter, row=work.row, by=work.by, at=moment.now())
    hooks.tell(petition, was=work.matter.was, step=work.step.code, at=moment.now())
    if work.after is not None:
        work.after()
    return event


def _save_followed(work: Work) -> None:
    """Move the rows that this step moves along, as the table's system rows say."""
    for code, row in work.follow:
        step = lifecycle.STEPS[code]
        assert not isinstance(row, Petition), code
        assert row.state in step.from_, (code, row.state)
        row.state = step.to
        row.save(update_fields=["state"])


def _recorded(work: Work, code: str, row: Row) -> Event:
    return record.make_event(
        work.petition, code, by=system_actor(), on=ON[type(row)], on_id=row.pk, occurred_on=work.occurred_on
    )
