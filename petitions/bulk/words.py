"""What do invented petitions say?  Fast composition of titles and narratives, with search words planted in known shares."""

from __future__ import annotations

from random import Random

# Shares of matters that hold each planted word; no other part of the vocabulary holds it.
PLANTED = (("低保", 0.02), ("危房改造", 0.005), ("蚕桑", 0.0001))

_PLACES = (
    "前吴", "上山", "仙华", "塔山", "月泉", "龙峰", "石埠", "和平", "新光", "古塘", "里黄", "横溪", "枫树", "大畈", "岩头",
    "白马", "杭坪", "虞宅", "花桥", "郑家坞",
)  # fmt: skip
_SPOTS = ("村口", "小区", "一期", "二期", "老街", "菜场", "河边", "桥头", "学校旁", "工业园", "三组", "五组")
_TROUBLES = (
    "承包地补偿款拖着不发", "夜里施工吵得睡不着", "路面破损长期无人修", "自来水浑浊时断时续", "物业费涨价没有商量", "工资欠了半年多",
    "宅基地审批一直没有结果", "污水直接排进水渠", "楼上违章搭建漏水", "公交改线老人出行难", "医保报销比例与告知不符", "孩子入学片区划分不清",
    "电梯坏了没人管", "预付卡店关门不退钱", "林地界线有争议", "养老金算错工龄", "拆迁安置房延期交付", "垃圾堆放点离住户太近",
    "邻居占用公共通道", "合作社分红账目不公开", "路灯不亮", "停车场收费不透明", "企业废气呛人", "村务公开栏多年不更新",
)  # fmt: skip
_OPENINGS = ("本人", "我们几户", "我和家里人", "我代表本组村民", "我一家五口", "我们业主", "我父亲", "我和同事")
_TELLINGS = (
    "从前年起就", "去年春天开始", "上个月", "三年来一直", "自从合同签订以后", "多次到现场看过，", "先后打过四次电话，", "找过村里和镇上，",
    "对方当面答应过，", "工作人员说要再等等，", "有照片和收据为证，", "邻居都可以作证，", "材料已经交过两回，", "至今没有人回话。",
    "家里有病人要照顾，", "老人行动不便，", "全靠这笔钱过日子。", "下雨天尤其严重，", "白天晚上都不得安宁。", "说法前后不一致，",
    "公示的名单上没有我们，", "别的组早已办好，", "我们愿意配合调查，", "不是不讲道理，", "只想要一个明白的答复。", "依照当时的约定，",
    "数额算下来差了一万多元，", "账本一直不让看，", "现场至今保持原样，", "村民代表会没有开过，", "测量的时候没有通知我们，", "图纸和实际不一样，",
    "损失逐年增加，", "孩子的学业受到影响，", "修了又坏，坏了再修，", "维修资金不知去向。", "垃圾车三四天才来一次，", "水泵房半夜还在响，",
    "机器震得窗户发抖，", "合同第七条写得清楚，", "对方否认签过字，", "请求重新核算，", "希望派人到现场核实，", "盼望依法处理，",
    "如果不归这里管，请告诉我们该找谁。", "恳请尽快安排，", "给出书面意见。", "公开处理经过，", "退还多收的费用，", "恢复原来的样子，",
    "明确由哪个单位负责，", "定一个办结的日子。", "谢谢。",
)  # fmt: skip
_CLAIMS = (
    "查清事实并书面答复",
    "按标准补发款项",
    "责令停止并恢复原状",
    "明确责任单位和期限",
    "退还多收的费用",
    "重新核算并公开账目",
)
_REPEATS = ("上次反映的事还没有进展，", "再次反映：", "补充说明：", "情况又有变化，")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰"


class Composer:
    """Texts out of one random source: the same seed writes the same petitions."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def planted(self) -> str:
        """The planted word of this matter, mostly none."""
        at = self.random.random()
        for word, share in PLANTED:
            if at < share:
                return word
            at -= share
        return ""

    def title(self, word: str) -> str:
        """A title of ten to thirty characters."""
        pick = self.random.choice
        return f"{pick(_PLACES)}{pick(_SPOTS)}{word and word + '问题：'}{pick(_TROUBLES)}"

    def narrative(self, word: str) -> str:
        """A narrative, mostly of one to three hundred characters, with ``word`` somewhere in it."""
        random = self.random
        count = 8 + int(random.random() ** 2 * 34)
        parts = random.choices(_TELLINGS, k=count)
        parts.insert(0, random.choice(_OPENINGS))
        parts.insert(1, f"家住{random.choice(_PLACES)}{random.randrange(1, 400)}号，")
        if word:
            parts.insert(random.randrange(2, count), word + "的事，")
        return "".join(parts)

    def repeat(self) -> str:
        """The words of a repeat filing."""
        return self.random.choice(_REPEATS) + "".join(self.random.choices(_TELLINGS, k=7))

    def claims(self) -> list[str]:
        """One claim, sometimes two or three."""
        many = 1 if self.random.random() < 0.85 else self.random.choice((2, 3))
        return self.random.sample(_CLAIMS, many)

    def name(self) -> str:
        """A person's name of two or three characters."""
        pick = self.random.choice
        return pick(_SURNAMES) + pick(_GIVEN) + (pick(_GIVEN) if self.random.random() < 0.7 else "")

    def trouble(self) -> str:
        """A few words of a note."""
        return self.random.choice(_TROUBLES)
