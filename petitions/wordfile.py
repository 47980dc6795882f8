"""What does an uploaded Word file say?  Its lines and tables, or a list of what in it cannot be taken.

A file from outside: nothing in it is run, followed or kept.  What would be lost on the way (a picture, a field, a numbering that
Word makes itself) is refused by name, so that an office never finds out from a paper that has gone out.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docx import Document
from docx.exceptions import PythonDocxError
from docx.opc.exceptions import OpcError
from docx.oxml.exceptions import XmlchemyError
from docx.oxml.ns import qn
from lxml import etree

from petitions.layout import PLACE, STYLES, Cell, Layout, Line, Table, lines_in, tidy

LARGEST = 2 * 2**20  # bytes of the file: words alone have some ten thousand
_MOST_PARTS, _MOST_UNPACKED = 200, 20 * 2**20
_MOST_COLUMNS, _MOST_ROWS = 16, 200
_ROLES = {name: role for role, name in STYLES.items()}
_FOOTER = set("0123456789—–- 　第页共/·\t\n")


class NotTaken(Exception):
    """The file cannot be a template; ``faults``: each reason, a sentence."""

    def __init__(self, *faults: str) -> None:
        super().__init__(faults)
        self.faults = faults


_BROKEN = (
    LookupError, ValueError, TypeError, AttributeError, AssertionError, OSError, EOFError, RuntimeError, zipfile.BadZipFile,
    zlib.error, etree.LxmlError, PythonDocxError, OpcError, XmlchemyError,
)  # fmt: skip


def read(content: bytes) -> Layout:
    """Return what a .docx says.

    Raises:
        NotTaken: it is no .docx, is built to harm, or holds what no paper can carry.
    """
    _check_archive(content)
    try:
        return _understood(content)
    except _BROKEN as broken:
        raise NotTaken("文件打不开：可能已损坏，请在 Word 或 WPS 里另存为 .docx 再上传。") from broken


def _understood(content: bytes) -> Layout:
    document: Any = Document(io.BytesIO(content))
    reading = _Reading(document)
    layout = _roles(reading.blocks(document.element.body))
    faults = [*dict.fromkeys(reading.faults), *_around(document)]
    if faults:
        raise NotTaken(*faults)
    return layout


# --- the archive, before anything is understood of it ----------------------------------------------------------------


def _check_archive(content: bytes) -> None:
    if len(content) > LARGEST:
        raise NotTaken(f"文件超过{LARGEST // 2**20}MB：模板里只放文字和表格，不放图片。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive)
    except _BROKEN as broken:
        raise NotTaken(
            "不是 .docx 文件：.doc、.wps 请在 Word 或 WPS 里另存为 .docx 再上传；有密码的请先去掉密码。"
        ) from broken


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = [part.filename.lower() for part in parts]
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise zipfile.BadZipFile
    if (
        len(parts) > _MOST_PARTS
        or sum(part.file_size for part in parts) > _MOST_UNPACKED
        or len(set(names)) < len(names)
    ):
        raise NotTaken("文件展开后太大或者结构异常，没有读取。")
    if any("vbaproject" in name or "activex" in name or "/embeddings/" in name for name in names):
        raise NotTaken("文件里有宏或者嵌入的程序、对象，不能用作模板。")
    if "word/document.xml" not in names:
        raise zipfile.BadZipFile
    room = _MOST_UNPACKED
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")):
            content = _unpacked(archive, part, room)
            room -= len(content)
            _check_xml(content)


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, room: int) -> bytes:
    """The content of a part, however large it says it is."""
    with archive.open(part) as file:
        content = file.read(room + 1)
    if len(content) > room:
        raise NotTaken("文件展开后太大，没有读取。")
    return content


def _check_xml(content: bytes) -> None:
    """Refuse what declares entities, names a macro, or leads out of the file."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as broken:
        raise NotTaken("文件打不开：内容不完整或者结构异常。") from broken
    if root.getroottree().docinfo.doctype:
        raise NotTaken("文件里有不允许的声明（DTD），没有读取。")
    if any("macroenabled" in str(one.get("ContentType", "")).lower() for one in root.iter()):
        raise NotTaken("文件里有宏，不能用作模板：请另存为不含宏的 .docx。")
    outside = [one.get("Target", "") for one in root.iter() if one.get("TargetMode") == "External"]
    if outside:
        raise NotTaken(f"文件里有指向外部的链接（{outside[0][:60]}），请取消超链接、断开所附的模板。")


# --- the words ---------------------------------------------------------------------------------------------------

# What stands in a line and says nothing of its own.
_SILENT = frozenset(qn(f"w:{name}") for name in (
    "pPr", "rPr", "proofErr", "bookmarkStart", "bookmarkEnd", "lastRenderedPageBreak", "commentRangeStart", "commentRangeEnd",
    "commentReference", "annotationRef", "permStart", "permEnd", "sectPr", "tblPr", "tblGrid", "trPr", "tcPr", "tblPrEx", "softHyphen",
))  # fmt: skip
_INTO = frozenset(qn(f"w:{name}") for name in ("hyperlink", "smartTag", "sdtContent", "customXml"))
_NOT_HERE: dict[str, str] = {
    qn("w:drawing"): "图片或文本框", qn("w:pict"): "图片或文本框", qn("w:object"): "嵌入的对象",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent": "图片或文本框",
    qn("w:ins"): "没有接受的修订", qn("w:del"): "没有接受的修订", qn("w:moveFrom"): "没有接受的修订", qn("w:moveTo"): "没有接受的修订",
    qn("w:fldChar"): "域（自动日期、目录等）", qn("w:instrText"): "域（自动日期、目录等）", qn("w:fldSimple"): "域（自动日期、目录等）",
    qn("w:footnoteReference"): "脚注", qn("w:endnoteReference"): "尾注", qn("w:altChunk"): "插入的其他文件", qn("w:sym"): "特殊符号字体",
    qn("w:ruby"): "注音", "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath": "公式",
}  # fmt: skip


@dataclass
class _Reading:
    """One pass through a document; what cannot be taken is noted."""

    document: Any
    faults: list[str] = field(default_factory=list)

    def blocks(self, parent: Any, *, inside: bool = False) -> Layout:
        """The lines and tables of a body or of a cell (``inside``)."""
        out: Layout = []
        for child in parent:
            if child.tag == qn("w:p"):
                out.append(self._line(child))
            elif child.tag == qn("w:tbl") and not inside:
                out.append(self._table(child))
            elif child.tag == qn("w:tbl"):
                self.faults.append("表格里套着表格，请改成合并单元格。")
            elif child.tag == qn("w:sdt"):
                out += self.blocks(_held(child), inside=inside)
            elif child.tag not in _SILENT:
                self._refuse(child)
        return [block for block in out if inside or isinstance(block, Table) or block.text.strip()]

    def _refuse(self, element: Any) -> None:
        if not isinstance(element.tag, str):  # a comment of the XML itself
            return
        name = _NOT_HERE.get(element.tag, f"不认识的内容（{etree.QName(element).localname}）")
        self.faults.append(f"有{name}：印不到文书上，请删去或者改成文字。")

    def _line(self, p: Any) -> Line:
        if p.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None:
            self.faults.append("有自动编号或者项目符号：请改成手打的“一、”“（一）”。")
        style = p.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        name = self._style(style.get(qn("w:val"))) if style is not None else ""
        return Line(name, tidy(list(self._runs(p))), _at(p))

    def _style(self, code: str) -> str:
        found = next((style.name for style in self.document.styles if style.style_id == code), "")
        return str(found or "")

    def _runs(self, parent: Any) -> Iterator[tuple[str, str]]:
        for child in parent:
            if child.tag == qn("w:r"):
                mark = _mark(child)
                yield from ((text, mark) for text in self._texts(child))
            elif child.tag in _INTO:
                yield from self._runs(child)
            elif child.tag == qn("w:sdt"):
                yield from self._runs(_held(child))
            elif child.tag not in _SILENT:
                self._refuse(child)

    def _texts(self, run: Any) -> Iterator[str]:
        for child in run:
            if child.tag == qn("w:t"):
                yield child.text or ""
            elif child.tag in (qn("w:tab"), qn("w:ptab")):
                yield "　　"
            elif child.tag == qn("w:noBreakHyphen"):
                yield "-"
            elif child.tag in (qn("w:br"), qn("w:cr")):
                if child.get(qn("w:type")) in ("page", "column"):
                    self.faults.append("有分页符或者分栏符，请删去。")
                yield "\n"
            elif child.tag not in _SILENT:
                self._refuse(child)

    def _table(self, tbl: Any) -> Table:
        columns = [_number(one.get(qn("w:w"))) for one in tbl.findall(f"{qn('w:tblGrid')}/{qn('w:gridCol')}")]
        whole = sum(columns)
        rows = [self._row(row) for row in tbl.iter(qn("w:tr"))]
        wide = {sum(cell.across for cell, _ in row) for row in rows}
        if len(wide) != 1 or max(wide) > _MOST_COLUMNS or len(rows) > _MOST_ROWS:
            self.faults.append(f"有表格各行的列数不一致，或者超过{_MOST_COLUMNS}列、{_MOST_ROWS}行，请重新画。")
            return Table([])
        even = whole and all(columns) and len(columns) == max(wide)
        return Table(_spanned(rows), [round(100 * one / whole) for one in columns] if even else [])

    def _row(self, row: Any) -> list[tuple[Cell, str]]:
        """The cells of a row, each with how it goes on from above: ``restart``, ``continue``, or empty."""
        out = []
        for cell in row.iter(qn("w:tc")):
            shape = cell.find(qn("w:tcPr"))
            span = shape.find(qn("w:gridSpan")) if shape is not None else None
            merge = shape.find(qn("w:vMerge")) if shape is not None else None
            lines = [one for one in self.blocks(cell, inside=True) if isinstance(one, Line)]
            across = max(1, _number(span.get(qn("w:val")))) if span is not None else 1
            out.append((Cell(lines, across), "" if merge is None else merge.get(qn("w:val")) or "continue"))
        return out


def _held(sdt: Any) -> Any:
    """What a content control holds."""
    found = sdt.find(qn("w:sdtContent"))
    return () if found is None else found


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 0


def _spanned(rows: list[list[tuple[Cell, str]]]) -> list[list[Cell]]:
    """Take cells that go on from above into the one they go on from."""
    above: dict[int, Cell] = {}
    out: list[list[Cell]] = []
    for row in rows:
        column, kept = 0, []
        for cell, merge in row:
            if merge == "continue" and column in above:
                above[column].down += 1
            else:
                kept.append(cell)
                above[column] = cell
            column += cell.across
        out.append(kept)
    return out


def _mark(run: Any) -> str:
    shape = run.find(qn("w:rPr"))
    if shape is None:
        return ""
    bold, line = shape.find(qn("w:b")), shape.find(qn("w:u"))
    is_bold = bold is not None and bold.get(qn("w:val"), "1") not in ("0", "false", "off")
    is_under = line is not None and line.get(qn("w:val"), "single") != "none"
    return ("b" if is_bold else "") + ("u" if is_under else "")


def _at(p: Any) -> str:
    found = p.find(f"{qn('w:pPr')}/{qn('w:jc')}")
    return (
        {"center": "centre", "right": "right", "end": "right"}.get(found.get(qn("w:val")), "")
        if found is not None
        else ""
    )


def _around(document: Any) -> list[str]:
    """Words at the head or foot of the pages, which no paper carries: its page number stands there."""
    parts = [part for section in document.sections for part in (section.header, section.footer)]
    words = [
        "".join(paragraph.text for paragraph in part.paragraphs) for part in parts if not part.is_linked_to_previous
    ]
    return (
        ["页眉、页脚里有文字：印不到文书上，请移到正文（页码由系统编排）。"]
        if any(set(text) - _FOOTER for text in words)
        else []
    )


# --- roles -------------------------------------------------------------------------------------------------------

# A line with such a place is what the place makes it, where its style says nothing.
_BY_PLACE = {
    "发文机关标志": "mark",
    "文号": "number",
    "主送": "addressee",
    "署名": "sign",
    "成文日期": "sign",
    "签发人": "deputy",
}
_FREE = ("addressee", "text", "heading")  # roles whose lines may stand in the middle or at the right


def _roles(layout: Layout) -> Layout:
    """Give each line its role: by its style's name, else by the place it holds, else the first one in the middle is the title."""
    lines = list(lines_in(layout))
    titled = any(_ROLES.get(line.role) == "title" or line.role in ("Title", "标题") for line in lines)
    for line in lines:
        line.role, titled = _role(line, titled=titled)
        if line.role not in _FREE:
            line.at = ""
    for block in layout:
        if isinstance(block, Table):
            _plain_cells(block)
    return layout


def _role(line: Line, *, titled: bool) -> tuple[str, bool]:
    if line.role in _ROLES:
        return _ROLES[line.role], titled
    if line.role in ("Title", "标题"):
        return "title", titled
    if line.role.lower().startswith("heading"):
        return "heading", titled
    for name in PLACE.findall(line.text):
        if name.strip() in _BY_PLACE:
            return _BY_PLACE[name.strip()], titled
    if line.at == "centre" and not titled:
        return "title", True
    return "text", titled


def _plain_cells(table: Table) -> None:
    """In a table no line is drawn in by itself, and none is a title or signature of the paper."""
    for row in table.rows:
        for cell in row:
            cell.lines = [line for line in cell.lines if line.text.strip()] or [Line("addressee")]
            for line in cell.lines:
                line.role = "addressee"
