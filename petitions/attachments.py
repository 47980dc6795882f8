"""How is a file taken in, kept and handed out?  Known by its content, encrypted under its own key, named only for show.

The file's key is wrapped by the master key while the file belongs to a draft, and by the matter's key from registration
on: destroying the matter's key makes the file unreadable, and nothing is encrypted twice.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from django.conf import settings
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import privacy
from accounts.actor import Actor
from accounts.text import TextRefused, clean_text
from petitions import filekinds
from petitions.errors import BadInput, NotSeen, WrongMoment
from petitions.matterkey import key_of
from petitions.models import Attachment, Draft, Petition

CHUNK = 256 * 1024  # bytes of plain content sealed at a time
MOST_FILES = 30  # of one draft
RULE = "附件要求"
TIMES = 10  # all files of one draft together: so many times the limit of one
UNFINISHED = ".part"  # what a file is called until its row is written
# May be looked at in the browser, in a sandbox; everything else is only handed out.
INLINE = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"})


def take(upload: UploadedFile, *, by: Actor, draft: Draft) -> Attachment:
    """Keep an uploaded file with ``draft`` and return its row.

    Raises:
        BadInput: too large, empty, of a kind that is not taken, or more than a draft holds; nothing is kept then.
        NotSeen: the draft is gone, or it is another post's.
        WrongMoment: the draft has been registered in the meantime.
    """
    name = _name(upload.name or "")
    _check_size(upload, name)
    _check_room(draft, upload.size or 0)
    media_type = _media_type(upload, name)
    key, stored_as = privacy.new_matter_key(), secrets.token_hex(16)
    row = Attachment(
        draft=draft, name=name, media_type=media_type, size=upload.size or 0, stored_as=stored_as, added_by=by.post,
        added_at=timezone.now(), wrapped_key=privacy.wrap_key(key, _aad(stored_as)),
    )  # fmt: skip
    try:
        row.sha256 = _store(upload, key, stored_as)
        _keep(row, by, draft)
    except BaseException:
        discard([stored_as + UNFINISHED, stored_as])
        raise
    return row


def _keep(row: Attachment, by: Actor, draft: Draft) -> None:
    """Write the row while nobody registers the draft or fills it up, and give the file its name with it."""
    with transaction.atomic():
        held = Draft.objects.select_for_update(no_key=True).filter(pk=draft.pk, post=by.post).first()
        if held is None:
            raise NotSeen
        if held.registered_id is not None:
            raise WrongMoment("这份草稿已经登记过了，文件没有加入。", rule="一份草稿只登记一次")
        _check_room(held, row.size)
        row.save(force_insert=True)
        _path(row.stored_as + UNFINISHED).rename(_path(row.stored_as))


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


def _check_size(upload: UploadedFile, name: str) -> None:
    limit = settings.ATTACHMENT_MB
    if not upload.size:
        raise _refuse(f"“{name}”是空文件。")
    if upload.size > limit * 2**20:
        raise _refuse(f"“{name}”超过{limit}MB，请压缩或分开上传。")


def _check_room(draft: Draft, size: int) -> None:
    """One registration holds so many files and so many bytes, however often it is added to."""
    check_room(list(draft.attachments.values_list("size", flat=True)), [size], "一次登记")


def _media_type(upload: UploadedFile, name: str) -> str:
    """What the content says, if that is taken and does not contradict the name's ending."""
    kind = filekinds.kind_of(cast("IO[bytes]", upload), PurePosixPath(name).suffix.lower())
    if kind is None:
        raise _refuse(f"“{name}”的内容不是可以收的文件，或者与扩展名不符。可以收：{filekinds.SHOWN_AS}。")
    return kind


# --- bytes -------------------------------------------------------------------------------------------------------


def _aad(stored_as: str) -> bytes:
    return f"file:{stored_as}".encode()


def _part_aad(stored_as: str, number: int, *, last: bool) -> bytes:
    """What binds a chunk to its file and its place, and tells that no chunk is missing at the end."""
    return f"file:{stored_as}:{number}:{'end' if last else 'more'}".encode()


def _path(stored_as: str) -> Path:
    return Path(settings.MEDIA_ROOT) / stored_as


def _store(upload: File, key: bytes, stored_as: str) -> str:
    """Write the file sealed, chunk by chunk, and return the SHA-256 of its plain content."""
    digest = hashlib.sha256()
    path = _path(stored_as + UNFINISHED)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as out:
        path.chmod(0o600)
        for number, (plain, last) in enumerate(_chunks(upload)):
            digest.update(plain)
            _write(out, privacy.seal_with(key, plain, _part_aad(stored_as, number, last=last)))
    return digest.hexdigest()


def _write(out: IO[bytes], sealed: bytes) -> None:
    out.write(len(sealed).to_bytes(4, "big") + sealed)


def _chunks(upload: File) -> Iterator[tuple[bytes, bool]]:
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
    try:
        key = _key(attachment)
        with _path(attachment.stored_as).open("rb") as kept:
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


# --- kept aside for long work ------------------------------------------------------------------------------------


def put_aside(upload: File) -> dict[str, str]:
    """Keep a file that belongs to no matter (a list to be imported, a list that leaves), sealed, and return how it is found again."""
    key, stored_as = privacy.new_matter_key(), secrets.token_hex(16)
    _store(upload, key, stored_as)
    _path(stored_as + UNFINISHED).rename(_path(stored_as))
    return {"stored_as": stored_as, "wrapped_key": privacy.wrap_key(key, _aad(stored_as)).hex()}


def open_aside(kept: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the plain content of what :func:`put_aside` kept.

    Raises:
        WrongMoment: it has been thrown away, or the bytes are not those that were kept.
    """
    try:
        if "stored_as" not in kept:
            raise FileNotFoundError
        key = privacy.unwrap_key(bytes.fromhex(kept["wrapped_key"]), _aad(kept["stored_as"]))
        with _path(kept["stored_as"]).open("rb") as sealed:
            yield from _opened(sealed, key, kept["stored_as"])
    except (FileNotFoundError, privacy.PrivacyError) as wrong:
        raise WrongMoment("文件已经清除，请重新上传。", rule="导入") from wrong


def drop_aside(kept: Mapping[str, Any]) -> None:
    """Throw away what :func:`put_aside` kept."""
    _path(kept["stored_as"]).unlink(missing_ok=True)


# --- for a family of rows of its own ------------------------------------------------------------------------------


def take_apart(upload: UploadedFile) -> tuple[dict[str, Any], str, bytes]:
    """Check and keep an uploaded file as :func:`take` does, for a row that is not ours: what is known of it, where it lies, its key.

    Raises:
        BadInput: too large, empty, or of a kind that is not taken; nothing is kept then.
    """
    name = _name(upload.name or "")
    _check_size(upload, name)
    meta = {"name": name, "media_type": _media_type(upload, name), "size": upload.size or 0}
    key, stored_as = privacy.new_matter_key(), secrets.token_hex(16)
    try:
        _store(upload, key, stored_as)
        _path(stored_as + UNFINISHED).rename(_path(stored_as))
    except BaseException:
        discard([stored_as + UNFINISHED, stored_as])
        raise
    return meta, stored_as, key


def check_room(sizes: Sequence[int], fresh: Sequence[int], what: str) -> None:
    """Refuse ``fresh`` more files (their sizes, in bytes) where ``what`` holds files of ``sizes`` already.

    Raises:
        BadInput: more files, or more bytes together, than one registration holds.
    """
    if len(sizes) + len(fresh) > MOST_FILES:
        raise _refuse(f"{what}最多上传{MOST_FILES}个文件。")
    if sum(sizes) + sum(fresh) > TIMES * settings.ATTACHMENT_MB * 2**20:
        raise _refuse(f"{what}的附件合计不超过{TIMES * settings.ATTACHMENT_MB}MB。")


def discard(names: Iterable[str]) -> None:
    """Delete at once files that no row names, because what would have named them did not come about."""
    for stored_as in names:
        _path(stored_as).unlink(missing_ok=True)


# --- from a draft to a matter ------------------------------------------------------------------------------------


def hand_over(rows: Iterable[Attachment], petition: Petition, filing_id: int) -> None:
    """Give a draft's files to the matter it became: from now on the matter's key opens them.

    Called inside the transaction of the registration.
    """
    handed = list(rows)
    if not handed:
        return
    matter = key_of(petition)
    assert matter is not None
    for row in handed:
        key = privacy.unwrap_key(row.wrapped_key, _aad(row.stored_as))
        row.wrapped_key = privacy.seal_with(matter, key, _aad(row.stored_as))
        row.petition_id, row.filing_id, row.draft_id = petition.pk, filing_id, None
    Attachment.objects.bulk_update(handed, ["wrapped_key", "petition", "filing", "draft"])


def move(rows: Iterable[Attachment], source: Petition, petition: Petition, filing_id: int) -> None:
    """Give files of one matter to another that was split off from it: from now on the other's key opens them."""
    moved, old, new = list(rows), key_of(source), key_of(petition)
    assert old is not None
    assert new is not None
    for row in moved:
        key = privacy.unseal_bytes_with(old, row.wrapped_key, _aad(row.stored_as))
        row.wrapped_key = privacy.seal_with(new, key, _aad(row.stored_as))
        row.petition_id, row.filing_id = petition.pk, filing_id
    Attachment.objects.bulk_update(moved, ["wrapped_key", "petition", "filing"])


def release(row: Attachment) -> tuple[str, bytes]:
    """Let a draft's or a matter's file go to a family of rows of its own: its row goes, the bytes stay; return where they lie, and their key.

    Called inside the transaction that writes the new row.
    """
    key = _key(row)
    row.delete()
    return row.stored_as, key


def open_with(stored_as: str, key: bytes) -> Iterator[bytes]:
    """Yield the plain content of what was released.

    Raises:
        WrongMoment: the bytes are not those that were kept.
    """
    try:
        with _path(stored_as).open("rb") as kept:
            yield from _opened(kept, key, stored_as)
    except (FileNotFoundError, privacy.PrivacyError) as wrong:
        raise WrongMoment("附件内容缺失或者与登记时不一致，请立即报告。", rule="附件固定") from wrong


def remove(attachment: Attachment, *, by: Actor) -> None:
    """Take a file away from one's own draft.

    Raises:
        NotSeen: it belongs to a matter or to another post's draft.
    """
    if attachment.draft is None or attachment.draft.post_id != by.post.pk:
        raise NotSeen
    drop([attachment])


# --- throwing away -----------------------------------------------------------------------------------------------


def drop(rows: Iterable[Attachment]) -> int:
    """Delete files of no matter: each row, and the file when its row is gone for good, never before."""
    number = 0
    for row in rows:
        assert row.petition_id is None
        with transaction.atomic():
            transaction.on_commit(partial(_path(row.stored_as).unlink, missing_ok=True))
            row.delete()
        number += 1
    return number


def of_matter(petition: Petition) -> QuerySet[Attachment]:
    """Return the files of a matter and of its filings, in no order; its few filings are named, so that an index leads to theirs."""
    filings = list(petition.filings.values_list("pk", flat=True))
    return Attachment.objects.filter(Q(petition=petition) | Q(filing__in=filings))


def destroy(rows: Iterable[Attachment]) -> None:
    """Take the files of a matter that is being destroyed from the disk once that is through; their rows are emptied elsewhere."""
    for row in rows:
        transaction.on_commit(partial(_path(row.stored_as).unlink, missing_ok=True))


def destroy_released(names: Iterable[str]) -> None:
    """The same for files that were released: ``names`` is where they lie, and their rows are the caller's."""
    for stored_as in names:
        transaction.on_commit(partial(_path(stored_as).unlink, missing_ok=True))


def sweep() -> int:
    """Delete what belongs to nothing since a day: files of drafts thrown away, and uploads that broke off; how many."""
    yesterday = timezone.now() - timedelta(days=1)
    left = Attachment.objects.filter(draft=None, petition=None, filing=None, added_at__lt=yesterday)
    return drop(list(left)) + sum(_broke_off(path, yesterday.timestamp()) for path in _path("").glob(f"*{UNFINISHED}"))


def _broke_off(path: Path, before: float) -> bool:
    """Delete an upload that was never finished: no row names it, so nothing can be lost."""
    try:
        old = path.stat().st_mtime < before
    except FileNotFoundError:
        return False
    if old:
        path.unlink(missing_ok=True)
    return old
