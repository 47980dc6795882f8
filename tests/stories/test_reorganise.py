"""A bureau is merged while it holds open work: looked at first, refused when stale, done; the work goes on next door."""

from __future__ import annotations

import pytest

from accounts.models import Department
from petitions import large_changes
from petitions.models import Proceeding
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import PHONE, Stage, choose, fill, open_step, send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_bureau_merged_while_it_holds_open_work(
    office: Cast, ready: Makes, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_changes, "AT_ONCE", 2)  # three matters are much here
    run = ready.handling()
    ready.sent()
    clerk = stage.seat(office.handler, f"/petitions/{run.petition.ref}/")
    page = stage.seat(office.system_admin, "/manage/departments/")
    stage.look(page, "bodies")
    page.click("a.matter:has-text('自然资源和规划局')")
    stage.look(page, "body")
    page.click("a:has-text('合并或撤销')")
    page.fill("[name=reason]", "浦委发〔2026〕12号")
    page.click("button:has-text('预览')")
    page.locator(".errors:has-text('请指定承接单位')").wait_for()
    stage.look(page, "no-successor")
    choose(page, "successor", office.sibling.pk)
    page.click("button:has-text('预览')")
    page.locator("h2:has-text('2 件在办事项转到浦江县住房和城乡建设局')").wait_for()
    stage.look(page, "preview")
    ready.signed()  # somebody acts meanwhile
    page.click("button:has-text('确认执行')")
    page.locator("[role=alert]:has-text('预览之后有了变化')").wait_for()
    assert "转入的事项：2件 → 3件" in page.locator("[role=alert]").inner_text()
    stage.look(page, "stale")
    page.click("button:has-text('确认执行')")
    page.locator("dt:text-is('转出') + dd:has-text('3')").wait_for()
    stage.look(page, "moved-in-the-background")
    page.click("a:has-text('回到单位')")
    stage.look(page, "merged")
    assert Department.objects.get(pk=office.bureau.pk).successor == office.sibling
    clerk.reload()
    clerk.locator(".rail-state:has-text('住房和城乡建设局')").wait_for()
    assert "（原浦江县自然资源和规划局）" in clerk.locator(".rail-state").inner_text()
    assert (
        "承办单位由浦江县自然资源和规划局变更为浦江县住房和城乡建设局（机构改革）" in clerk.locator("main").inner_text()
    )
    stage.look(clerk, "the-case-goes-on")
    open_step(clerk, "起草处理意见")
    fill(clerk, facts="经查，款项滞留。", basis="土地管理法。", support_1="support", answer_1="本月发放。")
    send(clerk, "起草处理意见")
    run.refresh_from_db()
    assert (run.state, run.department) == ("drafted", office.sibling)
    assert Proceeding.objects.get(pk=run.pk).handler.user == office.handler.user  # type: ignore[union-attr]


def test_a_new_body_a_new_name_and_a_part_split_off(office: Cast, ready: Makes, stage: Stage) -> None:
    ready.handling()
    page = stage.seat(office.system_admin, "/manage/departments/add/")
    stage.look(page, "new")
    page.fill("[name=name]", "浦江县林业局")
    page.fill("[name=short_name]", "林业局")
    page.fill("[name=code]", "T-LY")
    page.select_option("[name=kind]", "bureau")
    choose(page, "parent", office.county.pk)
    page.fill("[name=reason]", "浦编〔2026〕3号")
    page.click("[data-primary]")
    page.locator("h1:has-text('浦江县林业局')").wait_for()
    stage.look(page, "made")
    page.click("a:has-text('更名')")
    page.fill("[name=name]", "浦江县林业和草原局")
    page.fill("[name=reason]", "浦编〔2026〕4号")
    page.click("[data-primary]")
    page.locator("text=曾用名").first.wait_for()
    stage.look(page, "renamed")
    made = Department.objects.get(code="T-LY")
    page.goto(f"{stage.address}/manage/departments/{office.bureau.pk}/split/")
    choose(page, "successor", made.pk)
    choose(page, "categories", office.category.pk)
    page.check(f"[name=posts][value='{office.handler.post.pk}']")
    page.fill("[name=reason]", "浦编〔2026〕5号")
    stage.look(page, "split")
    page.click("button:has-text('预览')")
    page.locator("h2:has-text('1 件在办事项转到')").wait_for()
    stage.look(page, "split-preview")
    page.click("button:has-text('确认执行')")
    page.locator("text=1件在办事项转到浦江县林业和草原局").wait_for()
    page.set_viewport_size(PHONE)
    page.goto(f"{stage.address}/manage/departments/{office.bureau.pk}/move/")
    stage.look(page, "move")
    choose(page, "parent", office.sibling.pk)
    page.fill("[name=reason]", "隶属调整")
    page.click("button:has-text('预览')")
    page.locator("h2:has-text('之下')").wait_for()
    stage.look(page, "move-preview")
