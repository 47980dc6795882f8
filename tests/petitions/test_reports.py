"""What is reported, and does it stay as it was issued?  Art.41's four parts, an editor's words, a frozen file with charts."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client
from docx import Document

from accounts.actor import Actor
from accounts.dates import today
from petitions import acts, figures
from petitions.actions import advance
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.figures import keep
from petitions.models import Assignment, FigureState, Petition, Proceeding, Report
from petitions.reports import verbs
from petitions.reports.contents import NOT_RANKED, Contents
from tests.cast import Cast
from tests.makes import Makes, pattern
from tests.petitions.figures.test_figures import on_day

SignIn = Callable[[Actor], Client]
LAST = today().year - 1
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.fixture
def draft(cast: Cast, make: Makes) -> Report:
    """Last year's report, of which nothing was registered by the verbs: seven matters are, this year."""
    for _ in range(6):
        make.handling()
    make.confirmed()
    figures.refresh()
    keep.make_day(date(LAST, 12, 31))
    return verbs.begin(cast.triage, "annual", LAST)


def test_the_four_parts_of_article_41_stand_in_order_with_the_numbers_of_the_figures(cast: Cast, draft: Report) -> None:
    this_year = verbs.begin(cast.head, "annual", today().year)
    found = verbs.contents_of(this_year, cast.head)
    assert [part.title[0] for part in found.parts] == ["一", "二", "三", "四"]
    overview = {row[0]: row[1] for row in found.parts[0].tables[0].rows}
    cut = figures.Cut(first=this_year.first, last=this_year.last)
    numbers = figures.counts(cast.head, cut, ("filings", "matters", "closed"))[""]
    assert (overview["信访件"], overview["信访事项"], overview["办结"]) == (
        numbers["filings"],
        numbers["matters"],
        numbers["closed"],
    )
    assert numbers["matters"] == Petition.objects.count() == 7
    bodies = next(table for table in found.parts[0].tables if table.title.startswith("被投诉"))
    assert bodies.note == NOT_RANKED and [row[:2] for row in bodies.rows] == [[cast.bureau.short_name, 7]]


def test_one_draft_each_period_and_none_of_the_future(cast: Cast, draft: Report) -> None:
    assert verbs.begin(cast.head, "annual", LAST) == draft
    with pytest.raises(BadInput):
        verbs.begin(cast.head, "annual", today().year + 1)
    with pytest.raises(BadInput):
        verbs.begin(cast.head, "monthly", LAST, 13)
    with pytest.raises(WrongPerson):
        verbs.begin(cast.unit_head, "annual", LAST)


def test_a_period_that_ended_before_the_first_filing_has_no_draft(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    make.registered()
    client, month = signed_in(cast.head), {"kind": "monthly", "year": str(LAST), "month": "1"}
    for said in (month, {"kind": "annual", "year": str(LAST)}):
        answer = client.post("/reports/begin/", said)
        assert answer.status_code == 422 and "还没有登记过信访件" in answer.content.decode()
    assert not Report.objects.exists()


def test_an_editors_words_stand_in_it_and_an_emptied_paragraph_follows_the_figures_again(
    cast: Cast, draft: Report
) -> None:
    verbs.change(draft, by=cast.triage, texts={"more": "本年建成一站式接待大厅。", "numbers": "另写。", "nothing": "x"})
    draft.refresh_from_db()
    assert draft.texts == {"more": "本年建成一站式接待大厅。", "numbers": "另写。"}
    drafted = verbs.contents_of(draft, cast.triage).parts[0].paragraphs[0]
    assert drafted.said == "另写。"
    verbs.change(draft, by=cast.triage, texts={"numbers": "", "more": "x"})
    draft.refresh_from_db()
    assert draft.texts == {"more": "x"}


def test_what_is_issued_stays_byte_for_byte_whatever_happens_afterwards(cast: Cast, make: Makes, draft: Report) -> None:
    with pytest.raises(WrongPerson):
        verbs.issue(draft, by=cast.triage)
    issued = verbs.issue(draft, by=cast.head)
    before, kept = verbs.contents_of(issued, cast.head), verbs.file_of(issued, cast.head)
    assert issued.number == f"浦信信访报字〔{today().year}〕1号" and hashlib.sha256(kept).hexdigest() == issued.digest
    make.handling()
    figures.refresh()
    again = Report.objects.get(pk=issued.pk)
    assert verbs.contents_of(again, cast.head) == before and verbs.file_of(again, cast.head) == kept
    for act in (lambda: verbs.issue(again, by=cast.head), lambda: verbs.change(again, by=cast.head, texts={})):
        with pytest.raises(WrongMoment):
            act()
    Report.objects.filter(pk=issued.pk).update(document=kept + b"x")
    with pytest.raises(WrongMoment):
        verbs.file_of(again, cast.head)


def test_a_number_or_a_word_of_an_issued_report_that_was_changed_behind_its_back_is_found(
    cast: Cast, draft: Report, signed_in: SignIn
) -> None:
    issued = verbs.issue(draft, by=cast.head)
    again = Report.objects.get(pk=issued.pk)
    assert verbs.contents_digest(again) == issued.contents_digest != issued.digest
    Report.objects.filter(pk=issued.pk).update(contents_digest="")  # as it was before there was one
    import_module("petitions.migrations.0040_report_acts").seal(apps, None)
    again.refresh_from_db()
    assert again.contents_digest == issued.contents_digest
    client = signed_in(cast.head)
    page = client.get(f"/reports/{issued.ref}/").content.decode()
    assert issued.digest[:8] in page and issued.contents_digest[:8] in page
    again.contents["parts"][0]["tables"][0]["rows"][0][1] = 999
    again.save(update_fields=["contents"])
    assert client.get(f"/reports/{issued.ref}/").status_code == 409
    with pytest.raises(WrongMoment):
        verbs.contents_of(again, cast.head)
    assert client.get(f"/reports/{issued.ref}/file/").status_code == 200  # the file is what it was


def test_a_period_that_is_not_over_is_not_issued(cast: Cast, draft: Report) -> None:
    row = verbs.begin(cast.head, "annual", today().year)
    with pytest.raises(WrongMoment):
        verbs.issue(row, by=cast.head)


def test_numbers_of_reports_are_a_series_of_their_own(cast: Cast, draft: Report) -> None:
    first = verbs.issue(draft, by=cast.head)
    month = today().replace(day=1) - timedelta(days=1)
    keep.make_day(month)
    second = verbs.issue(verbs.begin(cast.head, "monthly", month.year, month.month), by=cast.head)
    assert [row.number.rsplit("〕")[1] for row in (first, second)] == ["1号", "2号"]  # type: ignore[union-attr]


def test_the_file_holds_native_charts_with_their_numbers_and_names_no_petitioner(cast: Cast, draft: Report) -> None:
    row = verbs.begin(cast.head, "annual", today().year)
    body = verbs.file_of(row, cast.head)
    words = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(body)).paragraphs)
    assert "草稿" in words and "四、其他应当报告的事项" in words and "数据时点" in words
    names = zipfile.ZipFile(io.BytesIO(body)).namelist()
    charts = [name for name in names if name.startswith("word/charts/chart")]
    assert len(charts) >= 3 and len([name for name in names if name.startswith("word/embeddings/")]) == len(charts)
    assert "王小明" not in words


LINKED = re.compile(r'<td class="num"><a href="([^"]+)">([\d,.%]+)</a></td>')


def opened(client: Client, address: str) -> int:
    """How many rows the list behind a number says it has."""
    page = client.get(address)
    assert page.status_code == 200, address
    context = page.context
    if address.startswith("/patterns/"):
        return int(context["parts"][0].count)
    return int(context["page"].count)


def crawled(client: Client, report: Report) -> int:
    """Follow every number of a report; return how many were not nought."""
    page = client.get(f"/reports/{report.ref}/").content.decode()
    cells = re.findall(r'<td class="num">(.*?)</td>', page)
    bare = [cell for cell in cells if re.fullmatch(r"[\d,]+", cell)]
    links = [(unescape(address), shown) for address, shown in LINKED.findall(page)]
    assert not bare and len(links) > 40, "a number that opens nothing"
    for address, shown in links:
        if not shown.endswith("%"):
            assert opened(client, address) == int(shown), address
    return sum(shown not in ("0", "0.0%") for _, shown in links)


def test_every_number_of_a_report_opens_as_many_cases_as_it_says_and_goes_on_doing_so_when_it_was_issued(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    began, later = today().replace(day=1) - timedelta(days=20), today().replace(day=1) + timedelta(days=2)
    with on_day(began):
        keep.rebuild()
        FigureState.objects.update(done_to=began.replace(day=1))
        for _ in range(5):
            make.handling()
        make.confirmed()
        advice, measure = make.advice(cast.bureau), make.measure("decide_measure")
        make.joint()
        pattern(*Petition.objects.order_by("pk")[:5])
        figures.refresh()
    with on_day(later):
        figures.refresh()
        client = signed_in(cast.head)
        draft = verbs.begin(cast.head, "monthly", began.year, began.month)
        assert crawled(client, draft) > 15
        issued = verbs.issue(draft, by=cast.head)
        assert issued.day == issued.last
        before = crawled(client, issued)
        advance("answer_advice", on=advice, by=cast.signer, adopted="whole", answer="已改进。")
        make.step_measure(measure, "answer_measure")
        make.advice(), make.handling()
        for run in Proceeding.objects.filter(state="handling")[:2]:
            advance("supervise", on=run.petition, by=cast.supervisor, trigger="shirking", demand="请说明。")
        figures.refresh()
        assert crawled(client, issued) == before


def test_what_is_done_after_the_border_of_the_period_is_work_of_the_period_it_is_done_in(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    """Two matters come in one month; in the next they are transferred and assigned, one is supervised, extended and closed."""
    border = today().replace(day=1) - timedelta(days=1)
    with on_day(border):
        keep.rebuild()
        FigureState.objects.update(done_to=border)
        first, second = make.registered(), make.registered()
    with on_day(border + timedelta(days=2)):
        figures.refresh()
        advance("transfer", on=first.filing, by=cast.triage, department=cast.bureau)
        advance(
            "assign", on=second.filing, by=cast.triage, department=cast.bureau, limit_on=border + timedelta(days=80)
        )
        for held in Assignment.objects.order_by("pk"):
            advance("sign_for", on=held, by=cast.signer)
            held.refresh_from_db()
            advance("accept", on=held, by=cast.signer, handler=cast.handler.post)
        run = Proceeding.objects.earliest("pk")
        advance("extend", on=run, by=cast.unit_head, days=20, reason="案情复杂，需要调查。")
        advance("supervise", on=second.petition, by=cast.supervisor, trigger="shirking", demand="请说明。")
        run.refresh_from_db()
        answers = {1: {"support": "support", "answer": "补偿款于本月内发放。"}}
        advance("draft", on=run, by=cast.handler, facts="经查，款项滞留。", basis="土地管理法。", answers=answers)
        for step, by in (("check", cast.unit_leader), ("sign", cast.unit_head)):
            run.refresh_from_db()
            advance(step, on=run, by=by)
        run.refresh_from_db()
        advance("deliver", on=run, by=cast.handler, how="hand", receiver="王小明", view="0")
        run.refresh_from_db()
        advance("close", on=run, by=cast.handler)
        figures.refresh()
        client, reports = signed_in(cast.head), []
        for day in (border, border + timedelta(days=2)):
            reports.append(verbs.begin(cast.head, "monthly", day.year, day.month))
            crawled(client, reports[-1])
        before, after = (numbers_of(verbs.contents_of(report, cast.head)) for report in reports)
    acts = ("转送", "交办", "督办", "延长办理期限", "办结")
    assert [before[name] for name in acts] == [0] * 5
    assert [after[name] for name in acts] == [1] * 5
    assert (before["信访件"], after["信访件"]) == (2, 0)


def numbers_of(found: Contents) -> dict[str, int]:
    """The first and the second part's first tables, by the name of the row."""
    rows = [*found.parts[0].tables[0].rows, *found.parts[1].tables[0].rows]
    return {str(row[0]): int(row[1]) for row in rows}


def test_an_act_that_was_dated_back_is_in_no_report_of_a_day_before_it_was_written(cast: Cast, make: Makes) -> None:
    held = make.sent()
    yesterday = today() - timedelta(days=1)
    Assignment.objects.filter(pk=held.pk).update(sent_on=yesterday)
    assert list(acts.sent(cast.head)) == [held]
    assert not acts.sent_at(acts.sent(cast.head), yesterday).exists()


def test_a_circular_says_how_it_was_the_month_before_and_the_year_before(cast: Cast, draft: Report) -> None:
    month = verbs.contents_of(verbs.begin(cast.head, "monthly", today().year, today().month), cast.head)
    assert month.parts[0].tables[0].head == ["项目", "本期", "上月", "去年同期", "环比", "同比"]
    year = verbs.contents_of(verbs.begin(cast.head, "annual", today().year), cast.head)
    assert year.parts[0].tables[0].head == ["项目", "本期", "去年同期", "同比"]


def test_numbers_may_be_of_a_later_day_that_is_over_and_is_counted_first(
    cast: Cast, draft: Report, signed_in: SignIn
) -> None:
    client, yesterday = signed_in(cast.head), today() - timedelta(days=1)
    for wrong in (today(), date(LAST, 12, 30)):
        with pytest.raises(BadInput):
            verbs.set_day(draft, by=cast.head, day=wrong)
    assert client.post(f"/reports/{draft.ref}/text/", {"day": str(yesterday)}).status_code == 302
    assert "还没有统计" in client.get(f"/reports/{draft.ref}/").content.decode()
    draft.refresh_from_db()
    with pytest.raises(WrongMoment):
        verbs.issue(draft, by=cast.head)
    keep.make_day(yesterday)
    assert verbs.issue(draft, by=cast.head).day == yesterday
    assert f"{yesterday.day}日日终" in client.get(f"/reports/{draft.ref}/").content.decode()


@pytest.mark.slow
@pytest.mark.skipif(OFFICE is None, reason="no LibreOffice here: the file is not opened by it")
def test_libreoffice_opens_it(cast: Cast, draft: Report, tmp_path: Path) -> None:
    row = verbs.begin(cast.head, "annual", today().year)
    path = tmp_path / "report.docx"
    path.write_bytes(verbs.file_of(row, cast.head))
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    subprocess.run(
        [str(OFFICE), home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)], check=True, capture_output=True,
        timeout=240,
    )  # fmt: skip
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_its_pages_are_the_offices_alone(cast: Cast, draft: Report, signed_in: SignIn) -> None:
    page = signed_in(cast.head).get(f"/reports/{draft.ref}/").content.decode()
    assert "草稿" in page and "不按来访、信访数量" in page
    client = signed_in(cast.triage)
    assert client.post(f"/reports/{draft.ref}/text/", {"more": "补充一段"}).status_code == 302
    assert "补充一段" in client.get(f"/reports/{draft.ref}/").content.decode()
    assert signed_in(cast.leader).get(f"/reports/{draft.ref}/").status_code == 403
