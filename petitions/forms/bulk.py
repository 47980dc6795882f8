"""What is chosen for each of many matters that are transferred at once?  A department, or one for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from accounts.dates import today
from accounts.models import COMPETENT_KINDS, Department
from petitions.forms.suggested import Suggestion
from petitions.models import Category, Petition


class RowForm(forms.Form):
    """One picked matter: its department (suggested beforehand), its category where triage has found none."""

    department_id = forms.ChoiceField(label="责任单位", required=False)
    category = forms.ChoiceField(label="内容分类", required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, petition: Petition, departments: Mapping[str, Department], categories: Sequence[tuple[str, str]],
        suggestion: Suggestion | None, data: Any = None,
    ) -> None:  # fmt: skip
        self.petition, self.departments, self.suggestion = petition, departments, suggestion
        first = {"department_id": str(suggestion.department.pk) if suggestion else "", "seen": petition.events_count}
        super().__init__(data, prefix=petition.ref, initial=first)
        if data is not None:
            self.for_all = departments.get(data.get("department_all", ""))
        choices = [("", "请选择单位"), *((pk, row.name) for pk, row in departments.items())]
        self.fields["department_id"].choices = choices  # type: ignore[attr-defined]
        self.fields["department_id"].widget.attrs |= {"data-search": "", "aria-label": f"{petition.number} 责任单位"}
        self._category(categories)

    for_all: Department | None = None

    def _category(self, categories: Sequence[tuple[str, str]]) -> None:
        if self.petition.category_id:
            del self.fields["category"]
            return
        self.fields["category"].choices = [("", "请选择分类"), *categories]  # type: ignore[attr-defined]
        self.fields["category"].widget.attrs |= {"data-search": "", "aria-label": f"{self.petition.number} 内容分类"}

    def department(self) -> Department | None:
        """The row's own choice, else the one for all."""
        return self.departments.get(self.cleaned_data.get("department_id", "")) or self.for_all

    def told(self) -> dict[str, Any]:
        """What else the door is told."""
        chosen = self.cleaned_data.get("category")
        told: dict[str, Any] = {"seen": self.cleaned_data.get("seen")}
        return told | ({"category": Category.objects.get(pk=chosen)} if chosen else {})


def row_forms(petitions: Sequence[Petition], suggestions: Mapping[int, Suggestion], data: Any = None) -> list[RowForm]:
    """Return a form for each matter; bodies and categories are read once for all."""
    rows = Department.objects.in_force(today()).filter(kind__in=COMPETENT_KINDS)
    departments = {str(row.pk): row for row in rows}
    categories = [(row.pk, row.name) for row in Category.objects.filter(active=True, children=None)]
    return [RowForm(petition, departments, categories, suggestions.get(petition.pk), data) for petition in petitions]
