"""The roads beside the ordinary one, as their people walk them: a review to the end of the road, and answers that are no opinions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.dates import today
from petitions.models import Advice, Clock, Hearing, Paper, Proceeding
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage, fill, open_step, send, take

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_review_is_walked_to_the_end_of_the_road(office: Cast, ready: Makes, stage: Stage) -> None:
    run = ready.delivered(view="1")
    case = f"/petitions/{run.petition.ref}/"
    counter = stage.seat(office.registrar, case)
    take(counter, "申请复查", body=office.review.name, request="请求撤销", reasons="标准不对")
    drafts = stage.seat(office.reviewer, case)
    take(drafts, "受理申请")
    drafts.locator(f"#rail:has-text('{office.review.name}')").wait_for()  # who is to act now
    take(
        drafts,
        "起草复查复核意见",
        conclusion="change",
        facts="经复查，面积少算。",
        basis="土地管理法。",
        support_1="part",
    )
    signs = stage.seat(office.reviewer2, case)
    open_step(signs, "签发复查复核意见")
    signs.locator("#step:has-text('诉求1变更为'):has-text('部分支持')").wait_for()
    stage.look(signs, "sign-a-change")
    send(signs, "签发复查复核意见")
    drafts.goto(f"{stage.address}{case}")
    take(drafts, "送达复查复核意见", how="hand", receiver="王小明", view="1")
    counter.goto(f"{stage.address}{case}")
    take(counter, "申请复核", body=office.city_review.name, request="请求变更", reasons="仍不服")
    city = stage.seat(office.rereviewer, case)
    take(city, "受理申请")
    hold_on = (today() + timedelta(days=10)).isoformat()
    take(city, "决定听证", hold_on=hold_on, place="市听证室", chair="何某", matters="面积怎样量的")
    assert Clock.objects.get(name="T7D").pauses.exists() and Hearing.objects.count() == 1
    assert city.locator("#rail .steps a:has-text('决定听证')").count() == 0  # one at a time
    Hearing.objects.update(hold_on=today())  # the day that everybody was told comes
    take(city, "记录听证", people="主持人、信访人、承办单位", text="双方质证。")
    take(city, "作出听证结论", conclusion_text="主要事实清楚。")
    take(city, "起草复查复核意见", conclusion="uphold", facts="经复核属实。", basis="予以维持。")
    city2 = stage.seat(office.rereviewer2, case)
    take(city2, "签发复查复核意见")
    city.goto(f"{stage.address}{case}")
    take(city, "送达复查复核意见", how="post", receiver="王小明", view="1")
    assert Proceeding.objects.get(kind="rereview").state == "review_ended"
    unit = stage.seat(office.handler, case)
    take(unit, "办结")
    counter.goto(f"{stage.address}{case}")
    stage.look(counter, "end-of-the-road")
    assert counter.locator("#rail .steps a:has-text('申请复查'), #rail .steps a:has-text('申请复核')").count() == 0


def test_a_duty_and_a_suggestion_of_policy_are_answered_in_writing(office: Cast, ready: Makes, stage: Stage) -> None:
    held = ready.signed()
    case = f"/petitions/{held.petition.ref}/"
    signer = stage.seat(office.signer, case)
    open_step(signer, "导入法定途径")
    fill(signer, route_1="1", procedure_1="民事诉讼", body_1="浦江县人民法院")
    signer.click("#step [data-primary]")
    signer.locator("#step .errors:has-text('该程序的期限')").wait_for()
    fill(signer, route_1="5", procedure_1="土地管理法查处", body_1="")
    send(signer, "导入法定途径")
    handler = stage.seat(office.handler, case)
    take(handler, "起草答复", reply="已经查处。", basis="土地管理法。", remedy="浦江县人民政府；浦江县人民法院")
    head = stage.seat(office.unit_head, case)
    open_step(head, "签发答复")
    head.locator("#step:has-text('浦江县人民法院')").wait_for()
    stage.look(head, "sign-a-duty")
    send(head, "签发答复")
    head.locator("#messages:has-text('履行法定职责答复：')").wait_for()
    watch = stage.seat(office.supervisor, case)
    said = {"facts": "同类事项多", "suggestion": "修订办法", "basis": "第四十条"}
    take(watch, "提出建议", kind="policy", department=office.sibling.name, **said)
    advised = stage.seat(office.sibling_signer, case)
    take(advised, "反馈采纳情况", adopted="part", answer="列入明年计划")
    assert Advice.objects.get().adopted == "part" and Paper.objects.filter(kind="adoption_report").exists()
    watch.goto(f"{stage.address}{case}")
    take(watch, "了结建议", finding="列入年度报告")
    stage.look(watch, "advice-noted")
