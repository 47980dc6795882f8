"""Units and people out of a spreadsheet: each wrong row is named with its reason; all is taken over or nothing."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart

from accounts import founding
from accounts.errors import WrongMoment
from accounts.models import Department, FormerName, Office, Post, Region, User
from accounts.roster import sheet, take
from accounts.roster.plan import Plan
from accounts.roster.sheet import COLUMNS, PEOPLE, UNITS, Unreadable
from tests.accounts.test_founding import empty, named

__all__ = ["empty", "named"]

UNIT_ROWS = [
    {
        "name": "浦江县自然资源和规划局",
        "short_name": "资规局",
        "kind": "政府部门",
        "paper_prefix": "浦资规",
        "phone": 57912345678.0,
    },
    {"name": "檀溪镇人民政府", "kind": "乡镇", "region": "檀溪镇", "paper_prefix": "檀政"},
    {"name": "浦江县自然资源和规划局中队", "kind": "内设机构", "parent": "浦江县自然资源和规划局"},
]
PEOPLE_ROWS = [
    {"name": "周窗口", "department": "浦江县信访局", "role": "窗口登记"},
    {
        "name": "吴资规",
        "username": "wuzg",
        "department": "浦江县自然资源和规划局",
        "role": "单位签收",
        "title": "办公室主任",
    },
    {"name": "吴资规", "username": "wuzg", "department": "浦江县自然资源和规划局", "role": "承办人"},
    {"name": "郑中队", "department": "浦江县自然资源和规划局中队", "role": "承办人"},
]


def book(units: list[dict[str, Any]], people: list[dict[str, Any]]) -> bytes:
    """A filled spreadsheet."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in ((UNITS, units), (PEOPLE, people)):
        page = made.create_sheet(name)
        page.append([column.label + ("*" if column.must else "") for column in COLUMNS[name]])
        for row in rows:
            page.append([row.get(column.name) for column in COLUMNS[name]])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def looked(office: Office, units: list[dict[str, Any]], people: list[dict[str, Any]]) -> Plan:
    return take.look(sheet.read(book(units, people)), office)


def said(plan: Plan) -> list[tuple[str, int, str]]:
    return [(one.sheet, one.number, one.reason) for one in plan.problems]


def test_the_template_offers_the_towns_and_reads_back(named: Office) -> None:
    data = sheet.template("浦江县信访局", "浦江县", Region.objects.filter(level="town"))
    page = load_workbook(io.BytesIO(data))
    assert page.sheetnames == ["填写说明", UNITS, PEOPLE, "选项"]
    rows = sheet.read(data)
    assert {"浦江县檀溪镇人民政府", "浦江县人民政府浦南街道办事处"} <= {row.values["name"] for row in rows}
    assert take.look(rows, named).problems == []


def test_a_sound_sheet_is_taken_over_whole(named: Office) -> None:
    plan = looked(named, UNIT_ROWS, PEOPLE_ROWS)
    assert (said(plan), len(plan.units), len(plan.people), plan.posts) == ([], 3, 3, 4)
    assert not User.objects.exclude(username="system").exists()
    slips = take.take()
    assert {slip.user.username for slip in slips} == {"zhouchuangkou", "wuzg", "zhengzhongdui"}
    for slip in slips:
        slip.user.refresh_from_db()
        assert slip.user.must_change_password and slip.user.check_password(slip.password)
    bureau = Department.objects.get(name="浦江县自然资源和规划局")
    inner = Department.objects.get(parent=bureau)
    assert inner.path.startswith(bureau.path) and bureau.phone == "57912345678"
    assert Department.objects.get(name="檀溪镇人民政府").region_id == "330726106000"
    assert Post.objects.filter(user__username="wuzg").count() == 2
    with pytest.raises(WrongMoment, match="已经录入"):
        take.take()


def test_two_bodies_whose_papers_would_be_numbered_alike_are_refused(named: Office) -> None:
    """By 发文代字, by 简称, against each other, against the petition office, and against a name that was once borne."""
    own = named.department
    assert own is not None
    begins = own.paper_prefix or own.short_name
    old = Department.objects.create(
        code="X-OLD", name="旧县府办", short_name="县府办", kind="bureau", level="county", valid_from=own.valid_from
    )
    FormerName.objects.create(
        department=old, name="县府办公室", short_name="府办", paper_prefix="浦府办", until=own.valid_from
    )
    rows = [
        UNIT_ROWS[0],
        {"name": "浦江县水利局", "short_name": "水利局", "kind": "政府部门", "paper_prefix": "浦资规"},
        {"name": "浦江县民政局", "short_name": "民政局", "kind": "政府部门", "paper_prefix": begins},
        {"name": "浦江县教育局", "short_name": "浦资规", "kind": "政府部门"},
        {"name": "浦江县交通局", "short_name": "交通局", "kind": "政府部门", "paper_prefix": "浦府办"},
        {"name": "浦江县公安局", "short_name": "公安局", "kind": "政府部门", "paper_prefix": "浦公"},
    ]
    plan = looked(named, rows, [])
    told = [(one.number, one.column, one.value) for one in plan.problems]
    assert told == [
        (3, "发文代字", "浦资规"),
        (4, "发文代字", begins),
        (5, "简称", "浦资规"),
        (6, "发文代字", "浦府办"),
    ]
    assert all("文号会重复" in one.reason for one in plan.problems)
    with pytest.raises(WrongMoment):
        take.take()


def test_nothing_is_written_when_it_breaks_half_way(named: Office, monkeypatch: Any) -> None:
    looked(named, UNIT_ROWS, PEOPLE_ROWS)
    before = Department.objects.count()

    def broken(*_args: Any) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(take, "_slip", broken)
    with pytest.raises(OSError, match="disk"):
        take.take()
    assert (Department.objects.count(), founding.the_office().staffed_at) == (before, None)
    assert not User.objects.exclude(username="system").exists()
    monkeypatch.undo()
    assert len(take.take()) == 3


def test_a_sheet_with_one_fault_is_not_taken(named: Office) -> None:
    looked(named, UNIT_ROWS, [*PEOPLE_ROWS, {"name": "错岗位", "department": "檀溪镇人民政府", "role": "县领导"}])
    with pytest.raises(WrongMoment, match="重新上传"):
        take.take()


UNIT_FAULTS = [
    ({"kind": "政府部门"}, "没有填写"),
    ({"name": "县水务局", "kind": "水务"}, "没有这个类型"),
    ({"name": "第二信访局", "kind": "信访部门"}, "信访部门已在上一步登记"),
    ({"name": "浦江县信访局", "kind": "政府部门"}, "已经有这个单位"),
    ({"name": "檀溪镇人民政府", "kind": "乡镇", "region": "檀溪镇"}, "重名"),
    ({"name": "甲局", "kind": "政府部门", "parent": "没有的局"}, "没有这个上级单位"),
    ({"name": "乙局", "kind": "政府部门", "parent": "乙局"}, "绕成了一圈"),
    ({"name": "丙镇政府", "kind": "乡镇"}, "要填属地"),
    ({"name": "丁镇政府", "kind": "乡镇", "region": "火星镇"}, "没有叫这个名字的乡镇"),
    ({"name": "戊" * 81, "kind": "政府部门"}, "文字过长"),
    ({"name": "己\u202e局", "kind": "政府部门"}, "书写方向"),
]


@pytest.mark.parametrize(("row", "reason"), UNIT_FAULTS)
def test_a_wrong_unit_is_named_with_its_reason(named: Office, row: dict[str, Any], reason: str) -> None:
    problems = said(looked(named, [*UNIT_ROWS, row], []))
    assert [(name, number) for name, number, _ in problems] == [(UNITS, 5)]
    assert reason in problems[0][2]


PEOPLE_FAULTS = [
    ({"department": "浦江县信访局", "role": "督查"}, "没有填写"),
    ({"name": "甲", "department": "没有的局", "role": "承办人"}, "单位表里没有这个单位"),
    ({"name": "乙", "department": "浦江县信访局", "role": "局长"}, "没有这个岗位"),
    ({"name": "丙", "department": "浦江县信访局", "role": "系统管理员"}, "下一步登记"),
    ({"name": "丁", "department": "檀溪镇人民政府", "role": "督查"}, "乡镇没有“督查”"),
    ({"name": "戊", "username": "W", "department": "浦江县信访局", "role": "督查"}, "登录名用3到40个"),
    ({"name": "己", "username": "system", "department": "浦江县信访局", "role": "督查"}, "已经有人用了"),
    ({"name": "庚", "username": "wuzg", "department": "浦江县信访局", "role": "督查"}, "在前面是吴资规的"),
    ({"name": "周窗口", "department": "浦江县信访局", "role": "督查"}, "同名"),
    ({"name": "吴资规", "username": "wuzg", "department": "浦江县自然资源和规划局", "role": "承办人"}, "写了两次"),
    ({"name": "辛", "email": "不是邮箱", "department": "浦江县信访局", "role": "督查"}, "不是电子邮箱"),
]


@pytest.mark.parametrize(("row", "reason"), PEOPLE_FAULTS)
def test_a_wrong_person_is_named_with_the_reason(named: Office, row: dict[str, Any], reason: str) -> None:
    problems = said(looked(named, UNIT_ROWS, [*PEOPLE_ROWS, row]))
    assert [(name, number) for name, number, _ in problems] == [(PEOPLE, 6)]
    assert reason in problems[0][2]


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (sheet.MOST_UNPACKED + 1))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"", "打不开"), (b"name,kind\n", "打不开"), (b"PK\x03\x04 broken", "打不开"), (b"0" * (sheet.MOST_BYTES + 1), "太大"),
     (_bomb(), "展开后太大"), (book([], []), "都是空的"), (book([{"name": "x"}] * 501, []), "超过500行")],
    ids=["nothing", "csv", "broken", "large", "bomb", "empty", "many"],
)  # fmt: skip
def test_what_is_no_such_spreadsheet_is_refused_in_words(data: bytes, word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        sheet.read(data)


def test_a_missing_sheet_or_column_is_named() -> None:
    made = Workbook()
    made.active.title = UNITS
    made.active.append(["单位名称"])
    out = io.BytesIO()
    made.save(out)
    with pytest.raises(Unreadable, match="缺少列：类型"):
        sheet.read(out.getvalue())


def test_a_chart_that_is_called_as_a_sheet_is_none() -> None:
    made = Workbook()
    made.create_chartsheet(UNITS).add_chart(BarChart())
    out = io.BytesIO()
    made.save(out)
    with pytest.raises(Unreadable, match="缺少“单位”表"):
        sheet.read(out.getvalue())


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_stumble(data: bytes) -> None:
    with pytest.raises(Unreadable):
        sheet.read(data)
