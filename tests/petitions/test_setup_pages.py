"""The first-run pages over HTTP: closed to everybody without the code, each bad answer said in words, safe to leave and come back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import founding
from accounts.models import Office, Post, User
from petitions import papers
from petitions.models import LocalRule, Paper
from tests.accounts.test_founding import empty
from tests.accounts.test_roster import PEOPLE_ROWS, UNIT_ROWS, book
from tests.cast import Cast
from tests.makes import Makes

__all__ = ["empty"]

PAGES = ("", "region/", "office/", "rules/", "people/", "people/template/", "administrators/")
OFFICE = {"name": "浦江县信访局", "short_name": "信访局", "letterhead": "浦江县信访局", "paper_prefix": "浦信"}
THREE = {
    "system_admin_name": "王系统", "system_admin_username": "wangxt", "security_admin_name": "李安全",
    "security_admin_username": "lianquan", "audit_admin_name": "赵审计", "audit_admin_username": "zhaosj",
}  # fmt: skip


@pytest.fixture
def inside(empty: Office, client: Client) -> Client:
    """A browser that has used the code."""
    assert client.post("/setup/", {"code": founding.new_code()}).status_code == 302
    return client


def words(response: Any) -> str:
    return str(response.content.decode())


def upload(client: Client, people: list[dict[str, Any]], units: list[dict[str, Any]] | None = None) -> Any:
    data = book(UNIT_ROWS if units is None else units, people)
    return client.post("/setup/people/", {"sheet": SimpleUploadedFile("单位.xlsx", data)})


def to_people(client: Client) -> None:
    assert client.post("/setup/region/", {"county": "330726"}).url == "/setup/office/"
    assert client.post("/setup/office/", OFFICE).url == "/setup/rules/"
    assert client.post("/setup/rules/", {"preset": "national"}).url == "/setup/people/"


@pytest.mark.parametrize("page", PAGES)
def test_beside_an_administrator_or_in_a_demo_the_pages_do_not_exist(cast: Cast, client: Client, page: str) -> None:
    assert client.get(f"/setup/{page}").status_code == 404
    assert client.post(f"/setup/{page}").status_code in (404, 405)


def test_an_empty_office_leads_the_first_visitor_to_the_code(empty: Office, client: Client) -> None:
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/setup/"
    assert "启用码" in words(client.get("/setup/"))
    for page in PAGES[1:]:
        assert client.get(f"/setup/{page}").url == "/setup/"


def test_a_wrong_code_is_said_and_the_fifth_closes_the_door(empty: Office, client: Client) -> None:
    founding.new_code()
    answers = [client.post("/setup/", {"code": "aaaa-bbbb-cccc"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [409]
    assert "还可以试4次" in words(answers[0]) and "重新取一个" in words(answers[5])
    assert client.post("/setup/", {"code": ""}).status_code == 422


def test_another_browser_stays_outside(inside: Client) -> None:
    other = Client()
    assert other.get("/setup/region/").url == "/setup/"
    assert other.post("/setup/region/", {"county": "330726"}).url == "/setup/"
    assert Office.objects.get().region is None


def test_no_page_asks_much_of_the_database(inside: Client, django_assert_max_num_queries: Any) -> None:
    to_people(inside)
    upload(inside, PEOPLE_ROWS)
    inside.post("/setup/people/skip/")
    for page in PAGES[1:]:
        inside.get(f"/setup/{page}")
        with django_assert_max_num_queries(12):
            assert inside.get(f"/setup/{page}").status_code == 200


def test_the_letterhead_stands_on_the_offices_own_papers_alone(cast: Cast, make: Makes) -> None:
    Office.objects.create(name="浦江县信访局", letterhead="浦江县信访局文件", department=cast.office)
    make.delivered()
    marks = {
        paper.department_id: "浦江县信访局文件" in papers.html_of(paper)
        for paper in Paper.objects.exclude(kind__in=["accept_notice", "destination_notice"])
    }
    assert marks[cast.office.pk] and not marks[cast.bureau.pk]


def test_province_city_county(inside: Client) -> None:
    assert "浙江省" in words(inside.get("/setup/region/"))
    assert "金华市" in words(inside.get("/setup/region/?at=330000"))
    assert "浦江县" in words(inside.get("/setup/region/?at=330700"))
    assert "带入 15 个乡镇街道" in words(inside.get("/setup/region/?at=330726"))
    assert "仙桃市" in words(inside.get("/setup/region/?at=429000"))
    assert "就是东莞市" in words(inside.get("/setup/region/?at=441900"))
    assert inside.post("/setup/region/", {"county": "330700' OR"}).status_code == 422
    for odd in ("99", "abc", "000000", "330727", "３３０７２６", "3307260"):
        assert inside.get("/setup/region/", {"at": odd}).status_code == 200


def test_every_step_says_what_is_wrong(inside: Client) -> None:
    inside.post("/setup/region/", {"county": "330726"})
    bad = inside.post("/setup/office/", {**OFFICE, "name": "", "paper_prefix": "浦 信1"})
    assert bad.status_code == 422 and "只用汉字" in words(bad)
    inside.post("/setup/office/", OFFICE)
    unchecked = inside.post("/setup/rules/", {"preset": "zhejiang2016"})
    assert unchecked.status_code == 422 and "请先核实" in words(unchecked)
    assert inside.post("/setup/rules/", {"preset": "zhejiang2016", "checked": "on"}).status_code == 302
    assert "请先核实是否仍然有效" in LocalRule.objects.get().source
    assert inside.post("/setup/people/", {}).status_code == 422
    broken = inside.post("/setup/people/", {"sheet": SimpleUploadedFile("a.xlsx", b"no sheet")})
    assert broken.status_code == 422 and "打不开这个文件" in words(broken)
    wrong = upload(inside, [{"name": "甲", "department": "没有的局", "role": "承办人"}])
    assert wrong.status_code == 422 and "单位表里没有这个单位" in words(wrong) and "有 1 处要改" in words(wrong)
    assert inside.post("/setup/people/take-over/").status_code == 409
    inside.post("/setup/people/skip/")
    same = inside.post("/setup/administrators/", {**THREE, "audit_admin_name": "王系统"})
    assert same.status_code == 422 and "三个不同的人" in words(same)
    assert not Post.objects.exclude(role="system").exists()


def test_the_steps_come_one_after_the_other(inside: Client) -> None:
    assert inside.post("/setup/office/", OFFICE).status_code == 409
    assert inside.get("/setup/people/").url == "/setup/region/"
    assert inside.get("/setup/administrators/").url == "/setup/region/"


def test_it_is_left_in_the_middle_and_gone_on_with_in_another_browser(inside: Client) -> None:
    to_people(inside)
    assert upload(inside, PEOPLE_ROWS).status_code == 200
    other = Client()
    assert other.post("/setup/", {"code": founding.new_code()}).url == "/setup/people/"
    assert inside.get("/setup/people/").url == "/setup/"
    page = other.get("/setup/people/")
    assert "检查通过，还没有写入" in words(page) and "3 人" in words(page)


def test_from_nothing_to_the_first_sign_in(inside: Client) -> None:
    to_people(inside)
    assert inside.get("/setup/people/template/").content[:2] == b"PK"
    upload(inside, PEOPLE_ROWS)
    slips = inside.post("/setup/people/take-over/")
    assert "no-store" in slips["Cache-Control"]
    counter = next(slip for slip in slips.context["slips"] if slip.user.username == "zhouchuangkou")
    assert counter.password in words(slips)
    assert inside.post("/setup/people/take-over/").status_code == 409
    assert counter.password not in words(inside.get("/setup/people/"))
    begun = inside.post("/setup/administrators/", THREE)
    assert begun.status_code == 200 and "wangxt" in words(begun)
    assert inside.get("/setup/").status_code == 404
    fresh = Client()
    answer = fresh.post("/sign-in/", {"username": "zhouchuangkou", "password": counter.password})
    assert answer.status_code == 302
    assert fresh.get("/").url == "/password/"
    assert User.objects.get(username="wangxt").must_change_password
    assert "浦江县信访局" in words(fresh.get("/password/"))
