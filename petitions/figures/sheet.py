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
        ("比上期", 14),
        ("去年同期", 10),
        ("比去年同期", 14),
        ("依据", 60),
    )
    page = _page(book, "指标", heads)
    for row, line in enumerate(board.lines, start=2):
        formula, now = line.formula, line.now
        page.cell(row, 1, formula.name)
        page.cell(
            row,
            2,
            "；".join(filter(None, [formula.reading, "现有，与上月末、去年同月末比" if formula.standing else ""])),
        )
        page.cell(row, 4, now.above if now.known else None)
        page.cell(row, 5, now.below if formula.below and now.known else None)
        page.cell(row, 10, f"{formula.source}（第{formula.version}版，自{formula.valid_from:%Y-%m-%d}）")
        _put(page, row, 3, now)
        for column, then in ((6, line.before), (8, line.last_year)):
            _put(page, row, column, then.figure if then else None)
            page.cell(row, column + 1, line.change(then) or None)


def _rows(book: Workbook, title: str, rows: Sequence[Row], codes: Sequence[str], words: Sequence[str]) -> None:
    shares = list(rows[0].shares.values()) if rows else []
    page = _page(book, title, [(title, 24), *((word, 12) for word in words), *((_named(one), 24) for one in shares)])
    for at, row in enumerate(rows, start=2):
        page.cell(at, 1, row.label)
        for column, code in enumerate(codes, start=2):
            page.cell(at, column, row.numbers[code])
        for column, figure in enumerate(row.shares.values(), start=2 + len(codes)):
            _put(page, at, column, figure)


def _named(figure: Figure) -> str:
    """An indicator's name with the reading chosen, where there are two."""
    return f"{figure.formula.name}（{figure.formula.reading}）" if figure.formula.reading else figure.formula.name


def _about(book: Workbook, board: Board, by: Actor) -> None:
    page = _page(book, "说明", (("项目", 16), ("内容", 60)))
    now, reached = timezone.now().astimezone(SHANGHAI), board.cut.reached().last
    running = f"时段还没有结束，上期、去年同期算到同样的日子（本期算到{reached}）" if board.running else ""
    for name, words in (
        *board.cut.words(), ("比较", running), ("导出时间", f"{now:%Y-%m-%d %H:%M}"), ("导出人", f"{by.user.name}（{by.department.short_name}）"),
    ):  # fmt: skip
        if words:
            page.append([name, words])
