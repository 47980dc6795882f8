"""Which indicators are there, and how is each reckoned?  Frozen formulas with their sources (domain.md §4.3).

A formula that is changed is a new row with a new code, version and day; an old one stays, for the figures that were
given by it.  Where the field has two readings, both are here, and an administrator chooses (`chosen`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from petitions.figures.bits import MEASURES, RATING_DAYS
from petitions.figures.derive import BODY, OFFICE
from petitions.lifecycle import LONG_DAYS
from petitions.models.figures import FigureChoice

_SINCE = date(2026, 11, 26)
_CLAIMS = date(2026, 12, 1)  # what is cleared is reckoned of claims, as the field names it (domain.md §4.3)


@dataclass(frozen=True)
class Formula:
    """One frozen way to reckon an indicator.

    Attributes:
        above, below: measures of the numerator and the denominator; ``below`` empty: a plain count.
        unit: ``%``, ``件`` or ``日`` (a mean of days).
        exclusions: what is in neither, in words.
        capacities: for whom it is reckoned.
        high: whether a higher value is the better one; ``None`` where neither is.
    """

    code: str
    indicator: str
    name: str
    above: tuple[str, ...]
    below: tuple[str, ...] = ()
    unit: str = "%"
    source: str = ""
    exclusions: tuple[str, ...] = ()
    capacities: tuple[str, ...] = (OFFICE, BODY)
    reading: str = ""
    high: bool | None = True
    standing: bool = False  # about what stands now, whatever the period
    version: int = 1
    valid_from: date = _SINCE
    until: date | None = None  # the day from which another version stands in its place

    @property
    def digest(self) -> str:
        """What it reckons, in twelve digits: whatever changes them is another formula, with a code and a version of its own."""
        counted = [MEASURES[code].key for code in self.measures]
        said = (
            self.code,
            self.indicator,
            self.above,
            self.below,
            self.unit,
            self.capacities,
            self.standing,
            self.version,
        )
        return sha256(repr((said, counted)).encode()).hexdigest()[:12]

    @property
    def measures(self) -> tuple[str, ...]:
        """Everything that is counted for it."""
        return (*self.above, *self.below)

    @property
    def above_words(self) -> str:
        """The numerator in words."""
        return self.words("above")

    @property
    def below_words(self) -> str:
        """The denominator in words."""
        return self.words("below")

    def words(self, part: str) -> str:
        """The numerator (``above``) or denominator (``below``) in words."""
        return " ＋ ".join(MEASURES[code].label for code in (self.above if part == "above" else self.below))


_NOT_DUE = "期限未到、尚未完成的（未到期）"
_NO_CLOCK = "没有这项期限的（如已导入其他法定途径、信访部门直接答复、建议意见）"
_RATED = ("依法导入其他途径、转政法机关、并件等不列入评价的", "检举控告类（不进入本系统的统计）")
_REPLIED = ("reply_in_time", "reply_late", "reply_overdue")

FORMULAS: Mapping[str, Formula] = {
    one.code: one
    for one in (
        Formula("filings", "filings", "信访总量", ("filings",), unit="件", high=None, source="《信访工作条例》第四十一条第一项"),
        Formula("matters", "matters", "信访事项", ("matters",), unit="件", high=None, source="《信访工作条例》第四十一条第一项",
                exclusions=("并入其他事项的",)),
        Formula("open", "open", "未办结", ("open",), standing=True, unit="件", high=None, source="《信访工作条例》第三十四条"),
        Formula("overdue", "overdue", "超期未办", ("overdue",), standing=True, unit="件", high=False, source="《信访工作条例》第二十二条、第二十三条、第三十四条"),
        Formula("closed", "closed", "已办结", ("closed",), unit="件", high=None, source="《信访工作条例》第四十一条第一项"),
        Formula("route_in_time", "route_in_time", "及时受理率", ("route_in_time",), ("route_in_time", "route_late", "route_overdue"),
                source="《信访工作条例》第二十二条（15日内转送、交办）；口径：在用产品（及时＋超期受理＋超期未受理）",
                exclusions=(_NOT_DUE,), capacities=(OFFICE,)),
        Formula("notify_in_time", "notify_in_time", "按期受理告知率", ("notify_in_time",), ("notify_in_time", "notify_late", "notify_overdue"),
                source="《信访工作条例》第二十三条（15日内告知是否受理）；口径：在用产品", exclusions=(_NOT_DUE, "已退回的")),
        Formula("reply_due", "reply_in_time", "按期答复率", ("reply_in_time",), _REPLIED,
                source="《信访工作条例》第三十四条（60日，延长不超过30日）；口径：按期 ÷ 应答复", exclusions=(_NOT_DUE, _NO_CLOCK),
                reading="不计未到期的"),
        Formula("reply_all", "reply_in_time", "按期答复率", ("reply_in_time",), (*_REPLIED, "reply_waits"),
                source="《信访工作条例》第三十四条；口径：按期 ÷（按期＋超期答复＋未到期＋超期未答复）", exclusions=(_NO_CLOCK,),
                reading="未到期的计入分母"),
        Formula("content_of_rated", "content", "群众满意率", ("content",), ("rated",),
                source="《信访工作条例》第二十一条；口径：（满意＋基本满意）÷ 参评", exclusions=("没有评价的", *_RATED), reading="以参评为分母"),
        Formula("content_with_unrated", "content", "群众满意率", ("content", "unrated"), ("rated", "unrated"),
                source=f"在用产品的另一口径：超期未评视为满意；超期未评指认定办结或答复后{RATING_DAYS}日没有评价（天数为本系统设定，国家未见规定）",
                exclusions=("评价期内还没有评价的", *_RATED), reading="超期未评视为满意"),
        Formula("rated", "rated", "参评率", ("rated",), ("rateable",), source="口径：在用产品（满意＋基本满意＋不满意）÷ 可评价", exclusions=_RATED),
        Formula("rated_content_apart", "rated_content", "参评群众满意率", ("content",), ("rated",),
                source="四川达川区考核细则：与参评率分别计分", exclusions=("没有评价的", *_RATED), reading="与参评率分列"),
        Formula("rated_content_product", "rated_content", "参评群众满意率", ("content",), ("rateable",),
                source="在用产品：参评率 × 满意率", exclusions=_RATED, reading="参评率乘满意率"),
        Formula("settled_first", "settled_first", "一次性化解率", ("first_settled",), ("first_closed",),
                source="初次信访化解率（通行说法，未见全国文本）",
                exclusions=("建议意见类", "未办结的", "审核认定以后因新的事实、理由另行登记的新事项（不与原事项相连，系统不做人员比对）")),
        Formula("repeats_of_filings", "repeats", "重复信访率", ("repeats",), ("filings",), high=False,
                source="在用产品：重复件 ÷ 信访总量", exclusions=("另行登记为新事项的",), reading="重复件占信访件"),
        Formula("repeats_of_closed", "repeats", "重复信访率", ("closed_again",), ("matters_closed",), high=False,
                source="在用产品：再次来件的初次事项 ÷ 办结的初次事项（原字段含义不明，按字面）", exclusions=("未办结的",), reading="再次来件的事项占办结事项"),
        Formula("long_resolved", "long_resolved", "积案化解率", ("long_resolved",), ("long",),
                source=f"通行说法；国家没有积案年限，本系统以收到满{LONG_DAYS}日仍未办结（或办结用时超过）为积案", exclusions=("认定未化解、尚未认定的只在分母",)),
        Formula("contacted", "contacted", "初次联系率", ("contacted",), ("matters",),
                source="在用产品：已联系 ÷ 初次事项；已联系指有接谈调查或领导接访记录", exclusions=("并入其他事项的",)),
        Formula("notify_days", "notify_days", "平均受理周期", ("notify_days",), ("notified",), unit="日", high=False,
                source="在用产品：自收到信访件至告知是否受理的平均日数（日历日）；有权处理机关口径也自信访件收到之日起算，含转送、交办所用的日数",
                exclusions=("还没有告知的",)),
        Formula("reply_days", "reply_days", "平均答复周期", ("reply_days",), ("replied",), unit="日", high=False,
                source="在用产品：自受理至作出处理意见的平均日数（日历日）", exclusions=("还没有答复的", _NO_CLOCK)),
        Formula("sponsored_resolved", "sponsored_resolved", "领导包案化解率", ("sponsored_resolved",), ("sponsored",),
                source="《信访工作条例》第十八条；四川达川区考核细则（85%为地方要求）", exclusions=("没有认定化解的只在分母",)),
        Formula("stock_cleared", "stock_cleared", "减存量", ("stock_closed",), ("stock",),
                standing=True, source="“三项清单”（在用产品）：年初未办结的事项今年已办结的份额；不限时段", exclusions=("今年登记的",),
                until=_CLAIMS),
        Formula("stock_claims_cleared", "stock_cleared", "减存量", ("stock_claims_closed",), ("stock_claims",), standing=True,
                source="“三项清单”（在用产品）：年初未办结的申诉求决事项今年已办结的份额；不限时段", exclusions=("建议意见类", "今年登记的"),
                version=2, valid_from=_CLAIMS),
        Formula("inflow", "inflow", "控增量", ("claims",), unit="件", high=None,
                source="“三项清单”（在用产品）：时段内新登记的申诉求决事项", exclusions=("建议意见类", "重复件")),
        Formula("unsettled", "unsettled", "防变量", ("again",), ("matters",), high=False,
                source="“三项清单”只见名称；本系统取时段内事项中又来件的份额", exclusions=("并入其他事项的",)),
    )
}  # fmt: skip
INDICATORS: Mapping[str, tuple[Formula, ...]] = {
    code: tuple(one for one in FORMULAS.values() if one.indicator == code and one.until is None)
    for code in dict.fromkeys(one.indicator for one in FORMULAS.values())
}
RETIRED = tuple(one for one in FORMULAS.values() if one.until is not None)  # of figures that were given by them
# Indicators that the field knows and that are not reckoned here, with the reason: a dash in a table would look like a figure.
ABSENT: Mapping[str, str] = {
    "公开回复率": "在用产品以“已公开 ÷ 应公开”计算。《信访工作条例》没有规定答复一律公开，哪些“应公开”没有依据；答复要公开，须信访人同意并隐去个人信息。"
    "本系统不登记答复的公开，没有可以计数的记录，所以不计算，也不以估计代替。",
}
# What every formula leaves out.
NEVER = (
    "检举控告类事项单独封存，任何统计都不包含。",
    "不按到上级走访、到北京走访的次数统计或排名。",
    "不统计信访人个人，不对任何人打分；也没有由工作人员填写的满意度。",
)


def chosen() -> dict[str, Formula]:
    """The formula in use of each indicator: what an administrator chose last, else the first."""
    said = dict(FigureChoice.objects.order_by("pk").values_list("indicator", "formula"))
    return {
        code: next((one for one in readings if one.code == said.get(code)), readings[0])
        for code, readings in INDICATORS.items()
    }
