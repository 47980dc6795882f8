"""When is a matter's file archived, for how long is it kept, and who may destroy it?

The petition regulations say nothing of it.  《档案法》 forbids to destroy files at will and leaves periods and procedure to the
national archives office (Art.21), whose 国家档案局令第8号 knows 永久 and 定期 (30 years, 10 years; Art.6) and has each body keep a table of
its own, approved by its archives office (Art.12): that table goes before the defaults here, and is kept as rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from petitions.law import Step

SOURCE = "《机关文件材料归档范围和文书档案保管期限规定》（国家档案局令第8号）"
DESTROYING = "《档案法》第二十一条"
REMIND_DAYS = 92  # three months before a period ends ([S:C7])
MOST = 100  # files of one register


@dataclass(frozen=True)
class Ground:
    """What kind of file it is, and for how many years it is kept at least (``None``: for good)."""

    code: str
    label: str
    years: int | None


# From the file that must be kept longest to the others; the first that fits holds.
GROUNDS: Mapping[str, Ground] = {
    ground.code: ground
    for ground in (
        Ground("instructed", "有领导批示和处理结果的", None),
        Ground("answered", "有处理结果的（处理意见、复查复核意见、调解和解、履职答复）", 30),
        Ground("other", "其他（引导、导入其他程序、不予受理、存、撤回等）", 10),
    )
}
PERIODS: Mapping[str, tuple[str, int | None]] = {"10": ("10年", 10), "30": ("30年", 30), "forever": ("永久", None)}


def shorter(years: int | None, least: int | None) -> bool:
    """Whether a period of ``years`` is shorter than one of ``least`` (``None``: for good)."""
    return years is not None and (least is None or years < least)


def label_of(years: int | None) -> str:
    """A period in words."""
    return "永久" if years is None else f"{years}年"


def last_day(closed_on: date, years: int | None) -> date | None:
    """Return the last day on which the file must be there: periods count whole years from the year after it was closed."""
    return None if years is None else date(closed_on.year + years, 12, 31)


_COUNTER = ("office:registrar", "office:triage", "office:office_head")
_14 = "第十四条（归档：《档案法》第十四条）"
# fmt: off
ROWS: tuple[Step, ...] = (
    Step("archive", "归档", "petition", ("confirmed", "ended"), "", _COUNTER, _14, secondary=True,
         hint="办结审核以后、没有时限在走、没有督办和包案未了的，整理案卷归档。"),
    Step("keep_longer", "延长保管期限", "petition", ("confirmed", "ended"), "", ("office:triage", "office:office_head"), "第十四条（保管期限：国家档案局令第8号）",
         secondary=True, hint="鉴定后仍有保存价值的；只能延长，不能缩短。"),
)
# fmt: on

EVENTS: Mapping[str, str] = {"destroyed": "档案销毁"}
