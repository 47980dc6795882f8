"""The security administrator and other systems: a token whose holder hears of it, an address that is told and tried out."""

from __future__ import annotations

import pytest

from accounts.models import ApiToken
from petitions.actions.push import push_waiting
from petitions.models import Delivery, Webhook
from tests.cast import Cast
from tests.makes import Makes
from tests.receiver import Receiver
from tests.stories.stage import PHONE, Stage, choose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_token_is_made_shown_once_heard_of_and_revoked(office: Cast, stage: Stage) -> None:
    keeper = stage.seat(office.security_admin, "/manage/tokens/")
    stage.look(keeper, "none")
    keeper.click("a:has-text('发放令牌')")
    stage.look(keeper, "make")
    keeper.click("[data-primary]")
    keeper.locator(".errors").wait_for()
    stage.look(keeper, "refused")
    keeper.fill("[name=name]", "县政务办公系统")
    choose(keeper, "holder", f"post:{office.triage.post.pk}")
    keeper.fill("[name=reason]", "与办公系统对接")
    keeper.click("[data-primary]")
    words = keeper.locator("[data-secret]").inner_text()
    stage.look(keeper, "shown-once")
    keeper.click("a:has-text('已经交给对方')")
    keeper.locator("text=县政务办公系统").first.wait_for()
    stage.look(keeper, "made")
    assert words not in keeper.content()
    holder = stage.seat(office.triage, "/notices/")
    holder.locator("text=发放了令牌").wait_for()
    stage.look(holder, "told")
    keeper.locator("td a:has-text('收回')").click()
    stage.look(keeper, "revoke")
    keeper.fill("[name=reason]", "系统停用")
    keeper.click("[data-primary]")
    keeper.locator("text=立即失效").wait_for()
    stage.look(keeper, "revoked")
    assert ApiToken.objects.get().revoked_at is not None
    holder.reload()
    holder.locator("text=收回了“县政务办公系统”的令牌").wait_for()


def test_another_system_is_told_tried_out_and_found_not_to_answer(
    office: Cast, ready: Makes, stage: Stage, receiver: Receiver, settings: object
) -> None:
    keeper = stage.seat(office.security_admin, "/manage/webhooks/")
    stage.look(keeper, "none")
    keeper.click("a:has-text('新增推送')")
    stage.look(keeper, "add")
    keeper.fill("[name=name]", "县政务办公系统")
    keeper.fill("[name=url]", "http://10.0.0.8/hook")
    keeper.check("[name=stages][value=registered]")
    keeper.fill("[name=reason]", "对接")
    keeper.click("[data-primary]")
    keeper.locator(".errors:has-text('必须用 https')").wait_for()
    stage.look(keeper, "refused")
    keeper.fill("[name=url]", receiver.url)
    keeper.click("[data-primary]")
    keeper.locator("[data-secret]").wait_for()
    stage.look(keeper, "secret")
    keeper.click("a:has-text('已经交给对方')")
    stage.look(keeper, "added")
    keeper.click("a.matter:has-text('县政务办公系统')")
    keeper.click("button:has-text('发测试消息')")
    keeper.locator("text=测试消息已送到：对方回答 204").first.wait_for()
    stage.look(keeper, "tried")
    receiver.status = 500
    keeper.click("button:has-text('发测试消息')")
    keeper.locator("text=测试消息没有送到：对方回答 500").first.wait_for()
    stage.look(keeper, "not-taken")
    settings.WEBHOOK_TRIES = 1  # type: ignore[attr-defined]
    ready.registered()
    assert push_waiting().failed == 1
    keeper.goto(f"{stage.address}/manage/webhooks/")
    stage.look(keeper, "one-failed")
    keeper.click("a:has-text('没有送到的')")
    stage.look(keeper, "failures")
    receiver.status = 204
    keeper.click("button:has-text('全部再送一次')")
    keeper.locator("text=会再送一次").wait_for()
    assert push_waiting().sent == 1
    assert Delivery.objects.get().state == Delivery.State.SENT
    keeper.set_viewport_size(PHONE)
    keeper.goto(f"{stage.address}/manage/webhooks/{Webhook.objects.get().pk}/secret/")
    stage.look(keeper, "another-secret")
