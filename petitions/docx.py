"""How does a paper become a file that Word and WPS open and an office can edit?  From the very words that were fixed at issue.

There is one source of words: the HTML that was rendered, hashed and sealed when the paper was issued.  It is laid out here by
GB/T 9704-2012: A4, margins 37/35/28/26 mm, title 2号小标宋, body 3号仿宋 on lines of 28 pt, page number 4号宋体 "— 1 —".
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TITLE, _BODY, _HEADING, _SMALL = "方正小标宋简体", "仿宋_GB2312", "黑体", "宋体"
_RED = RGBColor(0xC0, 0x00, 0x00)
_TWO, _THREE, _FOUR = Pt(22), Pt(16), Pt(14)  # 2号, 3号, 4号


@dataclass
class Line:
    """One paragraph of a fixed paper: what it is by its tag and class, and its words with breaks."""

    role: str
    text: str


@dataclass
class _Reader(HTMLParser):
    """Read the paragraphs of a paper's HTML: ours, so that the tags are few."""

    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.within: list[str] = []
        self.role, self.words = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A paragraph or heading begins, or a line breaks."""
        name = dict(attrs).get("class") or ""
        if tag in ("div", "main"):
            self.within.append(name)
        if tag == "br":
            self.words += "\n"
        if tag in ("p", "h1", "h2"):
            self._end()
            place = "sign" if "paper-sign" in self.within else ""
            self.role = place or {"h1": "title", "h2": "heading"}.get(tag) or _ROLES.get(name, "text")

    def handle_endtag(self, tag: str) -> None:
        """A paragraph or box ends."""
        if tag in ("p", "h1", "h2"):
            self._end()
        if tag in ("div", "main") and self.within:
            self.within.pop()

    def handle_data(self, data: str) -> None:
        """Words; line ends of the template are none of the paper's."""
        if self.role:
            self.words += data.replace("\n", "")

    def _end(self) -> None:
        text = self.words.strip()
        if self.role and text:
            self.lines.append(Line(self.role, text))
        self.role, self.words = "", ""


_ROLES = {"paper-mark": "mark", "paper-number": "number", "flush": "addressee", "paper-cc": "cc"}


def lines_of(html: str) -> list[Line]:
    """Return the paragraphs of a fixed paper."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.lines


def of(html: str, *, title: str, issued_on: date) -> bytes:
    """Return the .docx of a fixed paper.

    Args:
        html: the words as they were fixed.
        title: the document's own title, shown by Word's window.
        issued_on: the day it says it was made on: the paper's, not today's.
    """
    document = Document()
    set_page(document)
    set_properties(document, title, issued_on)
    lines = lines_of(html)
    red = any(line.role == "mark" for line in lines)
    for number, line in enumerate(lines):
        paragraph = write(document, line, red=red)
        if line.role == "sign" and lines[number - 1].role != "sign":
            paragraph.paragraph_format.space_before = Pt(28)
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


def set_properties(document: Any, title: str, issued_on: date) -> None:
    """The document's own title and day, and no author."""
    about = document.core_properties
    about.title, about.author, about.comments = title, "", ""
    about.created = about.modified = datetime(issued_on.year, issued_on.month, issued_on.day)


def write(document: Any, line: Line, *, red: bool) -> Any:
    """Add one paragraph in the shape of its role; ``red``: the document has a red head."""
    paragraph = document.add_paragraph()
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
    font, size, colour = _BODY, _THREE, None
    if line.role == "mark":
        font, size, colour = _TITLE, Pt(30), _RED
        shape.alignment, shape.line_spacing, shape.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(44), Pt(14)
    elif line.role == "number":
        shape.alignment = WD_ALIGN_PARAGRAPH.CENTER if red else WD_ALIGN_PARAGRAPH.RIGHT
        if red:
            _red_rule(paragraph)
    elif line.role == "title":
        font, size = _TITLE, _TWO
        shape.alignment, shape.line_spacing = WD_ALIGN_PARAGRAPH.CENTER, Pt(36)
        shape.space_before = shape.space_after = Pt(28)
    elif line.role == "heading":
        font = _HEADING
        shape.first_line_indent, shape.keep_with_next = Pt(32), True
    elif line.role == "sign":
        shape.alignment, shape.right_indent = WD_ALIGN_PARAGRAPH.RIGHT, Pt(64)  # four characters from the right
        shape.keep_together = True
    elif line.role != "addressee":
        shape.first_line_indent = Pt(32)  # two characters
    _run(paragraph, line.text, font, size, colour)
    return paragraph


def _run(paragraph: Any, text: str, font: str, size: Any, colour: RGBColor | None = None) -> None:
    run = paragraph.add_run()
    for number, part in enumerate(text.split("\n")):
        if number:
            run.add_break()
        run.add_text(part)
    run.font.name, run.font.size = font, size
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = colour


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
