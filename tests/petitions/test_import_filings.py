"""Do the rows of other lists become filings, each once, whatever happens on the way?"""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.models import ForeignKey, Model
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from kombu.exceptions import OperationalError
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart

from accounts.actor import Actor
from accounts.dates import today
from accounts.lending import lend
from accounts.models import Delegation, Post
from accounts.verification import Report
from petitions import access, imports, jobs, sheets
from petitions.accusations import moved
from petitions.actions import advance, register
from petitions.actions.register import register_many
from petitions.actions.sweep import sweep
from petitions.errors import BadInput, WrongPerson
from petitions.jobs import Run
from petitions.models import (
    Accusation,
    Claim,
    Clock,
    Event,
    ExternalReference,
    Filing,
    ImportMapping,
    Job,
    JobProblem,
    Notice,
    Party,
    Petition,
    Petitioner,
    Reach,
)  # fmt: skip
from petitions.sheets import NotRows
from petitions.tasks import run_job, take_up_jobs
from petitions.verification import check_chains
from tests.cast import Cast, build_cast
from tests.makes import entry

SignIn = Callable[[Actor], Client]
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
NAMES = ["编号", "标题", "内容", "信访日期", "姓名", "手机", "内容分类", "属地"]


def _rows(count: int, first: int = 1) -> list[list[str]]:
    return [
        [f"S{n}", f"第{n}户补偿款没有发", f"第{n}户的征地补偿款至今没有发放。", "2025-03-01", "王小明", f"139{n:08d}", "土地征收", "寺前村"]
        for n in range(first, first + count)
    ]  # fmt: skip


def _csv(rows: list[list[str]], encoding: str = "utf-8") -> bytes:
    return "\n".join(",".join(row) for row in [NAMES, *rows]).encode(encoding)


def _xlsx(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [NAMES, *rows]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _charts() -> bytes:
    """A spreadsheet without a table: all its sheets are charts."""
    book = Workbook()
    book.create_chartsheet("图").add_chart(BarChart())
    book.remove(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _jsonl(rows: list[list[str]]) -> bytes:
    return "\n".join(json.dumps(dict(zip(NAMES, row, strict=True)), ensure_ascii=False) for row in rows).encode()


def _job(by: Actor, content: bytes, code: str = "import_filings", name: str = "list.csv") -> Job:
    kept = imports.begin(SimpleUploadedFile(name, content), by=by)
    plan = imports.Plan("省信访系统", imports.guess(kept["names"]).columns)
    return jobs.start(code, by=by, settings={**kept, **plan.said()})


def _run(job: Job) -> Job:
    jobs.run(job.ref)
    job.refresh_from_db()
    return job


# --- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        _csv(_rows(2)), _csv(_rows(2), "gb18030"), _csv(_rows(2), "utf-8-sig"), _csv(_rows(2), "utf-16"), _xlsx(_rows(2)),
        _jsonl(_rows(2)), gzip.compress(_jsonl(_rows(2))), _csv(_rows(2)).replace(b",", b"\t"),
    ],
    ids=["utf-8", "gb18030", "bom", "utf-16", "xlsx", "jsonl", "jsonl.gz", "tabs"],
)  # fmt: skip
def test_a_file_is_known_by_its_bytes(content: bytes) -> None:
    found = [row for _, row in sheets.rows(io.BytesIO(content))]
    assert [row["编号"] for row in found if not isinstance(row, NotRows)] == ["S1", "S2"]
    assert not isinstance(found[0], NotRows)
    assert found[0]["信访日期"] == "2025-03-01"


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 no zip", b"\x1f\x8b broken", b"", b"\n\n", _charts()],
    ids=["zip", "gzip", "empty", "blank", "charts alone"],
)
def test_a_broken_file_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(NotRows):
        sheets.headers(io.BytesIO(content))


def test_a_bad_line_of_json_is_its_own_fault() -> None:
    content = b'{"a": "1"}\nnot json\n[1]\n{"a": null, "b": {"c": 1}}\n'
    found = [row for _, row in sheets.rows(io.BytesIO(content))]
    assert [isinstance(row, NotRows) for row in found] == [False, True, True, False]
    assert found[3] == {"a": "", "b": '{"c": 1}'}


@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_refused(content: bytes) -> None:
    try:
        found = len(list(sheets.rows(io.BytesIO(content))))
    except NotRows as fault:
        found = -len(str(fault))
    assert isinstance(found, int)


@pytest.mark.django_db
def test_columns_are_guessed_by_name_and_remembered(cast: Cast) -> None:
    assert imports.guess(NAMES).columns["content"] == "内容"
    imports.remember(NAMES, imports.Plan("省信访系统", {"content": "标题"}))
    assert imports.guess(list(reversed(NAMES))) == imports.Plan("省信访系统", {"content": "标题"})
    assert ImportMapping.objects.count() == 1


# --- registering --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_row_goes_through_the_verb_with_its_own_day(cast: Cast) -> None:
    job = _run(_job(cast.registrar, _csv(_rows(3))))
    assert (job.state, job.counts) == ("ended", {"accepted": 3, "known": 0, "refused": 0})
    petition = Petition.objects.get(filings__references__number="S1")
    assert (petition.received_on, petition.category, petition.region) == (date(2025, 3, 1), cast.category, cast.region)
    assert petition.office == cast.office
    event = Event.objects.get(petition=petition)
    assert (event.step, event.user, event.data["imported_from"]) == ("register", cast.registrar.user, "省信访系统")


@pytest.mark.django_db
def test_a_look_registers_nothing_and_says_the_same(cast: Cast) -> None:
    rows = [*_rows(3), *_rows(1), ["S9", "", "", "", "", "", "", ""], ["S8", "标题", "内容", "明天", "", "", "", ""]]
    looked = _run(_job(cast.registrar, _csv(rows), "check_filings"))
    assert not Petition.objects.exists()
    done = _run(_job(cast.registrar, _csv(rows)))
    assert looked.counts == done.counts == {"accepted": 3, "known": 1, "refused": 2}
    reasons = list(JobProblem.objects.filter(job=done).order_by("row").values_list("row", "reason"))
    assert [row for row, _ in reasons] == [5, 6]
    assert "不是日期" in reasons[1][1]


@pytest.mark.django_db
def test_sent_again_nothing_is_registered_twice(cast: Cast) -> None:
    _run(_job(cast.registrar, _csv(_rows(5))))
    again = _run(_job(cast.registrar2, _xlsx(_rows(8)), name="list.xlsx"))
    assert again.counts == {"accepted": 3, "known": 5, "refused": 0}
    assert Filing.objects.count() == ExternalReference.objects.count() == 8


@pytest.mark.django_db
def test_a_row_without_a_number_is_known_by_its_words(cast: Cast) -> None:
    rows = [["", *row[1:]] for row in _rows(2)]
    _run(_job(cast.registrar, _csv(rows)))
    assert _run(_job(cast.registrar, _csv(rows))).counts["known"] == 2


@pytest.mark.django_db
def test_codes_instead_of_names_are_anonymous_and_formulas_are_words(cast: Cast) -> None:
    rows = [["S1", "=HYPERLINK(1)", "内容", "2025-03-01", "UU008836", "", "", ""]]
    _run(_job(cast.registrar, _csv(rows)))
    assert (Petition.objects.get().lead_name, Petition.objects.get().title) == ("匿名", "=HYPERLINK(1)")


@pytest.mark.django_db
def test_a_post_that_registers_nothing_imports_nothing(cast: Cast, signed_in: SignIn) -> None:
    with pytest.raises(WrongPerson):
        imports.begin(SimpleUploadedFile("a.csv", _csv(_rows(1))), by=cast.handler)
    assert signed_in(cast.handler).get("/import/").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "plan",
    [
        imports.Plan("", {"content": "内容"}), imports.Plan("省", {"id": "编号"}), imports.Plan("省", {"content": "没有"}),
        imports.Plan("省", {"content": "内容"}, "handed_down"),
    ],
)  # fmt: skip
def test_a_plan_that_makes_no_filing_is_refused(plan: imports.Plan) -> None:
    with pytest.raises(BadInput):
        imports.check_plan(plan, NAMES)


@pytest.mark.django_db
def test_many_at_once_make_the_same_rows_as_one_by_one(cast: Cast) -> None:
    one, other = (
        [entry(cast, title=f"第{n}户", references=[("甲", f"{n}")]) for n in range(2)],
        entry(cast, title="第三户"),
    )
    many = register_many([*one, other], by=cast.registrar)
    single = register(other, by=cast.registrar)
    assert [row.petition.number[-6:] for row in [*many, single]] == ["000001", "000002", "000003", "000004"]
    for model in (Petition, Filing, Event, Clock, Reach, Petitioner, Party, Claim, Notice):
        rows = model.objects.filter(**{_matter_of(model): [many[2].petition.pk, single.petition.pk]})
        first, second = (_facts(row) for row in rows.order_by("pk"))
        assert first == second, model
    assert ExternalReference.objects.count() == 2
    said: list[str] = []
    check_chains(Report(said.append))
    assert said == []


def _matter_of(model: type[Model]) -> str:
    return {Petition: "pk__in", Party: "filing__petition__in"}.get(model, "petition__in")


def _facts(row: Model) -> dict[str, Any]:
    """What two rows of the same words have in common: not ids, numbers, keys and moments."""
    own = {"id", "ref", "number", "registered_at", "recorded_at", "made_at", "query_code_hash", "query_code_made_at",
           "wrapped_key", "chain_head", "digest", "on_id", "id_number", "phone", "address", "data", "ended_at"}  # fmt: skip
    return {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields
        if field.attname not in own and not isinstance(field, ForeignKey)
    }  # fmt: skip


@pytest.mark.django_db
def test_many_at_once_are_all_or_none(cast: Cast) -> None:
    register(entry(cast, references=[("甲", "1")]), by=cast.registrar)
    with pytest.raises(BadInput, match="已经登记过"):
        register_many([entry(cast), entry(cast, references=[("甲", "1")])], by=cast.registrar)
    with pytest.raises(BadInput):
        register_many([entry(cast), entry(cast, title="")], by=cast.registrar)
    with pytest.raises(WrongPerson):
        register_many([entry(cast)], by=cast.handler)
    assert Filing.objects.count() == 1
    assert register(entry(cast), by=cast.registrar).petition.number.endswith("000002")


# --- what decides how it is treated -------------------------------------------------------------------------------

WORDS = {
    "编号": "S1",
    "标题": "反映道路破损",
    "内容": "村道破损两年没有修。",
    "信访日期": "2026-03-02",
    "姓名": "王小明",
}
RUNS = ("check_filings", "import_filings")


def _told(*rows: dict[str, str]) -> bytes:
    """A list that has those columns; what a row does not say is as usual."""
    return "\n".join(json.dumps(WORDS | row) for row in rows).encode()


def _reasons(job: Job) -> dict[int, str]:
    return dict(job.problems.values_list("row", "reason"))


@pytest.mark.django_db
def test_who_asked_the_other_system_not_to_be_named_is_not_named_to_the_unit(cast: Cast) -> None:
    done = _run(
        _job(cast.registrar, _told({"保密": "是"}, {"编号": "S2", "保密": "否"}, {"编号": "S3", "保密": "依申请"}))
    )
    hidden, open_ = (Petition.objects.get(filings__references__number=number) for number in ("S1", "S2"))
    assert (hidden.hide_name, open_.hide_name) == (True, False)
    advance("transfer", on=hidden.filings.get(), by=cast.triage, department=cast.bureau, category=cast.category)
    assert (access.sees_name(cast.signer, hidden), access.sees_name(cast.triage, hidden)) == (False, True)
    assert _reasons(done) == {3: "不向责任单位透露姓名请填“是”或者“否”。"}  # never taken for a no


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "kind", "purpose"),
    [
        ({}, "claim", "settle"), ({"类别": "建议意见"}, "suggestion", "suggest"), ({"目的": "意见建议"}, "suggestion", "suggest"),
        ({"目的": "咨询"}, "claim", "consult"), ({"类别": "申诉求决", "目的": "申诉"}, "claim", "appeal"),
        ({"类别": "建议意见", "目的": "其他"}, "suggestion", "other"),
    ],
)  # fmt: skip
def test_kind_and_purpose_are_the_lists_own(cast: Cast, said: dict[str, str], kind: str, purpose: str) -> None:
    _run(_job(cast.registrar, _told(said)))
    petition = Petition.objects.get()
    assert (petition.kind, petition.purpose) == (kind, purpose)


@pytest.mark.django_db
@pytest.mark.parametrize("said", [{"类别": "检举控告"}, {"目的": "揭发控告"}, {"类别": "检举控告类", "目的": "其他"}])
def test_a_report_accusation_in_a_list_is_sent_to_the_sealed_room(cast: Cast, said: dict[str, str]) -> None:
    for code in RUNS:
        done = _run(_job(cast.registrar, _told({"编号": "S9"} | said, {"编号": "S2"}), code))
        assert done.counts == {"accepted": 1, "known": 0, "refused": 1}
        assert "专门受理" in _reasons(done)[1]
    assert ExternalReference.objects.get().number == "S2"
    assert not Accusation.objects.exists()  # its clerk hands it in himself: a list is no place for it


@pytest.mark.django_db
def test_what_was_handed_down_comes_with_its_body_its_number_and_its_limit(cast: Cast) -> None:
    handed = {"交转机关": "金华市信访局", "上级文号": "金信交〔2026〕5号", "上级期限": "2026-05-06", "形式": "来信"}
    done = _run(_job(cast.registrar, _told(handed, {"编号": "S2", "形式": "来信"})))
    assert (done.counts["accepted"], _reasons(done)) == (2, {})
    filing = Filing.objects.get(references__number="S1")
    assert (filing.channel, filing.handed_by, filing.handed_number) == ("handed_down", cast.city, "金信交〔2026〕5号")
    assert Clock.objects.get(filing=filing, name="T8").raw_due == filing.handed_due == date(2026, 5, 6)
    assert Filing.objects.get(references__number="S2").channel == "letter"
    advance("sign_up", on=filing, by=cast.triage)


@pytest.mark.django_db
def test_a_superiors_limit_names_its_superior(cast: Cast) -> None:
    wrong = [{"上级期限": "2026-05-06"}, {"交转机关": "某某局"}, {"交转机关": "浦江县自然资源和规划局"},
             {"交转机关": "金华市信访局", "上级期限": "五月"}]  # fmt: skip
    done = _run(_job(cast.registrar, _told(*({"编号": f"S{n}"} | row for n, row in enumerate(wrong)))))
    reasons = _reasons(done)
    for row, words in enumerate(("要写明交转机关", "没有这个单位", "上级机关", "上级期限不是日期"), start=1):
        assert words in reasons[row]
    assert not Filing.objects.exists()


@pytest.mark.django_db
def test_a_file_of_what_was_handed_down_has_a_column_that_says_by_whom(cast: Cast) -> None:
    plan = imports.Plan("省", {"content": "内容", "handed_by": "交转机关"}, "handed_down")
    imports.check_plan(plan, [*NAMES, "交转机关"])
    for columns, channel in (({}, "handed_down"), ({"handed_due": "上级期限"}, "online")):
        with pytest.raises(BadInput, match="交转机关"):
            imports.check_plan(imports.Plan("省", {"content": "内容"} | columns, channel), [*NAMES, "上级期限"])
    assert "handed_due" not in imports.guess([*NAMES, "上级期限"]).columns
    assert "handed_due" in imports.guess([*NAMES, "上级期限", "交转机关"]).columns


@pytest.mark.django_db
def test_claims_companions_urgency_and_a_second_number_come_along(cast: Cast) -> None:
    row = {"诉求": "修复村道；说明计划", "随访人": "李小芳;周大海", "重大紧急": "是", "性别": "男", "出生日期": "1970-02-03",
           "外部系统": "12345政务服务便民热线", "外部编号": "H77", "人数": "6"}  # fmt: skip
    _run(_job(cast.registrar, _told(row)))
    petition = Petition.objects.get()
    assert [claim.text for claim in petition.claims.all()] == ["修复村道", "说明计划"]
    assert (petition.urgent, petition.head_count, petition.joint) == (True, 6, True)
    parties = Party.objects.order_by("pk").values_list("petitioner__name", "role")
    assert list(parties) == [("王小明", "lead"), ("李小芳", "companion"), ("周大海", "companion")]
    lead = Petitioner.objects.get(name="王小明")
    assert (lead.sex, lead.birth_date) == ("1", date(1970, 2, 3))
    numbers = set(ExternalReference.objects.values_list("system", "number"))
    assert numbers == {("省信访系统", "S1"), ("12345政务服务便民热线", "H77")}
    for code in RUNS:
        again = _run(
            _job(cast.registrar, _told({"编号": "S2", "外部系统": "12345政务服务便民热线", "外部编号": "H77"}), code)
        )
        assert (again.counts["refused"], "已经登记过" in _reasons(again)[1]) == (1, True)


# --- rows that are there already ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_another_filing_under_a_known_number_is_a_line_of_the_report(cast: Cast) -> None:
    """Two lists whose numbers both begin with 1, or one list that gives a number twice."""
    first = _told({}, {"内容": "另一件事：路灯不亮。"}, {"标题": "又一件"})
    for code in RUNS:
        done = _run(_job(cast.registrar, first, code))
        assert done.counts == {"accepted": 1, "known": 0, "refused": 2}
        assert "编号已有但内容不同" in _reasons(done)[2]
    for code in RUNS:
        again = _run(
            _job(cast.registrar, _told({"内容": "下一个月的一件事。"}, {"内容": "村道破损 两年没有修。"}), code)
        )
        assert again.counts == {"accepted": 0, "known": 1, "refused": 1}  # white space makes no other filing
        assert list(_reasons(again)) == [1]


@pytest.mark.django_db
@pytest.mark.parametrize("sealed", [True, False], ids=["moved into the sealed room", "in error"])
def test_what_was_taken_back_is_known_by_its_number_and_is_not_asked_for_again(cast: Cast, sealed: bool) -> None:
    """Its words are wiped, so that no list says the same any more; a report told to be sent anew would be an open one."""
    _run(_job(cast.registrar, _told({})))
    filing = Filing.objects.get()
    if sealed:
        about = moved.About(accused=["钱某"], units=[cast.bureau], outside="")
        moved.move_in(filing, about, by=cast.triage)
    else:
        advance("retract", on=filing, by=cast.triage)
    for code in RUNS:
        again = _run(_job(cast.registrar, _told({}), code))
        assert again.counts == {"accepted": 0, "known": 1, "refused": 0}
    assert Filing.objects.get() == filing


@pytest.mark.django_db
def test_a_number_that_stands_twice_is_registered_from_the_row_that_can_be(cast: Cast) -> None:
    for code in RUNS:
        done = _run(_job(cast.registrar, _told({"信访日期": "明天"}, {}, {}), code))
        assert done.counts == {"accepted": 1, "known": 1, "refused": 1}
    done = _run(_job(cast.registrar, _told({"编号": "S5", "人数": "1000000"}, {"编号": "S5"}, {"编号": "S5"})))
    assert done.counts == {"accepted": 1, "known": 1, "refused": 1}  # refused by the verb, and not by its cells


@pytest.mark.django_db
def test_a_look_knows_a_number_again_however_far_it_stands_from_its_first_row(cast: Cast) -> None:
    rows = [*_rows(150), *_rows(1), ["S2", "另一件", "另一件事。", "2025-03-01", "", "", "", ""]]
    looked = _run(_job(cast.registrar, _csv(rows), "check_filings"))
    assert looked.counts == _run(_job(cast.registrar, _csv(rows))).counts == {"accepted": 150, "known": 1, "refused": 1}


@pytest.mark.django_db
def test_a_row_is_known_again_by_its_words_where_the_title_is_no_longer_taken_from_the_list(cast: Cast) -> None:
    _run(_job(cast.registrar, _told({})))
    job = _job(cast.registrar, _told({}))
    del job.settings["columns"]["title"]
    job.save()
    assert _run(job).counts == {"accepted": 0, "known": 1, "refused": 0}
    repeat = register(entry(cast, references=[("省信访系统", "S7")], content="路灯又不亮了。"), by=cast.registrar,
                      under=Petition.objects.get()).filing  # fmt: skip
    assert repeat.repeat
    again = _run(_job(cast.registrar, _told({"编号": "S7", "标题": "路灯", "内容": "路灯又不亮了。"})))
    assert again.counts == {"accepted": 0, "known": 1, "refused": 0}


@pytest.mark.django_db
def test_a_number_too_long_to_be_one_is_reported_and_not_taken_for_known(cast: Cast) -> None:
    for code in RUNS:
        done = _run(_job(cast.registrar, _told({"编号": "九" * 81}, {"编号": "S\ud800"}), code))
        assert done.counts == {"accepted": 0, "known": 0, "refused": 2}
        assert "编号：文字过长" in _reasons(done)[1]


@pytest.mark.django_db
def test_a_row_of_broken_characters_stops_no_other(cast: Cast) -> None:
    rows = (
        {"内容": "路灯\ud800"},
        {"编号": "S2", "属地": "寺前村\0"},
        {"编号": "S3", "外部系统": "甲\0", "外部编号": "1\0"},
    )
    for code in RUNS:
        done = _run(_job(cast.registrar, _told(*rows), code))
        assert done.counts == {"accepted": 2, "known": 0, "refused": 1}


# --- a file that breaks on the way ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_file_whose_writing_changes_on_the_way_fails_with_its_reason(cast: Cast) -> None:
    content = _csv(_rows(900)) + b"\n" + ",".join(_rows(1, 901)[0]).encode("gb18030")
    assert len(_csv(_rows(900))) > 65_536
    for code in RUNS:
        done = _run(_job(cast.registrar, content, code))
        assert (done.state, done.word) == ("failed", "文件不完整，或者文字编码不是 UTF-8、GB18030。")
    assert not Filing.objects.exists()


@pytest.mark.django_db
def test_more_rows_than_a_file_may_hold_are_refused_with_their_number(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 25)  # beyond what is looked at when the file is sent
    done = _run(_job(cast.registrar, _csv(_rows(30))))
    assert (done.state, done.word, Filing.objects.count()) == ("failed", "最多25行，请分开导入。", 0)


def test_chinese_that_begins_late_is_read_in_its_own_writing() -> None:
    late = ("a,b\n" + "1,2\n" * 20_000).encode() + "3,补偿款\n".encode("gb18030")
    found = [row for _, row in sheets.rows(io.BytesIO(late))]
    assert found[-1] == {"a": "3", "b": "补偿款"}


# --- long work ----------------------------------------------------------------------------------------------------


def _at(monkeypatch: pytest.MonkeyPatch, done: int, act: Callable[[Run], None]) -> None:
    """Let ``act`` happen once ``done`` rows are written, before the transaction that writes them ends."""
    step = Run.step

    def watched(self: Run, now: int, **more: int) -> None:
        step(self, now, **more)
        if now >= done:
            act(self)

    monkeypatch.setattr(Run, "step", watched)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_half_way_loses_nothing_and_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = build_cast()
    job = _job(cast.registrar, _csv(_rows(250)))
    connections.close_all()
    child = os.fork()
    if child == 0:  # another process, killed inside the transaction of its second batch
        _at(monkeypatch, 200, lambda run: os.kill(os.getpid(), signal.SIGKILL))
        jobs.run(job.ref)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    job.refresh_from_db()
    assert (job.state, job.done, Filing.objects.count()) == ("running", 100, 100)
    assert jobs.waiting() == []  # its lease still runs
    assert job.beat_at is not None
    Job.objects.filter(pk=job.pk).update(beat_at=job.beat_at - jobs.LEASE - timedelta(seconds=1))
    assert jobs.waiting() == [job.ref]
    job = _run(job)
    assert (job.state, job.counts) == ("ended", {"accepted": 250, "known": 0, "refused": 0})
    assert Filing.objects.count() == 250


@pytest.mark.django_db
def test_stopped_it_keeps_what_is_done_and_goes_on_from_there(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    job = _job(cast.registrar, _csv(_rows(250)))
    with monkeypatch.context() as patch:
        _at(patch, 100, lambda run: jobs.cancel(run.job))
        assert _run(job).state == "cancelled"
    assert (job.done, Filing.objects.count()) == (100, 100)
    jobs.again(job)
    assert _run(job).counts["accepted"] == 250
    assert Filing.objects.count() == 250


@pytest.mark.django_db
def test_a_worker_whose_lease_ran_out_writes_nothing_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    job = _job(cast.registrar, _csv(_rows(250)))
    _at(monkeypatch, 100, lambda run: Job.objects.filter(pk=run.job.pk).update(runner="another"))
    assert jobs.run(job.ref) == "lost"
    job.refresh_from_db()
    assert (job.done, job.state, job.runner) == (100, "running", "another")


@pytest.mark.django_db
def test_work_that_breaks_says_so_and_keeps_what_is_done(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    job = _job(cast.registrar, _csv(_rows(3)))
    monkeypatch.setattr(imports, "entry_of", lambda *args: 1 / 0)
    assert _run(job).state == "failed"
    assert "系统日志" in job.word


@pytest.mark.django_db(transaction=True)
def test_work_waits_while_the_queue_is_away(signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = build_cast()
    job = _job(cast.registrar, _csv(_rows(3)))
    Job.objects.update(state="failed")

    def away(*args: str) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(run_job, "delay", away)
    assert signed_in(cast.registrar).post(f"/jobs/{job.ref}/again/").status_code == 302
    monkeypatch.undo()
    assert take_up_jobs() == 1
    assert Filing.objects.count() == 3


def test_every_thread_of_the_web_server_knows_the_offices_queue() -> None:
    assert get_resolver().url_patterns
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(lambda: run_job.app.main).result() == "office"


@pytest.mark.django_db
def test_work_that_costs_one_worker_after_another_is_left_alone(cast: Cast) -> None:
    job = _job(cast.registrar, _csv(_rows(3)))
    for _ in range(jobs.MOST_LOSSES):
        assert jobs._claim(job.ref) is not None  # a worker takes it up and is never heard of again
        Job.objects.filter(pk=job.pk).update(beat_at=timezone.now() - 2 * jobs.LEASE)
    assert _run(job).state == "failed"
    assert "多次中断" in job.word
    jobs.again(job)
    assert _run(job).counts["accepted"] == 3


@pytest.mark.django_db
def test_nobody_acts_by_work_of_a_post_or_a_power_that_has_ended(cast: Cast) -> None:
    day, signer = today(), cast.signer
    lent = lend(signer.post, cast.handler.user, by=signer, valid_from=day, valid_to=day, reason="外出")
    job = _job(Actor(user=cast.handler.user, post=signer.post, delegation=lent), _csv(_rows(1)))
    Delegation.objects.filter(pk=lent.pk).update(valid_from=day - timedelta(days=2), valid_to=day - timedelta(days=1))
    assert _run(job).state == "failed"
    job = _job(cast.registrar, _csv(_rows(1)))
    Post.objects.filter(pk=cast.registrar.post.pk).update(valid_to=day - timedelta(days=1))
    assert (_run(job).state, Filing.objects.count()) == ("failed", 0)


@pytest.mark.django_db
def test_what_another_asked_for_by_a_lent_power_is_done_by_oneself_under_ones_own_name(cast: Cast) -> None:
    day, signer = today(), cast.signer
    lent = lend(signer.post, cast.handler.user, by=signer, valid_from=day, valid_to=day, reason="外出")
    asked = _job(Actor(user=cast.handler.user, post=signer.post, delegation=lent), _csv(_rows(1)), "check_filings")
    _run(jobs.start("import_filings", by=signer, settings=asked.settings))
    assert (Event.objects.get().user, Event.objects.get().delegation) == (signer.user, None)


@pytest.mark.django_db
def test_nothing_of_a_petitioner_lies_in_clear_beside_the_list(cast: Cast, signed_in: SignIn) -> None:
    rows = [["S1", "标题", "内容", "13900000001", "王小明", "13900000001", "", ""]]
    path = signed_in(cast.registrar).post("/import/", {"file": SimpleUploadedFile("a.csv", _csv(rows))})["Location"]
    assert "王小明" in signed_in(cast.registrar).get(path).content.decode()
    job = _run(_job(cast.registrar, _csv(rows)))
    kept = json.dumps([*Job.objects.values_list("settings", flat=True)], ensure_ascii=False) + job.problems.get().reason
    assert "王小明" not in kept
    assert "13900000001" not in kept


@pytest.mark.django_db
def test_a_petitioner_of_another_system_is_not_sent_a_message_from_this_one(cast: Cast) -> None:
    _run(_job(cast.registrar, _csv(_rows(1))))
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_a_list_that_nobody_imported_is_thrown_away_and_its_report_stays(cast: Cast, signed_in: SignIn) -> None:
    job = _run(_job(cast.registrar, _csv([*_rows(2), ["S9", *[""] * 7]]), "check_filings"))
    assert sweep().lists == 0
    Job.objects.update(made_at=timezone.now() - timedelta(days=settings.DRAFT_DAYS + 1))
    assert (sweep().lists, sweep().lists) == (1, 0)
    assert signed_in(cast.registrar).get(f"/import/{job.ref}/").status_code == 409
    assert "未成的行" in signed_in(cast.registrar).get(f"/jobs/{job.ref}/").content.decode()


@pytest.mark.django_db
def test_a_list_too_large_is_refused_before_it_is_read(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LARGEST_FILE", 100)
    with pytest.raises(BadInput, match="分开导入"):
        _job(cast.registrar, _csv(_rows(9)))


@pytest.mark.django_db
def test_long_work_is_seen_by_the_post_that_asked_for_it_alone(cast: Cast, signed_in: SignIn) -> None:
    job = _run(_job(cast.registrar, _csv([*_rows(2), ["S9", *[""] * 7]])))
    mine = signed_in(cast.registrar)
    assert "未成的行" in mine.get(f"/jobs/{job.ref}/").content.decode()
    sheet = load_workbook(io.BytesIO(b"".join(mine.get(f"/jobs/{job.ref}/problems/").streaming_content))).active  # type: ignore[attr-defined]
    assert sheet is not None
    assert sheet.cell(2, 1).value == 3
    for path in ("", "problems/"):
        assert signed_in(cast.registrar2).get(f"/jobs/{job.ref}/{path}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_from_the_file_to_the_report_on_the_pages(signed_in: SignIn) -> None:
    cast = build_cast()
    client = signed_in(cast.registrar)
    assert client.post("/import/", {"file": SimpleUploadedFile("a.csv", b"")}).status_code == 422
    sent = client.post("/import/", {"file": SimpleUploadedFile("a.csv", _csv(_rows(3), "gb18030"))})
    planned = client.get(sent["Location"]).content.decode()
    assert "第1户补偿款没有发" in planned
    said = {"source": "省信访系统", "channel": "online"}
    said |= {"column_content": "内容", "column_title": "标题", "column_id": "编号"}
    assert client.post(sent["Location"], said | {"column_content": "", "column_title": ""}).status_code == 422
    looked = client.post(sent["Location"], said | {"do": "check"}, follow=True).content.decode()
    assert "试导入" in looked
    assert not Filing.objects.exists()
    done = client.post(sent["Location"], said | {"do": "run"}, follow=True).content.decode()
    assert "导入来件" in done
    assert Filing.objects.count() == 3
    gone = client.post(sent["Location"], said | {"do": "run"}, follow=True).content.decode()
    assert "请重新上传" in gone  # the list is thrown away once it is in


@pytest.mark.django_db
def test_the_command_says_what_became_of_the_rows(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(_csv([*_rows(3), ["S9", *[""] * 7]]))
    call_command("import_filings", str(path), "--post", cast.registrar.user.username, "--dry-run")
    assert "accepted 3" in capsys.readouterr().out
    call_command("import_filings", str(path), "--post", cast.registrar.user.username, "--source", "省信访系统")
    assert "accepted 3, known 0, refused 1" in capsys.readouterr().out
    with pytest.raises(CommandError, match="registers"):
        call_command("import_filings", str(path), "--post", cast.handler.user.username)
    with pytest.raises(CommandError, match="no file"):
        call_command("import_filings", str(tmp_path / "none"), "--post", cast.registrar.user.username)


@pytest.mark.django_db
@pytest.mark.skipif(
    not DATA.is_dir(), reason="the folder of citizens' messages (shared/data) is absent: nothing real is tried"
)
@pytest.mark.parametrize(
    "name", ["tdb2020c_replies.jsonl.gz", "liuyan_hangzhou.jsonl.gz", "tdb2020c_labelled.jsonl.gz"]
)
def test_real_messages_are_looked_at_without_a_fault_of_ours(cast: Cast, name: str) -> None:
    job = _job(cast.registrar, (DATA / name).read_bytes(), "check_filings", name)
    if "labelled" in name:  # most of its rows have their words in one column alone
        job.settings["columns"]["content"] = "text"
        job.save()
    _run(job)
    assert (job.state, job.done) == ("ended", job.total)
    assert job.counts["accepted"] + job.counts["known"] + job.counts["refused"] == job.total
    assert job.counts["accepted"] > job.total * 0.9
