"""What has every step's form?  The day it happened, a note, what the person had seen, and the key against a double click."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, ClassVar

from django import forms

from accounts.actor import Actor
from accounts.dates import today
from accounts.rendering import Group, GroupedForm
from petitions import limits
from petitions.access import Row
from petitions.forms.fields import Day, Line, Words
from petitions.lifecycle import Step
from petitions.models import Assignment, Petition

COMMON = ("occurred_on", "late_reason", "note", "seen", "idempotency_key")


class StepForm(GroupedForm, forms.Form):
    """The form of one step.  ``changes()`` is what `advance` is told beyond day and note.

    Class attributes:
        DATE: label of the day, where the step may be dated back; empty = always today.
        NOTE: label of the note; empty = the step has none.
        ALONE: its answer is a page of its own, and nothing that is typed is kept in the browser.
        SHOWS: a template part shown above the fields (the draft that is being checked, ...).
    """

    DATE: ClassVar[str] = ""
    NOTE: ClassVar[str] = "说明"
    NOTE_HINT: ClassVar[str] = "可不填；只在系统内可见，加密保存。"
    SHOWS: ClassVar[str] = ""
    ALONE: ClassVar[bool] = False

    def __init__(self, step: Step, petition: Petition, row: Row, actor: Actor, data: Any = None) -> None:
        self.step, self.petition, self.row, self.actor = step, petition, row, actor
        hidden = {"seen": petition.events_count, "idempotency_key": secrets.token_urlsafe(18)}
        super().__init__(data, initial={**hidden, **self.begin_with()}, auto_id="id_step_%s")
        self.build()
        self._add_common()

    def begin_with(self) -> dict[str, Any]:
        """Values to begin with."""
        return {}

    def build(self) -> None:
        """Add the fields that depend on the very row; offer the choices."""

    def changes(self) -> dict[str, Any]:
        """Return what the step's effect is told."""
        return {name: value for name, value in self.cleaned_data.items() if name not in COMMON}

    def common(self) -> dict[str, Any]:
        """Return what the door itself is told."""
        told = {name: self.cleaned_data.get(name) for name in ("occurred_on", "seen")}
        return told | {name: self.cleaned_data.get(name) or "" for name in ("note", "late_reason")}

    def _add_common(self) -> None:
        if self.DATE:
            first = today() - timedelta(days=limits.backdate_days())
            self.fields["occurred_on"] = Day(
                label=self.DATE, initial=today(),
                help_text=f"默认今天；最多可补录{limits.backdate_days()}天（{first:%-m月%-d日}起），须写明原因。",
            )  # fmt: skip
            self.fields["late_reason"] = Line(
                label="补录原因", required=False, help_text="日期不是今天时必填；案卷会显示补录间隔。"
            )
        if self.NOTE:
            self.fields["note"] = Words(label=self.NOTE, required=False, rows=2, help_text=self.NOTE_HINT)
        self.fields["seen"] = forms.IntegerField(required=False, widget=forms.HiddenInput)
        self.fields["idempotency_key"] = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    @property
    def held(self) -> Assignment:
        """The assignment stepped on, for forms of units."""
        assert isinstance(self.row, Assignment)
        return self.row


def plain(note: str = "说明", *, date: str = "", shows: str = "", name: str = "PlainStep") -> type[StepForm]:
    """A form that asks for nothing but the day (if ``date``) and a note."""
    return type(name, (StepForm,), {"NOTE": note, "DATE": date, "SHOWS": shows})


def reason(label: str, hint: str, *, name: str = "reason", note: str = "") -> type[StepForm]:
    """A form that asks for one text, under the name the step's effect knows it by."""
    fields = {name: Words(label=label, help_text=hint), "NOTE": note}
    return type("ReasonStep", (StepForm,), fields)


def faults(form: forms.BaseForm) -> dict[str, str]:
    """Return a form's errors, one sentence a field; what is about no field is ``form``."""
    return {
        ("form" if name == "__all__" else name): "；".join(str(one) for one in errors)
        for name, errors in form.errors.items()
    }


__all__ = ["COMMON", "Group", "StepForm", "faults", "plain", "reason"]
