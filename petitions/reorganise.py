"""What happens to open work when a body is merged, abolished or split?  First shown, then done, whole or not at all (Art.24).

Locks in one order for everybody: the bodies by id, then the matters by id.  Whoever gives a matter to a body, or registers
in its name, waits for that lock (`actions/standing.py`); every other step meets the matters before or after.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import bodies
from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment
from accounts.manage import changed, check_manages
from accounts.models import COMPETENT_KINDS, Department, DepartmentKind, LeaderField, Post, Region
from accounts.tree import place
from petitions import lifecycle, review_bodies, trees
from petitions.actions.handover import Handover, hand_over, told_in
from petitions.actions.moving import carry, end_posts, goes_on, open_posts
from petitions.models import Assignment, Category, Clock, Instruction, Petition, Reach, RoutingRule, Supervision

ARTICLE = f"《{lifecycle.TEXT}》第二十四条"
_GONE = ("returned", "recalled")
PIECE = 50  # matters whose rows are read together
Beat = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    """Nobody waits to be told how far it is."""


@dataclass(frozen=True)
class Part:
    """What of a body goes to another: all of it, or the matters of some categories and places and some people."""

    categories: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    posts: tuple[int, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether everything goes."""
        return not (self.categories or self.regions)

    def matters(self, of: Department) -> QuerySet[Petition]:
        """The matters that go."""
        rows = unfinished(of)
        if self.categories:
            rows = rows.filter(category__in=self.categories)
        return rows.filter(_inside("region_id", self.regions)) if self.regions else rows

    def rules(self, of: Department) -> QuerySet[RoutingRule]:
        """The routing rules that go; of a part, those that lie wholly within it."""
        rows = RoutingRule.objects.filter(department=of)
        if self.categories:
            rows = rows.filter(category__in=self.categories)
        return rows.filter(_inside("region_id", self.regions)) if self.regions else rows


WHOLE = Part()


def _inside(column: str, codes: Iterable[str]) -> Q:
    """Places that lie in one of ``codes`` (12 digits, zeros at the end stand for all below)."""
    where = Q(pk__in=[])
    for code in codes:
        stem = next((code[:n] for n in (2, 4, 6, 9) if not code[n:].strip("0")), code)
        where |= Q(**{f"{column}__startswith": stem})
    return where


def part_of(categories: Iterable[Category], regions: Iterable[Region], posts: Iterable[Post]) -> Part:
    """Return what goes to a new body, with the categories below those named."""
    tree = trees.categories()
    codes = {str(code) for row in categories for code in tree.below(str(row.pk))}
    return Part(tuple(sorted(codes)), tuple(sorted(str(row.pk) for row in regions)), tuple(sorted(p.pk for p in posts)))


@dataclass(frozen=True)
class Line:
    """One line of a preview: so much of this goes there.  ``firm``: another number by now makes the preview stale."""

    group: str
    label: str
    value: str
    firm: bool = True


@dataclass(frozen=True)
class Plan:
    """What a change would move, and to whom."""

    body: Department
    successor: Department | None
    part: Part
    many: int = 0  # open matters that move
    lines: tuple[Line, ...] = field(default=())
    title: str = ""  # what it is in one line, where no work changes hands

    @property
    def seen(self) -> dict[str, str]:
        """What was seen, to be compared when it is done."""
        return {f"{line.group}·{line.label}": line.value for line in self.lines if line.firm}

    @property
    def mark(self) -> str:
        """One word for all of it."""
        about = [
            self.title,
            self.body.pk,
            self.successor.pk if self.successor else 0,
            self.part.categories,
            self.part.regions,
        ]
        said = json.dumps([about, self.seen], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def groups(self) -> dict[str, list[Line]]:
        """The lines by what they are about."""
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.group, []).append(line)
        return found


class PlanChanged(WrongMoment):
    """Somebody acted since the preview (409); ``differs`` says in what."""

    def __init__(self, differs: Sequence[str]) -> None:
        super().__init__("预览之后有了变化，请核对新的预览再确认。", rule=ARTICLE)
        self.differs = list(differs)


# --- what there is ------------------------------------------------------------------------------------------------


def unfinished(body: Department) -> QuerySet[Petition]:
    """The matters in which ``body`` has something to do: open ones, and ended ones where an answer is still owed."""
    mine = {"petition": OuterRef("pk"), "department": body}
    final = lifecycle.FINAL_STATES
    here = Reach.objects.filter(**mine)
    waits = (
        Q(stage__in=lifecycle.OPEN_STAGES) & Exists(here.exclude(role="former"))  # what it gave back is not its work
        | Exists(Assignment.objects.filter(**mine).exclude(state__in=final["assignment"]))
        | Exists(Instruction.objects.filter(**mine).exclude(state__in=final["instruction"]))
        | Exists(Supervision.objects.filter(**mine).exclude(state__in=final["supervision"]))
        | Exists(Clock.objects.filter(ended="", **mine))
    )
    return Petition.objects.filter(Exists(here)).filter(waits)


def plan(body: Department, successor: Department | None, part: Part = WHOLE) -> Plan:
    """Return what merging ``body`` into ``successor`` (or abolishing it, or splitting ``part`` off) moves.  Changes nothing.

    Raises:
        BadInput, WrongMoment: it cannot be done so; ``successor`` is named where open work needs one.
    """
    rows = part.matters(body)
    many = rows.count()
    _check(body, successor, part, many)
    lines = [
        *_matters(body, rows, many), *_people(body, successor, part),
        *(_below(body) if part.whole else []), *_rules(body, part), *(_numbers(body) if part.whole else []),
    ]  # fmt: skip
    return Plan(body, successor, part, many, tuple(lines))


def _check(body: Department, successor: Department | None, part: Part, many: int) -> None:
    if body.kind in bodies.FIXED | bodies.ELSEWHERE or body.kind == DepartmentKind.LEADERSHIP:
        raise WrongMoment("这个单位不由本县调整。", rule=bodies.RULE)
    if not bodies.in_force(body):
        raise WrongMoment("这个单位已经撤销。", rule=bodies.RULE)
    if not part.whole and body.is_petition_office:
        raise WrongMoment("信访部门统一受理，不能拆分。", rule=f"《{lifecycle.TEXT}》第十四条")
    if successor is None:
        if many or body.children.filter(valid_to=None).exists() or open_posts(body):
            words = "请指定承接单位；承接单位不明确的，由本级党委、政府或者其指定的机关、单位决定后再填。"
            raise BadInput({"successor": words}, rule=ARTICLE)
        return
    if why := unfit(body, successor):
        raise BadInput({"successor": why}, rule=ARTICLE)


def unfit(body: Department, successor: Department) -> str:
    """Why ``successor`` cannot go on with what ``body`` does; ``""`` where it can."""
    if not bodies.in_force(successor):
        return f"{successor.name}已经撤销。"
    if successor.pk == body.pk or successor.path.startswith(body.path):
        return "不能由本单位或者下级承接。"
    if body.is_petition_office != successor.is_petition_office:
        return "信访部门只能由信访部门承接。"
    if body.kind in COMPETENT_KINDS:
        return "" if successor.kind in COMPETENT_KINDS else f"{successor.name}不是有权处理的机关、单位。"
    same = successor.kind == body.kind or (body.kind == DepartmentKind.INNER and successor.pk == body.parent_id)
    return "" if same else f"要由同类单位承接（{body.get_kind_display()}）。"


def _matters(body: Department, rows: QuerySet[Petition], many: int) -> Iterable[Line]:
    group, mine = "在办事项", {"petition__in": rows, "department": body}
    held = Assignment.objects.filter(**mine).exclude(state__in=_GONE)
    yield Line(group, "转入的事项", f"{many}件")
    counts = [
        ("主办", held.filter(lead=True)), ("协办等", held.filter(lead=False)), ("由本单位受理登记", rows.filter(office=body)),
        ("待答复的批示", Instruction.objects.filter(**mine).exclude(state="answered")),
        ("未结束的督办", Supervision.objects.filter(**mine).exclude(state="ended")),
    ]  # fmt: skip
    for label, found in counts:
        if number := found.count():
            yield Line(group, label, f"{number}件")
    for code, label in lifecycle.STATES["assignment"].items():
        if code not in _GONE and (number := held.filter(state=code).count()):
            yield Line("承办状态", label, f"{number}件", firm=False)
    running = Clock.objects.filter(ended="", **mine)
    for code, rule in lifecycle.CLOCKS.items():
        if number := running.filter(name=code).count():
            yield Line("运行中的时限（到期日不变）", rule.label, f"{number}个", firm=False)


def _people(body: Department, successor: Department | None, part: Part) -> Iterable[Line]:
    for post in open_posts(body):
        if part.whole:
            why = goes_on(post, successor) if successor else "撤销后离任"
            said = why or f"转到{successor.short_name if successor else ''}，岗位不变"
        else:
            said = "不转" if post.pk not in part.posts else goes_on(post, successor) or "转到新单位，岗位不变"  # type: ignore[arg-type]
        yield Line("人员岗位", f"{post.user.name}（{post.title or post.get_role_display()}）", said)


def _below(body: Department) -> Iterable[Line]:
    for child in body.children.filter(valid_to=None).order_by("code"):
        yield Line("下级机构", child.name, "改由承接单位管理")


def _rules(body: Department, part: Part) -> Iterable[Line]:
    for rule in part.rules(body).select_related("category", "region"):
        where = rule.region.name if rule.region else "全县"
        yield Line("分派规则", f"{rule.category.name}（{where}）", "改为承接单位")
    if part.whole:
        for charge in LeaderField.objects.filter(department=body).select_related("post__user"):
            yield Line("分管领导", charge.post.user.name, "改为分管承接单位")


def _numbers(body: Department) -> Iterable[Line]:
    begins = body.paper_prefix or body.short_name
    yield Line("编号", f"“{begins}”字的文号、编号", "到此为止，不再使用、不重复；今后用承接单位的代字", firm=False)


# --- doing it -----------------------------------------------------------------------------------------------------


def close(body: Department, successor: Department | None, *, by: Actor, reason: str, mark: str,
          seen: Mapping[str, str] | None = None, beat: Beat = _silent) -> Plan:  # fmt: skip
    """Merge ``body`` into ``successor``, or abolish it: from today on it is not there, and all it had goes on there.

    Args:
        mark, seen: of the preview that was looked at.
        beat: told after each piece how many matters of all have moved; what it raises undoes everything.

    Raises:
        WrongPerson, BadInput, WrongMoment; PlanChanged: what would move is no longer what was seen.
    """
    check_manages(by, "departments")
    with transaction.atomic():
        old, new = _locked(body, successor)
        done = _do(old, new, WHOLE, by, reason, mark, seen, beat)
        _rules_follow(old, new, WHOLE)
        _end(old, new, by, reason)
    trees.forget()
    return done


def split(body: Department, successor: Department, part: Part, *, by: Actor, reason: str, mark: str,
          seen: Mapping[str, str] | None = None, beat: Beat = _silent) -> Plan:  # fmt: skip
    """Give ``part`` of what ``body`` does to ``successor``; the body goes on with the rest.

    Raises:
        WrongPerson, BadInput, WrongMoment, PlanChanged.
    """
    check_manages(by, "departments")
    if part.whole:
        raise BadInput({"categories": "请选择划出的内容分类或者属地。"}, rule=ARTICLE)
    with transaction.atomic():
        old, new = _locked(body, successor)
        assert new is not None
        done = _do(old, new, part, by, reason, mark, seen, beat)
        _rules_follow(old, new, part)
        moved = {"划出事项": done.many, "划往": new.name}
        changed(by, bodies.target(old), "划出职能", after=moved, reason=reason)
        changed(by, bodies.target(new), "划入职能", after={"划入事项": done.many, "来自": old.name}, reason=reason)
    trees.forget()
    return done


def _locked(body: Department, successor: Department | None) -> tuple[Department, Department | None]:
    rows = bodies.lock(body.pk, *([successor.pk] if successor else []))
    return rows[body.pk], rows[successor.pk] if successor else None


def _do(old: Department, new: Department | None, part: Part, by: Actor, reason: str, mark: str,
        seen: Mapping[str, str] | None, beat: Beat) -> Plan:  # fmt: skip
    matters = list(part.matters(old).select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    made = plan(old, new, part)
    if made.mark != mark:
        raise PlanChanged(differs(seen or {}, made.seen))
    posts = _posts_follow(old, new, part, by, reason)
    if new is not None:
        why = "merged" if part.whole else "split"
        _hand_over(matters, Handover(old, new, by, posts, told_in(new), why), beat)
    return made


def differs(seen: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """In what two looks at one change differ, in words."""
    names = dict.fromkeys([*seen, *now])
    return [
        f"{name}：{seen.get(name, '（无）')} → {now.get(name, '（无）')}"
        for name in names
        if seen.get(name) != now.get(name)
    ]


def _posts_follow(old: Department, new: Department | None, part: Part, by: Actor, reason: str) -> dict[int, Post]:
    mine = [post for post in open_posts(old) if part.whole or post.pk in part.posts]
    carried = {post.pk: carry(post, new, by=by, reason=reason) for post in mine if new and not goes_on(post, new)}
    end_posts([post for post in mine if part.whole or post.pk in carried], carried, by=by, reason=reason)
    return carried


def _hand_over(matters: Sequence[int], how: Handover, beat: Beat) -> None:
    for first in range(0, len(matters), PIECE):
        piece = matters[first : first + PIECE]
        hand_over(
            list(Petition.objects.select_related("office").filter(pk__in=piece).order_by("pk")), how
        )  # locked above
        beat(first + len(piece), len(matters))


def _rules_follow(old: Department, new: Department | None, part: Part) -> None:
    """What holds from now on names the one that follows; without one it is dropped."""
    if new is None:
        part.rules(old).delete()
        LeaderField.objects.filter(department=old).delete()
        return
    part.rules(old).update(department=new)
    if not part.whole:
        return
    taken = LeaderField.objects.filter(department=new).values("post")
    LeaderField.objects.filter(department=old, post__in=taken).delete()
    LeaderField.objects.filter(department=old).update(department=new)
    for child in old.children.order_by("pk"):
        child.parent = new
        child.save(update_fields=["parent"])
        place(child)
    review_bodies.succeed(old, new)
    for label, fate in FATES.items():
        if fate == "column":
            model, column = label.rsplit(".", 1)
            apps.get_model(model)._default_manager.filter(**{column: old}).update(**{column: new})


def _end(old: Department, new: Department | None, by: Actor, reason: str) -> None:
    before = bodies.facts(old)
    old.valid_to, old.successor, old.heir = today() - timedelta(days=1), new, new
    old.save(update_fields=["valid_to", "successor", "heir"])
    if new is not None:
        Department.objects.filter(heir=old).update(heir=new)
    after: dict[str, Any] = {**bodies.facts(old), "承接单位": new.name if new else ""}
    changed(by, bodies.target(old), "合并" if new else "撤销", before=before, after=after, reason=reason)
    if new is not None:
        changed(by, bodies.target(new), "并入", after={"并入单位": old.name}, reason=reason)


# What becomes of every column that names a body when that body is merged into another: one that is not here has been
# forgotten, and a test says so.  "matter": goes with each open matter (actions/handover.py).  "rule": holds from now on and
# goes to the one that follows, by a line of its own above.  "column": the same, by a plain update.  "post": ends, and goes on
# where its person does.  "history": stays under the body that did it.
FATES: Mapping[str, str] = {
    "accounts.Department.parent": "rule",
    "accounts.Department.successor": "history",
    "accounts.Department.heir": "rule",
    "accounts.FormerName.department": "history",
    "accounts.Post.department": "post",
    "accounts.LeaderField.department": "rule",
    "accounts.Office.department": "column",
    # A sealed report stays with the office it came to; where it went is sealed with its words.
    "petitions.Accusation.office": "history",
    "petitions.YearTotal.office": "history",
    "petitions.Petition.office": "matter",
    "petitions.Petition.responsible": "matter",
    "petitions.Filing.office": "matter",
    "petitions.Filing.handed_by": "history",
    "petitions.Assignment.department": "matter",
    "petitions.Assignment.sender": "matter",
    "petitions.Assignment.suggested": "history",
    "petitions.Proceeding.department": "matter",
    "petitions.Instruction.department": "matter",
    "petitions.Supervision.department": "matter",
    "petitions.Hearing.department": "matter",
    "petitions.Mediation.department": "matter",
    "petitions.Withdrawal.department": "matter",
    "petitions.UrgentReport.department": "matter",
    "petitions.Dispute.department": "matter",
    "petitions.Dispute.body": "history",  # whoever answers for it today is asked where it counts
    "petitions.Measure.department": "matter",
    "petitions.Advice.department": "matter",
    "petitions.ReviewBody.of": "rule",
    "petitions.ReviewBody.body": "rule",
    "petitions.Recusal.decider": "matter",
    "petitions.Clock.department": "matter",
    "petitions.Reach.department": "matter",
    "petitions.Rating.department": "history",
    "petitions.Paper.department": "history",
    "petitions.NumberSeries.office": "history",  # numbers that begin alike go on together (petitions.numbers)
    "petitions.RoutingRule.department": "rule",
    "petitions.Pattern.unit": "history",
    "petitions.Report.office": "history",
    "petitions.ArchiveFile.department": "column",  # whoever follows keeps the files, and answers for their periods
    "petitions.Destruction.department": "column",
    "petitions.SavedView.unit": "column",
    "visits.Place.office": "column",
    "visits.Receiver.office": "column",
    "visits.Recusal.department": "column",
    "visits.FrequencyRule.office": "column",
    "visits.HouseNumber.office": "history",  # the one that follows has numbers of its own
    "visits.Visit.office": "column",
    "visits.Visit.units": "history",
    "visits.Booking.field": "history",
    "visits.Reception.field": "history",
    "visits.Outcome.unit": "history",
    "visits.FollowUp.unit": "column",
    "visits.Brief.unit": "column",
    "visits.Sponsorship.office": "column",
    "visits.Sponsorship.unit": "column",
    "visits.Sponsorship.co_units": "history",
    "visits.Milestone.unit": "column",
    "visits.Pledge.office": "column",
    "visits.WallLink.office": "column",
    "visits.Research.to": "column",
    "petitions.FigureFact.unit": "history",  # made anew from the record of each matter that goes along
    "petitions.FigureTotal.unit": "history",
    "petitions.Ticket.office": "history",  # a day's numbers are gone the next night
    "petitions.HallDevice.office": "column",
}
