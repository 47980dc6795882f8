"""What is still to do before the office works as the law wants?  Asked of the tables each time, so that nothing is ticked by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Value
from django.urls import reverse
from django.utils import timezone

from accounts import letterhead
from accounts.dates import SHANGHAI, today
from accounts.models import COMPETENT_KINDS, Department, DepartmentKind, LeaderField, Post, Role, User
from petitions import hall
from petitions.models import CalendarYear, Category, LocalRule, RoutingRule
from petitions.presets import CHECK_FIRST

_SYSTEM, _SECURITY = "系统管理员", "安全管理员"
# From this month on the holidays of the next year are published.
_NOTICE_MONTH = 11
_SHOWN = 6
BACKUP_EVERY = timedelta(hours=48)  # a night may fail and be seen the next morning
_WANTED = (
    (Role.REGISTRAR, "窗口登记"), (Role.TRIAGE, "受理甄别"), (Role.OFFICE_HEAD, "信访部门负责人"), (Role.SUPERVISOR, "督查"),
)  # fmt: skip


@dataclass(frozen=True)
class Task:
    """One line of the list.

    Attributes:
        done: whether nothing is left of it; ``None`` where only a person can tell.
        who: which administrator does it; ``room``: the code of that administrator's room (`accounts.manage.SECTIONS`).
        rest: what is left, in words.
    """

    what: str
    done: bool | None
    who: str
    room: str
    rest: str = ""


def tasks() -> list[Task]:
    """Everything a new office has to see to, what is left first."""
    without, above = _bodies()
    found = [*_of_people(without), *_of_tables(above), *_of_the_machine()]
    return sorted(found, key=lambda task: task.done is not False)


def _of_people(without: list[str]) -> Iterator[Task]:
    posts = Post.objects.in_force(today()).filter(user__is_active=True).exclude(role=Role.SYSTEM)
    held = list(
        posts.annotate(leads=Exists(LeaderField.objects.filter(post=OuterRef("pk"))))
        .order_by("pk")
        .values_list("role", "user__name", "leads")
    )
    missing = [label for role, label in _WANTED if role not in {role for role, _, _ in held}]
    yield Task(
        "信访部门的岗位都有人", not missing, _SECURITY, "posts", f"还没有：{'、'.join(missing)}" if missing else ""
    )
    rest = f"{len(without)}个单位缺签收、承办或者主要负责人：{_some(without)}" if without else ""
    yield Task("每个责任单位有人签收、承办、签发", not without, _SECURITY, "posts", rest)
    names = [name for role, name, leads in held if role == Role.LEADER and not leads]
    yield Task("县领导有分管单位", not names, _SECURITY, "posts", f"没有设分管单位：{_some(names)}" if names else "")
    waiting = User.objects.filter(is_active=True, last_login=None).exclude(username="system").count()
    rest = f"{waiting}人还没有登录过；初始密码丢失的在这里重设" if waiting else ""
    yield Task("所有人都登录过，换了自己的密码", not waiting, _SECURITY, "signins", rest)


def _bodies() -> tuple[list[str], bool]:
    """Bodies that may be sent a matter and cannot sign for it, handle it or sign its opinion; whether any stands above us."""
    asked = COMPETENT_KINDS - {DepartmentKind.PETITION_OFFICE, DepartmentKind.SUPERIOR}
    rows = Department.objects.in_force(today()).filter(kind__in=[*asked, DepartmentKind.SUPERIOR]).order_by("path")
    posts = Post.objects.in_force(today()).filter(user__is_active=True)
    own = posts.filter(Q(department=OuterRef("pk")) | Q(department__parent=OuterRef("pk")))
    complete = rows.filter(*(Exists(own.filter(role=role)) for role in (Role.SIGNER, Role.HANDLER, Role.UNIT_HEAD)))
    found = list(rows.filter(Q(kind=DepartmentKind.SUPERIOR) | ~Q(pk__in=complete)).values_list("kind", "short_name"))
    without = [name for kind, name in found if kind != DepartmentKind.SUPERIOR]
    return without, len(found) > len(without)


def _of_tables(above: bool) -> Iterator[Task]:
    years = _years(today())
    missing = sorted(years - set(CalendarYear.objects.filter(year__in=years).values_list("year", flat=True)))
    rest = f"还没有录入：{'、'.join(f'{year}年' for year in missing)}；到期日会标“暂定”" if missing else ""
    yield Task("节假日已录入", not missing, _SYSTEM, "calendar", rest)
    rest = "" if above else "还没有：市、省信访局等（类型选“上级机关”）；录入以后，上级交转的事项才能写明由谁交转"
    yield Task("上级信访部门已录入", above, _SYSTEM, "departments", rest)
    routed = RoutingRule.objects.filter(category=OuterRef("pk"))
    parent = RoutingRule.objects.filter(category=OuterRef("parent"))
    rows = Category.objects.filter(active=True).exclude(parent=None).exclude(Exists(routed)).exclude(Exists(parent))
    names = list(rows.values_list("name", flat=True))
    rest = f"{len(names)}类还没有责任单位：{_some(names)}。没有的由受理人员每件自己定" if names else ""
    yield Task("内容分类有责任单位", not names, _SYSTEM, "routing", rest)
    shown, unsure = _board_and_rules()
    rest = f"2016年浙江条例的期限{CHECK_FIRST}；已失效的请结束这条规则" if unsure else ""
    yield Task("地方规则有效", not unsure, _SYSTEM, "local_rules", rest)
    said = letterhead.words()
    blank = bool(said.department) and not (said.phone and said.address)
    yield Task(
        "告知书上有电话和地址",
        not blank,
        _SYSTEM,
        "departments",
        "信访部门的联系方式没有填全" if blank else "",
    )

    owed = hall.owed(shown)
    rest = f"第十八条要求公布、还没有的：{'、'.join(owed)}" if owed else ""
    yield Task("公示栏填全", not owed, _SYSTEM, "hall", rest)


_UNSURE = "local rule"


def _board_and_rules() -> tuple[set[str], bool]:
    """What the notice board has entries for, and whether a local rule is to be checked first: asked of the database at once."""
    rules = LocalRule.objects.filter(valid_to=None, source__contains=CHECK_FIRST).values_list(Value(_UNSURE))
    found = {said for (said,) in hall.board().order_by().values_list("kind").union(rules)}
    return found - {_UNSURE}, _UNSURE in found


def _years(day: date) -> set[int]:
    return {day.year, day.year + 1} if day.month >= _NOTICE_MONTH else {day.year}


def _of_the_machine() -> Iterator[Task]:
    made, keeper = _last_backup(), "服务器维护人员"
    rest = f"上一次完整备份：{made:%Y年%-m月%-d日 %H:%M}" if made else "还没有做过完整备份"
    late = made is None or timezone.now() - made > BACKUP_EVERY
    yield Task("每晚备份", not late, keeper, "", rest)
    yield Task("密钥另存一处", None, keeper, "", "secrets.json 丢失后，加密的内容谁也打不开；它不在备份里")
    if settings.PUBLIC_HTTPS:
        yield Task("每台电脑装好根证书", None, keeper, "", f"办法和指纹：本网址后面加 {reverse('ca')}")


def _last_backup() -> datetime | None:
    """When the last whole backup was made (Asia/Shanghai), as `manage.py backup` noted it."""
    try:
        return datetime.fromisoformat(settings.BACKUP_NOTE.read_text().strip()).astimezone(SHANGHAI)
    except (FileNotFoundError, ValueError):
        return None


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return "、".join(listed[:_SHOWN]) + ("等" if len(listed) > _SHOWN else "")
