"""In whose words does the office speak?  What stands round a paper's standard text, and the words of a notice.

A paper's own text, with what the law wants told and the way to a review, is the system's and cannot be left out: an office
writes what comes before it and after it, with the fields below in 【】.  Nothing typed here is ever run: it is words.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from accounts.actor import Actor
from accounts.errors import BadInput
from accounts.manage import changed, check_manages
from petitions import lifecycle
from petitions.models import NoticeWording, PaperWording

STANDARD = "【标准内容】"
FIELDS: Mapping[str, str] = {
    "【编号】": "浦信2026-000128", "【标题】": "反映某村道路积水", "【收到日期】": "2026年11月3日", "【机关】": "某县自然资源和规划局",
    "【电话】": "0579-00000000", "【地址】": "某路1号", "【文号】": "某信访答字〔2026〕12号", "【日期】": "2026年11月24日",
}  # fmt: skip
_FIELD = re.compile(r"【[^】]*】")
MOST = 2_000
KEEP_SECONDS = 60


@dataclass(frozen=True)
class Around:
    """The paragraphs before and after a paper's standard text."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def fault(text: str) -> str:
    """Return why ``text`` cannot stand round a paper's own; ``""`` where it can."""
    if len(text) > MOST:
        return f"最多{MOST}字。"
    if text.count(STANDARD) != 1:
        return f"要有一处{STANDARD}：法定告知事项和救济途径在里面，不能删去。"
    unknown = [name for name in _FIELD.findall(text) if name != STANDARD and name not in FIELDS]
    return f"没有{unknown[0]}这一项，可以用：{'、'.join(FIELDS)}。" if unknown else ""


def around(text: str, values: Mapping[str, str]) -> Around:
    """Return ``text`` with its fields filled in from ``values``, as paragraphs."""
    if not text:
        return Around()
    before, _, after = text.partition(STANDARD)
    return Around(_paragraphs(before, values), _paragraphs(after, values))


def _paragraphs(text: str, values: Mapping[str, str]) -> tuple[str, ...]:
    lines = (_FIELD.sub(lambda field: values.get(field.group(), ""), line).strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


def of_paper(kind: str, values: Mapping[str, str]) -> Around:
    """Return what stands round the papers of ``kind`` here."""
    return around(_kept()[0].get(kind, ""), values)


def unfilled(kind: str) -> Around:
    """Return what stands round the papers of ``kind`` with its fields as they are typed."""
    return around(_kept()[0].get(kind, ""), {name: name for name in FIELDS})


def of_notice(step: str, whom: str, standard: str) -> str:
    """Return the words of a row of the notices' table; ``""`` where nobody is to be told."""
    row = _kept()[1].get((step, whom))
    return standard if row is None else row


_Kept = tuple[dict[str, str], dict[tuple[str, str], str]]
_cache: list[tuple[float, _Kept]] = []


def _kept() -> _Kept:
    """What is kept, read once a minute in a process: a change reaches every process within that time."""
    if not _cache or _cache[0][0] < time.monotonic():
        papers = dict(PaperWording.objects.values_list("kind", "text"))
        notices = {(row.step, row.whom): "" if row.off else row.text for row in NoticeWording.objects.all()}
        _cache[:] = [(time.monotonic() + KEEP_SECONDS, (papers, notices))]
    return _cache[0][1]


def forget(**_signal: object) -> None:
    """Read afresh at the next question."""
    _cache.clear()


for _model in (PaperWording, NoticeWording):
    post_save.connect(forget, sender=_model)
    post_delete.connect(forget, sender=_model)


# --- verbs --------------------------------------------------------------------------------------------------------


def set_paper(kind: str, text: str, *, by: Actor, reason: str = "") -> None:
    """Put an office's words round the papers of ``kind``; ``""`` or the standard text alone gives it back as it was.

    Papers issued before stay as they were fixed.

    Raises:
        WrongPerson, BadInput.
    """
    check_manages(by, "templates")
    if kind not in lifecycle.PAPERS:
        raise BadInput({"text": "没有这种文书。"})
    text = text.strip()
    if text and (why := fault(text)):
        raise BadInput({"text": why})
    with transaction.atomic():
        row = PaperWording.objects.select_for_update().filter(kind=kind).first()
        before = {"文字": row.text if row else STANDARD}
        if text in ("", STANDARD):
            PaperWording.objects.filter(kind=kind).delete()
        else:
            PaperWording.objects.update_or_create(kind=kind, defaults={"text": text})
        changed(by, f"template:{kind}", "修改文书文字", before=before, after={"文字": text or STANDARD}, reason=reason)
    forget()


def notice_fault(whom: str, text: str, *, off: bool) -> str:
    """Return why a notice cannot say ``text``; ``""`` where it can."""
    if whom == "petitioner":
        if off:
            return "信访人的通知不能停用：他有权知道办到哪一步。"
        return "短信可能被别人看到：不能写编号、标题。" if "{" in text or "【" in text else ""
    if off:
        return ""
    rest = text.replace("{number}", "")
    if "{" in rest or "}" in rest:
        return "只能用{number}（事项编号）这一项。"
    return "" if "{number}" in text else "要写明是哪一件：用{number}。"


def set_notice(
    step: str, whom: str, text: str, *, by: Actor, standard: str, off: bool = False, reason: str = ""
) -> None:
    """Give a notice other words, or leave it out; the standard words give it back as it was.

    Raises:
        WrongPerson, BadInput: see :func:`notice_fault`.
    """
    check_manages(by, "notices")
    if why := notice_fault(whom, text, off=off):
        raise BadInput({"text": why}, rule="为信访人保密" if whom == "petitioner" else "填写要求")
    with transaction.atomic():
        row = NoticeWording.objects.select_for_update().filter(step=step, whom=whom).first()
        before = {"文字": row.text if row else standard, "停用": bool(row and row.off)}
        if text == standard and not off:
            NoticeWording.objects.filter(step=step, whom=whom).delete()
        else:
            NoticeWording.objects.update_or_create(step=step, whom=whom, defaults={"text": text, "off": off})
        changed(by, f"notice_rule:{step}", "修改通知", before=before, after={"文字": text, "停用": off}, reason=reason)
    forget()
