"""Whom a sealed report is about, however it was written: chosen, by a former name, with a title, or by a person's name alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import Department, DepartmentKind, FormerName, Post, Role, User
from petitions.accusations import access, roll, words
from petitions.accusations.accused import Roster
from petitions.accusations.verbs import advance
from petitions.errors import BadInput, NotSeen, WrongMoment
from petitions.law import accusations as law
from petitions.models import Accusation
from tests.cast import SINCE, Cast
from tests.petitions.accusations import Sealed

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


@pytest.fixture
def sealed(cast: Cast) -> Sealed:
    return Sealed(cast)


def person(name: str, body: Department, role: Role = Role.HANDLER) -> Actor:
    user = User.objects.create(username=f"p-{User.objects.count()}", name=name)
    return Actor(user=user, post=Post.objects.create(user=user, department=body, role=role, valid_from=SINCE))


def accused_bodies(told: dict[str, Any]) -> list[Department]:
    return [about.body for about in Roster().about(told)]


def named_alone(sealed: Sealed, *names: str, **more: Any) -> Accusation:
    """Examined: names are known, and no unit was picked from the tree."""
    row = sealed.received(accused=[], accused_units=[])
    return sealed.take(row, "examine", **sealed.about(accused=list(names), units=[], **more))


# --- a body by the name of a person who serves there -----------------------------------------------------------------------


def test_a_name_alone_is_refused_where_somebody_of_that_name_holds_a_post(sealed: Sealed, cast: Cast) -> None:
    person("钱某", cast.bureau)
    row = named_alone(sealed, "钱某")
    for body in (cast.bureau, sealed.below):
        with pytest.raises(BadInput, match="钱某在浦江县自然资源和规划局任职"):
            sealed.take(row, "transfer", body=body)
    assert row.events.filter(step="refused").count() == 2
    assert sealed.take(row, "transfer", body=sealed.discipline).state == "transferred"


@pytest.mark.parametrize(
    "written", ["钱某（副所长）", "钱某同志", "钱 某 副局长", "副所长钱某", "孙某、钱某", "(土地所)钱某"]
)
def test_titles_and_brackets_hide_nobody(sealed: Sealed, cast: Cast, written: str) -> None:
    him = person("钱某", cast.bureau)
    recipient = person("钱某", cast.township)
    sealed.put(recipient)
    row = named_alone(sealed, written)
    with pytest.raises(BadInput, match="同名"):
        sealed.take(row, "transfer", body=cast.bureau)
    assert not access.visible_to(recipient).exists()
    leader = person("钱某", cast.county, Role.LEADER)
    sealed.put(leader, "party")
    with pytest.raises(BadInput, match="同名"):
        sealed.take(row, "report", leader=leader.post, proposal="x")
    assert him.user.name in written.replace(" ", "")


def test_who_comes_onto_the_list_later_is_barred_by_a_name_with_a_title_too(sealed: Sealed, cast: Cast) -> None:
    row = named_alone(sealed, "钱某（副所长）", "赵三同志")
    for name in ("钱某", "赵三"):
        later = person(name, cast.township)
        sealed.put(later)
        assert not access.visible_to(later).exists()
    assert access.visible_to(sealed.first).get() == row


def test_colleagues_in_the_petition_office_take_in_what_is_about_one_of_them(sealed: Sealed) -> None:
    """By his name alone he is barred and the office is not: otherwise nobody could take it in.  Choosing the office bars it."""
    row = named_alone(sealed, sealed.second.user.name, accused_unit="")
    other = named_alone(sealed, f"县信访局{sealed.second.user.name}")
    assert set(access.visible_to(sealed.first)) == {row, other}
    assert not access.visible_to(sealed.second).exists()
    with pytest.raises(BadInput, match="不得透露"):
        sealed.take(row, "transfer", body=sealed.cast.office)


def test_a_namesake_is_stated_by_a_recipient_and_kept_in_the_record(
    sealed: Sealed, cast: Cast, signed_in: SignIn
) -> None:
    other = person("钱某", cast.sibling)
    recipient = person("钱某", cast.township)
    sealed.put(recipient)
    sealed.put(cast.sibling_handler)
    row = named_alone(sealed, "钱某")
    assert not access.visible_to(cast.sibling_handler).exists()
    page = f"/guarded/case/{row.ref}/step/namesake/"
    client = signed_in(sealed.first)
    assert "写明是同名的另一人" in client.get(f"/guarded/case/{row.ref}/").content.decode()
    assert "钱某（浦江县住房和城乡建设局）" in client.get(page).content.decode()
    assert client.post(page, {"holder": other.user.pk}).status_code == 422
    said = {"holder": other.user.pk, "reason": "出生年份不同，已向本人单位以外的途径核实"}
    assert client.post(page, said).status_code == 302
    assert "已向本人单位以外的途径核实" in client.get(f"/guarded/case/{row.ref}/").content.decode()
    assert row.events.filter(step="namesake", user=sealed.first.user).count() == 1
    assert access.visible_to(cast.sibling_handler).exists()
    assert not access.visible_to(recipient).exists(), "a recipient of that name stays away, whatever is stated"
    with pytest.raises(BadInput):
        sealed.take(row, "namesake", holder=cast.handler.user, reason="x")
    assert sealed.take(row, "transfer", body=cast.sibling).state == "transferred"


# --- a body by words -------------------------------------------------------------------------------------------------------


@pytest.fixture
def renamed(cast: Cast) -> Department:
    FormerName.objects.create(department=cast.bureau, name="浦江县国土资源局", short_name="国土局", until=SINCE)
    Department.objects.filter(pk=cast.bureau.pk).update(short_name="自然资源局")
    return cast.bureau


@pytest.mark.parametrize("written", [
    "浦江县国土局", "县国土局", "国土资源局", "金华市浦江县自然资源局", "县国土局办公室", "某某公司、国土局", "浦江县自然资源和规划局",
])  # fmt: skip
def test_a_unit_written_in_words_bars_the_body_it_means(
    sealed: Sealed, cast: Cast, renamed: Department, written: str
) -> None:
    sealed.put(cast.handler)
    row = sealed.take(
        sealed.received(accused=[], accused_units=[]), "examine", **sealed.about(accused=[], units=[], accused_unit=written)
    )  # fmt: skip
    assert accused_bodies(words.of(row)) == [renamed]
    assert not access.visible_to(cast.handler).exists()
    for body in (cast.bureau, sealed.below):
        with pytest.raises(BadInput, match="被反映的单位"):
            sealed.take(row, "transfer", body=body)
    assert sealed.take(row, "transfer", body=sealed.discipline).state == "transferred"


@pytest.mark.parametrize(
    "written", ["金华市自然资源和规划局", "市国土局", "义乌市国土局", "檀溪镇寺前村村委会", "某某建设公司", "不明"]
)
def test_a_unit_elsewhere_or_below_a_town_is_not_taken_for_one_of_the_tree(
    sealed: Sealed, cast: Cast, renamed: Department, written: str
) -> None:
    Department.objects.filter(pk=cast.township.pk).update(short_name="檀溪镇")
    assert accused_bodies({"accused_unit": written}) == []


def test_a_body_of_the_tree_typed_by_hand_counts_as_chosen(sealed: Sealed, cast: Cast, renamed: Department) -> None:
    row = sealed.examined()
    for written in ("土地所", "檀溪土地所", "县国土局", "县自然资源局人事科", "浦江县自然资源和规划局"):
        with pytest.raises(BadInput, match="不得透露"):
            sealed.take(row, "transfer", outside=written)
    assert row.events.filter(step="refused").count() == 5
    assert sealed.take(row, "transfer", outside="金华市自然资源和规划局").state == "transferred"


def test_a_county_leaders_report_may_go_to_a_body_of_the_city_written_in_words(sealed: Sealed, cast: Cast) -> None:
    row = named_alone(sealed, cast.leader.user.name)
    for written in ("浦江县纪委", "县纪律检查委员会"):
        with pytest.raises(BadInput, match="不得透露"):
            sealed.take(row, "transfer", outside=written)
    assert sealed.take(row, "transfer", outside="市纪委监委").state == "transferred"


def test_the_statements_do_not_tell_whom_it_is_about(sealed: Sealed, cast: Cast) -> None:
    person("钱某", cast.bureau)
    asked = []
    for told in ({"accused": ["钱某"]}, {"accused_unit": "国土局"}, {"accused": ["没有这个人"]}):
        with CaptureQueriesContext(connection) as captured:
            access.bars_for(told)
        asked.append([query["sql"] for query in captured.captured_queries])
    assert asked[0][:2] == asked[1][:2] == asked[2][:2]
    assert not any(name in sql for each in asked for sql in each for name in ("钱某", "国土局", "没有这个人"))


@pytest.mark.parametrize("written", ["县国土局局长", "国土局钱某", "钱某（国土局）", "国土局办公室主任"])
def test_a_unit_named_with_an_accused_person_is_barred_too(
    sealed: Sealed, cast: Cast, renamed: Department, written: str
) -> None:
    sealed.put(cast.handler)
    row = named_alone(sealed, written)
    assert not access.visible_to(cast.handler).exists()
    with pytest.raises(BadInput, match="被反映的单位"):
        sealed.take(row, "transfer", body=cast.bureau)


# --- what changes afterwards -----------------------------------------------------------------------------------------------


def test_who_took_the_accused_body_over_does_not_go_on_seeing_the_report(sealed: Sealed, cast: Cast) -> None:
    sealed.put(cast.sibling_handler)
    row = sealed.examined()
    assert access.visible_to(cast.sibling_handler).get() == row
    Department.objects.filter(pk=cast.bureau.pk).update(heir=cast.sibling, successor=cast.sibling)
    assert not access.visible_to(cast.sibling_handler).exists()


def test_at_night_a_report_is_closed_to_where_its_accused_has_gone(sealed: Sealed, cast: Cast) -> None:
    sealed.put(cast.sibling_handler)
    row = named_alone(sealed, "钱某")
    before = list(row.bars)
    assert access.refresh() == 0
    person("钱某", cast.sibling)
    assert access.refresh() == 1
    assert not access.visible_to(cast.sibling_handler).exists()
    row.refresh_from_db()
    assert set(before) < set(row.bars)
    assert access.refresh() == 0


def test_the_nights_refreshing_leaves_no_report_to_nobody(sealed: Sealed, cast: Cast) -> None:
    inner = sealed.body("T-ZX", "专项办", DepartmentKind.INNER, cast.sibling)
    for actor in (sealed.first, sealed.second):
        Post.objects.filter(user=actor.user).update(department=inner)
    row = named_alone(sealed, "钱某")
    person("钱某", cast.sibling)
    assert access.refresh() == 0
    assert sealed.take(row, "transfer", body=sealed.discipline).state == "transferred"
    assert access.visible_to(sealed.first).get() == row


@pytest.mark.parametrize("state", [state for state in law.STATES if state != "destroyed"])
def test_whom_it_turns_out_to_be_about_is_barred_in_every_state(sealed: Sealed, cast: Cast, state: str) -> None:
    sealed.put(cast.sibling_handler)
    row = sealed.examined()
    Accusation.objects.filter(pk=row.pk).update(state=state)
    assert access.visible_to(cast.sibling_handler).exists()
    about: dict[str, Any] = {"accused": ["钱某", "孙某"], "units": [cast.bureau, cast.sibling]}
    row = sealed.take(row, "amend_about", reason="办理中发现还涉及住建局孙某", **about)
    assert row.state == state
    assert not access.visible_to(cast.sibling_handler).exists()
    assert words.of(row)["accused"] == ["钱某", "孙某"]


@pytest.mark.parametrize("state", ["closed", "archived", "doomed"])
def test_who_has_an_interest_stands_aside_when_it_is_over_too(sealed: Sealed, state: str) -> None:
    row = sealed.received()
    Accusation.objects.filter(pk=row.pk).update(state=state)
    sealed.take(row, "recuse", by=sealed.second)
    assert not access.visible_to(sealed.second).exists()


def test_an_amendment_says_why_and_leaves_somebody(sealed: Sealed, cast: Cast, signed_in: SignIn) -> None:
    row = sealed.transferred()
    with pytest.raises(BadInput) as refused:
        sealed.take(row, "amend_about", accused=["孙某"], units=[], reason=" ")
    assert "reason" in refused.value.fields
    with pytest.raises(BadInput, match="12388"):
        sealed.take(row, "amend_about", accused=["孙某"], units=[cast.office], reason="x")
    page = f"/guarded/case/{row.ref}/step/amend_about/"
    client = signed_in(sealed.second)
    assert "钱某" in client.get(page).content.decode()
    said = {"accused": f"钱某\n{sealed.second.user.name}", "unit": cast.bureau.pk, "reason": "牵涉本人"}
    answer = client.post(page, said)
    assert (answer.status_code, answer["Location"]) == (302, "/guarded/"), "it is about himself: he sees it no more"
    assert client.get(page).status_code == 404
    assert (
        f"被反映：钱某、{sealed.second.user.name}、{cast.bureau.name}"
        in signed_in(sealed.first).get(f"/guarded/case/{row.ref}/").content.decode()
    )


def test_a_destroyed_report_is_not_amended(sealed: Sealed) -> None:
    row = sealed.take(sealed.archived(), "propose_destruction", ground="settled")
    sealed.take(row, "destroy", by=sealed.second)
    for step in ("amend_about", "namesake", "recuse"):
        with pytest.raises((NotSeen, WrongMoment)):
            advance(step, on=row, by=sealed.first)


def test_the_menu_asks_the_list_anew_when_somebody_comes_onto_it(sealed: Sealed, cast: Cast) -> None:
    assert not roll.may_be_on(cast.handler)
    sealed.put(cast.handler)
    assert roll.may_be_on(cast.handler)
