"""Who keeps the tables of the plan?  Places, leaders, busy days, recusals, rules of frequency, the place's own numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from accounts.access_log import log
from accounts.actor import Actor
from accounts.models import AccessKind, Department, Post, Region, Role
from petitions.access import visible_to
from petitions.actions import moment
from petitions.errors import BadInput, NotSeen
from petitions.models import Petition
from visits import access, book, pledges
from visits.frequency import LEVELS, PER, SETS, WHERE, WHO, spoken
from visits.models import BusyDay, FrequencyRule, HouseNumber, Place, Pledge, Receiver, Recusal

HEAD = frozenset({Role.OFFICE_HEAD})


def _changed(by: Actor, target: str, what: str, **facts: Any) -> None:
    log(by, AccessKind.CHANGE_SETTING, target, data={"what": what, "after": {k: str(v) for k, v in facts.items()}})


def keep_place(
    by: Actor, place: Place | None, *, name: str, hall: bool, region: Region | None, address: str = "", rooms: str = "",
    active: bool = True,
) -> Place:  # fmt: skip
    """Add or change a place."""
    office = access.check(by, access.DESK, "维护接访地点")
    name = name.strip()
    same = Place.objects.filter(office=office, name=name)
    same = same.exclude(pk=place.pk) if place else same
    if not name or same.exists():
        raise BadInput({"name": "请填写名称。" if not name else "已经有同名的地点。"})
    if not hall and region is None:
        raise BadInput({"region": "下访地点要选属地，用来看那里的问题多少。"})
    with transaction.atomic():
        row = place or Place(office=office)
        row.name, row.hall, row.region, row.address, row.active = name, hall, region, address, active
        row.rooms = (
            "、".join(part.strip() for part in rooms.replace("，", "、").split("、") if part.strip()) or "接待室"
        )
        row.save()
        _changed(by, f"visit_place:{row.pk}", "接访地点", 名称=name, 接待室=row.rooms, 在用=active)
    return row


def keep_receiver(by: Actor, post: Post, *, level: str, main: bool, active: bool = True) -> Receiver:
    """Say that a leader receives, at which level, and whether as a main leader.

    Raises:
        WrongPerson; BadInput: no leader's post, no such level, or another office plans for him.
    """
    office = access.check(by, access.DESK, "维护接访领导")
    if post.role not in access.RECEIVES:
        raise BadInput({"post": "接访领导要在领导岗位上。"})
    if level not in LEVELS:
        raise BadInput({"level": "没有这个层级。"})
    taken = Receiver.objects.filter(post=post).exclude(office=office).select_related("office").first()
    if taken is not None:
        raise BadInput({"post": f"{post.user.name}由{taken.office.name}安排接访。"})
    with transaction.atomic():
        row, _ = Receiver.objects.update_or_create(
            post=post, defaults={"office": office, "level": level, "main": main, "active": active}
        )
        _changed(by, f"visit_receiver:{post.pk}", "接访领导", 领导=post.user.name, 主要领导=main, 参加=active)
    return row


def keep_busy(by: Actor, post: Post, *, first: date, last: date, reason: str = "") -> BusyDay:
    """Write down days on which a leader cannot receive; a leader writes his own."""
    own = by.post.pk == post.pk and access.receives(by)
    if not own:
        access.check(by, access.DESK, "维护领导日程")
    if last < first or (last - first).days > 366:
        raise BadInput({"last": "截止日不早于开始日，最长一年。"})
    if last < moment.today():
        raise BadInput({"last": "这段时间已经过去。"})
    with transaction.atomic():
        row = BusyDay.objects.create(post=post, first=first, last=last, reason=reason)
        _changed(by, f"visit_busy:{post.pk}", "登记领导日程", 自=first, 至=last)
    return row


def drop_busy(by: Actor, row: BusyDay) -> None:
    """Take a busy day out again."""
    if not (by.post.pk == row.post_id and access.receives(by)):
        access.check(by, access.DESK, "维护领导日程")
    with transaction.atomic():
        row.delete()
        _changed(by, f"visit_busy:{row.post_id}", "删除领导日程", 自=row.first, 至=row.last)


def keep_apart(
    by: Actor, post: Post, *, reason: str, place: Place | None = None, department: Department | None = None,
    petition: Petition | None = None,
) -> Recusal:  # fmt: skip
    """Write down what a leader keeps away from: a place, a body, or one matter that ``by`` sees."""
    access.check(by, access.DESK, "登记回避")
    if sum(one is not None for one in (place, department, petition)) != 1:
        raise BadInput({"place": "请选择一个地点、一个单位，或者填一件事项的编号。"})
    if petition is not None and not visible_to(by).filter(pk=petition.pk).exists():
        raise NotSeen
    if not reason.strip():
        raise BadInput({"reason": "请写明回避的原因。"}, rule="回避（第二十八条）")
    row = Recusal.objects.create(post=post, place=place, department=department, petition=petition, reason=reason)
    what = place or department or (petition.number if petition else "")
    _changed(by, f"visit_recusal:{row.pk}", "登记回避", 领导=post.user.name, 对象=what)
    return row


def adopt(by: Actor, code: str, *, valid_from: date, source: str = "") -> list[FrequencyRule]:
    """Put a shipped set of rules in force from a day; what held before for its levels ends the day before.

    Raises:
        WrongPerson; BadInput: no such set, one that no document gives without the place's own, or a past day where rules stand.
    """
    office = access.check(by, HEAD, "确定接访次数规则")
    if code not in SETS:
        raise BadInput({"code": "没有这一套规则。"})
    if not (source.strip() or SETS[code].source):
        raise BadInput({"source": "这一套的次数没有出处，请写明本地文件。"})
    with transaction.atomic():
        gone = _end_before(office, {rule.level for rule in SETS[code].rules}, valid_from)
        rows = [
            FrequencyRule(
                office=office, level=rule.level, who=rule.who, times=rule.times, per=rule.per, where=rule.where,
                weekday=rule.weekday, source=source or SETS[code].source, valid_from=valid_from,
            )
            for rule in SETS[code].rules
        ]  # fmt: skip
        FrequencyRule.objects.bulk_create(rows)
        _changed(by, "visit_rules", "采用接访次数规则", 规则=SETS[code].name, 自=valid_from, **gone)
    return rows


def _end_before(office: Department, levels: set[str], day: date) -> dict[str, str]:
    """Let the rules of some levels hold up to the day before; those that would begin later never do: they are returned, to be recorded."""
    before = FrequencyRule.objects.filter(office=office, level__in=levels).exclude(valid_to__lt=day).order_by("pk")
    if before.exists():
        _not_past(day, "valid_from", "从今天或以后的某天起：以前的计划按当时的规则。")
    gone = [f"{spoken(book.frequency(row))}，自{row.valid_from}" for row in before.filter(valid_from__gte=day)]
    before.filter(valid_from__gte=day).delete()
    before.update(valid_to=day - timedelta(days=1))
    return _not_begun(gone)


def _not_begun(gone: Sequence[str]) -> dict[str, str]:
    """What was to begin and never will, as a record of a change says it; nothing where there was none."""
    return {"未施行即撤下": "；".join(gone)} if gone else {}


def add_rule(
    by: Actor, *, level: str, who: str, times: int, per: str, where: str, weekday: int | None, source: str, valid_from: date,
    valid_to: date | None = None,
) -> FrequencyRule:  # fmt: skip
    """Add a rule of this place's own."""
    office = access.check(by, HEAD, "确定接访次数规则")
    if level not in LEVELS or who not in WHO or per not in PER or where not in WHERE or not 1 <= times <= 31:
        raise BadInput({"times": "请核对层级、人员、周期和次数。"})
    if not source.strip():
        raise BadInput({"source": "请写明依据的文件。"})
    if valid_to is not None and valid_to < valid_from:
        raise BadInput({"valid_to": "截止日早于施行日。"})
    with transaction.atomic():
        row = FrequencyRule.objects.create(
            office=office, level=level, who=who, times=times, per=per, where=where, weekday=weekday, source=source,
            valid_from=valid_from, valid_to=valid_to,
        )  # fmt: skip
        _changed(by, "visit_rules", "新增接访次数规则", 规则=spoken(book.frequency(row)), 自=valid_from)
    return row


def end_rule(by: Actor, row: FrequencyRule, *, on_day: date) -> FrequencyRule:
    """Let a rule hold up to and including ``on_day``.

    Raises:
        WrongPerson; NotSeen: another office's; BadInput: the day is past.
    """
    office = access.check(by, HEAD, "确定接访次数规则")
    if on_day < moment.today() - timedelta(days=1):
        raise BadInput({"on_day": "最早到昨天为止：以前的计划按当时的规则。"})
    with transaction.atomic():
        row = _ended(FrequencyRule.objects.filter(office=office, pk=row.pk), on_day)
        _changed(by, "visit_rules", "结束接访次数规则", 规则=spoken(book.frequency(row)), 至=on_day)
    return row


_Dated = TypeVar("_Dated", FrequencyRule, Pledge)


def _ended(rows: QuerySet[_Dated], on_day: date) -> _Dated:
    """Lock the one row and let it hold up to ``on_day``; a row that has not begun never does."""
    row = rows.select_for_update().first()
    if row is None:
        raise NotSeen
    row.valid_to = max(on_day, row.valid_from - timedelta(days=1))
    row.save(update_fields=["valid_to"])
    return row


def adopt_pledges(by: Actor, code: str, *, valid_from: date, source: str = "") -> list[Pledge]:
    """Let leaders take upon themselves what a shipped list says, from a day on; what held before ends the day before.

    Raises:
        WrongPerson; BadInput: there is no such list, or the day is past.
    """
    office = access.check(by, HEAD, "确定包案责任")
    if code not in pledges.SETS:
        raise BadInput({"code": "没有这一套。"})
    _not_past(valid_from, "valid_from")
    found = pledges.SETS[code]
    with transaction.atomic():
        before = Pledge.objects.filter(office=office).exclude(valid_to__lt=valid_from)
        gone = [f"{row.text}，自{row.valid_from}" for row in before.filter(valid_from__gte=valid_from)]
        before.filter(valid_from__gte=valid_from).delete()
        before.update(valid_to=valid_from - timedelta(days=1))
        rows = Pledge.objects.bulk_create(
            Pledge(office=office, text=text, place=place, source=source or found.source, valid_from=valid_from)
            for place, text in enumerate(found.items, start=1)
        )
        _changed(by, "visit_pledges", "采用包案责任", 名称=found.name, 自=valid_from, **_not_begun(gone))
    return rows


def add_pledge(by: Actor, *, text: str, source: str, valid_from: date) -> Pledge:
    """Add something of this place's own that leaders take upon themselves; what was shipped stays beside it."""
    office = access.check(by, HEAD, "确定包案责任")
    if not text.strip() or not source.strip():
        raise BadInput({"source" if text.strip() else "text": "请写明内容和依据的文件。"})
    _not_past(valid_from, "valid_from")
    with transaction.atomic():
        if not Pledge.objects.filter(office=office).exists():
            adopt_pledges(by, pledges.DEFAULT.code, valid_from=moment.today())
        last = Pledge.objects.filter(office=office).order_by("-place").values_list("place", flat=True).first() or 0
        row = Pledge.objects.create(
            office=office, text=text.strip(), place=last + 1, source=source, valid_from=valid_from
        )
        _changed(by, "visit_pledges", "新增包案责任", 内容=row.text, 自=valid_from)
    return row


def end_pledge(by: Actor, row: Pledge, *, on_day: date) -> Pledge:
    """Let it hold up to and including ``on_day``; charges that were signed keep it.

    Raises:
        WrongPerson; NotSeen: another office's; BadInput: the day is past.
    """
    office = access.check(by, HEAD, "确定包案责任")
    _not_past(on_day + timedelta(days=1), "on_day")
    with transaction.atomic():
        row = _ended(Pledge.objects.filter(office=office, pk=row.pk), on_day)
        _changed(by, "visit_pledges", "结束包案责任", 内容=row.text, 至=on_day)
    return row


def _not_past(day: date, field: str, words: str = "从今天或以后的某天起；以前签订的责任书不变。") -> None:
    if day < moment.today():
        raise BadInput({field: words})


def set_number(by: Actor, code: str, value: int, *, source: str, valid_from: date) -> HouseNumber:
    """Set one of the place's own numbers from a day."""
    office = access.check(by, HEAD, "确定本地数值")
    if code not in book.NUMBERS or not 0 <= value <= 500:
        raise BadInput({"value": "数值不对。"})
    if code in book.SWITCHES and value > 1:
        raise BadInput({"value": "只填1（是）或0（否）。"})
    if not source.strip():
        raise BadInput({"source": "请写明依据。"})
    if valid_from < moment.today():
        raise BadInput({"valid_from": "从今天或以后的某天起施行。"})
    with transaction.atomic():
        row, _ = HouseNumber.objects.update_or_create(
            office=office, code=code, valid_from=valid_from, defaults={"value": value, "source": source}
        )
        _changed(by, f"visit_number:{code}", book.NUMBERS[code][1], 数值=value, 自=valid_from)
    return row


__all__: Sequence[str] = [
    "add_pledge",
    "add_rule",
    "adopt",
    "adopt_pledges",
    "drop_busy",
    "end_pledge",
    "end_rule",
    "keep_apart",
    "keep_busy",
    "keep_place",
    "keep_receiver",
    "set_number",
]  # fmt: skip
