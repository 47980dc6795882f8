"""How does a paper become a file that Word and WPS open and an office can edit?  From the very words that were fixed at issue.

There is one source of words: the HTML that was rendered, hashed and sealed when the paper was issued.  It is laid out here by
GB/T 9704-2012: A4, margins 37/35/28/26 mm, title 2号小标宋, body 3号仿宋 on lines of 28 pt, page number 4号宋体 "— 1 —".
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from html.parser import HTMLParser
from itertools import groupby
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from petitions.layout import ALIGNED, STYLES, Cell, Layout, Line, Runs, Table, tidy

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TITLE, _BODY, _HEADING, _SMALL = "方正小标宋简体", "仿宋_GB2312", "黑体", "宋体"
_RED = RGBColor(0xC0, 0x00, 0x00)
_TWO, _THREE, _FOUR = Pt(22), Pt(16), Pt(14)  # 2号, 3号, 4号


@dataclass
class _Reader(HTMLParser):
    """Read the lines and tables of a paper's HTML: ours, so that the tags are few."""

    blocks: Layout = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.within: list[str] = []
        self.line: Line | None = None
        self.marks = ""
        self.table: Table | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A line or table begins, a line breaks, or words are marked."""
        given = {name: value or "" for name, value in attrs}
        if tag in ("div", "main"):
            self.within.append(given.get("class", ""))
        elif tag == "br" and self.line is not None:
            self.line.runs.append(("\n", self.marks))
        elif tag in _MARKS:
            self.marks += _MARKS[tag]
        elif tag in ("p", "h1", "h2"):
            self._end()
            self.line = Line(self._role(tag, given.get("class", "")), at=_at(given.get("class", "")))
        else:
            self._in_table(tag, given)

    def _role(self, tag: str, name: str) -> str:
        for place in ("sign", "cc"):
            if f"paper-{place}" in self.within:
                return place
        return {"h1": "title", "h2": "heading"}.get(tag) or _ROLES.get(name.split(" ")[0], "text")

    def _in_table(self, tag: str, given: dict[str, str]) -> None:
        if tag == "table":
            self.table = Table([])
            self.blocks.append(self.table)
        elif self.table is not None and tag == "col":
            self.table.widths.append(int(given.get("width", "0").rstrip("%")))
        elif self.table is not None and tag == "tr":
            self.table.rows.append([])
        elif self.table is not None and tag == "td":
            self.table.rows[-1].append(Cell([], int(given.get("colspan", 1)), int(given.get("rowspan", 1))))

    def handle_endtag(self, tag: str) -> None:
        """A line, a mark, a table or a box ends."""
        if tag in ("p", "h1", "h2"):
            self._end()
        elif tag in _MARKS:
            self.marks = self.marks.replace(_MARKS[tag], "", 1)
        elif tag == "table":
            self.table = None
        elif tag in ("div", "main") and self.within:
            self.within.pop()

    def handle_data(self, data: str) -> None:
        """Words; line ends of the template are none of the paper's."""
        if self.line is not None:
            self.line.runs.append((data.replace("\n", ""), self.marks))

    def _end(self) -> None:
        if self.line is not None and (self.line.text.strip() or self.table is not None):
            self.line.runs = _stripped(tidy(self.line.runs))
            into = self.table.rows[-1][-1].lines if self.table is not None else self.blocks
            into.append(self.line)
        self.line, self.marks = None, ""


_ROLES = {"paper-mark": "mark", "paper-number": "number", "flush": "addressee", "paper-deputy": "deputy"}
_MARKS = {"strong": "b", "u": "u"}


def _at(name: str) -> str:
    return next((at for at, told in ALIGNED.items() if told in name.split(" ")), "")


def _stripped(runs: Runs) -> Runs:
    """Without blanks at both ends."""
    for at, strip in ((0, str.lstrip), (-1, str.rstrip)):
        while runs and not strip(runs[at][0]):
            runs.pop(at)
        if runs:
            runs[at] = (strip(runs[at][0]), runs[at][1])
    return runs


def layout_of(html: str) -> Layout:
    """Return the lines and tables of a fixed paper, or of a template."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.blocks


def of(html: str, *, title: str, issued_on: date, void_on: date | None = None) -> bytes:
    """Return the .docx of a fixed paper.

    Args:
        html: the words as they were fixed.
        title: the document's own title, shown by Word's window.
        issued_on: the day it says it was made on: the paper's, not today's.
        void_on: since when it is void; its words stay, and the head of every page says so.
    """
    document = Document()
    set_page(document)
    if void_on is not None:
        _mark_void(document, void_on)
    set_properties(document, title, issued_on)
    layout = layout_of(html)
    red = any(isinstance(block, Line) and block.role == "mark" for block in layout)
    for region, some in groupby(layout, key=lambda block: isinstance(block, Line) and block.role == "sign"):
        blocks = list(some)
        if region:
            write_sign(document, [block for block in blocks if isinstance(block, Line)])
            continue
        for block in blocks:
            write(document, block, red=red) if isinstance(block, Line) else _write_table(document, block)
    number_pages(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def set_page(document: Any) -> None:
    """A4 with the margins of the standard."""
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    page.footer_distance = Mm(25)


def _mark_void(document: Any, void_on: date) -> None:
    head = document.sections[0].header.paragraphs[0]
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = head.add_run(void_words(void_on))
    run.font.size, run.font.bold, run.font.color.rgb = _FOUR, True, _RED


def void_words(void_on: date) -> str:
    """What a void paper says of itself, on screen, in print and in Word."""
    return f"本文书自{void_on.year}年{void_on.month}月{void_on.day}日起作废"


def set_properties(document: Any, title: str, issued_on: date) -> None:
    """The document's own title and day, and no author."""
    about = document.core_properties
    about.title, about.author, about.comments = title, "", ""
    about.created = about.modified = datetime(issued_on.year, issued_on.month, issued_on.day)


@dataclass(frozen=True)
class _Shape:
    """How a role stands on the page, in points: its type, its line, what is above and below it, how it is drawn in."""

    font: str = _BODY
    size: Any = _THREE
    line: float = 28
    above: float = 0
    below: float = 0
    first: float = 0
    at: WD_ALIGN_PARAGRAPH | None = None
    colour: RGBColor | None = None


_CENTRE, _RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
_SHAPES: Mapping[str, _Shape] = {
    "mark": _Shape(_TITLE, Pt(30), 44, below=14, at=_CENTRE, colour=_RED),
    "number": _Shape(at=_RIGHT),
    "title": _Shape(_TITLE, _TWO, 36, 28, 28, at=_CENTRE),
    "addressee": _Shape(),
    "text": _Shape(first=32),  # two characters
    "heading": _Shape(_HEADING, first=32),
    "sign": _Shape(at=_CENTRE),
    "deputy": _Shape(above=14, at=_RIGHT),
    "cc": _Shape(size=_FOUR, line=24),
}


def write(document: Any, line: Line, *, red: bool) -> Any:
    """Add one paragraph in the shape of its role; ``red``: the document has a red head."""
    shape = _SHAPES[line.role]
    paragraph = document.add_paragraph(style=_style(document, line.role))
    _set_shape(paragraph.paragraph_format, shape)
    if line.role == "number" and red:
        paragraph.paragraph_format.alignment = _CENTRE
        _red_rule(paragraph)
    if line.at:
        paragraph.paragraph_format.alignment = _RIGHT if line.at == "right" else _CENTRE
        paragraph.paragraph_format.first_line_indent = Pt(0)
    paragraph.paragraph_format.keep_with_next = True if line.role in ("heading", "mark") else None
    _run(paragraph, line.runs, shape)
    return paragraph


def _set_shape(to: Any, shape: _Shape) -> None:
    to.space_before, to.space_after = Pt(shape.above), Pt(shape.below)
    to.line_spacing_rule, to.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(shape.line)
    to.first_line_indent = Pt(shape.first)
    if shape.at is not None:
        to.alignment = shape.at


def _style(document: Any, role: str) -> Any:
    """The named style of a role, so that who edits the file in Word gives a line the role by its style."""
    name, shape = STYLES[role], _SHAPES[role]
    if name not in [style.name for style in document.styles]:
        made = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style, made.quick_style = document.styles["Normal"], True
        _set_shape(made.paragraph_format, shape)
        _set_font(made.font, made.element.get_or_add_rPr(), shape)
    return document.styles[name]


def write_sign(document: Any, lines: list[Line]) -> None:
    """The body's name and the day, one centred over the other, the day four characters from the right."""
    widths = [_width(part) for line in lines for part in line.text.split("\n")]
    wide = max([widths[-1] + 4, *widths])
    for number, line in enumerate(lines):
        paragraph = write(document, line, red=False)
        shape = paragraph.paragraph_format
        shape.left_indent, shape.right_indent = Pt(max(0, 442 - 16 * (wide + 2))), Pt(32)
        shape.keep_together, shape.keep_with_next = True, number + 1 < len(lines)
        if not number:
            shape.space_before = Pt(56)


def _width(text: str) -> float:
    """How many characters wide: what is no Chinese character takes half of one."""
    return sum(0.5 if ord(char) < 0x2E80 else 1 for char in text)


def _write_table(document: Any, table: Table) -> None:
    many = max((sum(cell.across for cell in row) for row in table.rows), default=1)
    shares = table.widths if len(table.widths) == many else [100 // many] * many
    made = document.add_table(rows=len(table.rows), cols=many, style="Table Grid")
    made.autofit = False
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(table.rows):
        for column, share in enumerate(shares):
            made.cell(number, column).width = Mm(156 * share / 100)
        for cell in row:
            _write_cell(made, number, cell, taken, many)


def _write_cell(made: Any, number: int, cell: Cell, taken: set[tuple[int, int]], many: int) -> None:
    """Put a cell at the first place of its row that none covers."""
    start = next((column for column in range(many) if (number, column) not in taken), many - 1)
    last_row, last = min(number + cell.down, len(made.rows)) - 1, min(start + cell.across, many) - 1
    taken.update((row, column) for row in range(number, last_row + 1) for column in range(start, last + 1))
    place = made.cell(number, start).merge(made.cell(last_row, last))
    for empty in place.paragraphs:
        empty._p.getparent().remove(empty._p)
    for one in cell.lines or [Line("addressee")]:
        shape = replace(_SHAPES[one.role], size=Pt(12), line=20, first=0, above=0, below=0)
        paragraph = place.add_paragraph(style=_style(made.part.document, one.role))
        _set_shape(paragraph.paragraph_format, shape)
        if one.at:
            paragraph.paragraph_format.alignment = _RIGHT if one.at == "right" else _CENTRE
        _run(paragraph, one.runs, shape)


def _run(paragraph: Any, runs: Runs, shape: _Shape) -> None:
    for words, mark in runs:
        run = paragraph.add_run()
        for number, part in enumerate(words.split("\n")):
            if number:
                run.add_break()
            run.add_text(part)
        _set_font(run.font, run._element.get_or_add_rPr(), shape)
        run.font.bold, run.font.underline = ("b" in mark) or None, ("u" in mark) or None


def _set_font(font: Any, properties: Any, shape: _Shape) -> None:
    font.name, font.size = shape.font, shape.size
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), shape.font)
    if shape.colour is not None:
        font.color.rgb = shape.colour


def _red_rule(paragraph: Any) -> None:
    """The red line under the number of a paper with a head."""
    borders, below = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "6"), ("color", "C00000")):
        below.set(qn(f"w:{name}"), value)
    borders.append(below)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def number_pages(document: Any) -> None:
    """The page's number at the foot of each: — 1 —."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("", "— "), ("field", "PAGE"), ("", " —")):
        run = paragraph.add_run("" if kind else text)
        run.font.name, run.font.size = _SMALL, _FOUR
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _SMALL)
        if kind:
            _field(run, text)


def _field(run: Any, instruction: str) -> None:
    for kind in ("begin", "", "end"):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = instruction
        run._element.append(element)
