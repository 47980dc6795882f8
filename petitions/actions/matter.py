"""What belongs to the matter that is being changed?  Read once under the petition's lock, written back once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from petitions import lifecycle
from petitions.access import Aside, Row, office_for
from petitions.models import (
    Advice,
    Assignment,
    Clock,
    Dispute,
    Filing,
    Hearing,
    Instruction,
    Measure,
    Mediation,
    Outcome,
    Petition,
    Proceeding,
    Reach,
    Recusal,
    Supervision,
    UrgentReport,
    Withdrawal,
)

_GONE = ("returned", "recalled")


@dataclass
class Matter:
    """A locked petition with its rows.  ``was``: the stage it was in when it was read."""

    petition: Petition
    filings: list[Filing] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    proceedings: list[Proceeding] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    was: str = field(init=False)

    def __post_init__(self) -> None:
        self.was = self.petition.stage

    @classmethod
    def of(cls, petition: Petition) -> Matter:
        """Read the rows of a locked petition (four queries, whatever their number)."""
        (matter,) = cls.of_many([petition])
        return matter

    @classmethod
    def of_many(cls, petitions: Sequence[Petition]) -> list[Matter]:
        """Read the rows of locked petitions (four queries for all of them)."""
        mine = {"petition__in": [petition.pk for petition in petitions]}
        found = {petition.pk: cls(petition) for petition in petitions}
        for filing in Filing.objects.filter(**mine).order_by("pk"):
            found[filing.petition_id].filings.append(filing)
        for held in Assignment.objects.filter(**mine).select_related("department").order_by("pk"):
            found[held.petition_id].assignments.append(held)
        for run in Proceeding.objects.filter(**mine).order_by("pk"):
            found[run.petition_id].proceedings.append(run)
        for clock in Clock.objects.filter(**mine, ended="").order_by("pk"):
            found[clock.petition_id].clocks.append(clock)
        return [found[petition.pk] for petition in petitions]

    @property
    def first_filing(self) -> Filing:
        """The filing that opened the matter."""
        return self.filings[0]

    @property
    def lead(self) -> Assignment | None:
        """The lead assignment in force, if any."""
        leads = [row for row in self.assignments if row.lead and row.state not in _GONE]
        return leads[-1] if leads else None

    @property
    def handling(self) -> Proceeding | None:
        """The matter's main run: the latest that ends in an opinion, else in a reply to a suggestion or to route 5."""
        runs = [row for row in self.proceedings if row.kind == "handling"]
        replies = [row for row in self.proceedings if row.kind in ("study", "duty")]
        return next(reversed(runs or replies), None)

    @property
    def review(self) -> Proceeding | None:
        """The latest review or re-review, if any."""
        runs = [row for row in self.proceedings if row.kind in ("review", "rereview")]
        return runs[-1] if runs else None

    def find(self, row: Row) -> Row:
        """Return this matter's own copy of ``row`` (instructions and supervisions are read afresh, locked)."""
        if isinstance(row, Petition):
            return self.petition
        if isinstance(row, Instruction):
            return Instruction.objects.select_for_update().get(pk=row.pk, petition=self.petition)
        if isinstance(row, Recusal):
            return (
                Recusal.objects.select_for_update(of=("self",))
                .select_related("person__user")
                .get(pk=row.pk, petition=self.petition)
            )
        if isinstance(row, Supervision):
            return Supervision.objects.select_for_update().get(pk=row.pk, petition=self.petition)
        if isinstance(row, Aside):
            return _locked(row, self.petition)
        pool: list[Row] = [*self.filings, *self.assignments, *self.proceedings]
        return next(mine for mine in pool if type(mine) is type(row) and mine.pk == row.pk)

    def running(self, *names: str, on: Row | None = None) -> list[Clock]:
        """Running clocks by name, of one row if given."""
        return [c for c in self.clocks if c.ended == "" and c.name in names and (on is None or hangs_on(c, on))]

    # --- derived ------------------------------------------------------------------------------------------------

    def stage(self) -> str:
        """The matter's stage, derived by the law's own function."""
        lead, run = self.lead, self.handling
        return lifecycle.stage_of(
            filing=self.first_filing.state,
            assignment=lead.state if lead else None,
            proceeding=run.state if run else None,
            reviewed=(self.review.kind, self.review.state) if self.review else None,
        )

    def due(self) -> Clock | None:
        """The running duty that runs out first; windows and shadows do not make a matter due."""
        duties = [c for c in self.clocks if c.ended == "" and not c.window and not c.shadow]
        if self.stage() not in lifecycle.OPEN_STAGES:  # what the office still owes its superior is in its tray
            duties = [c for c in duties if c not in self.owed_upward()]
        return min(duties, key=lambda c: c.due, default=None)

    def owed_upward(self) -> list[Clock]:
        """The superiors' own limits (T8 on a filing) that run until the office has reported, the first to end before the rest."""
        owed = [clock for clock in self.running("T8") if clock.filing_id is not None]
        return sorted(owed, key=lambda clock: clock.due)

    def derive(self) -> list[str]:
        """Set the petition's derived columns and return their names."""
        petition, lead, due = self.petition, self.lead, self.due()
        petition.stage = self.stage()
        petition.due = due.due if due else None
        petition.responsible_id = lead.department_id if lead else None
        return ["stage", "due", "responsible"]

    def wanted_reach(self) -> dict[int, Reach]:
        """Return the Reach rows this matter should have, by department; a unit's strongest role wins."""
        petition, rows = self.petition, dict[int, Reach]()
        for filing in self.filings:
            if filing.state != "split":  # what was split off is another matter's, and so is who registered it
                self._want(rows, filing.office_id, "registry")
        for held in self.assignments:
            self._want(rows, held.department_id, "former" if held.state in _GONE else "co", held.state)
        if petition.stage in ("closed", "confirmed"):  # what was filed directly comes to the petition office for audit
            self._want(rows, office_for(petition), "office")
        self._want(rows, petition.office_id, "office")
        lead = self.lead
        if lead is not None:
            role = "lead" if lead.department_id != petition.office_id else "office"
            self._want(rows, lead.department_id, role)
            if role == "office":  # a body that handles what was filed with it directly
                mine = rows[lead.department_id]
                audits = office_for(petition) == petition.office_id
                mine.tray = lifecycle.tray_of("lead", petition.stage) or (mine.tray if audits else "")
        self._want_reviewers(rows)
        if petition.outcome == Outcome.MISTAKEN:  # of what was taken back the office alone is reminded
            return {petition.office_id: rows[petition.office_id]}
        return rows

    def _want_reviewers(self, rows: dict[int, Reach]) -> None:
        """Review bodies see what they review; one that also has it for another reason keeps that, and the work shows."""
        for run in self.proceedings:
            if run.kind not in ("review", "rereview"):
                continue
            before = rows.get(run.department_id)
            self._want(rows, run.department_id, "review", run.state)
            mine = rows[run.department_id]
            if before is not None and not mine.tray:
                rows[run.department_id] = before

    def _want(self, rows: dict[int, Reach], department_id: int, role: str, state: str | None = None) -> None:
        petition = self.petition
        tray = lifecycle.tray_of(role, petition.stage, assignment=state, resolved=petition.resolved)
        open_ = petition.stage in lifecycle.OPEN_STAGES and role != "former"
        due = petition.due if open_ else None
        if role == "office" and department_id == petition.office_id and not tray and (owed := self.owed_upward()):
            tray, due = "report_up", owed[0].due
        rows[department_id] = Reach(
            petition_id=petition.pk, department_id=department_id, role=role, tray=tray, due=due,
            received_on=petition.received_on, open=open_,
        )  # fmt: skip


def _locked(row: Aside, petition: Petition) -> Row:
    """This matter's own copy of a row beside its stage, locked."""
    kinds: dict[type[Aside], QuerySet[Any]] = {
        kind: kind._default_manager.all()
        for kind in (Hearing, Mediation, Withdrawal, UrgentReport, Dispute, Measure, Advice)
    }
    found: Row = kinds[type(row)].select_for_update().get(pk=row.pk, petition=petition)
    return found


def hangs_on(clock: Clock, row: Row) -> bool:
    """Whether ``clock`` hangs on ``row``."""
    kinds: tuple[tuple[type[Row], int | None], ...] = (
        (Filing, clock.filing_id),
        (Assignment, clock.assignment_id),
        (Proceeding, clock.proceeding_id),
        (Instruction, clock.instruction_id),
        (Supervision, clock.supervision_id),
        (Mediation, clock.mediation_id),
        (Measure, clock.measure_id),
        (Advice, clock.advice_id),
    )
    return any(isinstance(row, kind) and pk == row.pk for kind, pk in kinds)


def save_reach(matter: Matter, rows: Iterable[Reach] | None = None) -> None:
    """Bring the matter's Reach rows in step with what they should be, writing only what changed.

    Args:
        rows: the matter's own, where they have been read.
    """
    wanted = matter.wanted_reach()
    for row in Reach.objects.filter(petition=matter.petition) if rows is None else rows:
        want = wanted.pop(row.department_id, None)
        if want is None:
            if row.role != "advised":  # written by `advised`, for as long as the suggestion stands
                row.delete()
        elif _key(row) != _key(want):
            want.pk = row.pk  # one or two rows: an UPDATE each costs a third of one bulk_update
            want.save(force_update=True, update_fields=["role", "tray", "due", "open", "received_on"])
    if wanted:
        Reach.objects.bulk_create(wanted.values())


def advised(petition: Petition, department_id: int, tray: str) -> None:
    """Let a body see the matter that a suggestion to it is about; one that has the matter anyway sees it as it does."""
    row = Reach.objects.filter(petition=petition, department_id=department_id).first()
    if row is None:
        row = Reach(
            petition=petition, department_id=department_id, role="advised", received_on=petition.received_on, open=False
        )
    if row.role == "advised":
        row.tray = tray
        row.save()


def _key(row: Reach) -> tuple[object, ...]:
    return (row.role, row.tray, row.due, row.open, row.received_on)
