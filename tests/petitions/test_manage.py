"""Who keeps what?  Three administrators with separate powers; each change is written down and can be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.errors import WrongPerson
from accounts.manage import SECTIONS, changed, changes_of, check_manages
from accounts.models import AccessLog, Role
from petitions.views.manage.kit import history
from tests.cast import Cast

SignIn = Callable[[Actor], Client]
pytestmark = pytest.mark.django_db


def test_every_room_has_one_keeper_and_the_audit_administrator_keeps_none() -> None:
    for section in SECTIONS.values():
        assert len(section.roles) == 1, section.label
        assert Role.AUDIT_ADMIN not in section.roles


def test_a_room_is_closed_to_the_other_administrator(cast: Cast) -> None:
    check_manages(cast.system_admin, "departments")
    with pytest.raises(WrongPerson, match="由系统管理员维护"):
        check_manages(cast.security_admin, "departments")
    with pytest.raises(WrongPerson, match="由安全管理员维护"):
        check_manages(cast.system_admin, "posts")


def test_a_change_keeps_what_differs_and_both_sides_of_it(cast: Cast) -> None:
    before, after = {"名称": "旧局", "电话": "1"}, {"名称": "新局", "电话": "1"}
    changed(cast.system_admin, "department:1", "更名", before=before, after=after, reason="机构改革")
    row = changes_of(["department:1"]).get()
    assert row.data == {"what": "更名", "before": {"名称": "旧局"}, "after": {"名称": "新局"}, "reason": "机构改革"}
    assert history("department:1")[0]["lines"] == ["名称：旧局 → 新局"]


def test_the_auditor_reads_the_change_in_words(cast: Cast, signed_in: SignIn) -> None:
    changed(
        cast.system_admin, "department:1", "更名", before={"名称": "旧局"}, after={"名称": "新局"}, reason="机构改革"
    )
    page = signed_in(cast.audit_admin).get("/audit/log/?kind=change_setting").content.decode()
    assert "更名；原：名称 旧局；改为：名称 新局；事由：机构改革" in page
    assert AccessLog.objects.filter(kind="change_setting").count() == 1


def test_each_administrator_sees_his_own_rooms(cast: Cast, signed_in: SignIn) -> None:
    assert signed_in(cast.system_admin).get("/manage/").status_code == 200
    assert "管理" in signed_in(cast.security_admin).get("/").content.decode()
    answer = signed_in(cast.audit_admin).get("/manage/")
    assert answer.status_code == 403
    assert "三员分立" in answer.content.decode()
