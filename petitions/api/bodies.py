"""What may be sent?  One JSON object of a size that our forms can need, without marks that no text may hold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from petitions.api.errors import RULE, TooLarge
from petitions.errors import BadInput

MOST_BYTES = 2 * 2**20  # two hundred people and fifty claims, every character escaped, are half of that
DEEPEST = 6
_NEVER = re.compile("[\x00\ud800-\udfff]")


class Body(BaseParser):
    """Reads ``application/json``; refuses what is too large before it is read whole."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the object.

        Raises:
            TooLarge, ParseError (400), BadInput (422): no object, too deep, NUL or half a character in it.
        """
        raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise TooLarge(MOST_BYTES)
        try:
            said = json.loads(raw.decode(), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise ParseError from None
        if not isinstance(said, dict):
            raise BadInput({"body": "请求内容要是一个 JSON 对象。"}, rule=RULE)
        _walk(said, 0)
        return said


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _walk(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise BadInput({"body": "请求内容嵌套太深。"}, rule=RULE)
    if isinstance(value, str):
        plain(value)
    if isinstance(value, dict):
        for name, each in value.items():
            _walk(name, depth)
            _walk(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _walk(each, depth + 1)


def plain(text: str) -> None:
    """Refuse marks that no text may hold.

    Raises:
        BadInput.
    """
    if _NEVER.search(text):
        raise BadInput({"body": "文字中有无法保存的字符。"}, rule=RULE)


def only(said: Mapping[str, Any], *known: str) -> None:
    """Refuse names that are none of ``known``: a misspelt field must not be passed over in silence.

    Raises:
        BadInput.
    """
    if unknown := sorted(set(said) - set(known)):
        raise BadInput({name[:60]: "没有这一项。" for name in unknown[:20]}, rule=RULE)
