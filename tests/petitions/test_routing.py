"""What is suggested, from which words and rules, and why; never more than a suggestion."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from accounts.models import Region
from petitions import routing, trees
from petitions.forms.suggested import suggestion_for, suggestions_for
from petitions.models import Category, RoutingRule
from petitions.routing import Guess
from tests.cast import Cast
from tests.makes import Makes

TEXT = "我是檀溪镇寺前村村民，前年征地补偿款没有发，村里说征收已经结束。"


def region(code: str, name: str, level: str, above: str | None = None, *, active: bool = True) -> Region:
    return Region.objects.create(code=code, name=name, full_name=name, level=level, parent_id=above, active=active)


@pytest.fixture
def places(cast: Cast) -> dict[str, Region]:
    """Another town with a village of the same name, one of an everyday word, and one no longer in use."""
    town = region("330726103000", "白马镇", "town", "330726000000")
    return {
        "town": town,
        "same": region("330726103201", "寺前村", "village", town.pk),
        "peace": region("330726103202", "和平村", "village", town.pk),
        "gone": region("330726103203", "柳宅村", "village", town.pk, active=False),
        "quarter": region("330726103204", "永在社区", "village", town.pk),
    }


@pytest.fixture
def contents(cast: Cast) -> dict[str, Category]:
    top = Category.objects.create(code="T05", name="劳动社保")
    Category.objects.create(code="T0509", name="旧类", parent=top, hints=["征地"], active=False)
    return {
        "wages": Category.objects.create(
            code="T0501", name="拖欠工资", parent=top, hints=["拖欠工资", "工资", "包工头"]
        ),
        "top": top,
    }


# --- categories -----------------------------------------------------------------------------------------------------


def test_a_category_is_suggested_with_the_words_that_speak_for_it(cast: Cast, contents: Any) -> None:
    assert routing.categories("包工头拖欠工资三个月") == [
        Guess("T0501", "劳动社保 · 拖欠工资", "提到“拖欠工资”“包工头”“工资”")
    ]


def test_more_and_longer_words_come_first(cast: Cast, contents: Any) -> None:
    found = routing.categories(TEXT + "工资也没有发")
    assert [guess.value for guess in found] == ["T0202", "T0501"]
    assert routing.categories(TEXT + "工资也没有发", limit=1) == found[:1]


def test_categories_no_longer_in_use_and_texts_that_say_nothing_suggest_nothing(cast: Cast, contents: Any) -> None:
    assert [guess.value for guess in routing.categories("征地")] == ["T0202"]
    assert routing.categories("天气很好") == [] and routing.categories("") == []


def test_the_words_are_read_once_and_again_after_a_change(cast: Cast, django_assert_num_queries: Any) -> None:
    routing.categories(TEXT)
    with django_assert_num_queries(0):
        routing.categories(TEXT)
    cast.category.hints = ["雪崩"]
    cast.category.save()
    assert routing.categories(TEXT) == [] and routing.categories("雪崩了")[0].value == "T0202"


# --- places ---------------------------------------------------------------------------------------------------------


def test_a_village_is_found_before_its_town_with_the_word_that_names_it(cast: Cast) -> None:
    assert routing.regions(TEXT) == [
        Guess("330726101201", "檀溪镇寺前村", "提到“寺前村”"),
        Guess("330726101000", "檀溪镇", "提到“檀溪镇”"),
    ]


def test_of_two_villages_of_one_name_the_one_whose_town_is_named_comes_first(cast: Cast, places: Any) -> None:
    assert [guess.value for guess in routing.regions("白马镇的寺前村修路")] == [
        "330726103201", "330726103000", "330726101201",
    ]  # fmt: skip
    assert {guess.value for guess in routing.regions("寺前村修路")} == {"330726101201", "330726103201"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("寺前那边的路", []),  # could be any place before a temple
        ("檀溪的寺前那边", ["330726101000", "330726101201"]),
        ("希望和平解决纠纷", []),
        ("和平自然村的路灯", ["330726103202"]),
        ("白马和平的路灯", ["330726103000", "330726103202"]),
        ("永在社区停水", ["330726103204"]),
        ("柳宅村停水", []),
        ("浦江县停水", []),
    ],
)
def test_a_name_without_its_ending_counts_where_it_must_be_a_place(
    cast: Cast, places: Any, text: str, found: list[str]
) -> None:
    assert sorted(guess.value for guess in routing.regions(text)) == found


# --- bodies ---------------------------------------------------------------------------------------------------------


def rule(category: Category, department: Any, place: Region | None = None, note: str = "") -> RoutingRule:
    return RoutingRule.objects.create(category=category, region=place, department=department, note=note)


def bodies(category: Category | None, place: Region | None) -> list[tuple[str, str]]:
    return [(guess.value, guess.reason) for guess in routing.departments(category, place)]


def test_the_nearest_places_rule_comes_first_and_each_says_why(cast: Cast, places: Any) -> None:
    county, town = Region.objects.get(pk="330726000000"), Region.objects.get(pk="330726101000")
    rule(cast.category, cast.bureau, note="主管部门")
    rule(cast.category, cast.sibling, county)
    rule(cast.category, cast.township, town, "属地管理")
    assert bodies(cast.category, cast.region) == [
        (str(cast.township.pk), "属地管理"),
        (str(cast.sibling.pk), "分派表：土地征收（浦江县）"),
        (str(cast.bureau.pk), "主管部门"),
    ]
    assert [body for body, _ in bodies(cast.category, places["same"])] == [str(cast.sibling.pk), str(cast.bureau.pk)]
    assert [body for body, _ in bodies(cast.category, None)] == [str(cast.bureau.pk)]


def test_a_village_is_not_its_neighbour(cast: Cast, places: Any) -> None:
    rule(cast.category, cast.township, cast.region)
    assert bodies(cast.category, places["same"]) == [] and len(bodies(cast.category, cast.region)) == 1


def test_the_category_above_answers_where_its_own_has_no_rule_and_after_it(cast: Cast) -> None:
    top = cast.category.parent
    assert top is not None
    rule(top, cast.sibling, cast.region)
    assert [body for body, _ in bodies(cast.category, cast.region)] == [str(cast.sibling.pk)]
    rule(cast.category, cast.bureau)
    assert [body for body, _ in bodies(cast.category, cast.region)] == [str(cast.bureau.pk), str(cast.sibling.pk)]
    rule(cast.category, cast.sibling, cast.region, "属地")
    assert bodies(cast.category, cast.region)[0] == (str(cast.sibling.pk), "属地")
    assert len(bodies(cast.category, cast.region)) == 2


def test_a_body_that_is_no_more_is_not_suggested(cast: Cast) -> None:
    rule(cast.category, cast.bureau)
    cast.bureau.valid_to = date(2020, 1, 1)
    cast.bureau.save()
    assert bodies(cast.category, None) == []


def test_without_a_category_there_is_nothing_to_look_up(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert routing.departments(None, cast.region) == []


# --- where suggestions are shown --------------------------------------------------------------------------------------


def test_many_matters_are_answered_by_one_question(cast: Cast, make: Makes) -> None:
    from django.db import connection

    rule(cast.category, cast.bureau, note="主管部门")
    matters = [make.registered().petition for _ in range(3)] + [make.registered(category=None).petition]
    trees.categories()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = suggestions_for(matters)
    assert len(asked) == 1 and set(found) == {matter.pk for matter in matters[:3]}
    assert {(one.department, one.reason) for one in found.values()} == {(cast.bureau, "主管部门")}
    assert suggestion_for(matters[3]) is None and suggestions_for([]) == {}


def test_what_registration_left_open_is_suggested_in_triage_with_its_reason(
    cast: Cast, make: Makes, contents: dict[str, Category]
) -> None:
    from petitions.forms.steps import form_for
    from petitions.lifecycle import STEPS

    petition = make.registered(category=None, region=None, content=TEXT).petition
    code = routing.categories(TEXT)[0].value
    RoutingRule.objects.get_or_create(category_id=code, region=None, defaults={"department": cast.sibling})
    form = form_for(STEPS["transfer"], petition, petition.filings.get(), cast.triage)
    named = routing.departments(Category(pk=code), None)[0]
    assert form.initial["category"] == code and "提到" in form.fields["category"].help_text
    assert str(form.initial["department"]) == named.value and named.label in form.fields["department"].help_text
