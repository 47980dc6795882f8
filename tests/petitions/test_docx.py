"""Papers as files that Word and WPS open: the fixed words, laid out by GB/T 9704-2012, opened by LibreOffice all at once."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessLog
from petitions import docx, lifecycle, papers
from petitions.accusations.papers import docx_of as sealed_made
from petitions.accusations.papers import html_of as sealed_words
from petitions.actions import advance
from petitions.errors import BadInput, WrongMoment
from petitions.forms.steps import form_for
from petitions.law.accusations import PAPERS as SEALED
from petitions.lifecycle import PAPERS
from petitions.models import AccusationPaper, Notice, Paper, Petition
from tests.cast import Cast
from tests.makes import Makes
from tests.petitions.accusations import Sealed

SignIn = Callable[[Actor], Client]
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def text_of(body: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(body)).paragraphs)


def made(paper: Paper) -> bytes:
    return docx.of(papers.html_of(paper), title=paper.title, issued_on=paper.issued_on)


@pytest.mark.django_db
def test_the_file_has_every_word_of_the_fixed_paper_and_no_others(make: Makes) -> None:
    run = make.review_delivered("redo")
    for paper in Paper.objects.filter(petition=run.petition):
        plain = re.sub(r"<[^>]*>|\s", "", papers.html_of(paper)).replace("&quot;", '"').replace("&amp;", "&")
        assert re.sub(r"\s", "", text_of(made(paper))) == plain, paper.kind


@pytest.mark.django_db
def test_the_page_is_that_of_the_standard(make: Makes) -> None:
    paper = Paper.objects.get(petition=make.issued().petition, kind="opinion")
    document = Document(io.BytesIO(made(paper)))
    page = document.sections[0]
    sides = [
        page.page_width,
        page.page_height,
        page.top_margin,
        page.bottom_margin,
        page.left_margin,
        page.right_margin,
    ]
    assert [round(side.mm) for side in sides if side is not None] == [210, 297, 37, 35, 28, 26]
    assert page.footer.paragraphs[0].text == "—  —" and "PAGE" in page.footer.paragraphs[0]._p.xml
    body = next(one for one in document.paragraphs if one.text.startswith("您于"))
    font = body.runs[0].font
    assert (font.name, font.size, body.paragraph_format.line_spacing) == ("仿宋_GB2312", 16 * 12700, 28 * 12700)
    assert document.core_properties.author == "" and document.core_properties.created.date() == paper.issued_on


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=200))
def test_any_words_make_a_file_that_opens(words: str) -> None:
    from django.utils.html import escape

    html = f'<main class="paper"><h1 class="paper-title">题</h1><div class="paper-body"><p>{escape(words)}</p></div></main>'
    assert "题" in text_of(docx.of(html, title=words, issued_on=date(2026, 11, 25)))


@pytest.mark.django_db
def test_whoever_sees_the_matter_gets_the_file_and_it_is_written_down(
    make: Makes, cast: Cast, signed_in: SignIn
) -> None:
    paper = Paper.objects.get(petition=make.issued().petition, kind="opinion")
    answer = signed_in(cast.handler).get(f"/papers/{paper.ref}/docx/")
    assert answer.status_code == 200 and answer["Content-Type"] == docx.MEDIA_TYPE
    assert "attachment" in answer["Content-Disposition"] and text_of(answer.content).count("救济途径") == 1
    assert AccessLog.objects.filter(kind="print", target=f"paper:{paper.ref}").exists()
    assert signed_in(cast.stranger).get(f"/papers/{paper.ref}/docx/").status_code == 404


def every_paper(make: Makes, cast: Cast) -> list[Paper]:
    """One of each kind that people issue, made by the verbs."""
    from tests.petitions.test_steps import CASES, Rows

    rows = Rows(cast, make)
    for case in CASES:
        if lifecycle.STEPS[case.step].paper:
            _take(case, rows)
    make.review_delivered("redo")
    run = make.reasked()
    advance("accept_review", on=run, by=cast.rereviewer)
    advance("draft_review", on=run, by=cast.rereviewer, conclusion="uphold", facts="经复核", basis="依据")
    advance("sign_review", on=run, by=cast.rereviewer2)
    make.replied("draft_reply", "sign_reply", run=make.duty())
    for kind in ("improve", "policy", "blame"):
        make.advice(kind=kind)
    _settle(make, cast)
    void_a_served_notice(make, cast)
    _receive(cast)
    found = {paper.kind: paper for paper in Paper.objects.select_related("petition")}
    return list(found.values())


def _settle(make: Makes, cast: Cast) -> None:
    """Two parties settle between themselves."""
    run = make.handling()
    said = {"petitioner_agrees": True, "other_agrees": True, "other": "寺前村委会", "between_them": True}
    advance("start_mediation", on=run, by=cast.handler, **said)
    row, day = run.petition.mediations.get(), today() + timedelta(days=9)
    advance("agree_mediation", on=row, by=cast.handler, parties="双方", terms="分期支付", perform_by=day)


def sealed_papers(cast: Cast) -> list[AccusationPaper]:
    """One of each kind that a sealed report has."""
    room = Sealed(cast)
    room.lead()
    row = room.take(room.examined(), "report", leader=cast.other_leader.post, proposal="拟请纪委核查")
    for step, said in (
        ("inform", {"body": room.organisation}), ("transfer", {"body": room.discipline}), ("result", {"result": "已立案审查。"}),
        ("answer", {"how": "letter", "answer": "您反映的情况已由有权处理的机关立案。"}),
    ):  # fmt: skip
        room.take(row, step, **said)
    return list({paper.kind: paper for paper in AccusationPaper.objects.select_related("accusation")}.values())


def _receive(cast: Cast) -> None:
    """A reception with its sheet and order, a revisit, and a sponsored case from the charge to the end."""
    from tests.visits.conftest import Days
    from tests.visits.test_day import LATER, heard, new
    from visits.actions import sponsor
    from visits.actions.after import revisit
    from visits.models import Sponsorship

    days = Days(cast)
    (outcome,) = heard(days, new(days, "sponsored"))
    revisit(outcome.follow_ups.get(kind="revisit"), by=cast.supervisor, reached=True, words="好", heard="content")
    row = Sponsorship.objects.get()
    sponsor.plan(row, by=cast.leader, crux="款项", plan="补齐", measures=[], steps=[days.step()])
    sponsor.ask_more_time(row, by=cast.leader, until=LATER + timedelta(days=9), words="来不及")
    sponsor.decide_more_time(row, by=cast.other_leader, agree=True)
    sponsor.report(row, by=cast.leader, result="partly", words="到账一半")
    sponsor.verify(row, by=cast.head, agree=True, finding="核实")


def _take(case: Any, rows: Any) -> None:
    """Take the step of a case through its form, as its own test does."""
    from tests.petitions.test_steps import typed

    row = case.row(rows)
    petition = row if isinstance(row, Petition) else row.petition
    form = form_for(lifecycle.STEPS[case.step], petition, row, getattr(rows.cast, case.by), typed(case, rows, row))
    assert form.is_valid(), (case.step, form.errors)
    advance(case.step, on=row, by=form.actor, **form.common(), **form.changes())


@pytest.mark.django_db
def test_every_kind_of_paper_opens_in_libreoffice_with_its_title_and_number(
    make: Makes, cast: Cast, tmp_path: Path
) -> None:
    if OFFICE is None:
        pytest.skip("LibreOffice is not installed (.ci/run installs libreoffice-writer)")
    found, sealed = every_paper(make, cast), sealed_papers(cast)
    assert {paper.kind for paper in found} == set(PAPERS)
    assert {paper.kind for paper in sealed} == set(SEALED)
    files = {f"{paper.kind}.docx": (made(paper), papers.html_of(paper), paper.number) for paper in found}
    files |= {f"sealed-{paper.kind}.docx": (sealed_made(paper), sealed_words(paper), paper.number) for paper in sealed}
    for name, (content, _, _) in files.items():
        (tmp_path / name).write_bytes(content)
    for form in ("pdf", "txt:Text (encoded):UTF8"):
        _convert(tmp_path, form, list(files))
    for name, (_, html, number) in files.items():
        pages = re.findall(rb"/Type\s*/Page\b", (tmp_path / name).with_suffix(".pdf").read_bytes())
        text = re.sub(r"\s", "", (tmp_path / name).with_suffix(".txt").read_text("utf-8"))
        title = re.search(r'class="paper-title"[^>]*>(.*?)</', html, re.DOTALL)
        assert pages and title, name
        assert re.sub(r"<[^>]*>|\s", "", title[1]) in text and re.sub(r"\s", "", number) in text, name


def _convert(place: Path, form: str, names: list[str]) -> None:
    """Let LibreOffice write all of them anew in ``form``, beside themselves."""
    profile = f"-env:UserInstallation=file://{place}/profile"
    command = [str(OFFICE), profile, "--headless", "--convert-to", form, "--outdir", str(place), *names]
    subprocess.run(command, cwd=place, check=True, capture_output=True, timeout=300)


# --- served and voided -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_notice_is_served_once_with_its_receipt_and_a_refusal_names_its_witness(make: Makes, cast: Cast) -> None:
    petition = make.handling().petition
    notice = Paper.objects.get(petition=petition, kind="accept_notice")
    with pytest.raises(BadInput):
        advance("serve_paper", on=petition, by=cast.handler, paper=notice.number, how="post", receipt="refused")
    advance(
        "serve_paper",
        on=petition,
        by=cast.handler,
        paper=notice.number,
        how="post",
        receipt="refused",
        witness="村干部赵",
    )
    notice.refresh_from_db()
    assert (notice.receipt, notice.witness) == ("refused", "村干部赵")
    assert "拒收" in papers.html_of(Paper.objects.get(petition=petition, kind="service_receipt"))
    with pytest.raises(WrongMoment):
        advance("serve_paper", on=petition, by=cast.handler, paper=notice.number, how="hand", receiver="王小明")


@pytest.mark.django_db
def test_a_voided_number_is_kept_and_never_given_again(make: Makes, cast: Cast) -> None:
    petition = make.handling().petition
    first = Paper.objects.get(petition=petition, kind="accept_notice")
    advance("void_paper", on=petition, by=cast.unit_head, paper=first.number, reason="日期有误")
    first.refresh_from_db()
    assert first.void_on is not None
    later = Paper.objects.get(petition=make.handling().petition, kind="accept_notice")
    assert later.serial == first.serial + 1
    assert not Paper.objects.filter(petition=petition, kind="void_notice").exists()


def void_a_served_notice(make: Makes, cast: Cast) -> Petition:
    """The acceptance was told with a wrong date and is taken back."""
    petition = make.handling().petition
    number = Paper.objects.get(petition=petition, kind="accept_notice").number
    advance("serve_paper", on=petition, by=cast.handler, paper=number, how="hand", receiver="王小明")
    advance("void_paper", on=petition, by=cast.unit_head, paper=number, reason="受理日期写错")
    return petition


@pytest.mark.django_db
def test_whoever_was_served_a_paper_that_is_voided_is_told_why_in_writing(make: Makes, cast: Cast) -> None:
    petition = void_a_served_notice(make, cast)
    notice = Paper.objects.get(petition=petition, kind="void_notice")
    voided = Paper.objects.get(petition=petition, kind="accept_notice")
    assert (
        notice.for_petitioner and voided.number in papers.html_of(notice) and "受理日期写错" in papers.html_of(notice)
    )
    sms = Notice.objects.filter(petition=petition, step="void_served", channel="sms").get()
    assert petition.number not in sms.text and petition.title not in sms.text
    assert (voided.void_on, voided.serial) == (notice.issued_on, voided.serial)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["opinion", "service_receipt"])
def test_neither_what_a_window_runs_on_nor_what_proves_the_service_is_voided(
    make: Makes, cast: Cast, kind: str
) -> None:
    run = make.delivered()
    paper = Paper.objects.filter(petition=run.petition, kind=kind).latest("pk")
    with pytest.raises(WrongMoment):
        advance("void_paper", on=run.petition, by=cast.unit_head, paper=paper.number, reason="有误")
    paper.refresh_from_db()
    assert paper.void_on is None


@pytest.mark.django_db
def test_an_opinion_nobody_was_served_is_recalled_and_the_next_one_starts_the_window(make: Makes, cast: Cast) -> None:
    run = make.issued()
    first = Paper.objects.get(proceeding=run, kind="opinion")
    due = run.clocks.filter(name="T5").latest("pk").due
    advance("recall_opinion", on=run, by=cast.unit_head, reason="依据引用有误")
    running = {clock.name: clock.due for clock in run.clocks.filter(ended="")}
    assert running == {"T5": due}
    answers = {1: {"support": "support", "answer": "补偿款于本月内发放。"}}
    advance("draft", on=run, by=cast.handler, facts="经查，款项滞留。", basis="土地管理法第四十八条。", answers=answers)
    advance("check", on=run, by=cast.unit_leader)
    advance("sign", on=run, by=cast.unit_head)
    advance("deliver", on=run, by=cast.handler, how="hand", receiver="王小明", view="1")
    first.refresh_from_db()
    second = Paper.objects.get(proceeding=run, kind="opinion", void_on=None)
    assert first.void_on is not None and first.served_on is None and first.number != second.number
    assert second.served_on is not None and run.clocks.filter(name="T6", ended="").count() == 1
