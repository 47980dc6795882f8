"""Signing in and out, posts, delegations, lock-outs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import dates
from accounts.actor import Actor
from accounts.middleware import BEGAN_KEY, SEEN_KEY, SEEN_STEP, actor_of, posts_held
from accounts.models import AccessLog, Delegation, Role
from tests.cast import PASSWORD, Cast


@pytest.fixture
def clerk(cast: Cast) -> Actor:
    cast.registrar.user.set_password(PASSWORD)
    cast.registrar.user.save()
    return cast.registrar


def sign_in(client: Client, name: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in/", {"username": name, "password": password, **more})


def test_the_right_password_leads_home_and_is_written_down(client: Client, clerk: Actor) -> None:
    answer = sign_in(client, clerk.user.username)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert AccessLog.objects.filter(kind="sign_in", user=clerk.user, post=clerk.post).count() == 1


def test_a_wrong_name_and_a_wrong_password_get_the_same_words(client: Client, clerk: Actor) -> None:
    wrong = [sign_in(client, clerk.user.username, "wrong"), sign_in(client, "nobody")]
    assert [a.status_code for a in wrong] == [422, 422]
    assert all("帐号或者密码不对" in a.content.decode() for a in wrong)


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(client: Client, clerk: Actor) -> None:
    for _ in range(5):
        sign_in(client, clerk.user.username, "wrong")
    assert sign_in(client, clerk.user.username).status_code == 429


def test_an_address_that_tries_many_names_is_locked_too(client: Client, clerk: Actor) -> None:
    for n in range(5):
        sign_in(client, f"nobody{n}", "wrong")
    assert sign_in(client, clerk.user.username).status_code == 429
    other = Client(REMOTE_ADDR="10.1.2.3")
    assert sign_in(other, clerk.user.username).status_code == 302


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(target: str, client: Client, clerk: Actor) -> None:
    assert sign_in(client, clerk.user.username, next=target)["Location"] == "/"


def test_somebody_who_left_cannot_sign_in(client: Client, clerk: Actor) -> None:
    clerk.user.is_active = False
    clerk.user.save()
    assert sign_in(client, clerk.user.username).status_code == 422


def test_signing_out_ends_the_session(client: Client, clerk: Actor) -> None:
    sign_in(client, clerk.user.username)
    assert "Clear-Site-Data" not in client.post("/sign-out/").headers
    assert "_auth_user_id" not in client.session
    assert client.post("/sign-out/", secure=True)["Clear-Site-Data"] == '"storage"'


def test_a_post_held_by_delegation_names_the_delegation(cast: Cast, rf: Any) -> None:
    day = dates.today()
    lent = Delegation.objects.create(
        post=cast.unit_head.post, to_user=cast.unit_leader.user, valid_from=day, valid_to=day, reason="出差"
    )
    request = rf.get("/")
    request.user, request.session = cast.unit_leader.user, {"post": cast.unit_head.post.pk}
    actor = actor_of(request)
    assert actor is not None
    assert (actor.role, actor.delegation, actor.user) == (Role.UNIT_HEAD, lent, cast.unit_leader.user)


def test_a_delegation_is_over_when_its_days_are(cast: Cast) -> None:
    day = dates.today() - timedelta(days=1)
    Delegation.objects.create(
        post=cast.unit_head.post, to_user=cast.unit_leader.user, valid_from=day, valid_to=day, reason="出差"
    )
    assert [post.role for post in posts_held(cast.unit_leader.user)] == [Role.UNIT_LEADER]


def test_nobody_switches_to_a_post_of_somebody_else(client: Client, clerk: Actor, cast: Cast) -> None:
    sign_in(client, clerk.user.username)
    client.post("/post/", {"post": cast.head.post.pk})
    assert client.session["post"] == clerk.post.pk


def test_a_password_given_by_somebody_else_must_be_changed_first(client: Client, clerk: Actor) -> None:
    clerk.user.must_change_password = True
    clerk.user.save()
    sign_in(client, clerk.user.username)
    assert client.get("/")["Location"] == "/password/"
    fresh = "another-long-password-7"
    assert client.post("/password/", {"old": PASSWORD, "new": fresh, "again": fresh}).status_code == 302
    clerk.user.refresh_from_db()
    assert clerk.user.check_password(fresh) and not clerk.user.must_change_password


def test_changing_the_password_ends_the_other_sessions(client: Client, clerk: Actor) -> None:
    other = Client()
    sign_in(other, clerk.user.username)
    sign_in(client, clerk.user.username)
    fresh = "another-long-password-7"
    client.post("/password/", {"old": PASSWORD, "new": fresh, "again": fresh})
    assert other.get("/password/")["Location"].startswith("/sign-in/")


# --- how long a session lasts ----------------------------------------------------------------------------------------

IDLE = settings.SESSION_IDLE_MINUTES * 60 + SEEN_STEP


def let_pass(client: Client, seconds: float, key: str = SEEN_KEY) -> None:
    """As if so many seconds had passed since then."""
    session = client.session
    session[key] -= int(seconds)
    session.save()


def test_an_idle_session_ends_and_the_page_is_found_again_after_signing_in(client: Client, clerk: Actor) -> None:
    sign_in(client, clerk.user.username)
    let_pass(client, IDLE + 5)
    answer = client.get("/petitions/?q=1")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=%2Fpetitions%2F%3Fq%3D1")
    assert "_auth_user_id" not in client.session
    assert AccessLog.objects.get(kind="sign_out", user=clerk.user).data == {"why": "idle"}
    assert sign_in(client, clerk.user.username, next="/petitions/?q=1")["Location"] == "/petitions/?q=1"
    assert client.get("/petitions/").status_code == 200


def test_whoever_goes_on_working_stays_signed_in(client: Client, clerk: Actor) -> None:
    sign_in(client, clerk.user.username)
    for _ in range(4):
        let_pass(client, IDLE * 0.9)
        assert client.get("/petitions/").status_code == 200


def test_most_requests_write_nothing_into_the_session(client: Client, clerk: Actor) -> None:
    sign_in(client, clerk.user.username)
    before = client.session[SEEN_KEY]
    let_pass(client, SEEN_STEP - 10)
    client.get("/petitions/")
    assert client.session[SEEN_KEY] == before - SEEN_STEP + 10
    let_pass(client, 15)
    client.get("/petitions/")
    assert client.session[SEEN_KEY] >= before


def test_a_session_ends_after_its_hours_even_for_whoever_works_on(client: Client, clerk: Actor) -> None:
    sign_in(client, clerk.user.username)
    let_pass(client, settings.SESSION_HOURS * 3600 + 5, BEGAN_KEY)
    assert client.get("/petitions/").status_code == 302
    assert AccessLog.objects.get(kind="sign_out").data == {"why": "hours"}


@pytest.mark.parametrize("header", ["HX-Request", "X-Autosave"])
def test_an_autosave_or_a_part_of_a_page_is_told_401_and_never_a_page(
    header: str, client: Client, clerk: Actor
) -> None:
    sign_in(client, clerk.user.username)
    let_pass(client, IDLE + 5)
    answer = client.post("/register/draft/", {"title": "写了一半"}, headers={header: "true"})
    assert (answer.status_code, answer.content) == (401, b"")


def test_a_form_sent_too_late_leads_to_signing_in_and_back_to_the_form(client: Client, clerk: Actor) -> None:
    sign_in(client, clerk.user.username)
    let_pass(client, IDLE + 5)
    answer = client.post(
        "/register/", {"title": "写了一半"}, headers={"Referer": "http://testserver/register/?draft=abc"}
    )
    page = answer.content.decode()
    assert answer.status_code == 401 and "登录已过期" in page
    assert 'action="/sign-in/"' in page and 'name="next" value="/register/?draft=abc"' in page


def test_a_form_from_elsewhere_leads_nowhere_but_home(client: Client, clerk: Actor) -> None:
    answer = client.post("/register/", {}, headers={"Referer": "https://evil.example/register/"})
    assert answer.status_code == 401 and 'name="next"' not in answer.content.decode()


def test_public_pages_do_not_mind_an_ended_session(client: Client, clerk: Actor) -> None:
    sign_in(client, clerk.user.username)
    let_pass(client, IDLE + 5)
    assert client.get("/q/").status_code == 200
