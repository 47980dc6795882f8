"""What stands on the notice board of the demo county's hall (Art.18)?  Invented, like everything of the demo."""

from __future__ import annotations

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Department
from petitions import hall
from petitions.models import BoardEntry

Kind = BoardEntry.Kind
ENTRIES = (
    (Kind.PLACE, "县信访局人民来访接待大厅", "浦阳街道县社会矛盾纠纷调处化解中心一楼。工作日8:30至11:30、14:00至17:00。"),
    (Kind.PHONE, "来访咨询电话", "{phone}，工作日接听。"),
    (Kind.LETTER, "来信地址", "浦江县浦阳街道县社会矛盾纠纷调处化解中心 县信访局收。请写明姓名、住址和具体请求。"),
    (Kind.EASE, "行动不便的群众", "大厅备有轮椅、老花镜和代书服务；可以请窗口上门登记。"),
)  # fmt: skip


def build_board(office: Department, by: Actor) -> None:
    """Fill a board that nobody has written on yet; afterwards it is the administrator's."""
    if BoardEntry.objects.exists():
        return
    for place, (kind, title, text) in enumerate(ENTRIES, start=1):
        hall.put_entry(
            None, by=by, kind=kind, title=title, text=text.format(phone=office.phone), place=place,
            valid_from=today(), valid_to=None,
        )  # fmt: skip
