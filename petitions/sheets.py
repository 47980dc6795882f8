"""What rows does a file hold?  Spreadsheets, comma-separated text and lines of JSON, known by their bytes, read row by row.

And what may stand in a cell of one that we write: never the beginning of a formula.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from itertools import islice
from typing import IO, Any, TypeVar, cast

from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

Row = dict[str, str]
Value = TypeVar("Value")
MOST_ROWS = 500_000
LONGEST_LINE = 2_000_000  # characters of one line of JSON
LARGEST_FILE = 200 * 2**20  # bytes of a list as it is sent
LARGEST_SHEET = 600 * 2**20  # bytes of a spreadsheet unpacked: beyond it is no office's list
# A cell that begins so is a formula to whoever opens it in another program.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


class NotRows(ValueError):
    """The file holds no rows that can be read; the words say why, in Chinese."""


def rows(file: IO[bytes]) -> Iterator[tuple[int, Row | NotRows]]:
    """Yield (number, row) from a seekable file, the first row being 1; a line that cannot be read is its own fault.

    Raises:
        NotRows: the file as a whole is of no known kind, or broken.
    """
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    found: Iterator[Row | NotRows]
    if start.startswith(_ZIP):
        found = _sheet(file)
    elif start.startswith(_GZIP):
        found = _text(gzip.GzipFile(fileobj=file))
    else:
        found = _text(file)
    for number, row in enumerate(found, start=1):
        if number > MOST_ROWS:
            raise NotRows(f"最多{MOST_ROWS}行，请分开导入。")
        yield number, row


def headers(file: IO[bytes], look: int = 20) -> tuple[list[str], list[Row]]:
    """Return the columns of a file in their order, and its first rows as samples.

    Raises:
        NotRows: there are none.
    """
    samples: list[Row] = []
    names: dict[str, None] = {}
    for _, row in rows(file):
        if isinstance(row, NotRows):
            continue
        names |= dict.fromkeys(row)
        samples.append(row)
        if len(samples) == look:
            break
    if not samples:
        raise NotRows("文件里没有数据行。")
    return list(names), samples


# --- spreadsheets -----------------------------------------------------------------------------------------------


def _sheet(file: IO[bytes]) -> Iterator[Row | NotRows]:
    for sheet in _book(file).worksheets[:1]:  # a book of charts alone has none
        yield from _lines(sheet)


def beside(file: IO[bytes], names: Sequence[str]) -> dict[str, list[tuple[int, Row]]]:
    """Return the rows of the sheets called ``names``, each with its number in its sheet; text and other books have none.

    Raises:
        NotRows: the spreadsheet cannot be opened.
    """
    found: dict[str, list[tuple[int, Row]]] = {name: [] for name in names}
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start.startswith(_ZIP):
        book = _book(file)
        for name in (name for name in names if name in book.sheetnames):
            found[name] = list(enumerate(islice(_lines(book[name]), MOST_ROWS), start=1))
    return found


def _book(file: IO[bytes]) -> Any:
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_SHEET:
                raise NotRows("电子表格展开后太大，请分开导入。")
        return load_workbook(file, read_only=True, data_only=True)
    except NotRows:
        raise
    except Exception as fault:  # openpyxl raises whatever its parsers do
        raise NotRows(_BROKEN) from fault


_BROKEN = "这个电子表格打不开，请另存为 .xlsx 再试。"


def _lines(sheet: Any) -> Iterator[Row]:
    try:
        lines = sheet.iter_rows(values_only=True)
        names = [_word(cell) for cell in next(lines, ())]
    except Exception as fault:
        raise NotRows(_BROKEN) from fault
    for line in lines:
        row = {name: _word(cell) for name, cell in zip(names, line, strict=False) if name}
        if any(row.values()):
            yield row


def _word(cell: Any) -> str:
    """A cell as it reads: a day without its midnight, a whole number without its point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d" if cell.time().isoformat() == "00:00:00" else "%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


# --- text -------------------------------------------------------------------------------------------------------


def _text(file: IO[bytes] | gzip.GzipFile) -> Iterator[Row | NotRows]:
    lines = io.TextIOWrapper(cast("IO[bytes]", file), encoding=_encoding(file), newline="")
    try:
        first = lines.read(1)
        while first.isspace():
            first = lines.read(1)
        lines.seek(0)
        yield from _json_lines(lines) if first == "{" else _table(lines)
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError, csv.Error) as fault:
        raise NotRows("文件不完整，或者文字编码不是 UTF-8、GB18030。") from fault
    finally:
        with suppress(ValueError):  # whoever reads may have closed the file already
            lines.detach()


def _encoding(file: IO[bytes] | gzip.GzipFile) -> str:
    """UTF-8 where the first words beyond ASCII are, else what Chinese Windows writes."""
    try:
        start = more = file.read(65_536)
        while more.isascii() and (more := file.read(65_536)):
            start = more
    except (gzip.BadGzipFile, EOFError, OSError) as fault:
        raise NotRows("压缩文件打不开。") from fault
    file.seek(0)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for cut in range(4):  # a character may be cut at the end of what was read
        try:
            start[: len(start) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return "utf-8-sig"
    return "gb18030"


def _json_lines(lines: io.TextIOWrapper) -> Iterator[Row | NotRows]:
    while line := lines.readline(LONGEST_LINE):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            yield NotRows("这一行不是 JSON。")
            continue
        if not isinstance(found, dict):
            yield NotRows("这一行不是一个 JSON 对象。")
            continue
        yield {str(name): _plain(value) for name, value in found.items()}


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(lines: io.TextIOWrapper) -> Iterator[Row | NotRows]:
    csv.field_size_limit(LONGEST_LINE)
    start = lines.readline(LONGEST_LINE)
    lines.seek(0)
    mark = max(",\t;", key=start.count)
    reader = csv.reader(lines, delimiter=mark)
    names = [name.strip() for name in next(reader, [])]
    for line in reader:
        row = {name: cell.strip() for name, cell in zip(names, line, strict=False) if name}
        if any(row.values()):
            yield row


def plain(value: Value) -> Value | str:
    """Return ``value`` as a spreadsheet may hold it: without marks it cannot keep, and never the beginning of a formula."""
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    return f"'{text}" if text.startswith(_FORMULA) else text
