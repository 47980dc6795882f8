"""How does a page of figures leave as a spreadsheet?  Indicators, units, contents and months, and a sheet that says what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from accounts.actor import Actor
from accounts.dates import SHANGHAI
from petitions.figures.boards import Board, Row
from petitions.figures.count import Figure
from petitions.figures.cut import BASIS_WORDS, CAPACITIES
from petitions.models.figures import CURRENT

_PERCENT, _DAYS, _COUNT = "0.0%", "0.0", "0"


def write(board: Board, by: Actor, out: IO[bytes]) -> None:
    """Write ``board`` to ``out``; shares are numbers in percent, what has no denominator is empty."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _indicators(book, board)
    _rows(book, "单位", board.units, ("filings", "matters", "closed"), ("信访件", "事项", "已办结"))
    _rows(book, "超期", board.late, ("overdue", "open"), ("超期未办", "未办结"))
    _rows(book, "内容分类", board.categories, ("filings", "joint"), ("信访件", "联名集体"))
    _rows(book, "逐月", board.trend, ("filings", "closed"), ("信访件", "已办结"))
    _about(book, board, by)
    book.save(out)


def _page(book: Workbook, title: str, heads: Sequence[tuple[str, int]]) -> Any:
    page = book.create_sheet(title)
    page.append([head for head, _ in heads])
    for number, (_, width) in enumerate(heads, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
        page.cell(1, number).font = Font(bold=True)
    page.freeze_panes = "B2"
    return page


def _put(page: Any, row: int, column: int, figure: Figure | None) -> None:
    cell = page.cell(row, column)
    if figure is None or figure.value is None:
        return
    cell.value = figure.value if figure.formula.below else figure.above
    cell.number_format = {"%": _PERCENT, "日": _DAYS}.get(figure.formula.unit, _COUNT)


def _indicators(book: Workbook, board: Board) -> None:
    heads = (
        ("指标", 20),
        ("口径", 24),
        ("数值", 10),
        ("分子", 10),
        ("分母", 10),
        ("上期", 10),
        ("去年同期", 10),
        ("依据", 60),
    )
    page = _page(book, "指标", heads)
    for row, line in enumerate(board.lines, start=2):
        formula, now = line.formula, line.now
        page.cell(row, 1, formula.name)
        page.cell(row, 2, formula.reading)
        page.cell(row, 4, now.above)
        page.cell(row, 5, now.below if formula.below else None)
        page.cell(row, 8, f"{formula.source}（第{formula.version}版，自{formula.valid_from:%Y-%m-%d}）")
        then = ((6, line.before), (7, line.last_year))
        for column, figure in ((3, now), *((place, one.figure) for place, one in then if one)):
            _put(page, row, column, figure)


def _rows(book: Workbook, title: str, rows: Sequence[Row], codes: Sequence[str], words: Sequence[str]) -> None:
    shares = list(rows[0].shares.values()) if rows else []
    page = _page(
        book, title, [(title, 24), *((word, 12) for word in words), *((one.formula.name, 16) for one in shares)]
    )
    for at, row in enumerate(rows, start=2):
        page.cell(at, 1, row.label)
        for column, code in enumerate(codes, start=2):
            page.cell(at, column, row.numbers[code])
        for column, figure in enumerate(row.shares.values(), start=2 + len(codes)):
            _put(page, at, column, figure)


def _about(book: Workbook, board: Board, by: Actor) -> None:
    cut, page = board.cut, _page(book, "说明", (("项目", 16), ("内容", 60)))
    now = timezone.now().astimezone(SHANGHAI)
    for name, words in (
        ("口径", CAPACITIES[cut.capacity]), ("时段依据", BASIS_WORDS[cut.basis]), ("时段", f"{cut.first or '最初'}至{cut.last or '最近'}"),
        ("历史时点", "" if cut.day == CURRENT else f"{cut.day}日终"), ("导出时间", f"{now:%Y-%m-%d %H:%M}"),
        ("导出人", f"{by.user.name}（{by.department.short_name}）"),
    ):  # fmt: skip
        if words:
            page.append([name, words])
