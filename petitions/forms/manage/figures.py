"""Which reading of an indicator?  One choice for each indicator that has two."""

from __future__ import annotations

from typing import Any

from django import forms

from petitions.figures.choices import to_choose
from petitions.figures.formulas import INDICATORS, chosen


class ChoiceForm(forms.Form):
    """The readings to choose from, and why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        using = chosen()
        for code, name in to_choose().items():
            self.fields[code] = forms.ChoiceField(
                label=name, initial=using[code].code, widget=forms.RadioSelect,
                choices=[(one.code, f"{one.reading}：{one.words('above')} ÷ {one.words('below')}") for one in INDICATORS[code]],
            )  # fmt: skip
        self.fields["reason"] = forms.CharField(
            label="原因", required=False, max_length=200, widget=forms.TextInput({"class": "form-control"})
        )

    def said(self) -> dict[str, str]:
        """What was chosen, by indicator."""
        return {code: self.cleaned_data[code] for code in to_choose()}
