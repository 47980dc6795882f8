"""The sealed road in its detail: whose clock runs when, who must have been told before the end, whom an answer reaches, and its papers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import FormerName, Post, Role
from petitions.accusations import clocks, files, intake, papers, record, roll, words
from petitions.accusations.intake import Reporter, Told
from petitions.actions import drafts
from petitions.errors import BadInput, WrongMoment
from petitions.models import Accusation, AccusationMember, CalendarDay, CalendarYear
from petitions.querycode import new_ref
from tests.cast import SINCE, Cast
from tests.petitions.accusations import WORDS, Sealed
from tests.petitions.test_registration import PNG

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
OTHER = Reporter("孙联名", "", "13900000088", "檀溪镇寺前村3号")
FIRST = Reporter("赵举", "", "13900000077", "檀溪镇寺前村2号")


@pytest.fixture
def sealed(cast: Cast) -> Sealed:
    room = Sealed(cast)
    room.lead()
    return room


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def examined(sealed: Sealed, received: dict[str, Any] | None = None, **about: Any) -> Accusation:
    return sealed.take(sealed.received(**(received or {})), "examine", **sealed.about(**about))


def running(row: Accusation) -> set[str]:
    return set(row.clocks.filter(ended="").values_list("name", flat=True))


# --- clocks -------------------------------------------------------------------------------------------------------------


def test_laying_it_before_a_leader_does_not_stand_for_the_transfer_to_the_discipline_inspection(sealed: Sealed) -> None:
    row = sealed.take(examined(sealed), "report", leader=sealed.cast.leader.post, proposal="拟转纪委")
    assert (row.state, running(row)) == ("reported", {"S1"})
    assert row.due == row.clocks.get(name="S1").due
    with pytest.raises(WrongMoment, match="先转送有关纪检监察机关"):
        sealed.take(row, "result", result="已了解")
    row = sealed.take(row, "transfer", body=sealed.discipline)
    assert row.clocks.get(name="S1").ended == "met"
    assert sealed.take(row, "result", result="已立案").state == "resulted"


def test_what_is_laid_before_a_leader_alone_has_a_day_on_which_to_ask(sealed: Sealed) -> None:
    row = examined(sealed, remit="other")
    row = sealed.take(row, "report", leader=sealed.cast.leader.post, proposal="请批示")
    again = sealed.take(row, "report", leader=sealed.cast.other_leader.post, proposal="请批示")
    assert running(again) == {"S4"} and again.due == row.due is not None
    assert "系统默认" in again.clocks.get(name="S4").rule


@pytest.mark.parametrize(("remit", "runs", "asked"), [("discipline", "S4", False), ("judicial", "S4", False), ("other", "S2", True), ("organisation", "S2", True)])  # fmt: skip
def test_fifteen_days_to_tell_of_taking_it_are_asked_of_those_alone_whom_article_23_binds(
    sealed: Sealed, remit: str, runs: str, asked: bool
) -> None:
    row = sealed.take(examined(sealed, remit=remit), "transfer", body=sealed.discipline)
    html = papers.html_of(row.papers.get())
    assert running(row) == {runs}
    assert ("15日内" in html, "第二十三条第三款" in html) == (asked, asked)
    assert "反馈我机关" in html
    if asked:
        assert row.clocks.get(name="S2").rule.endswith("第二十三条第三款")


def test_from_taking_it_over_to_the_result_a_reminder_runs_and_is_set_anew_by_asking(sealed: Sealed) -> None:
    row = sealed.take(examined(sealed, remit="other"), "transfer", body=sealed.discipline)
    row = sealed.take(row, "taken_over")
    assert running(row) == {"S4"} and row.due is not None
    with pytest.raises(WrongMoment, match="已经记录过"):
        sealed.take(row, "taken_over")
    row = sealed.take(row, "urge", note="电话问了案管室：正在核查")
    assert [one.ended for one in row.clocks.filter(name="S4").order_by("pk")] == ["met", ""]
    row = sealed.take(row, "result", result="已立案")
    assert running(row) == {"S3"}
    with pytest.raises(WrongMoment):
        sealed.take(row, "urge", note="x")


def test_days_off_that_are_entered_later_move_its_running_clocks_without_a_word(sealed: Sealed) -> None:
    row = sealed.received()
    clock = row.clocks.get()
    CalendarYear.objects.get_or_create(year=clock.raw_due.year, defaults={"source": "通知"})
    CalendarDay.objects.update_or_create(day=clock.due, defaults={"is_workday": False, "name": "节日"})
    before = row.events_count
    clocks.recompute()
    row.refresh_from_db()
    moved = row.clocks.get()
    assert moved.due > clock.due and moved.raw_due == clock.raw_due and row.due == moved.due
    assert row.events_count == before and record.is_whole(row, list(row.events.order_by("seq")))
    clocks.recompute()
    assert row.clocks.get().due == moved.due


# --- who must have been told (Art.30 ¶2) -----------------------------------------------------------------------------------


def resulted(sealed: Sealed, **about: Any) -> Accusation:
    row = sealed.take(examined(sealed, {"reporters": []}, **about), "transfer", body=sealed.discipline)
    return sealed.take(row, "result", result="已立案")


def test_a_grave_one_ends_only_when_both_leaders_have_it(sealed: Sealed, cast: Cast) -> None:
    row = resulted(sealed, major=True)
    with pytest.raises(WrongMoment, match="党委主要负责同志"):
        sealed.take(row, "close")
    row = sealed.take(row, "report_on", leader=cast.leader.post, proposal="报告结果")
    with pytest.raises(WrongMoment, match="分管组织"):
        sealed.take(row, "close")
    row = sealed.take(row, "report_on", leader=cast.other_leader.post, proposal="报告结果")
    assert [one["duties"] for one in words.of(row)["told"]] == [["party"], ["cadres"]]
    assert sealed.take(row, "close").state == "closed"


def test_a_grave_one_is_filed_away_only_when_both_leaders_have_it(sealed: Sealed, cast: Cast) -> None:
    row = examined(sealed, {"reporters": []}, major=True)
    with pytest.raises(WrongMoment, match="党委主要负责同志"):
        sealed.take(row, "file_away", by=sealed.second, reason="没有线索")
    for leader in (cast.leader, cast.other_leader):
        row = sealed.take(row, "report", leader=leader.post, proposal="拟存查")
    assert sealed.take(row, "file_away", by=sealed.second, reason="没有线索").state == "closed"


def test_a_leader_who_is_accused_is_not_waited_for_and_one_whom_nobody_named_is(sealed: Sealed, cast: Cast) -> None:
    row = examined(sealed, {"reporters": []}, major=True, accused=[cast.leader.user.name], units=[])
    row = sealed.take(row, "report", leader=cast.other_leader.post, proposal="拟存查")
    assert sealed.take(row, "file_away", by=sealed.second, reason="没有线索").state == "closed"
    AccusationMember.objects.filter(duty="cadres").update(valid_to=today() - timedelta(days=1))
    row = examined(sealed, {"reporters": []}, major=True)
    row = sealed.take(row, "report", leader=cast.leader.post, proposal="拟存查")
    with pytest.raises(WrongMoment, match="还没有登记他是谁"):
        sealed.take(row, "file_away", by=sealed.second, reason="没有线索")


def test_a_report_goes_to_the_two_whom_the_list_names_and_to_no_other_leader(sealed: Sealed, cast: Cast) -> None:
    third = Post.objects.create(user=cast.head.user, department=cast.county, role=Role.LEADER, valid_from=SINCE)
    with pytest.raises(BadInput, match="名单上登记的"):
        sealed.take(examined(sealed), "report", leader=third, proposal="x")
    assert not roll.may_keep(cast.leader) and not roll.is_on(cast.leader, roll.HANDLES)
    with pytest.raises(BadInput, match="领导岗位"):
        roll.propose(cast.head, what="add", user=cast.triage.user, duty="party", valid_from=today(), valid_to=None, reason="x")  # fmt: skip


def test_where_a_cadre_is_reported_the_organisation_department_is_told_first(sealed: Sealed) -> None:
    row = resulted(sealed, cadre=True)
    with pytest.raises(WrongMoment, match="通报组织"):
        sealed.take(row, "close")
    row = sealed.take(row, "inform", body=sealed.organisation)
    voided = sealed.take(row, "void", paper=row.papers.get(kind="inform").number, reason="写错")
    with pytest.raises(WrongMoment, match="通报组织"):
        sealed.take(voided, "close")
    row = sealed.take(voided, "inform", body=sealed.organisation)
    assert [one.number[-2:] for one in row.papers.filter(kind="inform").order_by("pk")] == ["通1", "通2"]
    assert sealed.take(row, "close").state == "closed"


def test_whether_a_cadre_is_reported_is_asked(sealed: Sealed) -> None:
    with pytest.raises(BadInput, match="干部问题"):
        sealed.take(sealed.received(), "examine", **sealed.about(cadre=None))


# --- the answer -------------------------------------------------------------------------------------------------------------


def test_each_who_reported_under_his_name_is_answered(sealed: Sealed) -> None:
    row = sealed.resulted(reporters=[FIRST, OTHER, Reporter("匿名", "", "13900000099", "")])
    with pytest.raises(BadInput, match="哪一位"):
        sealed.take(row, "answer", how="talk", answer="已立案")
    row = sealed.take(row, "answer", reporter=1, how="letter", answer="已立案")
    assert (row.state, running(row)) == ("resulted", {"S3"})
    assert "孙联名" in papers.html_of(row.papers.get(kind="reply"))
    with pytest.raises(BadInput, match="先逐一答复本人"):
        sealed.take(row, "close")
    with pytest.raises(BadInput, match="哪一位"):
        sealed.take(row, "answer", reporter=1, how="talk", answer="已立案")
    row = sealed.take(row, "answer", reporter=0, how="talk", answer="已立案")
    assert (row.state, running(row)) == ("answered", set())
    assert sealed.take(row, "close").state == "closed"


def test_a_letter_names_neither_the_accused_nor_their_bodies(sealed: Sealed, cast: Cast) -> None:
    row = sealed.take(sealed.received(), "examine", **sealed.about(accused_unit="某某建设公司"))
    row = sealed.take(sealed.take(row, "transfer", body=sealed.discipline), "result", result="已立案")
    for named in ("钱 某", cast.bureau.name, cast.bureau.short_name, "某某建设公司"):
        with pytest.raises(BadInput, match="不要写"):
            sealed.take(row, "answer", how="letter", answer=f"{named}已被立案。")
    assert sealed.take(row, "answer", how="phone", answer="钱某已被立案。").state == "answered"


@pytest.mark.parametrize(
    "written",
    ["钱某（副所长）", "钱某同志", "副所长钱某", "孙某、钱某", "土地所钱某", "(土地所)钱某", "钱某副科级组织员"],
)
def test_a_letter_does_not_name_who_was_written_down_with_a_title(sealed: Sealed, written: str) -> None:
    row = sealed.take(sealed.received(), "examine", **sealed.about(accused=[written], units=[]))
    row = sealed.take(sealed.take(row, "transfer", body=sealed.discipline), "result", result="已立案")
    with pytest.raises(BadInput, match="不要写"):
        sealed.take(row, "answer", how="letter", answer="经查，钱某已被立案。")
    said = "赵举同志：您反映的土地补偿问题，有权处理的机关已经立案，所长、局长都已约谈。"
    assert sealed.take(row, "answer", how="letter", answer=said).state == "answered"


def test_a_letter_does_not_name_the_body_where_an_accused_person_serves_or_an_old_name(
    sealed: Sealed, cast: Cast
) -> None:
    FormerName.objects.create(department=cast.bureau, name="浦江县国土资源局", short_name="国土局", until=SINCE)
    row = sealed.take(sealed.received(), "examine", **sealed.about(accused=[cast.handler.user.name], units=[]))
    row = sealed.take(sealed.take(row, "transfer", body=sealed.discipline), "result", result="已立案")
    for named in (cast.handler.user.name, cast.bureau.name, cast.bureau.short_name, "县国土局", "国土资源局"):
        with pytest.raises(BadInput, match="不要写"):
            sealed.take(row, "answer", how="letter", answer=f"{named}的问题已被立案。")
    assert sealed.take(row, "answer", how="letter", answer="您反映的问题已由县纪委立案。").state == "answered"


# --- who asked not to be named ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told", ["我叫赵 举，", "电话139-0000-0077。", "家住檀溪镇寺前村2号，", "身份证330726195001010017，"]
)
def test_who_asked_not_to_be_named_is_not_named_by_his_own_words(sealed: Sealed, told: str) -> None:
    reporter = Reporter("赵举", "330726195001010017", "13900000077", "檀溪镇寺前村2号")
    row = examined(sealed, {"content": told + WORDS, "hide_reporter": True, "reporters": [reporter]})
    with pytest.raises(BadInput, match="摘录"):
        sealed.take(row, "transfer", body=sealed.discipline)
    with pytest.raises(BadInput, match="摘录"):
        sealed.take(row, "inform", body=sealed.organisation, excerpt=WORDS, note="赵举来访")
    with pytest.raises(BadInput, match="摘录"):
        sealed.take(row, "report", leader=sealed.cast.leader.post, proposal="x", excerpt=told)
    assert not row.papers.exists()
    row = sealed.take(row, "transfer", body=sealed.discipline, excerpt=WORDS)
    html = papers.html_of(row.papers.get())
    assert WORDS in html and "摘录" in html and told not in html
    assert words.of(row)["content"] == told + WORDS


def test_what_is_added_after_an_excerpt_goes_along_with_it_and_names_nobody(sealed: Sealed) -> None:
    row = examined(sealed, {"hide_reporter": True})
    row = sealed.take(row, "add_material", origin="reporter", words="我叫赵举，还有两户。")
    with pytest.raises(BadInput, match="摘录"):
        sealed.take(row, "transfer", body=sealed.discipline)
    row = sealed.take(row, "inform", body=sealed.organisation, excerpt="钱某收受三户好处。")
    row = sealed.take(row, "add_material", origin="reporter", words="又有一户。")
    row = sealed.take(row, "transfer", body=sealed.discipline, excerpt="钱某收受三户好处。")
    html = papers.html_of(row.papers.get(kind="letter"))
    assert "钱某收受三户好处。" in html and "又有一户。" in html and "两户" not in html and "赵举" not in html
    row = sealed.take(row, "add_material", origin="reporter", words="电话13900000077。")
    for kept in ({}, {"excerpt": "钱某收受三户好处。"}):
        with pytest.raises(BadInput, match="摘录"):
            sealed.take(row, "inform", body=sealed.organisation, **kept)
    row = sealed.take(row, "inform", body=sealed.organisation, excerpt="钱某收受四户好处。")
    html = papers.html_of(row.papers.filter(kind="inform").latest("pk"))
    assert "四户" in html and "又有一户" not in html and "13900000077" not in html


def test_an_excerpt_is_taken_back_by_emptying_it(sealed: Sealed) -> None:
    row = sealed.take(examined(sealed, {"hide_reporter": True}), "transfer", body=sealed.discipline, excerpt="摘录一")
    row = sealed.take(row, "inform", body=sealed.organisation)
    assert "摘录一" in papers.html_of(row.papers.get(kind="inform"))
    row = sealed.take(row, "inform", body=sealed.organisation, excerpt="")
    html = papers.html_of(row.papers.filter(kind="inform").latest("pk"))
    assert WORDS in html and "摘录" not in html and "excerpt" not in words.of(row)


def test_an_excerpt_is_asked_for_on_the_page(sealed: Sealed, signed_in: SignIn) -> None:
    hidden = examined(sealed, {"content": f"我叫赵举。{WORDS}", "hide_reporter": True})
    client = signed_in(sealed.first)
    page = client.get(f"/guarded/case/{hidden.ref}/step/transfer/").content.decode()
    assert "摘录的情况" in page and "原文写有检举控告人的姓名" in page
    plain = examined(sealed)
    assert "摘录的情况" not in client.get(f"/guarded/case/{plain.ref}/step/transfer/").content.decode()


# --- papers and files -----------------------------------------------------------------------------------------------------------


def test_a_void_paper_keeps_its_number_and_says_that_it_is_void(sealed: Sealed, signed_in: SignIn) -> None:
    row = sealed.transferred()
    letter = row.papers.get()
    row = sealed.take(row, "void", paper=letter.number, reason="主送写错")
    with pytest.raises(WrongMoment, match="转送函已经作废"):
        sealed.take(row, "result", result="已立案")
    row = sealed.take(sealed.take(row, "returned", reason="发错"), "transfer", body=sealed.discipline)
    assert [one.number[-2:] for one in row.papers.order_by("pk")] == ["转1", "转2"]
    client = signed_in(sealed.first)
    assert "起作废" in client.get(f"/guarded/papers/{letter.ref}/").content.decode()
    assert client.get(f"/guarded/papers/{letter.ref}/docx/").status_code == 200
    assert "起作废" in client.get(f"/guarded/case/{row.ref}/").content.decode()
    with pytest.raises(BadInput, match="已经作废"):
        sealed.take(row, "void", paper=letter.number, reason="x")


@pytest.mark.parametrize("kind", ["letter", "inform", "reply"])
def test_what_the_end_of_a_report_rested_on_is_not_void_after_it(sealed: Sealed, signed_in: SignIn, kind: str) -> None:
    row = sealed.take(examined(sealed, cadre=True), "transfer", body=sealed.discipline)
    row = sealed.take(sealed.take(row, "inform", body=sealed.organisation), "result", result="已立案")
    row = sealed.take(sealed.take(row, "answer", how="letter", answer="已立案"), "close")
    with pytest.raises(WrongMoment, match="已了结"):
        sealed.take(row, "void", paper=row.papers.get(kind=kind).number, reason="写错")
    assert signed_in(sealed.first).get(f"/guarded/case/{row.ref}/step/void/").status_code in (404, 409)


def test_once_there_is_a_result_its_letter_is_not_void(sealed: Sealed, signed_in: SignIn) -> None:
    row = sealed.take(sealed.take(sealed.transferred(), "inform", body=sealed.organisation), "result", result="已立案")
    letter, inform = (row.papers.get(kind=kind).number for kind in ("letter", "inform"))
    page = f"/guarded/case/{row.ref}/step/void/"
    for answer in (None, "已立案"):
        if answer:
            row = sealed.take(row, "answer", how="letter", answer=answer)
        with pytest.raises(WrongMoment, match="已经有办理结果"):
            sealed.take(row, "void", paper=letter, reason="写错")
        offered = signed_in(sealed.first).get(page).content.decode()
        assert f'value="{inform}"' in offered and f'value="{letter}"' not in offered
    assert row.state == "answered" and not words.of(row).get("void")


def test_a_void_reply_answered_nobody_and_a_served_one_stands(sealed: Sealed) -> None:
    row = sealed.take(sealed.resulted(), "answer", how="letter", answer="已立案")
    reply = row.papers.get(kind="reply")
    due = row.clocks.get(name="S3").due
    row = sealed.take(row, "void", paper=reply.number, reason="写错")
    assert (row.state, running(row), row.due) == ("resulted", {"S3"}, due)
    row = sealed.take(row, "answer", how="letter", answer="已由有权机关立案")
    second = row.papers.filter(kind="reply").latest("pk")
    with pytest.raises(BadInput, match="见证人"):
        sealed.take(row, "serve", paper=second.number, receipt="refused")
    with pytest.raises(BadInput, match="签收人"):
        sealed.take(row, "serve", paper=second.number, receipt="signed")
    row = sealed.take(row, "serve", paper=second.number, receipt="refused", witness="村委会李某")
    assert words.of(row)["served"][second.number]["witness"] == "村委会李某"
    for step, said in (("serve", {"receipt": "posted"}), ("void", {"reason": "x"})):
        with pytest.raises(WrongMoment):
            sealed.take(row, step, paper=second.number, **said)
    with pytest.raises(BadInput, match="答复函"):
        sealed.take(row, "serve", paper=row.papers.get(kind="letter").number, receipt="posted")


def upload(name: str = "证据.png", body: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body)


def test_files_come_in_at_the_counter_and_later_and_a_letter_lists_the_reporters(sealed: Sealed) -> None:
    row = examined(sealed, {"uploads": [upload("账本.png")]})
    row = sealed.take(row, "add_material", origin="reporter", words="补充：还有两户。", uploads=[upload("照片.png")])
    row = sealed.take(row, "transfer", body=sealed.discipline)
    html = papers.html_of(row.papers.get())
    assert "1.账本.png；2.照片.png" in html and "还有两户" in html
    row = sealed.take(row, "add_material", origin="body", uploads=[upload("复函.png")])
    assert files.of_reporter(row, words.key_of(row)) == ["账本.png", "照片.png"]
    assert row.files.count() == 3
    for table in ("accusation", "accusationfile", "accusationevent"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM petitions_{table} t WHERE t::text LIKE '%账本%' OR t::text LIKE '%两户%'"
            )
            assert cursor.fetchone()[0] == 0


def test_a_file_that_cannot_be_taken_leaves_nothing_behind(sealed: Sealed, media: Any) -> None:
    row = sealed.received()
    with pytest.raises(BadInput, match="内容不是"):
        sealed.take(row, "add_material", origin="body", uploads=[upload(), upload("x.pdf", b"not a pdf")])
    with pytest.raises(BadInput, match="空文件"):
        sealed.received(uploads=[upload(), upload("empty.png", b"")])
    with pytest.raises(BadInput, match="谁提供的"):
        sealed.take(row, "add_material", origin="x", uploads=[upload()])
    assert (row.files.count(), Accusation.objects.count(), list(media.iterdir())) == (0, 1, [])


def test_files_are_sent_with_a_step_and_with_a_new_report_on_their_pages(sealed: Sealed, signed_in: SignIn) -> None:
    client = signed_in(sealed.first)
    sent = {"content": WORDS, "channel": "letter", "ref": new_ref(), "uploads": [upload("信.png"), upload("信封.png")]}
    assert client.post("/guarded/new/", sent).status_code == 302
    row = Accusation.objects.get()
    assert row.files.count() == 2
    step = f"/guarded/case/{row.ref}/step/add_material/"
    assert 'enctype="multipart/form-data"' in client.get(step).content.decode()
    sent = {"origin": "body", "words": "", "uploads": upload("复函.png"), "seen": "1"}
    assert client.post(step, sent).status_code == 302
    page = client.get(f"/guarded/case/{row.ref}/").content.decode()
    assert "复函.png" in page and "接收机关、负责同志反馈" in page
    file = row.files.latest("pk")
    assert b"".join(client.get(f"/guarded/files/{file.ref}/").streaming_content) == PNG  # type: ignore[attr-defined]


# --- in whose name, under which number -----------------------------------------------------------------------------------------


def test_what_a_bureaus_clerk_hands_in_about_his_bureau_bears_the_petition_offices_name(
    sealed: Sealed, cast: Cast
) -> None:
    clerk = Post.objects.create(user=cast.stranger.user, department=cast.bureau, role=Role.REGISTRAR, valid_from=SINCE)
    by = Actor(user=cast.stranger.user, post=clerk)
    draft = drafts.draft_for(by, new_ref())
    row = intake.hand_in(Told(content=WORDS, accused_units=[cast.bureau]), by=by, draft=draft)
    assert row.office == cast.office
    assert not row.number.startswith(cast.bureau.short_name)
    with pytest.raises(WrongMoment, match="12388"):
        intake.office_for(words.of(row) | {"accused_units": [cast.office.pk]}, cast.office)


def test_once_the_office_itself_turns_out_to_be_accused_another_writes(sealed: Sealed, cast: Cast) -> None:
    sealed.put(cast.handler)
    row = sealed.received(accused_units=[])
    assert row.office == cast.office
    row = sealed.take(row, "examine", by=cast.handler, **sealed.about(units=[cast.office]))
    assert row.office != cast.office


@pytest.mark.parametrize("written", ["县信访办", "浦江县信访办公室接待科", "原信访办"])
def test_an_office_that_is_accused_by_a_name_it_had_does_not_write(sealed: Sealed, cast: Cast, written: str) -> None:
    FormerName.objects.create(department=cast.office, name="浦江县信访办公室", short_name="信访办", until=SINCE)
    sealed.put(cast.handler)
    row = sealed.received(accused=[], accused_units=[])
    number = row.number
    about = sealed.about(accused=[], units=[], accused_unit=written)
    row = sealed.take(row, "examine", by=cast.handler, **about)
    assert row.office != cast.office and row.number == number


def test_an_office_one_of_whose_people_is_accused_goes_on_writing(sealed: Sealed, cast: Cast) -> None:
    row = sealed.take(sealed.received(), "examine", **sealed.about(accused=[sealed.second.user.name], units=[]))
    assert row.office == cast.office


def test_a_number_drawn_twice_is_drawn_again_and_never_taken_for_a_page_sent_twice(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sealed.received()
    drawn = iter([first.number, "浦信专2026-54321", "浦信专2026-54322"])
    monkeypatch.setattr(words, "new_number", lambda prefix, year: next(drawn))
    second = intake.receive(Told(content=WORDS), by=sealed.first)
    assert second.number == "浦信专2026-54321"
    draft = drafts.draft_for(sealed.cast.registrar, new_ref())
    monkeypatch.setattr(words, "new_number", lambda prefix, year: first.number)
    with pytest.raises(IntegrityError):
        intake.hand_in(Told(content=WORDS), by=sealed.cast.registrar, draft=draft)
    assert Accusation.objects.count() == 2


def test_numbers_of_a_year_that_is_full_grow_by_a_digit(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    row = sealed.received()
    prefix, serial = row.number.split("专")[0], int(row.number[-5:])
    monkeypatch.setattr(words.secrets, "randbelow", lambda most: serial if most == 100_000 else 7)
    assert words.new_number(prefix, row.received_on.year).endswith("-000007")


# --- the road as the table has it ---------------------------------------------------------------------------------------------


def test_an_answer_from_before_there_was_one_for_each_still_closes(sealed: Sealed) -> None:
    row = sealed.take(sealed.resulted(), "answer", how="talk", answer="已立案")
    known = words.of(row)
    del known["answers"]
    words.put(row, known, words.key_of(row))
    row.save(update_fields=["words"])
    assert sealed.take(row, "close").state == "closed"


@pytest.mark.parametrize(
    ("name", "start", "due"),
    [
        ("S1", date(2026, 11, 2), date(2026, 11, 17)),  # Monday; fifteen days on is a Tuesday
        (
            "S1",
            date(2026, 9, 16),
            date(2026, 10, 8),
        ),  # the fifteenth day is National Day, the first day of work the 8th
        ("S2", date(2026, 11, 6), date(2026, 11, 23)),  # the 21st is a Saturday
        ("S3", date(2026, 9, 18), date(2026, 10, 8)),  # the fifteenth day lies in the October holiday
        ("S3", date(2026, 9, 25), date(2026, 10, 10)),  # Saturday, but a day of work in place of one of the holiday
        ("S4", date(2026, 6, 1), date(2026, 7, 31)),  # sixty days on is a Friday
    ],
)
def test_worked_dates_of_the_sealed_clocks(sealed: Sealed, name: str, start: date, due: date) -> None:
    row = sealed.received()
    clock = clocks.start(row, name, start)
    assert (clock.due, clock.provisional, clock.working) == (due, False, False)
