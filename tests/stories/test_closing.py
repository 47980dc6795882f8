"""The petition office closes: audited, settled or not, asked afterwards by somebody who had no hand in it."""

from __future__ import annotations

import pytest

from accounts.actor import Actor
from accounts.models import Post, Role
from petitions.models import Event, Petition
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage, fill, open_step, send, take

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_closure_settlement_and_a_call_by_somebody_else(office: Cast, ready: Makes, stage: Stage) -> None:
    petition = ready.closed().petition
    case = f"/petitions/{petition.ref}/"
    page = stage.seat(office.triage, "/tray/to_confirm/")
    stage.look(page, "to-confirm")
    page.click(f"tr:has-text('{petition.number}') [data-row-link]")
    stage.look(page, "case-closed")
    take(page, "审核认定办结")
    open_step(page, "认定是否化解")
    fill(page, resolved="yes", ground="补偿款已到账，信访人签字同意。")
    stage.look(page, "resolved")
    send(page, "认定是否化解")
    petition.refresh_from_db()
    assert petition.stage == "confirmed" and petition.resolved is True

    # Who handled the matter does not call, also when he sits at the counter today.
    post = Post.objects.create(
        user=office.handler.user,
        department=office.office,
        role=Role.REGISTRAR,
        valid_from=office.handler.post.valid_from,
    )
    own = stage.seat(Actor(office.handler.user, post), case)
    open_step(own, "回访")
    fill(own, reached="yes", words="满意", settled="yes")
    own.click("#step [data-primary]")
    own.locator("#step .errors:has-text('未经办此事项的人员')").wait_for()
    assert own.locator("#step [name=words]").input_value() == "满意"
    stage.look(own, "follow-up-refused")
    other = stage.seat(office.registrar2, case)
    open_step(other, "回访")
    fill(other, reached="yes", words="钱收到了，没有别的意见。", settled="yes")
    stage.look(other, "follow-up")
    send(other, "回访")
    assert Event.objects.get(step="follow_up").user == office.registrar2.user
    stage.look(other, "followed-up")
    assert Petition.objects.get().resolved is True
