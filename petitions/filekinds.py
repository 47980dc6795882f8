"""What is a file, by its bytes?  One of the kinds that an office takes, or nothing: its name alone is never believed.

Nothing is unpacked or decoded here but text; a file is read from its beginning, its end, or piece by piece.
"""

from __future__ import annotations

import codecs
import struct
import zipfile
from collections.abc import Iterator
from typing import IO, cast

import puremagic

HEAD = 8192  # bytes that say what a file is
PIECE = 256 * 1024  # bytes read at a time where the whole file is looked through
_TAIL = 22 + 65_535  # the longest end of a ZIP archive: its last record and a comment
MOST_LISTED = 2**20  # bytes of an archive's list of contents: an office file has some kilobytes

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Media types by what the content says, each with the endings it may be called by.
KINDS: dict[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg", ".jfif"), "image/png": (".png",), "image/webp": (".webp",), "image/gif": (".gif",),
    "image/heic": (".heic", ".heif"), "image/bmp": (".bmp",), "image/tiff": (".tif", ".tiff"),
    "application/pdf": (".pdf",), "text/plain": (".txt",), "application/ofd": (".ofd",),
    DOCX: (".docx",), XLSX: (".xlsx",),
    "application/msword": (".doc", ".wps"), "application/vnd.ms-excel": (".xls", ".et"),
    "audio/mpeg": (".mp3",), "audio/wav": (".wav",), "audio/amr": (".amr",), "audio/mp4": (".m4a",),
    "video/mp4": (".mp4", ".m4v", ".mov"), "video/quicktime": (".mov",), "video/3gpp": (".3gp",),
}  # fmt: skip
SHOWN_AS = (
    "照片（jpg、png、webp、heic）、PDF、OFD、Word、Excel、WPS、文本、录音（mp3、m4a、amr、wav）、录像（mp4、mov、3gp）"
)
# What puremagic calls by another name.
_ALIASES = {
    "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav",
    "audio/mp3": "audio/mpeg", "image/x-ms-bmp": "image/bmp",
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_MARKUP = (b"<!doctype", b"<html", b"<script", b"<svg", b"<iframe")
_IN_ARCHIVE = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}


def kind_of(file: IO[bytes], ending: str) -> str | None:
    """Return the media type of an open file, ``None`` for what is not taken.

    Args:
        ending: of the name it was given (".jpg"); what the content says must go by that ending.

    Refused are also a file that is two kinds at once (a picture with an archive behind it, a page that begins like a
    picture) and office files with macros.
    """
    head, tail = _ends(file)
    kind = next((kind for kind in _said(file, head, tail, ending) if ending in KINDS.get(kind, ())), None)
    file.seek(0)
    return None if kind is None or _is_more(kind, head, tail) else kind


def _ends(file: IO[bytes]) -> tuple[bytes, bytes]:
    file.seek(0)
    head = file.read(HEAD)
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    return head, file.read(_TAIL)


def _said(file: IO[bytes], head: bytes, tail: bytes, ending: str) -> Iterator[str]:
    """Every kind that the content may be."""
    if head.startswith(_OLE):
        yield from _old_office(file)
    elif head.startswith(_ZIP):
        yield from _zipped(file, tail)
    elif head[4:8] == b"ftyp":
        yield from _boxed(head)
    elif ending == ".txt":
        yield from ["text/plain"] if _is_text(file) else []
    else:
        yield from _by_first_bytes(head)


def _by_first_bytes(head: bytes) -> Iterator[str]:
    if head.startswith(b"#!AMR"):
        yield "audio/amr"
    if head.startswith(b"\xff\xd8\xff"):
        yield "image/jpeg"
    # A frame of MPEG audio without a title before it: layer III of any version, with or without checksum.
    if head[:1] == b"\xff" and head[1:2] in (b"\xfb", b"\xfa", b"\xf3", b"\xf2", b"\xe3", b"\xe2"):
        yield "audio/mpeg"
    try:
        yield from (_ALIASES.get(found.mime_type, found.mime_type) for found in puremagic.magic_string(head))
    except (puremagic.PureError, ValueError):
        return


def _boxed(head: bytes) -> Iterator[str]:
    """MP4's family says in its brand what it holds; recorders write any brand into sound."""
    brand = head[8:12]
    if brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"):
        yield "image/heic"
    elif brand not in (b"avif", b"avis", b"crx "):
        yield from ("audio/mp4", "video/mp4", "video/quicktime")
        if brand.startswith(b"3g"):
            yield "video/3gpp"


def _old_office(file: IO[bytes]) -> Iterator[str]:
    """Word and Excel before 2007, and WPS, by the streams they hold; with macros they are nothing."""
    names = {name: name.encode("utf-16-le") for name in ("WordDocument", "Workbook", "Book", "_VBA_PROJECT")}
    found = {name for name, mark in names.items() if _holds(file, mark)}
    if "_VBA_PROJECT" in found:
        return
    if "WordDocument" in found:
        yield "application/msword"
    if found & {"Workbook", "Book"}:
        yield "application/vnd.ms-excel"


def _holds(file: IO[bytes], mark: bytes) -> bool:
    """Whether ``mark`` stands anywhere in the file, also where two pieces meet."""
    before = b""
    for piece in _pieces(file):
        seen = before + piece
        if mark in seen:
            return True
        before = seen[-len(mark) :]
    return False


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def _zipped(file: IO[bytes], tail: bytes) -> Iterator[str]:
    """What an office archive holds; one that does not open, lists too much, or brings macros is nothing."""
    if not 0 < _listed(tail) <= MOST_LISTED:
        return
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return
    if "OFD.xml" in names:
        yield "application/ofd"
    if "[Content_Types].xml" in names and not any(name.lower().endswith("vbaproject.bin") for name in names):
        yield from (kind for part, kind in _IN_ARCHIVE.items() if part in names)


def _listed(tail: bytes) -> int:
    """How many bytes the list of contents has of the ZIP archive that ends here; 0 where none ends here."""
    start = tail.rfind(b"PK\x05\x06")
    if start < 0 or len(tail) < start + 22:
        return 0
    size, _, comment = struct.unpack("<IIH", tail[start + 12 : start + 22])
    return cast(int, size) if start + 22 + comment == len(tail) else 0


def _is_text(file: IO[bytes]) -> bool:
    """Whether the whole file is plain text that no browser takes for a page: UTF-8, GB 18030, or UTF-16 that says so."""
    file.seek(0)
    first = file.read(HEAD)
    wide = first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encodings = ("utf-16",) if wide else ("utf-8-sig", "gb18030")
    begins = first.replace(b"\0", b"").lower()
    if any(mark in begins for mark in _MARKUP) or begins.lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        return False
    return any(_reads(file, encoding) for encoding in encodings)


def _reads(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        clean = all("\0" not in decoder.decode(piece) for piece in _pieces(file))
        return clean and "\0" not in decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False


def _is_more(kind: str, head: bytes, tail: bytes) -> bool:
    """Whether a file of ``kind`` is something else besides: an archive at its end, a PDF or a page at its beginning."""
    archive = kind in (DOCX, XLSX, "application/ofd")
    if not archive and _listed(tail):
        return True
    if kind != "application/pdf" and b"%PDF-" in head[:1024]:
        return True
    return kind != "text/plain" and any(mark in head.lower() for mark in _MARKUP)
