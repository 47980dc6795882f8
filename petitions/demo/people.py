"""Who works in the demo county, in which posts?  Every post of the law, and in every unit the four that a matter needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import make_password

from accounts import passwords
from accounts.actor import Actor
from accounts.dates import today
from accounts.models import COMPETENT_KINDS, Delegation, Department, DepartmentKind, LeaderField, Post, Role, User
from petitions.demo.bodies import SINCE, Body
from petitions.demo.names import staff_names

# Shown on the sign-in page; `guard.demo_only` keeps the people, `passwords.NotPublished` the password out of real offices.
PASSWORD = passwords.DEMO

R = Role
# Sign-in name, title, then department and role of each post.
_CAST: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("chuangkou1", "接访窗口", (("XF", R.REGISTRAR),)),
    ("chuangkou2", "接访窗口", (("XF", R.REGISTRAR),)),
    ("shouli1", "受理科科长", (("XF", R.TRIAGE), ("XF", R.SIGNER))),
    ("shouli2", "受理科科员", (("XF", R.TRIAGE), ("XF", R.HANDLER))),
    ("xinfangjuzhang", "局长", (("XF", R.OFFICE_HEAD), ("XF", R.UNIT_HEAD))),
    ("xinfangfuju", "副局长", (("XF", R.UNIT_LEADER),)),
    ("ducha", "督查科科长", (("XF", R.SUPERVISOR),)),
    ("lianxiban", "联席办主任", (("LXB", R.CONFERENCE),)),
    ("fucha", "复查办主任", (("FCB", R.REVIEWER),)),
    ("shifuhe", "市复核办干部", (("JHFH", R.REREVIEWER),)),
    ("xianzhang", "县长", (("PJ", R.LEADER),)),
    ("fuxianzhang1", "副县长（城建、自然资源、生态环境）", (("PJ", R.LEADER),)),
    ("fuxianzhang2", "副县长（农业农村、人社、乡镇）", (("PJ", R.LEADER),)),
    ("zhengfashuji", "政法委书记", (("PJ", R.LEADER),)),
    ("shenji", "审计监督员", (("SJU", R.AUDITOR),)),
    ("xitong", "系统管理员", (("XF-ZH", R.SYSTEM_ADMIN),)),
    ("anquan", "安全管理员", (("XF-ZH", R.SECURITY_ADMIN),)),
    ("shenjiguanli", "审计管理员", (("XF-ZH", R.AUDIT_ADMIN),)),
    ("fayuan", "立案庭联络员", (("FY", R.SIGNER),)),
    ("jiancha", "控申部门联络员", (("JCY", R.SIGNER),)),
    ("jiwei", "信访室联络员", (("JW", R.SIGNER),)),
)
# Who drafts a review does not sign it.  Listed after all others, so that nobody else's name changes.
_SECOND: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("fucha2", "复查办副主任", (("FCB", R.REVIEWER),)),
    ("shifuhe2", "市复核办副主任", (("JHFH", R.REREVIEWER),)),
)
_CHARGE = {
    "xianzhang": ("ZF",),
    "fuxianzhang1": ("ZJ", "ZRZY", "JT", "ZHZF", "HB"),
    "fuxianzhang2": ("NYNC", "SW", "RS", "MZ", "330726101", "330726106"),
    "zhengfashuji": ("ZFW", "GA", "SF", "FY", "JCY"),
}
# Units shown with all their people; in every other one two people hold the four posts.
LARGE = ("ZRZY", "ZJ", "RS", "NYNC", "GA", "HB")
TOWNS = ("330726101", "330726106", "330726003")
_INNER = {"ZRZY": "ZRZY-ZD", "ZJ": "ZJ-FC", "RS": "RS-JC", "GA": "GA-JJ"}


@dataclass(frozen=True)
class Place:
    """One person to be: sign-in name, title, and posts as (department, role)."""

    username: str
    title: str
    posts: tuple[tuple[str, str], ...]


def places(listed: Iterable[Body]) -> Iterator[Place]:
    """Every person of the county."""
    yield from (Place(*row) for row in _CAST)
    for body in listed:
        if body.kind in COMPETENT_KINDS and body.kind != DepartmentKind.PETITION_OFFICE:
            yield from _unit(body)
    yield from (Place(*row) for row in _SECOND)


def _unit(body: Body) -> Iterator[Place]:
    """A unit's people: whoever drafts may not check, so the fewest are two."""
    code, slug = body.code, body.slug
    head = {DepartmentKind.TOWNSHIP: "镇（乡）长", DepartmentKind.STREET: "办事处主任"}.get(
        DepartmentKind(body.kind), "主要负责人"
    )
    if code not in LARGE and code not in TOWNS:
        yield Place(f"{slug}1", "信访联络员", ((code, R.SIGNER), (code, R.HANDLER)))
        yield Place(f"{slug}2", head, ((code, R.UNIT_HEAD), (code, R.UNIT_LEADER)))
        return
    if code in TOWNS:
        yield Place(f"{slug}_qianshou", "综合信息指挥室", ((code, R.SIGNER), (code, R.REGISTRAR)))
        yield Place(f"{slug}_chengban", "平安法治办", ((code, R.HANDLER),))
        yield Place(f"{slug}_fuze", head, ((code, R.UNIT_HEAD), (code, R.UNIT_LEADER)))
        return
    yield Place(f"{slug}_qianshou", "办公室（签收）", ((code, R.SIGNER),))
    yield Place(f"{slug}_chengban1", "信访承办人", ((code, R.HANDLER),))
    if code in _INNER:
        yield Place(f"{slug}_chengban2", "业务科室承办人", ((_INNER[code], R.HANDLER),))
    yield Place(f"{slug}_fenguan", "分管副局长", ((code, R.UNIT_LEADER),))
    yield Place(f"{slug}_juzhang", "局长", ((code, R.UNIT_HEAD),))


def build_people(listed: Iterable[Body], departments: Mapping[str, Department]) -> dict[str, list[Actor]]:
    """Make the missing people and posts, and return everybody's actors by sign-in name, first post first."""
    wanted = list(places(listed))
    _users(wanted)
    users = {user.username: user for user in User.objects.filter(username__in=[row.username for row in wanted])}
    _posts(wanted, users, departments)
    found: dict[str, list[Actor]] = {row.username: [] for row in wanted}
    posts = Post.objects.filter(user__username__in=found, valid_to=None).select_related("user", "department")
    for post in posts.order_by("pk"):
        found[post.user.username].append(Actor(user=post.user, post=post))
    _charges(found, departments)
    _delegations(found)
    return found


def _users(wanted: list[Place]) -> None:
    """One hash serves everybody: the password is public anyway, and Argon2 is slow on purpose."""
    names = staff_names("浦江", len(wanted))
    rows = [(place, name) for place, name in zip(wanted, names, strict=True)]
    known = set(User.objects.filter(username__in=[row.username for row in wanted]).values_list("username", flat=True))
    missing = [(place, name) for place, name in rows if place.username not in known]
    if not missing:
        return
    encoded = make_password(PASSWORD)
    User.objects.bulk_create(
        User(username=place.username, name=name, phone=f"0579-0000{2000 + number:04d}", password=encoded)
        for number, (place, name) in enumerate(missing)
    )


def _posts(wanted: list[Place], users: Mapping[str, User], departments: Mapping[str, Department]) -> None:
    held = set(
        Post.objects.filter(user__in=users.values(), valid_to=None).values_list("user_id", "department_id", "role")
    )
    rows = [
        Post(user=users[place.username], department=departments[code], role=role, title=place.title, valid_from=SINCE)
        for place in wanted
        for code, role in place.posts
    ]
    Post.objects.bulk_create([row for row in rows if (row.user_id, row.department_id, row.role) not in held])


def _charges(found: Mapping[str, list[Actor]], departments: Mapping[str, Department]) -> None:
    LeaderField.objects.bulk_create(
        [
            LeaderField(post=found[name][0].post, department=departments[code])
            for name, codes in _CHARGE.items()
            for code in codes
        ],
        ignore_conflicts=True,
    )


def _delegations(found: Mapping[str, list[Actor]]) -> None:
    """Two heads are away these days and have lent their powers."""
    day = today()
    away = (("xinfangjuzhang", "xinfangfuju", "赴省参加培训"), ("ziran_juzhang", "ziran_fenguan", "外出学习"))
    for owner, deputy, reason in away:
        post = found[owner][0].post
        if not Delegation.objects.filter(post=post).exists():
            Delegation.objects.create(
                post=post, to_user=found[deputy][0].user, valid_from=day - timedelta(days=2),
                valid_to=day + timedelta(days=12), reason=reason,
            )  # fmt: skip
