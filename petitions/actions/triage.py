"""What does each triage step change?  Rows 4 to 5k of domain.md §2.2, on the filing that T1 or T2 hangs on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from accounts.models import COMPETENT_KINDS, Department, DepartmentKind, Region
from petitions import lifecycle
from petitions.access import unit_of
from petitions.actions.door import Work, effect
from petitions.actions.entered import in_force, in_use
from petitions.actions.grounds import last_word, refuse
from petitions.actions.told import LONGEST_LIMIT
from petitions.errors import BadInput, WrongMoment
from petitions.models import Assignment, Category, Kind, Mode, Petition, Purpose


@effect("triage")
def triage(
    work: Work,
    *,
    kind: str,
    category: Category | None,
    region: Region | None,
    place: str = "",
    purpose: str | None = None,
) -> None:
    """Set kind, category and place of the problem (Art.22: 甄别)."""
    if category is None:
        raise BadInput({"category": "请选择内容分类。"})
    classify(work, kind=kind, category=category, region=region, place=place, purpose=purpose)


def classify(
    work: Work, *, kind: str, category: Category, region: Region | None, place: str, purpose: str | None
) -> None:
    """Write what triage found onto the petition, and say it in the event."""
    wrong: dict[str, str] = {}
    if kind not in Kind.values:
        wrong["kind"] = "没有这个类别。"
    if purpose and purpose not in Purpose.values:
        wrong["purpose"] = "没有这个信访目的。"
    if category.pk != work.petition.category_id:  # what was chosen when it was in use may stay
        in_use("category", Category, category, wrong)
    if region is not None and region.pk != work.petition.region_id:
        in_use("region", Region, region, wrong)
    if wrong:
        raise BadInput(wrong)
    work.set_petition(kind=kind, category=category, region=region, place=place or work.petition.place)
    if purpose:
        work.set_petition(purpose=purpose)
    work.data |= {"kind": kind, "category": category.pk, "region": region.pk if region else None}


def hand_to(work: Work, department: Department, mode: Mode, *, lead: bool, state: str, **more: Any) -> Assignment:
    """Give ``department`` a hold on the matter, and return it.

    Raises:
        BadInput, WrongMoment: it cannot be given one.
    """
    check_receiver(work, department, mode)
    if mode in (Mode.TRANSFER, Mode.ASSIGN):
        _not_disputed(work, department)
    held = Assignment(
        petition=work.petition, department=department, sender_id=unit_of(work.by), sender_post=work.by.post,
        mode=mode, lead=lead, state=state, sent_on=work.occurred_on, **more,
    )  # fmt: skip
    held.save(force_insert=True)
    work.matter.assignments.append(held)
    work.data |= {"department": department.pk, "mode": str(mode)}
    work.paper_words |= {"department": department}
    return held


def check_receiver(work: Work, department: Department, mode: Mode) -> None:
    """A receiver must exist on the day, be able to decide, be another body, and not already hold the matter.

    Raises:
        BadInput: it is none of these.
    """
    if not in_force(department, work.occurred_on):
        raise BadInput({"department": f"{department.name}已撤销或尚未设立，请选承接其职能的单位。"}, rule="第二十四条")
    receivers = {
        DepartmentKind.POLITICAL_LEGAL,
        DepartmentKind.COURT,
        DepartmentKind.PROCURATORATE,
        DepartmentKind.BUREAU,
    }
    allowed = receivers if mode is Mode.LEGAL else COMPETENT_KINDS
    if department.kind not in allowed:
        raise BadInput({"department": f"{department.name}不是有权处理的机关、单位。"}, rule="第二十二条")
    if mode is not Mode.DIRECT and department.pk == unit_of(work.by):
        raise BadInput({"department": "不能发给本机关自己。"}, rule="第二十二条")
    held = [row for row in work.matter.assignments if row.state not in ("returned", "recalled")]
    if any(row.department_id == department.pk for row in held):
        raise BadInput({"department": f"{department.name}已经在办理这件事项。"}, rule="第二十四条")


def _not_disputed(work: Work, department: Department) -> None:
    """Where it is disputed who accepts, the matter waits for the decision, and then goes where that says (Art.24)."""
    last = work.petition.disputes.select_related("body").order_by("pk").last()
    if last is None:
        return
    rule = f"《{lifecycle.TEXT}》第二十四条第一款"
    if last.body is None:
        raise WrongMoment(f"{last.between}对由谁受理有争议，确定以后再转送、交办。", rule=rule)
    if last.body.answers_for_it != department.pk:
        raise BadInput({"department": f"受理机关已确定为{last.body.name}。"}, rule=rule)


@effect("transfer")
def transfer(work: Work, *, department: Department, category: Category | None = None, region: Region | None = None,
             kind: str | None = None, place: str = "") -> None:  # fmt: skip
    """Send the matter to the unit that may decide (Art.22 ¶1(1)(2)); triage may be done in the same step."""
    classify_in_passing(work, kind, category, region, place)
    work.clocks_on = hand_to(work, department, Mode.TRANSFER, lead=True, state="sent")


@effect("assign")
def assign(work: Work, *, department: Department, limit_on: date, demand: str = "", category: Category | None = None,
           region: Region | None = None, kind: str | None = None, place: str = "") -> None:  # fmt: skip
    """Send it with a demand to report back by ``limit_on`` (Art.22 ¶1(3)): T8 runs from today to that day."""
    if not work.occurred_on < limit_on <= latest_limit(work):
        raise BadInput({"limit_on": "办理期限要晚于交办日期，也不能太远，请核对年份。"}, rule="第二十二条第一款第三项")
    classify_in_passing(work, kind, category, region, place)
    work.lengths["T8"] = (limit_on - work.occurred_on).days
    work.clocks_on = hand_to(work, department, Mode.ASSIGN, lead=True, state="sent", limit_on=limit_on, demand=demand)
    work.data["limit_on"] = limit_on
    work.paper_words |= {"limit_on": limit_on, "demand": demand}


def latest_limit(work: Work) -> date:
    """The last day that a person may set as a limit; a later one is a slip of the finger."""
    return work.occurred_on + timedelta(days=LONGEST_LIMIT)


def classify_in_passing(
    work: Work, kind: str | None, category: Category | None, region: Region | None, place: str
) -> None:
    """Triage in the same step as what sends the matter on; what is not told stays as it was.

    Raises:
        BadInput: the matter has no category yet and is given none.
    """
    petition = work.petition
    category = category or petition.category
    if category is None:
        raise BadInput({"category": "请先选择内容分类。"}, rule="第二十二条")
    classify(
        work, kind=kind or petition.kind, category=category, region=region or petition.region, place=place, purpose=None
    )


@effect("route_legal")
def route_legal(work: Work, *, department: Department) -> None:
    """Hand a litigation-related matter to the political-legal organ (Art.22 ¶2)."""
    hand_to(work, department, Mode.LEGAL, lead=False, state="legal_sent")
    end_matter(work, "legal")


def end_matter(work: Work, outcome: str, *, rateable: bool = False) -> None:
    """The matter ends here by ``outcome``; it is no finding about whether it is settled."""
    work.set_petition(outcome=outcome, closed_on=work.occurred_on, rateable=rateable)
    work.data["outcome"] = outcome


@effect("redirect")
def redirect(work: Work, *, body: str, how: str = "") -> None:
    """Tell the petitioner which body is competent and how to reach it (Art.23)."""
    if not body.strip():
        raise BadInput({"body": "请写明有权处理的机关、单位。"}, rule="第二十三条")
    end_matter(work, "redirected")
    work.text |= {"body": body, "how": how}
    work.paper_words |= {"competent": body, "how": how}


@effect("not_accept")
def not_accept(work: Work, *, ground: str, explanation: str, other: Petition | None = None) -> None:
    """Refuse with a ground and reasons (Art.19, 23).

    Args:
        other: the matter that the ground speaks of (``lifecycle.NAMING``): the one that a body below has in hand, the one
            that was settled, the one whose window has closed.
    """
    refuse(work, ground, explanation, other)
    end_matter(work, "not_accepted")


@effect("no_further")
def no_further(work: Work, *, earlier: Petition, explanation: str, same: bool = True) -> None:
    """Refuse for good: a re-review opinion exists on the same facts and reasons (Art.36); new ones make a new matter.

    The opinion's number and day are read from the record of ``earlier``; nobody types them.
    """
    if not same:
        raise BadInput({"same": "有新的事实或者理由的，作为新的事项办理，不能不再受理。"}, rule="第三十六条")
    said = last_word(work, earlier)
    end_matter(work, "no_further")
    work.data |= {
        "earlier": said.petition.number,
        "opinion_number": said.number,
        "opinion_date": said.issued_on,
        "same_by": said.same_by,
    }
    work.text["explanation"] = explanation
    work.paper_words |= {"opinion_number": said.number, "opinion_date": said.issued_on, "explanation": explanation}


@effect("file_away")
def file_away(work: Work, *, explanation: str) -> None:
    """File without action, approved by the head (handling code 存)."""
    if not explanation.strip():
        raise BadInput({"explanation": "请写明存的理由。"}, rule="第二十二条")
    end_matter(work, "filed")
    work.text["explanation"] = explanation


@effect("direct_reply")
def direct_reply(work: Work, *, reply: str) -> None:
    """Answer at once what can be answered at once; the petitioner may rate it."""
    if not reply.strip():
        raise BadInput({"reply": "请填写答复内容。"})
    end_matter(work, "direct_reply", rateable=True)
    work.text["reply"] = reply
    work.paper_words["reply"] = reply
