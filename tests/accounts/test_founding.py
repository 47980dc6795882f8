"""An office begins: only with the code of the machine, step by step, and with three administrators it is closed for good."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import founding, gazetteer, letterhead, standing
from accounts.errors import BadInput, WrongMoment
from accounts.founding import Named
from accounts.models import AccessLog, Department, Office, Post, Region, RegionLevel, Role, User
from petitions import presets
from petitions.models import LocalRule
from tests.cast import Cast

NAMED = Named("浦江县信访局", "信访局", "浦江县信访局文件", "浦信", "0579-12345678", "行政中心", "工作日")
THREE = {
    Role.SYSTEM_ADMIN: ("王系统", "wangxt"), Role.SECURITY_ADMIN: ("李安全", "lianquan"), Role.AUDIT_ADMIN: ("赵审计", "zhaosj"),
}  # fmt: skip


@pytest.fixture
def empty(db: Any) -> Office:
    """An office's database on its first day."""
    standing.take("office")
    return Office.objects.create()


@pytest.fixture
def named(empty: Office) -> Office:
    founding.choose_region("330726")
    return founding.name_office(NAMED)


# --- the code -----------------------------------------------------------------------------------------------------


def test_the_code_opens_once_and_to_one_browser(empty: Office) -> None:
    code = founding.new_code()
    token = founding.open_with(f" {code.upper()} ")
    assert founding.check_open(token).pk == 1
    with pytest.raises(WrongMoment, match="已经用过"):
        founding.open_with(code)
    with pytest.raises(founding.NotOpen):
        founding.check_open("")
    with pytest.raises(founding.NotOpen):
        founding.check_open("another browser")


def test_a_new_code_ends_the_old_one_and_what_it_opened(empty: Office) -> None:
    old = founding.new_code()
    token = founding.open_with(old)
    new = founding.new_code()
    with pytest.raises(founding.NotOpen):
        founding.check_open(token)
    with pytest.raises(BadInput):
        founding.open_with(old)
    assert founding.open_with(new) != token


def test_five_wrong_codes_make_the_printed_one_worthless(empty: Office) -> None:
    code = founding.new_code()
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(BadInput, match=f"还可以试{left}次"):
            founding.open_with("aaaa-bbbb-cccc")
    with pytest.raises(WrongMoment, match="输错太多次"):
        founding.open_with(code)


def test_the_code_is_kept_as_a_keyed_hash_alone(empty: Office) -> None:
    code = founding.new_code()
    assert code.replace("-", "").encode() not in bytes(Office.objects.get().code_hash)
    assert len(bytes(Office.objects.get().code_hash)) == 32


def test_there_is_no_first_run_in_a_demo_nor_beside_an_administrator(cast: Cast) -> None:
    Office.objects.create()
    assert not founding.needed()  # no mark: nothing has begun
    with pytest.raises(WrongMoment):
        founding.new_code()


# --- places -------------------------------------------------------------------------------------------------------


def test_the_county_brings_its_towns_and_villages(empty: Office) -> None:
    row = founding.choose_region("330726")
    assert row.region is not None and row.region.full_name == "浙江省金华市浦江县"
    assert Region.objects.filter(level=RegionLevel.TOWN).count() == 15
    assert Region.objects.filter(level=RegionLevel.VILLAGE).count() > 200


def test_another_county_replaces_the_first_also_after_the_office_is_named(named: Office) -> None:
    founding.choose_region("500229")
    assert set(Region.objects.filter(level=RegionLevel.COUNTY).values_list("name", flat=True)) == {"城口县"}
    assert Department.objects.get(kind="leadership").name == "城口县"
    assert founding.the_office().department is not None


@pytest.mark.parametrize("code", ["", "000000", "33072", "330726'--", "999999", "33０726"])
def test_no_such_county_is_said(empty: Office, code: str) -> None:
    with pytest.raises(BadInput, match="没有这个县"):
        founding.choose_region(code)


@pytest.mark.parametrize(
    ("county", "full_name"),
    [("110101", "北京市东城区"), ("429004", "湖北省仙桃市"), ("441900", "广东省东莞市"), ("460400", "海南省儋州市"),
     ("500229", "重庆市城口县"), ("460203", "海南省三亚市吉阳区"), ("652901", "新疆维吾尔自治区阿克苏地区阿克苏市")],
)  # fmt: skip
def test_counties_of_every_kind_are_found_by_the_three_lists(county: str, full_name: str) -> None:
    rows = gazetteer.county_rows(county)
    assert rows[f"{county}000000"].full_name == full_name
    assert any(row.level == RegionLevel.TOWN for row in rows.values())
    province = next(row for row in gazetteer.provinces() if row.code[:2] == county[:2])
    below = [one.code for city in gazetteer.cities(province.code) for one in gazetteer.counties(city.code)]
    assert county in below


# --- name, rules, administrators ----------------------------------------------------------------------------------


def test_the_office_has_its_name_letterhead_and_prefix(named: Office) -> None:
    body = named.department
    assert body is not None
    assert (body.kind, body.paper_prefix, body.parent and body.parent.name) == ("petition_office", "浦信", "浦江县")
    assert letterhead.words().name == "浦江县信访局"
    assert letterhead.mark_of(body) == "浦江县信访局文件"
    founding.name_office(Named("浦江县信访局", "县信访局", "浦江县信访局", "浦信"))
    assert Department.objects.filter(kind="petition_office").count() == 1
    assert letterhead.mark_of(body) == "浦江县信访局"


def test_a_name_needs_a_region_first(empty: Office) -> None:
    with pytest.raises(WrongMoment, match="先选定地区"):
        founding.name_office(NAMED)


def test_the_national_limits_are_no_rows_and_zhejiangs_say_check_first(named: Office) -> None:
    presets.choose("zhejiang2016")
    rule = LocalRule.objects.get()
    assert (rule.code, rule.value, rule.working) == ("T1", 5, True)
    assert "请先核实是否仍然有效" in rule.source
    presets.choose("national")
    assert not LocalRule.objects.exists()
    with pytest.raises(BadInput):
        presets.choose("mars")


def test_three_administrators_close_the_first_run_for_good(named: Office) -> None:
    slips = founding.appoint(THREE)
    assert [slip.user.username for slip in slips] == ["wangxt", "lianquan", "zhaosj"]
    for slip in slips:
        assert slip.user.must_change_password and slip.user.check_password(slip.password)
    assert not founding.needed()
    for again in (founding.new_code, lambda: founding.appoint(THREE), lambda: founding.choose_region("330726")):
        with pytest.raises(WrongMoment):
            again()
    assert Post.objects.filter(role__in=founding.ADMINS).count() == 3
    assert AccessLog.objects.filter(kind="change_setting", data__what="授予岗位").count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_who_appoint_at_once_are_not_six_administrators() -> None:
    standing.take("office")
    Office.objects.create()
    founding.choose_region("330726")
    founding.name_office(NAMED)
    start, ended = Barrier(2), list[str]()

    def appoint(mark: str) -> None:
        people = {role: (f"{name}{mark}", f"{username}{mark}") for role, (name, username) in THREE.items()}
        start.wait()
        try:
            founding.appoint(people)
            ended.append("done")
        except WrongMoment:
            ended.append("late")
        finally:
            connection.close()

    threads = [Thread(target=appoint, args=(mark,)) for mark in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["done", "late"]
    assert Post.objects.filter(role__in=founding.ADMINS).count() == 3


def test_their_passwords_are_argon2id(named: Office, settings: Any) -> None:
    settings.PASSWORD_HASHERS = [name for name in settings.PASSWORD_HASHERS if "MD5" not in name]
    slips = founding.appoint(THREE)
    assert all(slip.user.password.startswith("argon2$argon2id$") for slip in slips)


@pytest.mark.parametrize(
    ("role", "person", "field"),
    [(Role.AUDIT_ADMIN, ("王系统", "other"), "audit_admin_name"), (Role.AUDIT_ADMIN, ("另一人", "WangXT "), "audit_admin_username"),
     (Role.SECURITY_ADMIN, ("李安全", "李"), "security_admin_username")],
)  # fmt: skip
def test_no_two_of_them_are_one_person(named: Office, role: Role, person: tuple[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        founding.appoint({**THREE, role: person})
    assert field in refused.value.fields
    assert not User.objects.exclude(username="system").exists()
    assert founding.needed()


def test_a_lost_first_password_is_made_anew_on_the_machine_and_only_before_the_first_sign_in(
    named: Office, capsys: Any
) -> None:
    old = founding.appoint(THREE)[0]
    slip = founding.new_first_password("wangxt")
    assert slip.password != old.password and User.objects.get(username="wangxt").check_password(slip.password)
    User.objects.filter(username="wangxt").update(last_login="2026-11-25T00:00Z")
    for name in ("wangxt", "nobody"):
        with pytest.raises(CommandError, match="从未登录"):
            call_command("first_password", name)
