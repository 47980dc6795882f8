"""Files: known by content, kept unreadable, handed out in scope only, gone with the matter's key or with their draft."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import privacy
from accounts.actor import Actor
from accounts.models import AccessLog
from petitions import attachments, filekinds
from petitions.actions import register
from petitions.actions.register import Registered
from petitions.errors import BadInput, NotSeen, WrongMoment
from petitions.models import Attachment, Draft, Petition
from tests.cast import Cast
from tests.makes import Makes, entry
from tests.petitions.test_once import together

SignIn = Callable[[Actor], Client]
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xdb\0C\0" + b"\x10" * 64 + b"\xff\xd9"
GIF = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
WORD = "word/document.xml"


def archive(*names: str, comment: bytes = b"") -> bytes:
    """A ZIP archive with empty files of these names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "")
        made.comment = comment
    return out.getvalue()


def ole(*streams: str) -> bytes:
    """Something like a file of an old office program: its mark and its streams' names."""
    return OLE + b"".join(stream.encode("utf-16-le") + b"\0" * 40 for stream in streams)


def boxed(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0" + brand + b"isom"


DOCX = archive("[Content_Types].xml", WORD)
LONG = ("某" + "反映情况，" * 1000) * 30  # characters fall on every boundary


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    kept: Path = settings.MEDIA_ROOT
    return kept


@pytest.fixture
def draft(cast: Cast) -> Draft:
    return Draft.objects.create(post=cast.registrar.post)


def take(cast: Cast, draft: Draft, content: bytes = JPEG, name: str = "现场.jpg") -> Attachment:
    return attachments.take(SimpleUploadedFile(name, content), by=cast.registrar, draft=draft)


def plain(row: Attachment) -> bytes:
    return b"".join(attachments.open_plain(Attachment.objects.get(pk=row.pk)))


def registered(cast: Cast, draft: Draft) -> Registered:
    return register(entry(cast), by=cast.registrar, draft=draft)


def on_disk(media: Path) -> list[str]:
    return sorted(path.name for path in media.glob("*")) if media.exists() else []


# --- what it is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.jpg", JPEG, "image/jpeg"),
        ("A.JPEG", JPEG, "image/jpeg"),
        ("a.png", PNG, "image/png"),
        ("a.gif", GIF, "image/gif"),
        ("a.webp", b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 24, "image/webp"),
        ("a.heic", boxed(b"heic"), "image/heic"),
        ("a.pdf", PDF, "application/pdf"),
        ("a.docx", DOCX, filekinds.DOCX),
        ("a.xlsx", archive("[Content_Types].xml", "xl/workbook.xml"), filekinds.XLSX),
        ("a.ofd", archive("OFD.xml"), "application/ofd"),
        ("a.doc", ole("1Table", "WordDocument"), "application/msword"),
        ("a.wps", ole("WordDocument"), "application/msword"),
        ("a.xls", ole("Workbook"), "application/vnd.ms-excel"),
        ("a.et", ole("Workbook"), "application/vnd.ms-excel"),
        ("utf8.txt", LONG.encode(), "text/plain"),
        ("gb.txt", LONG.encode("gb18030"), "text/plain"),
        ("notepad.txt", "反映情况".encode("utf-16"), "text/plain"),
        ("rare.txt", "𠮷田、李䶮".encode(), "text/plain"),
        ("a.mp3", b"ID3\x03\0\0\0\0\0\0" + b"\xff\xfb\x90\0" * 10, "audio/mpeg"),
        ("recorder.mp3", b"\xff\xf3\x90\0" + b"\0" * 400, "audio/mpeg"),
        ("a.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0" + b"\0" * 24, "audio/wav"),
        ("a.amr", b"#!AMR\n" + b"<" * 30, "audio/amr"),
        ("a.m4a", boxed(b"M4A "), "audio/mp4"),
        ("phone.m4a", boxed(b"mp42"), "audio/mp4"),
        ("a.mp4", boxed(b"isom"), "video/mp4"),
        ("a.mov", boxed(b"qt  "), "video/mp4"),
        ("a.3gp", boxed(b"3gp4"), "video/3gpp"),
    ],
)
def test_a_file_is_known_by_its_content(cast: Cast, draft: Draft, name: str, content: bytes, kind: str) -> None:
    row = take(cast, draft, content, name)
    assert row.media_type == kind and row.size == len(content) and row.sha256 == sha256(content).hexdigest()
    assert plain(row) == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.jpg", b""),
        ("页.html", b"<html></html>"),
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("页.jpg", b"<html><script>alert(1)</script>"),
        ("图.txt", b"<?xml version='1.0'?><svg onload='alert(1)'/>"),
        ("页.txt", "\ufeff<html>".encode("utf-16")),
        ("二进制.txt", b"abc\0def"),
        ("尾.txt", b"a" * 300_000 + b"\0"),
        ("图.png", JPEG),
        ("程序.jpg", b"MZ\x90\0" + b"\0" * 200),
        ("照片.jpg.exe", JPEG),
        ("没有扩展名", JPEG),
        ("包.zip", archive("a.txt")),
        ("包.docx", archive("a.txt")),
        ("程序.docx", archive("META-INF/MANIFEST.MF", "a.class")),
        ("宏.docx", archive("[Content_Types].xml", WORD, "word/vbaProject.bin")),
        ("坏.docx", DOCX[:-30]),
        ("宏.doc", ole("WordDocument", "_VBA_PROJECT")),
        ("安装.doc", ole("SummaryInformation")),
        ("表.doc", ole("Workbook")),
        ("图包.jpg", JPEG + DOCX),
        ("图包.gif", GIF + archive("a.class", comment=b"x" * 9)),
        ("页包.pdf", PDF + archive("index.html")),
        ("图文.jpg", JPEG[:-2] + b"%PDF-1.4\n" + JPEG[-2:]),
        ("图页.gif", b"GIF89a/*<html>*/=1;//<ScRipt>alert(1)</script>"),
        ("音页.mp3", b"\xff\xfb<html><body>"),
        ("页.pdf", b"<html>%PDF-1.7\n"),
        ("头.pdf", b"%PDF-1.7\n<html><script>alert(1)</script>"),
    ],
)
def test_what_is_not_taken_is_refused_in_words_and_leaves_nothing(
    cast: Cast, draft: Draft, media: Path, name: str, content: bytes
) -> None:
    with pytest.raises(BadInput) as refused:
        take(cast, draft, content, name)
    assert refused.value.status == 422 and refused.value.rule and name.split("/")[-1] in refused.value.message
    assert on_disk(media) == [] and not Attachment.objects.exists()


def test_an_archive_that_lists_a_million_files_is_not_read(cast: Cast, draft: Draft, monkeypatch: Any) -> None:
    content = archive("[Content_Types].xml", WORD, *map(str, range(50)))
    assert take(cast, draft, content, "多.docx")
    monkeypatch.setattr(filekinds, "MOST_LISTED", 200)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(BadInput):
        take(cast, draft, content, "多.docx")


# --- how much -----------------------------------------------------------------------------------------------------


def test_too_large_is_refused_before_anything_is_written(cast: Cast, draft: Draft, settings: Any, media: Path) -> None:
    settings.ATTACHMENT_MB = 1
    with pytest.raises(BadInput, match="超过1MB"):
        take(cast, draft, JPEG + b"\0" * 2**20)
    assert on_disk(media) == []


def test_one_registration_holds_so_many_files_and_bytes(cast: Cast, draft: Draft, settings: Any, media: Path) -> None:
    settings.ATTACHMENT_MB = 1
    one = take(cast, draft)
    Attachment.objects.filter(pk=one.pk).update(size=attachments.TIMES * 2**20)
    with pytest.raises(BadInput, match="合计不超过10MB"):
        take(cast, draft)
    Attachment.objects.filter(pk=one.pk).update(size=1)
    for _ in range(attachments.MOST_FILES - 1):
        take(cast, draft)
    with pytest.raises(BadInput, match="最多上传30个"):
        take(cast, draft)
    assert len(on_disk(media)) == attachments.MOST_FILES


# --- its name -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\照片\\现场.jpg", "现场.jpg"),
        ("a\r\nX-Evil: 1.jpg", "a X-Evil: 1.jpg"),
        ("照\u202egpj.exe.jpg", "照gpj.exe.jpg"),
        ("𠮷田家.jpg", "𠮷田家.jpg"),
        ("长" * 300 + ".jpg", "长" * 100 + ".jpg"),
        ('"><script>.jpg', '"><script>.jpg'),
    ],
)
def test_a_name_is_only_shown(cast: Cast, draft: Draft, media: Path, given: str, shown: str) -> None:
    upload = SimpleUploadedFile("x.jpg", JPEG)
    upload._name = given  # type: ignore[attr-defined]  # as a client that is not a browser may send it
    row = attachments.take(upload, by=cast.registrar, draft=draft)
    assert row.name == shown
    assert on_disk(media) == [row.stored_as] and len(row.stored_as) == 32


# --- unreadable on the disk -----------------------------------------------------------------------------------------


def test_many_pieces_come_back_whole_and_the_disk_holds_none_of_it(cast: Cast, draft: Draft, media: Path) -> None:
    content = JPEG + b"SECRET-OF-ZHOU" * 60_000  # three pieces and a bit
    row = take(cast, draft, content)
    kept = (media / row.stored_as).read_bytes()
    assert plain(row) == content and b"SECRET-OF-ZHOU" not in kept and JPEG[:20] not in kept
    assert oct(os.stat(media / row.stored_as).st_mode & 0o777) == "0o600"


def test_a_piece_more_less_swapped_or_altered_is_noticed(cast: Cast, draft: Draft, media: Path) -> None:
    row = take(cast, draft, JPEG + b"\1" * attachments.CHUNK * 2)
    path = media / row.stored_as
    kept = path.read_bytes()
    size = int.from_bytes(kept[:4], "big") + 4
    altered = kept[: size // 2] + bytes([kept[size // 2] ^ 1]) + kept[size // 2 + 1 :]
    swapped = kept[size : 2 * size] + kept[:size] + kept[2 * size :]
    for wrong in (altered, swapped, kept[:size], kept[: 2 * size], kept[: size - 5], kept + kept[:size], b""):
        path.write_bytes(wrong)
        with pytest.raises(WrongMoment, match="附件内容"):
            plain(row)
    path.write_bytes(kept)
    assert len(plain(row)) == row.size


def test_two_files_cannot_be_exchanged(cast: Cast, draft: Draft, media: Path) -> None:
    one, other = take(cast, draft), take(cast, draft, PNG, "二.png")
    (media / one.stored_as).write_bytes((media / other.stored_as).read_bytes())
    with pytest.raises(WrongMoment):
        plain(one)


def test_registration_encrypts_nothing_anew_and_the_matters_key_opens_it(cast: Cast, draft: Draft, media: Path) -> None:
    row = take(cast, draft)
    before = (media / row.stored_as).read_bytes()
    done = registered(cast, draft)
    row.refresh_from_db()
    assert (row.petition, row.filing, row.draft) == (done.petition, done.filing, None)
    assert (media / row.stored_as).read_bytes() == before and plain(row) == JPEG
    with pytest.raises(privacy.PrivacyError):
        privacy.unwrap_key(row.wrapped_key, f"file:{row.stored_as}".encode())  # the master key alone no longer opens it


def test_destroying_the_matters_key_makes_its_files_unreadable(cast: Cast, draft: Draft) -> None:
    row = take(cast, draft)
    done = registered(cast, draft)
    Petition.objects.filter(pk=done.petition.pk).update(wrapped_key=b"")
    with pytest.raises(WrongMoment, match="已销毁"):
        plain(row)


def test_a_file_moved_to_another_matter_in_the_table_does_not_open(cast: Cast, draft: Draft, make: Makes) -> None:
    row = take(cast, draft)
    registered(cast, draft)
    Attachment.objects.filter(pk=row.pk).update(petition=make.registered().petition)
    with pytest.raises(WrongMoment):
        plain(row)


def test_a_repeats_files_go_under_the_open_matter(cast: Cast, draft: Draft, make: Makes) -> None:
    first = make.registered()
    row = take(cast, draft)
    second = register(entry(cast), by=cast.registrar, draft=draft, under=first.petition)
    row.refresh_from_db()
    assert (row.petition, row.filing) == (first.petition, second.filing) and plain(row) == JPEG


# --- leaving nothing behind -----------------------------------------------------------------------------------------


def test_a_disk_that_is_full_leaves_neither_row_nor_file(
    cast: Cast, draft: Draft, media: Path, monkeypatch: Any
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(attachments, "_write", full)
    with pytest.raises(OSError, match="No space"):
        take(cast, draft)
    assert on_disk(media) == [] and not Attachment.objects.exists()


def test_a_row_that_cannot_be_written_leaves_no_file(cast: Cast, draft: Draft, media: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(Attachment, "save", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take(cast, draft)
    assert on_disk(media) == []


def test_removing_is_for_ones_own_draft(
    cast: Cast, draft: Draft, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    row = take(cast, draft)
    with pytest.raises(NotSeen):
        attachments.remove(row, by=cast.registrar2)
    with django_capture_on_commit_callbacks(execute=True):
        attachments.remove(row, by=cast.registrar)
    assert on_disk(media) == [] and not Attachment.objects.exists()
    kept = take(cast, draft)
    registered(cast, draft)
    kept.refresh_from_db()
    with pytest.raises(NotSeen):
        attachments.remove(kept, by=cast.registrar)
    assert on_disk(media) == [kept.stored_as]


def test_another_posts_draft_takes_nothing(cast: Cast, draft: Draft, media: Path) -> None:
    with pytest.raises(NotSeen):
        attachments.take(SimpleUploadedFile("a.jpg", JPEG), by=cast.registrar2, draft=draft)
    assert on_disk(media) == []


def test_a_registered_draft_takes_nothing_more(cast: Cast, draft: Draft, media: Path) -> None:
    registered(cast, draft)
    with pytest.raises(WrongMoment):
        take(cast, draft)
    assert on_disk(media) == []


def test_the_sweep_takes_what_belongs_to_nothing_and_nothing_else(
    cast: Cast, draft: Draft, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    of_matter = take(cast, draft)
    registered(cast, draft)
    other = Draft.objects.create(post=cast.registrar.post)
    in_draft = take(cast, other)
    gone = Draft.objects.create(post=cast.registrar.post)
    left = take(cast, gone)
    gone.delete()
    Attachment.objects.update(added_at=timezone.now() - timedelta(days=2))
    for name, days in (("old.part", 2), ("young.part", 0), ("a stranger's file", 9)):
        (media / name).write_bytes(b"x")
        os.utime(media / name, (time.time() - days * 86400 - 9,) * 2)
    with django_capture_on_commit_callbacks(execute=True):
        assert attachments.sweep() == 2
    assert on_disk(media) == sorted([of_matter.stored_as, in_draft.stored_as, "young.part", "a stranger's file"])
    assert not Attachment.objects.filter(pk=left.pk).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_file_sent_while_the_draft_is_registered_is_refused_or_goes_with_it(cast: Cast, media: Path) -> None:
    for _ in range(4):
        draft = Draft.objects.create(post=cast.registrar.post)
        works: list[Callable[[], Any]] = [lambda: registered(cast, draft), *[lambda: take(cast, draft)] * 3]  # noqa: B023
        results = together(lambda n: works[n](), 4)  # noqa: B023
        taken = [row for row in results if isinstance(row, Attachment)]
        assert isinstance(results[0], Registered)
        assert all(isinstance(row, Attachment | WrongMoment) for row in results[1:])
        assert not Attachment.objects.filter(petition=None).exists()
        assert all(plain(row) == JPEG for row in taken)
    assert len(on_disk(media)) == Attachment.objects.count()


# --- handing out ----------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(cast: Cast, draft: Draft) -> Attachment:
    row = take(cast, draft, name="现场 “照片”.jpg")
    registered(cast, draft)
    row.refresh_from_db()
    return row


def test_it_is_handed_out_as_a_download_that_no_browser_takes_for_a_page(
    cast: Cast, kept: Attachment, signed_in: SignIn
) -> None:
    response = signed_in(cast.triage).get(f"/files/{kept.ref}/")
    assert response.status_code == 200 and response.getvalue() == JPEG
    assert response["Content-Type"] == "image/jpeg" and response["Content-Length"] == str(len(JPEG))
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E7%8E%B0%E5%9C%BA")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"] and "script" not in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    entry = AccessLog.objects.filter(kind="download").latest("pk")
    assert entry.target == f"attachment:{kept.ref}"


def test_pictures_may_be_looked_at_and_sound_may_not(cast: Cast, kept: Attachment, signed_in: SignIn) -> None:
    client = signed_in(cast.triage)
    shown = client.get(f"/files/{kept.ref}/?view=1")
    assert shown["Content-Disposition"].startswith("inline") and "sandbox" in shown["Content-Security-Policy"]
    Attachment.objects.filter(pk=kept.pk).update(media_type="text/plain")
    assert client.get(f"/files/{kept.ref}/?view=1")["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("registrar", 200), ("triage", 200), ("supervisor", 200), ("signer", 404), ("township_registrar", 404),
        ("stranger", 404), ("auditor", 404), ("system_admin", 404), ("leader", 404),
    ],
)  # fmt: skip
def test_only_who_sees_the_matter_gets_its_files(
    cast: Cast, kept: Attachment, signed_in: SignIn, who: str, status: int
) -> None:
    before = AccessLog.objects.filter(kind="download").count()
    assert signed_in(getattr(cast, who)).get(f"/files/{kept.ref}/").status_code == status
    assert AccessLog.objects.filter(kind="download").count() - before == (status == 200)


def test_a_drafts_file_is_its_own_clerks_alone(cast: Cast, draft: Draft, signed_in: SignIn) -> None:
    row = take(cast, draft)
    assert signed_in(cast.registrar).get(f"/files/{row.ref}/").status_code == 200
    for who in ("registrar2", "triage", "head", "system_admin"):
        assert signed_in(getattr(cast, who)).get(f"/files/{row.ref}/").status_code == 404


@pytest.mark.parametrize("ref", ["0000000000000000", "1", "nosuch", "a" * 200])
def test_an_address_that_names_nothing(cast: Cast, signed_in: SignIn, ref: str) -> None:
    assert signed_in(cast.triage).get(f"/files/{ref}/").status_code == 404


def test_without_signing_in_there_is_nothing(kept: Attachment, client: Client) -> None:
    assert client.get(f"/files/{kept.ref}/").status_code in (302, 401)


def test_a_damaged_file_is_told_instead_of_sent(cast: Cast, kept: Attachment, signed_in: SignIn, media: Path) -> None:
    (media / kept.stored_as).write_bytes(b"\0" * 50)
    response = signed_in(cast.triage).get(f"/files/{kept.ref}/")
    assert response.status_code == 409 and "系统管理员" in response.content.decode()
