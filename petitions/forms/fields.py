"""Which fields do our forms share?  Clean words, days, and choices of bodies, people, categories and places by name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.forms.utils import flatatt
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.dates import today
from accounts.identity import pinyin_initials
from accounts.models import COMPETENT_KINDS, Department, Post, Region, Role
from accounts.models.departments import DepartmentKind
from accounts.text import TextRefused, clean_text
from petitions.models import Category, Petition

LINE = 200
WORDS = 2_000
LONG = 20_000
LEGAL_KINDS = (
    DepartmentKind.POLITICAL_LEGAL, DepartmentKind.COURT, DepartmentKind.PROCURATORATE, DepartmentKind.BUREAU,
)  # fmt: skip


class Words(forms.CharField):
    """Free words of several lines, without characters that only mislead a reader."""

    def __init__(self, *, rows: int = 4, limit: int = WORDS, **more: Any) -> None:
        attrs = {"rows": rows, "data-count": "", "data-count-max": limit}
        super().__init__(widget=forms.Textarea(attrs=attrs), strip=True, **more)
        self.limit, self.one_line = limit, False

    def to_python(self, value: Any) -> str:
        """Return the cleaned words, or refuse them with a sentence."""
        try:
            return clean_text(str(value or ""), limit=self.limit, one_line=self.one_line)
        except TextRefused as refused:
            raise ValidationError(str(refused), code="text") from None


class Line(Words):
    """Words of one line."""

    def __init__(self, *, limit: int = LINE, **more: Any) -> None:
        super().__init__(limit=limit, **more)
        self.widget = forms.TextInput(attrs={"maxlength": limit})
        self.widget.is_required = self.required
        self.max_length, self.one_line = limit, True


class Day(forms.DateField):
    """A calendar day, typed or picked."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class SearchSelect(forms.Select):
    """A select whose options are found by name, short name or pinyin initials."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-search": "", **(attrs or {})})

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """As Django's, without a template for each option: places and categories have hundreds."""
        chosen = {str(each) for each in self.format_value(value)}
        built = flatatt(self.build_attrs(self.attrs, attrs))
        options = "".join([_option(key, label, chosen) for key, label in self.choices])
        return mark_safe(f'<select name="{escape(name)}"{built}>{options}</select>')  # noqa: S308  (escaped piece by piece)


def _option(key: Any, label: Any, chosen: set[str]) -> str:
    """One option, with the words by which it is also found."""
    instance = getattr(key, "instance", None)
    words = f' data-words="{escape(words_of(instance))}"' if instance is not None else ""
    mark = " selected" if str(key) in chosen else ""
    return f'<option value="{escape(str(key))}"{words}{mark}>{escape(str(label))}</option>'


def words_of(row: Model) -> str:
    """What else a row is called: short name, code, pinyin initials."""
    names = [str(getattr(row, name, "")) for name in ("short_name", "code", "name")]
    names += [row.user.name] if isinstance(row, Post) else []
    return " ".join(filter(None, [*names, *(_initials(name) for name in names[-1:])]))


@lru_cache(maxsize=4096)
def _initials(name: str) -> str:
    return pinyin_initials(name)


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class Files(forms.FileField):
    """Any number of files; cleaned to a list, empty where none was chosen.  What may be taken, the door says that keeps them."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=_ManyFiles, allow_empty_file=True, **more)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the list of uploads."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if self.required and not given:
            raise ValidationError(self.error_messages["required"], code="required")
        return [super(Files, self).clean(one, initial) for one in given]


class DepartmentField(forms.ModelChoiceField):
    """A body in force today that may decide, chosen by name."""

    widget = SearchSelect

    def __init__(self, kinds: Iterable[str] = COMPETENT_KINDS, **more: Any) -> None:
        self.kinds = tuple(kinds)
        super().__init__(queryset=Department.objects.none(), empty_label="请选择单位", **more)

    def offer(self, without: Iterable[int] = ()) -> None:
        """Offer today's bodies of the right kinds, but for some."""
        rows = Department.objects.in_force(today()).filter(kind__in=self.kinds)
        self.queryset = rows.exclude(pk__in=list(without))

    def label_from_instance(self, obj: Any) -> str:
        """Its full name; names are never cut."""
        return str(obj.name)


class PostField(forms.ModelChoiceField):
    """A person in a post, chosen by name."""

    widget = SearchSelect

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=Post.objects.none(), empty_label="请选择", **more)

    def offer(self, posts: QuerySet[Post]) -> None:
        """Offer these posts, as far as held today."""
        in_force = Q(valid_from__lte=today()) & Q(valid_to=None)
        self.queryset = posts.filter(in_force, user__is_active=True).select_related("user", "department")

    def label_from_instance(self, obj: Any) -> str:
        """Name, duty and department."""
        return f"{obj.user.name}（{obj.title or obj.get_role_display()}，{obj.department.short_name}）"


def handlers_of(unit_id: int, petition: Petition) -> QuerySet[Post]:
    """Handlers of a unit and of its inner offices who do not keep away from ``petition`` (回避)."""
    ours = Post.objects.filter(Q(department_id=unit_id) | Q(department__parent_id=unit_id), role=Role.HANDLER)
    away = petition.recusal_rows.filter(state="granted").values("person__user") if petition.recusals else ()
    return ours.exclude(user__in=away) if away else ours


def leaders(petition: Petition) -> QuerySet[Post]:
    """Leaders whom ``petition`` may be laid before: those in charge of a body that has it, or of one above that."""
    paths = petition.reach.values_list("department__path", flat=True)
    above = {int(pk) for path in paths for pk in path.split("/") if pk}
    return Post.objects.filter(role=Role.LEADER, fields__department__in=above).distinct()


class CategoryField(forms.ModelChoiceField):
    """A content category of the second level (or of the first where it has none below)."""

    widget = SearchSelect

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=Category.objects.none(), empty_label="请选择分类", **more)

    def offer(self) -> None:
        """Offer the categories in use."""
        self.queryset = Category.objects.filter(active=True, children=None).select_related("parent")

    def label_from_instance(self, obj: Any) -> str:
        """With the first level before it."""
        return f"{obj.parent.name} · {obj.name}" if obj.parent else str(obj.name)


class RegionField(forms.ModelChoiceField):
    """The place where the problem is, from the county down to the village."""

    widget = SearchSelect

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=Region.objects.none(), empty_label="请选择属地", **more)

    def offer(self) -> None:
        """Offer the regions in use from the county down."""
        self.queryset = Region.objects.filter(active=True, level__in=("county", "town", "village"))

    def label_from_instance(self, obj: Any) -> str:
        """The full name without the province and city, which all share."""
        return str(obj.full_name)


def yes_no(yes: str, no: str, unknown: str = "") -> list[tuple[str, str]]:
    """Choices for a question; with ``unknown`` the answer may be left open."""
    return [("yes", yes), ("no", no)] + ([("", unknown)] if unknown else [])


def as_bool(value: str) -> bool | None:
    """What a `yes_no` answer means."""
    return {"yes": True, "no": False}.get(value)
