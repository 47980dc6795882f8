"""Whatever a verb is told: a refusal that says which field, or the same thing kept whole; never half a change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.dates import SHANGHAI, today
from accounts.models import Department, Post, Role
from petitions.actions import Person, advance, moment, record, register, run_night
from petitions.errors import BadInput, Refused, WrongMoment, WrongPerson
from petitions.matterkey import key_of
from petitions.models import Category, Claim, Clock, Event, Filing, LocalRule, Notice, Petition, Petitioner
from tests.cast import Cast
from tests.makes import Makes, entry

RARE = "𠮷田㛃䶮"
ID_18 = "330726198001011238"


def check_digit(first_17: str) -> str:
    from accounts.identity import check_mark

    return first_17 + check_mark(first_17)


def refused(cast: Cast, **changes: Any) -> set[str]:
    """Names of the fields for which an entry is refused, when nothing has been written."""
    before = (Petition.objects.count(), Filing.objects.count())
    with pytest.raises(BadInput) as caught:
        register(entry(cast, **changes), by=cast.registrar)
    assert (Petition.objects.count(), Filing.objects.count()) == before
    assert all(words and "argument" not in words for words in caught.value.fields.values())
    return set(caught.value.fields)


def take(*args: Any, **told: Any) -> Event:
    """A step told anything at all."""
    return advance(*args, **told)


# --- the entry ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["title", "place", "addressee", "handed_number", "backdate_reason"])
@pytest.mark.parametrize("value", ["长" * 201, "长" * 10_000_000, "右\u202e左", "半\ud800个", None, 5, ["a"]])
def test_a_line_that_cannot_be_kept_is_refused(cast: Cast, name: str, value: Any) -> None:
    assert name in refused(cast, **{name: value})


@pytest.mark.parametrize("value", ["长" * 20_001, "长" * 10_000_000, "右\u202e左", "半\ud800个", None, " \x00\n ", 7])
def test_a_narrative_that_cannot_be_kept_is_refused(cast: Cast, value: Any) -> None:
    assert refused(cast, content=value) == {"content"}


@pytest.mark.parametrize("name", ["name", "id_number", "phone", "address"])
@pytest.mark.parametrize("value", ["长" * 201, "长" * 10_000_000, "右\u202e左", "半\ud800个", None, 5, ["a"]])
def test_what_cannot_be_kept_of_a_person_is_refused(cast: Cast, name: str, value: Any) -> None:
    person = Person(**({"name": "王小明"} | {name: value}))
    assert refused(cast, people=[person]) == {"people"}


@pytest.mark.parametrize(
    "more", [{"role": "boss"}, {"sex": "女"}, {"id_kind": "passport"}, {"representative": "yes"}, {"birth_date": "1990-01-01"},
             {"birth_date": date(9999, 12, 31)}, {"birth_date": date(1, 1, 1)}, {"birth_date": datetime(1990, 1, 1)}],
)  # fmt: skip
def test_choices_about_a_person_are_those_offered(cast: Cast, more: dict[str, Any]) -> None:
    assert refused(cast, people=[Person(name="王小明", **more)]) == {"people"}


@pytest.mark.parametrize("name", ["received_on", "postmark_on", "handed_due"])
@pytest.mark.parametrize(
    "value", [date(1, 1, 1), date(9999, 12, 31), "2026-01-01", 20260101, datetime(2026, 1, 1), ["2026"]]
)
def test_a_day_is_a_day_within_reason(cast: Cast, name: str, value: Any) -> None:
    assert name in refused(cast, **{name: value})


@pytest.mark.parametrize("name", ["head_count", "actual_count"])
@pytest.mark.parametrize("value", [-1, 100_001, 2**31, 10**30, "5", 1.5, True])
def test_heads_are_counted_in_whole_numbers(cast: Cast, name: str, value: Any) -> None:
    assert refused(cast, **{name: value}) == {name}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("purpose", "revenge"), ("kind", "accusation"), ("channel", "dream"), ("category", "T0202"), ("region", "330726"),
        ("handed_by", "市局"), ("people", []), ("people", "王小明"), ("people", None), ("people", [{"name": "王小明"}]),
        ("claims", "发钱"), ("claims", None), ("claims", ["求"] * 51), ("claims", ["长" * 2_001]), ("claims", [None]),
        ("references", ["12345"]), ("references", [("x" * 41, "1")]), ("references", [("12345", "1" * 81)]),
        ("references", [("a", "b", "c")]), ("hide_name", "no"), ("urgent", None),
    ],
)  # fmt: skip
def test_other_fields_are_of_their_kind(cast: Cast, name: str, value: Any) -> None:
    assert name in refused(cast, **{name: value})


def test_too_many_people_are_a_list_on_paper(cast: Cast) -> None:
    crowd = [Person(name=f"第{n}人", role="lead" if n == 0 else "companion") for n in range(201)]
    assert refused(cast, people=crowd) == {"people"}
    assert register(entry(cast, people=crowd[:200], head_count=5_000), by=cast.registrar).petition.head_count == 5_000


def test_one_person_is_not_two(cast: Cast) -> None:
    number = check_digit("33072619800101123")
    twice = [
        Person(name="王小明", id_number=number),
        Person(name="小明", role="companion", id_number=f" {number.lower()}"),
    ]
    assert refused(cast, people=twice) == {"people"}
    phones = [
        Person(name="王小明", phone="13800000001"),
        Person(name="王小明", role="companion", phone="138 0000 0001"),
    ]
    assert refused(cast, people=phones) == {"people"}


def test_a_category_or_place_out_of_use_is_refused(cast: Cast) -> None:
    cast.category.active = cast.region.active = False
    cast.category.save()
    cast.region.save()
    assert refused(cast) == {"category", "region"}


def test_rare_characters_come_back_as_they_went_in(cast: Cast) -> None:
    done = register(
        entry(
            cast, title=f"{RARE}的标题", content=f"{RARE}的内容", place=RARE, claims=[RARE], people=[Person(name=RARE)]
        ),
        by=cast.registrar,
    )
    petition = Petition.objects.get(pk=done.petition.pk)
    assert (petition.title, petition.content, petition.place) == (f"{RARE}的标题", f"{RARE}的内容", RARE)
    assert petition.lead_name == Petitioner.objects.get(petition=petition).name == RARE
    assert Claim.objects.get(petition=petition).text == RARE


def test_unseen_marks_are_left_out_and_lines_are_one(cast: Cast) -> None:
    petition = register(entry(cast, title="一\x00行\r\n两行\u200b", content="甲\r\n乙\x07"), by=cast.registrar).petition
    assert (petition.title, petition.content) == ("一行 两行", "甲\n乙")


# --- whichever way it was typed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", [lambda n: n, lambda n: n.lower(), lambda n: f" {n[:6]} {n[6:14]} {n[14:]} ", lambda n: n.replace("X", "x"),
              lambda n: "".join(chr(ord(mark) + 0xFEE0) for mark in n)],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["none", "111"])
def test_an_id_number_is_found_whichever_way_it_was_typed(cast: Cast, typed: Callable[[str], str], kind: str) -> None:
    from petitions.repeats import same_person

    number = next(n for n in (check_digit(f"3307261980010112{d}") for d in range(10)) if n.endswith("X"))
    done = register(
        entry(cast, people=[Person(name="王小明", id_kind=kind, id_number=typed(number))]), by=cast.registrar
    )
    row = Petitioner.objects.get(petition=done.petition)
    assert (row.id_number, row.id_kind) == (number, "111")
    assert [one.petition.pk for one in same_person(cast.registrar, id_number=number)] == [done.petition.pk]


@pytest.mark.parametrize(
    "typed",
    ["13800000001", "138 0000 0001", "+86 138-0000-0001", "".join(chr(ord(mark) + 0xFEE0) for mark in "13800000001")],
)
def test_a_telephone_is_found_whichever_way_it_was_typed(cast: Cast, typed: str) -> None:
    from petitions.repeats import same_person

    done = register(entry(cast, people=[Person(name="王小明", phone=typed)]), by=cast.registrar)
    assert [one.petition.pk for one in same_person(cast.registrar, phone="+8613800000001")] == [done.petition.pk]


def test_a_resident_number_that_cannot_be_is_refused(cast: Cast) -> None:
    assert refused(cast, people=[Person(name="王小明", id_kind="111", id_number=ID_18)]) == {"people"}


# --- repeats --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["not_accept", "direct_reply", "file_away", "redirect"])
def test_nothing_is_filed_under_a_matter_that_has_ended(cast: Cast, make: Makes, step: str) -> None:
    told = {
        "not_accept": {"ground": "out_of_remit", "explanation": "不属职权"}, "direct_reply": {"reply": "答复"},
        "file_away": {"explanation": "单纯表达"}, "redirect": {"body": "某机关"},
    }  # fmt: skip
    done = make.registered()
    take(step, on=done.filing, by=cast.head, **told[step])
    with pytest.raises(WrongMoment):
        register(entry(cast), by=cast.registrar, under=done.petition)


def test_a_repeat_under_a_confirmed_matter_is_refused(cast: Cast, make: Makes) -> None:
    with pytest.raises(WrongMoment):
        register(entry(cast), by=cast.registrar, under=make.confirmed())


def test_a_repeat_brings_its_wish_its_urgency_and_the_superiors_limit(cast: Cast, make: Makes) -> None:
    held = make.sent()
    done = register(
        entry(cast, hide_name=True, urgent=True, channel="handed_down", handed_by=cast.city,
              handed_due=today() + timedelta(days=1)),
        by=cast.registrar, under=held.petition,
    )  # fmt: skip
    petition = Petition.objects.get(pk=held.petition_id)
    assert (petition.hide_name, petition.urgent) == (True, True)
    assert Clock.objects.get(filing=done.filing, name="T8").raw_due == today() + timedelta(days=1)
    assert petition.due is not None and petition.due <= Clock.objects.get(filing=done.filing, name="T8").due


def test_another_systems_number_is_registered_once(cast: Cast) -> None:
    register(entry(cast, references=[("12345", "A1")]), by=cast.registrar)
    assert refused(cast, references=[("12345", "A1")]) == {"references"}


def test_who_is_not_to_be_named_is_not_named_in_what_the_unit_reads(cast: Cast, make: Makes) -> None:
    assert refused(cast, hide_name=True, title="王小明反映补偿款", content="王小明的承包地", claims=["给王小明发钱"]) == {
        "title", "content", "claims",
    }  # fmt: skip
    held = make.sent(hide_name=True)
    with pytest.raises(BadInput):
        register(entry(cast, content="我是王小明，又来了"), by=cast.registrar, under=held.petition)


# --- steps ----------------------------------------------------------------------------------------------------------

FAR = [date(1, 1, 1), date(9999, 12, 31), datetime(2026, 1, 1), "2026-01-01", 3]


def no_change(work: Callable[[], Any], kind: type[Refused] = BadInput) -> Refused:
    before = Event.objects.count()
    with pytest.raises(kind) as caught:
        work()
    assert Event.objects.count() == before
    return caught.value


@pytest.mark.parametrize("value", FAR)
def test_the_day_of_a_step_is_a_day(cast: Cast, make: Makes, value: Any) -> None:
    held = make.sent()
    no_change(lambda: take("sign_for", on=held, by=cast.signer, occurred_on=value, late_reason="补"))


@pytest.mark.parametrize("value", FAR)
def test_the_limit_of_an_assignment_is_a_day_to_come(cast: Cast, make: Makes, value: Any) -> None:
    filing = make.registered().filing
    no_change(lambda: take("assign", on=filing, by=cast.triage, department=cast.bureau, limit_on=value))


@pytest.mark.parametrize("words", ["长" * 10_000_000, "右\u202e左", "半\ud800个", None, 5, [], {}])
@pytest.mark.parametrize(
    ("step", "name"),
    [("transfer", "place"), ("assign", "demand"), ("redirect", "body"), ("direct_reply", "reply"), ("transfer", "note"),
     ("no_further", "explanation"), ("triage", "purpose"), ("triage", "kind")],
)  # fmt: skip
def test_words_of_a_step_are_words(cast: Cast, make: Makes, step: str, name: str, words: Any) -> None:
    filing = make.registered().filing
    kinds: dict[str, dict[str, Any]] = {
        "transfer": {"department": cast.bureau}, "assign": {"department": cast.bureau, "limit_on": today() + timedelta(30)},
        "redirect": {"body": "某机关"}, "direct_reply": {"reply": "好"}, "triage": {"kind": "claim", "category": cast.category, "region": None},
        "no_further": {"earlier": make.ended_by_rereview(), "explanation": "同"},
    }  # fmt: skip
    told = kinds[step]
    if words is None and name == "purpose":
        return  # nothing said about it
    no_change(lambda: take(step, on=filing, by=cast.triage, **(told | {name: words})))


@pytest.mark.parametrize(
    ("step", "more"),
    [
        ("transfer", {"place": "长" * 121}), ("assign", {"demand": "长" * 501}), ("triage", {"purpose": "长" * 13}),
        ("triage", {"purpose": "revenge"}), ("transfer", {"department": "ZR"}), ("transfer", {"category": "T0202"}),
        ("transfer", {"department": None}), ("transfer", {"nonsense": 1}), ("transfer", {}),
    ],
)  # fmt: skip
def test_a_step_told_wrongly_changes_nothing(cast: Cast, make: Makes, step: str, more: dict[str, Any]) -> None:
    filing = make.registered().filing
    kinds: dict[str, dict[str, Any]] = {
        "transfer": {"department": cast.bureau}, "triage": {"kind": "claim", "category": cast.category, "region": None},
        "assign": {"department": cast.bureau, "limit_on": today() + timedelta(days=30)},
    }  # fmt: skip
    told = kinds[step]
    no_change(lambda: take(step, on=filing, by=cast.triage, **(told | more if more else {})))


def test_nuls_never_reach_the_record(cast: Cast, make: Makes) -> None:
    filing = make.registered().filing
    take("redirect", on=filing, by=cast.triage, body="金\x00华市", how="\x00信", note="\x00")
    assert record.words_of(Event.objects.latest("pk"), filing.petition, key_of(filing.petition))["body"] == "金华市"


def test_what_is_out_of_force_cannot_be_chosen(cast: Cast, make: Makes) -> None:
    filing = make.registered().filing
    cast.sibling.valid_to = today() - timedelta(days=1)
    cast.sibling.save()
    no_change(lambda: take("transfer", on=filing, by=cast.triage, department=cast.sibling))
    run = make.handling()
    no_change(lambda: take("add_co_unit", on=run.assignment, by=cast.handler, department=cast.sibling, demand="意见"))
    old = Category.objects.create(code="T0299", name="旧分类", active=False)
    no_change(lambda: take("transfer", on=filing, by=cast.triage, department=cast.bureau, category=old))


def test_nobody_sends_to_himself_or_to_whom_it_is_already_with(cast: Cast, make: Makes) -> None:
    filing, run = make.registered().filing, make.handling()
    no_change(lambda: take("transfer", on=filing, by=cast.triage, department=cast.office))
    for body in (cast.bureau, cast.police.__class__.objects.get(code="T-COUNTY"), cast.city):
        no_change(
            lambda body=body: take("add_co_unit", on=run.assignment, by=cast.handler, department=body, demand="意见")
        )


def test_a_limit_is_not_met_by_a_date_alone(cast: Cast, make: Makes) -> None:
    held = make.signed()
    back = today() - timedelta(days=2)
    no_change(lambda: take("object", on=held, by=cast.signer, reason="不属", occurred_on=back, late_reason="忘了"))
    run = make.handling()
    no_change(
        lambda: take("extend", on=run, by=cast.unit_head, days=5, reason="复杂", occurred_on=back, late_reason="忘")
    )


def test_nothing_happens_before_what_it_follows(cast: Cast, make: Makes) -> None:
    back = {"occurred_on": today() - timedelta(days=2), "late_reason": "忙"}
    held = make.signed()
    no_change(lambda: take("accept", on=held, by=cast.signer, **back))
    run = make.issued()
    no_change(lambda: take("deliver", on=run, by=cast.handler, how="hand", **back))
    take(
        "add_co_unit",
        on=(second := make.handling()).assignment,
        by=cast.handler,
        department=cast.sibling,
        demand="意见",
    )
    co = second.petition.assignments.get(lead=False)
    no_change(lambda: take("co_sign_for", on=co, by=cast.sibling_signer, **back))


@pytest.mark.parametrize("days", [0, -3, 31, 10**9, "5", None, True, 2.5])
def test_an_extension_is_some_days_up_to_thirty(cast: Cast, make: Makes, days: Any) -> None:
    run = make.handling()
    no_change(lambda: take("extend", on=run, by=cast.unit_head, days=days, reason="情况复杂"))


def test_an_unknown_trigger_opens_no_supervision(cast: Cast, make: Makes) -> None:
    held = make.signed()
    no_change(lambda: take("supervise", on=held.petition, by=cast.supervisor, trigger="长" * 31))


def test_stale_by_nonsense_is_refused_in_words(cast: Cast, make: Makes) -> None:
    held = make.signed()
    for seen in ("abc", "3", [], 1.5):
        no_change(lambda seen=seen: take("accept", on=held, by=cast.signer, seen=seen))
    no_change(lambda: take("accept", on=held, by=cast.signer, seen=10**30), Refused)
    no_change(lambda: take("accept", on=held, by=cast.signer, seen=-5), Refused)


def test_nothing_is_merged_into_what_has_ended(cast: Cast, make: Makes) -> None:
    filing, done = make.registered().filing, make.confirmed()
    no_change(lambda: take("merge", on=filing, by=cast.triage, into=done))


# --- several units, several hands -----------------------------------------------------------------------------------


def test_it_is_not_closed_while_a_co_unit_still_works(cast: Cast, make: Makes) -> None:
    run = make.delivered()
    assert run.assignment is not None
    other = make.handling()
    take("add_co_unit", on=other.assignment, by=cast.handler, department=cast.sibling, demand="意见")
    answers = {1: {"support": "explain", "answer": "已解释。"}}
    take("draft", on=other, by=cast.handler, facts="事实", basis="依据", answers=answers)
    take("check", on=other, by=cast.unit_leader)
    take("sign", on=other, by=cast.unit_head)
    take("deliver", on=other, by=cast.handler, how="hand", view="0")
    told = no_change(lambda: take("close", on=other, by=cast.handler), WrongMoment)
    assert cast.sibling.name in told.message
    co = other.petition.assignments.get(lead=False)
    take("co_sign_for", on=co, by=cast.sibling_signer)
    take("co_answer", on=co, by=cast.sibling_handler, answer="没有意见")
    take("close", on=other, by=cast.handler)


def test_no_unit_is_asked_along_when_the_answer_is_out(cast: Cast, make: Makes) -> None:
    for run in (make.issued(), make.closed()):
        held = run.assignment
        no_change(
            lambda held=held: take("add_co_unit", on=held, by=cast.handler, department=cast.sibling, demand="意见"),
            WrongMoment,
        )
    confirmed = make.confirmed().assignments.get()
    no_change(lambda: take("assign_handler", on=confirmed, by=cast.signer, handler=cast.handler.post), WrongMoment)


@pytest.mark.parametrize("closer", ["handler", "signer", "unit_head"])
def test_nobody_confirms_or_follows_up_what_he_had_in_hand(cast: Cast, make: Makes, closer: str) -> None:
    run = make.delivered()
    take("close", on=run, by=getattr(cast, closer))
    user = getattr(cast, closer).user
    post = Post.objects.create(user=user, department=cast.office, role=Role.TRIAGE, valid_from=date(2020, 1, 1))
    both = Actor(user=user, post=post)
    no_change(lambda: take("confirm_closure", on=run, by=both), WrongPerson)
    no_change(lambda: take("follow_up", on=run.petition, by=both, reached=True, words="满意"), WrongPerson)


def test_a_direct_reply_is_followed_up_by_somebody_else(cast: Cast, make: Makes) -> None:
    done = make.registered()
    take("direct_reply", on=done.filing, by=cast.triage, reply="答复")
    no_change(lambda: take("follow_up", on=done.petition, by=cast.triage, reached=True, words="好"), WrongPerson)
    take("follow_up", on=done.petition, by=cast.head, reached=True, words="好")


def test_a_leader_who_does_not_see_it_is_not_asked(cast: Cast, make: Makes) -> None:
    held = make.signed()
    no_change(
        lambda: take("submit_to_leader", on=held.petition, by=cast.head, leader=cast.other_leader.post, proposal="请批")
    )


# --- filed directly with the body that decides ----------------------------------------------------------------------


def test_what_was_filed_directly_is_audited_and_supervised_by_the_petition_office(cast: Cast) -> None:
    done = register(entry(cast), by=cast.signer)
    take("take_up", on=done.filing, by=cast.signer)
    held = done.petition.assignments.get()
    take("assign_handler", on=held, by=cast.signer, handler=cast.handler.post)
    run = held.proceedings.get()
    take("supervise", on=done.petition, by=cast.supervisor, trigger="shirking", demand="请说明")
    answers = {1: {"support": "explain", "answer": "已解释。"}}
    take("draft", on=run, by=cast.handler, facts="事实", basis="依据", answers=answers)
    take("check", on=run, by=cast.unit_leader)
    take("sign", on=run, by=cast.unit_head)
    take("deliver", on=run, by=cast.handler, how="hand", view="0")
    take("close", on=run, by=cast.handler)
    reach = {row.department_id: row.tray for row in done.petition.reach.all()}
    assert reach == {cast.bureau.pk: "", cast.office.pk: "to_confirm"}
    assert Clock.objects.get(petition=done.petition, name="TA").department_id == cast.office.pk
    assert Notice.objects.filter(post=cast.triage.post, step="close").exists()
    no_change(lambda: take("confirm_closure", on=run, by=cast.unit_head), WrongPerson)
    take("confirm_closure", on=run, by=cast.triage)
    take("follow_up", on=done.petition, by=cast.triage, reached=True, words="满意")
    take("judge_resolved", on=done.petition, by=cast.head, resolved=True, ground="协议已履行")


def test_a_return_ends_what_ran_as_if_accepted_and_logs_no_lapse_twice(cast: Cast, make: Makes) -> None:
    monday = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)
    with moment.at(monday):
        filing = make.registered().filing
    with moment.at(monday + timedelta(days=16)):
        run_night()  # T1 has lapsed and is logged
        take("transfer", on=filing, by=cast.triage, department=cast.bureau)
        held = filing.petition.assignments.get()
        take("sign_for", on=held, by=cast.signer)
        take("object", on=held, by=cast.signer, reason="不属本局职权")
    with moment.at(monday + timedelta(days=40)):
        run_night()  # T3 has lapsed: a shadow runs
        assert Clock.objects.get(petition=filing.petition, shadow=True).ended == ""
        take("uphold_objection", on=held, by=cast.triage, reason="属实")
        run_night()
    assert Clock.objects.get(petition=filing.petition, shadow=True).ended == "replaced"
    lapses = Event.objects.filter(petition=filing.petition, step="clock_lapsed", data__clock="T1")
    assert [event.occurred_on for event in lapses] == [date(2026, 3, 18)]


def test_a_night_that_comes_late_dates_the_end_of_a_window_to_its_own_day(cast: Cast, make: Makes) -> None:
    monday = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)
    with moment.at(monday):
        run = make.delivered(view="1")
    with moment.at(monday + timedelta(days=45)):
        run_night()
        run_night()
    event = Event.objects.get(petition=run.petition, step="lapse")
    assert event.occurred_on == Clock.objects.get(petition=run.petition, name="T6").due + timedelta(days=1)
    assert event.occurred_on == date(2026, 4, 2)


def test_a_day_in_a_year_without_holidays_is_provisional(cast: Cast, make: Makes) -> None:
    with moment.at(datetime(2026, 12, 21, 10, tzinfo=SHANGHAI)):
        done = make.registered()
    clock = Clock.objects.get(petition=done.petition, name="T1")
    assert (clock.raw_due, clock.provisional) == (date(2027, 1, 5), True)


def test_a_closure_sent_back_after_the_window_can_be_closed_again(cast: Cast, make: Makes) -> None:
    monday = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)
    with moment.at(monday):
        run = make.delivered(view="1")
    with moment.at(monday + timedelta(days=40)):
        run_night()
        take("close", on=run, by=cast.handler)
        take("refuse_closure", on=run, by=cast.triage, reason="缺送达回证")
        assert Petition.objects.get(pk=run.petition_id).stage == "lapsed"
        take("close", on=run, by=cast.handler)
        take("confirm_closure", on=run, by=cast.triage)


def test_a_closure_sent_back_within_the_window_is_delivered_still(cast: Cast, make: Makes) -> None:
    run = make.closed()
    take("refuse_closure", on=run, by=cast.triage, reason="缺送达回证")
    assert Petition.objects.get(pk=run.petition_id).stage == "delivered"
    take("close", on=run, by=cast.handler)


def test_the_office_does_not_write_a_hidden_name_to_the_unit(cast: Cast, make: Makes) -> None:
    filing = make.registered(hide_name=True).filing
    told = {"department": cast.bureau, "limit_on": today() + timedelta(days=30)}
    no_change(lambda: take("assign", on=filing, by=cast.triage, demand="请答复王小明本人", **told))
    no_change(lambda: take("assign", on=filing, by=cast.triage, note="王小明很急", **told))
    take("assign", on=filing, by=cast.triage, demand="请答复信访人本人", **told)
    held = filing.petition.assignments.get()
    take("sign_for", on=held, by=cast.signer, note="听说是王小明")  # a guess is neither confirmed nor denied


def test_every_clock_of_an_objection_runs_from_its_own_day(cast: Cast, make: Makes) -> None:
    monday = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)

    def clock(name: str, **where: Any) -> tuple[date, date]:
        row = Clock.objects.filter(petition=held.petition, name=name, **where).latest("pk")
        return row.start, row.due

    with moment.at(monday):
        held = make.signed()
    first_t1, first_t3 = clock("T1"), clock("T3")
    with moment.at(monday + timedelta(days=2)):
        take("object", on=held, by=cast.signer, reason="不属本局职权")
    with moment.at(monday + timedelta(days=4)):
        take("refuse_objection", on=held, by=cast.triage, reason="属于该局职权")
        assert clock("T3", ended="") == first_t3
        no_change(lambda: take("object", on=held, by=cast.signer, reason="再次提出"), WrongMoment)
    with moment.at(monday + timedelta(days=5)):
        other = make.signed()
        take("object", on=other, by=cast.signer, reason="不属本局职权")
        take("uphold_objection", on=other, by=cast.triage, reason="属实")
        take("transfer", on=other.petition.filings.get(), by=cast.triage, department=cast.sibling)
    held = other.petition.assignments.get(department=cast.sibling)
    with moment.at(monday + timedelta(days=7)):
        take("sign_for", on=held, by=cast.sibling_signer)
        assert clock("T3", ended="")[0] == clock("T4", ended="")[0] == date(2026, 3, 9)
    assert first_t1 == (date(2026, 3, 2), date(2026, 3, 17))


def test_extensions_are_counted_together_and_told(cast: Cast, make: Makes) -> None:
    run = make.handling()
    due = Clock.objects.get(proceeding=run, name="T5").raw_due
    take("extend", on=run, by=cast.unit_head, days=20, reason="情况复杂")
    no_change(lambda: take("extend", on=run, by=cast.unit_head, days=11, reason="情况复杂"))
    take("extend", on=run, by=cast.unit_head, days=10, reason="情况复杂")
    no_change(lambda: take("extend", on=run, by=cast.unit_head, days=1, reason="情况复杂"))
    assert Clock.objects.get(proceeding=run, name="T5").raw_due == due + timedelta(days=30)
    assert run.petition.papers.filter(kind="extension_notice").count() == 2


def test_the_master_is_told_what_was_merged_into_it(cast: Cast, make: Makes) -> None:
    filing, master = make.registered().filing, make.handling().petition
    take("merge", on=filing, by=cast.triage, into=master)
    event = Event.objects.filter(petition=master).latest("seq")
    assert (event.step, event.data) == ("merged_in", {"from": filing.petition.number})
    master.refresh_from_db()
    assert (master.events_count, bytes(master.chain_head)) == (event.seq, bytes(event.digest))


def test_nothing_goes_on_where_the_words_are_destroyed(cast: Cast, make: Makes) -> None:
    held = make.signed()
    Petition.objects.filter(pk=held.petition_id).update(wrapped_key=None, key_destroyed_at=moment.now())
    no_change(lambda: take("accept", on=held, by=cast.signer), WrongMoment)
    no_change(lambda: register(entry(cast), by=cast.registrar, under=held.petition), WrongMoment)


def test_of_two_local_rules_the_later_holds_and_one_of_no_days_holds_nothing(cast: Cast, make: Makes) -> None:
    for value, since in ((10, date(2020, 1, 1)), (5, date(2021, 1, 1)), (0, date(2022, 1, 1)), (-3, date(2023, 1, 1))):
        LocalRule.objects.create(code="T1", value=value, source=f"本县{value}日", valid_from=since)
    clock = Clock.objects.get(petition=make.registered().petition, name="T1")
    assert (clock.length, clock.rule) == (5, "本县5日")


def test_a_successor_with_the_same_sign_goes_on_with_its_numbers(cast: Cast, make: Makes) -> None:
    first = make.sent().petition
    old = cast.office
    new = Department.objects.create(
        code="T-XF2", name="浦江县信访工作局", short_name="信访工作局", kind=old.kind, level=old.level, parent=old.parent,
        paper_prefix=old.paper_prefix, valid_from=today(),
    )  # fmt: skip
    new.path = f"{cast.county.path}{new.pk}/"
    new.save()
    people = [
        Actor(
            user=actor.user,
            post=Post.objects.create(user=actor.user, department=new, role=actor.role, valid_from=today()),
        )
        for actor in (cast.registrar, cast.triage)
    ]
    done = register(entry(cast), by=people[0])
    assert int(done.petition.number[-6:]) == int(first.number[-6:]) + 1
    take("transfer", on=done.filing, by=people[1], department=cast.bureau)
    for kind in ("transfer_letter", "destination_notice"):
        assert done.petition.papers.get(kind=kind).serial == first.papers.get(kind=kind).serial + 1
