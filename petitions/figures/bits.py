"""What can be true of a fact?  One bit each, and the measures that are counted: which bits must be set, and which not.

Pure data.  A number on a page, the list behind it and the totals all ask the same question: ``bits & mask = want``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from hashlib import sha256

from petitions.lifecycle import LONG_DAYS


class Bit(IntFlag):
    """What is true of a fact on a day.

    The four answers about a duty (``ROUTE``, ``NOTIFY``, ``REPLY``) exclude one another: done in time, done late, not
    done although due, not due yet; none of them where the duty does not exist.

    The numbers lie in facts of days that are over: one that was given is never given to something else.
    """

    MATTER = 1 << 0  # the filing that opened a matter of its own; the others are repeats
    REPEAT = 1 << 1  # a repeat, or one that was put under another matter
    CLAIM = 1 << 2  # 申诉求决, not a suggestion
    JOINT = 1 << 3
    CLOSED = 1 << 4
    ROUTE_IN_TIME = 1 << 5
    ROUTE_LATE = 1 << 6
    ROUTE_OVERDUE = 1 << 7
    ROUTE_WAITS = 1 << 8
    NOTIFY_IN_TIME = 1 << 9
    NOTIFY_LATE = 1 << 10
    NOTIFY_OVERDUE = 1 << 11
    NOTIFY_WAITS = 1 << 12
    REPLY_IN_TIME = 1 << 13
    REPLY_LATE = 1 << 14
    REPLY_OVERDUE = 1 << 15
    REPLY_WAITS = 1 << 16
    RATEABLE = 1 << 17  # by the petitioner, of this capacity
    RATED = 1 << 18
    CONTENT = 1 << 19  # rated 满意 or 基本满意
    DISCONTENT = 1 << 20
    UNRATED = 1 << 21  # RATING_DAYS have passed without a rating
    AGAIN = 1 << 22  # a repeat came
    AGAIN_AFTER = 1 << 23  # a repeat came after closure
    CONTACTED = 1 << 24  # whoever handles it has spoken with the petitioner
    LONG = 1 << 25  # open, or was until closed, for longer than LONG_DAYS
    RESOLVED = 1 << 26  # found settled (化解)
    SPONSORED = 1 << 27
    STOCK = 1 << 28  # came before this year and was open when it began
    TRANSFERRED = 1 << 29
    ASSIGNED = 1 << 30
    SUPERVISED = 1 << 31
    EXTENDED = 1 << 32
    OPINION = 1 << 33  # closed by an opinion
    OVERDUE = 1 << 34  # any of the three duties is overdue now
    NOTIFIED = 1 << 35
    REPLIED = 1 << 36


RATING_DAYS = 30  # after closure was confirmed; the national window is not known (domain.md §10.15)


NONE = Bit(0)


@dataclass(frozen=True)
class Measure:
    """Something counted over facts.

    Attributes:
        sum_of: a column of days that is added up instead of counting.
    """

    code: str
    label: str
    want: Bit = NONE
    without: Bit = NONE
    sum_of: str = ""

    @property
    def mask(self) -> int:
        """The bits that are looked at."""
        return int(self.want | self.without)

    @property
    def key(self) -> tuple[str, int, int, str]:
        """What it counts, for whoever asks whether it is still the same."""
        return (self.code, int(self.want), int(self.without), self.sum_of)

    def holds(self, bits: int) -> bool:
        """Whether a fact with ``bits`` is counted."""
        return bits & self.mask == int(self.want)


def _duty(code: str, label: str, stem: str) -> tuple[Measure, ...]:
    names = (("in_time", "按期"), ("late", "逾期完成"), ("overdue", "逾期未完成"), ("waits", "未到期"))
    return tuple(Measure(f"{code}_{end}", f"{label}{word}", Bit[f"{stem}_{end.upper()}"]) for end, word in names)


MEASURES: Mapping[str, Measure] = {
    one.code: one
    for one in (
        Measure("filings", "信访件"),
        Measure("repeats", "重复件", Bit.REPEAT),
        Measure("matters", "信访事项", Bit.MATTER),
        Measure("claims", "申诉求决事项", Bit.MATTER | Bit.CLAIM),
        Measure("suggestions", "建议意见事项", Bit.MATTER, Bit.CLAIM),
        Measure("joint", "联名集体事项", Bit.MATTER | Bit.JOINT),
        Measure("closed", "已办结", Bit.MATTER | Bit.CLOSED),
        Measure("open", "未办结", Bit.MATTER, Bit.CLOSED),
        Measure("overdue", "超期未办", Bit.OVERDUE),
        *_duty("route", "转送交办告知", "ROUTE"),
        *_duty("notify", "受理告知", "NOTIFY"),
        *_duty("reply", "答复", "REPLY"),
        Measure("rateable", "可评价", Bit.RATEABLE),
        Measure("rated", "参评", Bit.RATED),
        Measure("content", "满意和基本满意", Bit.CONTENT),
        Measure("discontent", "不满意", Bit.DISCONTENT),
        Measure("unrated", "超期未评", Bit.UNRATED),
        Measure("first_closed", "初次求决事项已办结", Bit.MATTER | Bit.CLAIM | Bit.CLOSED),
        Measure("first_settled", "一次办结后未再来件且未评不满意", Bit.MATTER | Bit.CLAIM | Bit.CLOSED, Bit.AGAIN_AFTER | Bit.DISCONTENT),
        Measure("matters_closed", "初次事项已办结", Bit.MATTER | Bit.CLOSED),
        Measure("closed_again", "初次事项已办结又有重复件", Bit.MATTER | Bit.CLOSED | Bit.AGAIN),
        Measure("again", "有重复件的事项", Bit.MATTER | Bit.AGAIN),
        Measure("contacted", "已联系信访人", Bit.MATTER | Bit.CONTACTED),
        Measure("long", "积案", Bit.MATTER | Bit.LONG),
        Measure("long_resolved", "积案已化解", Bit.MATTER | Bit.LONG | Bit.RESOLVED),
        Measure("sponsored", "领导包案", Bit.MATTER | Bit.SPONSORED),
        Measure("sponsored_resolved", "领导包案已化解", Bit.MATTER | Bit.SPONSORED | Bit.RESOLVED),
        Measure("resolved", "已认定化解", Bit.MATTER | Bit.RESOLVED),
        Measure("stock", "年初存量", Bit.MATTER | Bit.STOCK),
        Measure("stock_closed", "年初存量已办结", Bit.MATTER | Bit.STOCK | Bit.CLOSED),
        Measure("transferred", "转送", Bit.MATTER | Bit.TRANSFERRED),
        Measure("assigned", "交办", Bit.MATTER | Bit.ASSIGNED),
        Measure("supervised", "督办", Bit.MATTER | Bit.SUPERVISED),
        Measure("extended", "延长办理期限", Bit.MATTER | Bit.EXTENDED),
        Measure("notify_days", "受理告知用时（日）", Bit.NOTIFIED, sum_of="notify_days"),
        Measure("notified", "已告知受理", Bit.NOTIFIED),
        Measure("reply_days", "答复用时（日）", Bit.REPLIED, sum_of="reply_days"),
        Measure("replied", "已答复", Bit.REPLIED),
        Measure("stock_claims", "年初未办结的申诉求决事项", Bit.MATTER | Bit.CLAIM | Bit.STOCK),
        Measure("stock_claims_closed", "年初未办结的申诉求决事项已办结", Bit.MATTER | Bit.CLAIM | Bit.STOCK | Bit.CLOSED),
    )
}  # fmt: skip
DERIVED = 1  # raised where `petitions.figures.derive` reads the record in another way: all facts are made again then
VERSION = sha256(repr([DERIVED, RATING_DAYS, LONG_DAYS, *(one.key for one in MEASURES.values())]).encode()).hexdigest()[
    :16
]
