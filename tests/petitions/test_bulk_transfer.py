"""Many matters at once: each row through the one door, and a report of what worked and why the others did not."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from accounts.actor import Actor
from petitions.actions import advance
from petitions.models import Assignment, Paper, Petition
from tests.cast import Cast
from tests.makes import Makes

SignIn = Callable[[Actor], Client]
URL = "/tray/to_route/bulk/"


def body(*petitions: Petition, **more: object) -> dict[str, object]:
    seen = {f"{p.ref}-seen": p.events_count for p in petitions}
    return {"pick": [p.ref for p in petitions], **seen, **more}


def test_rows_are_chosen_then_transferred_one_by_one(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    one, two = make.registered().petition, make.registered().petition
    client = signed_in(cast.triage)
    assert one.number in client.get("/tray/to_route/").content.decode()
    shown = client.get(URL, {"pick": [one.ref, two.ref]})
    assert shown.status_code == 200 and two.number in shown.content.decode()
    choice = {f"{two.ref}-department_id": str(cast.sibling.pk), "department_all": str(cast.bureau.pk)}
    report = client.post(URL, body(one, two, **choice)).content.decode()
    assert Assignment.objects.get(petition=one).department == cast.bureau
    assert Assignment.objects.get(petition=two).department == cast.sibling
    for paper in Paper.objects.filter(kind="transfer_letter"):
        assert paper.number in report


def test_a_refused_row_stops_no_other_and_says_why(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    gone, stale, bare, fine = (make.registered().petition for _ in range(4))
    advance("transfer", on=gone.filings.get(), by=cast.triage, department=cast.sibling)
    advance("triage", on=stale.filings.get(), by=cast.head, kind="claim", category=cast.category, region=None)
    said = body(gone, stale, bare, fine, **{f"{fine.ref}-department_id": str(cast.bureau.pk)})
    for petition in (gone, stale):
        said[f"{petition.ref}-department_id"] = str(cast.bureau.pk)
    said[f"{gone.ref}-seen"] = Petition.objects.get(pk=gone.pk).events_count
    report = signed_in(cast.triage).post(URL, said).content.decode()
    assert "现在是“已转出”，不能“转送”" in report and "第二十二条" in report
    assert "已甄别" in report or "甄别" in report
    assert "没有选择责任单位" in report
    assert "已转送 1 件，3 件没有转送" in report
    assert list(Assignment.objects.exclude(petition=gone).values_list("petition", flat=True)) == [fine.pk]


def test_a_matter_without_a_category_asks_for_one(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.registered(category=None).petition
    client = signed_in(cast.triage)
    said = body(petition, department_all=str(cast.bureau.pk))
    assert "请先选择内容分类" in client.post(URL, said).content.decode()
    client.post(URL, said | {f"{petition.ref}-category": cast.category.pk})
    petition.refresh_from_db()
    assert petition.category == cast.category and petition.stage == "sent"


def test_a_category_of_that_does_not_exist_is_refused(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.registered(category=None).petition
    said = body(petition, department_all=str(cast.bureau.pk)) | {f"{petition.ref}-category": "nonsense"}
    assert signed_in(cast.triage).post(URL, said).status_code == 422


def test_pressed_twice_each_row_is_transferred_once_and_says_so_twice(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    one, two = make.registered(category=None).petition, make.registered().petition
    said = body(one, two, department_all=str(cast.bureau.pk), idempotency_key="k" * 24)
    said[f"{one.ref}-category"] = cast.category.pk
    client = signed_in(cast.triage)
    first, second = (client.post(URL, said).content.decode() for _ in range(2))
    assert Paper.objects.filter(kind="transfer_letter").count() == 2
    for paper in Paper.objects.filter(kind="transfer_letter"):
        assert paper.number in first and paper.number in second
    other = said | {"department_all": str(cast.sibling.pk)}
    assert "同一编号" in client.post(URL, other).content.decode()


def test_the_bar_for_many_is_shown_to_those_alone_who_may_transfer(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.registered()
    assert "批量转送" in signed_in(cast.triage).get("/tray/to_route/").content.decode()
    assert "批量转送" not in signed_in(cast.registrar).get("/tray/to_route/").content.decode()
    assert signed_in(cast.registrar).get(URL, {"pick": ["x"]}).status_code == 403


def test_other_peoples_matters_and_other_posts(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.registered().petition
    assert signed_in(cast.signer).post(URL, body(petition)).status_code == 403
    assert signed_in(cast.triage).post(URL, {"pick": ["0000000000000000"]}).status_code == 404
    assert signed_in(cast.triage).post(URL, {}).status_code == 422
    assert signed_in(cast.triage).get(URL, {"pick": [petition.ref] * 2}).status_code == 200
    many = {"pick": [f"{n:016d}" for n in range(60)]}
    assert signed_in(cast.triage).post(URL, many).status_code == 422
