"""Do the records for other systems say what they should, in their codes, and nothing that is not theirs to know?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessKind, AccessLog
from petitions import exchange, jobs
from petitions.actions import Person, advance, rate, register
from petitions.actions.register import register_many
from petitions.actions.take_over import OpenCase, take_over
from petitions.errors import BadInput, WrongPerson
from petitions.models import Filing, Job, Petition
from tests.cast import Cast
from tests.makes import Makes, entry

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
WOMAN = "11010519491231002X"


def _records(cast: Cast, tmp_path: Path, form: str = "json") -> Any:
    path = tmp_path / f"out.{form}"
    exchange.to_path(cast.triage, today(), today(), form, path)
    return json.loads(path.read_text()) if form == "json" else load_workbook(path)


def test_a_whole_matter_in_the_codes_of_the_exchange(cast: Cast, make: Makes, tmp_path: Path) -> None:
    people = [
        Person(
            name="李桂芳",
            id_number=WOMAN,
            phone="13912345678",
            sex="2",
            birth_date=date(1949, 12, 31),
            address="檀溪镇寺前村2号",
        )
    ]
    petition = make.confirmed(people=people, references=[("省信访系统", "S77")], channel="letter")
    rate(petition.filings.get(), target="unit", value="3")
    (record,) = _records(cast, tmp_path)
    wanted = {
        "行政区划": "330726", "编号": f"{petition.number}-01", "外部编号": "省信访系统 S77", "形式": "来信", "状态": 14, "办结": 1,
        "审核认定办结": 1, "重复": 0, "本机构初次": 1, "匿名": 0, "责任单位评价": 3, "信访部门评价": None, "信访人意见": 0, "送达方式": 0,
        "签收": 1, "责任单位": "浦江县自然资源和规划局", "目的": "求决", "查询码状态": 1,
    }  # fmt: skip
    assert {name: record[name] for name in wanted} == wanted
    (person,) = record["信访人"]
    told = {
        "姓名": "李桂芳",
        "性别": 0,
        "证件类型": "111",
        "证件号码": WOMAN,
        "手机": "13912345678",
        "主访人": 1,
        "出生日期": "1949-12-31",
    }
    assert {name: person[name] for name in told} == told


def test_what_is_not_kept_goes_out_empty(cast: Cast, make: Makes, tmp_path: Path) -> None:
    make.registered()
    (record,) = _records(cast, tmp_path)
    (person,) = record["信访人"]
    assert {person[name] for name in ("民族", "政治面貌", "职业", "国籍")} == {None}
    assert (record["扬言"], record["积案"], record["热点"]) == (None, 0, None)


def test_what_the_system_knows_beside_the_road_goes_out(cast: Cast, make: Makes, tmp_path: Path) -> None:
    petition = make.confirmed()
    registered = petition.filings.get()
    advance("supervise", on=make.signed().petition, by=cast.supervisor, trigger="shirking", demand="请说明")
    held = make.signed()
    advance("remind", on=held, by=cast.supervisor)
    advance("instruct", on=held.petition, by=cast.leader, text="请依法办理", answer_days=10)
    advance("follow_up", on=petition, by=cast.registrar2, reached=True, words="满意", settled=True)
    records = {record["编号"]: record for record in _records(cast, tmp_path)}
    mine = records[registered.number]
    assert (mine["查询码告知日期"][:10], mine["查询码告知机构"]) == (today().isoformat(), cast.office.name)
    assert (mine["回访"], mine["回访日期"], mine["督办"], mine["是否可再评价"]) == (1, today().isoformat(), 0, 0)
    opinion = petition.papers.get(kind="opinion")
    assert f"{today().isoformat()} {opinion.title} {opinion.number}" in mine["文书表"]
    supervised = next(record for record in records.values() if record["督办"])
    assert "浦江县自然资源和规划局 待反馈" in supervised["督办表"]
    urged = records[held.petition.filings.get().number]
    assert (urged["催办"], urged["最近催办日期"], urged["批示日期"]) == (1, today().isoformat(), today().isoformat())
    assert (urged["回访"], urged["回访日期"], urged["督办表"], urged["积案"]) == (0, None, None, 0)


def test_an_open_matter_of_more_than_half_a_year_is_long_and_an_ended_one_says_that_it_has_ended(
    cast: Cast, make: Makes, tmp_path: Path
) -> None:
    long, short = make.registered().petition, make.registered().petition
    Petition.objects.filter(pk=long.pk).update(received_on=today() - timedelta(days=181))
    ended = make.ended_by_rereview()
    records = {record["事项编号"]: record for record in _records(cast, tmp_path)}
    assert [records[row.number]["积案"] for row in (long, short)] == [1, 0]
    assert (records[ended.number]["终结"], records[ended.number]["终结日期"], records[long.number]["终结"]) == (
        1,
        "2025-05-08",
        0,
    )


def test_what_always_goes_out_empty_is_what_the_manual_names(cast: Cast, make: Makes, tmp_path: Path) -> None:
    whole = {
        "channel": "letter", "addressee": "县长", "actual_count": 2, "references": [("省信访系统", "S1")],
        "people": [Person(name="陈港生", id_kind="516", id_number="H12345678", phone="13912345678", sex="1", birth_date=date(1960, 1, 2))],
    }  # fmt: skip
    petition = make.confirmed(**whole)
    rate(petition.filings.get(), target="unit", value="0")
    rate(petition.filings.get(), target="office", value="1")
    advance("follow_up", on=petition, by=cast.registrar2, reached=True, words="满意", settled=True)
    held = make.signed()
    advance("supervise", on=held.petition, by=cast.supervisor, trigger="shirking", demand="请说明")
    advance("remind", on=held, by=cast.supervisor)
    advance("instruct", on=held.petition, by=cast.leader, text="请依法办理", answer_days=10)
    advance("merge", on=make.registered().filing, by=cast.triage, into=held.petition)
    make.ended_by_rereview()
    records = _records(cast, tmp_path)
    people = [person for record in records for person in record["信访人"]]
    empty = [{name for name in rows[0] if all(row[name] in (None, "") for row in rows)} for rows in (records, people)]
    assert empty == [set(exchange.NOT_KEPT), set(exchange.NOT_KEPT_OF_PEOPLE)]
    manual = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    table = manual.split("### Records for the province's system")[1].split("\n## ")[0]
    named = {
        name for line in table.splitlines() if line.startswith("| ") for name in line.split("|")[1].strip().split(" · ")
    }
    assert named - {"field", "---"} == set(exchange.NOT_KEPT) | set(exchange.NOT_KEPT_OF_PEOPLE)


def test_who_asked_not_to_be_named_goes_out_without_a_person(cast: Cast, make: Makes, tmp_path: Path) -> None:
    make.registered(hide_name=True)
    (record,) = _records(cast, tmp_path)
    assert (record["保密"], record["信访人"]) == (1, [])
    assert "王小明" not in json.dumps(record, ensure_ascii=False)
    assert "19900000001" not in json.dumps(record, ensure_ascii=False)


def test_of_a_destroyed_matter_its_number_alone_goes_out(cast: Cast, make: Makes, tmp_path: Path) -> None:
    done = make.registered()
    Petition.objects.filter(pk=done.petition.pk).update(wrapped_key=None, key_destroyed_at=timezone.now())
    (record,) = _records(cast, tmp_path)
    assert (record["概况"], record["投诉内容"], record["信访人"]) == (None, None, [])
    assert record["编号"] == done.filing.number


def test_only_the_days_asked_for(cast: Cast, make: Makes, tmp_path: Path) -> None:
    old, new = make.registered().filing, make.registered().filing
    Filing.objects.filter(pk=old.pk).update(recorded_at=timezone.now() - timedelta(days=1))
    assert [record["编号"] for record in _records(cast, tmp_path)] == [new.number]


def test_more_than_a_piece_at_once_in_a_fixed_number_of_queries(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(exchange, "BATCH", 3)
    for number in range(7):
        register(entry(cast, title=f"第{number}件"), by=cast.registrar)
    with django_assert_max_num_queries(60):
        assert len({record["编号"] for record in _records(cast, tmp_path)}) == 7


def test_a_spreadsheet_with_people_on_a_sheet_of_their_own_and_no_formulas(
    cast: Cast, make: Makes, tmp_path: Path
) -> None:
    filing = make.registered(title="=HYPERLINK(1)").filing
    book = _records(cast, tmp_path, "xlsx")
    names, row = list(book["信访件"].values)
    assert dict(zip(names, row, strict=True))["概况"] == "'=HYPERLINK(1)"
    people = list(book["信访人"].values)
    assert (people[1][0], people[1][1]) == (filing.ref, "王小明")


def test_only_the_petition_office_hands_out(cast: Cast, tmp_path: Path) -> None:
    for who, actor in cast.everybody().items():
        assert exchange.may_export(actor) == (who in ("triage", "head")), who
    with pytest.raises(WrongPerson):
        exchange.to_path(cast.signer, today(), today(), "json", tmp_path / "x")
    for first, last, form in (
        (today(), today() - timedelta(days=1), "json"), (today() - timedelta(days=400), today(), "json"),
        (today(), today(), "csv"),
    ):  # fmt: skip
        with pytest.raises(BadInput):
            exchange.check(cast.triage, first, last, form)


def test_the_file_is_made_in_the_background_and_each_hand_out_is_written_down(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    make.registered()
    job = exchange.start(cast.triage, today(), today(), "json")
    assert jobs.run(job.ref) == "ended"
    job.refresh_from_db()
    assert (job.counts, job.done, job.total) == ({"rows": 1}, 1, 1)
    page = signed_in(cast.triage).get(f"/jobs/{job.ref}/").content.decode()
    assert "下载结果" in page
    given = signed_in(cast.triage).get(f"/jobs/{job.ref}/result/")
    assert len(json.loads(b"".join(given.streaming_content))) == 1  # type: ignore[attr-defined]
    assert AccessLog.objects.filter(kind=AccessKind.EXPORT, user=cast.triage.user).count() == 2
    assert signed_in(cast.head).get(f"/jobs/{job.ref}/result/").status_code == 404


def test_the_command_writes_a_file_for_its_owner_alone(
    cast: Cast, make: Makes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make.registered()
    path = tmp_path / "day.xlsx"
    day = today().isoformat()
    call_command("export_exchange", str(path), "--from", day, "--to", day, "--post", cast.head.user.username)
    assert "1 filings" in capsys.readouterr().out
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError):
        call_command("export_exchange", str(path), "--from", day, "--post", cast.signer.user.username)


def test_a_file_that_others_could_read_is_its_owners_alone_once_it_holds_persons(
    cast: Cast, make: Makes, tmp_path: Path
) -> None:
    make.registered()
    path = tmp_path / "day.json"
    path.write_text("an older and longer file" * 999)
    path.chmod(0o666)
    assert exchange.to_path(cast.triage, today(), today(), "json", path) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(json.loads(path.read_text())) == 1


def test_whom_nobody_gave_a_query_code_has_none_until_the_counter_makes_one(
    cast: Cast, make: Makes, tmp_path: Path
) -> None:
    taken = take_over(OpenCase(entry(cast), "老1", "registered"), by=cast.triage)
    listed = register_many([entry(cast, imported_from="省信访系统")], by=cast.registrar)[0]
    given = make.registered()
    assert (taken.code, listed.code) == ("", "")
    codes = {record["编号"]: record["查询码状态"] for record in _records(cast, tmp_path)}
    assert codes == {taken.filing.number: 0, listed.filing.number: 0, given.filing.number: 1}
    advance("reissue_code", on=taken.filing, by=cast.registrar, reason="来访索取")
    assert {record["编号"]: record["查询码状态"] for record in _records(cast, tmp_path)}[taken.filing.number] == 1


# --- another system's number ----------------------------------------------------------------------------------------


def test_a_number_of_another_system_leads_straight_to_its_matter(cast: Cast, signed_in: SignIn) -> None:
    done = register(entry(cast, references=[("省信访系统", "ZJ202611250001")]), by=cast.registrar)
    found = signed_in(cast.registrar).get("/search/?q=ZJ202611250001")
    assert (found.status_code, found["Location"]) == (302, f"/petitions/{done.petition.ref}/")
    assert signed_in(cast.stranger).get("/search/?q=ZJ202611250001").status_code == 200
    assert AccessLog.objects.filter(kind=AccessKind.SEARCH).count() == 2


def test_two_systems_with_the_same_number_are_shown_to_choose_from(cast: Cast, signed_in: SignIn) -> None:
    for system in ("省信访系统", "12345"):
        register(entry(cast, references=[(system, "77001")]), by=cast.registrar)
    page = signed_in(cast.registrar).get("/search/?q=77001")
    assert page.status_code == 200
    assert "外部编号相符" in page.content.decode()


def test_the_page_registers_a_number_once_and_asks_for_both_halves(cast: Cast, signed_in: SignIn) -> None:
    from tests.petitions.test_registration import sheet

    client = signed_in(cast.registrar)
    outside = {"reference_system": "省信访系统", "reference_number": "S1"}
    half = client.post("/register/", sheet({"name": "周桂英", "role": "lead"}) | {"reference_number": "S1"})
    assert (half.status_code, "外部编号要写明系统和编号" in half.content.decode()) == (422, True)
    assert client.post("/register/", sheet({"name": "周桂英", "role": "lead"}) | outside).status_code == 302
    again = client.post("/register/", sheet({"name": "李小芳", "role": "lead"}) | outside)
    assert (again.status_code, "已经登记过" in again.content.decode()) == (422, True)
    assert Filing.objects.get().references.get().number == "S1"


def test_a_job_that_was_lost_begins_its_file_anew(cast: Cast, make: Makes, monkeypatch: pytest.MonkeyPatch) -> None:
    make.registered()
    job = exchange.start(cast.triage, today(), today(), "xlsx")
    Job.objects.filter(pk=job.pk).update(state="running", done=1, beat_at=timezone.now() - 2 * jobs.LEASE)
    assert jobs.run(job.ref) == "ended"
    job.refresh_from_db()
    assert job.counts == {"rows": 1}
