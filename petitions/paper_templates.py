"""In which template does a paper go out?  An office's own from its day on, else the shipped one; and who changes that, and how.

A template of an office's own is a Word file with places in 【】, read once when it is uploaded (:mod:`petitions.wordfile`): what is
kept is what it says, never the file.  Which places a kind has and which none may lack, the shipped template says
(:mod:`petitions.parts`).  What stands in a place, the shipped template writes too, so that a sentence of the law is never typed
by an office and never left behind when the law changes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.db.models.signals import post_delete, post_save
from django.template.loader import render_to_string
from django.utils.html import escape

from accounts.actor import Actor
from accounts.dates import today
from accounts.errors import BadInput, WrongMoment
from accounts.manage import changed, check_manages
from petitions import docx, layout, lifecycle, sample_matter, wordfile, wording
from petitions.law import accusations as sealed
from petitions.layout import Layout
from petitions.models import PaperTemplate, PaperTemplateUse
from petitions.parts import Gathering

ROOM = "templates"
KEEP_SECONDS = 60
SHIPPED_SERIAL = 0  # the version that the system brings
MOST_LINES, MOST_WORDS = 300, 20_000
_SEALED = "guarded_"
# Every paper may name these, whether the shipped template does or not; those of a matter where there is an open one.
_OF_BODY = ("【机关】", "【电话】", "【地址】", "【文号】", "【日期】")


@dataclass(frozen=True)
class Kind:
    """A kind of paper: of an open matter, or of a sealed report."""

    code: str
    title: str
    file: str
    article: str
    to_petitioner: bool
    law: Any

    @property
    def sealed(self) -> bool:
        """Whether it is a paper of a sealed report."""
        return self.code.startswith(_SEALED)


KINDS: Mapping[str, Kind] = {
    **{
        code: Kind(code, one.title, f"papers/body/{code}.html", one.article, one.to_petitioner, one)
        for code, one in lifecycle.PAPERS.items()
    },
    **{
        _SEALED + code: Kind(
            _SEALED + code, f"检举控告{one.title}", f"papers/guarded/{code}.html", one.article, code == "reply", one
        )
        for code, one in sealed.PAPERS.items()
    },
}


def sealed_code(code: str) -> str:
    """The code here of a paper of a sealed report."""
    return _SEALED + code


# --- rendering ----------------------------------------------------------------------------------------------------


def html_of(code: str, context: Mapping[str, Any], *, on_day: date) -> str:
    """Return the words of a paper of kind ``code`` that is issued on ``on_day``, in the template that is used then."""
    found = in_use(code, on_day)
    return filled(code, context, found)


def filled(code: str, context: Mapping[str, Any], own: Layout | None) -> str:
    """Return the words of a paper in the template ``own``; ``None``: in the shipped one, with the office's words round it."""
    kind = KINDS[code]
    if own is None:
        return render_to_string(kind.file, dict(context))
    gathering = Gathering()
    render_to_string(kind.file, {**context, "gathering": gathering})
    values = {name: str(words) for name, words in gathering.values.items()}
    values = {name: escape(words) for name, words in common(context).items()} | values
    whole = frozenset(part.name for part in places(code).parts.values() if part.whole)
    return layout.html_of(own, lambda name: values.get(name, ""), whole=whole)


def common(context: Mapping[str, Any]) -> dict[str, str]:
    """What every paper may name, by its name without brackets."""
    body, petition = context["body"], context.get("petition")
    day = context["day"]
    known = {
        "机关": body.name, "电话": body.phone, "地址": body.address, "文号": context["number"], "日期": f"{day.year}年{day.month}月{day.day}日",
    }  # fmt: skip
    if petition is not None:
        received = petition.received_on
        known |= {
            "编号": petition.number,
            "标题": petition.title,
            "收到日期": f"{received.year}年{received.month}月{received.day}日",
        }
    return known


def places(code: str) -> Gathering:
    """Return the places of the shipped template of ``code``."""
    gathering = Gathering(blank=True)
    render_to_string(KINDS[code].file, _blank(code, gathering))
    return gathering


def _blank(code: str, gathering: Gathering) -> dict[str, Any]:
    around = wording.unfilled(code)
    return {"kind": KINDS[code].law, "gathering": gathering, "blank": True, "around": around}


def shipped(code: str) -> Layout:
    """Return the shipped template as a layout with its places unfilled, the office's words round it."""
    return docx.layout_of(render_to_string(KINDS[code].file, _blank(code, Gathering(blank=True))))


def word_file(code: str, own: Layout | None) -> bytes:
    """Return a template as a .docx to edit; ``None``: the shipped one."""
    blank = layout.html_of(own or shipped(code), lambda name: f"【{name}】")
    return docx.of(blank, title=f"{KINDS[code].title}（模板）", issued_on=today())


def sample(code: str, own: Layout | None, *, text: str | None = None) -> str:
    """Return how a paper would read on a matter that is made up.

    Args:
        text: words round the shipped template that are not kept yet.
    """
    kind = KINDS[code]
    context = sample_matter.matter() | {"kind": kind.law}
    if kind.sealed:
        context = {name: words for name, words in context.items() if name != "petition"} | sample_matter.guarded()
    else:
        values = {f"【{name}】": words for name, words in common(context).items()}
        context["around"] = wording.of_paper(code, values) if text is None else wording.around(text, values)
    return filled(code, context, own)


# --- which is used ------------------------------------------------------------------------------------------------

_Uses = dict[str, list[tuple[date, int | None]]]
_cache: list[tuple[float, _Uses]] = []
_layouts: dict[int, Layout] = {}


def in_use(code: str, on_day: date) -> Layout | None:
    """Return the office's own template that is used on ``on_day``; ``None`` where it is the shipped one."""
    begun = [template for day, template in _kept().get(code, []) if day <= on_day]
    return _layout(begun[-1]) if begun and begun[-1] is not None else None


def _kept() -> _Uses:
    """Who uses what from when, read once a minute in a process; the later decision for a day counts."""
    if not _cache or _cache[0][0] < time.monotonic():
        uses: _Uses = {}
        for kind, day, template in PaperTemplateUse.objects.order_by("valid_from", "pk").values_list("kind", "valid_from", "template_id"):  # fmt: skip
            uses.setdefault(kind, []).append((day, template))
        _cache[:] = [(time.monotonic() + KEEP_SECONDS, uses)]
    return _cache[0][1]


def _layout(pk: int) -> Layout:
    """The words of a template, which are never changed."""
    if pk not in _layouts:
        _layouts[pk] = layout.from_json(PaperTemplate.objects.values_list("layout", flat=True).get(pk=pk))
    return _layouts[pk]


def forget(**_signal: object) -> None:
    """Read afresh at the next question."""
    _cache.clear()
    _layouts.clear()


for _model in (PaperTemplateUse, PaperTemplate):
    post_save.connect(forget, sender=_model)
    post_delete.connect(forget, sender=_model)


# --- what a template must have ------------------------------------------------------------------------------------


def faults(code: str, own: Layout) -> list[str]:
    """Return everything that keeps ``own`` from being a template of ``code``, in sentences."""
    known = places(code).parts
    named = layout.places_in(own)
    allowed = {*known, *(name.strip("【】") for name in fields(code))}
    missing = [f"【{name}】" for name, part in known.items() if part.must and name not in named]
    unknown = [f"【{name}】" for name in dict.fromkeys(named) if name not in allowed]
    out = _shape_faults(own)
    if missing:
        out.append(f"缺少{'、'.join(missing)}：这些由系统填写，依{KINDS[code].article}或者办理人填写的内容，不能没有。")
    if unknown:
        out.append(f"没有{'、'.join(unknown)}这样的项；可以用：{'、'.join(f'【{name}】' for name in allowed)}。")
    whole = {name for name, part in known.items() if part.whole}
    return out + _place_faults(own, whole)


def faults_in_use(code: str) -> list[str]:
    """Return what the office's own template that is used today lacks by now: it was taken in when less was wanted."""
    own = in_use(code, today())
    return faults(code, own) if own is not None else []


def fields(code: str) -> list[str]:
    """What every paper of ``code`` may name beside the places of its shipped template."""
    return list(_OF_BODY) if KINDS[code].sealed else list(wording.FIELDS)


def _shape_faults(own: Layout) -> list[str]:
    lines = list(layout.lines_in(own))
    words = "".join(one.text for one in lines)
    out = []
    if len(lines) > MOST_LINES or len(words) > MOST_WORDS:
        out.append(f"太长：最多{MOST_LINES}段、{MOST_WORDS}字。")
    if not any(one.role == "title" for one in lines):
        out.append("没有标题：请把标题那一段的样式设为“公文标题”。")
    if "【" in (rest := layout.PLACE.sub("", words)) or "】" in rest:
        out.append("有【或者】没有成对。")
    return out


def _place_faults(own: Layout, whole: set[str]) -> list[str]:
    """Places that stand for paragraphs of their own, and are not alone in theirs."""
    crowded = [
        f"【{name}】" for one in layout.lines_in(own) for name in layout.places_in([one])
        if name in whole and one.text.strip() != f"【{name}】"
    ]  # fmt: skip
    return [f"{'、'.join(dict.fromkeys(crowded))}要单独成段，这一段里不能有别的字。"] if crowded else []


# --- verbs --------------------------------------------------------------------------------------------------------


def upload(code: str, content: bytes, name: str, *, by: Actor) -> PaperTemplate:
    """Read, check and keep a template; it is not used before :func:`use` says so.

    Raises:
        WrongPerson; BadInput: with everything that is wrong with it, a sentence a line; nothing is kept.
    """
    check_manages(by, ROOM)
    found = _read(content)
    if wrong := faults(code, found):
        raise BadInput({"file": "\n".join(wrong)})
    with transaction.atomic():
        _wait_for_others()
        serial = (PaperTemplate.objects.filter(kind=code).aggregate(most=Max("serial"))["most"] or SHIPPED_SERIAL) + 1
        row = PaperTemplate.objects.create(
            kind=code, serial=serial, layout=layout.to_json(found), name=name[:120], uploaded_by=by.user
        )
        changed(by, f"template:{code}", "上传模板", after={"版本": serial, "文件": row.name})
    return row


def _wait_for_others() -> None:
    """One template is taken in at a time: the first version of a kind has no row to lock yet; ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('petitions_papertemplate'))")


def _read(content: bytes) -> Layout:
    try:
        return wordfile.read(content)
    except wordfile.NotTaken as refused:
        raise BadInput({"file": "\n".join(refused.faults)}) from refused


def use(code: str, row: PaperTemplate | None, *, by: Actor, valid_from: date, reason: str) -> PaperTemplateUse:
    """Use a template from a day on; ``None``: the shipped one again.  Papers issued before stay as they were fixed.

    Raises:
        WrongPerson; BadInput: a day that is past, no reason, or a version that no longer has what the law wants.
    """
    check_manages(by, ROOM)
    if valid_from < today():
        raise BadInput({"valid_from": "启用日期不能早于今天：已经出具的文书不会改变。"})
    if not reason.strip():
        raise BadInput({"reason": "请写明事由。"})
    if row is not None and (wrong := faults(code, layout.from_json(row.layout))):
        raise BadInput({"reason": "这一版现在不合要求：" + "".join(wrong)})
    with transaction.atomic():
        made = PaperTemplateUse.objects.create(
            kind=code, template=row, valid_from=valid_from, decided_by=by.user, reason=reason.strip()[:200]
        )
        told = {"版本": row.serial if row else "系统原样", "自": str(valid_from)}
        changed(by, f"template:{code}", "启用模板" if row else "恢复系统原样", after=told, reason=reason)
    return made


def call_off(code: str, row: PaperTemplateUse, *, by: Actor) -> None:
    """Take back a decision whose day has not come.

    Raises:
        WrongPerson; WrongMoment: papers may have gone out in it.
    """
    check_manages(by, ROOM)
    with transaction.atomic():
        held = PaperTemplateUse.objects.select_for_update().filter(pk=row.pk).first()
        if held is None or held.valid_from <= today():
            raise WrongMoment(
                "已经启用或者已经取消，不能再取消；要改回去，请启用另一版或者恢复系统原样。", rule="文书模板"
            )
        told = {"版本": held.template.serial if held.template else "系统原样", "自": str(held.valid_from)}
        held.delete()
        changed(by, f"template:{code}", "取消启用", before=told)
