"""The demo county: complete, nobody's matter gets stuck in it, and it never appears in a real office."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Delegation, Department, Post, Region, Role, User
from accounts.tree import Circle, place, subtree_ids
from petitions import hall
from petitions.demo import contents
from petitions.demo.county import County, build_county, sign_ins
from petitions.demo.guard import NotADemo
from petitions.models import BoardEntry, CalendarDay, CalendarYear, Category, RoutingRule
from petitions.seeds import categories

pytestmark = pytest.mark.django_db
FOUR = {Role.SIGNER, Role.HANDLER, Role.UNIT_LEADER, Role.UNIT_HEAD}


@pytest.fixture
def county(db: Any) -> County:
    return build_county()


def _counts() -> tuple[int, ...]:
    kinds = (Region, Department, User, Post, Delegation, Category, RoutingRule, CalendarDay, CalendarYear, BoardEntry)
    return tuple(kind.objects.count() for kind in kinds)  # type: ignore[attr-defined]


def test_building_it_again_changes_nothing(county: County) -> None:
    before = _counts()
    again = build_county()
    assert _counts() == before
    assert {name: [a.post.pk for a in actors] for name, actors in again.people.items()} == {
        name: [a.post.pk for a in actors] for name, actors in county.people.items()
    }


def test_places_reach_from_the_province_to_the_villages(county: County) -> None:
    assert all(len(code) == 12 and code.isdigit() for code in county.regions)
    towns = [row for row in county.regions.values() if row.level == "town"]
    assert len(towns) == 15
    assert len(county.villages) > 200
    village = county.villages[0]
    assert village.full_name.startswith("浙江省金华市浦江县") and village.parent is not None
    assert not any("委员会" in row.name for row in county.villages)


def test_bodies_stand_in_one_tree(county: County) -> None:
    assert 55 <= len(county.departments) <= 100
    for row in county.departments.values():
        above = row.parent.path if row.parent else "/"
        assert row.path == f"{above}{row.pk}/"
    prefixes = [row.paper_prefix for row in county.departments.values() if row.paper_prefix]
    assert len(prefixes) == len(set(prefixes)), "two bodies would give their papers the same numbers"
    assert county.departments["HB"].parent == county.departments["JHHB"], "a vertical body is reviewed from above"
    under = set(subtree_ids(county.departments["ZF"]))
    assert county.departments["330726101"].pk in under and county.departments["HB"].pk not in under


def test_a_moved_body_takes_what_is_below_along(county: County) -> None:
    bureau, inner = county.departments["RS"], county.departments["RS-JC"]
    bureau.parent = county.departments["ZJ"]
    place(bureau)
    inner.refresh_from_db()
    assert inner.path == f"{county.departments['ZJ'].path}{bureau.pk}/{inner.pk}/"
    county.departments["ZJ"].parent = inner
    with pytest.raises(Circle):
        place(county.departments["ZJ"])


def test_every_category_goes_somewhere_or_says_why_not(county: County) -> None:
    assert (len(categories.tops()), len(county.categories)) == (17, 112)
    routed = set(RoutingRule.objects.filter(region=None).values_list("category_id", flat=True))
    reasons = contents.why_unrouted()
    for code, row in county.categories.items():
        assert (code in routed) != bool(reasons.get(code)), row.name
        assert len(row.hints) >= 3, row.name
    assert RoutingRule.objects.exclude(region=None).count() % 15 == 0
    receivers = {row.department.kind for row in RoutingRule.objects.select_related("department")}
    assert receivers <= {"bureau", "commission", "political_legal", "township", "street"}


def test_no_unit_is_without_its_four_posts(county: County) -> None:
    by_post = county.by_post()
    for unit in county.units():
        held = {role for role in FOUR if by_post.get((unit.pk, role))}
        assert held == FOUR, f"{unit.name}: {FOUR - held}"
        drafters = {actor.user.pk for actor in by_post[unit.pk, Role.HANDLER]}
        checkers = {actor.user.pk for actor in by_post[unit.pk, Role.UNIT_LEADER]}
        assert not drafters & checkers, f"{unit.name}: nobody may check his own draft"


def test_every_role_is_held_and_everybody_of_the_tour_can_sign_in(county: County) -> None:
    assert set(Post.objects.values_list("role", flat=True)) == set(Role.values)
    for _, username, _ in sign_ins():
        assert county.named(username).user.check_password("Pujiang-2003")
    assert any(len(actors) > 1 for actors in county.people.values())


def test_days_off_are_known_for_three_years_and_no_more(county: County) -> None:
    assert list(CalendarYear.objects.values_list("year", flat=True).order_by("year")) == [2024, 2025, 2026]
    assert not CalendarDay.objects.filter(day__year=2027).exists()
    assert (
        CalendarDay.objects.get(day="2026-02-14").is_workday
        and not CalendarDay.objects.get(day="2026-10-01").is_workday
    )


def test_a_real_office_never_gets_it(db: Any, settings: Any) -> None:
    settings.OFFICE_MODE = "office"
    with pytest.raises(NotADemo):
        build_county()
    settings.OFFICE_MODE, settings.DATABASE_URL, settings.TESTING = "demo", "postgresql://u:p@h/d", False
    with pytest.raises(NotADemo):
        build_county()
    assert not User.objects.exclude(username="system").exists()


def test_the_notice_board_answers_where_when_and_how_to_ask(county: County) -> None:
    kinds = set(hall.board().values_list("kind", flat=True))
    assert {BoardEntry.Kind.PLACE, BoardEntry.Kind.PHONE, BoardEntry.Kind.LETTER} <= kinds
