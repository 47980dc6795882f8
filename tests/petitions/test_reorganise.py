"""Bodies that change while they hold work: nothing is lost, no day moves, and no open matter is left without a unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import bodies
from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment, WrongPerson
from accounts.lending import lend
from accounts.models import Delegation, Department, FormerName, LeaderField, Post, Role
from petitions import access, lifecycle, reorganise, trees
from petitions.actions import advance, register
from petitions.models import (
    Assignment,
    Clock,
    Event,
    Instruction,
    Notice,
    Paper,
    Petition,
    Reach,
    RoutingRule,
    Supervision,
)
from petitions.plainly import status_of
from petitions.reorganise import WHOLE, Part, PlanChanged
from tests.cast import Cast
from tests.makes import Makes, entry

pytestmark = pytest.mark.django_db


SignIn = Callable[[Actor], Client]


def merge(cast: Cast, body: Department, successor: Department | None) -> reorganise.Plan:
    """Merge as the administrator would who looked at the preview a moment ago."""
    seen = reorganise.plan(body, successor)
    return reorganise.close(
        body, successor, by=cast.system_admin, reason="机构改革方案", mark=seen.mark, seen=seen.seen
    )


def now_of(actor: Actor, body: Department) -> Actor:
    """The person of ``actor`` in the post that follows in ``body``."""
    post = Post.objects.select_related("user", "department").get(
        user=actor.user, department=body, role=actor.role, valid_to=None
    )
    return Actor(actor.user, post)


def homeless() -> list[str]:
    """What of unfinished matters names a body that is no longer."""
    gone = [row.pk for row in Department.objects.all() if not bodies.in_force(row)]
    open_ = Petition.objects.filter(stage__in=lifecycle.OPEN_STAGES)
    found = [f"{p.number} office" for p in open_.filter(office__in=gone)]
    found += [f"{p.number} responsible" for p in open_.filter(responsible__in=gone)]
    held = Assignment.objects.filter(petition__in=open_, department__in=gone).exclude(
        state__in=("returned", "recalled")
    )
    found += [f"{row.petition.number} assignment {row.state}" for row in held]
    found += [f"clock {row.name}" for row in Clock.objects.filter(ended="", department__in=gone)]
    found += [f"instruction {r.pk}" for r in Instruction.objects.filter(department__in=gone).exclude(state="answered")]
    found += [f"supervision {r.pk}" for r in Supervision.objects.filter(department__in=gone).exclude(state="ended")]
    found += [f"reach {r.pk}" for r in Reach.objects.filter(department__in=gone, open=True)]
    return found


def test_the_successor_takes_every_kind_of_open_work_and_no_day_moves(cast: Cast, make: Makes) -> None:
    signed, run, issued = make.signed(), make.handling(), make.issued()
    days = {clock.pk: (clock.start, clock.due) for clock in Clock.objects.all()}
    merge(cast, cast.bureau, cast.sibling)
    assert homeless() == []
    assert {clock.pk: (clock.start, clock.due) for clock in Clock.objects.all()} == days
    for row in (signed, run, issued):
        row.refresh_from_db()
        assert row.department == cast.sibling
        event = Event.objects.filter(petition=row.petition_id).latest("seq")
        assert event.step == "reorganised"
        assert (event.data["was_name"], event.data["now_name"]) == (cast.bureau.name, cast.sibling.name)
        assert bytes(Petition.objects.get(pk=row.petition_id).chain_head) == bytes(event.digest)


def test_the_handler_goes_on_where_he_was_and_the_matter_can_be_finished(cast: Cast, make: Makes) -> None:
    run = make.handling()
    merge(cast, cast.bureau, cast.sibling)
    run.refresh_from_db()
    handler = now_of(cast.handler, cast.sibling)
    assert run.handler == handler.post
    answers = {1: {"support": "support", "answer": "本月发放。"}}
    advance("draft", on=run, by=handler, facts="经查。", basis="土地管理法。", answers=answers)
    advance("check", on=run, by=now_of(cast.unit_leader, cast.sibling))
    advance("sign", on=run, by=cast.sibling_head)
    paper = Paper.objects.get(proceeding=run, kind="opinion")
    assert paper.department == cast.sibling and paper.number.startswith("浦建")


def test_who_came_before_sees_the_matter_no_longer_in_the_old_post(cast: Cast, make: Makes) -> None:
    run = make.handling()
    assert access.visible_to(cast.handler).filter(pk=run.petition_id).exists()
    merge(cast, cast.bureau, cast.sibling)
    assert not access.visible_to(cast.handler).filter(pk=run.petition_id).exists()
    assert access.visible_to(cast.sibling_signer).filter(pk=run.petition_id).exists()


def test_one_head_stays_the_head_and_the_other_posts_go_along(cast: Cast) -> None:
    merge(cast, cast.bureau, cast.sibling)
    heads = Post.objects.in_force(today()).filter(department=cast.sibling, role=Role.UNIT_HEAD)
    assert [post.user for post in heads] == [cast.sibling_head.user]
    assert not Post.objects.in_force(today()).filter(department=cast.bureau).exists()
    assert now_of(cast.signer, cast.sibling).post.valid_from == today()


def test_a_handler_without_a_post_is_taken_off_and_the_unit_is_told(cast: Cast, make: Makes) -> None:
    run = make.handling()
    cast.handler.user.is_active = False
    cast.handler.user.save()
    merge(cast, cast.bureau, cast.sibling)
    run.refresh_from_db()
    assert run.handler is None
    told = Notice.objects.get(post=cast.sibling_signer.post, petition=run.petition, step="reorganised")
    assert "重新确定承办人" in told.text


def test_two_holds_of_one_unit_become_one(cast: Cast, make: Makes) -> None:
    run = make.handling()
    held = Assignment.objects.get(petition=run.petition)
    advance("add_co_unit", on=held, by=cast.handler, department=cast.sibling, demand="请提供规划资料")
    merge(cast, cast.bureau, cast.sibling)
    rows = {row.lead: row for row in Assignment.objects.filter(petition=run.petition)}
    assert (rows[True].department, rows[True].state) == (cast.sibling, "accepted")
    assert rows[False].state == "recalled"
    assert Reach.objects.get(petition=run.petition, department=cast.sibling).role == "lead"


def test_instructions_supervisions_and_charges_follow(cast: Cast, make: Makes) -> None:
    petition = make.handling().petition
    advance("submit_to_leader", on=petition, by=cast.head, leader=cast.leader.post, proposal="拟请限期办结")
    advance("instruct", on=petition, by=cast.leader, text="请依法办结。", answer_days=10)
    advance("supervise", on=petition, by=cast.supervisor, trigger="t5_lapsed", demand="请说明。")
    RoutingRule.objects.create(category=cast.category, department=cast.bureau)
    merge(cast, cast.bureau, cast.sibling)
    assert homeless() == []
    assert RoutingRule.objects.get().department == cast.sibling
    assert LeaderField.objects.filter(post=cast.leader.post, department=cast.sibling).exists()
    advance("answer_supervision", on=petition.supervisions.get(), by=cast.sibling_signer, answer="已说明。")
    advance("answer_instruction", on=petition.instructions.get(), by=cast.sibling_signer, answer="已落实。")


def test_what_was_closed_before_stays_under_its_unit_and_the_successor_can_read_it(cast: Cast, make: Makes) -> None:
    petition = make.confirmed()
    events = petition.events.count()
    merge(cast, cast.bureau, cast.sibling)
    petition.refresh_from_db()
    assert petition.responsible == cast.bureau and petition.events.count() == events
    assert access.visible_to(cast.sibling_signer).filter(pk=petition.pk).exists()
    assert access.visible_to(cast.sibling_head).filter(pk=petition.pk).exists()
    assert not access.visible_to(cast.stranger).filter(pk=petition.pk).exists()


def test_a_chain_of_mergers_leads_to_the_last_heir(cast: Cast, make: Makes) -> None:
    petition = make.confirmed()
    merge(cast, cast.bureau, cast.sibling)
    merge(cast, cast.sibling, cast.township)
    first = Department.objects.get(pk=cast.bureau.pk)
    assert (first.successor, first.heir) == (cast.sibling, cast.township)
    assert access.visible_to(cast.township_signer).filter(pk=petition.pk).exists()


def test_a_merged_petition_office_still_follows_up_what_it_closed(cast: Cast, make: Makes) -> None:
    petition = make.confirmed()
    office = bodies.add(
        by=cast.system_admin, code="T-XF2", name="浦江县社会工作部信访局", short_name="社工信访局", kind="petition_office",
        level="county", parent=cast.county, paper_prefix="浦社信", reason="机构改革方案",
    )  # fmt: skip
    merge(cast, cast.office, office)
    petition = Petition.objects.select_related("office").get(pk=petition.pk)
    assert petition.office == cast.office
    advance("follow_up", on=petition, by=now_of(cast.registrar, office), reached=True, words="满意", settled=True)


@pytest.mark.parametrize("step", ["transfer", "add_co_unit"])
def test_an_abolished_body_gets_nothing_any_more(cast: Cast, make: Makes, step: str) -> None:
    run = make.handling()
    merge(cast, cast.sibling, cast.township)
    if step == "transfer":
        with pytest.raises(BadInput, match="已经撤销"):
            advance(step, on=make.registered().filing, by=cast.triage, department=cast.sibling)
    else:
        held = Assignment.objects.get(petition=run.petition)
        with pytest.raises(BadInput, match="已经撤销"):
            advance(step, on=held, by=cast.handler, department=cast.sibling, demand="请协办")


def test_nobody_registers_in_the_name_of_a_body_that_is_gone(cast: Cast) -> None:
    merge(cast, cast.township, cast.sibling)
    with pytest.raises(BadInput, match="已经撤销"):
        register(entry(cast), by=cast.township_registrar)


def test_open_work_demands_a_successor_and_nothing_open_does_not(cast: Cast, make: Makes) -> None:
    make.signed()
    with pytest.raises(BadInput, match="承接单位") as refused:
        reorganise.plan(cast.bureau, None)
    assert "第二十四条" in refused.value.rule
    empty = bodies.add(
        by=cast.system_admin, code="T-EMPTY", name="临时指挥部", short_name="指挥部", kind="bureau", level="county",
        parent=cast.county, reason="任务结束前",
    )  # fmt: skip
    merge(cast, empty, None)
    assert not bodies.in_force(Department.objects.get(pk=empty.pk))


@pytest.mark.parametrize(
    ("body", "successor", "words"),
    [
        ("bureau", "office", "信访部门只能"), ("office", "bureau", "信访部门只能"), ("bureau", "county", "有权处理"),
        ("bureau", "bureau", "本单位"), ("county", "bureau", "不由本县"), ("city", "office", "不由本县"),
    ],
)  # fmt: skip
def test_not_everybody_can_follow(cast: Cast, body: str, successor: str, words: str) -> None:
    with pytest.raises((BadInput, WrongMoment), match=words):
        reorganise.plan(getattr(cast, body), getattr(cast, successor))


def test_a_preview_that_is_stale_is_refused_with_what_changed(cast: Cast, make: Makes) -> None:
    make.signed()
    seen = reorganise.plan(cast.bureau, cast.sibling)
    make.sent()
    with pytest.raises(PlanChanged) as refused:
        reorganise.close(cast.bureau, cast.sibling, by=cast.system_admin, reason="方案", mark=seen.mark, seen=seen.seen)
    assert "在办事项·转入的事项：1件 → 2件" in refused.value.differs
    assert bodies.in_force(Department.objects.get(pk=cast.bureau.pk))


def test_only_the_keeper_changes_bodies(cast: Cast) -> None:
    seen = reorganise.plan(cast.bureau, cast.sibling)
    for who in (cast.security_admin, cast.head, cast.audit_admin):
        with pytest.raises(WrongPerson):
            reorganise.close(cast.bureau, cast.sibling, by=who, reason="方案", mark=seen.mark)


def test_a_split_takes_the_named_categories_and_leaves_the_rest(cast: Cast, make: Makes) -> None:
    gone, stays = make.handling(), make.handling(category=trees_category(cast))
    part = Part(categories=(str(cast.category.pk),), posts=(cast.handler.post.pk,))
    seen = reorganise.plan(cast.bureau, cast.sibling, part)
    assert seen.many == 1
    reorganise.split(cast.bureau, cast.sibling, part, by=cast.system_admin, reason="职能划转", mark=seen.mark)
    gone.refresh_from_db()
    stays.refresh_from_db()
    assert (gone.department, stays.department) == (cast.sibling, cast.bureau)
    assert gone.handler == now_of(cast.handler, cast.sibling).post
    assert bodies.in_force(Department.objects.get(pk=cast.bureau.pk))


def trees_category(cast: Cast) -> Any:
    from petitions.models import Category

    row = Category.objects.create(code="T0299", name="其他国土", parent=Category.objects.get(pk="T02"))
    trees.forget()
    return row


def test_what_was_lent_is_lent_on_in_the_post_that_follows(cast: Cast) -> None:
    day = today()
    lend(
        cast.unit_leader.post,
        cast.signer.user,
        by=cast.unit_leader,
        valid_from=day,
        valid_to=day + timedelta(days=3),
        reason="外出",
    )
    merge(cast, cast.bureau, cast.sibling)
    lent = Delegation.objects.filter(valid_to__gte=day).get()
    assert lent.post == now_of(cast.unit_leader, cast.sibling).post
    assert lent.valid_to == day + timedelta(days=3)


def test_a_new_name_holds_from_today_and_the_old_one_before(cast: Cast, make: Makes) -> None:
    bodies.rename(
        cast.bureau, by=cast.system_admin, name="浦江县自然资源局", short_name="自然资源局", paper_prefix="浦自然资",
        reason="更名批复",
    )  # fmt: skip
    former = FormerName.objects.get()
    assert (former.name, former.until) == ("浦江县自然资源和规划局", today() - timedelta(days=1))
    assert trees.name_on(cast.bureau.pk, today() - timedelta(days=3), "现名") == "自然资源和规划局"
    assert trees.name_on(cast.bureau.pk, today(), "现名") == "现名"


def test_numbers_of_a_body_that_takes_over_the_name_go_on_and_are_never_given_twice(cast: Cast, make: Makes) -> None:
    make.issued()
    make.issued()
    merge(cast, cast.bureau, cast.sibling)
    bodies.rename(
        cast.sibling, by=cast.system_admin, name="浦江县自然资源和规划局", short_name="自然资规", paper_prefix="浦自然资规",
        reason="更名",
    )  # fmt: skip
    held = make.registered()
    advance("transfer", on=held.filing, by=cast.triage, department=cast.sibling)
    row = Assignment.objects.get(petition=held.petition)
    advance("sign_for", on=row, by=cast.sibling_signer)
    advance("accept", on=row, by=cast.sibling_signer, handler=cast.sibling_handler.post)
    serials = Paper.objects.filter(kind="accept_notice").order_by("pk").values_list("number", flat=True)
    assert [number[-3:] for number in serials] == ["〕1号", "〕2号", "〕3号"]
    with pytest.raises(BadInput, match="文号会重复"):
        bodies.rename(
            cast.township, by=cast.system_admin, name="新名", short_name="新名", paper_prefix="浦建", reason="更名"
        )


def test_a_body_moves_with_all_below_it_and_not_below_itself(cast: Cast, make: Makes) -> None:
    held = make.signed()
    before = list(Reach.objects.order_by("pk").values_list("pk", "department"))
    other = bodies.add(
        by=cast.system_admin, code="T-WYH", name="浦江县开发区管委会", short_name="开发区", kind="bureau", level="county",
        parent=cast.county, reason="设立",
    )  # fmt: skip
    bodies.move(cast.bureau, by=cast.system_admin, parent=other, reason="隶属调整")
    assert Department.objects.get(pk=cast.bureau.pk).path.startswith(other.path)
    assert list(Reach.objects.order_by("pk").values_list("pk", "department")) == before
    assert access.visible_to(cast.signer).filter(pk=held.petition_id).exists()
    with pytest.raises(BadInput, match="不能作为它的上级"):
        bodies.move(other, by=cast.system_admin, parent=Department.objects.get(pk=cast.bureau.pk), reason="错")


def test_a_move_shows_who_sees_the_matters_from_then_on_and_is_refused_once_the_tree_is_another(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    make.signed()
    other = bodies.add(
        by=cast.system_admin, code="T-WYH", name="浦江县开发区管委会", short_name="开发区", kind="bureau", level="county",
        parent=cast.county, reason="设立",
    )  # fmt: skip
    LeaderField.objects.create(post=cast.other_leader.post, department=other)
    browser, address = signed_in(cast.system_admin), f"/manage/departments/{cast.bureau.pk}/move/"
    said = {"parent": other.pk, "reason": "隶属调整"}
    page = browser.post(address, said)
    words = page.content.decode()
    assert page.status_code == 200 and cast.other_leader.user.name in words and "1件，仍由本单位办理" in words
    seen = {name: page.context["form"].data[name] for name in ("mark", "seen")}
    bodies.add(
        by=cast.system_admin, code="T-ZD", name="寺前征地中心", short_name="征地中心", kind="bureau", level="county",
        parent=cast.bureau, reason="设立",
    )  # fmt: skip
    stale = browser.post(address, said | seen | {"do": "keep"})
    assert stale.status_code == 409 and "寺前征地中心" in stale.content.decode()
    assert Department.objects.get(pk=cast.bureau.pk).parent == cast.county
    again = {name: stale.context["form"].data[name] for name in ("mark", "seen")}
    assert browser.post(address, said | again | {"do": "keep"}).status_code == 302
    assert Department.objects.get(code="T-ZD").path.startswith(other.path)


def test_the_query_page_names_the_body_that_was(cast: Cast, make: Makes) -> None:
    done, held = make.confirmed(), make.signed()
    merge(cast, cast.bureau, cast.sibling)
    status = [
        status_of(row.petition.filings.select_related("petition__responsible").get(), full=True, today=today())
        for row in (fresh_hold(done), fresh_hold(held.petition))
    ]
    assert [(one.who, one.who_was) for one in status] == [(cast.sibling, f"原{cast.bureau.name}")] * 2


def fresh_hold(petition: Petition) -> Assignment:
    return Assignment.objects.filter(petition=petition).latest("pk")


def test_filters_say_which_bodies_are_no_longer(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.confirmed()
    merge(cast, cast.bureau, cast.sibling)
    assert f"{cast.bureau.short_name}（已撤销）" in signed_in(cast.triage).get("/petitions/").content.decode()


_BODIES = ("bureau", "sibling", "township")
_MATTERS = ("registered", "sent", "signed", "handling", "drafted", "issued", "delivered", "closed", "confirmed")
changes = st.tuples(st.sampled_from(_BODIES), st.sampled_from((*_BODIES, "none")), st.booleans())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(_MATTERS), min_size=1, max_size=4, unique=True), st.lists(changes, min_size=1, max_size=4)
)
def test_no_open_matter_is_ever_left_without_a_unit_in_force(
    cast: Cast, stages: list[str], plans: list[tuple[str, str, bool]]
) -> None:
    from django.db import transaction

    with transaction.atomic():
        for stage in stages:
            getattr(Makes(cast), stage)()
        days = set(Clock.objects.values_list("pk", "start", "due"))
        for name, follows, whole in plans:
            _try(cast, getattr(cast, name), getattr(cast, follows, None), whole)
            assert homeless() == []
        assert set(Clock.objects.values_list("pk", "start", "due")) == days
        transaction.set_rollback(True)


def _try(cast: Cast, body: Department, successor: Department | None, whole: bool) -> None:
    fresh = Department.objects.get(pk=body.pk)
    part = WHOLE if whole else Part(categories=(str(cast.category.pk),))
    try:
        seen = reorganise.plan(fresh, Department.objects.get(pk=successor.pk) if successor else None, part)
        if whole:
            reorganise.close(body, successor, by=cast.system_admin, reason="方案", mark=seen.mark)
        elif successor is not None:
            reorganise.split(body, successor, part, by=cast.system_admin, reason="方案", mark=seen.mark)
    except (BadInput, WrongMoment):
        pass
