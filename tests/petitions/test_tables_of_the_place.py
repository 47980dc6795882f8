"""Places, categories, the routing table: kept by the system administrator, refused where a row would mislead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts import places
from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment, WrongPerson
from accounts.models import Department, Region
from petitions import classification, routing, trees
from petitions.models import Category, RoutingRule
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


def _town() -> Region:
    return Region.objects.get(pk="330726101000")


@pytest.mark.parametrize(
    ("parent", "code", "ok"),
    [
        ("330726000000", "330726102000", True),
        ("330726000000", "330726102001", False),  # a village's code for a town
        ("330726000000", "330727102000", False),  # another county's
        ("330726000000", "330726000000", False),  # its own
        ("330726000000", "33072610200", False),
        ("330726101000", "330726101202", True),
        ("330726101000", "330726102202", False),
        ("330726101000", "330726101201", False),  # taken
        ("330726101201", "330726101202", False),  # nothing stands below a village
    ],
)
def test_a_code_says_where_its_place_lies(cast: Cast, parent: str, code: str, ok: bool) -> None:
    row = Region.objects.get(pk=parent)
    if not ok:
        with pytest.raises(BadInput):
            places.add(row, by=cast.system_admin, code=code, name="新地")
        return
    made = places.add(row, by=cast.system_admin, code=code, name="新地")
    assert made.full_name == f"{row.full_name}新地"


def test_a_renamed_town_renames_its_villages_in_full_and_what_is_registered_keeps_its_place(
    cast: Cast, make: Makes
) -> None:
    petition = make.registered().petition
    places.rename(_town(), by=cast.system_admin, name="檀溪街道", reason="撤镇设街道")
    petition.refresh_from_db()
    assert petition.region_id == cast.region.pk
    assert petition.region is not None
    assert petition.region.full_name == "浙江省金华市浦江县檀溪街道寺前村"


def test_a_place_goes_out_of_use_from_the_bottom(cast: Cast) -> None:
    with pytest.raises(WrongMoment, match="先停用"):
        places.put(_town(), by=cast.system_admin, active=False, reason="撤并")
    places.put(cast.region, by=cast.system_admin, active=False, reason="撤并")
    places.put(_town(), by=cast.system_admin, active=False, reason="撤并")
    with pytest.raises(WrongMoment, match="先恢复上级"):
        places.put(Region.objects.get(pk=cast.region.pk), by=cast.system_admin, active=True, reason="恢复")


def test_a_category_is_one_of_two_levels_with_words_and_outside_codes(cast: Cast) -> None:
    top = Category.objects.get(pk="T02")
    row = classification.add_category(
        by=cast.system_admin,
        code="T0203",
        name="宅基地",
        parent=top,
        hints="宅基地、建房 审批",
        outside="国家系统：0203",
    )
    assert (row.hints, row.outside_codes) == (["宅基地", "建房", "审批"], {"国家系统": "0203"})
    trees.forget()
    assert routing.categories("宅基地审批被拖")[0].value == "T0203"
    for wrong in (
        {"code": "t1"}, {"code": "T0203"}, {"name": "宅基地"}, {"parent": row}, {"hints": "字"}, {"outside": "没有冒号"}
    ):  # fmt: skip
        said = {"code": "T0299", "name": "另一类", "parent": top, "hints": "", "outside": ""} | wrong
        with pytest.raises(BadInput):
            classification.add_category(by=cast.system_admin, **said)


def test_a_category_out_of_use_is_not_suggested_and_stays_where_it_is(cast: Cast, make: Makes) -> None:
    petition = make.registered().petition
    with pytest.raises(WrongMoment):
        classification.put_category(Category.objects.get(pk="T02"), by=cast.system_admin, active=False, reason="并入")
    classification.put_category(cast.category, by=cast.system_admin, active=False, reason="并入")
    trees.forget()
    assert routing.categories("征地补偿没有发") == []
    petition.refresh_from_db()
    assert petition.category_id == cast.category.pk


def test_a_rule_of_the_same_category_and_place_is_replaced_with_both_sides_written_down(cast: Cast) -> None:
    said = {"by": cast.system_admin, "category": cast.category, "region": None, "note": "职责清单"}
    classification.set_route(department=cast.bureau, **said)
    classification.set_route(department=cast.sibling, **said)
    assert RoutingRule.objects.get().department == cast.sibling
    assert routing.departments(cast.category, cast.region)[0].value == str(cast.sibling.pk)
    classification.drop_route(RoutingRule.objects.get(), by=cast.system_admin, reason="职责调整")
    assert routing.departments(cast.category, cast.region) == []


def test_only_a_body_that_may_decide_and_still_is_can_be_named(cast: Cast) -> None:
    said = {"by": cast.system_admin, "category": cast.category, "region": None, "note": ""}
    with pytest.raises(BadInput):
        classification.set_route(department=cast.city, **said)
    Department.objects.filter(pk=cast.bureau.pk).update(valid_to=today() - timedelta(days=1))
    with pytest.raises(BadInput, match="已经撤销"):
        classification.set_route(department=cast.bureau, **said)


def test_only_the_system_administrator_changes_them(cast: Cast) -> None:
    for other in (cast.security_admin, cast.audit_admin, cast.head):
        for verb in (
            lambda by: places.rename(_town(), by=by, name="x", reason="x"),
            lambda by: places.add(_town(), by=by, code="330726101299", name="x"),
            lambda by: places.put(cast.region, by=by, active=False, reason="x"),
            lambda by: classification.put_category(cast.category, by=by, active=False, reason="x"),
            lambda by: classification.set_route(
                by=by, category=cast.category, region=None, department=cast.bureau, note=""
            ),
        ):
            with pytest.raises(WrongPerson):
                verb(other)


def test_the_pages(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.system_admin)
    assert "檀溪镇" in client.get("/manage/regions/").content.decode()
    assert "寺前村" in client.get("/manage/regions/?q=寺前").content.decode()
    assert client.post("/manage/regions/330726101000/add/", {"code": "1", "name": "新村"}).status_code == 422
    assert client.post("/manage/regions/330726101000/add/", {"code": "330726101203", "name": "新村"}).status_code == 302
    assert client.post("/manage/regions/330726101203/rename/", {"name": "新新村", "reason": "批复"}).status_code == 302
    assert client.post("/manage/regions/330726101203/use/", {"reason": "撤并"}).status_code == 302
    assert client.get("/manage/regions/999999999999/").status_code == 404
    assert "土地征收" in client.get("/manage/categories/").content.decode()
    said = {"code": "T0203", "parent": "T02", "name": "宅基地", "hints": "建房", "outside": ""}
    assert client.post("/manage/categories/add/", said).status_code == 302
    assert (
        client.post("/manage/categories/T0203/", {"name": "农村宅基地", "hints": "建房", "outside": "没有"}).status_code
        == 422
    )
    assert client.post("/manage/categories/T0203/", {"name": "农村宅基地", "hints": "建房"}).status_code == 302
    assert client.post("/manage/categories/T0203/use/", {"reason": "并入"}).status_code == 302
    put = {"category": "T0202", "region": "330726101000", "department": cast.bureau.pk, "note": "职责清单"}
    assert client.post("/manage/routing/put/", put).status_code == 302
    tried = client.get(f"/manage/routing/?category=T0202&region={cast.region.pk}").content.decode()
    assert "职责清单" in tried
    row = RoutingRule.objects.get()
    assert client.post(f"/manage/routing/{row.pk}/drop/", {"reason": "调整"}).status_code == 302
