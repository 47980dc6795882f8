"""Which fields do the forms of visits share?  A leader, a place, a time, a choice of rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.actor import Actor
from petitions.forms.fields import DepartmentField, Line, PostField, SearchSelect
from visits.expected import meant
from visits.models import Place, Receiver, Visit


class Clock(forms.TimeField):
    """A time of the day."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **more)


class ReceiverField(PostField):
    """A leader of the office's plan."""

    def offer_of(self, office_id: int, without: int | None = None) -> None:
        """Offer the leaders who receive."""
        from accounts.models import Post

        rows = Receiver.objects.filter(office_id=office_id, active=True).values("post_id")
        self.offer(Post.objects.filter(pk__in=rows).exclude(pk=without or 0))


class PlaceField(forms.ModelChoiceField):
    """A place in use."""

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=Place.objects.none(), empty_label="请选择地点", widget=SearchSelect, **more)

    def offer(self, office_id: int) -> None:
        """Offer the office's places."""
        self.queryset = Place.objects.filter(office_id=office_id, active=True)

    def label_from_instance(self, obj: Any) -> str:
        """Its name, and its rooms where there are several."""
        rooms = obj.room_names
        return f"{obj.name}（{'、'.join(rooms)}）" if len(rooms) > 1 else str(obj.name)


class MatterField(Line):
    """A matter by its number or a filing's; only one that the person sees is found."""

    def __init__(self, *, actor: Actor | None = None, **more: Any) -> None:
        super().__init__(limit=30, **more)
        self.actor = actor

    def clean(self, value: Any) -> Any:
        """Return the matter, ``None`` where none was typed."""
        number = super().clean(value)
        if not number:
            return None
        found = meant(self.actor, number)
        if found is None:
            raise forms.ValidationError("没有找到这个编号的事项。")
        return found


class UnitsField(forms.ModelMultipleChoiceField):
    """Some bodies, ticked by name."""

    def __init__(self, **more: Any) -> None:
        offered = DepartmentField(label="")
        offered.offer()
        super().__init__(queryset=offered.queryset, widget=forms.CheckboxSelectMultiple, required=False, **more)


class VisitField(forms.ModelChoiceField):
    """Another visit."""

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=Visit.objects.none(), empty_label="请选择", widget=SearchSelect, **more)

    def offer(self, rows: QuerySet[Visit]) -> None:
        """Offer these visits."""
        self.queryset = rows.select_related("leader__user", "place").order_by("day", "starts")

    def label_from_instance(self, obj: Any) -> str:
        """Day, leader and room."""
        return f"{obj.day:%-m月%-d日} {obj.starts:%H:%M} {obj.leader.user.name} {obj.place.name}{obj.room}"
