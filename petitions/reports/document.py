"""How does a report become a .docx that an office can still edit?  The same contents as its page, laid out by GB/T 9704-2012."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from petitions import docx
from petitions.layout import line
from petitions.reports import charts
from petitions.reports.contents import Contents, Table

_FONT, _SIZE = "仿宋_GB2312", Pt(12)


def of(contents: Contents, *, office: str, number: str, on_day: date, as_of: str) -> bytes:
    """Return the .docx of a report.

    Args:
        number: its number; empty for a draft, which says so instead.
        as_of: which moment its numbers are of, in words.
    """
    document = Document()
    docx.set_page(document)
    docx.set_properties(document, contents.title, on_day)
    docx.write(document, line("number", number or f"草稿（{as_of}）"), red=False)
    docx.write(document, line("title", contents.title), red=False)
    serial = 0
    for part in contents.parts:
        docx.write(document, line("heading", part.title), red=False)
        for paragraph in part.paragraphs:
            for text in paragraph.said.splitlines():
                docx.write(document, line("text", text), red=False)
        for table in part.tables:
            serial += bool(table.charted and table.rows)
            _table(document, table, serial)
    docx.write(document, line("text", f"数据时点：{as_of}。"), red=False)
    docx.write_sign(document, [line("sign", office), line("sign", f"{on_day.year}年{on_day.month}月{on_day.day}日")])
    docx.number_pages(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _table(document: Any, table: Table, serial: int) -> None:
    _words(document.add_paragraph(), table.title, bold=True, centre=True, keep=True)
    if not table.rows:
        _words(document.add_paragraph(), "没有。", centre=True)
        return
    if table.charted:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        charts.put(document, paragraph, table, serial)
    grid = document.add_table(rows=0, cols=len(table.head), style="Table Grid")
    rows: list[list[str | int]] = [[*table.head], *table.rows]
    for at, row in enumerate(rows):
        cells = grid.add_row().cells
        for place, (cell, value) in enumerate(zip(cells, row, strict=True)):
            _words(cell.paragraphs[0], str(value), bold=not at, right=bool(at and place and isinstance(value, int)))
    _repeat_head(grid.rows[0])
    if table.note:
        _words(document.add_paragraph(), f"注：{table.note}")


def _repeat_head(row: Any) -> None:
    """The head stands on each page that the table goes over; no row is torn."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _words(
    paragraph: Any, text: str, *, bold: bool = False, centre: bool = False, right: bool = False, keep: bool = False
) -> None:
    run = paragraph.add_run(text)
    run.font.name, run.font.size, run.bold = _FONT, _SIZE, bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    shape = paragraph.paragraph_format
    shape.space_before, shape.space_after, shape.keep_with_next = Pt(6 if keep else 0), Pt(3 if keep else 0), keep
    if centre or right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.RIGHT
