"""How is a file taken in, kept and handed out?  Known by its content, encrypted under its own key, named only for show.

The file's key is wrapped by the master key while the file belongs to a draft, and by the matter's key from registration
on: destroying the matter's key makes the file unreadable, and nothing is encrypted twice.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import IO

import puremagic
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts import privacy
from accounts.actor import Actor
from accounts.text import TextRefused, clean_text
from petitions.errors import BadInput, NotSeen, WrongMoment
from petitions.matterkey import key_of
from petitions.models import Attachment, Draft, Petition

CHUNK = 256 * 1024  # bytes of plain content sealed at a time
MOST_FILES = 30  # of one draft
RULE = "附件要求"
HEAD = 8192  # bytes that say what a file is

# Media types by what the content says, each with the endings it may be called by.
KINDS: dict[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg", ".jfif"), "image/png": (".png",), "image/webp": (".webp",), "image/gif": (".gif",),
    "image/heic": (".heic", ".heif"), "image/bmp": (".bmp",), "image/tiff": (".tif", ".tiff"),
    "application/pdf": (".pdf",), "text/plain": (".txt",), "application/ofd": (".ofd",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "application/msword": (".doc", ".wps"), "application/vnd.ms-excel": (".xls", ".et"),
    "audio/mpeg": (".mp3",), "audio/wav": (".wav",), "audio/amr": (".amr",), "audio/mp4": (".m4a",),
    "video/mp4": (".mp4", ".m4v", ".mov"), "video/quicktime": (".mov",),
}  # fmt: skip
_SHOWN_AS = (
    "照片（jpg、png、webp、heic）、PDF、OFD、Word、Excel、WPS、文本、录音（mp3、m4a、amr、wav）、录像（mp4、mov）"
)
# What puremagic calls by another name, or finds only by the family.
_ALIASES = {
    "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav",
    "audio/mp3": "audio/mpeg", "audio/x-m4a": "audio/mp4", "image/heif": "image/heic", "video/x-m4v": "video/mp4",
    "audio/AMR": "audio/amr", "image/x-ms-bmp": "image/bmp",
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
# May be looked at in the browser, in a sandbox; everything else is only handed out.
INLINE = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"})


def take(upload: UploadedFile, *, by: Actor, draft: Draft) -> Attachment:
    """Keep an uploaded file with ``draft`` and return its row.

    Raises:
        BadInput: too large, empty, of a kind that is not taken, or one too many; nothing is kept then.
    """
    name = _name(upload.name or "")
    _check_size(upload, draft)
    media_type = _media_type(upload, name)
    key, stored_as = privacy.new_matter_key(), secrets.token_hex(16)
    row = Attachment(
        draft=draft, name=name, media_type=media_type, size=upload.size or 0, stored_as=stored_as, added_by=by.post,
        added_at=timezone.now(), wrapped_key=privacy.wrap_key(key, _aad(stored_as)),
    )  # fmt: skip
    row.sha256 = _store(upload, key, stored_as)
    try:
        row.save(force_insert=True)
    except Exception:
        default_storage.delete(stored_as)
        raise
    return row


def _refuse(sentence: str) -> BadInput:
    return BadInput({"files": sentence}, rule=RULE)


def _name(given: str) -> str:
    """The last part of the given name, cleaned; it is shown and never used as a path."""
    try:
        name = clean_text(PurePosixPath(given.replace("\\", "/")).name, one_line=True, bidi="strip")
    except TextRefused as refused:
        raise _refuse(f"文件名有误：{refused}。") from None
    stem, dot, end = name.rpartition(".")
    return f"{stem[:100]}{dot}{end[:15]}" if dot else name[:110] or "未命名"


def _check_size(upload: UploadedFile, draft: Draft) -> None:
    limit = settings.ATTACHMENT_MB
    if not upload.size:
        raise _refuse(f"“{upload.name}”是空文件。")
    if upload.size > limit * 2**20:
        raise _refuse(f"“{upload.name}”超过{limit}MB，请压缩或分开上传。")
    if draft.attachments.count() >= MOST_FILES:
        raise _refuse(f"一次登记最多上传{MOST_FILES}个文件。")


def _media_type(upload: UploadedFile, name: str) -> str:
    """What the content says, if that is taken and does not contradict the name's ending."""
    head = _head(upload)
    ending = PurePosixPath(name).suffix.lower()
    for kind in _said(upload, head, ending):
        if ending in KINDS.get(kind, ()):
            return kind
    raise _refuse(f"“{name}”的内容不是可以收的文件，或者与扩展名不符。可以收：{_SHOWN_AS}。")


def _head(upload: UploadedFile) -> bytes:
    upload.seek(0)
    head: bytes = upload.read(HEAD)
    upload.seek(0)
    return head


def _said(upload: UploadedFile, head: bytes, ending: str) -> Iterator[str]:
    """Every kind the content may be.  An office file is told by its family and what its ending says; text by reading it."""
    if head.startswith(_OLE):
        yield from (kind for kind in ("application/msword", "application/vnd.ms-excel") if ending in KINDS[kind])
        return
    if head.startswith(_ZIP):
        yield from _zipped(upload)
        return
    if head[4:8] == b"ftyp":
        yield from _boxed(head)
        return
    if head.startswith(b"#!AMR"):
        yield "audio/amr"
    if ending == ".txt" and _is_text(head):
        yield "text/plain"
    try:
        yield from (_ALIASES.get(found.mime_type, found.mime_type) for found in puremagic.magic_string(head))
    except (puremagic.PureError, ValueError):
        return


def _boxed(head: bytes) -> Iterator[str]:
    """MP4's family says in its brand what it holds."""
    brand = head[8:12]
    if brand in (b"heic", b"heix", b"mif1", b"hevc", b"heim"):
        yield "image/heic"
    elif brand == b"M4A ":
        yield "audio/mp4"
    else:
        yield from ("video/mp4", "video/quicktime")


def _zipped(upload: UploadedFile) -> Iterator[str]:
    """What an office archive holds; one that does not open, or would not fit when unpacked, is nothing."""
    import zipfile

    parts = {
        "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "OFD.xml": "application/ofd",
    }
    try:
        with zipfile.ZipFile(upload) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return
    finally:
        upload.seek(0)
    if not any(name.lower().endswith("vbaproject.bin") for name in names):
        yield from (kind for part, kind in parts.items() if part in names)


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            text = head[: HEAD - 8].decode(encoding)
        except UnicodeDecodeError:
            continue
        return "<script" not in text.lower() and not text.lstrip().lower().startswith(("<!doctype", "<html", "<svg"))
    return False


# --- bytes -------------------------------------------------------------------------------------------------------


def _aad(stored_as: str) -> bytes:
    return f"file:{stored_as}".encode()


def _part_aad(stored_as: str, number: int, *, last: bool) -> bytes:
    """What binds a chunk to its file and its place, and tells that no chunk is missing at the end."""
    return f"file:{stored_as}:{number}:{'end' if last else 'more'}".encode()


def _store(upload: UploadedFile, key: bytes, stored_as: str) -> str:
    """Write the file sealed, chunk by chunk, and return the SHA-256 of its plain content."""
    digest = hashlib.sha256()
    path = settings.MEDIA_ROOT / stored_as
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("xb") as out:
            path.chmod(0o600)
            for number, (plain, last) in enumerate(_chunks(upload)):
                digest.update(plain)
                _write(out, privacy.seal_with(key, plain, _part_aad(stored_as, number, last=last)))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def _write(out: IO[bytes], sealed: bytes) -> None:
    out.write(len(sealed).to_bytes(4, "big") + sealed)


def _chunks(upload: UploadedFile) -> Iterator[tuple[bytes, bool]]:
    upload.seek(0)
    plain = upload.read(CHUNK)
    while True:
        following = upload.read(CHUNK)
        yield plain, not following
        if not following:
            return
        plain = following


def open_plain(attachment: Attachment) -> Iterator[bytes]:
    """Yield the file's plain content, chunk by chunk.

    Raises:
        WrongMoment: the matter's key has been destroyed, or the bytes are not those that were kept.
    """
    key = _key(attachment)
    try:
        with (settings.MEDIA_ROOT / attachment.stored_as).open("rb") as kept:
            yield from _opened(kept, key, attachment.stored_as)
    except (FileNotFoundError, privacy.PrivacyError) as wrong:
        raise WrongMoment("附件内容缺失或者与登记时不一致，请立即报告系统管理员。", rule="附件固定") from wrong


def _opened(kept: IO[bytes], key: bytes, stored_as: str) -> Iterator[bytes]:
    number, sealed = 0, _next(kept)
    while True:
        following = _next(kept)
        yield privacy.unseal_bytes_with(key, sealed, _part_aad(stored_as, number, last=not following))
        if not following:
            return
        number, sealed = number + 1, following


def _next(kept: IO[bytes]) -> bytes:
    length = kept.read(4)
    return kept.read(int.from_bytes(length, "big")) if length else b""


def _key(attachment: Attachment) -> bytes:
    if attachment.petition_id is None:
        return privacy.unwrap_key(attachment.wrapped_key, _aad(attachment.stored_as))
    assert attachment.petition is not None
    matter = key_of(attachment.petition)
    if matter is None:
        raise WrongMoment("这件事项的档案已销毁，附件内容不再保存。", rule="档案管理")
    return privacy.unseal_bytes_with(matter, attachment.wrapped_key, _aad(attachment.stored_as))


# --- from a draft to a matter ------------------------------------------------------------------------------------


def hand_over(rows: Iterable[Attachment], petition: Petition, filing_id: int) -> None:
    """Give a draft's files to the matter it became: from now on the matter's key opens them.

    Called inside the transaction of the registration.
    """
    matter = key_of(petition)
    assert matter is not None
    handed = list(rows)
    for row in handed:
        key = privacy.unwrap_key(row.wrapped_key, _aad(row.stored_as))
        row.wrapped_key = privacy.seal_with(matter, key, _aad(row.stored_as))
        row.petition_id, row.filing_id, row.draft_id = petition.pk, filing_id, None
    Attachment.objects.bulk_update(handed, ["wrapped_key", "petition", "filing", "draft"])


def remove(attachment: Attachment, *, by: Actor) -> None:
    """Take a file away from one's own draft.

    Raises:
        NotSeen: it belongs to a matter or to another post's draft.
    """
    if attachment.draft is None or attachment.draft.post_id != by.post.pk:
        raise NotSeen
    name = attachment.stored_as
    attachment.delete()
    transaction.on_commit(lambda: default_storage.delete(name))
