"""Is what a verb is told of the right kind?  Types as the verb names them, words cleaned, days within living memory."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from accounts.text import TextRefused, clean_text

# A day outside these is a slip of the finger: nothing of ours began earlier, and no limit reaches further.
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
LONGEST_LIMIT = 3660  # days: ten years; what a person sets as a limit is shorter
WORDS = 20_000
# Words that end in a column, or on one line of a paper, have its length; the rest may be as long as a narrative.
LINES: Mapping[str, int] = {
    "place": 120, "body": 120, "procedure": 120, "limit": 120, "receiver": 60, "witness": 60, "people": 200,
    "opinion_number": 60, "late_reason": 200, "kind": 20, "purpose": 20, "trigger": 30, "how": WORDS, "letter": 60,
}  # fmt: skip
BLOCKS: Mapping[str, int] = {"demand": 500, "note": 5_000, "reply": 5_000, "comment": 500}
_ONE_LINE = frozenset(LINES) - {"how"}


class Wrong(ValueError):
    """What was told cannot be taken; ``str()`` is the sentence for the person."""


def words(value: object, limit: int = WORDS, *, one_line: bool = False) -> str:
    """Return ``value`` as it may be stored: no NUL, no marks that turn the writing, no longer than ``limit``.

    Raises:
        Wrong: it is no text, too long, or holds what only misleads.
    """
    if not isinstance(value, str):
        raise Wrong("这里要填文字。")
    try:
        return clean_text(str(value), limit=limit, one_line=one_line)
    except TextRefused as refused:
        raise Wrong(f"{refused}。") from None


def day(value: object) -> date:
    """Return ``value`` if it is a day (not a moment) within living memory.

    Raises:
        Wrong: it is not.
    """
    if type(value) is not date:
        raise Wrong("这里要填日期。")
    if not EARLIEST <= value <= LATEST:
        raise Wrong("日期不合理，请核对年份。")
    return value


def number(value: object, least: int, most: int) -> int:
    """Return ``value`` if it is a whole number between ``least`` and ``most``.

    Raises:
        Wrong: it is not.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Wrong(f"要填{least}到{most}之间的整数。")
    return value


def as_named(function: Any, changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return ``changes`` cleaned, and what is wrong with each, by the type hints of ``function``'s parameters.

    Names that the function does not know are left to the call to refuse.
    """
    hints, clean, wrong = _hints(function), dict[str, Any](), dict[str, str]()
    for name, value in changes.items():
        try:
            clean[name] = fitted(value, hints.get(name, Any), name)
        except Wrong as refused:
            wrong[name] = str(refused)
    return clean, wrong


@lru_cache(maxsize=256)
def _hints(function: Any) -> dict[str, Any]:
    return get_type_hints(function)


def fitted(value: Any, hint: Any, name: str) -> Any:
    """Return ``value`` in the form that ``hint`` asks for; ``name`` tells how long words may be.

    Raises:
        Wrong: it is of another kind.
    """
    if hint is Any:
        return value
    if get_origin(hint) in (Union, types.UnionType):
        return (
            None if value is None else fitted(value, next(arg for arg in get_args(hint) if arg is not type(None)), name)
        )
    if get_origin(hint) in (Mapping, dict):
        return _mapping(value, get_args(hint))
    if hint is str:
        return words(value, LINES.get(name) or BLOCKS.get(name, WORDS), one_line=name in _ONE_LINE)
    if hint is date:
        return day(value)
    if hint is int:
        return number(value, 0, 100_000)
    if not isinstance(value, hint):
        raise Wrong("这里填的内容不对，请重新选择。")
    return value


def _mapping(value: Any, kinds: Sequence[Any]) -> dict[Any, Any]:
    if not isinstance(value, Mapping):
        raise Wrong("这里填的内容不对，请重新填写。")
    key_kind, value_kind = kinds
    return {fitted(key, key_kind, ""): fitted(each, value_kind, str(key)) for key, each in value.items()}
