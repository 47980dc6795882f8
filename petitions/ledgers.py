"""Which ledgers (台账) are there, and what is a row of one?  The same rows as everywhere, in the reader's scope, as a table.

A ledger is no second copy: it names rows that are there, columns, and conditions.  Other apps register theirs in
AppConfig.ready.  What a post keeps of it is a saved view (an address under a name); what is shipped is one too (`READY`), to be
opened, altered and kept under a name of one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models import Value as Literal
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import QueryDict
from django.urls import reverse

from accounts.actor import Actor
from petitions import access, trees
from petitions.errors import BadInput, NotSeen
from petitions.keyset import Page, Turn, page_by
from petitions.law import oversight
from petitions.lifecycle import LONG_DAYS
from petitions.models import Advice, Event, Measure
from petitions.models.figures import CURRENT

PAGE = "ledger:"  # before a ledger's code: the name under which its views and exports are kept
SPLIT = "."
RULE = "台账"
Value = str | int | date | None


@dataclass(frozen=True)
class Column:
    """One column: what it says of a row; ``shape``: text | ref | day | number | name."""

    code: str
    label: str
    value: Callable[[Any], Value]
    shape: str = "text"
    width: int = 14


@dataclass(frozen=True)
class Choice:
    """A condition that may be chosen: its values in words, and the rows it leaves; ``mine``: its values are those of the reader."""

    code: str
    label: str
    options: Callable[[], Sequence[trees.Option]]
    narrow: Callable[[QuerySet, str], QuerySet]
    a_day: bool = False  # any day is a value of it
    mine: Callable[[Actor], Sequence[trees.Option]] | None = None  # `found` puts them in the place of options

    def worded(self, value: str) -> str:
        """``value`` in words; empty for what is no value of it."""
        return value if self.a_day else next((words for one, words, _ in self.options() if one == value), "")


@dataclass(frozen=True)
class Order:
    """An order by a day that every row of it has."""

    code: str
    label: str
    field: str
    ascending: bool = False


@dataclass(frozen=True)
class Ledger:
    """A ledger: its rows within a reader's scope, and how they are shown.

    Attributes:
        rows: every row the actor sees; the first thing asked.
        day: the field that the span of days narrows.
        url: where a row leads.
        open_to: whether the actor has this ledger at all.
    """

    code: str
    label: str
    about: str
    columns: tuple[Column, ...]
    choices: tuple[Choice, ...]
    orders: tuple[Order, ...]
    day: str
    rows: Callable[[Actor], QuerySet]
    url: Callable[[Any], str]
    open_to: Callable[[Actor], bool]


@dataclass(frozen=True)
class Ready:
    """A view that is shipped: of a ledger, or of the list of matters."""

    name: str
    about: str
    page: str
    query: Callable[[date], str]


_ledgers: dict[str, Ledger] = {}
_ready: list[Ready] = []


def register(ledger: Ledger, *ready: Ready) -> None:
    """Add a ledger and the views of it that are shipped."""
    _ledgers[ledger.code] = ledger
    _ready.extend(ready)


def ledgers_of(actor: Actor) -> list[Ledger]:
    """Return the ledgers that the actor has."""
    return [ledger for ledger in _ledgers.values() if ledger.open_to(actor)]


def found(actor: Actor, code: str) -> Ledger:
    """Return a ledger of the actor's, each condition with the values that are his to choose from.

    Raises:
        NotSeen: there is none, or it is not for that post.
    """
    ledger = _ledgers.get(code)
    if ledger is None or not ledger.open_to(actor):
        raise NotSeen
    return replace(ledger, choices=tuple(_offered(one, actor) for one in ledger.choices))


def _offered(choice: Choice, actor: Actor) -> Choice:
    mine = choice.mine
    return choice if mine is None else replace(choice, options=lambda: mine(actor))


def label_of(page: str) -> str:
    """What the ledger of a view's page is called."""
    ledger = _ledgers.get(page.removeprefix(PAGE))
    return ledger.label if ledger else "台账"


def ready_of(actor: Actor) -> list[Ready]:
    """Return the shipped views that the actor may open."""
    mine = {PAGE + ledger.code for ledger in ledgers_of(actor)}
    return [one for one in _ready if one.page == MATTERS or one.page in mine]


# --- what an address asks for -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A ledger as an address asks for it: conditions, columns, order."""

    ledger: Ledger
    columns: tuple[Column, ...]
    order: Order
    said: Mapping[str, str]
    first: date | None
    last: date | None

    @classmethod
    def of(cls, ledger: Ledger, query: QueryDict) -> Asked:
        """Read an address.

        Raises:
            BadInput: a condition is not to be met.
        """
        said = {one.code: query.get(one.code, "") for one in ledger.choices}
        wrong = {
            one.code: "没有这个选项。" for one in ledger.choices if said[one.code] and not one.worded(said[one.code])
        }
        for one in ledger.choices:
            _day(said[one.code] if one.a_day else "", wrong, one.code)
        days = {name: _day(query.get(name, ""), wrong, name) for name in ("first", "last")}
        if wrong:
            raise BadInput(wrong, rule=RULE)
        codes = {one.code: one for one in ledger.columns}
        picked = tuple(codes[code] for code in dict.fromkeys(query.get("cols", "").split(SPLIT)) if code in codes)
        order = next((one for one in ledger.orders if one.code == query.get("sort")), ledger.orders[0])
        return cls(ledger, picked or ledger.columns, order, said, days["first"], days["last"])

    def rows(self, actor: Actor) -> QuerySet:
        """Every row asked for that ``actor`` sees, in order."""
        rows = self.ledger.rows(actor)
        for one in self.ledger.choices:
            if self.said[one.code]:
                rows = one.narrow(rows, self.said[one.code])
        span = {f"{self.ledger.day}__gte": self.first, f"{self.ledger.day}__lte": self.last}
        rows = rows.filter(**{name: day for name, day in span.items() if day}, **{f"{self.order.field}__isnull": False})
        sign = "" if self.order.ascending else "-"
        return rows.order_by(f"{sign}{self.order.field}", f"{sign}pk")

    def conditions(self) -> str:
        """The conditions in words."""
        said = [(one, self.said[one.code]) for one in self.ledger.choices if self.said[one.code]]
        words = [f"{one.label}：{one.worded(value)}" for one, value in said]
        words += [f"自{self.first}"] if self.first else []
        words += [f"至{self.last}"] if self.last else []
        return "；".join(words) or "无"

    def page(self, actor: Actor, turn: Turn) -> Page[Any]:
        """One page of the rows."""
        rows, order = self.rows(actor), self.order
        return page_by(rows, order.field, turn, order=self.mark, count=rows.count(), ascending=order.ascending)

    @property
    def mark(self) -> str:
        """The name of the order that marks of its pages are for."""
        return f"{PAGE}{self.ledger.code}:{self.order.code}"


def _day(text: str, wrong: dict[str, str], name: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong[name] = "日期写成2026-11-26这样。"
        return None


# --- what ledgers of ours share, and the shipped views of the list of matters -----------------------------------------

MATTERS = "matters"


def looks_over(actor: Actor) -> bool:
    """Whoever sees more than what one window registered."""
    scope = access.scope_of(actor)
    return not scope.empty and not scope.roles


def matter_seen(actor: Actor, field: str = "petition") -> Exists:
    """Whether the actor sees the row's matter: for rows that are seen without it."""
    return Exists(access.visible_to(actor).filter(pk=OuterRef(field)))


def state_choice(options: Sequence[tuple[str, str]], field: str = "state", label: str = "状态") -> Choice:
    """A choice of one value of a column; ``-x``: any but that."""

    def narrow(rows: QuerySet, value: str) -> QuerySet:
        return rows.exclude(**{field: value[1:]}) if value.startswith("-") else rows.filter(**{field: value})

    return Choice(field.replace("__", "_"), label, lambda: trees.flat(options), narrow)


def unit_choice(by: str | Callable[[QuerySet, int], QuerySet] = "department", label: str = "单位") -> Choice:
    """A choice of one body; ``by``: the column that names it, or what narrows the rows to it."""

    def narrow(rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(**{by: int(value)}) if isinstance(by, str) else by(rows, int(value))

    return Choice("unit", label, trees.bodies, narrow)


def matter_choices(field: str = "petition") -> tuple[Choice, Choice]:
    """Two choices of what the row's matter is about and where its problem lies, each with everything below it."""
    return (
        Choice("category", "内容分类", lambda: trees.options(trees.categories()),
               lambda rows, value: rows.filter(**{f"{field}__category__in": trees.categories().below(value)})),
        Choice("region", "问题属地", lambda: trees.options(trees.regions(), trees.TOWN_DEPTH),
               lambda rows, value: rows.filter(**{f"{field}__region__in": trees.regions().below(value)})),
    )  # fmt: skip


# --- what a report of Art.41 counts: the three suggestions, and measures of the joint conference -----------------------

ADVICES, MEASURES, WAITING = "advices", "measures", "waiting"


def written(day: date, which: Q) -> Exists:
    """Whether an event of the row's matter that is ``which`` had been written by the end of ``day``; ``advice``: the suggestion it made."""
    rows = Event.objects.annotate(advice=Cast(KT("data__advice"), BigIntegerField()))
    return Exists(rows.filter(which, petition=OuterRef("petition"), recorded_at__date__lte=day))


def advices_at(rows: QuerySet, day: date) -> QuerySet:
    """The suggestions that had been made by the end of ``day``, each with what had been answered then as ``said``."""
    answered = Q(answered_on__isnull=False)
    if day != CURRENT:
        rows = rows.filter(written(day, Q(step="advise", advice=OuterRef("pk"))))
        answered = Q(written(day, Q(step="answer_advice", on="advice", on_id=OuterRef("pk"))))
    found: QuerySet = rows.annotate(said=Case(When(answered, then=F("adopted")), default=Literal(WAITING)))
    return found


def measures_at(rows: QuerySet, day: date) -> QuerySet:
    """The measures that had been decided on by the end of ``day``."""
    rows = rows.filter(Measure.TAKEN)
    if day != CURRENT:
        rows = rows.filter(written(day, Q(step="decide_measure", on="measure", on_id=OuterRef("pk"))))
    return rows


def stood_choice(at: Callable[[QuerySet, date], QuerySet]) -> Choice:
    """A choice of a past day, as it stood at whose end the ledger is read; it goes before what it bears upon."""
    return Choice(
        "stood", "历史时点（日终）", lambda: (), lambda rows, value: at(rows, date.fromisoformat(value)), a_day=True
    )


def _advices(actor: Actor) -> QuerySet:
    rows = Advice.objects.filter(petition__in=access.visible_to(actor).values("pk"))
    return advices_at(rows, CURRENT).select_related("petition", "department")


def _measures(actor: Actor) -> QuerySet:
    rows = Measure.objects.filter(petition__in=access.visible_to(actor).values("pk"))
    return measures_at(rows, CURRENT).select_related("petition", "department")


def case_of(row: Any) -> str:
    """Where a row's matter is."""
    return reverse("petitions:case", args=[row.petition.ref])


_SAID = {**oversight.ADOPTED, WAITING: "待反馈"}
register(
    Ledger(
        code=ADVICES, label="三项建议台账", about="每行是一条改进工作、完善政策或者追究责任的建议（《信访工作条例》第四十条、第四十一条）。",
        columns=(
            Column("number", "编号", lambda row: row.petition.number, "ref", 22),
            Column("title", "由哪件事项提出", lambda row: row.petition.title, "title", 48),
            Column("kind", "建议", lambda row: oversight.ADVICE.get(row.kind, row.kind)),
            Column("unit", "向谁提出", lambda row: row.department.short_name, "name", 18),
            Column("sent", "提出日期", lambda row: row.sent_on, "day"),
            Column("answered", "反馈日期", lambda row: None if row.said == WAITING else row.answered_on, "day"),
            Column("said", "采纳情况", lambda row: _SAID.get(row.said, row.said)),
        ),
        choices=(
            stood_choice(advices_at), state_choice(tuple(oversight.ADVICE.items()), "kind", "建议"),
            state_choice(tuple(_SAID.items()), "said", "采纳情况"), unit_choice(label="向谁提出"), *matter_choices(),
        ),
        orders=(
            Order("newest", "最近提出", "sent_on"), Order("oldest", "最早提出", "sent_on", ascending=True),
            Order("answered", "最近反馈", "answered_on"),
        ),
        day="sent_on", rows=_advices, url=case_of, open_to=looks_over,
    ),
    Ready("待反馈的建议", "还没有书面反馈是否采纳的", f"{PAGE}{ADVICES}", lambda day: urlencode({"said": WAITING, "sort": "oldest"})),
)  # fmt: skip
register(
    Ledger(
        code=MEASURES, label="联席会议措施台账", about="每行是联席会议对一个单位采取的一次措施（《信访工作条例》第三十九条）。",
        columns=(
            Column("number", "编号", lambda row: row.petition.number, "ref", 22),
            Column("title", "由哪件事项提出", lambda row: row.petition.title, "title", 48),
            Column("kind", "措施", lambda row: oversight.MEASURES.get(row.kind, row.kind)),
            Column("unit", "单位", lambda row: row.department.short_name, "name", 18),
            Column("decided", "决定日期", lambda row: row.decided_on, "day"),
            Column("rectify", "整改期限", lambda row: row.rectify_by, "day"),
            Column("state", "状态", lambda row: oversight.STATES["measure"].get(row.state, row.state)),
            Column("ended", "整改完毕", lambda row: row.ended_on, "day"),
        ),
        choices=(
            stood_choice(measures_at), state_choice(tuple(oversight.MEASURES.items()), "kind", "措施"), unit_choice(), *matter_choices(),
        ),
        orders=(
            Order("newest", "最近决定", "decided_on"), Order("oldest", "最早决定", "decided_on", ascending=True),
            Order("rectify", "整改期限先到", "rectify_by", ascending=True), Order("ended", "最近整改完毕", "ended_on"),
        ),
        day="decided_on", rows=_measures, url=case_of, open_to=looks_over,
    ),
)  # fmt: skip
_LONG_COLUMNS = "number.title.category.responsible.received.due.handler.resolved"
_ready += [
    Ready(
        "积案", f"收到满{LONG_DAYS}日还没有办结的（国家没有积案年限，{LONG_DAYS}日为本系统设定）", MATTERS,
        lambda _: urlencode({"long": "yes", "sort": "due", "cols": _LONG_COLUMNS}),
    ),
    Ready("重点事项：集体未化解", "联名、集体，认定未化解的", MATTERS, lambda day: urlencode({"joint": "yes", "resolved": "no"})),
    Ready("重点事项：集体在办", "联名、集体，按到期先后", MATTERS, lambda day: urlencode({"joint": "yes", "sort": "due"})),
    Ready("重点事项：重大紧急", "报告过重大紧急情况、还没有办结的，先到期的在前", MATTERS, lambda _: urlencode({"urgent": "yes", "sort": "due"})),
    Ready("重点事项：挂牌督办", "联席会议决定挂牌督办的（《信访工作条例》第三十九条）", MATTERS, lambda _: urlencode({"listed": "yes"})),
    Ready("重点事项：领导包案", "领导包案的，含已销号的", MATTERS, lambda _: urlencode({"sponsored": "yes", "cols": _LONG_COLUMNS})),
    Ready("重点事项：重复来件未化解", "有重复件、认定未化解的", MATTERS, lambda _: urlencode({"repeated": "yes", "resolved": "no"})),
    Ready("重点事项：30人以上", "登记人数在30人以上的", MATTERS, lambda _: urlencode({"heads": "30"})),
    Ready("超期未办", "期限已过还没有办完的，按到期先后", MATTERS, lambda day: urlencode({"overdue": "yes", "sort": "due"})),
]  # fmt: skip


def matters_title(row: Any) -> Value:
    """The title of a row's matter where the reader sees it (``seen``), else nothing."""
    return str(row.petition.title) if row.seen else "（不在您的职责范围）"


__all__ = [
    "ADVICES", "MATTERS", "MEASURES", "PAGE", "WAITING", "Asked", "Choice", "Column", "Ledger", "Order", "Ready", "Value", "advices_at", "case_of", "found",
    "ledgers_of", "looks_over", "matter_choices", "matter_seen", "matters_title", "measures_at", "ready_of", "register", "state_choice", "stood_choice",
    "unit_choice", "written",
]  # fmt: skip
