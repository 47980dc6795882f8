"""Pages of figures: each number opens the list of the very cases, within the reader's scope; nobody else comes in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput
from petitions import access, exports, figures, jobs
from petitions.actions import rate, register
from petitions.figures import FORMULAS, INDICATORS, MEASURES, Behind, Cut, days, keep
from petitions.figures.bits import Bit
from petitions.figures.choices import choose
from petitions.figures.count import figure_of
from petitions.figures.words import said
from petitions.models import FigureChoice, FigureDay, Petition
from tests.cast import Cast
from tests.makes import Makes, entry

SignIn = Callable[[Actor], Client]
READERS = (
    "triage",
    "head",
    "supervisor",
    "conference",
    "leader",
    "unit_head",
    "unit_leader",
    "signer",
    "handler",
    "sibling_head",
)
LINK = re.compile(r'<a [^>]*href="(/figures/list/\?[^"]+)"[^>]*>(.*?)</a>', re.S)
COUNT = re.compile(r"data-count>([\d,]+)<")


@pytest.fixture
def county(cast: Cast, make: Makes) -> Cast:
    """An office with something of everything, its figures up to date."""
    petition = make.confirmed()
    rate(petition.filings.get(), target="unit", value="0")
    rate(petition.filings.get(), target="office", value="1")
    make.registered()
    make.handling()
    held = make.signed()
    register(entry(cast), by=cast.registrar, under=held.petition)
    make.sent("assign")
    make.studying()
    make.joint()
    figures.refresh()
    return cast


def numbers_of(page: str) -> Iterator[tuple[str, int]]:
    """Every number of a page that is a link, with its address; of a share or a mean, the size of its list is beside it."""
    for address, inner in LINK.findall(page):
        hidden = re.search(r"(?:分母|应答复)(\d+)件", inner)
        shown = re.sub(r"<[^>]+>", " ", inner).split()[0].replace(",", "")
        if hidden or shown.isdecimal():
            yield unescape(address), int(hidden.group(1) if hidden else shown)


@pytest.mark.parametrize("who", READERS)
def test_every_number_of_every_page_opens_a_list_as_long_as_it_says(county: Cast, signed_in: SignIn, who: str) -> None:
    client, actor = signed_in(getattr(county, who)), getattr(county, who)
    followed = 0
    for query in (
        "",
        "?capacity=office",
        "?capacity=body",
        "?capacity=body&basis=closed",
        f"?capacity=body&first={today() - timedelta(days=9)}&last={today()}",
    ):
        answer = client.get(f"/figures/{query}")
        assert answer.status_code == 200
        for address, many in dict(numbers_of(answer.content.decode())).items():
            page = client.get(address)
            found = COUNT.search(page.content.decode())
            assert page.status_code == 200 and found, address
            assert int(found.group(1).replace(",", "")) == many, address
            followed += bool(many)
            seen = {line.petition.pk for line in page.context["lines"]}
            assert len(page.context["lines"]) == min(many, 25)
            assert access.visible_to(actor).filter(pk__in=seen).count() == len(seen), address
    assert followed > 10 if who != "sibling_head" else followed == 0  # nothing was sent to the sibling


@pytest.mark.parametrize("who", ["registrar", "auditor", "system_admin", "security_admin", "audit_admin"])
def test_who_answers_for_no_matters_reads_no_figures(county: Cast, signed_in: SignIn, who: str) -> None:
    client = signed_in(getattr(county, who))
    for address in ("/figures/", "/figures/list/?of=matters", "/figures/sheet/"):
        assert client.get(address).status_code == 403
    assert 'href="/figures/"' not in client.get("/").content.decode()


def test_a_body_outside_the_scope_is_as_if_it_were_not_there(county: Cast, signed_in: SignIn) -> None:
    client = signed_in(county.unit_head)
    assert client.get(f"/figures/?unit={county.sibling.pk}").status_code == 404
    assert client.get(f"/figures/list/?of=matters&unit={county.sibling.pk}").status_code == 404
    assert client.get(f"/figures/?unit={county.bureau.pk}").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "unit=x",
        "unit=0",
        "region=1",
        "category=no",
        "channel=pigeon",
        "capacity=king",
        "first=2026-13-01",
        "day=2999-01-01",
        "first=2026-02-01&last=2026-01-01",
        "basis=born",
    ],
)
def test_an_address_that_names_what_is_not_there_is_refused(county: Cast, signed_in: SignIn, query: str) -> None:
    client = signed_in(county.triage)
    assert client.get(f"/figures/?{query}").status_code == 422
    assert client.get(f"/figures/list/?of=matters&{query}").status_code == 422


@pytest.mark.parametrize("of", ["", "no", "matters.no", "reply_days"])
def test_a_list_of_no_number_is_refused(county: Cast, signed_in: SignIn, of: str) -> None:
    assert signed_in(county.triage).get(f"/figures/list/?of={of}").status_code == 422


def test_an_empty_denominator_is_a_dash_and_never_nought(cast: Cast) -> None:
    formula = FORMULAS["content_of_rated"]
    assert said(figure_of(formula, dict.fromkeys(MEASURES, 0))) == "—"
    assert said(figure_of(formula, dict.fromkeys(MEASURES, 0) | {"rated": 4, "content": 3})) == "75.0%"


def test_measures_that_are_added_up_never_overlap() -> None:
    """Else a share would count a case twice and its list once."""
    apart = [
        {Bit.ROUTE_IN_TIME, Bit.ROUTE_LATE, Bit.ROUTE_OVERDUE, Bit.ROUTE_WAITS}, {Bit.NOTIFY_IN_TIME, Bit.NOTIFY_LATE, Bit.NOTIFY_OVERDUE, Bit.NOTIFY_WAITS},
        {Bit.REPLY_IN_TIME, Bit.REPLY_LATE, Bit.REPLY_OVERDUE, Bit.REPLY_WAITS}, {Bit.RATED, Bit.UNRATED}, {Bit.CONTENT, Bit.UNRATED},
    ]  # fmt: skip
    for formula in FORMULAS.values():
        for part in (formula.above, formula.below):
            wanted = {MEASURES[code].want for code in part}
            assert len(part) < 2 or any(wanted <= family for family in apart), formula.code


def test_every_formula_names_its_source_its_version_and_whom_it_is_reckoned_for() -> None:
    for formula in FORMULAS.values():
        assert formula.source and formula.version and formula.capacities and set(formula.measures) <= set(MEASURES), (
            formula.code
        )
    assert {code for code, readings in INDICATORS.items() if len(readings) == 2} == {
        "reply_in_time",
        "content",
        "rated_content",
        "repeats",
    }


def test_the_administrator_chooses_between_two_readings_and_the_page_says_which(
    county: Cast, signed_in: SignIn
) -> None:
    client = signed_in(county.system_admin)
    form = {code: readings[0].code for code, readings in INDICATORS.items() if len(readings) > 1} | {
        "repeats": "repeats_of_closed"
    }
    assert client.post("/manage/figures/", form).status_code == 422  # no reason
    assert client.post("/manage/figures/", form | {"reason": "市级考核口径"}).status_code == 302
    assert FigureChoice.objects.get().formula == "repeats_of_closed"
    assert "市级考核口径" in client.get("/manage/figures/").content.decode()
    page = signed_in(county.triage).get("/figures/").content.decode()
    assert "再次来件的事项占办结事项" in page and "重复件占信访件" not in page
    with pytest.raises(BadInput):
        choose({"repeats": "matters"}, by=county.system_admin, reason="x")


def test_the_explanation_says_why_nobody_is_ranked(county: Cast, signed_in: SignIn) -> None:
    page = signed_in(county.registrar).get("/figures/about/").content.decode()
    for words in (
        "没有信访量排名",
        "没有对人的打分",
        "没有由工作人员填写的满意度",
        "本系统现用",
        *(formula.source for formula in FORMULAS.values()),
    ):
        assert words in unescape(page)


def test_no_figure_counts_a_person_or_ranks_by_the_number_of_petitions(county: Cast, signed_in: SignIn) -> None:
    context = signed_in(county.triage).get("/figures/").context
    names = [row["label"] for row in context["units"]]
    tree = [node.name for node in figures.boards.trees.departments().nodes.values()]
    assert names == [name for name in tree if name in names]  # the order of the tree, whatever the numbers


def test_a_page_leaves_as_a_spreadsheet_with_its_numbers(county: Cast, signed_in: SignIn) -> None:
    answer = signed_in(county.triage).get("/figures/sheet/?capacity=office")
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames == ["指标", "单位", "超期", "内容分类", "逐月", "说明"]
    found = {row[0]: row[3] for row in book["指标"].iter_rows(min_row=2, values_only=True)}
    assert (
        found["信访总量"]
        == figures.counts(county.triage, Cut("office", first=today().replace(day=1)), ("filings",))[""]["filings"]
    )


def test_a_list_leaves_as_a_spreadsheet_with_the_same_rows(county: Cast, signed_in: SignIn) -> None:
    client = signed_in(county.triage)
    answer = client.post("/export/", {"page": "figure", "query": "capacity=office&of=filings"})
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert len(rows) == Behind.of(county.triage, Cut("office"), ["filings"]).count()
    assert len({row[0] for row in rows}) == len(rows)  # a repeat stands under its own number
    assert client.post("/export/", {"page": "figure", "query": "of=no"}).status_code == 422
    assert signed_in(county.registrar).post("/export/", {"page": "figure", "query": "of=matters"}).status_code == 403


def test_a_past_day_is_counted_in_the_background_and_then_shown(county: Cast, signed_in: SignIn) -> None:
    client, day = signed_in(county.triage), today() - timedelta(days=3)
    assert "还没有算" in client.get(f"/figures/?day={day}").content.decode()
    assert client.get(f"/figures/list/?of=matters&day={day}").status_code == 302
    job = jobs.start(days.CODE, by=county.triage, settings={"day": str(day)})
    assert jobs.run(job.ref) == "ended"
    page = client.get(f"/figures/?day={day}&capacity=office").content.decode()
    assert "日终的数字" in page
    numbers = dict(numbers_of(page))
    assert len(numbers) > 20
    for address, many in numbers.items():
        found = COUNT.search(client.get(address).content.decode())
        assert found, address
        assert int(found.group(1).replace(",", "")) == many == 0  # nothing was written three days ago
    assert client.post("/figures/day/", {"day": str(today())}).status_code == 422
    assert client.post("/figures/day/", {"day": str(day)}).status_code == 302


def test_a_frozen_day_is_never_counted_again(county: Cast) -> None:
    day = today() - timedelta(days=40)
    keep.make_day(day)
    made = FigureDay.objects.get(day=day).made_at
    keep.make_day(day)
    assert FigureDay.objects.get(day=day).made_at == made


def test_the_chart_says_what_the_table_beneath_it_says(county: Cast, signed_in: SignIn) -> None:
    answer = signed_in(county.triage).get("/figures/")
    found = re.search(r'<script id="figure-trend" type="application/json">(.*?)</script>', answer.content.decode())
    assert found
    chart = json.loads(found.group(1))
    assert chart["bars"][0]["values"] == [row["filings"]["many"] for row in answer.context["trend"]]


def test_a_long_list_behind_a_number_is_a_job(county: Cast, monkeypatch: pytest.MonkeyPatch, signed_in: SignIn) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    answer = signed_in(county.triage).post("/export/", {"page": "figure", "query": "capacity=office&of=filings"})
    assert answer.status_code == 302 and "/jobs/" in answer["Location"]


def test_sealed_reports_are_in_no_figure(county: Cast) -> None:
    assert set(Petition.objects.values_list("kind", flat=True)) <= {"claim", "suggestion"}
    assert not any("report" in code or "accus" in code for code in MEASURES)
