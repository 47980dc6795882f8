"""Who are the invented people?  Names, ID numbers and telephones that look right and belong to nobody.

An ID number has the county's code, a birth date, a right check mark, and a serial of 996 to 999: those four were kept
for people over a hundred when numbers were given out, so that nobody born since 1930 has one.  ``wide=True`` (for a
million matters) takes county codes between 330740 and 330779, which were never given to a county.  Telephones lie in
one block of ten thousand, 1990000xxxx; the wide ones in 1740x, a block of satellite terminals that persons do not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

_COUNTY = "330726"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MARKS = "10X98765432"

# Frequent surnames with their weights; those frequent here (傅 黄 张 陈 吴 郑 于 楼 ...) weigh more.
_SURNAMES = {
    "张": 70, "陈": 70, "黄": 60, "王": 60, "吴": 50, "郑": 45, "傅": 40, "楼": 35, "于": 35, "朱": 35, "徐": 32, "金": 28, "周": 28, "方": 24, "洪": 20, "李": 30, "赵": 20,
    "何": 16, "蒋": 16, "戴": 14, "潘": 14, "项": 12, "盛": 12, "石": 12, "钟": 10, "虞": 9, "贾": 9, "倪": 8, "严": 8, "杨": 12, "胡": 12, "叶": 12, "许": 10, "沈": 10,
    "曹": 8, "柳": 6, "季": 6, "毛": 8, "董": 8, "魏": 6, "应": 6, "俞": 8, "施": 6, "薛": 6, "刘": 16, "祝": 5, "邵": 5, "程": 6, "丁": 6, "葛": 4, "费": 3, "寿": 3, "桑": 2, "鲍": 3,
    "骆": 3, "单": 2, "曾": 3, "仇": 1, "区": 1, "解": 1,
}  # fmt: skip
_DOUBLE = ("欧阳", "上官", "司马", "诸葛", "司徒", "皇甫", "尉迟", "令狐")
_MALE = [
    "建国",
    "建军",
    "志强",
    "国强",
    "国平",
    "永明",
    "伟民",
    "荣华",
    "金水",
    "根土",
    "德福",
    "新民",
    "忠良",
    "利群",
    "关林",
    "云飞",
    "浩然",
    "子轩",
    "俊杰",
    "宇航",
    "文斌",
    "海波",
    "晓东",
    "立新",
    "樟松",
    "洪亮",
    "先进",
    "光明",
    "宏伟",
    "少华",
    "星火",
    "益民",
    "仲文",
    "启明",
    "志远",
    "守义",
    "长庚",
    "天宝",
    "银根",
    "桂林",
    "旭东",
    "鹏程",
    "一鸣",
    "嘉诚",
    "涛",
    "勇",
    "刚",
    "磊",
    "斌",
    "军",
    "峰",
    "超",
    "杰",
    "辉",
    "波",
    "宁",
    "阳",
    "鑫",
    "凯",
    "龙",
    "敏",
    "平",
    "浩",
]
_FEMALE = [
    "秀英",
    "桂花",
    "美娟",
    "丽华",
    "玉兰",
    "彩凤",
    "爱珍",
    "小燕",
    "春梅",
    "金花",
    "月仙",
    "素芬",
    "雪琴",
    "慧敏",
    "晓红",
    "亚萍",
    "淑贞",
    "巧云",
    "香莲",
    "菊芳",
    "银娣",
    "翠玲",
    "海燕",
    "冬梅",
    "诗涵",
    "雨欣",
    "佳怡",
    "梦洁",
    "思琪",
    "可欣",
    "欣怡",
    "若曦",
    "静",
    "敏",
    "芳",
    "娟",
    "丽",
    "燕",
    "萍",
    "霞",
    "琳",
    "洁",
    "莹",
    "颖",
    "雪",
    "婷",
    "倩",
    "瑶",
    "萱",
    "悦",
    "君",
    "岚",
    "蕾",
    "茜",
    "薇",
]
# Characters beyond what every font and every old system has; names keep them as they are.
_RARE = ("𠮷", "㛃", "䶮", "喆", "淼", "堃", "赟", "玥")
_ELSEWHERE = (
    ("阿卜杜拉·买买提", "1"), ("古丽娜尔·艾山", "2"), ("阿依古丽·吐尔逊", "2"), ("买买提江·阿布力孜", "1"),
    ("巴特尔·那顺", "1"), ("扎西·次仁", "1"), ("卓玛·央金", "2"), ("沙马·尔古", "1"), ("吉克·阿呷", "2"),
)  # fmt: skip
_SINGLE, _TOTAL = list(_SURNAMES), list(accumulate(_SURNAMES.values()))
# One entry for each unit of weight: choosing is one look-up.
_DRAW = [name for name, weight in _SURNAMES.items() for _ in range(weight)]
_BIRTH_FROM, _BIRTH_DAYS = date(1938, 1, 1), (date(2006, 6, 30) - date(1938, 1, 1)).days
_BIRTHS = [(day, day.strftime("%Y%m%d")) for day in (_BIRTH_FROM + timedelta(days=n) for n in range(_BIRTH_DAYS))]
_SERIALS = {"1": ("997", "999"), "2": ("996", "998")}


@dataclass(slots=True)
class Face:
    """One invented person: name, sex (GB/T 2261.1), birth date, ID number, telephone in E.164."""

    name: str
    sex: str
    birth: date
    id_number: str
    phone: str


def face(rng: Random, *, wide: bool = False) -> Face:
    """Return a person; the same seed gives the same one."""
    random = rng.random
    name, sex = _name(random()) if random() > 0.012 else _unusual(rng)
    birth, digits = _BIRTHS[int(random() * _BIRTH_DAYS)]
    if wide:
        odd = 1 if sex == "1" else 0
        head = f"3307{40 + int(random() * 40)}{digits}{int(random() * 499) * 2 + odd:03d}"
        phone = f"+861740{int(random() * 6)}{int(random() * 1000000):06d}"
    else:
        head = _COUNTY + digits + _SERIALS[sex][random() > 0.5]
        phone = f"+861990000{int(random() * 10000):04d}"
    return Face(name, sex, birth, head + check_mark(head), phone)


def _name(draw: float) -> tuple[str, str]:
    """One number between 0 and 1 holds three independent draws: surname, sex, given name."""
    draw *= len(_DRAW)
    surname = _DRAW[int(draw)]
    draw = (draw % 1) * 2
    given, sex = (_MALE, "1") if draw < 1 else (_FEMALE, "2")
    return surname + given[int((draw % 1) * len(given))], sex


def _unusual(rng: Random) -> tuple[str, str]:
    """A compound surname, a name of several parts, or a rare character: each must survive every page and paper."""
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(_ELSEWHERE)
    name, sex = _name(rng.random())
    if kind < 0.65:
        return rng.choice(_DOUBLE) + name[1:], sex
    return name[0] + rng.choice(_RARE) + (name[-1] if rng.random() < 0.5 else ""), sex


def check_mark(head: str) -> str:
    """The 18th character for 17 digits (GB 11643)."""
    return _MARKS[sum(map(int.__mul__, map(int, head), _WEIGHTS)) % 11]


def staff_names(seed: str, count: int) -> list[str]:
    """Return ``count`` different everyday names."""
    rng, found = Random(seed), dict[str, None]()  # noqa: S311  (an invented name is no secret)
    while len(found) < count:
        found[_name(rng.random())[0]] = None
    return list(found)
