"""Many bodies and people come in from a sheet later too: looked at first, whole or not at all, each administrator his own part."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from accounts import staff
from accounts.actor import Actor
from accounts.errors import WrongMoment, WrongPerson
from accounts.models import AccessLog, Department, Post, Region, User
from accounts.roster import later, sheet
from accounts.roster.plan import Plan, plan
from accounts.roster.sheet import Row
from tests.accounts.test_roster import book
from tests.cast import Cast

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]

UNITS = [
    {"name": "浦江县水利局", "short_name": "水利局", "kind": "政府部门", "paper_prefix": "浦水利", "phone": "0579-1"},
    {"name": "浦江县水利局河道科", "kind": "内设机构", "parent": "浦江县水利局"},
]
PEOPLE = [
    {"name": "周水", "department": "浦江县水利局", "role": "单位签收", "title": "办公室主任"},
    {"name": "吴河", "username": "wuhe", "department": "浦江县水利局河道科", "role": "承办人"},
]


def rows(units: list[dict[str, Any]], people: list[dict[str, Any]]) -> list[Row]:
    return sheet.read(book(units, people))


def counts() -> tuple[int, int, int, int]:
    changes = AccessLog.objects.filter(kind="changed").count()
    return Department.objects.count(), User.objects.count(), Post.objects.count(), changes


def test_the_system_administrator_takes_bodies_and_people_and_the_other_their_posts(cast: Cast) -> None:
    told = rows(UNITS, PEOPLE)
    before = counts()
    looked = later.bodies_and_people(told, by=cast.system_admin, keep=False)
    assert (looked.problems, looked.units, looked.people, counts()) == ([], 2, 2, before)
    later.bodies_and_people(told, by=cast.system_admin, keep=True)
    bureau = Department.objects.get(name="浦江县水利局")
    assert (bureau.parent, bureau.phone, bureau.paper_prefix) == (cast.county, "0579-1", "浦水利")
    assert Department.objects.get(name="浦江县水利局河道科").path.startswith(bureau.path)
    person = User.objects.get(username="zhoushui")
    assert not person.has_usable_password() and not person.posts.exists()
    looked = later.posts(told, by=cast.security_admin, keep=False)
    assert (looked.problems, looked.posts, looked.passwords, looked.slips) == ([], 2, 2, [])
    assert not person.posts.exists()
    done = later.posts(told, by=cast.security_admin, keep=True)
    assert {slip.user.username for slip in done.slips} == {"zhoushui", "wuhe"}
    person.refresh_from_db()
    assert person.must_change_password and person.check_password(done.slips[0].password)
    assert list(person.posts.values_list("role", "title", "department")) == [("signer", "办公室主任", bureau.pk)]


def test_one_bad_row_and_nothing_is_written(cast: Cast) -> None:
    before = counts()
    bad = [*UNITS, {"name": "浦江县河长办", "kind": "政府部门", "paper_prefix": "浦建"}]
    report = later.bodies_and_people(rows(bad, PEOPLE), by=cast.system_admin, keep=True)
    assert [(one.sheet, one.number, one.column) for one in report.problems] == [("单位", 4, "发文代字")]
    above = [{"name": "河道局", "kind": "政府部门", "parent": cast.city.name, "paper_prefix": "河"}]
    report = later.bodies_and_people(rows(above, []), by=cast.system_admin, keep=True)
    assert [(one.number, one.reason) for one in report.problems] == [(2, "上级单位已经撤销，或者不由本县调整。")]
    assert counts() == before


def test_a_bodys_code_is_made_as_at_the_beginning_and_never_twice(cast: Cast) -> None:
    """A town's nine digits are its government's: a station that lies in the town does not take them."""
    town = Region.objects.filter(level="town").order_by("pk").last()
    assert town is not None and not Department.objects.filter(code=town.pk[:9]).exists()
    kinds = ("内设机构", "乡镇", "乡镇")
    told = [
        {
            "name": f"新设{n}",
            "kind": kind,
            "region": town.name,
            "parent": cast.bureau.name if n == 1 else "",
            "paper_prefix": f"新{n}",
        }
        for n, kind in enumerate(kinds, start=1)
    ]
    assert later.bodies_and_people(rows(told, []), by=cast.system_admin, keep=True).problems == []
    station, government, other = (Department.objects.get(name=f"新设{n}").code for n in (1, 2, 3))
    assert government == town.pk[:9]
    assert re.fullmatch(r"\w+-\d{3}", station) and re.fullmatch(r"\w+-\d{3}", other) and station != other


def test_of_two_people_of_one_name_the_row_that_cannot_be_taken_is_named(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody adds a person of that sign-in name between the look and the taking."""
    told = rows(UNITS, [{**PEOPLE[1], "username": name} for name in ("wuhe", "wuhe2")])

    def overtaken(*told: Any) -> Plan:
        made = plan(*told)
        staff.add_person(by=cast.system_admin, username="wuhe2", name="吴合")
        return made

    monkeypatch.setattr(later, "plan", overtaken)
    report = later.bodies_and_people(told, by=cast.system_admin, keep=True)
    assert [(one.sheet, one.number, one.reason) for one in report.problems] == [("人员", 3, "这个登录名已经有人用了。")]


def test_a_post_that_cannot_be_given_stops_the_whole_sheet_and_one_that_is_held_is_passed_over(cast: Cast) -> None:
    signer = cast.signer.user
    held = {"name": signer.name, "username": signer.username, "department": cast.bureau.name, "role": "单位签收"}
    wrong = [
        {"name": "没有的人", "department": cast.bureau.name, "role": "承办人"},
        {"name": signer.name, "username": signer.username, "department": cast.bureau.name, "role": "接访领导"},
        {"name": signer.name, "username": signer.username, "department": cast.bureau.name, "role": "系统管理员"},
        {"name": "别名", "username": signer.username, "department": cast.bureau.name, "role": "承办人"},
    ]
    before = counts()
    report = later.posts(rows([], [held, *wrong]), by=cast.security_admin, keep=True)
    assert [one.number for one in report.problems] == [3, 4, 5, 6]
    assert "请系统管理员先录入" in report.problems[0].reason
    assert counts() == before
    more = {**held, "role": "承办人"}
    done = later.posts(rows([], [held, more]), by=cast.security_admin, keep=True)
    assert (done.problems, done.posts, done.known) == ([], 1, 1)


def test_each_administrator_takes_only_his_own_part(cast: Cast) -> None:
    told = rows(UNITS, PEOPLE)
    with pytest.raises(WrongPerson):
        later.posts(told, by=cast.system_admin, keep=True)
    for actor in (cast.security_admin, cast.audit_admin, cast.head):
        with pytest.raises(WrongPerson):
            later.bodies_and_people(told, by=actor, keep=True)


def test_what_was_looked_at_is_taken_by_the_same_person_for_the_same_part_alone(cast: Cast) -> None:
    told = rows(UNITS, PEOPLE)
    kept = later.sealed(told, "people", cast.system_admin)
    assert later.opened(kept, "people", cast.system_admin) == told
    for text, part, by in (
        (kept, "posts", cast.system_admin), (kept, "people", cast.security_admin), (kept[:-8], "people", cast.system_admin),
        ("甲", "people", cast.system_admin),
    ):  # fmt: skip
        with pytest.raises(WrongMoment, match="重新上传"):
            later.opened(text, part, by)


def test_from_the_template_to_slips_on_the_pages(cast: Cast, signed_in: SignIn) -> None:
    for actor, room in ((cast.system_admin, "people"), (cast.security_admin, "posts")):
        client, path = signed_in(actor), f"/manage/{room}/sheet/"
        assert path in client.get(f"/manage/{room}/").content.decode()
        empty = client.get(f"{path}template/")
        assert load_workbook(io.BytesIO(empty.content)).sheetnames == ["填写说明", "单位", "人员", "选项"]
        broken = client.post(path, {"sheet": SimpleUploadedFile("a.xlsx", b"x")})
        assert broken.status_code == 422 and "打不开" in broken.content.decode()
        wrong = client.post(path, {"sheet": SimpleUploadedFile("a.xlsx", book([], [{"name": "周水"}]))})
        assert wrong.status_code == 422 and "什么都没有写入" in wrong.content.decode()
        looked = client.post(path, {"sheet": SimpleUploadedFile("a.xlsx", book(UNITS, PEOPLE))})
        assert looked.status_code == 200 and "检查通过" in looked.content.decode()
        done = client.post(path, {"kept": looked.context["kept"]}, follow=True)
        again = client.post(path, {"kept": looked.context["kept"]})
    assert "初始密码（2人）" in done.content.decode()
    assert "no-store" in done.headers["Cache-Control"]
    assert again.status_code == 302  # everything is held already, and nobody gets another password
    assert Post.objects.filter(user__username__in=("zhoushui", "wuhe")).count() == 2
