"""What does a paper consist of?  Lines, each with its role by GB/T 9704-2012, and tables; with named places, or with all filled.

One structure for what a template says, for the fixed HTML of a paper and for its .docx: what the one shows, the other shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.utils.html import escape

PLACE = re.compile(r"【([^【】]*)】")
# A line's role and the name of its style in Word; the roles of the standard and no others.
STYLES: Mapping[str, str] = {
    "mark": "公文红头", "number": "公文文号", "title": "公文标题", "addressee": "公文主送", "text": "公文正文", "heading": "公文小标题",
    "sign": "公文落款", "deputy": "公文签发人", "cc": "公文抄送",
}  # fmt: skip
ALIGNED = {"centre": "at-centre", "right": "at-right"}  # what a line of the body may be instead of its role's own
_BODY = ("addressee", "text", "heading")
Runs = list[tuple[str, str]]


@dataclass
class Line:
    """One paragraph.

    Attributes:
        role: one of ``STYLES``.
        runs: its words with their marks: ``b`` bold, ``u`` underlined, ``bu`` both, empty for neither.
        at: ``centre`` or ``right`` where a line of the body stands so; empty = as its role does.
    """

    role: str
    runs: Runs = field(default_factory=list)
    at: str = ""

    @property
    def text(self) -> str:
        """Its words, with breaks."""
        return "".join(text for text, _ in self.runs)


@dataclass
class Cell:
    """A cell: over how many columns and rows, and its lines."""

    lines: list[Line]
    across: int = 1
    down: int = 1


@dataclass
class Table:
    """A table: its rows without the cells that another one covers, and each column's share of the width in hundredths."""

    rows: list[list[Cell]]
    widths: list[int] = field(default_factory=list)


Block = Line | Table
Layout = list[Block]


def line(role: str, text: str, *, at: str = "") -> Line:
    """Return a line of plain words."""
    return Line(role, [(text, "")] if text else [], at)


def lines_in(layout: Layout) -> Iterator[Line]:
    """Every line, those of the tables too."""
    for block in layout:
        if isinstance(block, Line):
            yield block
        else:
            yield from (one for row in block.rows for cell in row for one in cell.lines)


def places_in(layout: Layout) -> list[str]:
    """Every place that a layout names, in order, each as often as it stands there."""
    return [name.strip() for one in lines_in(layout) for name in PLACE.findall(one.text)]


def tidy(runs: Runs) -> Runs:
    """Put runs of like marks together; a place takes the marks of its first character, so that it is never cut in two."""
    text = "".join(part for part, _ in runs)
    marks = [mark for part, mark in runs for _ in part]
    for found in PLACE.finditer(text):
        marks[found.start() : found.end()] = [marks[found.start()]] * (found.end() - found.start())
    pairs = zip(text, marks, strict=True)
    return [("".join(char for char, _ in some), mark) for mark, some in groupby(pairs, key=lambda pair: pair[1])]


# --- kept as JSON -------------------------------------------------------------------------------------------------


def to_json(layout: Layout) -> list[Any]:
    """Return a layout as a database keeps it."""
    return [_line_json(one) if isinstance(one, Line) else _table_json(one) for one in layout]


def _line_json(one: Line) -> dict[str, Any]:
    return {"role": one.role, "runs": [list(run) for run in one.runs], "at": one.at}


def _table_json(one: Table) -> dict[str, Any]:
    rows = [
        [{"lines": [_line_json(each) for each in cell.lines], "across": cell.across, "down": cell.down} for cell in row]
        for row in one.rows
    ]
    return {"rows": rows, "widths": one.widths}


def from_json(kept: Iterable[Mapping[str, Any]]) -> Layout:
    """Return the layout that :func:`to_json` wrote."""
    return [_table(one) if "rows" in one else _line(one) for one in kept]


def _line(one: Mapping[str, Any]) -> Line:
    return Line(one["role"], [(text, mark) for text, mark in one["runs"]], one["at"])


def _table(one: Mapping[str, Any]) -> Table:
    rows = [
        [Cell([_line(each) for each in cell["lines"]], cell["across"], cell["down"]) for cell in row]
        for row in one["rows"]
    ]
    return Table(rows, list(one["widths"]))


# --- as the HTML of a paper ---------------------------------------------------------------------------------------

Value = Callable[[str], str]


def html_of(layout: Layout, value: Value, *, whole: frozenset[str] = frozenset()) -> str:
    """Return the HTML of a paper, its places filled.

    Args:
        value: the words of a place, safe HTML; a line all of whose places are empty is left out.
        whole: the places whose words are paragraphs of their own (``<p>``, ``<h2>``) and stand for the line they are in.
    """
    head = any(isinstance(block, Line) and block.role == "mark" for block in layout)
    out = [f'<main class="paper{"" if head else " paper--notice"}">']
    for region, some in groupby(layout, key=_region):
        parts = [_html(block, value, whole) for block in some]
        words = "".join(part for part in parts if part)
        out.append(_AROUND[region].format(words) if words else "")
    return "\n".join([part for part in out if part] + ["</main>"])


_AROUND = {"": "{}", "body": '<div class="paper-body">{}</div>', "sign": '<div class="paper-sign">{}</div>', "cc": '<div class="paper-cc">{}</div>'}  # fmt: skip


def _region(block: Block) -> str:
    if isinstance(block, Table) or block.role in _BODY:
        return "body"
    return block.role if block.role in ("sign", "cc") else ""


def _html(block: Block, value: Value, whole: frozenset[str]) -> str:
    if isinstance(block, Table):
        return _table_html(block, value, whole)
    names = [name.strip() for name in PLACE.findall(block.text)]
    if names and not any(value(name).strip() for name in names):
        return ""
    if len(names) == 1 and names[0] in whole:
        return value(names[0])
    return _line_html(block, value)


def _line_html(one: Line, value: Value) -> str:
    words = "".join(_marked(_filled(text, value), mark) for text, mark in one.runs)
    if one.role == "number":
        return f'<p class="paper-number"><span>{words}</span></p>'
    tag = {"title": "h1", "heading": "h2"}.get(one.role, "p")
    name = {"title": "paper-title", "mark": "paper-mark", "deputy": "paper-deputy", "addressee": "flush"}.get(
        one.role, ""
    )
    name = " ".join(part for part in (name, ALIGNED.get(one.at, "")) if part)
    return f'<{tag} class="{name}">{words}</{tag}>' if name else f"<{tag}>{words}</{tag}>"


def _filled(text: str, value: Value) -> str:
    """Escape what the template says and put in what the places stand for, which is escaped already."""
    out, at = [], 0
    for found in PLACE.finditer(text):
        out += [escape(text[at : found.start()]), value(found[1].strip())]
        at = found.end()
    return "".join([*out, escape(text[at:])]).replace("\n", "<br>")


def _marked(words: str, mark: str) -> str:
    words = f"<u>{words}</u>" if "u" in mark else words
    return f"<strong>{words}</strong>" if "b" in mark else words


def _table_html(table: Table, value: Value, whole: frozenset[str]) -> str:
    columns = "".join(f'<col width="{share}%">' for share in table.widths)
    rows = "".join(f"<tr>{''.join(_cell_html(cell, value, whole) for cell in row)}</tr>" for row in table.rows)
    return f"<table>{f'<colgroup>{columns}</colgroup>' if columns else ''}<tbody>{rows}</tbody></table>"


def _cell_html(cell: Cell, value: Value, whole: frozenset[str]) -> str:
    spans = (f' colspan="{cell.across}"' if cell.across > 1 else "") + (
        f' rowspan="{cell.down}"' if cell.down > 1 else ""
    )
    return f"<td{spans}>{''.join(_html(one, value, whole) for one in cell.lines)}</td>"
