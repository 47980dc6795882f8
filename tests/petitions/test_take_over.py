"""Does work under way come from paper as it stands, with its clocks from their first day, and walk on to its end?"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from accounts.actor import Actor
from accounts.dates import today
from accounts.verification import Report
from petitions import jobs, lifecycle, open_cases, papers, sheets
from petitions.actions import advance, rate
from petitions.actions.open_case import IssuedPaper, OpenCase
from petitions.actions.take_over import may_take_over, take_over
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.models import Assignment, Clock, Event, Filing, Job, Paper, Petition, Proceeding, Reach
from petitions.verification import check_chains
from tests.cast import Cast, build_cast
from tests.makes import Makes, entry

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


def ago(days: int) -> date:
    """So many days before today."""
    return today() - timedelta(days=days)


# How far, and the days that belong to it, counted back from today.
DAYS: dict[str, dict[str, int]] = {
    "registered": {}, "triaged": {}, "sent": {"routed_on": 1}, "review": {"routed_on": 6, "signed_on": 2},
    "objected": {"routed_on": 6, "signed_on": 2, "objected_on": 1},
    "handling": {"routed_on": 30, "signed_on": 28, "accepted_on": 20},
    "issued": {"routed_on": 60, "signed_on": 58, "accepted_on": 50, "issued_on": 2},
    "delivered": {"routed_on": 60, "signed_on": 58, "accepted_on": 50, "issued_on": 12, "delivered_on": 10},
    "lapsed": {"routed_on": 120, "signed_on": 118, "accepted_on": 110, "issued_on": 70, "delivered_on": 65},
    "closed": {"routed_on": 120, "signed_on": 118, "accepted_on": 110, "issued_on": 70, "delivered_on": 65, "closed_on": 3},
}  # fmt: skip
RECEIVED = {"registered": 5, "triaged": 5, "sent": 8, "review": 12, "objected": 12}


def case_at(cast: Cast, stage: str, **changes: Any) -> OpenCase:
    """An ordinary matter under way at ``stage``."""
    days = {name: ago(count) for name, count in DAYS[stage].items()}
    received = ago(RECEIVED.get(stage, max(DAYS[stage].values(), default=0) + 5))
    more: dict[str, Any] = {"lead": cast.bureau} if days else {}
    if "issued_on" in days:
        more["papers"] = [IssuedPaper("opinion", "浦资规答〔2026〕7号", days["issued_on"], days.get("delivered_on"))]
    told = {"entry": entry(cast, received_on=received), "number": f"老{stage}-1", "stage": stage, **days, **more}
    return OpenCase(**(told | changes))


# --- as it stands -------------------------------------------------------------------------------------------------

RUNNING = {
    "registered": {"T1"}, "triaged": {"T1"}, "sent": {"TS"}, "review": {"T3", "T4"}, "objected": {"T3", "TC"},
    "handling": {"T5"}, "issued": {"TD"}, "delivered": {"T6"}, "lapsed": {"TN"}, "closed": {"TA"},
}  # fmt: skip


@pytest.mark.parametrize("stage", DAYS)
def test_it_stands_where_it_stood_with_its_clocks_from_their_first_day(cast: Cast, stage: str) -> None:
    case = case_at(cast, stage)
    petition = Petition.objects.get(pk=take_over(case, by=cast.triage).petition.pk)
    assert (petition.stage, petition.number, petition.received_on) == (stage, case.number, case.entry.received_on)
    running = {clock.name: clock for clock in petition.clocks.filter(ended="")}
    assert set(running) == RUNNING[stage]
    starts = {"T1": petition.received_on, "TS": case.routed_on, "T3": case.signed_on, "T4": case.signed_on, "T5": case.accepted_on,
              "TD": case.issued_on, "T6": case.delivered_on, "TA": case.closed_on, "TC": case.objected_on}  # fmt: skip
    if stage == "lapsed":  # to close it, since the window was over
        window = petition.clocks.get(name="T6")
        starts["TN"] = window.due + timedelta(days=1)
    assert {name: clock.start for name, clock in running.items()} == {name: starts[name] for name in running}
    if "T5" in running and case.accepted_on:
        assert running["T5"].raw_due == case.accepted_on + timedelta(days=60)
    assert petition.due == min((c.due for c in running.values() if not c.window), default=None)


def test_its_one_event_says_that_what_went_before_is_on_paper(cast: Cast, signed_in: SignIn) -> None:
    petition = take_over(case_at(cast, "delivered"), by=cast.triage).petition
    event = Event.objects.get(petition=petition)
    assert (event.step, event.occurred_on, event.data["stage"]) == ("take_over", today(), "delivered")
    page = signed_in(cast.triage).get(f"/petitions/{petition.ref}/").content.decode()
    assert "接收在办件" in page
    assert "此前的办理过程见纸质档案" in page
    said: list[str] = []
    check_chains(Report(said.append))
    assert said == []


@pytest.mark.parametrize("stage", [stage for stage in DAYS if stage not in ("registered", "triaged")])
def test_its_unit_finds_it_in_its_tray(cast: Cast, stage: str) -> None:
    petition = take_over(case_at(cast, stage), by=cast.triage).petition
    row = Reach.objects.get(petition=petition, department=cast.bureau)
    wanted = lifecycle.tray_of("lead", stage)
    assert (row.role, row.tray, row.open) == ("lead", wanted, True)


def test_an_extension_and_a_local_way_of_handling_count_from_the_first_day(cast: Cast) -> None:
    longer = take_over(case_at(cast, "handling", extended_days=20), by=cast.triage).petition
    clock = longer.clocks.get(name="T5")
    assert (clock.raw_due, clock.extended) == (ago(20) + timedelta(days=80), 20)
    assert Proceeding.objects.get(petition=longer).extended_days == 20
    short = take_over(case_at(cast, "handling", number="老2", simplified=True), by=cast.triage).petition
    assert short.clocks.get(ended="").name == "T5'"


def test_an_assigned_one_keeps_the_limit_it_was_given_until_it_has_been_reported(cast: Cast) -> None:
    assigned = {"mode": "assign", "limit_on": ago(30) + timedelta(days=90)}
    petition = take_over(case_at(cast, "handling", **assigned), by=cast.triage).petition
    assert petition.clocks.get(name="T8").due >= ago(30) + timedelta(days=90)
    told = case_at(cast, "closed", mode="assign", limit_on=ago(2), reported_on=ago(4))
    reported = take_over(replace(told, number="老9"), by=cast.triage).petition
    assert Assignment.objects.get(petition=reported).state == "reported"
    assert reported.clocks.get(name="T8").ended == "met"


def test_co_units_go_on_with_their_part(cast: Cast) -> None:
    case = case_at(cast, "handling", co_units=[cast.sibling], handler=cast.handler.post)
    petition = take_over(case, by=cast.triage).petition
    mine = Assignment.objects.get(petition=petition, department=cast.sibling)
    advance("co_answer", on=mine, by=cast.sibling_handler, answer="已核实。")
    assert Proceeding.objects.get(petition=petition).handler == cast.handler.post


# --- and walks on -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [stage for stage in DAYS if stage != "objected"])
def test_it_walks_on_by_the_ordinary_steps_to_closed_and_rated(cast: Cast, stage: str) -> None:
    petition = take_over(
        case_at(cast, stage, handler=cast.handler.post if DAYS[stage] else None), by=cast.triage
    ).petition
    _walk_on(cast, petition)
    petition.refresh_from_db()
    assert (petition.stage, petition.rateable) == ("confirmed", True)
    rate(petition.filings.get(), target="unit", value="0")
    assert not petition.clocks.filter(ended="", window=False).exists()


def _walk_on(cast: Cast, petition: Petition) -> None:
    def at() -> str:
        petition.refresh_from_db()
        return petition.stage

    filing = Filing.objects.get(petition=petition)
    if at() in ("registered", "triaged"):
        advance("transfer", on=filing, by=cast.triage, department=cast.bureau)
    held = Assignment.objects.get(petition=petition, department=cast.bureau)
    if at() == "sent":
        advance("sign_for", on=held, by=cast.signer)
    if at() == "review":
        advance("accept", on=held, by=cast.signer, handler=cast.handler.post)
    run = Proceeding.objects.get(petition=petition)
    if at() == "handling":
        answers = {1: {"support": "support", "answer": "补偿款于本月内发放。"}}
        advance("draft", on=run, by=cast.handler, facts="经查，款项滞留。", basis="土地管理法。", answers=answers)
        advance("check", on=run, by=cast.unit_leader)
        advance("sign", on=run, by=cast.unit_head)
    if at() == "issued":
        advance("deliver", on=run, by=cast.handler, how="hand", receiver="王小明", view="0")
    if at() == "delivered":
        run.refresh_from_db()
        if run.petitioner_view != "0":
            Proceeding.objects.filter(pk=run.pk).update(petitioner_view="0")
        advance("close", on=run, by=cast.handler)
    if at() == "lapsed":
        advance("close", on=run, by=cast.handler)
    advance("confirm_closure", on=run, by=cast.triage)


def test_an_objection_taken_over_is_decided_and_goes_back_to_the_first_limit(cast: Cast) -> None:
    petition = take_over(case_at(cast, "objected"), by=cast.triage).petition
    first = petition.clocks.get(name="T1")
    advance("uphold_objection", on=Assignment.objects.get(petition=petition), by=cast.triage, reason="确不属职责。")
    petition.refresh_from_db()
    again = petition.clocks.get(name="T1", ended="")
    assert (petition.stage, again.start, again.due) == ("triaged", first.start, first.due)


# --- papers -------------------------------------------------------------------------------------------------------


def test_a_number_brought_in_is_never_given_again(cast: Cast, make: Makes) -> None:
    year = today().year
    day = date(year, 1, 5)
    case = OpenCase(
        entry=entry(cast, received_on=day), number=f"浦信{year}-000041", stage="handling", lead=cast.bureau, routed_on=day,
        signed_on=day, accepted_on=day,
        papers=[IssuedPaper("transfer_letter", f"浦信 信访转字（{year}）17号", day),
                IssuedPaper("accept_notice", f"浦自然资规信访受字[{year}]23号", day, day)],
    )  # fmt: skip
    take_over(case, by=cast.triage)
    assert set(Paper.objects.values_list("number", flat=True)) == {
        f"浦信信访转字〔{year}〕17号",
        f"浦自然资规信访受字〔{year}〕23号",
    }
    run = make.handling()
    assert run.petition.number == f"浦信{year}-000042"
    assert set(run.petition.papers.values_list("number", flat=True)) == {
        f"浦信信访转字〔{year}〕18号",
        f"浦信信访去字〔{year}〕1号",
        f"浦自然资规信访受字〔{year}〕24号",
    }
    with pytest.raises(BadInput, match="已经"):
        take_over(replace(case, number="老5"), by=cast.triage)
    assert Petition.objects.count() == 2


def test_a_paper_brought_in_shows_that_its_words_are_on_paper(cast: Cast, signed_in: SignIn) -> None:
    petition = take_over(case_at(cast, "delivered"), by=cast.triage).petition
    paper = petition.papers.get()
    assert (paper.number, paper.serial, paper.served_on) == ("浦资规答〔2026〕7号", None, ago(10))
    assert "见纸质档案" in papers.html_of(paper)
    assert "见纸质档案" in signed_in(cast.handler).get(f"/papers/{paper.ref}/").content.decode()


# --- what the law does not allow ----------------------------------------------------------------------------------

WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "ended": ("registered", {"stage": "confirmed"}, "不需要接收"),
    "no unit": ("sent", {"lead": None}, "主办单位"),
    "a unit too early": ("registered", {"lead": "bureau"}, "还没有转出"),
    "no day": ("handling", {"accepted_on": None}, "要有受理日期"),
    "a day too many": ("review", {"accepted_on": 0}, "不应有受理日期"),
    "days turned round": ("handling", {"signed_on": 10}, "受理日期不能早于签收日期"),
    "tomorrow": ("sent", {"routed_on": -1}, "不能晚于今天"),
    "before receipt": ("sent", {"routed_on": 300}, "不能早于收到日期"),
    "a late objection": ("objected", {"routed_on": 11, "signed_on": 11}, "5个工作日"),
    "too long": ("handling", {"extended_days": 31}, "不超过30日"),
    "simple and extended": ("handling", {"extended_days": 5, "simplified": True}, "不能延长"),
    "assigned without limit": ("handling", {"mode": "assign"}, "交办期限"),
    "transferred with limit": ("handling", {"limit_on": 1}, "没有交办期限"),
    "not over yet": ("lapsed", {"delivered_on": 5, "issued_on": 6, "papers": ((6, 5),)}, "才届满"),
    "closed too early": ("closed", {"delivered_on": 10, "issued_on": 11, "papers": ((11, 10),)}, "第三十五条"),
    "no opinion": ("issued", {"papers": ()}, "处理意见书的文号"),
    "opinion of another day": ("issued", {"papers": ((3, None),)}, "与作出日期一致"),
    "the office itself": ("sent", {"lead": "office"}, "不是有权处理"),
    "a stranger's handler": ("handling", {"lead": "sibling", "handler": "handler"}, "不在主办单位"),
    "reported when transferred": ("delivered", {"reported_on": 1}, "交办的事项"),
    "no number": ("registered", {"number": "  "}, "原来的编号"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_contradicts_the_table_is_refused_with_its_reason(cast: Cast, name: str) -> None:
    stage, told, reason = WRONG[name]
    case = case_at(cast, stage)
    changes = {key: _meant(cast, key, value) for key, value in told.items()}
    with pytest.raises(BadInput, match=reason):
        take_over(replace(case, **changes), by=cast.triage)
    assert not Petition.objects.exists()


def _meant(cast: Cast, key: str, value: Any) -> Any:
    if key == "papers":
        return [IssuedPaper("opinion", "浦资规答〔2026〕7号", ago(a), None if b is None else ago(b)) for a, b in value]
    if key in ("lead", "handler") and value:
        found = getattr(cast, value)
        return found.post if isinstance(found, Actor) else found
    return ago(value) if key.endswith("_on") and value is not None else value


def test_only_the_petition_office_takes_over(cast: Cast) -> None:
    for who, actor in cast.everybody().items():
        assert may_take_over(actor) == (who in ("triage", "head")), who
    with pytest.raises(WrongPerson):
        take_over(case_at(cast, "registered"), by=cast.registrar)


def test_a_number_that_is_there_is_refused(cast: Cast) -> None:
    take_over(case_at(cast, "registered"), by=cast.triage)
    with pytest.raises(BadInput, match="已经有了"):
        take_over(case_at(cast, "registered"), by=cast.head)


def test_its_steps_are_refused_at_the_wrong_moment_and_to_the_wrong_person(cast: Cast) -> None:
    petition = take_over(case_at(cast, "handling"), by=cast.triage).petition
    with pytest.raises(WrongMoment):
        advance("sign_for", on=Assignment.objects.get(petition=petition), by=cast.signer)
    with pytest.raises(WrongPerson):
        advance("extend", on=Proceeding.objects.get(petition=petition), by=cast.handler, days=5, reason="复杂")
    with pytest.raises(NotSeen):
        advance("extend", on=Proceeding.objects.get(petition=petition), by=cast.sibling_head, days=5, reason="复杂")


# --- the list -----------------------------------------------------------------------------------------------------


def filled(*rows: dict[str, Any]) -> bytes:
    """The template with rows in it."""
    book = load_workbook(io.BytesIO(open_cases.template()))
    sheet = book["在办件"]
    names = [cell.value for cell in sheet[1]]
    for row in rows:
        sheet.append([row.get(str(name), "") for name in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row_of(number: str, **changes: Any) -> dict[str, Any]:
    """A row that can be taken over, of a matter being handled."""
    told = {
        "编号": number, "标题": "反映道路破损", "反映内容": "村道破损两年没有修。", "诉求": "修复村道；说明计划", "信访人": "王小明",
        "收到日期": ago(40), "阶段": "办理中", "主办单位": "浦江县自然资源和规划局", "转出日期": ago(30), "签收日期": ago(28),
        "受理日期": ago(20), "内容分类": "土地征收", "问题属地": "寺前村", "外部系统": "省信访系统", "外部编号": f"S{number}",
        "文书1": "受理告知书", "文书1文号": f"浦资规受〔2026〕{number}号", "文书1日期": ago(20), "文书1送达日期": ago(19),
    }  # fmt: skip
    return told | changes


def _job(cast: Cast, content: bytes, code: str = "import_open_cases") -> Job:
    kept = open_cases.begin(SimpleUploadedFile("在办件.xlsx", content), by=cast.triage)
    job = jobs.start(code, by=cast.triage, settings=kept)
    jobs.run(job.ref)
    job.refresh_from_db()
    return job


def test_a_filled_template_is_taken_over_once_and_its_bad_rows_are_reported(cast: Cast) -> None:
    bad = row_of("3", 受理日期="", 阶段="办理完")
    content = filled(row_of("1"), row_of("2"), bad, row_of("1"), row_of("4", 签收日期=ago(35)))
    looked = _job(cast, content, "check_open_cases")
    assert not Petition.objects.exists()
    done = _job(cast, content)
    assert looked.counts == done.counts == {"accepted": 2, "known": 1, "refused": 2}
    reasons = dict(done.problems.values_list("row", "reason"))
    assert "阶段没有这个选项" in reasons[3]
    assert "签收日期不能早于转出日期" in reasons[5]
    petition = Petition.objects.get(number="1")
    assert (petition.stage, petition.category, petition.region) == ("handling", cast.category, cast.region)
    assert [claim.text for claim in petition.claims.all()] == ["修复村道", "说明计划"]
    assert petition.filings.get().references.get().number == "S1"
    assert _job(cast, content).counts == {"accepted": 0, "known": 3, "refused": 2}


def test_a_number_that_stands_twice_is_taken_from_the_row_that_can_be(cast: Cast) -> None:
    done = _job(cast, filled(row_of("1", 签收日期=ago(35)), row_of("1"), row_of("1", 标题="又一次")))
    assert done.counts == {"accepted": 1, "known": 0, "refused": 2}
    assert "编号已有但内容不同" in done.problems.get(row=3).reason
    assert Petition.objects.get().title == "反映道路破损"


def test_another_matter_under_a_number_that_is_there_is_a_line_of_the_report(cast: Cast) -> None:
    _job(cast, filled(row_of("1")))
    for code in ("check_open_cases", "import_open_cases"):
        again = _job(cast, filled(row_of("1"), row_of("1", 反映内容="另一件事。")), code)
        assert again.counts == {"accepted": 0, "known": 1, "refused": 1}
        assert "编号已有但内容不同" in again.problems.get(row=2).reason


def test_a_wish_that_cannot_be_read_is_asked_after_and_a_superiors_limit_names_its_superior(cast: Cast) -> None:
    rows = (
        row_of("1", 不透露姓名="看情况"),
        row_of("2", 上级期限=ago(-9)),
        row_of("3", 交转机关="浦江县自然资源和规划局"),
    )
    done = _job(cast, filled(*rows, row_of("4", 不透露姓名="是", 交转机关="金华市信访局", 上级期限=ago(-9))))
    reasons = dict(done.problems.values_list("row", "reason"))
    assert "不透露姓名请填" in reasons[1]
    assert "写明交转机关" in reasons[2]
    assert "上级机关" in reasons[3]
    petition = Petition.objects.get()
    filing = petition.filings.get()
    assert (petition.hide_name, filing.channel, filing.handed_by) == (True, "handed_down", cast.city)
    assert petition.clocks.get(name="T8").raw_due == ago(-9)


def test_a_list_that_breaks_on_the_way_says_why(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 25)  # beyond what is looked at when the file is sent
    done = _job(cast, filled(*(row_of(str(number)) for number in range(30))))
    assert (done.state, done.word) == ("failed", "最多25行，请分开导入。")
    assert not Petition.objects.exists()


def test_who_came_to_the_counter_and_waits_for_the_office_is_taken_over_with_its_first_limit(cast: Cast) -> None:
    bare = {
        name: "" for name in row_of("1") if name not in ("编号", "标题", "反映内容", "信访人", "内容分类", "问题属地")
    }
    visit = row_of("1", **bare | {"信访形式": "来访", "收到日期": ago(6), "阶段": "待甄别"})
    letter = row_of("2", **bare | {"信访形式": "来信", "收到日期": ago(9), "阶段": "待转送"})
    done = _job(cast, filled(visit, letter))
    assert list(done.problems.values_list("reason", flat=True)) == []
    for number, day, channel in (("1", ago(6), "visit"), ("2", ago(9), "letter")):
        petition = Petition.objects.get(number=number)
        clock = petition.clocks.get(ended="")
        assert (clock.name, clock.start, petition.due) == ("T1", day, clock.due)
        assert (petition.responsible, petition.filings.get().channel) == (None, channel)
        _walk_on(cast, petition)
        petition.refresh_from_db()
        assert petition.stage == "confirmed"


def test_a_list_asks_as_much_for_fifty_rows_as_for_ten(cast: Cast) -> None:
    asked = []
    for many, first in ((1, 1), (10, 100), (50, 200)):  # the first reads what is kept
        kept = filled(*(row_of(str(first + n)) for n in range(many)))
        with CaptureQueriesContext(connection) as queries:
            assert _job(cast, kept).counts["accepted"] == many
        asked.append(len(queries))
    assert asked[1] == asked[2]


def test_other_columns_than_the_templates_are_refused(cast: Cast) -> None:
    book = Workbook()
    book.active.append(["编号", "内容"])  # type: ignore[union-attr]
    book.active.append(["1", "道路"])  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(BadInput, match="缺少这些列：标题、"):
        _job(cast, out.getvalue())


def test_the_command_takes_a_list_over(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "open.xlsx"
    path.write_bytes(filled(row_of("1"), row_of("2", 阶段="")))
    who = cast.triage.user.username
    call_command("import_open_cases", str(path), "--post", who, "--dry-run")
    assert "accepted 1, known 0, refused 1" in capsys.readouterr().out
    assert not Petition.objects.exists()
    call_command("import_open_cases", str(path), "--post", who)
    assert "row 2: 请填写阶段。" in capsys.readouterr().out
    assert Petition.objects.get().stage == "handling"


@pytest.mark.django_db(transaction=True)
def test_from_the_template_to_the_matters_on_the_pages(signed_in: SignIn) -> None:
    cast = build_cast()
    client = signed_in(cast.head)
    page = client.get("/take-over/")
    assert "模板" in page.content.decode()
    sheet = client.get("/take-over/template/")
    assert load_workbook(io.BytesIO(b"".join(sheet.streaming_content))).sheetnames[0] == "在办件"  # type: ignore[attr-defined]
    assert client.post("/take-over/", {"file": SimpleUploadedFile("a.xlsx", b"x")}).status_code == 422
    sent = client.post("/take-over/", {"file": SimpleUploadedFile("a.xlsx", filled(row_of("1")))}, follow=True)
    text = sent.content.decode()
    assert "可以登记" in text
    assert not Petition.objects.exists()
    ref = Job.objects.get().ref
    done = client.post(f"/take-over/{ref}/", follow=True).content.decode()
    assert "接收在办件" in done
    assert Petition.objects.count() == 1
    assert Clock.objects.filter(ended="").count() == 1
