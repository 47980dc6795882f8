"""Who works here and may do what?  People come, are given posts, lend them, leave; nothing done under a name is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client

from accounts import lending, signins, staff
from accounts.actor import Actor
from accounts.dates import today
from accounts.duties import ROLES, clash, fits
from accounts.errors import BadInput, Refused, WrongMoment, WrongPerson
from accounts.manage import changes_of
from accounts.models import Delegation, DepartmentKind, LeaderField, Post, Role, User
from petitions.actions import advance
from petitions.homes import open_work_of
from petitions.models import Event
from tests.cast import Cast, build_cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


def _person(cast: Cast, username: str = "xiaowang", name: str = "王小") -> User:
    return staff.add_person(by=cast.system_admin, username=username, name=name)


def _give(cast: Cast, user: User, role: str = Role.HANDLER) -> Post:
    return staff.give_post(user, by=cast.security_admin, department=cast.bureau, role=role, valid_from=today())


def test_every_kind_of_body_says_which_posts_it_has() -> None:
    assert set(ROLES) == set(DepartmentKind.values)
    assert fits(Role.HANDLER, DepartmentKind.BUREAU)
    assert not fits(Role.TRIAGE, DepartmentKind.BUREAU)
    assert not fits(Role.LEADER, DepartmentKind.PETITION_OFFICE)


def test_the_cast_itself_holds_only_posts_that_fit(cast: Cast) -> None:
    held = Post.objects.exclude(role=Role.SYSTEM).select_related("department")
    assert [str(post) for post in held if not fits(post.role, post.department.kind)] == []


@pytest.mark.parametrize(
    ("role", "held", "refused"),
    [
        (Role.SECURITY_ADMIN, [Role.SYSTEM_ADMIN], True),
        (Role.AUDIT_ADMIN, [Role.SECURITY_ADMIN, Role.HANDLER], True),
        (Role.SYSTEM_ADMIN, [Role.SYSTEM_ADMIN], False),
        (Role.SYSTEM_ADMIN, [Role.REGISTRAR], False),
        (Role.UNIT_HEAD, [Role.HANDLER, Role.SIGNER], False),
    ],
)
def test_no_two_administrators_in_one_person(role: str, held: list[str], refused: bool) -> None:
    assert bool(clash(role, held)) is refused


def test_a_new_person_can_sign_in_only_with_an_issued_password_and_must_change_it(cast: Cast, client: Client) -> None:
    user = _person(cast)
    assert not user.has_usable_password()
    _give(cast, user)
    password = signins.issue_password(user, by=cast.security_admin, reason="首次登录")
    answer = client.post("/sign-in/", {"username": "xiaowang", "password": password})
    assert answer.status_code == 302
    assert client.get("/").headers["Location"] == "/password/"
    assert password not in str(list(changes_of([staff.user_target(user)]).values_list("data", flat=True)))


def test_a_sign_in_name_is_taken_once_and_plain(cast: Cast) -> None:
    _person(cast)
    for bad in ("xiaowang", "王小", "ab", "1ab", "a b c"):
        with pytest.raises(BadInput):
            _person(cast, bad)


def test_whoever_leaves_is_out_at_once_and_the_work_is_named(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.handling()
    client = signed_in(cast.handler)
    assert open_work_of([cast.handler.post]) == {cast.handler.post.pk: 1}
    staff.leave(cast.handler.user, by=cast.system_admin, reason="调离")
    assert client.get("/").status_code == 302
    assert staff.open_posts(cast.handler.user) == []
    staff.come_back(cast.handler.user, by=cast.system_admin, reason="调回")
    assert staff.open_posts(User.objects.get(pk=cast.handler.user.pk)) == []


def test_the_last_administrator_of_a_kind_stays(cast: Cast) -> None:
    with pytest.raises(WrongMoment, match="唯一的审计管理员"):
        staff.leave(cast.audit_admin.user, by=cast.system_admin, reason="退休")
    with pytest.raises(WrongMoment, match="唯一的系统管理员"):
        staff.end_post(cast.system_admin.post, by=cast.security_admin, on_day=today(), reason="轮岗")
    cast.audit_admin.user.refresh_from_db()
    assert cast.audit_admin.user.is_active
    assert cast.audit_admin.post.valid_to is None


def test_nobody_gives_or_takes_a_post_of_his_own(cast: Cast) -> None:
    with pytest.raises(WrongMoment, match="不能给自己"):
        staff.give_post(
            cast.security_admin.user,
            by=cast.security_admin,
            department=cast.office,
            role=Role.TRIAGE,
            valid_from=today(),
        )
    with pytest.raises(WrongMoment, match="自己的岗位"):
        staff.end_post(cast.security_admin.post, by=cast.security_admin, on_day=today(), reason="x")
    with pytest.raises(WrongMoment):
        signins.issue_password(cast.security_admin.user, by=cast.security_admin, reason="x")


def test_each_verb_has_one_keeper(cast: Cast) -> None:
    user = _person(cast)
    post, day = _give(cast, user), today()
    not_system: list[Callable[[], object]] = [
        lambda: staff.give_post(user, by=cast.system_admin, department=cast.bureau, role=Role.SIGNER, valid_from=day),
        lambda: staff.end_post(post, by=cast.system_admin, on_day=day, reason="x"),
        lambda: staff.set_charge(cast.leader.post, [], by=cast.system_admin),
        lambda: signins.issue_password(user, by=cast.system_admin, reason="x"),
        lambda: signins.unlock(user, by=cast.system_admin, reason="x"),
        lambda: staff.add_person(by=cast.security_admin, username="another", name="另"),
        lambda: staff.edit_person(user, by=cast.security_admin, name="改", phone="", email=""),
        lambda: staff.leave(user, by=cast.audit_admin, reason="x"),
        lambda: staff.come_back(user, by=cast.head, reason="x"),
    ]
    for verb in not_system:
        with pytest.raises(WrongPerson):
            verb()


def test_a_post_fits_its_body_and_is_held_once(cast: Cast) -> None:
    user = _person(cast)
    _give(cast, user)
    with pytest.raises(BadInput, match="已经在这个岗位上"):
        _give(cast, user)
    with pytest.raises(BadInput, match="没有“受理甄别”"):
        _give(cast, user, Role.TRIAGE)


def test_a_leaders_charge_is_what_the_leader_sees(cast: Cast, make: Makes) -> None:
    from petitions.access import visible_to

    held = make.sent()
    assert visible_to(cast.leader).filter(pk=held.petition_id).exists()
    staff.set_charge(cast.leader.post, [cast.sibling], by=cast.security_admin, reason="分工调整")
    assert not visible_to(cast.leader).filter(pk=held.petition_id).exists()
    assert LeaderField.objects.get(post=cast.leader.post).department == cast.sibling


# --- delegations --------------------------------------------------------------------------------------------------


def _lend(cast: Cast, by: Actor | None = None, to: User | None = None, days: int = 3) -> Delegation:
    day = today()
    return lending.lend(
        cast.unit_head.post, to or cast.unit_leader.user, by=by or cast.unit_head, valid_from=day,
        valid_to=day + timedelta(days=days), reason="外出学习",
    )  # fmt: skip


def test_a_delegated_signature_names_both(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    run = make.checked()
    row = _lend(cast)
    deputy = Actor(user=cast.unit_leader.user, post=cast.unit_head.post, delegation=row)
    advance("sign", on=run, by=deputy)
    event = Event.objects.get(petition=run.petition_id, step="sign")
    assert (event.user, event.post, event.delegation) == (cast.unit_leader.user, cast.unit_head.post, row)
    page = signed_in(cast.triage).get(f"/petitions/{run.petition.ref}/").content.decode()
    assert f"{cast.unit_leader.user.name}（代{cast.unit_head.user.name}）" in page


@pytest.mark.parametrize("who", ["unit_head", "security_admin"])
def test_the_holder_or_the_security_administrator_lends(cast: Cast, who: str) -> None:
    assert _lend(cast, by=getattr(cast, who)).post == cast.unit_head.post


@pytest.mark.parametrize("who", ["unit_leader", "system_admin", "head", "sibling_head"])
def test_nobody_else_does(cast: Cast, who: str) -> None:
    with pytest.raises(WrongPerson):
        _lend(cast, by=getattr(cast, who))


def test_a_deputy_does_not_lend_on(cast: Cast) -> None:
    row = _lend(cast)
    deputy = Actor(user=cast.unit_leader.user, post=cast.unit_head.post, delegation=row)
    with pytest.raises(WrongPerson):
        lending.lend(
            cast.unit_head.post, cast.handler.user, by=deputy, valid_from=today() + timedelta(days=10),
            valid_to=today() + timedelta(days=11), reason="转委托",
        )  # fmt: skip


def test_powers_go_to_a_colleague_and_never_to_an_administrator(cast: Cast) -> None:
    for taker, why in (
        (cast.sibling_head, "本单位"), (cast.system_admin, "三员分立"), (cast.unit_head, "自己"), (cast.stranger, "本单位")
    ):  # fmt: skip
        with pytest.raises(BadInput, match=why):
            _lend(cast, to=taker.user)
    assert {user.pk for user in lending.takers(cast.unit_head.post)} >= {cast.handler.user.pk, cast.leader.user.pk}
    assert cast.system_admin.user not in lending.takers(cast.unit_head.post)


def test_days_that_do_not_fit_are_refused(cast: Cast) -> None:
    day, more = today(), {"by": cast.unit_head, "reason": "x"}
    for first, last in ((-1, 3), (3, 1), (0, 200)):
        with pytest.raises(BadInput):
            lending.lend(
                cast.unit_head.post, cast.handler.user, valid_from=day + timedelta(days=first),
                valid_to=day + timedelta(days=last), **more,
            )  # fmt: skip
    _lend(cast)
    with pytest.raises(BadInput, match="已经有人代签"):
        _lend(cast, to=cast.handler.user)


def test_taken_back_it_holds_no_more_and_what_was_signed_stays(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    run, row = make.checked(), _lend(cast)
    advance("sign", on=run, by=Actor(user=cast.unit_leader.user, post=cast.unit_head.post, delegation=row))
    client = signed_in(cast.unit_leader)
    assert f"代{cast.unit_head.user.name}签" in client.get("/").content.decode()
    lending.take_back(row, by=cast.unit_head, reason="已返回")
    assert f"代{cast.unit_head.user.name}签" not in client.get("/").content.decode()
    assert Event.objects.get(step="sign").delegation == row
    with pytest.raises(WrongMoment):
        lending.take_back(row, by=cast.unit_head, reason="再收")


def test_the_counter_and_administrators_lend_nothing(cast: Cast, signed_in: SignIn) -> None:
    assert signed_in(cast.registrar).get("/delegation/").status_code == 403
    assert signed_in(cast.system_admin).get("/delegation/").status_code == 403
    with pytest.raises(BadInput, match="不能委托代签"):
        lending.lend(
            cast.audit_admin.post,
            cast.handler.user,
            by=cast.security_admin,
            valid_from=today(),
            valid_to=today(),
            reason="x",
        )


# --- pages --------------------------------------------------------------------------------------------------------


def test_from_a_new_person_to_a_post_on_the_pages(cast: Cast, signed_in: SignIn) -> None:
    system = signed_in(cast.system_admin)
    assert system.post("/manage/people/add/", {"name": "王小", "username": "王"}).status_code == 422
    assert system.post("/manage/people/add/", {"name": "王小", "username": "xiaowang"}).status_code == 302
    user = User.objects.get(username="xiaowang")
    assert "王小" in system.get("/manage/people/?q=xiao").content.decode()
    assert system.post(f"/manage/people/{user.pk}/edit/", {"name": "王晓", "phone": "1"}).status_code == 302
    security = signed_in(cast.security_admin)
    assert "没有岗位" in security.get("/manage/posts/?q=xiaowang").content.decode()
    said = {"department": cast.bureau.pk, "role": "handler", "valid_from": today().isoformat()}
    assert security.post(f"/manage/posts/of/{user.pk}/give/", said | {"role": "triage"}).status_code == 422
    assert security.post(f"/manage/posts/of/{user.pk}/give/", said).status_code == 302
    shown = security.post(f"/manage/sign-ins/{user.pk}/password/", {"reason": "首次登录"})
    assert "data-password" in shown.content.decode()
    assert shown.headers["Cache-Control"].find("no-store") >= 0
    post = Post.objects.get(user=user)
    page = security.get(f"/manage/posts/of/{user.pk}/").content.decode()
    assert "授予岗位" in page
    assert "王小 → 王晓" in page
    ended = {"on_day": (today() - timedelta(days=1)).isoformat(), "reason": "调离"}
    assert security.post(f"/manage/posts/{post.pk}/end/", ended).status_code == 302
    assert security.post(f"/manage/posts/{post.pk}/end/", ended).status_code == 409


def test_a_head_lends_the_own_post_on_the_page_and_takes_it_back(cast: Cast, signed_in: SignIn) -> None:
    client, day = signed_in(cast.unit_head), today()
    assert "委托代签" in client.get("/").content.decode()
    said = {
        "to_user": cast.unit_leader.user.pk,
        "valid_from": day.isoformat(),
        "valid_to": day.isoformat(),
        "reason": "外出",
    }
    assert client.post("/delegation/", said | {"to_user": cast.sibling_head.user.pk}).status_code == 422
    assert client.post("/delegation/", said).status_code == 302
    row = Delegation.objects.get()
    assert signed_in(cast.sibling_head).post(f"/delegation/{row.pk}/end/", {"reason": "x"}).status_code == 403
    assert signed_in(cast.unit_head).post(f"/delegation/{row.pk}/end/", {"reason": "返回"}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_take_the_last_two_administrators_away() -> None:
    """Each would leave the other's; one of them must be refused."""
    cast = build_cast()
    second = User.objects.create_user("second", name="乙")
    other = Post.objects.create(user=second, department=cast.county, role=Role.AUDIT_ADMIN, valid_from=today())
    told: list[str] = []
    start = threading.Barrier(2)

    def end(post: Post) -> None:
        start.wait()
        try:
            staff.end_post(post, by=cast.security_admin, on_day=today() - timedelta(days=1), reason="轮岗")
            told.append("done")
        except Refused:
            told.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=end, args=(post,)) for post in (cast.audit_admin.post, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["done", "refused"]
