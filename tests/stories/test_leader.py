"""The leader, on a phone: read one page, write, done in two taps; the unit must answer."""

from __future__ import annotations

import pytest

from petitions.actions import advance
from petitions.models import Instruction
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import PHONE, Stage, fill, open_step, send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_instruction_in_two_taps_and_its_answer(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.handling().petition
    triage = stage.seat(office.triage, f"/petitions/{petition.ref}/")
    open_step(triage, "呈批")
    fill(triage, leader=office.leader.user.name, proposal="拟请自然资源局限期办结，报县领导阅示。")
    stage.look(triage, "submit")
    send(triage, "呈批")

    page = stage.seat(office.leader, "/", PHONE, has_touch=True, is_mobile=True)
    stage.look(page, "home")
    page.tap("#waiting .btn-primary")
    page.locator("text=拟请自然资源局限期办结").wait_for()
    stage.look(page, "digest")
    page.fill("[name=text]", "请自然资源局月底前办结，并向信访人当面说明。")
    page.tap("[data-primary]")
    page.locator("text=已批示").wait_for()
    stage.look(page, "instructed")
    assert Instruction.objects.get().state == "written"

    unit = stage.seat(office.signer, "/notices/")
    stage.look(unit, "unit-notices")
    unit.goto(f"{stage.address}/petitions/{petition.ref}/")
    unit.locator("#rail:has-text('月底前办结')").wait_for()
    open_step(unit, "回复批示落实情况")
    fill(unit, answer="已约信访人于本周五面谈，补偿款正在办理支付。")
    stage.look(unit, "answer")
    send(unit, "回复批示落实情况")

    page.goto(stage.address)
    page.locator("text=已约信访人于本周五面谈").first.wait_for()
    stage.look(page, "answered")


def test_what_is_overdue_in_the_leaders_field(office: Cast, ready: Makes, stage: Stage) -> None:
    from datetime import timedelta

    from accounts.dates import today
    from petitions.models import Clock, Reach

    petition = ready.handling().petition
    day = today() - timedelta(days=3)
    Clock.objects.filter(petition=petition, ended="", window=False).update(due=day, raw_due=day)
    type(petition).objects.filter(pk=petition.pk).update(due=day)
    Reach.objects.filter(petition=petition, open=True).update(due=day)
    page = stage.seat(office.leader, "/", PHONE, has_touch=True, is_mobile=True)
    page.locator("section:has(#s-late) .matter").click()
    page.locator("text=已超期3天").first.wait_for()
    stage.look(page, "overdue-digest")
    supervisor = stage.seat(office.supervisor)
    stage.look(supervisor, "supervisor-home")
    advance("supervise", on=petition, by=office.supervisor, trigger="t5_lapsed", demand="请说明。")
    supervisor.reload()
    supervisor.locator("text=督办中").first.wait_for()
