"""A handler turns out to be the petitioner's cousin: asks to keep away, the head decides, the name is gone from the page."""

from __future__ import annotations

import pytest

from accounts.models import Post, Role, User
from petitions.models import Paper, Recusal
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage, fill, open_step, send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_handler_keeps_away(office: Cast, ready: Makes, stage: Stage) -> None:
    run = ready.handling()
    user = User.objects.create(username="s-handler2", name="承办人王芳")
    Post.objects.create(
        user=user, department=office.bureau, role=Role.HANDLER, valid_from=office.handler.post.valid_from
    )
    address = f"/petitions/{run.petition.ref}/"
    handler = stage.seat(office.handler, address)
    handler.locator("text=王小明").first.wait_for()
    open_step(handler, "提出回避")
    fill(handler, origin="self", interest="我与信访人是表兄弟。")
    stage.look(handler, "ask")
    send(handler, "提出回避")
    head = stage.seat(office.unit_head, address)
    open_step(head, "决定回避")
    fill(head, hides_name="yes")
    stage.look(head, "decide")
    send(head, "决定回避")
    handler.reload()
    handler.locator("text=您已回避，不显示信访人").wait_for()
    assert "王小明" not in handler.locator("main").inner_text()
    assert handler.locator("#rail .steps a").count() == 0
    stage.look(handler, "away")
    assert Recusal.objects.get().state == "granted"
    paper = Paper.objects.filter(petition=run.petition).latest("pk")
    shut = handler.goto(f"{stage.address}/papers/{paper.ref}/")
    assert shut.status == 403
    stage.look(handler, "shut")
    signer = stage.seat(office.signer, address)
    open_step(signer, "确定承办人")
    stage.look(signer, "another-handler")
    assert office.handler.user.name not in signer.locator("#step").inner_text()
    chosen = Post.objects.get(user=user)
    signer.locator("#step [name=handler]").select_option(str(chosen.pk))
    send(signer, "确定承办人")
    run.refresh_from_db()
    assert run.handler == chosen
