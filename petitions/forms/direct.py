"""What is a body asked for that received directly?  The forms of its own steps on a filing (Art.23, 31)."""

from __future__ import annotations

from typing import Any, cast

from petitions import access
from petitions.forms.fields import DepartmentField
from petitions.forms.triage import AssignForm, ClassifyForm, TransferForm
from petitions.forms.unit import AcceptForm, ChannelForm
from petitions.models import Claim, Kind

_SORTED = ("kind", "category", "region", "place")


class TakeUpForm(AcceptForm, ClassifyForm):
    """本机关受理: triage and acceptance in one."""

    DATE = ""

    def begin_with(self) -> dict[str, Any]:
        """What registration found and the words suggest."""
        return ClassifyForm.begin_with(self)

    def build(self) -> None:
        """Triage first, then a road for each claim; a suggestion needs none."""
        ClassifyForm.build(self)
        super().build()
        self.GROUPS = (*ClassifyForm.GROUPS, *self.GROUPS)

    def _add_claim(self, claim: Claim) -> None:
        super()._add_claim(claim)
        self.fields[f"route_{claim.serial}"].required = False

    def changes(self) -> dict[str, Any]:
        """What triage found, with the roads of what is no suggestion."""
        found = {name: self.cleaned_data[name] for name in _SORTED}
        if found["kind"] == Kind.SUGGESTION:
            return found | {"handler": self.cleaned_data["handler"]}
        return found | super().changes()


class PassDownForm(TransferForm):
    """转送下级机关: to bodies of one's own system."""

    def begin_with(self) -> dict[str, Any]:
        """The department that the routing table names, where it stands below."""
        found = super().begin_with()
        below = {row.pk for row in access.bodies_below(self.petition.office)}
        if found.get("department") not in below:
            found.pop("department", None)
            self.suggestion = None
        return found

    def build(self) -> None:
        """Offer the bodies below."""
        super().build()
        field = cast(DepartmentField, self.fields["department"])
        field.queryset = access.bodies_below(self.petition.office)
        field.help_text = field.help_text if self.suggestion else "本系统有权处理的下级机关、单位（第二十三条第一款）。"


class AssignDownForm(PassDownForm, AssignForm):
    """交办下级机关: with a limit and a report back."""


class ChannelDirectForm(ChannelForm):
    """导入法定途径, by the body that received directly: as of today."""

    DATE = ""


__all__ = ["AssignDownForm", "ChannelDirectForm", "PassDownForm", "TakeUpForm"]
