"""The pages that lie beside the main road: small homes, the log, a password, a new code, and what a closed door says."""

from __future__ import annotations

import pytest

from petitions.models import Filing
from tests.cast import PASSWORD, Cast
from tests.makes import Makes
from tests.stories.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_beside_the_main_road(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.handling().petition
    case = f"/petitions/{petition.ref}/"
    auditor = stage.seat(office.auditor)
    stage.look(auditor, "auditor-home")
    auditor.goto(f"{stage.address}/audit/log/")
    stage.look(auditor, "access-log")
    auditor.goto(stage.address + case)
    auditor.locator("h1").wait_for()
    stage.look(auditor, "not-seen")
    stage.look(stage.seat(office.system_admin), "admin-home")
    supervisor = stage.seat(office.supervisor, "/tray/overdue/")
    stage.look(supervisor, "empty-tray")
    supervisor.goto(f"{stage.address}{case}")
    supervisor.goto(f"{stage.address}{case}step/supervise/{petition.ref}/")
    stage.look(supervisor, "step-page")
    supervisor.goto(f"{stage.address}/register/")
    stage.look(supervisor, "not-for-this-post")


def test_a_lost_code_is_made_anew_and_a_password_changed(office: Cast, ready: Makes, stage: Stage) -> None:
    filing = ready.registered().filing
    page = stage.seat(office.registrar, f"/register/done/{filing.ref}/")
    stage.look(page, "code-shown-before")
    page.click("text=重发查询码")
    stage.look(page, "reissue")
    page.fill("[name=reason]", "回执遗失，已核对身份证。")
    page.keyboard.press("Control+Enter")
    page.locator("[data-code]").wait_for()
    assert Filing.objects.get().query_code_hash != filing.query_code_hash
    page.click("summary:has-text('我的岗位与退出')")
    page.click("text=修改密码")
    stage.look(page, "password")
    page.fill("[name=old]", PASSWORD)
    page.fill("[name=new]", "another-long-word-7")
    page.fill("[name=again]", "another-long-word-7")
    page.keyboard.press("Enter")
    page.locator("text=密码已修改").wait_for()
    page.click("summary:has-text('我的岗位与退出')")
    page.click("button:has-text('退出')")
    for _ in range(5):
        page.fill("[name=username]", office.registrar.user.username)
        page.fill("[name=password]", "wrong")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('密码输错的次数太多了')")
    stage.look(page, "locked")
