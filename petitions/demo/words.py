"""What do invented petitions, papers and telephone notes say?  Our own words, matched to the contents of the county."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from accounts.models import Region
from petitions.demo.guard import table


@dataclass(frozen=True)
class Affair:
    """What may be petitioned about: one line of ``affairs.txt`` under the code of its content, or of ``suggestions.txt``."""

    category: str
    title: str
    story: str
    claims: tuple[str, ...]
    finding: str
    basis: str
    suggests: bool = False


@lru_cache(maxsize=1)
def affairs() -> tuple[Affair, ...]:
    """Every affair of the two tables: what is complained of, and what is suggested."""
    return (*_read("affairs.txt"), *_read("suggestions.txt", suggests=True))


def _read(name: str, *, suggests: bool = False) -> Iterator[Affair]:
    code = ""
    for row in table(name, 5):
        if len(row) == 1:
            code = row[0][:4]
            continue
        title, story, claims, finding, basis = row
        yield Affair(code, title, story, tuple(claims.split("；")), finding, basis, suggests)


@dataclass(frozen=True)
class Told:
    """An affair as one petitioner tells it of one place."""

    affair: Affair
    title: str
    content: str
    claims: tuple[str, ...]
    facts: str
    basis: str


_WHO = ("本人家住{p}", "我住在{t}{p}", "我今年{age}岁，住在{t}{p}", "我是{p}的住户", "我家在{p}，属{t}")
_TRIED = (
    "为这件事我找过村里{n}次，每次都说在研究。", "打过热线，回电话说已经转给有关部门，后来就没有下文。",
    "去年底到镇上反映过一次，工作人员记了名字，没有给书面的东西。", "我们也理解工作难做，可是总要有个说法。",
    "材料和照片都带来了，可以随时到现场看。", "村里老人都可以作证。", "前前后后已经跑了{h}个月，误工费都不止这个数。",
    "之前没有写过信，这是第一次反映。", "和对方当面谈过，谈不拢，差一点吵起来。",
)  # fmt: skip
_HARD = (
    "家里老人生病，正等着用钱。", "孩子还在读书，开支很大。", "全家就靠这点收入。", "天气一变，心里就发慌。", "", "", "",
    "邻居们意见很大，让我代表大家来说一说。", "我年纪大了，腿脚不便，来一趟不容易。",
)  # fmt: skip
_ASK = ("请求：", "希望政府帮助：", "我的要求是：", "恳请：", "诉求如下：")
_END = ("请依法处理并给个书面答复。", "盼复。", "谢谢领导。", "希望尽快派人来看一看。", "我愿意配合调查。", "")

_CHECKED = (
    "收到该信访事项后，我单位立即安排人员到{p}现场核实，走访了相关人员，调取了有关材料。",
    "我单位会同{t}进行了调查，询问当事人{n}人，查阅档案资料。",
    "承办人与信访人面谈后，到现场作了勘查，并向有关单位书面核实。",
)
_ANSWERS = {
    "support": ("予以支持。我单位将于{d}日内落实到位，并将结果书面告知您。", "情况属实，予以支持，已责成有关单位于{d}日内办结。"),
    "part": ("部分支持。属实的部分已责令整改；其余部分因证据不足，待补充材料后另行处理。", "部分支持，先行解决当前最急的问题，其余列入年度计划。"),
    "explain": ("现就有关政策作如下说明：该事项应按规定程序办理，具体流程和所需材料随本意见书附送。", "经核实，有关做法符合现行规定，现将依据和理由向您说明。"),
    "against": ("缺乏事实和法律政策依据，不予支持。", "不符合现行政策规定的条件，不予支持。"),
}  # fmt: skip
_INTERVIEW = (
    "信访人陈述：事情经过与登记内容一致，补充提供了照片{n}张、收据{n}张。承办人说明了办理程序和期限，信访人表示理解。",
    "向村干部了解：情况基本属实，处理拖延主要是因为前任交接不清。村里表示愿意配合。",
    "现场查看：到{p}实地勘查，拍照{n}张，制作了现场示意图，双方签字确认。",
    "召集双方在{t}便民服务中心商谈，对主要事实没有争议，在时间和金额上仍有分歧，约定一周后再谈。",
    "电话联系信访人，核对了住址和诉求，信访人补充说希望先解决最急的一项。",
)
_OBJECT = (
    "经核对三定方案，该事项的行业主管职责不在我单位，建议由{to}办理。", "信访人反映的主体属{to}监管，我单位无处理权限。",
    "该问题发生地和责任主体均不在我单位管辖范围，请核实后改派{to}。",
)  # fmt: skip
_UPHELD = ("经核对职责清单，异议理由成立，同意退回，将另行转送。", "向编制部门核实，该职责已划转，同意退回。")
_REFUSED = (
    "经核实，职责清单明确由你单位牵头，请按期受理办理。",
    "该事项涉及多个单位，你单位为主管部门，应当牵头办理。",
)
_EXTEND = (
    "需委托第三方鉴定，鉴定周期较长",
    "涉及历史档案调取，外地协查函尚未回复",
    "当事人之间正在协商，已有初步意向",
    "涉及多个单位，需召开协调会",
)
_RETURN = (
    "事实部分没有写明时间和金额，请补充。",
    "对第一项诉求的答复过于笼统，请写明落实的期限和责任人。",
    "法律依据引用不准确，请核对条文。",
)
_NOT_CONFIRMED = ("缺少落实情况的佐证材料，请补充后再报。", "送达回证上没有日期，请核实补正。")
_PROPOSAL = (
    "该事项涉及{n}户群众，社会关注度较高，建议由责任单位领导包案。",
    "事项拖延时间较长，群众反映强烈，呈请领导批示。",
)
_INSTRUCTION = (
    "请抓紧调查核实，依法依规妥善处理，结果报我。", "群众的事无小事，请主要负责同志亲自过问，限期解决。",
    "先解决好当前困难，再把来龙去脉查清楚，举一反三。",
)  # fmt: skip
_LED = ("已召开协调会，明确责任和时间，主要诉求正在落实。", "已实地走访信访人，第一项诉求已解决，其余按计划推进。")
_SUPERVISED = (
    "因承办人员调整造成延误，现已重新确定承办人，并向信访人说明情况。",
    "已补办有关手续，单位对经办人作了提醒谈话。",
)
_FOUND = ("整改属实，程序已补正。", "已按要求补办，信访人对态度转变表示认可。")
_PHONE = (
    "电话联系本人接通。信访人说钱已经到账，对结果认可，就是时间长了一点。", "电话接通，信访人说问题解决了一半，另一半答应年底前办好。",
    "电话接通，信访人说答复看过了，不太满意，但承办人态度好。", "拨打两次，第二次接通，信访人表示没有新的要求。",
)  # fmt: skip
_RESOLVED = ("协议已全部履行，回访中信访人认可。", "款项已到户，有银行流水佐证。", "问题已整改到位，现场复核属实。")
_UNRESOLVED = ("主要诉求未获支持，信访人仍有意见，需继续做工作。", "落实进度未达约定，继续跟踪。")
_GOOD = ("工作人员很耐心，谢谢。", "没想到这么快就办好了。", "答复写得清楚，看得懂。", "", "", "跑了几趟总算解决了。")
_FAIR = ("事情办了，时间长了点。", "", "还可以再快一些。")
_BAD = ("只是解释，没有解决问题。", "答复和以前一样，没有新东西。", "说好一个月，拖了快三个月。", "没有人到现场看过。")
_AGAIN = (
    "上次反映以后，至今没有人联系我，再来问一下进展。", "又过了{h}天，情况没有变化，下雨天更严重了，请催一催。",
    "补充一点：这几天我找到了当年的收据，一并交上来。", "我是上次来过的，单位答应的时间已经过了。",
)  # fmt: skip
_REPLY = (
    "您提出的问题，现行政策已有明确规定：可携带身份证到所在镇（街道）便民服务中心窗口申请，当场受理，五个工作日内办结。",
    "您的建议已转请主管单位研究，其中延长开放时间一项已于本月起试行。", "经与经办单位核对，您咨询的款项将于下月中旬发放，届时会有短信提醒。",
)  # fmt: skip
_REDIRECT = (("市住房公积金管理中心", "可拨打12329或到其浦江分中心窗口"), ("国家税务总局义乌市税务局", "请向被投诉企业所在地税务机关提出"),
             ("省高速公路管理单位", "可拨打12122反映"), ("铁路上海局集团有限公司金华车务段", "可拨打12306反映"))  # fmt: skip
_EXPLAIN = (
    "经核实，该事项不属于本机关职权范围，请向有权处理的机关提出，联系方式见附页。",
    "经核实，该事项由上级机关直接管理，本机关无权处理，请向其信访接待场所提出，地址和电话见附页。",
)
_LATE = (
    "信件在收发室滞留，今日转到窗口。",
    "来访时系统正在维护，先作纸质登记。",
    "乡镇代收后逐级报送。",
    "电话记录由值班人员次日移交。",
)

_OUTSIDE = (
    (1, "民事诉讼", "浦江县人民法院", "普通程序六个月"), (2, "劳动人事争议仲裁", "浦江县劳动人事争议仲裁委员会", "四十五日"),
    (3, "党员申诉", "中共浦江县纪律检查委员会", "按党内法规规定"), (4, "行政复议", "浦江县人民政府", "六十日"),
    (5, "申请查处违法行为", "有管辖权的行政机关", "两个月"),
)  # fmt: skip
_ANYBODY = (1, 2, 4)  # a party member's appeal is for some, and what a unit answers itself stays under way


class Words:
    """Texts out of one random source: the same seed says the same."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._slots: dict[str, object] = {}

    def tell(self, affair: Affair, village: Region, year: int, taken: set[str]) -> Told:
        """Tell ``affair`` of ``village``, under a title that is not among ``taken`` yet (it is added to them)."""
        pick, chance = self.rng.choice, self.rng.randint
        town = village.parent.name if village.parent else ""
        self._slots = {
            "p": village.name, "t": town, "n": chance(2, 9), "h": chance(3, 11), "y": year - chance(1, 3),
            "m": f"{chance(8, 96) / 10:g}", "age": chance(31, 79), "d": pick((10, 15, 20, 30)), "to": "",
        }  # fmt: skip
        title = self._title(affair, town, taken)
        claims = tuple(claim.format(**self._slots) for claim in affair.claims)
        asked = "".join(f"{number}、{claim}；" for number, claim in enumerate(claims, 1)).rstrip("；")
        home = "社区" if village.name.endswith("社区") else "村里"
        more = [] if affair.suggests else [*self.rng.sample(_TRIED, chance(1, 3)), pick(_HARD)]
        parts = [self._fill(_WHO) + "。", affair.story, *more]
        body = "".join(part.format(**self._slots) for part in parts)
        body = body.replace("村里", home)
        content = (
            f"{body}\n{'建议：' if affair.suggests else pick(_ASK)}{asked}。{'' if affair.suggests else pick(_END)}"
        )
        facts = f"{self._fill(_CHECKED)}经查：{affair.finding.format(**self._slots)}。"
        return Told(affair, title, content, claims, facts, affair.basis)

    def _title(self, affair: Affair, town: str, taken: set[str]) -> str:
        """The plain title; the town, then a number of people or another telling, where it is taken."""
        plain = affair.title.format(**self._slots)
        place = str(self._slots["p"])
        tries = [plain, plain.replace(place, f"{town}{place}", 1)]
        tries += [f"{tries[1]}（{tail}）" for tail in ("再次", "另一户", "村民代表", "来信", "联名", "补充情况")]
        tries += [f"{plain}（第{number}件）" for number in range(2, 2000)]
        title = next(words for words in tries if words not in taken)
        taken.add(title)
        return title

    def _fill(self, choices: tuple[str, ...], **more: object) -> str:
        return self.rng.choice(choices).format(**{**self._slots, **more})

    def answer(self, claim: str, support: str) -> str:
        """The opinion's answer to one claim."""
        return f"对“{claim}”的诉求，{self._fill(_ANSWERS[support])}"

    def interview(self) -> str:
        """Notes of a talk or a look at the place."""
        return self._fill(_INTERVIEW)

    def objection(self, to: str) -> str:
        """Why the unit thinks that it is another's remit."""
        return self._fill(_OBJECT, to=to)

    def decision(self, *, upheld: bool) -> str:
        """The office's decision on an objection."""
        return self._fill(_UPHELD if upheld else _REFUSED)

    def extension(self) -> str:
        """Why handling takes longer."""
        return self._fill(_EXTEND)

    def mend(self) -> str:
        """What is to be mended in a draft."""
        return self._fill(_RETURN)

    def not_confirmed(self) -> str:
        """Why a closure is not confirmed."""
        return self._fill(_NOT_CONFIRMED)

    def proposal(self) -> str:
        """What the office proposes to a leader."""
        return self._fill(_PROPOSAL)

    def instruction(self) -> str:
        """A leader's words."""
        return self._fill(_INSTRUCTION)

    def led(self) -> str:
        """What was done on a leader's instruction."""
        return self._fill(_LED)

    def supervised(self) -> str:
        """A unit's answer to a supervision."""
        return self._fill(_SUPERVISED)

    def found(self) -> str:
        """What the supervisor found in the end."""
        return self._fill(_FOUND)

    def phone(self) -> str:
        """Notes of a follow-up call."""
        return self._fill(_PHONE)

    def settled(self, *, resolved: bool) -> str:
        """The ground for finding it settled or not."""
        return self._fill(_RESOLVED if resolved else _UNRESOLVED)

    def comment(self, value: str) -> str:
        """A petitioner's comment beside a rating."""
        return self._fill({"satisfied": _GOOD, "basically": _FAIR}.get(value, _BAD))

    def again(self) -> str:
        """The words of a repeat filing."""
        return self._fill(_AGAIN)

    def reply(self) -> str:
        """A direct reply."""
        return self._fill(_REPLY)

    def redirect(self) -> tuple[str, str]:
        """A competent body elsewhere and how to reach it."""
        return self.rng.choice(_REDIRECT)

    def refusal(self) -> str:
        """Why a matter is nobody's remit here, and where to go."""
        return self.rng.choice(_EXPLAIN)

    def outside(self, route: int = 0) -> tuple[int, dict[str, str]]:
        """Another road for a claim: its route (any but the unit's own, where none is wanted), and what is told of it (Art.31)."""
        rows = [row for row in _OUTSIDE if row[0] == route or (not route and row[0] in _ANYBODY)]
        route, procedure, body, limit = self.rng.choice(rows)
        return route, {"procedure": procedure, "body": body, "limit": limit}

    def late(self) -> str:
        """Why a receipt is registered days later."""
        return self._fill(_LATE)


def leftover(text: str) -> bool:
    """Whether a slot was left unfilled."""
    return bool(re.search(r"[{}]", text))
