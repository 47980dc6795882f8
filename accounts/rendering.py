"""How is a form drawn? One renderer, one bound field, and named groups of fields.

``settings.FORM_RENDERER = "accounts.rendering.OfficeRenderer"`` and ``django.forms`` in ``INSTALLED_APPS`` switch it on.
The look of every field is ``templates/forms/field.html``; nothing else draws a label, a hint or an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

if TYPE_CHECKING:
    _FormBase = forms.BaseForm
else:
    _FormBase = object

# (longest value in characters, width class): a field is as wide as what goes into it, so that its size is a hint too.
_WIDTHS: tuple[tuple[int, str], ...] = ((8, "xs"), (20, "s"), (40, "m"), (120, "l"))
_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "ticks"),
    (forms.RadioSelect, "ticks"),
    (forms.CheckboxInput, "tick"),
    (forms.FileInput, "form-control form-file"),
    (forms.Select, "form-select"),
    (forms.Textarea, "form-control form-text"),
    (forms.widgets.Input, "form-control"),
)


class OfficeBoundField(BoundField):
    """A field together with what the one field template asks of it."""

    @property
    def is_tick(self) -> bool:
        """True for a lone check box, whose label stands after the box."""
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def width(self) -> str:
        """Width class of the field: ``xs`` (8 characters) to ``l`` (120), or ``full``; ``data-width`` overrides."""
        if own := self.field.widget.attrs.get("data-width"):
            return str(own)
        if isinstance(self.field.widget, (forms.Textarea, forms.RadioSelect, forms.CheckboxSelectMultiple)):
            return "full"
        if isinstance(self.field, (forms.DateField, forms.TimeField)):
            return "s"
        if isinstance(self.field, forms.IntegerField):
            return "xs"
        return self._width_of_length()

    def _width_of_length(self) -> str:
        longest = getattr(self.field, "max_length", None)
        if not longest:
            return "m"
        return next((name for limit, name in _WIDTHS if longest <= limit), "full")

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Add the class of the widget's kind, and keep the browser from remembering personal data."""
        drawn = widget or self.field.widget
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if drawn.is_hidden:
            return built
        kind = next((name for kind, name in _CLASSES if isinstance(drawn, kind)), "")
        built["class"] = " ".join(filter(None, (kind, drawn.attrs.get("class"), attrs.get("class"))))
        # A counter's computer is shared: names and ID numbers must not come back as suggestions to the next person.
        if "autocomplete" not in drawn.attrs and isinstance(drawn, (forms.TextInput, forms.Textarea)):
            built["autocomplete"] = "off"
        return built


class OfficeRenderer(TemplatesSetting):
    """Draws every form and field of the office from ``templates/forms/``."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    formset_template_name = "forms/formset.html"
    bound_field_class = OfficeBoundField


@dataclass(frozen=True, slots=True)
class Group:
    """A named part of a form: its legend, the names of its fields, a hint, and whether fields stand side by side."""

    legend: str
    names: tuple[str, ...]
    hint: str = ""
    side_by_side: bool = False


@dataclass(frozen=True, slots=True)
class BoundGroup:
    """A group with its bound fields, ready for ``templates/forms/group.html``."""

    legend: str
    hint: str
    side_by_side: bool
    fields: tuple[BoundField, ...]


class GroupedForm(_FormBase):
    """Mixin: a form with ``GROUPS`` is drawn group by group; fields in no group follow at the end."""

    GROUPS: tuple[Group, ...] = ()

    def drawn_groups(self) -> Iterator[BoundGroup]:
        """Yield the groups in order, without hidden fields and without groups that have become empty."""
        grouped = {name for group in self.GROUPS for name in group.names}
        rest = tuple(name for name in self.fields if name not in grouped)
        for group in (*self.GROUPS, Group("", rest)):
            shown = tuple(self[name] for name in group.names if name in self.fields and not self[name].is_hidden)
            if shown:
                yield BoundGroup(group.legend, group.hint, group.side_by_side, shown)
