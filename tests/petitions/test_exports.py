"""A list leaves as exactly what is shown: same rows, columns, order and masks, of one moment, for its own post alone."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessLog
from petitions import exports, figures, jobs, ledgers
from petitions.actions import advance
from petitions.held import Question, held
from petitions.models import Job, Petition, Reach, RoutingRule
from petitions.sheets import plain
from petitions.trays import questions_for
from tests.makes import Makes

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
every = "title.number.name.stage.category.responsible.received.due.channel.co_units.heads.rating_unit"


def table(content: bytes) -> list[tuple[Any, ...]]:
    """The first sheet's rows, heads first."""
    return list(load_workbook(io.BytesIO(content)).worksheets[0].values)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def send(client: Client, page: str = "matters", query: str = "") -> Any:
    return client.post("/export/", {"page": page, "query": query})


@pytest.fixture
def busy(make: Makes) -> Makes:
    for stage in ("registered", "sent", "handling", "confirmed"):
        getattr(make, stage)(title=f"反映{stage}的事")
    return make


@pytest.mark.parametrize(
    "query", ["", "stage=sent", "sort=due", "sort=closed", f"cols={every}", "cols=title.due&sort=due"]
)
@pytest.mark.parametrize("who", ["triage", "signer", "registrar", "leader"])
def test_the_file_holds_what_the_list_shows(busy: Makes, signed_in: SignIn, who: str, query: str) -> None:
    client = signed_in(getattr(busy.cast, who))
    page = client.get(f"/petitions/?size=50&{query}")
    rows = table(body(send(client, query=query)))
    shown = [[cell.value for cell in line.cells] for line in page.context["lines"]] if page.context.get("lines") else []
    assert [column.label for column in page.context["columns"]] == list(rows[0])
    as_read = [[value.date() if hasattr(value, "date") else value for value in row] for row in rows[1:]]
    assert as_read == [[value if value != "" else None for value in row] for row in shown]
    assert len(rows) - 1 == page.context["page"].count


@pytest.mark.parametrize(
    ("who", "tray"), [("triage", "to_route"), ("signer", "to_sign"), ("handler", "mine"), ("supervisor", "overdue")]
)
def test_a_tray_leaves_in_its_own_order(busy: Makes, signed_in: SignIn, who: str, tray: str) -> None:
    busy.sent(title="又一件")
    Petition.objects.filter(title="又一件").update(urgent=True, joint=True, head_count=6)
    client = signed_in(getattr(busy.cast, who))
    page = client.get(f"/tray/{tray}/")
    rows = table(body(send(client, page=f"tray:{tray}")))
    assert [row[2] for row in rows[1:]] == [line.petition.number for line in page.context["lines"]]
    assert [row[0].date() for row in rows[1:]] == [line.petition.due for line in page.context["lines"]]
    if tray == "to_sign":
        assert "又一件（联名6人）（紧急）" in [row[3] for row in rows]


_EXPORT = re.compile(r'name="page" value="([^"]*)"><input type="hidden" name="query" value="([^"]*)"')
_HEAD = re.compile(r'<th(?! class="pick")[^>]*scope="col"[^>]*>(.*?)</th>', re.DOTALL)
_APART = ("期限", "建议理由")  # on the page they stand under the day and under the body


def _addresses(actor: Actor) -> list[str]:
    """Every list that ``actor`` may open: matters, each tray, each ledger, the cases behind a number."""
    listed = [f"/tray/{question.code}/" for question in questions_for(actor)]
    return ["/petitions/", "/figures/list/?capacity=office&of=filings", *listed,
            *(f"/ledgers/{ledger.code}/" for ledger in ledgers.ledgers_of(actor))]  # fmt: skip


def test_every_list_leaves_with_the_columns_that_it_shows(busy: Makes, signed_in: SignIn) -> None:
    advance("supervise", on=busy.handling().petition, by=busy.cast.supervisor, trigger="t5_lapsed", demand="请说明。")
    figures.refresh()
    seen = set()
    for who in ("triage", "head", "supervisor", "signer", "handler", "unit_head", "leader"):
        client = signed_in(getattr(busy.cast, who))
        for address in _addresses(getattr(busy.cast, who)):
            page = client.get(address).content.decode()
            asked = _EXPORT.search(page)
            if asked is None:
                continue  # nothing stands in it
            heads = table(body(send(client, asked[1], unescape(asked[2]))))[0]
            shown = [re.sub("<[^>]*>", "", head).strip() for head in _HEAD.findall(page[asked.end() :])]
            assert [head for head in heads if head not in _APART] == shown, (who, address)
            seen.add(asked[1])
    assert seen >= {"matters", "figure", "ledger:supervisions", "tray:to_route", "tray:to_sign", "tray:mine"}


def test_a_suggested_body_leaves_with_its_reason(make: Makes, signed_in: SignIn) -> None:
    RoutingRule.objects.create(category=make.cast.category, department=make.cast.bureau)
    make.registered()
    page = signed_in(make.cast.triage).get("/tray/to_route/")
    heads, row = table(body(send(signed_in(make.cast.triage), page="tray:to_route")))
    said = next(cell.value for cell in page.context["lines"][0].cells if cell.shape == "suggestion")
    found = dict(zip(heads, row, strict=True))
    assert (found["建议转送"], found["建议理由"]) == (make.cast.bureau.short_name, said.reason)
    assert "单位" not in found


@pytest.mark.parametrize(("who", "tray"), [("triage", "to_route"), ("signer", "to_sign"), ("supervisor", "due_soon")])
def test_a_tray_with_chosen_columns_leaves_as_it_is_shown(busy: Makes, signed_in: SignIn, who: str, tray: str) -> None:
    Petition.objects.update(due=today() + timedelta(days=1))
    Reach.objects.update(due=today() + timedelta(days=1))
    client = signed_in(getattr(busy.cast, who))
    cols = "channel.title.handler.due.heads.received.region"
    page = client.get(f"/tray/{tray}/?cols={cols}")
    shown = [re.sub(r"<[^>]*>", "", one).strip() for one in _HEAD.findall(page.content.decode())]
    beside = {"to_route": ["建议转送"], "due_soon": ["单位"]}.get(tray, [])
    assert shown == ["到期", "形式", "标题", "承办人", "人数", *beside, "收到", "问题属地"]
    rows = table(body(send(client, page=f"tray:{tray}", query=f"cols={cols}")))
    assert [head for head in rows[0] if head not in _APART] == shown
    assert page.context["lines"]
    for line, row in zip(page.context["lines"], rows[1:], strict=True):
        cells = {cell.label: cell.value for cell in line.cells}
        said = dict(zip(rows[0], row, strict=True))
        assert (said["形式"], said["人数"], said["问题属地"]) == (cells["形式"], cells["人数"], cells["问题属地"])
        assert said["标题"].startswith(line.petition.title)


def test_the_columns_of_a_tray_are_chosen_on_a_page_of_their_own(busy: Makes, signed_in: SignIn) -> None:
    client = signed_in(busy.cast.triage)
    assert "/tray/to_route/columns/?" in client.get("/tray/to_route/").content.decode()
    page = client.get("/tray/to_route/columns/?size=50")
    assert [row["column"].code for row in page.context["rows"] if row["on"]][:3] == ["number", "title", "name"]
    assert "due" not in {row["column"].code for row in page.context["rows"]}  # it stands first in any case
    order = ".".join(row["column"].code for row in page.context["rows"])
    moved = client.get(
        "/tray/to_route/columns/", {"order": order, "col": ["title", "region"], "up": "region", "size": "50"}
    )
    assert [row["column"].code for row in moved.context["rows"] if row["on"] or row["fixed"]] == ["title", "region"]
    said = {"order": order, "col": ["region", "title"], "apply": "1", "size": "50"}
    assert (
        client.get("/tray/to_route/columns/", said).headers["Location"] == "/tray/to_route/?size=50&cols=title.region"
    )
    usual = {"order": order, "col": ["number", "title", "name", "stage", "category", "received"], "apply": "1"}
    assert client.get("/tray/to_route/columns/", usual).headers["Location"] == "/tray/to_route/?all=1"
    assert client.get("/tray/to_sign/columns/").status_code == 404
    narrowed = {"cols": "title", "order": "title.region", "col": "title", "apply": "1", "unit": "u", "duty": "T5"}
    assert (
        client.get("/tray/overdue/columns/", narrowed).headers["Location"] == "/tray/overdue/?unit=u&duty=T5&cols=title"
    )
    shown = client.get("/tray/to_route/?cols=nowhere.due")
    assert [column.code for column in shown.context["columns"]] == [
        "number",
        "title",
        "name",
        "stage",
        "category",
        "suggestion",
        "received",
    ]


def test_another_s_tray_or_unit_is_not_there(busy: Makes, signed_in: SignIn) -> None:
    assert send(signed_in(busy.cast.signer), page="tray:to_route").status_code == 404
    assert send(signed_in(busy.cast.signer), page="nowhere").status_code == 404
    assert send(signed_in(busy.cast.unit_head), page="tray:overdue", query="unit=T-ZJ").status_code == 404
    assert send(signed_in(busy.cast.triage), query="stage=nowhere").status_code == 422


def test_a_name_that_is_not_to_be_told_does_not_leave(make: Makes, signed_in: SignIn) -> None:
    held_ = make.sent(hide_name=True)
    rows = table(body(send(signed_in(make.cast.signer))))
    assert rows[1][2] == "（不透露）" and held_.petition.lead_name not in str(rows)


def test_an_export_is_in_the_log_with_its_conditions_and_rows(busy: Makes, signed_in: SignIn) -> None:
    send(signed_in(busy.cast.triage), query="size=50&stage=sent&after=x")
    entry = AccessLog.objects.get(kind="export")
    assert entry.data == {"list": "matters", "query": "size=50&stage=sent", "rows": 1}
    page = signed_in(busy.cast.auditor).get("/audit/log/?kind=export").content.decode()
    assert "导出 1 行" in page and "stage=sent" in page


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=20))
def test_no_text_is_a_formula(text: str) -> None:
    said = plain(text)
    assert isinstance(said, str)
    assert not said.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"))
    assert said.removeprefix("'") in text or any(mark in text for mark in map(chr, range(32)))


def test_a_title_that_is_a_formula_stays_a_text(make: Makes, signed_in: SignIn) -> None:
    make.registered(title='=HYPERLINK("http://evil","点我")')
    rows = load_workbook(io.BytesIO(body(send(signed_in(make.cast.triage))))).worksheets[0]
    cell = rows["B2"]
    assert cell.data_type == "s" and cell.value.startswith("'=")


def test_the_second_sheet_says_what_it_is(busy: Makes, signed_in: SignIn) -> None:
    content = body(send(signed_in(busy.cast.triage), query="stage=sent&sort=due"))
    said = dict(load_workbook(io.BytesIO(content)).worksheets[1].values)
    assert said["条件"] == "阶段：待签收" and said["件数"] == "1" and said["排序"] == "先到期的在前"
    assert said["导出人"].startswith(busy.cast.triage.user.name)


# --- in the background -------------------------------------------------------------------------------------------------


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every list is long, and pieces are short."""
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    monkeypatch.setattr(exports, "PIECE", 2)


def begun(client: Client, **more: str) -> Job:
    answer = send(client, **more)
    assert answer.status_code == 302
    return Job.objects.get(ref=answer["Location"].rstrip("/").rsplit("/", 1)[1])


def test_a_long_list_is_written_in_the_background_and_handed_to_its_post_alone(
    busy: Makes, signed_in: SignIn, long: None
) -> None:
    client = signed_in(busy.cast.triage)
    job = begun(client, query="sort=due")
    assert client.get(f"/export/{job.ref}/").status_code == 409
    assert jobs.run(job.ref) == "ended"
    page = client.get(f"/jobs/{job.ref}/").content.decode()
    assert f"/export/{job.ref}/" in page
    answer = client.get(f"/export/{job.ref}/")
    rows = table(body(answer))
    assert len(rows) == 1 + 3 and "filename*=utf-8''" in answer["Content-Disposition"]
    job.refresh_from_db()
    assert (job.done, job.total) == (3, 3)
    assert AccessLog.objects.get(kind="export").data["rows"] == 3
    for other in (busy.cast.head, busy.cast.signer):
        assert signed_in(other).get(f"/export/{job.ref}/").status_code == 404


def test_a_stopped_export_leaves_nothing_and_goes_on_from_the_first_row(
    busy: Makes, signed_in: SignIn, long: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    job = begun(signed_in(busy.cast.triage))
    step = jobs.Run.step

    def stopped(run: jobs.Run, done: int, **more: Any) -> None:
        if done == 2:
            jobs.cancel(Job.objects.get(pk=run.job.pk))
        step(run, done, **more)

    with monkeypatch.context() as patch:
        patch.setattr(jobs.Run, "step", stopped)
        assert jobs.run(job.ref) == "cancelled"
    job.refresh_from_db()
    assert list(tmp_path.iterdir()) == []
    assert "stored_as" not in job.settings and not AccessLog.objects.filter(kind="export").exists()
    jobs.again(job)
    assert jobs.run(job.ref) == "ended"
    assert len(table(body(signed_in(busy.cast.triage).get(f"/export/{job.ref}/")))) == 1 + 4


def test_a_file_is_thrown_away_after_some_days(busy: Makes, signed_in: SignIn, long: None, settings: Any) -> None:
    client = signed_in(busy.cast.triage)
    job = begun(client)
    jobs.run(job.ref)
    assert exports.sweep() == 0
    Job.objects.update(made_at=timezone.now() - timedelta(days=settings.EXPORT_DAYS, minutes=1))
    assert exports.sweep() == 1
    assert client.get(f"/export/{job.ref}/").status_code == 409
    assert exports.sweep() == 0


def test_too_many_rows_are_refused_in_words(
    busy: Makes, signed_in: SignIn, long: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST", 2)
    job = begun(signed_in(busy.cast.triage))
    assert jobs.run(job.ref) == "failed"
    job.refresh_from_db()
    assert "件" in job.word


@pytest.mark.django_db(transaction=True)
def test_the_rows_are_those_of_one_moment() -> None:
    """What is registered or changed while a file is written is not in it."""
    from tests.cast import build_cast

    make = Makes(build_cast())
    for _ in range(3):
        make.registered()
    sheet = exports.sheet_of(make.cast.triage, "matters", QueryDict(""))
    with held(sheet.question) as found:
        make.registered()
        Petition.objects.update(title="改过了")
        rows = [row for piece in found.pieces(2) for row in sheet.read(piece)]
        assert found.count == len(rows) == 3
        assert "改过了" not in str(rows)


def test_a_held_question_hands_out_its_rows_in_pieces() -> None:
    with held(Question("SELECT n FROM generate_series(1, 7) n WHERE n > %s", (2,))) as found:
        assert found.count == 5
        assert [len(piece) for piece in found.pieces(2)] == [2, 2, 1]


def test_days_are_days(busy: Makes, signed_in: SignIn) -> None:
    rows = load_workbook(io.BytesIO(body(send(signed_in(busy.cast.triage), query="cols=title.received")))).worksheets[0]
    assert rows["B2"].number_format == "yyyy-mm-dd" and isinstance(rows["B2"].value.date(), date)
