"""What stands in a report?  Four parts as Art.41 names them: paragraphs a person may change, tables and charts from the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet

from accounts.actor import Actor
from petitions import access, acts, trees
from petitions.figures import CURRENT, Cut, chosen, counts, figure_of
from petitions.figures.cut import SEVERAL, UNSORTED, month_end
from petitions.law import oversight
from petitions.ledgers import ADVICES, MEASURES, WAITING, advices_at, measures_at
from petitions.models import Advice, Channel, Measure, Pattern, YearTotal
from petitions.patterns import reading
from petitions.patterns.growth import LEAST

NOT_RANKED = "单位按机构序列排列，不按多少排名：反映多的单位往往管的事多，数量不用于考核打分（《信访工作条例》第三十九条要求以依法及时就地解决问题为导向）。"
INDICATORS = ("route_in_time", "notify_in_time", "reply_in_time", "content", "rated", "settled_first", "long_resolved")
_HEADS = ("filings", "matters", "repeats", "joint", "closed", "open", "overdue")
_HEAD_WORDS = ("信访件", "信访事项", "重复件", "联名集体", "办结", "未办结", "超期未办")
_DATED = "办结按办结日期统计，不论何时登记；其余按登记日期，未办结和超期未办为本期登记、到数据时点仍未办结或者超期的。"
_ACTS_DATED = "转送、交办、督办、延长按作出的日期统计，不论事项何时登记；退回以后再转送、交办的，另计一次。"
_AGAINST = (("环比", "上月"), ("同比", "去年同期"))
Cells = list[list[str | int]]


@dataclass(frozen=True)
class Table:
    """A table; ``charted``: the column (from 1) that a chart shows beside it, 0 for none.

    Attributes:
        behind: for each cell what lists the cases behind it: ``figures?…``, ``ledger/<code>?…``, ``pattern/<ref>`` or nothing.
    """

    title: str
    head: list[str]
    rows: Cells
    charted: int = 0
    note: str = ""
    behind: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Paragraph:
    """Words that an editor may change before issue; ``drafted``: as the figures give them."""

    code: str
    drafted: str
    text: str = ""

    @property
    def said(self) -> str:
        """What stands there."""
        return self.text or self.drafted


@dataclass(frozen=True)
class Part:
    """One of the four parts."""

    title: str
    paragraphs: list[Paragraph] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


@dataclass(frozen=True)
class Contents:
    """A report as it stands."""

    title: str
    parts: list[Part]

    def as_json(self) -> dict[str, Any]:
        """It as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Contents:
        """It from what was frozen."""
        parts = [
            Part(
                part["title"],
                [Paragraph(**one) for one in part["paragraphs"]],
                [Table(**one) for one in part["tables"]],
            )
            for part in data["parts"]
        ]
        return cls(data["title"], parts)


def drafted(
    actor: Actor, kind: str, first: date, last: date, texts: Mapping[str, str], day: date = CURRENT
) -> Contents:
    """Return the report of ``first`` to ``last`` as the figures stood at the end of ``day``, with an editor's words where there are any."""
    cut = Cut(first=first, last=last, day=day)
    parts = [_numbers(actor, cut, kind), _handled(actor, cut), _advice(actor, cut), _other(actor, cut, kind)]
    worded = [
        replace(part, paragraphs=[replace(one, text=texts.get(one.code, "")) for one in part.paragraphs])
        for part in parts
    ]
    return Contents(title_of(kind, first), worded)


def _of(cut: Cut, *measures: str) -> str:
    """What lists the cases behind measures of a cut."""
    return f"figures?{cut.address(of='.'.join(measures))}"


def title_of(kind: str, first: date) -> str:
    """The title by kind and period."""
    return f"{first.year}年信访情况年度报告" if kind == "annual" else f"{first.year}年{first.month}月信访情况通报"


# --- 一、数据统计、涉及领域、被投诉较多的机关、单位 -----------------------------------------------------------------


def _numbers(actor: Actor, cut: Cut, kind: str) -> Part:
    spans = {"本期": cut, **({"上月": cut.before()} if kind == "monthly" else {}), "去年同期": cut.moved(-12)}
    found = {words: _overview(actor, one) for words, one in spans.items()}
    now, against = found["本期"], [(words, found[before]) for words, before in _AGAINST if before in found]
    rows: Cells = [
        [words, *(one[code] for one in found.values()), *(_change(now[code], then[code]) for _, then in against)]
        for code, words in zip(_HEADS, _HEAD_WORDS, strict=True)
    ]
    behind = [
        ["", *(_of(_dated(one, code), code) for one in spans.values()), *("" for _ in against)] for code in _HEADS
    ]
    said = (
        f"{_span(cut)}，共登记信访件{now['filings']}件，信访事项{now['matters']}件，其中联名集体{now['joint']}件；重复件{now['repeats']}件；办结{now['closed']}件。"
        + "".join(_compared(words, now["filings"], then["filings"]) for words, then in found.items() if then is not now)
    )
    head = ["项目", *spans, *(words for words, _ in against)]
    tables = [Table("信访事项总体情况", head, rows, note=_DATED, behind=behind), *_split(actor, cut, kind)]
    return Part(
        "一、信访事项的数据统计、涉及领域以及被投诉较多的机关、单位",
        [Paragraph("numbers", said), Paragraph("fields", _fields(tables))],
        tables,
    )


def _overview(actor: Actor, cut: Cut) -> dict[str, int]:
    """The first table's numbers of a period: what was registered in it, and what was closed in it whenever it was registered."""
    numbers = counts(actor, cut, _HEADS)[""]
    return numbers | counts(actor, _dated(cut, "closed"), ("closed",))[""]


def _dated(cut: Cut, code: str) -> Cut:
    """The cut by the day that a number is counted by."""
    return replace(cut, basis="closed") if code == "closed" else cut


def _compared(words: str, now: int, before: int) -> str:
    """One sentence against another period."""
    return f"与{words}相比，信访件{_change(now, before)}。" if before else f"{words}没有数据。"


def _split(actor: Actor, cut: Cut, kind: str) -> list[Table]:
    months = [_by_month(actor, cut)] if kind == "annual" else []
    return [*months, _by_channel(actor, cut), _by_field(actor, cut), _by_body(actor, cut)]


def _by_month(actor: Actor, cut: Cut) -> Table:
    found = sorted(counts(actor, cut, ("filings", "matters"), by="month").items())
    days = [date.fromisoformat(key) for key, _ in found]
    spans = [replace(cut, first=day, last=month_end(day)) for day in days]
    rows: Cells = [
        [f"{day.month}月", one["filings"], one["matters"]] for day, (_, one) in zip(days, found, strict=True)
    ]
    behind = [["", _of(one, "filings"), _of(one, "matters")] for one in spans]
    return Table("各月情况", ["月份", "信访件", "信访事项"], rows, 1, behind=behind)


def _by_channel(actor: Actor, cut: Cut) -> Table:
    found, words = sorted(counts(actor, cut, ("filings",), by="channel").items()), dict(Channel.choices)
    rows: Cells = [[str(words.get(code, code)), one["filings"]] for code, one in found]
    behind = [["", _of(replace(cut, channel=code), "filings")] for code, _ in found]
    return Table("信访形式", ["形式", "信访件"], rows, 1, behind=behind)


def _by_field(actor: Actor, cut: Cut) -> Table:
    """By the first level of the tree of contents, in its order; groups under LEAST are put together."""
    tree = trees.categories()
    sums: dict[Any, int] = {}
    for code, one in counts(actor, cut, ("matters",), by="category").items():
        top = tree.top(code)
        sums[top] = sums.get(top, 0) + one["matters"]
    shown = sorted((top, many) for top, many in sums.items() if many >= LEAST and top)
    rest = sorted(str(top) for top, many in sums.items() if many and (many < LEAST or not top))
    rows: Cells = [[tree.name(top), many] for top, many in shown]
    behind = [["", _of(replace(cut, category=str(top)), "matters")] for top, _ in shown]
    if rest:
        rows.append(["其他（含不足5件的）", sum(sums.values()) - sum(many for _, many in shown)])
        behind.append(["", _of(replace(cut, category=SEVERAL.join(one or UNSORTED for one in rest)), "matters")])
    return Table("涉及领域", ["领域", "信访事项"], rows, 1, behind=behind)


def _by_body(actor: Actor, cut: Cut) -> Table:
    """The bodies much complained of, in the order of the tree: those with at least LEAST matters."""
    body, late = replace(cut, capacity="body"), ("reply_late", "reply_overdue")
    found = counts(actor, body, ("matters", "reply_in_time", *late), by="unit")
    shown = [
        (node, one)
        for key, node in trees.departments().nodes.items()
        if (one := found.get(str(key))) and one["matters"] >= LEAST
    ]
    rows: Cells = [
        [node.name, one["matters"], one["reply_in_time"], sum(one[code] for code in late)] for node, one in shown
    ]
    spans = [replace(body, unit=int(node.key), alone=True) for node, _ in shown]
    behind = [["", _of(one, "matters"), _of(one, "reply_in_time"), _of(one, *late)] for one in spans]
    return Table("被投诉较多的机关、单位", ["单位", "信访事项", "按期答复", "逾期"], rows, 0, NOT_RANKED, behind)


def _fields(tables: Sequence[Table]) -> str:
    rows = next(table.rows for table in tables if table.title == "涉及领域")
    named = [f"{name}{many}件" for name, many in rows if not str(name).startswith("其他")]
    return f"从涉及领域看，{'、'.join(named)}。" if named else "本期各领域的信访事项都不足5件。"


# --- 二、转送、交办、督办 ----------------------------------------------------------------------------------------------


def _acts(actor: Actor, cut: Cut) -> list[tuple[str, str, Mapping[str, str], int]]:
    """Each kind of act: its words, its ledger, the ledger's condition, and how many there were of it by the cut's day."""
    sent = _within(acts.sent_at(acts.sent(actor), cut.day), "sent_on", cut)
    modes: dict[str, int] = dict(sent.order_by().values_list("mode").annotate(Count("pk")))  # both in one question
    supervised = _within(acts.supervised_at(acts.supervised(actor), cut.day), "opened_on", cut)
    extended = _within(acts.extended_at(acts.extended(actor), cut.day), "occurred_on", cut)
    return [
        *((words, acts.SENT, {"mode": mode}, modes.get(mode, 0)) for mode, words in acts.MODES),
        ("督办", acts.SUPERVISED, {}, supervised.count()),
        ("延长办理期限", acts.EXTENDED, {}, extended.count()),
    ]


def _within(rows: QuerySet, day: str, cut: Cut) -> QuerySet:
    return rows.filter(**{f"{day}__gte": cut.first, f"{day}__lte": cut.last})


def _handled(actor: Actor, cut: Cut) -> Part:
    """What was done within the period, whenever its matter was registered."""
    found = _acts(actor, cut)
    lines: Cells = [[words, many] for words, _, _, many in found]
    behind = [["", _in_ledger(ledger, cut, **said)] for _, ledger, said, _ in found]
    text = "，".join(f"{words}{many}件次" for words, _, _, many in found) + "。"
    taken = _measures(actor, cut)
    if taken:
        text += "联席会议采取措施：" + "、".join(f"{words}{many}次" for words, many in taken[0].rows) + "。"
    table = Table("转送、交办、督办", ["项目", "件次"], lines, 1, _ACTS_DATED, behind)
    return Part("二、转送、交办、督办情况", [Paragraph("handled", text)], [table, *taken, _indicators(actor, cut)])


def _measures(actor: Actor, cut: Cut) -> list[Table]:
    """What the joint conference decided within the period (Art.39); no table where it decided nothing."""
    mine = Measure.objects.filter(petition__in=access.visible_to(actor).values("pk"))
    taken = measures_at(mine, cut.day).filter(decided_on__gte=cut.first, decided_on__lte=cut.last)
    kinds: dict[str, int] = dict(taken.order_by().values_list("kind").annotate(Count("pk")))
    shown = [code for code in oversight.MEASURES if code in kinds]
    lines: Cells = [[oversight.MEASURES[code], kinds[code]] for code in shown]
    behind = [["", _in_ledger(MEASURES, cut, kind=code)] for code in shown]
    return [Table("联席会议措施", ["措施", "次数"], lines, behind=behind)] if shown else []


def _in_ledger(code: str, cut: Cut, **said: str) -> str:
    """What lists rows of a ledger within the period, as they stood."""
    day = {} if cut.day == CURRENT else {"stood": str(cut.day)}
    return f"ledger/{code}?{urlencode({**said, **day, 'first': str(cut.first), 'last': str(cut.last)})}"


def _indicators(actor: Actor, cut: Cut) -> Table:
    """Each indicator by the formula in use, for petition offices and for competent bodies apart: one question for each."""
    rows: Cells = []
    behind: list[list[str]] = []
    in_use = chosen()
    formulas = [in_use[code] for code in INDICATORS]
    for capacity, who in (("office", "信访部门"), ("body", "有权处理机关")):
        mine = replace(cut, capacity=capacity)
        numbers = counts(actor, mine, [code for one in formulas for code in one.measures])[""]
        for answer in (figure_of(one, numbers) for one in formulas if capacity in one.capacities):
            one, value = answer.formula, "—" if answer.value is None else f"{answer.value:.1%}"
            rows.append(
                [f"{one.name}（{who}）", value, answer.above, answer.below, one.reading or f"第{one.version}版"]
            )
            behind.append(["", _of(mine, *one.below), _of(mine, *one.above), _of(mine, *one.below), ""])
    note = "信访部门与有权处理机关分别统计；公式全文见“指标”。"
    return Table("办理质量", ["指标", "比率", "分子", "分母", "口径"], rows, 0, note, behind)


# --- 三、三项建议 ------------------------------------------------------------------------------------------------------


def _advice(actor: Actor, cut: Cut) -> Part:
    mine = Advice.objects.filter(petition__in=access.visible_to(actor).values("pk"))
    seen = advices_at(mine, cut.day).filter(sent_on__gte=cut.first, sent_on__lte=cut.last)
    found: dict[tuple[str, str], int] = {
        (kind, answer): many for kind, answer, many in seen.order_by().values_list("kind", "said").annotate(Count("pk"))
    }
    answers = {**oversight.ADOPTED, WAITING: "待反馈"}
    rows: Cells = []
    behind: list[list[str]] = []
    for code, words in oversight.ADVICE.items():
        given = {answer: found.get((code, answer), 0) for answer in answers}
        rows.append([f"{words}建议", sum(given.values()), *given.values()])
        behind.append(
            [
                "",
                _in_ledger(ADVICES, cut, kind=code),
                *(_in_ledger(ADVICES, cut, kind=code, said=one) for one in answers),
            ]
        )
    total = sum(found.values())
    adopted = sum(many for (_, answer), many in found.items() if answer in ("whole", "part"))
    said = (
        f"提出改进工作、完善政策、追究责任建议{total}件，采纳或者部分采纳{adopted}件。"
        if total
        else "本期没有提出三项建议。"
    )
    return Part(
        "三、提出改进工作、完善政策、追究责任建议以及被采纳情况",
        [Paragraph("advice", said)],
        [Table("三项建议", ["建议", "提出", *answers.values()], rows, behind=behind)],
    )


# --- 四、其他 ----------------------------------------------------------------------------------------------------------


def _other(actor: Actor, cut: Cut, kind: str) -> Part:
    assert cut.first is not None
    rows = (
        reading.visible_to(actor).filter(raised_on__gte=cut.first, raised_on__lte=cut.last).order_by("raised_on", "pk")
    )
    shown = list(rows)
    listed: Cells = [[reading.name_of(row), row.count, Pattern.State(row.state).label] for row in shown]
    behind = [["", f"pattern/{row.ref}", ""] for row in shown]
    said = (
        f"苗头预警{len(shown)}条，都是问题、地点、单位和项目的增长，不涉及任何人。" if listed else "本期没有苗头预警。"
    )
    tables = [Table("苗头性、倾向性问题", ["问题", "件数", "处置"], listed, behind=behind)] if listed else []
    if kind == "annual":
        tables.append(_sealed(access.unit_of(actor), cut.first.year))
    return Part("四、其他应当报告的事项", [Paragraph("other", said), Paragraph("more", "")], tables)


def _sealed(office: int, year: int) -> Table:
    """The one number that the named recipients give an office for a year; nobody types it, and there is nothing behind it."""
    given = YearTotal.objects.filter(office=office, year=year).values_list("count", flat=True).first()
    said = "专门受理人员尚未提供" if given is None else given
    return Table(
        "检举控告", ["项目", "件数"], [["收到检举控告", said]], 0, "由专门受理人员提供的年度总数，不分类、不分单位。"
    )


def _change(now: int, before: int) -> str:
    if not before:
        return "—"
    share = (now - before) / before
    return "持平" if now == before else f"{'上升' if share > 0 else '下降'}{abs(share):.1%}"


def _span(cut: Cut) -> str:
    assert cut.first is not None
    assert cut.last is not None
    return (
        f"{cut.first.year}年{cut.first.month}月{cut.first.day}日至{cut.last.year}年{cut.last.month}月{cut.last.day}日"
    )


__all__ = ["NOT_RANKED", "Contents", "Paragraph", "Part", "Table", "drafted", "title_of"]
