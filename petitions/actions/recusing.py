"""Who keeps away from a matter, and who says so?  Asked by anybody at work on it, decided by the head (Art.28 ¶3)."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import Department, DepartmentKind, Post, Role, User
from petitions import access, notices
from petitions.actions import moment
from petitions.actions.door import Work, effect
from petitions.errors import BadInput, WrongPerson
from petitions.law.recusal import ARTICLE as RULE
from petitions.models import Assignment, Notice, Petition, Proceeding, Recusal

HEADS = (Role.UNIT_HEAD, Role.OFFICE_HEAD)
ORIGINS = {"self": "本人申请", "other": "单位或同事提出", "petitioner": "信访人提出"}
# Who meets a matter in these posts can have an interest in it; a county leader answers to nobody here.
_CONCERNED = frozenset(
    {
        Role.REGISTRAR, Role.TRIAGE, Role.OFFICE_HEAD, Role.SUPERVISOR, Role.SIGNER, Role.HANDLER, Role.UNIT_LEADER,
        Role.UNIT_HEAD, Role.REVIEWER, Role.REREVIEWER,
    }
)  # fmt: skip


def keeps_away(petition: Petition, user: User) -> bool:
    """Whether it has been decided that ``user`` keeps away from ``petition``."""
    if not petition.recusals:
        return False
    return Recusal.objects.filter(petition=petition, person__user=user, state="granted").exists()


def concerned(petition: Petition) -> Q:
    """The posts of those who may meet ``petition``: of the bodies that hold or review it, and of the office that answers."""
    held = petition.assignments.exclude(state__in=("returned", "recalled")).values_list("department", flat=True)
    reviewed = petition.proceedings.filter(kind__in=("review", "rereview")).values_list("department", flat=True)
    bodies = {petition.office_id, access.office_for(petition), *held, *reviewed}
    return Q(role__in=_CONCERNED) & (
        Q(department__in=bodies) | Q(department__parent__in=bodies, department__kind="inner")
    )


@effect("ask_recusal")
def ask_recusal(work: Work, *, person: Post, origin: str, interest: str) -> None:
    """Say that ``person`` has a direct interest in the matter or its petitioner; the head is told to decide."""
    wrong = {}
    if origin not in ORIGINS or (origin == "self") != (person.user_id == work.by.user.pk):
        wrong["origin"] = "本人申请的选“本人申请”，替别人提出的选另外两项。"
    if not interest.strip():
        wrong["interest"] = "请写明有什么直接利害关系。"
    held = Post.objects.in_force(moment.today()).filter(concerned(work.petition), pk=person.pk, user__is_active=True)
    if not held.exists():
        wrong["person"] = "请选择办理这件事项的单位或者信访部门的在岗人员。"
    mine = Recusal.objects.filter(petition=work.petition, person__user=person.user_id, state__in=("asked", "granted"))
    if mine.exists():
        wrong["person"] = "这个人的回避已经提出或者决定过了。"
    if wrong:
        raise BadInput(wrong, rule=RULE)
    decider = _decider(person, work.petition)
    row = Recusal.objects.create(
        petition=work.petition, person=person, asked_by=work.by.post, decider=decider, asked_on=work.occurred_on,
        state="asked",
    )  # fmt: skip
    work.data |= {"person": person.pk, "origin": origin, "recusal": row.pk, "decider": decider.pk}
    work.text["interest"] = interest
    _tell(work, _heads(decider, person), f"{work.petition.number} 提出回避，请决定")


def _decider(person: Post, petition: Petition) -> Department:
    """The body whose head decides: the person's own; for a head, or where there is none, the nearest above that has one."""
    body: Department | None = person.department
    while body is not None:
        if _heads(body, person):
            return body
        body = body.parent
    return Department.objects.get(pk=access.office_for(petition))


def _heads(body: Department, person: Post) -> list[Post]:
    """Who decides in ``body``: its head, among the county's leaders the one in charge of the person's body; never the person."""
    rows = Post.objects.in_force(moment.today()).filter(user__is_active=True).exclude(user=person.user_id)
    if body.kind == DepartmentKind.LEADERSHIP:
        path = person.department.path
        above = [int(pk) for pk in path.split("/") if pk]
        rows = rows.filter(department=body, role=Role.LEADER, fields__department__in=above).distinct()
    else:
        rows = rows.filter(department=body, role__in=HEADS)
    return list(rows.select_related("user", "department").order_by("pk"))


def _tell(work: Work, posts: list[Post], text: str) -> None:
    rows = notices.to_posts(posts, step=work.step.code, petition=work.petition, text=text, at=moment.now())
    Notice.objects.bulk_create(row for row in rows if row.post_id != work.by.post.pk)


def _row(work: Work) -> Recusal:
    assert isinstance(work.row, Recusal)
    if work.row.person.user_id == work.by.user.pk:
        raise WrongPerson("自己的回避由别人决定。", rule=RULE)
    return work.row


@effect("grant_recusal")
def grant_recusal(work: Work, *, hides_name: bool, reason: str = "") -> None:
    """From now on the person takes no step on the matter and, if so decided, does not know who the petitioner is."""
    row = _row(work)
    work.set(decided_on=work.occurred_on, hides_name=hides_name)
    work.set_petition(recusals=work.petition.recusals + 1)
    work.data |= {"person": row.person_id, "recusal": row.pk, "hides_name": hides_name}
    work.text["reason"] = reason
    had = _take_off(work, row.person.user)
    words = f"{work.petition.number} {row.person.user.name}回避"
    _tell(work, [row.person], f"{work.petition.number} 已决定您回避")
    for department_id in had:
        _tell(work, notices.posts_of(department_id, Role.SIGNER), f"{words}，请重新确定承办人")


def _take_off(work: Work, user: User) -> list[int]:
    """The person is no longer the handler of anything here; return the units that must name another."""
    had = []
    rows: list[Assignment | Proceeding] = [*work.matter.assignments, *work.matter.proceedings]
    for row in rows:
        if row.handler_id and Post.objects.filter(pk=row.handler_id, user=user).exists():
            row.handler = None
            row.save(update_fields=["handler"])
            had.append(row.department_id)
    return list(dict.fromkeys(had))


@effect("refuse_recusal")
def refuse_recusal(work: Work, *, reason: str) -> None:
    """There is no direct interest: the person goes on, and the reasons stand in the record."""
    row = _row(work)
    if not reason.strip():
        raise BadInput({"reason": "请写明不予回避的理由。"}, rule=RULE)
    work.set(decided_on=work.occurred_on)
    work.data |= {"person": row.person_id, "recusal": row.pk}
    work.text["reason"] = reason
    _tell(work, [row.asked_by], f"{work.petition.number} 提出的回避，决定不予回避")
