"""How does a leader answer for a case (领导包案)?  Taken on, planned, moved on, prolonged from above, handed over, verified, ended.

The sponsor settles; whether it is settled the petition office finds (核查), and only then the case is struck off (销号).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from accounts.actor import Actor
from accounts.models import Department, Post, Role
from petitions import numbers
from petitions.access import unit_of, visible_to
from petitions.actions import moment
from petitions.actions.beside import write_beside
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.lifecycle import OPEN_STAGES
from petitions.matterkey import under_key
from petitions.models import Paper, Petition
from petitions.workdays import next_workday
from visits import access, book
from visits.actions import milestones, papers
from visits.actions.conflict import check_leader
from visits.actions.milestones import Planned
from visits.frequency import LEVELS
from visits.models import FollowUp, Milestone, Outcome, Receiver, SponsorNote, Sponsorship

HEAD = frozenset({Role.OFFICE_HEAD})
MEASURES = {"policy": "落实政策", "legal": "法律途径", "aid": "帮扶救助", "mediation": "调解和解"}
CHECKED = {"file": "查阅案卷", "phone": "电话核实", "face": "当面核实", "site": "现场查看"}
ASKS = ("asked", "extended", "refused")


def take_on(
    petition: Petition, *, sponsor: Post, unit: Department, due: date, by: Actor, crux: str = "", outcome: Outcome | None = None
) -> Sponsorship:  # fmt: skip
    """Put a matter into a leader's hands until ``due``; one sponsor at a time.

    Raises:
        WrongPerson, NotSeen; BadInput: it is outside the leader's fields, he must keep away, or it has a sponsor.
    """
    office = access.check(by, access.DESK, "确定包案领导")
    with transaction.atomic():
        petition = _seen(by, petition)
        _check_sponsor(sponsor, petition)
        if not moment.today() < due:
            raise BadInput({"due": "化解期限要晚于今天。"}, rule="领导包案")
        year = moment.today().year
        serial = numbers.take(office.pk, "sponsorship", year)
        row = Sponsorship(
            number=f"HJ{year}-{serial:04d}", petition=petition, outcome=outcome, office=office, sponsor=sponsor, unit=unit,
            crux=crux, taken_on=moment.today(), due=due, pledges=book.pledges(office),
        )  # fmt: skip
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise BadInput({"kind": f"{petition.number}已经有领导包案。"}, rule="领导包案") from None
        paper = papers.charge(row, by)
        write_beside("sponsored", on=petition, by=by, data={"sponsorship": row.number, "due": due, "paper": paper.number},
                     text={"note": f"{sponsor.user.name}包案，{unit.short_name}负责，{due:%Y年%-m月%-d日}前化解"})  # fmt: skip
    return row


def put_up(
    petition: Petition, *, sponsor: Post, unit: Department, due: date, by: Actor, crux: str, approval: str
) -> Sponsorship:
    """Put a matter into a leader's hands without a reception: proposed and approved on paper, entered by the office's head.

    Args:
        approval: who approved it and when (主要领导审批); kept with the case.

    Raises:
        WrongPerson, NotSeen; WrongMoment: it has ended; BadInput: no unit has it yet, or another than ``unit``.
    """
    access.check(by, HEAD, "确定包案领导")
    if not approval.strip() or not crux.strip():
        raise BadInput(
            {"approval" if crux.strip() else "crux": "请写明症结，以及哪位主要领导何时批准包案。"}, rule="领导包案"
        )
    with transaction.atomic():
        petition = _seen(by, petition)
        if petition.stage not in OPEN_STAGES:
            raise WrongMoment(f"{petition.number}已经办结，不用再包案。", rule="领导包案")
        if petition.responsible_id is None:
            raise BadInput({"petition": "这件事项还没有责任单位，请先转送或者交办。"}, rule="领导包案")
        if petition.responsible_id != unit.pk:
            raise BadInput({"unit": f"这件事项由{petition.responsible}办理，请选这个单位。"}, rule="第二十四条")
        row = take_on(petition, sponsor=sponsor, unit=unit, due=due, by=by, crux=crux)
        _note(row, SponsorNote.Kind.APPROVED, by, approval)
    return row


def _seen(by: Actor, petition: Petition) -> Petition:
    found = visible_to(by).select_for_update(of=("self",)).filter(pk=petition.pk).first()
    if found is None:
        raise NotSeen
    return found


def _check_sponsor(sponsor: Post, petition: Petition) -> None:
    if sponsor.role != Role.LEADER or sponsor.valid_to is not None:
        raise BadInput({"sponsor": "请选择在任的领导。"}, rule="领导包案")
    if not visible_to(Actor(sponsor.user, sponsor)).filter(pk=petition.pk).exists():
        raise BadInput({"kind": f"这件事项不在{sponsor.user.name}的分管领域，不能由他包案。"}, rule="分管领域")
    check_leader(sponsor, petition, "kind")


_NAMED = ("petition__office", "sponsor__user", "unit", "office")


def _locked(by: Actor, row: Sponsorship, *states: str) -> Sponsorship:
    rows = access.sponsorships_of(by).select_for_update(of=("self",)).select_related(*_NAMED)
    found = rows.filter(pk=row.pk).first()
    if found is None:
        raise NotSeen
    if found.state not in states:
        raise WrongMoment(f"这件包案现在是“{found.get_state_display()}”，不能这样做。", rule="领导包案")
    return found


def _note(row: Sponsorship, kind: SponsorNote.Kind, by: Actor, words: str, until: date | None = None) -> SponsorNote:
    """The table only grows: its words are sealed under the matter's key, and go when that is destroyed."""
    kept = under_key(row.petition, words, f"sponsor-note:{row.ref}")
    return SponsorNote.objects.create(
        sponsorship=row, kind=kind, on_day=moment.today(), post=by.post, until=until, words=kept
    )


def _tell(row: Sponsorship, by: Actor, words: str, paper: Paper | None = None) -> None:
    """Into the matter's own record, where the person sees the matter (a sponsor does)."""
    data = {"sponsorship": row.number} | ({"paper": paper.number} if paper else {})
    write_beside("sponsor_note", on=row.petition, by=by, data=data, text={"note": words})


def plan(
    row: Sponsorship, *, by: Actor, crux: str, plan: str, measures: list[str], officer: str = "",
    co_units: Sequence[Department] = (), facts_true: bool | None = None, claim_fair: bool | None = None,
    steps: Sequence[Planned] = (), team: str = "", legal_opinion: str = "",
) -> Sponsorship:  # fmt: skip
    """Write what the knot is and how it is to be untied (一案一策), step by step, on its paper; by the sponsor or the unit.

    Args:
        officer: who answers for it in the unit; ``co_units``: who else helps; ``team``: who works on it together.
        steps: what is to be done, by whom, until when; they replace those that are still open.
        facts_true, claim_fair: what was found about the facts and the claim; ``None`` = not found out yet.
    """
    if not plan.strip() or not crux.strip():
        raise BadInput({"plan": "请写明症结和化解方案。"}, rule="一案一策")
    if not set(measures) <= set(MEASURES):
        raise BadInput({"measures": "没有这种措施。"})
    with transaction.atomic():
        row = _locked(by, row, Sponsorship.State.RUNNING)
        _check_keeper(by, row)
        row.crux, row.plan, row.measures = crux, plan, "、".join(MEASURES[code] for code in measures)
        row.officer, row.facts_true, row.claim_fair = officer, facts_true, claim_fair
        row.team, row.legal_opinion = team, legal_opinion
        row.save(update_fields=[
            "crux", "plan", "measures", "officer", "facts_true", "claim_fair", "team", "legal_opinion",
        ])  # fmt: skip
        row.co_units.set(co_units)
        milestones.settle(row, steps, co_units)
        _tell(row, by, f"化解方案：{plan}", papers.plan(row, by))
    return row


def keeps(by: Actor, row: Sponsorship) -> bool:
    """Whether ``by`` works on the case: its sponsor, or somebody at work in the unit."""
    mine = by.role == Role.LEADER and by.post.pk == row.sponsor_id
    return mine or (by.role in access.UNIT and unit_of(by) == row.unit_id)


def _check_keeper(by: Actor, row: Sponsorship) -> None:
    if not keeps(by, row):
        raise WrongPerson("由包案领导和责任单位办理。", rule="领导包案")


def reaches(by: Actor, row: Sponsorship, step: Milestone) -> bool:
    """Whether ``by`` says that a step is done: whoever works on the case, and the unit that the step is for."""
    return keeps(by, row) or (by.role in access.UNIT and unit_of(by) == step.unit_id)


def milestone(
    row: Sponsorship, *, by: Actor, words: str, step: Milestone | None = None, met: bool = False
) -> SponsorNote:
    """Write what has been achieved.

    Args:
        step: the step of the plan that is done with it; ``met``: the petitioner was met over it.

    Raises:
        NotSeen; WrongPerson: a unit that helps says so of its own steps alone; WrongMoment, BadInput.
    """
    if not words.strip():
        raise BadInput({"words": "请写明进展。"})
    with transaction.atomic():
        row = _locked(by, row, Sponsorship.State.RUNNING)
        if step is None or not reaches(by, row, step):
            _check_keeper(by, row)
        if step is not None:
            words = f"完成“{milestones.reach(row, step, by=by, words=words).what}”：{words}"
        _tell(row, by, words)
        return _note(row, SponsorNote.Kind.MET if met else SponsorNote.Kind.MILESTONE, by, words)


def ask_more_time(row: Sponsorship, *, by: Actor, until: date, words: str) -> SponsorNote:
    """Ask for more time; nothing is prolonged until a main leader has agreed."""
    if not words.strip():
        raise BadInput({"words": "请写明延期的理由。"}, rule="延期由主要领导批准")
    with transaction.atomic():
        row = _locked(by, row, Sponsorship.State.RUNNING)
        _check_keeper(by, row)
        if until <= row.due:
            raise BadInput({"until": "新的期限要晚于原来的期限。"})
        return _note(row, SponsorNote.Kind.ASKED, by, words, until)


def open_request(row: Sponsorship) -> SponsorNote | None:
    """Return the request for more time that waits for an answer."""
    last = row.notes.filter(kind__in=ASKS).order_by("-pk").first()
    return last if last is not None and last.kind == SponsorNote.Kind.ASKED else None


def may_decide(by: Actor, row: Sponsorship) -> bool:
    """Whether ``by`` answers a request for more time: a main leader of the case's office, and never the sponsor himself."""
    if by.role != Role.LEADER or by.post.pk == row.sponsor_id:
        return False
    return Sponsorship.objects.filter(_main(by), pk=row.pk).exists()


_RANK = Case(*(When(level=code, then=rank) for rank, code in enumerate(LEVELS)), output_field=IntegerField())
_LOWEST = len(LEVELS)  # of a sponsor who does not receive


def _main(by: Actor) -> Exists:
    """Whether ``by`` is a main leader for a case: of its office, at work there, and of no lower level than its sponsor."""
    sponsor = Receiver.objects.filter(post=OuterRef(OuterRef("sponsor"))).annotate(rank=_RANK).values("rank")[:1]
    mine = Receiver.objects.filter(post=by.post, main=True, active=True, office=OuterRef("office"))
    ranked = mine.annotate(rank=_RANK, theirs=Coalesce(Subquery(sponsor), _LOWEST))
    return Exists(ranked.filter(rank__lte=F("theirs")))


def _marked() -> QuerySet[Sponsorship]:
    """Running cases with the last that was said about more time (``last``), and until when (``until``)."""
    last = SponsorNote.objects.filter(sponsorship=OuterRef("pk"), kind__in=ASKS).order_by("-pk")
    rows = Sponsorship.objects.exclude(state=Sponsorship.State.ENDED).order_by("due", "pk")
    return rows.annotate(last=Subquery(last.values("kind")[:1]), until=Subquery(last.values("until")[:1]))


def _asks(by: Actor) -> Q:
    """A request that waits for ``by``, a main leader who is not the sponsor."""
    return Q(_main(by), last="asked", state=Sponsorship.State.RUNNING) & ~Q(sponsor=by.post)


def waiting_for(by: Actor) -> QuerySet[Sponsorship]:
    """Return the cases whose request for more time waits for ``by``, a main leader; one query."""
    return _marked().filter(_asks(by))


def on_the_desk_of(by: Actor) -> QuerySet[Sponsorship]:
    """Return a leader's own open cases and those whose request waits for him: one query for both."""
    return _marked().filter(Q(sponsor=by.post) | _asks(by)).select_related("petition", "unit", "sponsor__user")


def decide_more_time(row: Sponsorship, *, by: Actor, agree: bool, words: str = "") -> Sponsorship:
    """A main leader, not the sponsor himself, agrees to more time or does not; on its paper.

    Raises:
        WrongPerson: somebody else; WrongMoment: nothing was asked for.
    """
    if not may_decide(by, row):
        raise WrongPerson("延期由党政主要领导批准，包案领导不能自己批准。", rule="延期由主要领导批准")
    with transaction.atomic():
        row = Sponsorship.objects.select_for_update(of=("self",)).select_related(*_NAMED).get(pk=row.pk)
        asked = open_request(row)
        if asked is None or row.state != Sponsorship.State.RUNNING or asked.until is None:
            raise WrongMoment("没有等待批准的延期。", rule="延期由主要领导批准")
        _note(row, SponsorNote.Kind.EXTENDED if agree else SponsorNote.Kind.REFUSED, by, words, asked.until)
        papers.more_time(row, asked, by, agree=agree, words=words)
        if agree:
            row.due = asked.until
            row.save(update_fields=["due"])
    return row


def hand_over(row: Sponsorship, *, by: Actor, sponsor: Post, words: str) -> Sponsorship:
    """Another leader takes the case on, with what the first hands over in writing."""
    access.check(by, access.DESK, "交接包案")
    if not words.strip():
        raise BadInput({"words": "请写明交接的材料和情况。"}, rule="包案交接")
    with transaction.atomic():
        row = _locked(by, row, Sponsorship.State.RUNNING, Sponsorship.State.REPORTED)
        if sponsor.pk == row.sponsor_id:
            raise BadInput({"sponsor": "现在就是由他包案。"})
        _check_sponsor(sponsor, row.petition)
        before = row.sponsor.user.name
        row.sponsor = sponsor
        row.save(update_fields=["sponsor"])
        _note(row, SponsorNote.Kind.HANDOVER, by, f"{before}移交{sponsor.user.name}：{words}")
        _tell(row, by, f"包案由{before}移交{sponsor.user.name}：{words}", papers.charge(row, by, handed=words))
    return row


def report(
    row: Sponsorship, *, by: Actor, result: str, words: str, agreement: str = "", agreed_on: date | None = None
) -> Sponsorship:
    """Report that it is settled, or how far; the petition office verifies.

    Args:
        agreement: what was agreed with the petitioner and signed on ``agreed_on``, where there is such a paper; never forced.
    """
    if result not in Sponsorship.Result.values or not result:
        raise BadInput({"result": "请选择结果。"})
    if not words.strip():
        raise BadInput({"words": "请写明怎样化解、群众的态度。"})
    _check_agreement(agreement, agreed_on)
    with transaction.atomic():
        row = _locked(by, row, Sponsorship.State.RUNNING)
        _check_keeper(by, row)
        if result == Sponsorship.Result.SETTLED:
            milestones.check_done(row)
        row.result, row.report, row.state, row.reported_on = result, words, Sponsorship.State.REPORTED, moment.today()
        row.agreement, row.agreed_on = agreement, agreed_on
        row.save(update_fields=["result", "report", "state", "reported_on", "agreement", "agreed_on"])
        _note(row, SponsorNote.Kind.REPORTED, by, words)
        _tell(row, by, f"报请核查：{words}")
    return row


def _check_agreement(agreement: str, agreed_on: date | None) -> None:
    """Words and day of an agreement come together, and the day is not ahead."""
    if bool(agreement.strip()) != (agreed_on is not None):
        raise BadInput({"agreement": "有协议的，写明内容和签订日期；没有的都不填。"}, rule="化解协议")
    if agreed_on is not None and agreed_on > moment.today():
        raise BadInput({"agreed_on": "签订日期还没有到。"}, rule="化解协议")


def verify(
    row: Sponsorship, *, by: Actor, agree: bool, finding: str, checked: Sequence[str] = ("file",)
) -> Sponsorship:
    """The petition office finds that it is settled and strikes the case off, or gives it back.

    Args:
        checked: how it was verified (``CHECKED``).

    Raises:
        WrongMoment: nothing was reported, or the matter itself is not closed yet.
    """
    access.check(by, access.DESK, "核查销号")
    if not finding.strip():
        raise BadInput({"finding": "请写明怎样核查、查到什么。"}, rule="核查销号")
    if not checked or not set(checked) <= set(CHECKED):
        raise BadInput({"checked": "请选择核查方式。"}, rule="核查销号")
    with transaction.atomic():
        row = _locked(by, row, Sponsorship.State.REPORTED)
        if agree and row.result == Sponsorship.Result.SETTLED and row.petition.stage in OPEN_STAGES:
            raise WrongMoment("事项本身还没有办结，不能按“已化解”销号。", rule="核查销号")
        row.finding, row.verified_by = finding, by.post
        row.checked = "、".join(CHECKED[code] for code in checked)
        row.state = Sponsorship.State.ENDED if agree else Sponsorship.State.RUNNING
        row.ended_on = moment.today() if agree else None
        row.save(update_fields=["finding", "verified_by", "checked", "state", "ended_on"])
        _note(row, SponsorNote.Kind.ENDED if agree else SponsorNote.Kind.RETURNED, by, finding)
        paper = papers.ended(row, by) if agree else None
        if agree and row.outcome_id is None:
            _ask_afterwards(row)
        _tell(row, by, f"{'核查销号' if agree else '核查退回'}：{finding}", paper)
    return row


def _ask_afterwards(row: Sponsorship) -> None:
    """Put the revisit down of a case that no reception began: what came of one is asked after with its reception."""
    day = moment.today() + timedelta(days=book.number(row.office_id, "revisit_days"))
    due = next_workday(day, book.calendar(day, day))
    FollowUp.objects.get_or_create(
        sponsorship=row, kind=FollowUp.Kind.REVISIT, defaults={"unit": row.office, "due": due}
    )
