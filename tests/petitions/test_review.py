"""Review and re-review (Art.35, 36): windows, outcomes, who may, and where the road ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput as BadInputOfManage
from petitions import lifecycle, papers, review_bodies
from petitions.access import steps_for
from petitions.actions import advance, run_night
from petitions.actions.ask import apply_online, open_to
from petitions.dossier import dossier_of
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.law import review
from petitions.likeness import bare, says_nothing_new
from petitions.models import Claim, Clock, Event, Notice, Paper, Petition, Proceeding, Reach, ReviewBody
from tests.cast import Cast
from tests.makes import Makes
from tests.petitions.test_public import ask, known_code

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
DAY = timedelta(days=1)


def running(run: Proceeding) -> set[str]:
    return set(Clock.objects.filter(proceeding=run, ended="").values_list("name", flat=True))


def stage(row: Any) -> str:
    return Petition.objects.get(pk=row.petition_id).stage


def state(run: Proceeding) -> str:
    return Proceeding.objects.get(pk=run.pk).state


def over(run: Proceeding, name: str) -> None:
    """Let a running window be over since yesterday."""
    Clock.objects.filter(proceeding=run, name=name, ended="").update(due=today() - DAY, raw_due=today() - DAY)


def last_paper(row: Any, kind: str) -> str:
    return papers.html_of(Paper.objects.filter(petition_id=row.petition_id, kind=kind).latest("pk"))


# --- the application ---------------------------------------------------------------------------------------------


def test_the_thirty_days_of_the_review_body_run_from_the_application(make: Makes) -> None:
    run = make.asked()
    clock = Clock.objects.get(proceeding=run, name="T6D")
    assert (clock.start, clock.length, clock.working, clock.department_id) == (today(), 30, False, run.department_id)
    assert clock.rule == "《信访工作条例》第三十五条"
    assert running(run) == {"T6D", "TF"} and stage(run) == "in_review"
    assert running(run.after) == set()  # type: ignore[arg-type]  (the window is used)


def test_the_review_body_finds_it_in_its_tray_and_the_unit_still_sees_it(make: Makes, cast: Cast) -> None:
    run = make.asked()
    trays = dict(Reach.objects.filter(petition=run.petition).values_list("department__code", "tray"))
    assert trays["T-FC"] == "to_review" and trays["T-ZR"] == ""
    assert Notice.objects.filter(petition=run.petition, post=cast.reviewer.post, step="apply_review").exists()


def test_no_ground_for_refusing_speaks_of_a_missing_paper() -> None:
    assert not [words for words, _ in review.REFUSALS.values() if "附" in words or "材料" in words]


def test_the_petitioner_chooses_among_the_bodies_of_the_table_and_no_others(make: Makes, cast: Cast) -> None:
    run = make.delivered(view="1")
    with pytest.raises(BadInput):
        advance("apply_review", on=run, by=cast.registrar, body=cast.township, request="请求", reasons="理由")
    ReviewBody.objects.create(of=cast.bureau, body=cast.township)
    assert [row.pk for row in review_bodies.possible(cast.bureau)] == [cast.township.pk]
    advance("apply_review", on=run, by=cast.registrar, body=cast.township, request="请求", reasons="理由")


def test_an_application_that_comes_late_needs_an_excuse_and_is_judged_by_the_review_body(
    make: Makes, cast: Cast
) -> None:
    run = make.delivered(view="1")
    over(run, "T6")
    run_night()
    assert state(run) == "lapsed"
    asked = {"body": cast.review, "request": "请求", "reasons": "理由"}
    with pytest.raises(BadInput) as refused:
        advance("apply_review", on=run, by=cast.registrar, **asked)
    assert "excuse" in refused.value.fields
    advance("apply_review", on=run, by=cast.registrar, excuse="住院两个月", **asked)
    made = run.followed_by.get()
    advance("refuse_review", on=made, by=cast.reviewer, ground="late", explanation="住院不足一个月")
    assert state(made) == "review_refused"
    run_night()  # the window it had is over: it closes again
    assert state(run) == "lapsed" and stage(run) == "lapsed"


def test_a_refused_application_leaves_the_days_that_were_left(make: Makes, cast: Cast) -> None:
    run = make.asked()
    before = Clock.objects.get(proceeding=run.after, name="T6")
    advance("refuse_review", on=run, by=cast.reviewer, ground="no_opinion", explanation="请依法提起")
    again = Clock.objects.get(proceeding=run.after, name="T6", ended="")
    assert (again.due, again.start) == (before.due, before.start)
    assert state(run.after) == "delivered" and running(run) == set()  # type: ignore[arg-type]
    assert "不予受理" in last_paper(run, "review_refused")
    events = list(Event.objects.filter(petition=run.petition).order_by("seq").values_list("step", flat=True))
    assert events[-2:] == ["refuse_review", "resume_window"]


def test_who_agreed_and_whose_matter_was_confirmed_may_still_apply_within_the_window(make: Makes, cast: Cast) -> None:
    petition = make.confirmed()
    run = petition.proceedings.get()
    advance("apply_review", on=run, by=cast.registrar, body=cast.review, request="请求", reasons="后来发现算错了")
    petition.refresh_from_db()
    assert (petition.stage, petition.closed_on, petition.confirmed_on, petition.rateable) == (
        "in_review",
        None,
        None,
        False,
    )


def test_an_application_taken_back_may_come_again(make: Makes, cast: Cast) -> None:
    run = make.asked()
    advance("drop_review", on=run, by=cast.registrar, words="我再想想")
    assert state(run) == "review_dropped" and stage(run) == "delivered"
    about = Proceeding.objects.get(pk=run.after_id)
    advance("apply_review", on=about, by=cast.registrar, body=cast.review, request="请求", reasons="想好了")
    assert stage(run) == "in_review"


# --- who -----------------------------------------------------------------------------------------------------------


def test_nobody_signs_his_own_draft_nor_reviews_what_he_handled(make: Makes, cast: Cast) -> None:
    run = make.review_drafted()
    with pytest.raises(WrongPerson, match="起草人"):
        advance("sign_review", on=run, by=cast.reviewer)
    handler = Actor(cast.handler.user, cast.reviewer.post)
    with pytest.raises(WrongPerson, match="回避"):
        advance("draft_review", on=run, by=handler, conclusion="uphold", facts="一", basis="二")


def test_who_reviewed_does_not_re_review(make: Makes, cast: Cast) -> None:
    run = make.reasked()
    with pytest.raises(WrongPerson, match="回避"):
        advance("accept_review", on=run, by=Actor(cast.reviewer2.user, cast.rereviewer.post))
    advance("accept_review", on=run, by=cast.rereviewer)


def test_a_handler_of_another_unit_does_not_see_a_review(make: Makes, cast: Cast) -> None:
    with pytest.raises(NotSeen):
        advance("accept_review", on=make.asked(), by=cast.stranger)


# --- the four outcomes ---------------------------------------------------------------------------------------------


def test_uphold_then_the_window_for_re_review_runs_thirty_days_from_delivery(make: Makes) -> None:
    run = make.review_delivered()
    clock = Clock.objects.get(proceeding=run, name="T7")
    assert (clock.window, clock.length, clock.start) == (True, 30, today())
    assert stage(run) == "review_delivered"
    text = last_paper(run, "review_opinion")
    assert "复查结论：维持" in text and "金华市信访事项复查复核委员会" in text and "30日内" in text


def test_change_takes_hold_of_the_claims(make: Makes) -> None:
    run = make.review_issued("change")
    assert Claim.objects.get(petition=run.petition).support == "part"
    assert "变更为：部分支持" in last_paper(run, "review_opinion")


def test_change_names_a_verdict_for_each_claim(make: Makes, cast: Cast) -> None:
    run = make.reviewing()
    with pytest.raises(BadInput) as refused:
        advance("draft_review", on=run, by=cast.reviewer, conclusion="change", facts="一", basis="二", answers={})
    assert "support_1" in refused.value.fields


def test_who_signs_a_change_reads_what_each_claim_is_changed_to(make: Makes, signed_in: SignIn, cast: Cast) -> None:
    run = make.review_drafted("change")
    page = signed_in(cast.reviewer2).get(f"/petitions/{run.petition.ref}/step/sign_review/{run.ref}/")
    assert "诉求1变更为" in page.content.decode() and "部分支持" in page.content.decode()


def test_revoke_leaves_no_verdict_standing(make: Makes) -> None:
    run = make.review_issued("revoke")
    claim = Claim.objects.get(petition=run.petition)
    assert (claim.support, claim.answer) == ("", "")


def redo(make: Makes) -> tuple[Proceeding, Proceeding]:
    run = make.review_issued("redo")
    return run, Proceeding.objects.get(petition=run.petition, kind="handling", state="handling")


def test_redo_opens_a_run_with_its_own_sixty_days_and_says_so_to_the_unit(make: Makes, cast: Cast) -> None:
    run, fresh = redo(make)
    assert state(run.after) == "redone" and fresh.after_id == run.after_id  # type: ignore[arg-type]
    clock = Clock.objects.get(proceeding=fresh)
    assert (clock.name, clock.length, clock.start, clock.department_id) == ("T5", 60, today(), cast.bureau.pk)
    assert "不得以同一事实和理由" in last_paper(run, "redo_order")
    assert Claim.objects.get(petition=run.petition).proceeding_id == fresh.pk
    advance("deliver_review", on=run, by=cast.reviewer, how="hand", receiver="王小明")
    assert stage(run) == "handling"


def test_a_review_body_may_set_fewer_days_never_more(make: Makes, cast: Cast) -> None:
    run = make.reviewing()
    said: dict[str, Any] = {"conclusion": "redo", "facts": "一", "basis": "二"}
    with pytest.raises(BadInput):
        advance("draft_review", on=run, by=cast.reviewer, redo_days=61, **said)
    advance("draft_review", on=run, by=cast.reviewer, redo_days=20, **said)
    advance("sign_review", on=run, by=cast.reviewer2)
    fresh = Proceeding.objects.get(petition=run.petition, kind="handling", state="handling")
    assert Clock.objects.get(proceeding=fresh, name="T5").length == 20


def answer_again(cast: Cast, fresh: Proceeding, **said: Any) -> None:
    words = {
        "facts": "经查，款项滞留。",
        "basis": "土地管理法。",
        "answers": {1: {"support": "support", "answer": "照旧"}},
    }
    advance("draft", on=fresh, by=cast.handler, **(words | said))
    advance("check", on=fresh, by=cast.unit_leader)
    advance("sign", on=fresh, by=cast.unit_head)


@pytest.mark.parametrize("facts", ["经查，款项滞留。", " 经查 款项滞留 "])
def test_a_redo_may_not_repeat_the_same_opinion_on_the_same_fact_and_reason(
    make: Makes, cast: Cast, facts: str
) -> None:
    _, fresh = redo(make)
    with pytest.raises(BadInput):
        answer_again(cast, fresh, facts=facts)
    assert state(fresh) == "checked"


@pytest.mark.parametrize(
    "said",
    [
        {"facts": "补充调查：款已拨到镇里。"},
        {"basis": "依据省政府文件。"},
        {"answers": {1: {"support": "part", "answer": "改"}}},
    ],
)
def test_a_redo_on_other_facts_grounds_or_with_another_verdict_is_issued_and_may_be_reviewed(
    make: Makes, cast: Cast, said: dict[str, Any]
) -> None:
    _, fresh = redo(make)
    answer_again(cast, fresh, **said)
    advance("deliver", on=fresh, by=cast.handler, how="hand", view="1")
    assert "T6" in running(fresh)


LONG = (
    "经查，信访人王某承包的檀溪镇寺前村承包地3.2亩于2025年4月被征收，补偿款共计九万六千元，由镇人民政府拨付到村民委员会账户。"
    "村民委员会因账目未核对，没有及时发放到户。信访人多次到村里询问，村干部答复等待通知。"
)


@pytest.mark.parametrize(
    "again",
    [
        LONG.replace("经查", "经调查").replace("没有及时", "未能及时").replace("多次", "数次"),
        LONG.replace("2025年4月", "2025年5月"),
        LONG[60:] + LONG[:60],
        LONG[:70],
        f"再次核实：{LONG}",
    ],
    ids=["words exchanged", "another date", "another order", "shorter", "a word before it"],
)
def test_the_same_account_reworded_says_nothing_new(again: str) -> None:
    assert says_nothing_new(again, LONG)


@pytest.mark.parametrize(
    "again",
    [
        LONG.replace("3.2亩", "3.5亩"),
        f"{LONG}重新实地测量并与四邻核对，面积与台账一致。",
        f"{LONG}另据《浙江省土地管理条例》办理。",
        LONG.replace("没有及时发放到户", "已于立案前全部发放到户并有签收单"),
        LONG.replace("九万六千元", "十二万元"),
        LONG.replace("3.2亩", "3.2分"),
        LONG.replace("被征收", "未被征收"),
        LONG.replace("没有及时发放到户", "已经及时发放到户"),
        LONG.replace("没有及时发放到户", "及时发放到户"),
        f"{LONG}补偿款不含青苗费。",
    ],
    ids=[
        "a figure put right", "a new finding", "another law", "the contrary", "another sum in words", "another unit",
        "denied now", "no longer denied", "a negation left out", "something else denied",
    ],
)  # fmt: skip
def test_an_honest_new_account_is_new_although_most_of_it_stood_there_before(again: str) -> None:
    assert not says_nothing_new(again, LONG)


@pytest.mark.parametrize(
    ("again", "before"),
    [
        ("信访人反映的情况不属实。", "信访人反映的情况属实。"),
        ("信访人反映的情况属实。", "信访人反映的情况不属实。"),
        ("经核实，该户承包地为三亩。", "经核实，该户承包地为五亩。"),
        ("按征收款总额的百分之八计付。", "按征收款总额的百分之五计付。"),
        ("依据《土地管理法》第四十八条第二款。", "依据《土地管理法》第四十八条。"),
        ("依据县政府〔2024〕12号文件。", "依据县政府〔2024〕11号文件。"),
    ],
    ids=["denied", "confirmed", "an area in words", "a share in words", "another paragraph", "another document"],
)
def test_a_short_account_that_says_something_else_is_new(again: str, before: str) -> None:
    assert not says_nothing_new(again, before)


@pytest.mark.parametrize(
    ("again", "before"),
    [
        (LONG + LONG, LONG),
        (LONG.replace("，", "").replace("没有及时", "没有，及时"), LONG),
        ("经查，二〇二五年五月十二日已经拨付。", "经查，二〇二五年四月十五日已经拨付。"),
        ("10时30分到村核实，情况如前次笔录所记。", "10时40分到村核实，情况如前次笔录所记。"),
        ("依据《土地管理法》第四十八条。", "依据《土地管理法》第四十八条第二款。"),
    ],
    ids=["said twice", "commas moved", "another date in words", "another hour", "a paragraph left out"],
)
def test_neither_dates_nor_commas_nor_what_is_left_out_say_anything_new(again: str, before: str) -> None:
    assert says_nothing_new(again, before)


def test_a_redo_that_exchanges_some_words_is_the_same_opinion(make: Makes, cast: Cast) -> None:
    run = make.review_issued("redo")
    Proceeding.objects.filter(pk=run.after_id).update(facts=LONG)
    fresh = Proceeding.objects.get(petition=run.petition, kind="handling", state="handling")
    with pytest.raises(BadInput, match="同一事实和理由"):
        answer_again(cast, fresh, facts=LONG.replace("经查", "经调查").replace("多次", "数次"))


@given(st.text(max_size=60))
def test_moving_commas_makes_no_new_reason(text: str) -> None:
    assert bare(text) == bare(" ，".join(text) if text.isalnum() else text)


def test_re_review_is_still_open_against_an_order_to_redo(make: Makes, cast: Cast) -> None:
    run = make.review_delivered("redo")
    advance("apply_rereview", on=run, by=cast.registrar, body=cast.city_review, request="请求", reasons="不必重办")
    assert stage(run) == "in_rereview"
    again = Proceeding.objects.get(petition=run.petition, kind="rereview")
    advance("refuse_review", on=again, by=cast.rereviewer, ground="no_opinion", explanation="重办中")
    assert stage(run) == "handling"


# --- the end of the road -------------------------------------------------------------------------------------------


def test_after_the_window_for_re_review_the_unit_closes(make: Makes, cast: Cast) -> None:
    run = make.review_delivered()
    over(run, "T7")
    assert run_night().closed_windows == 1
    assert state(run) == "review_lapsed" and stage(run) == "exhausted"
    handled = Proceeding.objects.get(pk=run.after_id)
    advance("close", on=handled, by=cast.handler)
    advance("refuse_closure", on=handled, by=cast.triage, reason="缺复查意见书")
    assert state(handled) == "exhausted"
    advance("close", on=handled, by=cast.handler)
    advance("confirm_closure", on=handled, by=cast.triage)
    assert stage(run) == "confirmed"


def test_the_window_does_not_close_before_its_day(make: Makes) -> None:
    run = make.review_delivered()
    from accounts.actor import system_actor

    with pytest.raises(WrongMoment, match="还没有届满"):
        advance("lapse_review", on=run, by=system_actor())


def test_a_re_review_ends_the_road_and_leaves_no_clock_but_the_unit_s_own(make: Makes, cast: Cast) -> None:
    run = make.reasked()
    advance("accept_review", on=run, by=cast.rereviewer)
    advance("draft_review", on=run, by=cast.rereviewer, conclusion="uphold", facts="经复核", basis="依据")
    advance("sign_review", on=run, by=cast.rereviewer2)
    assert "最终意见" in last_paper(run, "rereview_opinion") and "请求复核" not in last_paper(run, "rereview_opinion")
    advance("deliver_review", on=run, by=cast.rereviewer, how="hand", receiver="王小明")
    assert state(run) == "review_ended" and stage(run) == "exhausted"
    assert [clock.name for clock in Clock.objects.filter(petition=run.petition, ended="")] == ["TN"]  # to close it
    with pytest.raises(WrongMoment):
        advance("apply_rereview", on=run, by=cast.registrar, body=cast.city_review, request="一", reasons="二")


def test_after_the_end_of_the_road_no_second_review_of_the_same_opinion_is_offered_or_taken(
    make: Makes, cast: Cast
) -> None:
    run = make.review_delivered()
    over(run, "T7")
    run_night()
    handled = Proceeding.objects.get(petition=run.petition_id, kind="handling")
    advance("close", on=handled, by=cast.handler)
    advance("confirm_closure", on=handled, by=cast.triage)
    found = dossier_of(Petition.objects.get(pk=run.petition_id))
    assert "apply_review" not in {step.code for step, _ in steps_for(cast.registrar, found.petition, found.rows)}
    late = {"body": cast.review, "request": "请求", "reasons": "理由", "excuse": "不知道"}
    with pytest.raises(WrongMoment, match="已经申请过复查"):
        advance("apply_review", on=handled, by=cast.registrar, **late)


def test_a_re_review_that_orders_a_redo_is_not_called_final(make: Makes, cast: Cast) -> None:
    run = make.reasked()
    advance("accept_review", on=run, by=cast.rereviewer)
    advance("draft_review", on=run, by=cast.rereviewer, conclusion="redo", facts="经复核，事实不清", basis="依据")
    advance("sign_review", on=run, by=cast.rereviewer2)
    text = last_paper(run, "rereview_opinion")
    assert "最终意见" not in text and "不再受理" not in text and "30日内请求复查" in text


def test_a_body_outside_this_system_is_recorded_with_its_number(make: Makes, cast: Cast) -> None:
    ReviewBody.objects.create(of=cast.bureau, body=cast.city)
    run = make.delivered(view="1")
    advance("apply_review", on=run, by=cast.triage, body=cast.city, request="请求", reasons="不服")
    made = run.followed_by.get()
    advance("record_review", on=made, by=cast.head, accepted=True, number="金复查〔2026〕7号", issued_on=today(), conclusion="redo",
            words="责令重新办理")  # fmt: skip
    assert state(run) == "redone" and "T7" in running(made)
    assert Paper.objects.filter(petition=run.petition, kind="redo_order").exists()
    assert not Paper.objects.filter(petition=run.petition, kind="review_opinion").exists()


# --- the petitioner's own page -------------------------------------------------------------------------------------


def test_the_petitioner_applies_on_the_public_page_in_his_own_words(make: Makes, client: Client, cast: Cast) -> None:
    run = make.delivered(view="1")
    code = known_code(run.petition.filings.get())
    assert client.get("/q/apply/").status_code == 302
    ask(client, code)
    assert "网上申请复查" in client.get("/q/status/").content.decode()
    page = client.get("/q/apply/").content.decode()
    assert "复查复核委员会" in page and "不用上传" in page
    assert client.post("/q/apply/", {"body": cast.review.pk, "request": "", "reasons": "x"}).status_code == 422
    said = {"body": cast.review.pk, "request": "请求重新核算", "reasons": "面积少算了三分"}
    assert client.post("/q/apply/", said).status_code == 302
    made = run.followed_by.get()
    event = Event.objects.get(petition=run.petition, step="apply_review")
    assert (event.user_id, event.post_id) == (None, None)
    assert "面积少算了三分" in last_paper(made, "review_application")
    assert "复查正在进行" in client.get("/q/status/").content.decode()
    assert client.post("/q/apply/", said).status_code == 302 and run.followed_by.count() == 1


def test_staff_do_not_apply_in_the_petitioner_s_name_online(make: Makes, signed_in: SignIn, cast: Cast) -> None:
    run = make.delivered(view="1")
    client = signed_in(cast.handler)
    assert client.post("/q/apply/", {"body": cast.review.pk, "request": "一", "reasons": "二"}).status_code == 403
    assert not run.followed_by.exists()


def test_after_the_review_the_page_offers_re_review_and_then_nothing(make: Makes) -> None:
    run = make.review_delivered()
    filing = run.petition.filings.get()
    asked = open_to(filing)
    assert asked is not None and asked.name == "复核"
    apply_online(filing, body=str(asked.bodies[0].pk), request="请求", reasons="仍不服")
    assert open_to(filing) is None
    with pytest.raises(WrongMoment):
        apply_online(filing, body="1", request="请求", reasons="又来")


# --- the administrator's table -------------------------------------------------------------------------------------


def test_the_table_of_review_bodies_refuses_a_body_below_and_itself(cast: Cast) -> None:
    with pytest.raises(BadInputOfManage):
        review_bodies.put(by=cast.system_admin, of=cast.bureau, body=cast.bureau)
    with pytest.raises(BadInputOfManage):
        review_bodies.put(by=cast.system_admin, of=cast.city_review, body=cast.review)
    row = review_bodies.put(by=cast.system_admin, of=cast.bureau, body=cast.city, note="垂直管理")
    with pytest.raises(BadInputOfManage):
        review_bodies.put(by=cast.system_admin, of=cast.bureau, body=cast.city)
    review_bodies.drop(row, by=cast.system_admin, reason="不再垂直管理")
    assert review_bodies.possible(cast.bureau) == [cast.review]
    assert review_bodies.possible(cast.review) == [cast.city_review]


def test_system_rows_of_a_review_are_written_into_the_record(make: Makes) -> None:
    run, _ = redo(make)
    event = Event.objects.get(petition=run.petition, step="order_redo")
    assert (
        lifecycle.STEPS["order_redo"].article.startswith("第三十五条")
        and event.user is not None
        and event.user.username == "system"
    )
