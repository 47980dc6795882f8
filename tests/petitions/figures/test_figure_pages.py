"""Pages of figures: each number opens the list of the very cases, within the reader's scope; nobody else comes in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html import unescape
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput
from petitions import access, exports, figures, jobs
from petitions.actions import advance, rate, register
from petitions.figures import FORMULAS, INDICATORS, MEASURES, Behind, Cut, boards, days, keep
from petitions.figures.bits import Bit
from petitions.figures.choices import choose
from petitions.figures.count import figure_of
from petitions.figures.words import changed, said
from petitions.models import FigureChoice, FigureDay, FigureState, Job, Petition
from tests.cast import Cast
from tests.makes import Makes, entry
from tests.petitions.figures.when import on_day

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
    """An office with something of everything, some of it since four days, its figures up to date."""
    before = today() - timedelta(days=4)
    FigureState.objects.update(done_to=before.replace(day=1))
    with on_day(before):
        petition = make.confirmed()
        make.handling()
        make.registered()
        figures.refresh()
    rate(petition.filings.get(), target="unit", value="0")
    rate(petition.filings.get(), target="office", value="1")
    make.registered()
    held = make.signed()
    register(entry(cast), by=cast.registrar, under=held.petition)
    make.sent("assign")
    make.studying()
    make.joint()
    FigureState.objects.update(done_to=today().replace(day=1))  # a month that ended in between is not frozen by itself
    figures.refresh()
    return cast


def numbers_of(page: str) -> Iterator[tuple[str, int]]:
    """Every number of a page that is a link, with its address; of a share or a mean, the size of its list is beside it."""
    for address, inner in LINK.findall(page):
        hidden = re.search(r"(?:分母|应答复)(\d+)件", inner)
        shown = re.sub(r"<[^>]+>", " ", inner).split()[0].replace(",", "")
        if hidden or shown.isdecimal():
            yield unescape(address), int(hidden.group(1) if hidden else shown)


def bare_numbers_of(page: str) -> list[str]:
    """Cells of numbers that nothing can be opened from: none but a dash, a sum or mean of days, and an indicator's own value
    whose two numbers stand beside it."""
    cells = re.findall(r'<td class="num"(?![^>]*data-label="数值")[^>]*>(.*?)</td>', page, re.S)
    left = [
        re.sub(r'<a .*?</a>|<span class="change">.*?</span>|<[^>]+>', "", cell, flags=re.S).strip() for cell in cells
    ]
    return [one for one in left if one not in ("", "—") and not re.fullmatch(r"[\d,.]+日", one)]


def asked_for(cast: Cast) -> tuple[str, ...]:
    """Addresses of boards: other capacities, bases and periods, narrowed by one and by two, and of a day that is over."""
    nine = f"first={today() - timedelta(days=9)}&last={today()}"
    return (
        "", "?all=1", f"?capacity=office&{nine}", f"?capacity=body&{nine}", f"?capacity=body&basis=closed&{nine}", f"?capacity=body&category={cast.category.pk}&{nine}",
        f"?capacity=office&category={cast.category.pk}&channel=visit&{nine}", f"?capacity=body&{nine}&day={today() - timedelta(days=3)}",
    )  # fmt: skip


@pytest.mark.parametrize("who", READERS)
def test_every_number_of_every_page_opens_a_list_as_long_as_it_says(county: Cast, signed_in: SignIn, who: str) -> None:
    client, actor = signed_in(getattr(county, who)), getattr(county, who)
    keep.make_day(today() - timedelta(days=3))
    followed: dict[str, int] = {}
    for query in asked_for(county):
        answer = client.get(f"/figures/{query}")
        assert answer.status_code == 200
        page = answer.content.decode()
        assert not bare_numbers_of(page), query
        if "capacity=body" in query and who != "sibling_head":
            assert sum(many for _, many in numbers_of(page)), query
        for address, many in numbers_of(page):
            assert followed.setdefault(address, many) == many, address
    empty = [address for address, many in followed.items() if not many]
    for address in [*(set(followed) - set(empty)), *empty[::20]]:  # hundreds are of months in which there was nothing
        many = followed[address]
        page_of = client.get(address)
        found = COUNT.search(page_of.content.decode())
        assert page_of.status_code == 200 and found, address
        assert int(found.group(1).replace(",", "")) == many, address
        seen = {line.petition.pk for line in page_of.context["lines"]}
        assert len(page_of.context["lines"]) == min(many, 25)
        assert access.visible_to(actor).filter(pk__in=seen).count() == len(seen), address
    met = sum(map(bool, followed.values()))
    assert met > 20 if who != "sibling_head" else met == 0  # nothing was sent to the sibling


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
    begun = [client.post("/figures/day/", {"day": str(day)})["Location"] for _ in range(2)]
    assert begun[0] == begun[1]  # asked for twice, it is one piece of work
    job = Job.objects.get(kind=days.CODE)
    assert jobs.run(job.ref) == "ended"
    assert f'href="/figures/?day={day}"' in client.get(begun[0]).content.decode()
    page = client.get(f"/figures/?day={day}").content.decode()
    assert "日终的数字" in page
    assert max(many for _, many in numbers_of(page)) == 3  # what was there then; seven are there now
    assert client.post("/figures/day/", {"day": str(today())}).status_code == 422
    assert client.post("/figures/day/", {"day": str(day)}).status_code == 302


def test_a_day_before_the_first_filing_has_no_figures(county: Cast, signed_in: SignIn) -> None:
    client, day = signed_in(county.triage), today() - timedelta(days=5)
    for answer in (client.get(f"/figures/?day={day}"), client.post("/figures/day/", {"day": str(day)})):
        page = answer.content.decode()
        assert answer.status_code == 422 and "还没有登记过信访件" in page
        assert str(today() - timedelta(days=4)) not in page  # since when there are any is nobody's answer
    assert not Job.objects.exists()


def test_nothing_leaves_as_a_spreadsheet_of_a_day_that_is_not_counted(county: Cast, signed_in: SignIn) -> None:
    client, day = signed_in(county.triage), today() - timedelta(days=3)
    refused = client.post("/export/", {"page": "figure", "query": f"of=filings&day={day}"})
    assert refused.status_code == 409
    assert client.get(f"/figures/sheet/?day={day}").status_code == 409
    keep.make_day(day)
    answer = client.post("/export/", {"page": "figure", "query": f"capacity=office&of=filings&day={day}"})
    rows = list(load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0].iter_rows(min_row=2))
    assert len(rows) == 3


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


# --- what a page says ------------------------------------------------------------------------------------------------


@pytest.fixture
def overdue(cast: Cast, make: Makes) -> Cast:
    """A matter that nobody has routed for eighty days, and one of today; the last end of a month is frozen."""
    before = today() - timedelta(days=80)
    with on_day(before):
        FigureState.objects.update(done_to=before.replace(day=1))
        figures.refresh()
        make.registered()
        make.sent()
        make.signed()
    make.sent()
    figures.refresh()
    return cast


def line_of(found: boards.Board, indicator: str) -> boards.Line:
    return next(line for line in found.lines if line.formula.indicator == indicator)


@pytest.mark.parametrize("basis", ["registered", "filed", "closed"])
def test_what_is_open_and_overdue_is_the_same_by_whatever_day_the_period_goes(
    overdue: Cast, signed_in: SignIn, basis: str
) -> None:
    found = boards.board_of(overdue.triage, Cut("body", basis, today().replace(day=1), today()))
    assert [line_of(found, code).now.above for code in ("open", "overdue")] == [3, 1]
    assert [(row.label, row.numbers["overdue"]) for row in found.late] == [(overdue.bureau.short_name, 1)]
    page = signed_in(overdue.triage).get(f"/figures/?capacity=body&basis={basis}").content.decode()
    assert "没有超期未办" not in page


def test_what_stands_now_is_compared_with_the_frozen_ends_of_months(overdue: Cast) -> None:
    found = boards.board_of(overdue.triage, Cut("body", first=today().replace(day=1), last=today()))
    line, end = line_of(found, "open"), today().replace(day=1) - timedelta(days=1)
    assert line.before and line.before.cut.day == end and line.before.figure.above == 2
    assert line.change(line.before) == "升50.0%"
    assert line.last_year and said(line.last_year.figure) == "—" and line.change(line.last_year) == ""


def test_a_period_that_is_still_running_is_compared_with_the_same_days(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    for day in (date(2026, 2, 5), date(2026, 2, 20), date(2026, 3, 4), date(2026, 3, 5)):
        with on_day(day):
            make.registered()
    with on_day(date(2026, 3, 10)):
        figures.refresh()
        found = boards.board_of(cast.triage, Cut("office", first=date(2026, 3, 1), last=date(2026, 3, 31)))
        line = line_of(found, "filings")
        assert line.before and (line.before.cut.first, line.before.cut.last) == (date(2026, 2, 1), date(2026, 2, 10))
        assert (line.now.above, line.before.figure.above, line.change(line.before)) == (2, 1, "升100.0%")
        assert "本期算到2026年3月10日" in signed_in(cast.triage).get("/figures/").content.decode()
        over = boards.board_of(cast.triage, Cut("office", first=date(2026, 2, 1), last=date(2026, 2, 28)))
        assert not over.running


RUNNING = [
    # today, the period, the part of the period before that had run by the same day
    ("10 March of a running year", date(2026, 3, 10), (date(2026, 1, 1), date(2026, 12, 31)), (date(2025, 1, 1), date(2025, 3, 10))),
    ("10 August of a running quarter", date(2026, 8, 10), (date(2026, 7, 1), date(2026, 9, 30)), (date(2026, 4, 1), date(2026, 5, 10))),
    ("Wednesday of a running week", date(2026, 3, 11), (date(2026, 3, 9), date(2026, 3, 15)), (date(2026, 3, 2), date(2026, 3, 4))),
    ("a year that is over", date(2026, 3, 10), (date(2025, 1, 1), date(2025, 12, 31)), (date(2024, 1, 1), date(2024, 12, 31))),
]  # fmt: skip


@pytest.mark.parametrize(("now", "period", "before"), [row[1:] for row in RUNNING], ids=[row[0] for row in RUNNING])
def test_a_running_period_is_compared_with_the_same_part_of_the_whole_one_before(
    cast: Cast, now: date, period: tuple[date, date], before: tuple[date, date]
) -> None:
    with on_day(now):
        line = line_of(boards.board_of(cast.triage, Cut("office", first=period[0], last=period[1])), "filings")
    assert line.before
    assert (line.before.cut.first, line.before.cut.last) == before


@pytest.mark.parametrize(
    ("formula", "now", "then", "words"),
    [
        ("filings", {"filings": 9}, {"filings": 8}, "升12.5%"),
        ("filings", {"filings": 6}, {"filings": 8}, "降25.0%"),
        ("filings", {"filings": 8}, {"filings": 8}, "持平"),
        ("filings", {"filings": 8}, {"filings": 0}, ""),
        ("rated", {"rated": 1, "rateable": 2}, {"rated": 1, "rateable": 4}, "升25.0个百分点"),
        ("rated", {"rated": 1, "rateable": 2}, {"rated": 0, "rateable": 0}, ""),
        ("reply_days", {"reply_days": 30, "replied": 2}, {"reply_days": 17, "replied": 1}, "降2.0日"),
    ],
)
def test_a_count_changes_in_percent_a_share_in_points_and_a_mean_in_days(
    formula: str, now: dict[str, int], then: dict[str, int], words: str
) -> None:
    assert changed(figure_of(FORMULAS[formula], now), figure_of(FORMULAS[formula], then)) == words


def test_a_narrowed_number_says_what_it_is_of_on_the_page_the_list_and_both_spreadsheets(
    county: Cast, signed_in: SignIn
) -> None:
    client = signed_in(county.triage)
    query = (
        f"capacity=body&unit={county.bureau.pk}&category={county.category.pk}&region={county.region.pk}&channel=visit"
    )
    told = (f"{county.bureau.short_name}（含下级）", county.category.name, county.region.name, "有权处理机关口径")
    head = re.compile(r'<p class="quiet figures-scope">(.*?)</p>', re.S)
    page = head.search(client.get(f"/figures/?{query}").content.decode())
    listed = client.get(f"/figures/list/?of=filings&{query}").context["conditions"]
    sheets = [
        client.get(f"/figures/sheet/?{query}"),
        client.post("/export/", {"page": "figure", "query": f"of=filings&{query}"}),
    ]
    about = [
        "；".join(
            str(cell) for row in load_workbook(BytesIO(b"".join(one.streaming_content)))["说明"].values for cell in row
        )
        for one in sheets
    ]
    assert page
    for text in (page.group(1), listed, *about):
        assert all(words in text for words in told), text


def test_the_reading_that_was_chosen_stands_wherever_its_number_does(county: Cast, signed_in: SignIn) -> None:
    client = signed_in(county.triage)
    page = client.get("/figures/").content.decode()
    tiles = page[page.index("figures--board") : page.index("</ul>", page.index("figures--board"))]
    trend, units = (page[page.index(f'id="{name}"') :] for name in ("f-trend", "f-units"))
    for part in (tiles, trend[: trend.index("</thead>")], units[: units.index("</thead>")]):
        assert "不计未到期的" in part
    book = load_workbook(BytesIO(b"".join(client.get("/figures/sheet/").streaming_content)))
    assert "按期答复率（不计未到期的）" in next(book["单位"].values)


def test_a_leader_reads_one_page_and_finds_the_rest_behind_a_link(county: Cast, signed_in: SignIn) -> None:
    client = signed_in(county.leader)
    page = client.get("/figures/").content.decode()
    assert [name for name in SECTIONS if f'id="{name}"' in page] == ["f-own", "f-trend", "f-cats"]
    link = re.search(r'<a class="btn" href="(\?[^"]*all=1)">全部指标</a>', page)
    assert link
    whole = client.get(f"/figures/{unescape(link.group(1))}").content.decode()
    assert [name for name in SECTIONS if f'id="{name}"' in whole] == [
        "f-own",
        "f-trend",
        "f-all",
        "f-visits",
        "f-units",
        "f-cats",
    ]
    assert "f-own" not in signed_in(county.triage).get("/figures/?all=1").content.decode()


SECTIONS = ("f-own", "f-trend", "f-all", "f-visits", "f-units", "f-cats")


def test_where_it_is_overdue_stands_in_the_order_of_the_tree(overdue: Cast, make: Makes) -> None:
    with on_day(today() - timedelta(days=70)):
        for _ in range(2):
            held = make.registered()
            advance("transfer", on=held.filing, by=overdue.triage, department=overdue.sibling)
            advance("sign_for", on=held.petition.assignments.get(), by=overdue.sibling_signer)
    figures.refresh()
    late = boards.board_of(overdue.triage, Cut("body")).late
    tree = [node.name for node in boards.trees.departments().nodes.values()]
    assert len(late) == 2
    assert [row.label for row in late] == sorted((row.label for row in late), key=tree.index)
