"""What does the spreadsheet of units and people look like?  Written as a template, read as plain rows of text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import DepartmentKind, Region, Role
from accounts.text import TextRefused, clean_text

UNITS, PEOPLE = "单位", "人员"
MOST_BYTES, MOST_UNPACKED = 5 * 2**20, 100 * 2**20
MOST_ROWS = {UNITS: 500, PEOPLE: 2_000}


@dataclass(frozen=True)
class Column:
    """One column: its heading, the field it fills, its longest text, whether it must be filled, what is said about it."""

    label: str
    name: str
    limit: int
    must: bool = False
    hint: str = ""


COLUMNS: Mapping[str, tuple[Column, ...]] = {
    UNITS: (
        Column("单位名称", "name", 80, True, "全称，不能重复"),
        Column("简称", "short_name", 30, False, "不填同全称"),
        Column("类型", "kind", 20, True, "从列表中选"),
        Column("上级单位", "parent", 80, False, "上级单位的全称；不填表示直属本县"),
        Column("属地", "region", 60, False, "乡镇、街道填本乡镇街道的名称；其他单位不填"),
        Column("发文代字", "paper_prefix", 12, False, "文书编号开头的字，例如 某自然资规"),
        Column("联系电话", "phone", 40, False, "写进告知书，群众看得到"),
        Column("地址", "address", 120, False, "写进告知书"),
        Column("接待时间", "opening_hours", 80),
    ),
    PEOPLE: (
        Column("姓名", "name", 40, True),
        Column("登录名", "username", 40, False, "小写字母、数字；不填按姓名拼音生成。一人几个岗位：写几行，登录名相同"),
        Column("单位", "department", 80, True, "单位表里的全称，或者信访部门的全称"),
        Column("岗位", "role", 20, True, "从列表中选"),
        Column("职务", "title", 40),
        Column("办公电话", "phone", 40),
        Column("电子邮箱", "email", 254),
    ),
}
_NO_KINDS = {DepartmentKind.SYSTEM, DepartmentKind.PETITION_OFFICE}
_NO_ROLES = {Role.SYSTEM, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}
KINDS: Mapping[str, str] = {kind.label: kind.value for kind in DepartmentKind if kind not in _NO_KINDS}
ROLES: Mapping[str, str] = {role.label: role.value for role in Role if role not in _NO_ROLES}


class Unreadable(ValueError):
    """The file is no such spreadsheet; the words say why, in Chinese."""


# --- the template -------------------------------------------------------------------------------------------------


def template(office: str, county: str, towns: Iterable[Region] = (), *, later: bool = False) -> bytes:
    """Return an xlsx with headings, lists to choose from, the county's towns as rows to start with, and a page of help.

    Args:
        later: for an office that works already: its administrators take it in.
    """
    book = Workbook()
    units = book.active
    assert isinstance(units, Worksheet)
    units.title = UNITS
    _head(units, UNITS)
    for town in towns:
        units.append(_town(town, county))
    people = book.create_sheet(PEOPLE)
    _head(people, PEOPLE)
    _choices(units, "C", book, "类型", KINDS)
    _choices(people, "D", book, "岗位", ROLES)
    _help(book.create_sheet("填写说明", 0), _LATER if later else _first(office))
    book.active = 0
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _town(town: Region, county: str) -> list[str]:
    """The people's government of a town, or the office of a street, as the law names them; to be corrected by the office."""
    street = town.name.endswith("街道")
    name = f"{county}人民政府{town.name}办事处" if street else f"{county}{town.name}人民政府"
    kind = DepartmentKind.STREET if street else DepartmentKind.TOWNSHIP
    return [name, town.name, kind.label, "", town.name]


def _head(page: Worksheet, name: str) -> None:
    for number, column in enumerate(COLUMNS[name], start=1):
        cell = page.cell(1, number, f"{column.label}*" if column.must else column.label)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="F2E8E6" if column.must else "EEEEEE")
        page.column_dimensions[get_column_letter(number)].width = min(40, max(14, column.limit // 2))
    page.freeze_panes = "A2"


def _choices(page: Worksheet, letter: str, book: Workbook, label: str, choices: Mapping[str, str]) -> None:
    """A list to choose from; it stands on a sheet of its own, because a list in the cell's rule may not be long."""
    lists = book["选项"] if "选项" in book.sheetnames else book.create_sheet("选项")
    column = 1 if label == "类型" else 2
    for number, word in enumerate([label, *choices], start=1):
        lists.cell(number, column, word)
    lists.sheet_state = "hidden"
    place = get_column_letter(column)
    rule = DataValidation("list", formula1=f"选项!${place}$2:${place}${len(choices) + 1}", allow_blank=True)
    rule.error, rule.showErrorMessage = f"{label}请从列表中选择", True
    page.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{MOST_ROWS[UNITS] + 1 if column == 1 else MOST_ROWS[PEOPLE] + 1}")


def _first(office: str) -> list[tuple[str, str]]:
    return [
        ("怎样填", "先填“单位”表，再填“人员”表；带*的列必填。填好后回到启用页面上传，系统先检查，不会马上写入。"),
        ("信访部门", f"{office or '信访部门'}已在上一步登记，不用再写进“单位”表；它的人员写进“人员”表。"),
        ("乡镇街道", "已按区划名称列出，请核对名称、删去不用的行。"),
        ("管理员", "系统、安全、审计三员在下一步登记，不写在这里。"),
        ("初始密码", "导入成功后打印一次，每人一条，交给本人；第一次登录须换成自己的密码。"),
    ]


_LATER = [
    ("怎样填", "只写新增的单位和新来的人；没有新单位的，“单位”表留空。带*的列必填。"),
    (
        "先后",
        "同一张表用两次：先由系统管理员在“人员”里录入单位和人员，再由安全管理员在“岗位”里授予岗位、打印初始密码。",
    ),
    ("已有的人", "已有的人加岗位的，只由安全管理员录入：另用一张表，写登录名。"),
    ("管理员", "系统、安全、审计三员由安全管理员逐个授予，不写在这里。"),
]


def _help(page: Worksheet, lines: Iterable[tuple[str, str]]) -> None:
    page.title = "填写说明"
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 18, 90
    said = list(lines)
    said += [
        (f"{sheet}·{c.label}", f"{'必填。' if c.must else ''}{c.hint}")
        for sheet in (UNITS, PEOPLE)
        for c in COLUMNS[sheet]
        if c.must or c.hint
    ]
    for row in said:
        page.append(row)
    for row_cells in page.iter_rows():
        row_cells[0].font = Font(bold=True)
        row_cells[1].alignment = Alignment(wrap_text=True, vertical="top")


# --- reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A filled row: the sheet, its number there, text by field, and what could not be read as text."""

    sheet: str
    number: int
    values: dict[str, str]
    faults: dict[str, str]


def read(data: bytes) -> list[Row]:
    """Return the filled rows of both sheets.

    Raises:
        Unreadable: too large, no xlsx, a sheet or a heading is missing, too many rows, or none.
    """
    book = _book(data)
    try:
        rows = [row for name in (UNITS, PEOPLE) for row in _rows(book, name)]
    finally:
        book.close()
    if not rows:
        raise Unreadable("两张表都是空的：请在模板里填好单位和人员再上传。")
    return rows


def _book(data: bytes) -> Workbook:
    if len(data) > MOST_BYTES:
        raise Unreadable(f"文件太大（最多{MOST_BYTES // 2**20}MB）。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
                raise Unreadable("文件展开后太大。")
        return load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Unreadable:
        raise
    except Exception:  # whatever a broken or hostile file makes a reader stumble over
        raise Unreadable("打不开这个文件：请上传由模板另存的 xlsx 文件（不是 xls、wps 或 csv）。") from None


def _rows(book: Workbook, name: str) -> Iterator[Row]:
    if name not in {page.title for page in book.worksheets}:  # a chart may be called so too
        raise Unreadable(f"缺少“{name}”表，请用模板填写。")
    lines = book[name].iter_rows(values_only=True)
    places = _places(next(lines, ()), name)
    most = MOST_ROWS[name]
    for number, cells in enumerate(lines, start=2):
        if number > most + 1:
            if any(cell not in (None, "") for cell in cells):
                raise Unreadable(f"“{name}”表超过{most}行。")
            return
        row = _row(name, number, cells, places)
        if row is not None:
            yield row


def _places(headings: Iterable[Any], name: str) -> dict[str, int]:
    """Where each column stands, by its heading: columns may be moved, and others may stand between."""
    found = {str(cell or "").strip().rstrip("*"): place for place, cell in enumerate(headings)}
    missing = [column.label for column in COLUMNS[name] if column.must and column.label not in found]
    if missing:
        raise Unreadable(f"“{name}”表第一行缺少列：{'、'.join(missing)}。")
    return {column.name: found[column.label] for column in COLUMNS[name] if column.label in found}


def _row(name: str, number: int, cells: tuple[Any, ...], places: Mapping[str, int]) -> Row | None:
    values, faults = {}, {}
    for column in COLUMNS[name]:
        place = places.get(column.name)
        text = _text(cells[place]) if place is not None and place < len(cells) else ""
        try:
            values[column.name] = clean_text(text, limit=column.limit, one_line=True)
        except TextRefused as refused:
            values[column.name], faults[column.name] = text[:40], str(refused)
    return Row(name, number, values, faults) if any(values.values()) else None


def _text(value: Any) -> str:
    """A cell as text: a telephone number typed as a number loses its ".0"."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
