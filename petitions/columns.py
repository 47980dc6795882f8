"""What may a list show of a matter?  One table of columns: its words, what is read for it, and how it stands on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MOST = 16  # more than that nobody reads across
SPLIT = "."  # between the codes of an address: needs no escaping


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        fields: columns of the petition that are read for it.
        says: an expression about the petition ``{p}``, where its own columns do not say it; one value a row.
        shape: how the cell stands: ref | title | name | stage | due | day | number | text.
        less: whether a narrow window leaves it out.
        width: characters, for the spreadsheet.
    """

    code: str
    label: str
    fields: tuple[str, ...] = ()
    says: str = ""
    shape: str = "text"
    less: bool = False
    width: int = 12

    @property
    def sql(self) -> str:
        """The expression where the petition is called ``p``; "" where its own columns say it."""
        return self.sql_of("p")

    def sql_of(self, petition: str) -> str:
        """The expression where the petition is called ``petition``."""
        return self.says.format(p=petition)


_RATING = "(SELECT v.value FROM petitions_rating v WHERE v.petition_id = {{p}}.id AND v.target = '{}')"

COLUMNS: Mapping[str, Column] = {
    column.code: column
    for column in (
        Column("number", "编号", ("number",), shape="ref", width=22),
        Column("title", "标题", ("title", "joint", "head_count", "urgent"), shape="title", width=48),
        Column("name", "信访人", ("lead_name", "hide_name", "office_id"), shape="name"),
        Column("stage", "阶段", ("stage",), shape="stage"),
        Column("category", "分类", ("category_id",), less=True, width=16),
        Column("responsible", "责任单位", ("responsible_id",), shape="name", width=18),
        Column("received", "收到", ("received_on",), shape="day"),
        Column("due", "到期", ("due", "closed_on"), shape="due"),
        Column("region", "问题属地", ("region_id",), width=16),
        Column("place", "发生地", ("place",), width=24),
        Column(
            "channel", "形式",
            says="(SELECT f.channel FROM petitions_filing f WHERE f.petition_id = {p}.id ORDER BY f.id LIMIT 1)",
        ),
        Column("kind", "类别", ("kind",)),
        Column("purpose", "目的", ("purpose",)),
        Column("heads", "人数", ("joint", "head_count"), shape="number", width=8),
        Column("office", "受理机关", ("office_id",), shape="name", width=18),
        Column(
            "handler", "承办人", shape="name",
            says="""(SELECT u.name FROM petitions_assignment a JOIN accounts_post t ON t.id = a.handler_id
                JOIN accounts_user u ON u.id = t.user_id WHERE a.petition_id = {p}.id AND a.lead
                AND a.state NOT IN ('returned', 'recalled') ORDER BY a.id DESC LIMIT 1)""",
        ),
        Column(
            "co_units", "协办单位数", shape="number", width=10,
            says="""(SELECT count(*) FROM petitions_assignment a WHERE a.petition_id = {p}.id AND a.mode = 'co'
                AND a.state NOT IN ('returned', 'recalled'))""",
        ),
        Column("closed", "办结日期", ("closed_on",), shape="day"),
        Column("confirmed", "认定日期", ("confirmed_on",), shape="day"),
        Column("outcome", "办结方式", ("outcome",), width=16),
        Column("resolved", "化解", ("resolved",), width=8),
        Column("rating_office", "评价信访部门", says=_RATING.format("office")),
        Column("rating_unit", "评价责任单位", says=_RATING.format("unit")),
    )
}  # fmt: skip
DEFAULT = tuple(
    COLUMNS[code] for code in ("number", "title", "name", "stage", "category", "responsible", "received", "due")
)

# A tray's usual ones: what is due, and which duty that is, stands before them in any case.
TRAY = tuple(COLUMNS[code] for code in ("number", "title", "name", "stage", "category", "received"))
TRAY_FIXED = frozenset({"due"})

# What every row needs, whatever is shown: its address, its place in the list, whether its name may be told.
ALWAYS = ("id", "ref", "received_on", "hide_name", "office_id", "recusals")


def chosen(text: str, usual: tuple[Column, ...] = DEFAULT, fixed: frozenset[str] = frozenset()) -> tuple[Column, ...]:
    """Return the columns that an address names, in its order; the usual ones where it names none.

    The title is the way into a matter and is always there; what is not known, is ``fixed`` elsewhere in the row, or is named
    twice, is passed over.
    """
    codes = dict.fromkeys(text.split(SPLIT))
    found = [COLUMNS[code] for code in codes if code in COLUMNS and code not in fixed][:MOST]
    if not found:
        return usual
    title = COLUMNS["title"]
    return tuple(found) if title in found else (title, *found[: MOST - 1])


def of_tray(text: str) -> tuple[Column, ...]:
    """Return the columns that a tray's address names, beside what is due; its usual ones where it names none."""
    return chosen(text, TRAY, TRAY_FIXED)


def named(columns: Iterable[Column], usual: tuple[Column, ...] = DEFAULT) -> str:
    """Return what stands in an address for ``columns``; "" for the usual ones."""
    found = tuple(columns)
    return "" if found == usual else SPLIT.join(column.code for column in found)


def before_received(columns: Sequence[Column]) -> int:
    """Return the place of what a tray shows of its own (whose row it is, who is suggested): before the day of receipt, else last."""
    codes = [column.code for column in columns]
    return codes.index("received") if "received" in codes else len(codes)


def fields_of(columns: Sequence[Column]) -> frozenset[str]:
    """Return the columns of the petition that are read to show ``columns``."""
    return frozenset(ALWAYS).union(*(column.fields for column in columns))
