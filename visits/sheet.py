"""How do the figures of receptions leave as a spreadsheet?  Shares, numbers, the tables by leader, level and place, and what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from accounts.actor import Actor
from accounts.dates import SHANGHAI
from visits.indicators import COLUMNS, LISTS, Cut, Figures, lead_days, shares

Names = Sequence[tuple[Any, str]]  # of an axis: id or code, and name


def write(found: Figures, cut: Cut, names: Mapping[str, tuple[str, Names]], by: Actor, out: IO[bytes]) -> None:
    """Write ``found`` to ``out`` as the page shows it.

    Args:
        names: of each axis its heading and the names of its rows.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    _shares(book, found.whole)
    _counts(book, found.whole)
    for axis, (label, rows) in names.items():
        _table(book, label, rows, found.by(axis))
    _about(book, cut, by)
    book.save(out)


def _page(book: Workbook, title: str, heads: Sequence[str]) -> Any:
    page = book.create_sheet(title)
    page.append(list(heads))
    for number, head in enumerate(heads, start=1):
        page.column_dimensions[get_column_letter(number)].width = max(12, 2 * len(head) + 2)
        page.cell(1, number).font = Font(bold=True)
    page.freeze_panes = "B2"
    return page


def _shares(book: Workbook, counts: Mapping[str, int]) -> None:
    page = _page(book, "比率", ("指标", "百分比", "分子", "分子数", "分母", "分母数"))
    for one in shares(counts):
        part, whole = LISTS[one.part_code].label, LISTS[one.whole_code].label
        page.append([one.label, one.part / one.whole if one.whole else None, part, one.part, whole, one.whole])
        page.cell(page.max_row, 2).number_format = "0%"
    page.append(["平均提前公示（工作日）", lead_days(counts)])


def _counts(book: Workbook, counts: Mapping[str, int]) -> None:
    page = _page(book, "数量", ("指标", "数量"))
    for code, one in LISTS.items():
        page.append([one.label, counts[code]])


def _table(book: Workbook, label: str, names: Names, by: Mapping[Any, Mapping[str, int]]) -> None:
    page = _page(book, f"按{label}", (label, *(LISTS[code].label for code in COLUMNS)))
    for key, name in names:
        if key in by and any(by[key].values()):
            page.append([name, *(by[key][code] for code in COLUMNS)])


def _about(book: Workbook, cut: Cut, by: Actor) -> None:
    page = _page(book, "说明", ("项目", "内容"))
    page.append(["时间", f"{cut.first}至{cut.last}"])
    page.append(["范围", "只衡量接访工作，不衡量群众；满意率只算信访人本人的评价。"])
    page.append(["导出", f"{by.user.name}（{by.department.short_name}）"])
    page.append(["导出时间", timezone.now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")])
