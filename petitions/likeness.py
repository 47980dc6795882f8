"""Do two texts speak of the same trouble, and what do both say?  Pure functions of two texts and the weights of words.

A word is one of the index's: two neighbouring characters, or an ASCII word (petitions.search_words).  Its weight says how
few matters of the record hold it.  Texts are compared, never people.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from petitions import search_words

COMPARED = 600  # characters of a text that are compared
FEWEST = 5  # words that a text must have before it is compared
# Share of the shorter text's weight that both must hold: ALIKE, and more where the text is short (of 40 words a third).
# Where both name a place or project, ALIKE_HERE is enough, and the matter counts as nearer by NEARER.
ALIKE, SHORT, MOST = 0.18, 7.0, 0.4
ALIKE_HERE, NEARER = 0.05, 0.15
LEAST = 30.0  # weight that both must hold, so that one odd word in a short text is no likeness
# Weight that the rarest word of a name must have (one in 700 holds it; in a young record three fifths of the highest
# weight there is): what many speak of is no particular place.
NAMED, NAMED_YOUNG = 6.5, 0.6
LESS = 2.0  # so much less must the rarest word before its ending have: 请问学校 is no school's name
EVERYDAY = 3.9  # weight below which a word (one in 50 holds it) is no part of a name
SHOWN = 3  # phrases that a reason quotes
LONGEST_SHOWN = 12  # characters of a phrase that a reason quotes
LONGEST_NAME = 12
LONGEST_BEFORE = 10  # characters of a name before its ending
SHORTEST_NUMBER = 5  # digits of a number that may be a contract's, and not only a house's or a group's

# What a place or project ends with; a word of every day that ends so is none (公路, 政府 and the like).
_PLACES = (
    "小区|花园|家园|新村|新城|社区|公寓|大厦|广场|大道|大桥|[小中大]学|学院|学校|幼儿园|医院|市场|菜场|工业园|园区|公园|水库|车站|山庄|庄园|"
    "(?<![农乡全各本])村(?![民委里干支庄级务])|苑|巷|弄|(?<![公马道线铁水思网出一走小电门])路(?![灯口面边段])|(?<![过上逛沿临])街(?!道)"
)
_PROJECTS = "工程|项目|公司|集团|工厂|(?<![建药])厂(?![房家长])|楼盘|安置房|号线|高速|铁路|合作社|置业|物业|地产|酒店|超市|驾校|银行"
# What a firm's name says of its trade and kind: many firms have the same, so that it is no part of what tells them apart.
_TRADES = (
    "物业|置业|地产|房地产|房产|开发|服务|管理|科技|技术|建设|建筑|建工|工程|安装|装饰|装修|装潢|园林|绿化|市政|路桥|路政|交通|水利|"
    "水务|供水|供电|电力|燃气|天然气|热力|环境|环保|保洁|能源|新能源|光伏|贸易|商贸|商业|实业|工贸|进出口|投资|控股|资产|融资|担保|"
    "金融|信息|网络|软件|电子|电器|机械|机电|设备|仪器|材料|建材|水泥|混凝土|钢铁|金属|化工|塑料|塑胶|橡胶|纸业|印刷|包装|纺织|服装|"
    "服饰|针织|制衣|鞋业|家具|家居|木业|玻璃|水晶|工艺|制造|制品|加工|生产|食品|饮料|酒业|农业|林业|牧业|养殖|种植|粮油|生物|医药|药业|"
    "医疗|健康|养老|家政|教育|培训|文化|传媒|广告|旅游|酒店|餐饮|体育|健身|汽车|汽贸|销售|出租|客运|货运|运输|物流|快递|公交|劳务|"
    "派遣|人力|资源|人力资源|咨询|法律|测绘|设计|勘察|监理|检测|评估|拍卖|典当|保险|代理|经纪|中介|租赁|保安|安保|经营|发展|产业|集团|股份|"
    "(?<=[县市区])城投|和|与|及"
)
_FIRM = f"(?:{_TRADES})*有限(?:责任)?公司"
_ENDS = re.compile(f"(?P<firm>{_FIRM})|(?P<project>{_PROJECTS})|(?P<place>{_PLACES})")
_TRADE = re.compile(_TRADES)
# What stands before a name and is no part of it.
_BEFORE = re.compile(
    "和(?![平谐顺美])|[我们的在位于住是与及对到该本一这那为请了被把就等县市区镇乡因给让找跟个您你他她它以]"
)
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Name:
    """A place or project that both texts name; ``kind`` is "place" or "project"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Likeness:
    """How much two texts share: ``share`` of the shorter one's weight, the names and the phrases in both, rarest first."""

    share: float
    names: tuple[Name, ...]
    phrases: tuple[str, ...]

    @property
    def nearness(self) -> float:
        """What the nearest are told by: the share, and more where both name a place or project."""
        return self.share + (NEARER if self.names else 0.0)


def words_in(text: str) -> list[str]:
    """Return the words a text is compared by, each once; numbers of houses and groups say nothing."""
    return [word for word in dict.fromkeys(search_words.bigrams(text[:COMPARED])) if not _is_house_number(word)]


def _is_house_number(word: str) -> bool:
    return len(word) < SHORTEST_NUMBER and word.isascii() and (word.isdigit() or len(word) < 2)


def likeness(
    text: str, other: str, weights: Mapping[str, float], *, named: float = NAMED, same_place: str = ""
) -> Likeness | None:
    """Return what ``other`` has in common with ``text``, ``None`` where that is too little to speak of.

    Args:
        weights: of the words of ``text`` that say something; others count for nothing.
        named: weight that the rarest word of a name must have.
        same_place: the written place of both matters, where it is the same.
    """
    text, other = text[:COMPARED].lower(), other[: 2 * COMPARED].lower()
    theirs = frozenset(search_words.bigrams(other))
    both = weights.keys() & theirs
    held = sum(weights[word] for word in both)
    share = held / _least_whole(weights, len(theirs))
    if (held < LEAST or share < ALIKE_HERE) and not (same_place and held):
        return None
    names = _names(text, other, weights, named)
    if same_place and not any(same_place in name.text for name in names):
        names = (Name("place", same_place), *(name for name in names if name.text not in same_place))
    if not names and share < min(MOST, ALIKE + SHORT / max(len(weights), 1)):
        return None
    phrases = _phrases(text, other, weights, names)
    return Likeness(share, names, phrases) if names or phrases else None


def _least_whole(weights: Mapping[str, float], others: int) -> float:
    """The weight of the shorter text; the other's words are taken to weigh as ours do."""
    whole = sum(weights.values())
    return min(whole, whole * others / max(len(weights), 1)) or 1.0


def _names(text: str, other: str, weights: Mapping[str, float], named: float) -> tuple[Name, ...]:
    """The places and projects named in both: the longest stretch before a word like 小区 or 公司 that both have."""
    found: dict[str, tuple[float, str]] = {}
    for end in _ENDS.finditer(text):
        last = _last(end, other)
        first = _start(text, end.start(), last, other, weights)
        name = text[first:last]
        weight = _rarest(name, weights)
        if weight >= named and _rarest(text[first : end.start()], weights) >= named - LESS:
            found[name] = (weight, "place" if end.lastgroup == "place" else "project")
    best = sorted(found, key=lambda name: (-len(name), -found[name][0]))
    kept = [name for place, name in enumerate(best) if not any(name in longer for longer in best[:place])]
    kept.sort(key=lambda name: -found[name][0])
    return tuple(Name(found[name][1], name) for name in kept)


def _last(end: re.Match[str], other: str) -> int:
    """Where the name ends that ``end`` was found for: a firm's is seldom written out, so that one trade of it is enough."""
    text, stop = end.string, end.end()
    if end.lastgroup != "firm" or text[end.start() - 1 : stop] in other:
        return stop
    stops, at = list[int](), end.start()
    while trade := _TRADE.match(text, at):
        at = trade.end()
        stops.append(at)
    return next((at for at in reversed(stops) if text[end.start() - 1 : at] in other), stop)


def _rarest(text: str, weights: Mapping[str, float]) -> float:
    return max((weights.get(a + b, 0.0) for a, b in pairwise(text)), default=0.0)


def _start(text: str, start: int, end: int, other: str, weights: Mapping[str, float]) -> int:
    """Where the name begins that ends at ``end``: as far back as both texts agree and no word of every day stands."""
    first = start
    while first > max(0, start - LONGEST_BEFORE) and _HAN.match(text, first - 1) and text[first - 1 : end] in other:
        if start - first > 2 and weights.get(text[first - 1 : first + 1], 0.0) < EVERYDAY:
            return first + 1  # its last character belongs to that word too
        first -= 1
    while start - first > 2 and _BEFORE.match(text, first):
        first += 1
    return first


def _phrases(text: str, other: str, weights: Mapping[str, float], names: Sequence[Name]) -> tuple[str, ...]:
    """The stretches of ``text`` that stand in ``other`` too, the rarest first; two characters alone say nothing."""
    found = {word: weight for word, weight in weights.items() if word.isascii() and word in other}
    start = 0
    for end in range(1, len(text) + 1):
        pair = text[end - 1 : end + 1]
        if end == len(text) or not pair.strip().isalnum() or len(pair.strip()) < 2 or pair not in other:
            for phrase in _without(_standing(text[start:end], other), names):
                found[phrase] = sum(weights.get(a + b, 0.0) for a, b in pairwise(phrase))
            start = end
    return tuple(sorted((phrase for phrase in found if found[phrase]), key=lambda phrase: -found[phrase]))


def _without(phrase: str, names: Sequence[Name]) -> Iterator[str]:
    """What is left of a phrase beside the names in it; a part of a name is no phrase of its own."""
    parts = [phrase]
    for name in names:
        parts = [part for whole in parts for part in whole.split(name.text) if part not in name.text]
    yield from (part for part in parts if len(part) > 2)


def _standing(phrase: str, other: str) -> str:
    """The longest beginning of ``phrase`` that stands in ``other`` as it is: neighbouring pairs may stand apart there."""
    phrase = phrase[: LONGEST_NAME + LONGEST_SHOWN]
    while phrase and phrase not in other:
        phrase = phrase[:-1]
    return phrase


# What a written place begins with before the project's own name: the town, the village, the road it lies in or at.
_ABOVE = re.compile(r".*?(?:街道|社区|[省市县镇乡村]|\d+号)(?=[\u3400-\u9fff]{2})")
_STEM = 2  # characters that a project's name has at least before its kind


def project_in(place: str) -> str:
    """The project that a written place names, without what it lies in and without houses; empty where it names none.

    One text alone is read, so that every matter of a project has the same name for it: 檀溪镇滨江安置房3幢 and 滨江安置房
    are both 滨江安置房.
    """
    text = "".join(place.split()).lower()
    above = 0
    while found := _ABOVE.match(text, above):
        above = found.end()
    for end in _ENDS.finditer(text, above):
        if end.lastgroup != "place" and len(name := text[above : end.end()]) >= _STEM + len(end.group()):
            return name
    return ""


def reason(found: Likeness, *, same_region: bool = False) -> str:
    """Return why a matter is shown, in the words that both texts have."""
    said = [f"同一{'地点' if kind == 'place' else '项目'}：{_quoted(found, kind)}" for kind in _kinds(found)]
    if same_region and "place" not in _kinds(found):
        said.insert(0, "同一属地")
    if found.phrases:
        said.append(f"文字相近：都写到{''.join(f'“{phrase[:LONGEST_SHOWN]}”' for phrase in found.phrases[:SHOWN])}")
    return "；".join(said)


def _kinds(found: Likeness) -> list[str]:
    return [kind for kind in ("place", "project") if any(name.kind == kind for name in found.names)]


def _quoted(found: Likeness, kind: str) -> str:
    return "".join(f"“{name.text}”" for name in found.names if name.kind == kind) if kind else ""


# --- whether a text says anything new ---------------------------------------------------------------------------------

# A stretch of so many pairs of neighbours that did not stand there before is a statement of its own; of a short text this
# share of it is enough.
NEW_STRETCH, NEW_SHARE = 8, 0.3
_NUMERAL = "零〇一二两三四五六七八九十百千万亿"
_NTH = "第[一二三四五六七八九十百千零〇0-9]+"
_CITED = re.compile(rf"《[^》]+》|[〔\[]\d{{4}}[〕\]]第?\d+号|{_NTH}[条款项]")
_PARAGRAPH = re.compile(rf"{_NTH}条{_NTH}[款项](?:{_NTH}项)?")
# A number with the unit that it is of, and no part of a date, an hour or an article: an area, a sum, a count.  One numeral
# alone is a number only before a unit or in a share: 统一 and 三农 count nothing.
_UNIT = "[亩分厘公顷平米吨斤元角万亿千百户人名间栋套幢层次个件倍%％]"
_FIGURE = re.compile(
    rf"(?<!\d)(?<!\d\.)(?<![时点])\d++(?:\.\d++)?+(?![\d.]*\s*[年月日号条款项时])\s*{_UNIT}?"
    rf"|(?<![{_NUMERAL}])(?:[{_NUMERAL}]++分之[{_NUMERAL}]++"
    rf"|[{_NUMERAL}]{{2,}}+(?!\s*[年月日号条款项时])\s*{_UNIT}?"
    rf"|[{_NUMERAL}]\s*[亩元户间栋套幢])"
)
# What is denied: the two characters after a negation and what belongs to it (没有及时 and 未能及时 both deny 及时).
_DENIED = re.compile("[不未没无非否](?:能够|得以|[有能曾])?(?=(..?))")


def says_nothing_new(text: str, before: str) -> bool:
    """Whether ``text`` repeats ``before``: no other figure, no other law cited, nothing denied that was said or the other way
    round, and no stretch of new wording.

    Leaving out, putting in another order and moving punctuation say nothing new; nor do words exchanged here and there.
    Where it is in doubt, the text is taken to say something new.
    """
    if any(_found(kind, text) - _found(kind, before) for kind in (_CITED, _PARAGRAPH, _FIGURE)):
        return False
    text, before = bare(text), bare(before)
    if _turned_round(text, before):
        return False
    pairs, known = list(pairwise(text)), set(pairwise(before))
    longest = max((len(list(run)) for fresh, run in groupby(pair not in known for pair in pairs) if fresh), default=0)
    return longest < max(1.0, min(NEW_STRETCH, NEW_SHARE * len(pairs)))


def _found(kind: re.Pattern[str], text: str) -> set[str]:
    return {"".join(found.split()) for found in kind.findall(text)}


def _turned_round(text: str, before: str) -> bool:
    """Whether ``text`` denies what ``before`` says, says what it denies, or denies something more."""
    now, then = Counter(_DENIED.findall(text)), Counter(_DENIED.findall(before))
    added = now.keys() - then.keys()
    more = now.total() > then.total() and bool(added)
    denies = any(word in before for word in added)
    says = any(
        now[word] < many and text.count(word) - now[word] > before.count(word) - many for word, many in then.items()
    )
    return more or denies or says


def bare(text: str) -> str:
    """Words without spaces and punctuation: moving a comma makes no new reason."""
    return "".join(mark for mark in text if mark.isalnum())


__all__ = ["Likeness", "Name", "bare", "likeness", "project_in", "reason", "says_nothing_new", "words_in"]
