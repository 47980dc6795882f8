"""Sealed reports are found, archived and destroyed inside their room: by the recipients alone, two hands, and nothing readable stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from docx import Document

from accounts import sealer
from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessLog
from petitions.accusations import access, archive, figures, intake, papers, roll, search, words
from petitions.accusations.door import EFFECTS
from petitions.accusations.intake import Reporter, Told
from petitions.actions import drafts
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.figures import keep
from petitions.law.archive import last_day
from petitions.models import (
    Accusation,
    AccusationEvent,
    AccusationExport,
    AccusationReading,
    ArchiveFile,
    Destruction,
    Notice,
    Report,
    YearTotal,
)
from petitions.querycode import new_ref
from petitions.reports import verbs as reports
from tests.cast import Cast
from tests.petitions.accusations import WORDS, Sealed, last_year
from tests.petitions.test_archive import columns_with

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
WORD = "雉鸡岭"  # stands in nothing else


@pytest.fixture
def sealed(cast: Cast) -> Sealed:
    return Sealed(cast)


def texts(html: str) -> str:
    import re

    return re.sub(r"<[^>]*>|\s", "", html)


# --- papers as files ---------------------------------------------------------------------------------------------------


def test_every_paper_is_also_a_file_that_an_office_can_edit(sealed: Sealed, cast: Cast, signed_in: SignIn) -> None:
    sealed.lead()
    row = sealed.take(sealed.examined(), "report", leader=cast.other_leader.post, proposal="拟请纪委核查")
    row = sealed.take(sealed.take(row, "inform", body=sealed.organisation), "transfer", body=sealed.discipline)
    row = sealed.take(
        sealed.take(row, "result", result="已立案。"), "answer", how="letter", answer="已由有权机关立案。"
    )
    client = signed_in(sealed.first)
    assert {paper.kind for paper in row.papers.all()} == {"report", "inform", "letter", "reply"}
    for paper in row.papers.all():
        page = client.get(f"/guarded/papers/{paper.ref}/").content.decode()
        assert f"/guarded/papers/{paper.ref}/docx/" in page
        answer = client.get(f"/guarded/papers/{paper.ref}/docx/")
        document = Document(BytesIO(answer.content))
        assert texts("".join(one.text for one in document.paragraphs)) == texts(papers.html_of(paper))
        assert document.core_properties.author == "" and "钱某" not in document.core_properties.title
        assert "attachment" in answer["Content-Disposition"] and "%E9%92%B1" not in answer["Content-Disposition"]
    assert AccusationReading.objects.filter(kind="download", accusation=row).count() == 4


# --- finding -----------------------------------------------------------------------------------------------------------


def found(actor: Actor, text: str) -> set[Accusation]:
    return {row for row, _ in search.find(actor, text).hits}


def test_a_recipient_finds_by_anything_that_was_told(sealed: Sealed, cast: Cast) -> None:
    row, other = (
        sealed.resulted(),
        sealed.received(content=f"反映{WORD}林场的事", reporters=[], accused=[], accused_units=[]),
    )
    for sought in (
        "钱 某",
        "赵举",
        "13900000077",
        "补偿款",
        row.number,
        row.slip,
        cast.bureau.name,
        "立案审查",
        "纪律检查",
    ):
        assert found(sealed.first, sought) == {row}, sought
    assert found(sealed.first, WORD) == {other}
    assert found(sealed.first, "没有这个字") == set()


def test_nobody_finds_what_he_does_not_see(sealed: Sealed, cast: Cast) -> None:
    sealed.put(cast.handler)
    sealed.received()
    mine = sealed.received(accused=[], accused_units=[], content=WORDS)
    assert found(cast.handler, "补偿款") == {mine}
    for outsider in (cast.head, cast.security_admin, sealed.auditor, cast.leader):
        with pytest.raises(NotSeen):
            search.find(outsider, "补偿款")


def test_a_walk_has_an_end_and_goes_on_where_it_stopped(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [sealed.received(received_on=today() - timedelta(days=day)) for day in (2, 0, 2, 1, 0)]
    monkeypatch.setattr(search, "WALK", 2)
    seen, after = [], ""
    for _ in range(4):
        one = search.find(sealed.first, "补偿款", after)
        seen += [row for row, _ in one.hits]
        after = one.after
        if not after:
            break
    assert seen == sorted(rows, key=lambda row: (row.received_on, row.pk), reverse=True)


def test_what_was_looked_for_is_kept_nowhere(sealed: Sealed, signed_in: SignIn) -> None:
    row = sealed.received(content=f"反映{WORD}林场的事")
    client, before = signed_in(sealed.first), AccessLog.objects.count()
    answer = client.post("/guarded/search/", {"text": WORD})
    assert row.number in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert client.get("/guarded/search/", {"text": WORD}).content.decode().count(WORD) == 0
    assert AccessLog.objects.count() == before
    assert [seen.accusation for seen in AccusationReading.objects.filter(kind="search").order_by("pk")] == [None, row]
    assert list(columns_with(WORD)) == []
    assert client.post("/guarded/search/", {"text": "某"}).status_code == 422


def test_the_list_shows_words_and_so_a_look_at_it_is_written_down(sealed: Sealed, signed_in: SignIn) -> None:
    sealed.received()
    assert WORDS[:20] in signed_in(sealed.first).get("/guarded/").content.decode()
    assert AccusationReading.objects.filter(kind="list", user=sealed.first.user).count() == 2


# --- the archive inside the room ---------------------------------------------------------------------------------------


def test_a_closed_report_is_archived_for_its_period_and_only_longer(sealed: Sealed) -> None:
    row = sealed.archived(over=False)
    assert (row.state, row.keep_until) == ("archived", last_day(row.closed_on or today(), 30))
    assert row.closed_on == today()
    with pytest.raises(BadInput, match="只能延长"):
        sealed.take(row, "keep_longer", period="10")
    assert sealed.take(row, "keep_longer", period="forever").keep_until is None
    with pytest.raises(WrongMoment, match="永久"):
        sealed.take(row, "propose_destruction", ground="settled")
    filed = sealed.take(sealed.examined(), "file_away", by=sealed.second, reason="没有线索", note="已告知")
    assert sealed.take(filed, "archive", period="10").keep_until == last_day(today(), 10)
    closed = sealed.take(sealed.take(sealed.resulted(), "answer", how="talk", answer="已立案。"), "close")
    with pytest.raises(BadInput, match="至少保管30年"):
        sealed.take(closed, "archive", period="10")


def test_the_open_archive_and_its_reminders_know_nothing_of_it(sealed: Sealed, cast: Cast) -> None:
    from petitions import destruction

    row = sealed.archived()
    sealed.take(row, "propose_destruction", ground="settled")
    assert destruction.remind(today() + timedelta(days=30)) == 0
    for model in (ArchiveFile, Destruction, Notice):
        assert not model.objects.exists(), model


def test_whoever_sees_it_is_reminded_in_the_room_and_nobody_else(sealed: Sealed, cast: Cast, signed_in: SignIn) -> None:
    sealed.put(cast.handler)
    row = sealed.archived(over=False)
    assert "保管期限已满" not in signed_in(sealed.first).get("/guarded/").content.decode()
    Accusation.objects.filter(pk=row.pk).update(keep_until=today() + timedelta(days=80))
    assert "1件案卷的保管期限已满或者三个月内将满" in signed_in(sealed.second).get("/guarded/").content.decode()
    assert "期满待鉴定" in signed_in(sealed.second).get("/guarded/?show=archive").content.decode()
    assert "保管期限已满" not in signed_in(cast.handler).get("/guarded/").content.decode()


def test_two_recipients_destroy_it_and_never_before_its_period_is_over(sealed: Sealed, cast: Cast) -> None:
    early = sealed.archived(over=False)
    with pytest.raises(WrongMoment, match="保管期限到"):
        sealed.take(early, "propose_destruction", ground="settled")
    row = sealed.take(sealed.archived(), "propose_destruction", ground="settled")
    for outsider in (cast.head, cast.security_admin, sealed.auditor):
        with pytest.raises(NotSeen):
            sealed.take(row, "destroy", by=outsider)
    for step in ("destroy", "keep"):
        with pytest.raises(WrongPerson, match="另一人"):
            sealed.take(row, step)
    assert sealed.take(row, "keep", by=sealed.second).state == "archived"
    row = sealed.take(row, "propose_destruction", by=sealed.second, ground="settled")
    assert sealed.take(row, "destroy").state == "destroyed"


def handed_in(sealed: Sealed, tmp_path: Path) -> Accusation:
    """Out of the open page with a file, so that everything a report can have is there; its words everywhere."""
    from tests.test_doors import _file

    draft = drafts.draft_for(sealed.cast.registrar, new_ref())
    _file(sealed.cast.registrar, draft)
    entry = Told(
        content=f"反映{WORD}补偿款被侵占。", reporters=[Reporter(WORD, "", "13900000077", WORD)], accused=[f"{WORD}甲"],
        accused_units=[sealed.cast.bureau], accused_unit=f"{WORD}公司",
    )  # fmt: skip
    row = intake.hand_in(entry, by=sealed.cast.registrar, draft=draft)
    about = sealed.about(accused=[f"{WORD}甲"], accused_unit=f"{WORD}公司", note=WORD)
    row = sealed.take(sealed.take(row, "examine", **about), "transfer", outside=f"{WORD}市纪委", note=WORD)
    row = sealed.take(sealed.take(row, "result", result=WORD), "answer", how="letter", answer="已办结。")
    row = sealed.take(sealed.take(row, "close", note=WORD), "archive", period="30")
    Accusation.objects.filter(pk=row.pk).update(keep_until=today() - timedelta(days=1))
    export = figures.ask(sealed.first, first=date(2020, 1, 1), last=today(), unit=None, to="巡察组")
    figures.make(export.ref)
    return row


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_nothing_readable_of_it_stays_and_its_record_verifies(
    cast: Cast, settings: Any, tmp_path: Path, signed_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MEDIA_ROOT, settings.SEAL_NOTE = tmp_path / "media", tmp_path / "last-seal.json"
    settings.MEDIA_ROOT.mkdir()
    sealed = Sealed(cast)
    row = handed_in(sealed, tmp_path)
    assert len(list(settings.MEDIA_ROOT.iterdir())) == 2
    bars, paper, key = set(row.bars), row.papers.first(), bytes(row.wrapped_key or b"")
    assert bars and paper is not None
    sealer.seal_all()
    sealed.take(sealed.take(row, "propose_destruction", ground="settled"), "destroy", by=sealed.second)
    sealer.seal_all()
    call_command("verify_record")
    assert "The record is whole." in capsys.readouterr().out
    assert list(settings.MEDIA_ROOT.iterdir()) == [] and not AccusationExport.objects.exists()
    row.refresh_from_db()
    assert (row.wrapped_key, bytes(row.words), row.bars) == (None, b"", [])
    assert not row.files.exists()
    assert list(columns_with(WORD, "13900000077", *bars)) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM petitions_accusation WHERE wrapped_key = %s", [key])
        assert cursor.fetchone()[0] == 0
    for read in (lambda: words.of(row), lambda: papers.html_of(paper)):
        with pytest.raises(WrongMoment, match="已销毁"):
            read()
    assert found(sealed.first, row.number) == {row} and found(sealed.first, WORD) == set()
    page = signed_in(sealed.second).get(f"/guarded/case/{row.ref}/")
    assert (
        page.status_code == 200 and "档案已销毁" in page.content.decode() and "13900000077" not in page.content.decode()
    )
    assert row.number in signed_in(sealed.first).get("/guarded/?show=archive").content.decode()
    assert signed_in(sealed.first).get(f"/guarded/case/{row.ref}/step/destroy/").status_code == 409
    log = signed_in(sealed.auditor).get("/guarded/readings/").content.decode()
    assert "提出销毁" in log and row.number in log


def test_a_destruction_forgets_the_exports_that_hold_the_report_and_no_other(
    sealed: Sealed, cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    about_others = sealed.received(accused=["孙某"], accused_units=[cast.sibling])
    row = sealed.take(sealed.archived(), "propose_destruction", ground="settled")
    span = {"first": today(), "last": today(), "to": "巡察组"}
    of_it, of_others, asked = (
        figures.ask(actor, unit=unit, **span)  # type: ignore[arg-type]
        for actor, unit in ((sealed.first, cast.bureau), (sealed.second, cast.sibling), (sealed.second, None))
    )
    assert {figures.make(one.ref) for one in (of_it, of_others)} == {"ended"}
    sealed.take(row, "destroy", by=sealed.second)
    assert {one.ref for one in AccusationExport.objects.all()} == {of_others.ref, asked.ref}
    assert figures.make(asked.ref) == "ended"
    asked.refresh_from_db()
    assert figures.asked(asked)["reports"] == [about_others.pk]


def test_a_tombstone_tells_nobody_that_he_was_barred_from_it(sealed: Sealed, cast: Cast) -> None:
    """Its bars are gone: who did not see the report must not meet its number now, and know why he had not."""
    sealed.put(cast.handler)
    row = sealed.take(sealed.archived(), "propose_destruction", ground="settled")
    sealed.take(row, "destroy", by=sealed.second)
    assert not access.visible_to(cast.handler).exists()
    assert access.visible_to(sealed.first).get() == row


def test_a_destruction_that_breaks_off_destroys_nothing(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    row = sealed.take(sealed.archived(), "propose_destruction", ground="settled")

    def fails(report: Accusation) -> int:
        raise RuntimeError("the power failed")

    monkeypatch.setattr(figures, "forget_with", fails)
    with pytest.raises(RuntimeError):
        sealed.take(row, "destroy", by=sealed.second)
    row.refresh_from_db()
    assert row.state == "doomed" and words.of(row)["content"] == WORDS
    assert not AccusationEvent.objects.filter(step="destroy").exists()


def test_what_is_chosen_is_never_free_words(sealed: Sealed) -> None:
    row = sealed.archived()
    with pytest.raises(BadInput, match="鉴定意见"):
        sealed.take(row, "propose_destruction", ground=f"{WORD}的事没有价值")
    assert archive.why_not(row, today()) == "" and set(EFFECTS) >= {"archive", "destroy"}


# --- the number of a year ----------------------------------------------------------------------------------------------


def test_the_annual_report_takes_the_number_that_a_recipient_gave_and_nobody_types_it(
    sealed: Sealed, cast: Cast, signed_in: SignIn
) -> None:
    last = last_year()
    Accusation.objects.filter(pk=sealed.received().pk).update(received_on=date(last, 3, 1))
    keep.make_day(date(last, 12, 31))
    report = reports.begin(cast.head, "annual", last)
    client = signed_in(cast.head)
    assert "专门受理人员尚未提供" in client.get(f"/reports/{report.ref}/").content.decode()
    client = signed_in(sealed.first)
    assert client.post("/guarded/year/", {"year": str(last), "count": "999"}).status_code == 302
    assert YearTotal.objects.get(year=last).count == 1
    table = reports.contents_of(report, cast.head).parts[-1].tables[-1]
    assert (table.title, table.rows) == ("检举控告", [["收到检举控告", 1]])
    reports.change(report, by=cast.head, texts={"sealed": "999件"})
    issued = reports.issue(report, by=cast.head)
    late = sealed.received()
    Accusation.objects.filter(pk=late.pk).update(received_on=date(last, 3, 1))
    with pytest.raises(WrongMoment, match="不再改动"):
        figures.enter(sealed.second, last)
    assert YearTotal.objects.get().count == 1, "the difference of two numbers would be one report"
    assert client.post("/guarded/year/", {"year": str(last)}).status_code == 409
    assert reports.contents_of(Report.objects.get(pk=issued.pk), cast.head).parts[-1].tables[-1].rows == [
        ["收到检举控告", 1]
    ]


def test_only_a_year_that_is_over_is_given_and_only_by_a_recipient(sealed: Sealed, cast: Cast) -> None:
    for year in (today().year, 0, 1999):
        with pytest.raises(BadInput):
            figures.enter(sealed.first, year)
    for outsider in (cast.head, sealed.auditor, cast.security_admin):
        with pytest.raises(NotSeen):
            figures.enter(outsider, today().year - 1)
    assert not roll.is_on(cast.head, roll.HANDLES)
    assert not YearTotal.objects.exists()
