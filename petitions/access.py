"""Who sees which rows, and who may take which step?  Every read begins here; no other module decides it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from os.path import commonpath

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import COMPETENT_KINDS, Department, DepartmentKind, Role
from petitions.law import competence
from petitions.lifecycle import STEPS, Step
from petitions.models import (
    Advice,
    Assignment,
    Channel,
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

# Posts of a petition office that answer for every matter of their area (Art.14).
AREA_ROLES = frozenset(
    {Role.TRIAGE, Role.OFFICE_HEAD, Role.SUPERVISOR, Role.CONFERENCE, Role.REVIEWER, Role.REREVIEWER}
)
# Posts that work on their own unit's matters.
UNIT_ROLES = frozenset(
    {
        Role.REGISTRAR, Role.TRIAGE, Role.SIGNER, Role.HANDLER, Role.UNIT_LEADER, Role.UNIT_HEAD, Role.OFFICE_HEAD,
        Role.REVIEWER, Role.REREVIEWER,
    }
)  # fmt: skip
# Posts whose unit view takes in the inner offices and bodies below.
HEAD_ROLES = frozenset({Role.UNIT_HEAD, Role.UNIT_LEADER, Role.OFFICE_HEAD})
# Who may know the petitioner's name although "do not tell the unit" was asked: those who heard it (Art.30, §2.9).
NAME_ROLES = frozenset(
    {
        Role.REGISTRAR, Role.TRIAGE, Role.OFFICE_HEAD, Role.SUPERVISOR, Role.CONFERENCE, Role.REVIEWER, Role.REREVIEWER,
    }
)  # fmt: skip

# What runs beside the stage: each has a state of its own, a body, and the petition it is about.
Aside = Hearing | Mediation | Withdrawal | UrgentReport | Dispute | Measure | Advice
Row = Petition | Filing | Assignment | Proceeding | Instruction | Supervision | Recusal | Aside


@dataclass(frozen=True)
class Scope:
    """What an actor sees: everything (``all``), the matters that reach some departments, or nothing.

    Attributes:
        paths: department paths whose whole subtree is in scope.
        units: single departments in scope.
        roles: Reach roles that count; empty = any.
    """

    all: bool = False
    paths: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing at all is in scope."""
        return not (self.all or self.paths or self.units)

    def departments(self) -> QuerySet[Department]:
        """The departments in scope, as a subquery, with those whose work they have taken over.

        Moving a department needs no rewriting of Reach, nor does what it had closed before it was merged.
        """
        where = Q(pk__in=self.units) | Q(heir__in=self.units)
        for path in self.paths:
            where |= Q(path__startswith=path) | Q(heir__path__startswith=path)
        return Department.objects.filter(where)


NOTHING = Scope()


def unit_of(actor: Actor) -> int:
    """Return the id of the body the actor acts for: an inner office (内设机构) acts for the body above it."""
    department = actor.department
    if department.kind == DepartmentKind.INNER and department.parent_id is not None:
        return department.parent_id
    return department.pk


def scope_of(actor: Actor | None) -> Scope:
    """Return what ``actor`` sees.  Administrators and auditors see no matters at all."""
    if actor is None:
        return NOTHING
    if actor.is_system:
        return Scope(all=True)
    role = actor.role
    if role in AREA_ROLES and actor.department.kind in (
        DepartmentKind.PETITION_OFFICE,
        DepartmentKind.CONFERENCE,
        DepartmentKind.REVIEW,
    ):
        return Scope(all=True)
    if role == Role.LEADER:
        return Scope(paths=_charge_of(actor))
    if role == Role.REGISTRAR:
        return Scope(units=(unit_of(actor),), roles=("office", "registry"))
    if role in HEAD_ROLES and actor.department.kind != DepartmentKind.INNER:
        return Scope(paths=(actor.department.path,))
    if role in UNIT_ROLES:
        return Scope(units=(unit_of(actor),))
    return NOTHING


def _charge_of(actor: Actor) -> tuple[str, ...]:
    """Paths of the departments in a leader's charge (分管领域)."""
    fields = actor.post.fields.values_list("department__path", flat=True)
    return tuple(fields)


def visible_to(actor: Actor | None) -> QuerySet[Petition]:
    """Return the petitions that ``actor`` sees; the first line of every read of a matter."""
    scope = scope_of(actor)
    if scope.all:
        return Petition.objects.all()
    if scope.empty:
        return Petition.objects.none()
    return Petition.objects.filter(Exists(reach_in(scope).filter(petition=OuterRef("pk"))))


def reach_in(scope: Scope) -> QuerySet[Reach]:
    """Return the Reach rows of ``scope`` (which must not be ``all``)."""
    rows = Reach.objects.filter(department__in=scope.departments().values("pk"))
    return rows.filter(role__in=scope.roles) if scope.roles else rows


@dataclass(frozen=True)
class Names:
    """Whose names an actor may know although "do not tell the unit" was asked: everybody's, or those of one office."""

    all: bool = False
    office: int | None = None
    user: int | None = None

    def may_know(self, petition: Petition) -> bool:
        """Whether ``petition``'s petitioner may be named."""
        if petition.recusals and petition.pk in self.kept_from:
            return False
        return not petition.hide_name or self.all or petition.office_id == self.office

    @cached_property
    def kept_from(self) -> frozenset[int]:
        """Matters whose petitioner the person is not to know; asked only where a matter has a recusal."""
        return frozenset(_hidden_from(self.user).values_list("petition", flat=True))


def _hidden_from(user_id: int | None) -> QuerySet[Recusal]:
    return Recusal.objects.filter(person__user=user_id, state="granted", hides_name=True)


def names_of(actor: Actor) -> Names:
    """Return whose names ``actor`` may know: asked once for a page, not for each row."""
    if actor.is_system:
        return Names(all=True)
    if actor.role not in NAME_ROLES:
        return Names(user=actor.user.pk)
    return Names(all=scope_of(actor).all, office=unit_of(actor), user=actor.user.pk)


def recused(actor: Actor, petition: Petition) -> Recusal | None:
    """The decision that keeps the actor's person, in every post, away from ``petition`` (Art.28 ¶3); asked once a page."""
    if not petition.recusals:
        return None
    held = petition.__dict__.setdefault("_prefetched_objects_cache", {})
    if "recusal_rows" not in held:
        prefetch_related_objects([petition], Prefetch("recusal_rows", Recusal.objects.select_related("person")))
    mine = [
        row for row in petition.recusal_rows.all() if row.state == "granted" and row.person.user_id == actor.user.pk
    ]
    return max(mine, key=lambda row: row.hides_name, default=None)


def sees_name(actor: Actor, petition: Petition) -> bool:
    """Whether ``actor`` may know who the petitioner is: always, unless the petitioner asked not to tell the unit, or the
    actor has been recused and is not to know."""
    if kept_from(actor, petition):
        return False
    return not petition.hide_name or names_of(actor).may_know(petition)


def kept_from(actor: Actor, petition: Petition) -> bool:
    """Whether the actor, recused, is not to know who the petitioner is: nor, then, to open its papers and files."""
    away = recused(actor, petition)
    return away is not None and away.hides_name


def may_unmask(actor: Actor, petition: Petition) -> bool:
    """Whether ``actor`` may see numbers and addresses in clear: not who had the matter once and gave it back,
    nor who has been recused."""
    scope = scope_of(actor)
    if recused(actor, petition) is not None:
        return False
    if scope.all or scope.empty:
        return scope.all
    return sees_name(actor, petition) and reach_in(scope).filter(petition=petition).exclude(role="former").exists()


def named_only(actor: Actor, petitions: QuerySet[Petition]) -> QuerySet[Petition]:
    """Narrow ``petitions`` to those whose petitioner's name the actor may know: for every search by person."""
    names = names_of(actor)
    if not actor.is_system:
        hidden = _hidden_from(actor.user.pk).filter(petition=OuterRef("pk"))
        petitions = petitions.exclude(Q(recusals__gt=0) & Exists(hidden))
    if names.all:
        return petitions
    where = Q(hide_name=False)
    return petitions.filter(where | Q(office_id=names.office) if names.office else where)


# --- steps ------------------------------------------------------------------------------------------------------


def may(actor: Actor, step: Step, petition: Petition, row: Row) -> bool:
    """Whether ``actor`` is a person who may take ``step`` on ``row`` (the moment is asked elsewhere)."""
    if recused(actor, petition) is not None:
        return False
    return any(_is(actor, who, petition, row) for who in step.who)


def _is(actor: Actor, who: str, petition: Petition, row: Row) -> bool:
    """Whether ``actor`` is the ``who`` of a lifecycle row: ``place:role``, ``leader`` or ``system``."""
    if who == "system":
        return actor.is_system
    if who == "leader":
        return actor.role == Role.LEADER
    if who == "conference":
        return actor.role == Role.CONFERENCE
    if who == "petitioner":
        return actor.user.pk is None  # whoever opened the public page with code and second factor; never a staff post
    place, role = who.split(":")
    return actor.role == role and unit_of(actor) == _place(place, petition, row)


def _place(place: str, petition: Petition, row: Row) -> int | None:
    """The department that ``place`` means for ``row``."""
    if place == "office":
        return _registry(petition, row) if isinstance(row, Filing) else office_for(petition)
    if place in _REVIEW_PLACES:
        return _review_place(place, petition, row)
    if place == "sender":
        return row.sender_id if isinstance(row, Assignment) else petition.office_id
    if isinstance(row, Recusal):
        return row.decider_id
    if isinstance(row, Petition | Filing):
        return petition.responsible_id
    return row.department_id


def _registry(petition: Petition, filing: Filing) -> int:
    """The body that answers today for what was filed with it."""
    office = petition.office if filing.office_id == petition.office_id else filing.office
    return office.answers_for_it


_REVIEW_PLACES = ("review", "rereview", "recorder")


def _review_place(place: str, petition: Petition, row: Row) -> int | None:
    """The body that reviews by this run; where it is outside this system, the petition office that records its word.
    Of the whole matter: the body of the run that is open."""
    if isinstance(row, Petition):
        runs = [run for run in petition.proceedings.all() if run.kind == place]
        return runs[-1].department_id if runs else None
    if not isinstance(row, Proceeding) or row.kind not in ("review", "rereview"):
        return None
    outside = row.department.kind == DepartmentKind.SUPERIOR
    if place == "recorder":
        return office_for(petition) if outside else None
    return row.department_id if place == row.kind and not outside else None


def office_for(petition: Petition) -> int:
    """The petition office that audits and supervises ``petition`` (Art.14): its own, or, for what was filed directly
    with the body that decides, the one nearest to that body in the tree; the body itself where there is none.

    A closure is never confirmed by the body that closed, so this must not be the body as long as there is another.
    """
    if petition.office.is_petition_office:
        return petition.office.answers_for_it
    if "_office_for" not in petition.__dict__:  # asked once for each step of a page
        petition.__dict__["_office_for"] = _nearest_office(petition.office)
    found: int = petition.__dict__["_office_for"]
    return found


def _nearest_office(body: Department) -> int:
    offices = Department.objects.in_force(today()).filter(kind=DepartmentKind.PETITION_OFFICE, level=body.level)
    others = list(offices) or list(Department.objects.in_force(today()).filter(kind=DepartmentKind.PETITION_OFFICE))
    best = max(others, key=lambda office: (len(commonpath([office.path, body.path])), -office.pk), default=None)
    return best.pk if best is not None else body.pk


ON: dict[type[Row], str] = {
    Petition: "petition",
    Filing: "filing",
    Assignment: "assignment",
    Proceeding: "proceeding",
    Instruction: "instruction",
    Supervision: "supervision",
    Hearing: "hearing",
    Mediation: "mediation",
    Withdrawal: "withdrawal",
    UrgentReport: "urgent",
    Dispute: "dispute",
    Measure: "measure",
    Advice: "advice",
    Recusal: "recusal",
}


def state_of(row: Row) -> str:
    """Return the state that a lifecycle row's ``from_`` is compared with."""
    return row.stage if isinstance(row, Petition) else row.state


def steps_for(actor: Actor, petition: Petition, rows: Iterable[Row]) -> list[tuple[Step, Row]]:
    """Return the steps that ``actor`` may take now, each with the row it is on, in the order of the table."""
    if petition.key_destroyed_at is not None:  # nothing about it can be kept any more: the door says so
        return []
    found = [
        (step, row)
        for row in rows
        for step in STEPS.values()
        if step.on == ON[type(row)]
        and state_of(row) in step.from_
        and may(actor, step, petition, row)
        and fits(step, petition, row)
        and not _made(step, petition, row)
    ]
    order = list(STEPS)
    return sorted(found, key=lambda pair: order.index(pair[0].code))


def _made(step: Step, petition: Petition, row: Row) -> bool:
    """Whether ``step`` may be taken once at a time only and has been: it is not offered again (the door says why)."""
    made = _MADE.get(step.code)
    return made is not None and made(petition, row)


def reviewed_already(petition: Petition, run: Row) -> bool:
    """Whether the opinion of ``run`` is under review or has been reviewed: no second review of it follows (Art.35, 36)."""
    open_again = ("review_refused", "review_dropped")
    asked = (row for row in petition.proceedings.all() if row.kind in ("review", "rereview") and row.after_id == run.pk)
    return any(row.state not in open_again for row in asked)


def executed_already(petition: Petition, run: Row) -> bool:
    """Whether the execution of the opinion of ``run`` is followed already."""
    return any(row.kind == "execution" and row.after_id == run.pk for row in petition.proceedings.all())


def _disputed(petition: Petition, row: Row) -> bool:
    return any(held.state in competence.OPEN for held in petition.disputes.all())


# Read whole, because a page has the rows at hand (`dossier`); there are never many.
_MADE: dict[str, Callable[[Petition, Row], bool]] = {
    "remind": lambda petition, row: isinstance(row, Assignment) and row.reminded_on == today(),
    "object": lambda petition, row: isinstance(row, Assignment) and row.objected_on is not None,
    "apply_review": reviewed_already,
    "apply_rereview": reviewed_already,
    "track_execution": executed_already,
    "call_hearing": lambda petition, row: any(held.state in ("called", "held") for held in petition.hearings.all()),
    "start_mediation": lambda petition, row: any(held.state == "mediating" for held in petition.mediations.all()),
    "close_settled": lambda petition, row: any(held.state == "agreed" for held in petition.mediations.all()),
    "transfer": _disputed, "assign": _disputed, "route_legal": _disputed,
}  # fmt: skip


UPWARD = frozenset({"sign_up", "object_up", "taken_back", "objection_refused", "report_up", "extend_up"})
# What may be done to a filing while the superior has not answered the county's objection.
_MEANWHILE = frozenset({"triage", "reissue_code", "retract"})
# From when on there is a result to report.
_RESULT = frozenset({"delivered", "lapsed", "closed", "confirmed", "ended"})


def waits_for_superior(filing: Filing) -> bool:
    """Whether the county has objected to what was handed down and has no answer yet."""
    return filing.handed_objected_on is not None and filing.handed_answered_on is None


def fits_upward(code: str, filing: Filing, petition: Petition) -> bool:
    """Whether a step between the county and its superior makes sense for this filing, now."""
    if filing.channel != Channel.HANDED_DOWN:
        return False
    waits = waits_for_superior(filing)
    ours = filing.handed_reported_on is None and petition.outcome != Outcome.TAKEN_BACK
    return {
        "sign_up": filing.handed_signed_on is None,
        "object_up": filing.handed_signed_on is not None and filing.handed_objected_on is None,
        "taken_back": waits, "objection_refused": waits,
        "report_up": ours and filing.handed_due is not None and petition.stage in _RESULT,
        "extend_up": ours and petition.archived_on is None,
    }.get(code, code in _MEANWHILE)  # fmt: skip


_JUDGED = ("opinion", "direct_reply", "suggestion", "duty", "settled")


def _closes_by_reply(petition: Petition, row: Row) -> bool:
    """A reply closes the matter where no claim is handled by an opinion."""
    gone = ("redone", "withdrawn")
    return not any(run.kind == "handling" and run.state not in gone for run in petition.proceedings.all())


def _may_track(petition: Petition, row: Row) -> bool:
    """An opinion that supports a claim is to be carried out, as a review has changed it; once, as the step itself asks."""
    if not isinstance(row, Proceeding) or row.kind != "handling":
        return False
    answers = [claim.support for claim in petition.claims.all() if claim.proceeding_id == row.pk]
    return bool({"support", "part"} & set(answers or row.decided.values()))


# What a petition office does with a filing, and what a body that received it directly does instead (Art.22, 23).
_BY_OFFICE = frozenset({"transfer", "assign", "route_legal", "submit_to_leader"})
_BY_RECEIVER = frozenset({"take_up", "channel_direct", "pass_down", "assign_down"})


def _has_below(petition: Petition) -> bool:
    """Whether the body that received ``petition`` has bodies of its own system below it that may decide (Art.23 ¶1)."""
    held = petition.__dict__
    if "_has_below" not in held:  # asked once for each step of a page
        held["_has_below"] = bodies_below(petition.office).exists()
    return bool(held["_has_below"])


def bodies_below(body: Department) -> QuerySet[Department]:
    """Return today's bodies under ``body`` in the tree that may decide."""
    below = Department.objects.in_force(today()).filter(path__startswith=body.path, kind__in=COMPETENT_KINDS)
    return below.exclude(pk=body.pk)


# What a step asks of its row beyond the state; by step.
_FITS: dict[str, Callable[[Petition, Row], bool]] = {
    # A suggestion is in no other procedure: it has none to come back from; what comes back to a file is a new matter.
    "come_back": lambda petition, row: (
        isinstance(row, Proceeding) and row.kind in ("outside", "duty") and petition.archived_on is None
    ),
    "close_reply": _closes_by_reply,
    "to_ordinary": lambda petition, row: isinstance(row, Proceeding) and row.simplified,
    # Read whole, because a page has them at hand (`dossier`); there are never many.
    "settle": lambda petition, row: any(held.state in ("agreed", "performed") for held in petition.mediations.all()),
    "record_withdrawal": lambda petition, row: all(held.state != "asked" for held in petition.withdrawals.all()),
    "track_execution": _may_track,
    "refer_dispute": lambda petition, row: (
        petition.office.is_petition_office
        and all(held.state not in competence.OPEN for held in petition.disputes.all())
    ),
    "unmerge": lambda petition, row: petition.merged_into_id is not None and isinstance(row, Filing) and not row.repeat,
    "split_off": lambda petition, row: isinstance(row, Filing) and row.repeat,
    "relate": lambda petition, row: petition.related_to_id is None,
    "unrelate": lambda petition, row: petition.related_to_id is not None,
    "archive": lambda petition, row: petition.archived_on is None,
    "keep_longer": lambda petition, row: petition.archived_on is not None and petition.key_destroyed_at is None,
    "choose_representatives": lambda petition, row: petition.joint,
    "count_heads": lambda petition, row: petition.joint,
    "pass_on": lambda petition, row: petition.joint,
    # A court confirms what was mediated, not what two parties settled between themselves (《人民调解法》第三十三条).
    "court_confirms": lambda petition, row: (
        isinstance(row, Mediation) and row.confirmed_on is None and not row.between_them
    ),
    "extend_report": lambda petition, row: isinstance(row, Assignment) and row.mode == "assign" and row.lead,
}


def fits(step: Step, petition: Petition, row: Row) -> bool:
    """Whether ``step`` makes sense for this very row: what the table cannot say in a state's name."""
    if isinstance(row, Filing) and (step.code in UPWARD or waits_for_superior(row)):
        return fits_upward(step.code, row, petition)
    if step.code == "report_back":
        return isinstance(row, Assignment) and row.mode == "assign"
    if step.code in _BY_OFFICE or step.code in _BY_RECEIVER:
        ours = petition.office.is_petition_office is (step.code in _BY_OFFICE)
        return ours and (step.code not in ("pass_down", "assign_down") or _has_below(petition))
    if step.code == "judge_resolved":
        return petition.resolved is None and petition.outcome in _JUDGED
    if step.code == "add_co_unit":
        return isinstance(row, Assignment) and row.lead and petition.stage == "handling"
    if step.code in ("assign_handler", "remind"):
        return petition.stage not in ("closed", "confirmed", "ended")
    if step.code in ("accept", "take_suggestion"):
        suggested = petition.kind == "suggestion"
        return isinstance(row, Assignment) and row.lead and suggested is (step.code == "take_suggestion")
    if step.code in ("channel", "decline", "object"):
        return isinstance(row, Assignment) and row.lead
    if step.code in _FITS:
        return _FITS[step.code](petition, row)
    if step.code == "close" and isinstance(row, Proceeding):
        return row.state in ("lapsed", "exhausted") or row.petitioner_view == "0"
    if step.code in ("apply_review", "apply_rereview"):
        return isinstance(row, Proceeding) and row.kind == ("handling" if step.code == "apply_review" else "review")
    return True


__all__ = [
    "NOTHING",
    "UPWARD",
    "Scope",
    "bodies_below",
    "executed_already",
    "fits",
    "kept_from",
    "may",
    "may_unmask",
    "named_only",
    "names_of",
    "office_for",
    "reach_in",
    "recused",
    "reviewed_already",
    "scope_of",
    "sees_name",
    "state_of",
    "steps_for",
    "unit_of",
    "visible_to",
    "waits_for_superior",
]
