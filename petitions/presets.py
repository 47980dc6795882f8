"""Which limits does a place begin with?  The national ones; or, by choice, those of a provincial regulation that must be checked first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from accounts import founding
from accounts.actor import system_actor
from accounts.dates import today
from accounts.errors import BadInput
from petitions import local_rules
from petitions.models import LocalRule

CHECK_FIRST = "请先核实是否仍然有效"


@dataclass(frozen=True)
class Limit:
    """A local limit: the clock's code, how many days, whether working days, where it stands."""

    code: str
    value: int
    working: bool
    source: str


@dataclass(frozen=True)
class Preset:
    """A set of local limits; ``warning``: what is to be made sure of before it is chosen; ``left_out``: what it does not bring, and why."""

    code: str
    label: str
    limits: tuple[Limit, ...] = ()
    warning: str = ""
    left_out: str = ""


_ZHEJIANG = "《浙江省信访条例》（2016年）"
PRESETS: Mapping[str, Preset] = {
    row.code: row
    for row in (
        Preset("national", "全国统一：只按《信访工作条例》"),
        Preset(
            "zhejiang2016",
            "浙江省2016年条例：5个工作日内转送、交办",
            (Limit("T1", 5, True, f"{_ZHEJIANG}第二十条"),),
            f"{CHECK_FIRST}：该条例早于2022年《信访工作条例》。",
            "该条例关于办理和延长期限、代表人数的规定与现行条例不同，没有带入；确需执行的，由系统管理员在“地方规则”里录入。",
        ),
    )
}


def choose(code: str) -> None:
    """Make the office's local rules those of a preset; an earlier choice of the same day is replaced.

    Raises:
        BadInput: there is no such preset.  WrongMoment: the office has begun.
    """
    preset = PRESETS.get(code)
    if preset is None:
        raise BadInput({"preset": "请选择一种。"})
    with transaction.atomic():
        founding.chose_preset(code)
        LocalRule.objects.all().delete()  # nothing has begun under them
        for limit in preset.limits:
            local_rules.add(
                by=system_actor(), code=limit.code, value=limit.value, working=limit.working,
                source=f"{limit.source}（{CHECK_FIRST}）", valid_from=today(),
            )  # fmt: skip
