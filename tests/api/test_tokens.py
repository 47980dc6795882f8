"""For how long, and as whom, does a token act?  As its post, and not a day longer than its post, its person, its delegation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import lending, staff, tokens
from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment, WrongPerson
from accounts.models import AccessLog, ApiToken
from petitions import programs
from petitions.actions import advance
from petitions.dossier import dossier_of
from petitions.models import Event, Notice
from petitions.views.timeline import timeline
from tests.api.caller import Caller, token_for
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


def alive(words: str) -> bool:
    return Caller(words).get("petitions/").status_code == 200


def test_a_token_is_kept_as_a_hash_and_written_down(cast: Cast) -> None:
    words = token_for(cast, cast.triage, reason="与办公系统对接")
    row = ApiToken.objects.get()
    assert words.startswith(row.prefix) and len(row.prefix) == 11
    assert words not in str(vars(row))
    log = AccessLog.objects.get(kind="change_setting", target=f"token:{row.pk}")
    assert (log.data["what"], log.data["reason"]) == ("发放令牌", "与办公系统对接")
    assert words not in str(log.data)


def test_its_last_use_is_noted(cast: Cast) -> None:
    words = token_for(cast, cast.triage)
    assert ApiToken.objects.get().last_used_at is None
    assert alive(words)
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize("words", ["", "xf_", "xf_nonsense", "x" * 5000, "键"])
def test_no_other_words_are_a_token(cast: Cast, words: str) -> None:
    token_for(cast, cast.triage)
    answer = Client().get("/api/petitions/", headers={"Authorization": f"Bearer {words}".encode().decode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_its_hash_and_its_prefix_are_no_token(cast: Cast) -> None:
    token_for(cast, cast.triage)
    row = ApiToken.objects.get()
    assert not alive(row.hash) and not alive(row.prefix)


def test_it_ends_with_its_last_day(cast: Cast) -> None:
    words = token_for(cast, cast.triage, valid_to=today())
    assert alive(words)
    ApiToken.objects.update(valid_to=today() - timedelta(days=1))
    assert not alive(words)


def test_it_ends_when_it_is_revoked(cast: Cast) -> None:
    words = token_for(cast, cast.triage)
    row = ApiToken.objects.get()
    tokens.revoke(row, by=cast.security_admin, reason="系统停用")
    assert not alive(words)
    with pytest.raises(WrongMoment):
        tokens.revoke(row, by=cast.security_admin, reason="系统停用")


def test_it_ends_with_the_post(cast: Cast) -> None:
    words = token_for(cast, cast.triage)
    staff.end_post(cast.triage.post, by=cast.security_admin, on_day=today() - timedelta(days=1), reason="调离")
    assert not alive(words)


def test_it_ends_with_the_person(cast: Cast) -> None:
    words = token_for(cast, cast.triage)
    cast.triage.user.is_active = False
    cast.triage.user.save()
    assert not alive(words)


def test_it_ends_with_the_delegation_and_names_both_until_then(cast: Cast, make: Makes) -> None:
    run, day = make.checked(), today()
    lent = lending.lend(
        cast.unit_head.post, cast.unit_leader.user, by=cast.unit_head, valid_from=day, valid_to=day, reason="外出"
    )
    program = Caller(token_for(cast, cast.unit_head, delegation=lent))
    assert program.post(f"petitions/{run.petition.ref}/steps/sign/", {}).status_code == 200
    event = Event.objects.get(petition=run.petition, step="sign")
    assert (event.user, event.delegation) == (cast.unit_leader.user, lent)
    lending.take_back(lent, by=cast.unit_head, reason="回来了")
    assert program.get("petitions/").status_code == 401


def test_it_does_not_outlive_a_post_that_others_still_hold_for_him(cast: Cast) -> None:
    """The lender leaves: what was lent ends with the post."""
    day = today()
    lent = lending.lend(
        cast.unit_head.post, cast.unit_leader.user, by=cast.unit_head, valid_from=day, valid_to=day, reason="外出"
    )
    words = token_for(cast, cast.unit_head, delegation=lent)
    staff.end_post(cast.unit_head.post, by=cast.security_admin, on_day=day - timedelta(days=1), reason="调离")
    assert not alive(words)


def test_who_keeps_tokens_and_for_whom_there_are_none(cast: Cast, settings: Any) -> None:
    with pytest.raises(WrongPerson):
        tokens.make(by=cast.system_admin, name="x", post=cast.triage.post, valid_to=today())
    for actor in (cast.auditor, cast.audit_admin, cast.system_admin):
        with pytest.raises(BadInput):
            token_for(cast, actor)
    settings.API_TOKEN_DAYS = 10
    with pytest.raises(BadInput, match="10天"):
        token_for(cast, cast.triage, valid_to=today() + timedelta(days=11))
    with pytest.raises(BadInput):
        token_for(cast, cast.triage, valid_to=today() - timedelta(days=1))


def test_an_administrator_makes_no_token_for_himself(cast: Cast) -> None:
    own = cast.triage.post
    own.user = cast.security_admin.user
    with pytest.raises(WrongMoment):
        token_for(cast, Actor(user=own.user, post=own))


def test_the_record_says_that_a_program_acted(cast: Cast, make: Makes) -> None:
    held = make.sent()
    Caller(token_for(cast, cast.signer)).post(f"petitions/{held.petition.ref}/steps/sign_for/", {})
    held.petition.refresh_from_db()
    lines = timeline(dossier_of(held.petition), named=True)
    assert lines[0]["post"].endswith("经接口")
    advance("accept", on=held.petition.assignments.get(), by=cast.signer)
    assert "接口" not in timeline(dossier_of(held.petition), named=True)[0]["post"]


def test_the_page_shows_a_token_once(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.security_admin)
    said = {
        "name": "县政务办公系统",
        "holder": f"post:{cast.triage.post.pk}",
        "valid_to": today().isoformat(),
        "reason": "对接",
    }
    page = client.post("/manage/tokens/add/", said).content.decode()
    row = ApiToken.objects.get()
    words = page.split("data-secret>")[1].split("<")[0]
    assert alive(words)
    listed = client.get("/manage/tokens/").content.decode()
    assert row.prefix in listed and words not in listed
    assert client.post(f"/manage/tokens/{row.pk}/revoke/", {"reason": "停用"}).status_code == 302
    assert not alive(words)


def test_whoever_a_token_acts_as_is_told_of_it_and_of_its_end(cast: Cast, signed_in: SignIn) -> None:
    row, words = programs.make(by=cast.security_admin, name="县政务办公系统", post=cast.triage.post, valid_to=today())
    told = Notice.objects.get(post=cast.triage.post)
    assert (told.step, told.petition, told.channel) == ("token_made", None, "desk")
    assert row.prefix in told.text and "县政务办公系统" in told.text and words not in told.text
    programs.revoke(row, by=cast.security_admin, reason="停用")
    assert Notice.objects.filter(post=cast.triage.post, step="token_revoked").count() == 1
    page = signed_in(cast.triage).get("/notices/").content.decode()
    assert "发放了令牌" in page and "收回了" in page
    assert Notice.objects.exclude(post=cast.triage.post).count() == 0


def test_who_signs_for_the_post_is_told_at_his_own_desk_too(cast: Cast) -> None:
    day = today()
    lent = lending.lend(
        cast.unit_head.post, cast.unit_leader.user, by=cast.unit_head, valid_from=day, valid_to=day, reason="外出"
    )
    programs.make(
        by=cast.security_admin, name="办公系统", post=cast.unit_head.post, delegation=lent, valid_to=day
    )  # fmt: skip
    told = Notice.objects.filter(step="token_made").values_list("post", flat=True)
    assert set(told) == {cast.unit_head.post.pk, cast.unit_leader.post.pk}


def test_a_token_that_is_refused_tells_nobody(cast: Cast) -> None:
    with pytest.raises(BadInput):
        programs.make(by=cast.security_admin, name="x", post=cast.auditor.post, valid_to=today())
    row, _ = programs.make(by=cast.security_admin, name="x", post=cast.triage.post, valid_to=today())
    programs.revoke(row, by=cast.security_admin, reason="停用")
    with pytest.raises(WrongMoment):
        programs.revoke(row, by=cast.security_admin, reason="停用")
    assert Notice.objects.count() == 2
