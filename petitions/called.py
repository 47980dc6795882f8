"""What does a list mean by a word?  Categories, places, bodies and choices by what others call them, and what a row says, to know it again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.dates import today
from accounts.models import Department, DepartmentKind, Post, Region, Role
from accounts.text import TextRefused, clean_text
from petitions.actions import told
from petitions.errors import BadInput
from petitions.models import Category

YES = frozenset({"是", "有", "1", "√", "y", "Y", "true"})
NO = frozenset({"", "否", "无", "0", "×", "n", "N", "false"})
# Bodies that hand a filing down, or over, to the office.
SENDERS = (DepartmentKind.SUPERIOR, DepartmentKind.LEADERSHIP, DepartmentKind.PETITION_OFFICE)
# Characters of another system's name, and of a filing's number there.
LONGEST_SYSTEM, LONGEST_NUMBER = 40, 80
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")
_PLAIN_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


# --- cells --------------------------------------------------------------------------------------------------------


@dataclass
class Cells:
    """A row being read: every wrong cell is said, not only the first, and what stands in it is not.

    Attributes:
        row: the cells by the names they are asked for.
        labels: what a cell is called in a sentence; its own name where there is none.
        wrong: one sentence for each cell that cannot be taken.
    """

    row: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What the cell says; "" where there is none."""
        return self.row.get(name, "").strip()

    def day(self, name: str) -> date | None:
        """The day that the cell says, ``None`` where it is empty or says none."""
        text = self.text(name)
        match = _DAY.search(text) or _PLAIN_DAY.fullmatch(text)
        with suppress(ValueError):
            if match is not None:
                return date(*map(int, match.groups()))
        if text:
            self._refuse(name, "不是日期。")
        return None

    def number(self, name: str) -> int:
        """The whole number that the cell says, 0 where it is empty."""
        text = self.text(name)
        if text and not (text.isascii() and text.isdecimal() and len(text) < 7):
            self._refuse(name, "不是数字。")
            return 0
        return int(text or 0)

    def yes(self, name: str) -> bool:
        """Whether the cell says yes; what is neither yes nor no is never taken for a no."""
        text = self.text(name)
        if text not in YES and text not in NO:
            self._refuse(name, "请填“是”或者“否”。")
        return text in YES

    def choice(self, name: str, choices: Mapping[str, Any], default: Any = "") -> Any:
        """What ``choices`` has under the cell's word, ``default`` where it is empty."""
        text = self.text(name)
        if text and text not in choices:
            self._refuse(name, "没有这个选项。")
        return choices.get(text, default)

    def many(self, name: str) -> list[str]:
        """The cell's items: semicolons or lines stand between them."""
        return [word.strip() for word in re.split(r"[;；\n]", self.text(name)) if word.strip()]

    def reference(self, system: str, number: str, called: str) -> list[tuple[str, str]]:
        """The number in another system that two cells tell, as it is kept; ``called``: what both are called in a sentence.

        Empty where neither is filled, or one is wrong.
        """
        try:
            pair = (
                told.words(self.text(system), LONGEST_SYSTEM, one_line=True),
                told.words(self.text(number), LONGEST_NUMBER, one_line=True),
            )
        except told.Wrong as refused:
            self.wrong[number] = f"{called}：{refused}"
            return []
        if any(pair) and not all(pair):
            self.wrong[number] = f"{called}要一起填。"
        return [pair] if all(pair) else []

    def _refuse(self, name: str, sentence: str) -> None:
        self.wrong[name] = f"{self.labels.get(name, name)}{sentence}"


# --- rows of ours -------------------------------------------------------------------------------------------------


class Names:
    """Categories and places by what other lists call them: name, code, outside code.  Read once for a file."""

    def __init__(self) -> None:
        self._categories: dict[str, Category] = {}
        for row in Category.objects.filter(active=True).select_related("parent").order_by("-parent", "code"):
            words = [row.name, str(row.pk), *row.outside_codes.values()]
            for word in (*words, f"{row.parent.name}·{row.name}") if row.parent else words:
                self._categories.setdefault(str(word), row)
        self._regions: dict[str, Region | None] = {}

    def category(self, text: str) -> Category | None:
        """The category called so; None where none is: triage chooses."""
        return self._categories.get(text)

    def region(self, text: str) -> Region | None:
        """The place of that code or name; None where there is none, or more than one."""
        if text and text not in self._regions and text.isprintable():
            code = Region.objects.filter(pk=text, active=True).first()
            named = list(Region.objects.filter(name=text, active=True)[:2])
            self._regions[text] = code or (named[0] if len(named) == 1 else None)
        return self._regions.get(text) if text else None


class Bodies:
    """Bodies and their handlers by what a list calls them; read once for a file."""

    def __init__(self) -> None:
        self._bodies: dict[str, Department | None] = {}
        for body in Department.objects.in_force(today()).order_by("pk"):
            for word in {body.name, body.short_name, body.code}:
                self._bodies[word] = None if word in self._bodies else body
        self._posts: dict[tuple[int, str], list[Post]] = {}
        for post in Post.objects.in_force(today()).filter(role=Role.HANDLER).select_related("user", "department"):
            self._posts.setdefault((post.department_id, post.user.name), []).append(post)

    def body(self, word: str, column: str) -> Department | None:
        """The body called so.

        Raises:
            BadInput: there is none, or more than one.
        """
        if not word:
            return None
        found = self._bodies.get(word)
        if found is None:
            raise BadInput({column: f"{column}：没有这个单位，或者有不止一个，请填全称或代码。"})
        return found

    def sender(self, word: str, column: str) -> Department | None:
        """The body called so, of those that may hand a filing down.

        Raises:
            BadInput: there is none, more than one, or it is none that hands down.
        """
        found = self.body(word, column)
        if found is not None and found.kind not in SENDERS:
            raise BadInput({column: f"{column}：应当是上级机关、领导机构或者信访部门。"})
        return found

    def handed_by(self, cells: Cells, by: str, number: str, due: str) -> Department | None:
        """Who handed a filing down, as the cells of the body, its number and its limit tell; what is wrong is said in the row.

        A superior's number or limit without a superior would bind nobody.
        """
        column = cells.labels.get(by, by)
        try:
            found = self.sender(cells.text(by), column)
        except BadInput as refused:
            cells.wrong |= refused.fields
            return None
        if found is None and (cells.text(number) or cells.text(due)):
            cells.wrong[by] = f"有上级文号或者上级期限的，要写明{column}。"
        return found

    def handler(self, name: str, body: Department | None) -> Post | None:
        """The handler of that name in ``body``.

        Raises:
            BadInput: there is none, or more than one.
        """
        if not name or body is None:
            return None
        found = self._posts.get((body.pk, name), [])
        if len(found) != 1:
            raise BadInput({"承办人": "主办单位没有这个姓名的承办人，或者有不止一个。"})
        return found[0]


# --- to know a row again ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Print:
    """What a filing says, short enough to keep of every row of a long list: whether two rows are one can be asked of it.

    Attributes:
        whole: of title and words; ``words``: of the words alone.
        titled: whether the title was told, and not taken out of the words.
    """

    whole: bytes
    words: bytes
    titled: bool

    @classmethod
    def of(cls, title: str, content: str, *, titled: bool = True) -> Print:
        """The print of what is told or was registered: as it would be stored, white space apart."""
        return cls(_digest(title + content), _digest(content), titled)

    def agrees(self, other: Print) -> bool:
        """Whether both say the same; a title that one of them was not told does not count.  What is `GONE` agrees with all."""
        if GONE in (self, other):
            return True
        return self.whole == other.whole or (not (self.titled and other.titled) and self.words == other.words)


# Its words were wiped: it is known by its number alone.
GONE = Print(b"", b"", titled=False)


def _digest(text: str) -> bytes:
    with suppress(TextRefused):  # such a row is never registered as it stands
        text = clean_text(text)
    return hashlib.blake2b("".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=16).digest()
