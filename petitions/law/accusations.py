"""The road of a report-accusation (检举控告类, Art.30): its states, its steps and its papers.  Rows beside the table, not in it.

They stand apart because the matters they govern do: nothing of the open table is ever asked about a sealed one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_KEEP, _END = "第三十条（归档：《档案法》第十四条）", "第三十条（销毁：《档案法》第二十一条）"
_SORT, _TELL, _GUARD = "第二十二条、第三十条", "第二十三条、第三十条", "第三十条、第四十六条第五项"

STATES: Mapping[str, str] = {
    "received": "待甄别", "examined": "待转送、呈报", "reported": "已呈报", "transferred": "已转送", "resulted": "已有结果",
    "answered": "已答复", "closed": "已了结", "archived": "已归档", "doomed": "待另一人决定销毁", "destroyed": "档案已销毁",
}  # fmt: skip
ARCHIVE = ("archived", "doomed", "destroyed")
OPEN = tuple(state for state in STATES if state not in ("closed", *ARCHIVE))
_THERE = tuple(state for state in STATES if state != "destroyed")

# Where the law of the open table has the limit, the same row of it counts here (with what a local rule makes of it).
CLOCKS: Mapping[str, tuple[str, str]] = {
    "S1": ("转送、呈报", "T1"),
    "S2": ("接收机关告知是否接收", "T3"),
    "S3": ("答复实名检举控告人", ""),
    "S4": ("了解办理结果", ""),
}
ANSWER_DAYS = 15  # S3: the law gives no number of days (Art.30 leaves it to the bodies' own rules)
ANSWER_RULE = "第三十条（条例没有规定天数，系统默认）"
# S4 reminds the room to ask what became of it; it binds nobody outside: Art.30 leaves the time to the competent bodies.
REMIND_DAYS = 60
REMIND_RULE = "第三十条（条例没有规定天数，系统默认；只提醒专门受理人员）"
HOUSE: Mapping[str, tuple[int, str]] = {"S3": (ANSWER_DAYS, ANSWER_RULE), "S4": (REMIND_DAYS, REMIND_RULE)}


@dataclass(frozen=True)
class GuardedStep:
    """One step on the road of a sealed report.

    Attributes:
        to: the state it leads to; empty = unchanged.
        stops, cancels, starts: clocks of ``CLOCKS``.
        resumes: clocks that go on under the first due day they had, so that a return buys nobody time.
        guarded: it hands something of the report to a body or a person, and so never to the accused unit or one below it.
    """

    code: str
    label: str
    from_: tuple[str, ...]
    to: str
    article: str
    stops: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    paper: str = ""
    hint: str = ""
    secondary: bool = False
    guarded: bool = False


# fmt: off
ROWS: tuple[GuardedStep, ...] = (
    GuardedStep("examine", "甄别", ("received", "examined"), "examined", _SORT,
                hint="写明被反映的人和单位、归谁管。被反映的单位和它的下级从此收不到这件材料。"),
    GuardedStep("transfer", "转送有权处理的机关", ("examined", "reported"), "transferred", _SORT, stops=("S1",), cancels=("S4",),
                starts=("S2",), paper="letter", guarded=True,
                hint="按干部管理权限转送纪检监察机关或者有权处理的机关；不得转给被反映的单位和它的下级。"),
    GuardedStep("report", "呈报负责同志", ("examined", "reported"), "reported", "第二十二条第一款、第三十条第二款", stops=("S1",),
                starts=("S4",), paper="report", guarded=True,
                hint="重大情况向党委主要负责同志和分管组织（人事）工作的负责同志各报送一次。归纪检监察机关的，呈报不代替转送，15日照常计算。"),
    GuardedStep("report_on", "继续呈报", ("transferred", "resulted", "answered"), "", "第三十条第二款", paper="report", guarded=True,
                secondary=True),
    GuardedStep("inform", "通报组织（人事）部门", ("examined", "reported", "transferred", "resulted", "answered"), "", "第三十条第二款",
                paper="inform", guarded=True, secondary=True, hint="反映干部问题的，按照干部管理权限通报。"),
    GuardedStep("taken_over", "记录对方已接收", ("transferred",), "", _TELL, stops=("S2",), starts=("S4",)),
    GuardedStep("urge", "记录催问", ("reported", "transferred"), "", "第三十条第一款（办理和反馈）", stops=("S4",), starts=("S4",), secondary=True,
                hint="向接收机关或者负责同志了解办到哪一步；记下以后，从今天起重新提醒。"),
    GuardedStep("returned", "记录退回", ("transferred",), "examined", _SORT, cancels=("S2", "S4"), resumes=("S1",), secondary=True,
                hint="接收机关认为不归它管的：重新转送，转送期限仍是原来的日期。"),
    GuardedStep("result", "记录办理结果", ("reported", "transferred"), "resulted", "第三十条第一款", stops=("S2", "S4"), starts=("S3",),
                hint="有权处理的机关反馈的结果；实名的，接下来要答复本人。"),
    GuardedStep("answer", "答复检举控告人", ("resulted",), "answered", "第三十条第一款", stops=("S3",), paper="reply",
                hint="一人一次，实名的每一位都要答复。当面或者电话答复最稳妥；书面答复里不要写被反映的人和单位。"),
    GuardedStep("close", "了结", ("resulted", "answered"), "closed", "第三十条第一款、第二款", cancels=("S2", "S3", "S4")),
    GuardedStep("file_away", "存查", ("examined", "reported"), "closed", _SORT, stops=("S1",), cancels=("S4",), secondary=True,
                hint="没有可查线索的：由甄别人以外的另一名专门受理人员决定，并写明理由。"),
    GuardedStep("add_material", "补充材料", (*OPEN, "closed"), "", "第三十条第一款", secondary=True,
                hint="检举控告人后来补交的、接收机关书面反馈的：文件和说明，和原来的附件一样加密，一起销毁。"),
    GuardedStep("serve", "记录答复函送达", (*OPEN, "closed"), "", "第三十条第一款（书面反馈）", secondary=True,
                hint="签收的写明签收人；拒收的写明见证人。"),
    GuardedStep("void", "作废文书", OPEN, "", "第三十条（文书管理）", secondary=True,
                hint="发错的文书：文号保留，不再使用，已经发出的请收回。答复函作废以后，要重新答复本人。有了办理结果的，转送函不再作废。"),
    GuardedStep("amend_about", "更正被反映的人和单位", _THERE, "", _GUARD, secondary=True,
                hint="办理中又发现别的人、别的单位的，随时补上：从此看不到、也收不到这件材料。以前写的留在办理经过里。"),
    GuardedStep("namesake", "写明是同名的另一人", _THERE, "", _GUARD, secondary=True,
                hint="与被反映的人同名的任职人员，核实是另一个人的，写明以后可以交给他任职的单位；本人仍然看不到。"),
    GuardedStep("recuse", "我应当回避", _THERE, "", "第二十八条", secondary=True,
                hint="与这件事有利害关系的，从此看不到它；由其他专门受理人员接着办。"),
    GuardedStep("archive", "归档", ("closed",), "archived", _KEEP, hint="案卷留在这里，不进普通档案室，也不进普通档案的目录和提醒。"),
    GuardedStep("keep_longer", "延长保管期限", ("archived",), "", _KEEP, secondary=True, hint="鉴定后仍有保存价值的；只能延长，不能缩短。"),
    GuardedStep("propose_destruction", "提出销毁", ("archived",), "doomed", _END, secondary=True,
                hint="保管期满、鉴定没有继续保存价值的；由名单上的另一人决定。"),
    GuardedStep("keep", "不予销毁", ("doomed",), "archived", _END, secondary=True),
    GuardedStep("destroy", "同意销毁", ("doomed",), "destroyed", _END, secondary=True,
                hint="密钥、内容、附件立即销毁，不能恢复；只留编号、日期和经手人。提出的人不能自己决定。"),
)
# fmt: on
STEPS: Mapping[str, GuardedStep] = {step.code: step for step in ROWS}

# What is written down beside the steps.
EVENTS: Mapping[str, str] = {
    "receive": "登记", "hand_in": "由窗口转入", "move_in": "由已登记的信访件转入", "refused": "拒绝转给被反映的单位",
    "exported": "提供给巡视巡察机构",
}  # fmt: skip


@dataclass(frozen=True)
class GuardedPaper:
    """A paper of a sealed report: its number begins with its matter's and is of no series that others share."""

    code: str
    title: str
    mark: str
    article: str


PAPERS: Mapping[str, GuardedPaper] = {
    paper.code: paper
    for paper in (
        GuardedPaper("letter", "转送函", "转", _GUARD),
        GuardedPaper("report", "呈报件", "呈", _GUARD),
        GuardedPaper("inform", "情况通报函", "通", _GUARD),
        GuardedPaper("reply", "答复函", "复", "第三十条第一款"),
    )
}
# Why a file is not worth keeping: chosen, because words of one's own would be the one thing left to read.
WORTHLESS: Mapping[str, str] = {
    "settled": "事项已经办结，没有继续查考的价值", "unfounded": "线索不可查，没有继续查考的价值", "copied": "有权处理的机关保存有完整案卷",
}  # fmt: skip
# Art.23 ¶4: how these tell that they took it is for their own rules, not for the fifteen days of ¶3.
BY_OWN_RULES = frozenset({"discipline", "judicial"})
PARAGRAPHS: Mapping[str, str] = {"S2": "第三款"}  # of the article that the row of the open table names
REMITS: Mapping[str, str] = {
    "discipline": "纪检监察机关", "organisation": "组织（人事）部门", "judicial": "公安、检察、审判机关", "other": "其他有权处理的机关",
}  # fmt: skip
# To whom a grave report goes (Art.30 ¶2): each of the two is named on the list, and neither sees the room by that.
LEADERS: Mapping[str, str] = {"party": "党委主要负责同志", "cadres": "分管组织（人事）工作的负责同志"}
DUTIES: Mapping[str, str] = {"handle": "专门受理", "audit": "查看记录", **LEADERS}


def label_of(code: str) -> str:
    """The words for an event's code."""
    return STEPS[code].label if code in STEPS else EVENTS.get(code, code)
