"""Which characters may a text hold?  Everything that a person can write, and nothing that only misleads a reader."""

from __future__ import annotations

import re

# Marks that reorder what is shown: a name or title could read other than it is stored (U+061C, 200E/F, 202A-E, 2066-9).
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Control characters but tab and newline, zero-width space and byte-order mark, non-characters.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class TextRefused(ValueError):
    """A text that cannot be taken; ``str()`` is the Chinese sentence for the person who typed it."""


def clean_text(text: str, *, limit: int | None = None, bidi: str = "refuse", one_line: bool = False) -> str:
    """Return ``text`` as it may be stored: no NUL or other control characters, "\\n" as the only line end, trimmed.

    ``limit``: most characters, else refused. ``bidi``: "refuse" or "strip" marks of writing direction. ``one_line``:
    line ends and tabs become blanks (names, titles). Rare characters (𠮷 㛃 䶮, beyond the basic plane too) are kept as
    they are: no Unicode normalisation, which would change some people's names. Raises TextRefused.
    """
    if limit is not None and len(text) > 2 * limit + 1000:
        raise _too_long(len(text), limit)  # before any work on ten million characters
    if _SURROGATE.search(text):
        raise TextRefused("文字中有无法识别的字符（编码不完整），请重新输入")
    if _BIDI.search(text):
        if bidi == "refuse":
            raise TextRefused("文字中有改变书写方向的不可见字符，请删除后重新输入")
        text = _BIDI.sub("", text)
    text = _UNSEEN.sub("", _NEWLINE.sub("\n", text))
    text = (re.sub(r"[\n\t]+", " ", text) if one_line else text).strip()
    if limit is not None and len(text) > limit:
        raise _too_long(len(text), limit)
    return text


def _too_long(length: int, limit: int) -> TextRefused:
    return TextRefused(f"文字过长：{length}个字符，最多{limit}个")
