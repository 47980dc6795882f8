"""What is typed about a plan?  A span to draft, a visit, a change, another leader, a reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from accounts.dates import today
from petitions.forms.fields import Day, Line, SearchSelect, Words
from visits.forms.fields import Clock, PlaceField, ReceiverField, UnitsField, VisitField
from visits.models import OPEN, Form, Visit

PERIODS = {"month": "下个月", "quarter": "下个季度", "year": "下一年"}


def span_of(period: str) -> tuple[date, date]:
    """Return the first and last day of the next month, quarter or year."""
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    now = today()
    begin = (now.month - 1) // months * months + months
    first = date(now.year + begin // 12, begin % 12 + 1, 1)
    end = begin + months
    return first, date(now.year + end // 12, end % 12 + 1, 1) - timedelta(days=1)


class SpanForm(forms.Form):
    """From when to when a plan is drafted."""

    first = Day(label="自")
    last = Day(
        label="至", help_text="跨出这段时间的周、月、季、年整段计算：段外已经安排的算在内，以后还排得下的留给以后。"
    )


class VisitForm(forms.Form):
    """A visit of the plan."""

    leader = ReceiverField(label="接访领导")
    form = forms.ChoiceField(label="形式", choices=Form.choices)
    day = Day(label="日期")
    starts = Clock(label="开始", initial="09:00")
    ends = Clock(label="结束", initial="11:30")
    place = PlaceField(label="地点")
    room = Line(label="接待室", limit=40, required=False, help_text="不填为该地点的第一间。")
    capacity = forms.IntegerField(label="可预约批次", min_value=1, max_value=500, initial=10)
    backup = ReceiverField(label="候补领导", required=False)
    topic = Line(label="主题", limit=80, required=False, help_text="专题接访、带案下访写明主题。")

    def __init__(self, *args: Any, office_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("leader", "backup"):
            if name in self.fields:
                self.fields[name].offer_of(office_id)  # type: ignore[attr-defined]
        self.fields["place"].offer(office_id)  # type: ignore[attr-defined]


class MoveForm(VisitForm):
    """A change of a visit; who receives is changed by a form of its own."""

    leader = None  # type: ignore[assignment]
    reason = Line(label="变更原因", limit=120, required=False, help_text="已经公示的必填，会一并公示。")

    urgent = forms.BooleanField(
        label="紧急变更：来不及按规定提前公示", required=False, help_text="公示里会写明；这一场不算按期公示。"
    )

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        names = ("form", "day", "starts", "ends", "place", "room", "capacity", "backup", "topic")
        kwargs["initial"] = {name: getattr(visit, name) for name in names}
        super().__init__(*args, office_id=visit.office_id, **kwargs)
        self.visit = visit

    def changes(self) -> dict[str, Any]:
        """What the verb is told."""
        data = dict(self.cleaned_data)
        data["room"] = data["room"] or data["place"].room_names[0]
        return data


class SubstituteForm(forms.Form):
    """Who comes instead, and why."""

    leader = ReceiverField(label="改由谁接访")
    reason = Line(label="换人原因", limit=120, help_text="已经公示的会一并公示。")

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        kwargs["initial"] = {"leader": visit.backup_id}
        super().__init__(*args, **kwargs)
        self.fields["leader"].offer_of(visit.office_id, visit.leader_id)  # type: ignore[attr-defined]


class SwapForm(forms.Form):
    """With which visit the leaders are exchanged, and why."""

    other = VisitField(label="与哪一场互换领导")
    reason = Line(label="互换原因", limit=120)

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = Visit.objects.filter(office_id=visit.office_id, status__in=OPEN, day__gte=today()).exclude(
            leader_id=visit.leader_id
        )
        self.fields["other"].offer(near)  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why."""

    reason = Line(label="原因", limit=120, help_text="已经公示的会一并公示。")


class AbsenceForm(forms.Form):
    """Why the leader cannot come."""

    reason = Line(label="来不了的原因", limit=120, help_text="只给信访局看；公示换人时由信访局另写原因。")


class UnitsForm(forms.Form):
    """Which units accompany the leader."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"] = UnitsField(label="陪同单位")


__all__ = [
    "PERIODS", "AbsenceForm", "MoveForm", "ReasonForm", "SearchSelect", "SpanForm", "SubstituteForm", "SwapForm", "UnitsForm", "VisitForm",
    "Words", "span_of",
]  # fmt: skip
