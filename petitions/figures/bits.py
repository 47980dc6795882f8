"""What can be true of a fact?  One bit each, and the measures that are counted: which bits must be set, and which not.

Pure data.  A number on a page, the list behind it and the totals all ask the same question: ``bits & mask = want``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag, auto
from hashlib import sha256

from petitions.lifecycle import LONG_DAYS


class Bit(IntFlag):
    """What is true of a fact on a day.

    The four answers about a duty (``ROUTE``, ``NOTIFY``, ``REPLY``) exclude one another: done in time, done late, not
    done although due, not due yet; none of them where the duty does not exist.
    """

    MATTER = auto()  # the filing that opened a matter of its own; the others are repeats
    REPEAT = auto()  # a repeat, or one that was put under another matter
    CLAIM = auto()  # 申诉求决, not a suggestion
    JOINT = auto()
    CLOSED = auto()
    ROUTE_IN_TIME = auto()
    ROUTE_LATE = auto()
    ROUTE_OVERDUE = auto()
    ROUTE_WAITS = auto()
    NOTIFY_IN_TIME = auto()
    NOTIFY_LATE = auto()
    NOTIFY_OVERDUE = auto()
    NOTIFY_WAITS = auto()
    REPLY_IN_TIME = auto()
    REPLY_LATE = auto()
    REPLY_OVERDUE = auto()
    REPLY_WAITS = auto()
    RATEABLE = auto()  # by the petitioner, of this capacity
    RATED = auto()
    CONTENT = auto()  # rated 满意 or 基本满意
    DISCONTENT = auto()
    UNRATED = auto()  # RATING_DAYS have passed without a rating
    AGAIN = auto()  # a repeat came
    AGAIN_AFTER = auto()  # a repeat came after closure
    CONTACTED = auto()  # whoever handles it has spoken with the petitioner
    LONG = auto()  # open, or was until closed, for longer than LONG_DAYS
    RESOLVED = auto()  # found settled (化解)
    SPONSORED = auto()
    STOCK = auto()  # came before this year and was open when it began
    TRANSFERRED = auto()
    ASSIGNED = auto()
    SUPERVISED = auto()
    EXTENDED = auto()
    OPINION = auto()  # closed by an opinion
    OVERDUE = auto()  # any of the three duties is overdue now
    NOTIFIED = auto()
    REPLIED = auto()


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
    )
}  # fmt: skip
PLACES: Mapping[str, int] = {code: place for place, code in enumerate(MEASURES, start=1)}  # as SQL counts
VERSION = sha256(repr([(one, RATING_DAYS, LONG_DAYS) for one in MEASURES.values()]).encode()).hexdigest()[:16]
