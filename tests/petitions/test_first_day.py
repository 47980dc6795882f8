"""What is still to do?  The list is asked of the tables: what is done goes from it by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Post, Role
from petitions import first_day, hall
from petitions.models import CalendarYear, Category, LocalRule, RoutingRule
from petitions.presets import CHECK_FIRST
from tests.cast import SINCE, Cast

pytestmark = pytest.mark.django_db


def task(what: str) -> first_day.Task:
    return next(one for one in first_day.tasks() if what in one.what)


def test_units_without_hands_are_named(cast: Cast) -> None:
    found = task("每个责任单位")
    assert found.done is False and "住房和城乡建设局" not in found.rest and "檀溪镇" in found.rest
    for row in (cast.township, cast.police):
        for role in (Role.SIGNER, Role.HANDLER, Role.UNIT_HEAD):
            Post.objects.get_or_create(user=cast.stranger.user, department=row, role=role, valid_from=SINCE)
    assert task("每个责任单位").done


def test_posts_of_the_office_and_charges_of_leaders(cast: Cast) -> None:
    assert task("信访部门的岗位").done and task("分管单位").done
    Post.objects.filter(role=Role.TRIAGE).delete()
    cast.leader.post.fields.all().delete()
    assert "受理甄别" in task("信访部门的岗位").rest
    assert cast.leader.user.name in task("分管单位").rest


def test_next_years_holidays_are_asked_for_once_they_are_published(cast: Cast, monkeypatch: Any) -> None:
    for day, done in ((date(2026, 10, 31), True), (date(2026, 11, 1), False)):
        monkeypatch.setattr(first_day, "today", lambda day=day: day)
        assert task("节假日").done is done
    CalendarYear.objects.create(year=2027)
    assert task("节假日").done


def test_contents_that_go_nowhere_and_a_rule_to_be_checked(cast: Cast) -> None:
    assert "土地征收" in task("内容分类").rest
    RoutingRule.objects.create(category=Category.objects.get(pk="T02"), department=cast.bureau)
    assert task("内容分类").done
    LocalRule.objects.create(code="T1", value=5, working=True, source=f"某条例（{CHECK_FIRST}）", valid_from=SINCE)
    assert CHECK_FIRST in task("地方规则").rest


def test_the_board_is_asked_for_what_it_owes_until_nothing_is_left(cast: Cast) -> None:
    found = task("公示栏")
    assert (found.done, found.room) == (False, "hall")
    assert found.rest.endswith("到哪里、什么时间来、写信、上网")  # the telephone is the office's own
    cast.office.address = "人民东路1号"
    cast.office.save()
    assert task("公示栏").rest.endswith("还没有的：上网")
    said = {"title": "网上信访", "text": "https://example.gov.cn", "place": 1, "valid_from": SINCE, "valid_to": None}
    hall.put_entry(None, by=cast.system_admin, kind="online", **said)
    assert task("公示栏").done


def test_the_last_backup_is_known_and_an_old_one_is_told(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.BACKUP_NOTE = tmp_path / "last-backup"
    assert task("每晚备份").done is False
    for hours, done in ((1, True), (47, True), (49, False)):
        settings.BACKUP_NOTE.write_text((timezone.now() - timedelta(hours=hours)).isoformat())
        assert task("每晚备份").done is done
    settings.BACKUP_NOTE.write_text("broken")
    assert task("每晚备份").done is False


def test_the_page_leads_to_the_administrators_own_rooms_alone(cast: Cast, signed_in: Callable[[Actor], Client]) -> None:
    page = signed_in(cast.system_admin).get("/manage/to-do/").content.decode()
    assert "/manage/routing/" in page
    assert "由安全管理员做" in page and 'href="/manage/posts/"' not in page
