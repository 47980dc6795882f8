"""Whose hands do invented matters pass through?  The county's bodies and posts; missing ones are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from accounts.models import COMPETENT_KINDS, Department, DepartmentKind, Post, Region, RegionLevel, Role, User
from petitions.demo.bodies import bodies, build_departments
from petitions.demo.contents import build_categories
from petitions.demo.guard import take_for_demo
from petitions.demo.places import build_regions
from petitions.models import Category
from petitions.seeds import days

SINCE = date(2019, 1, 1)
OFFICE_ROLES = (Role.REGISTRAR, Role.TRIAGE, Role.OFFICE_HEAD)
UNIT_ROLES = (Role.SIGNER, Role.HANDLER, Role.UNIT_LEADER, Role.UNIT_HEAD)
QUIET_SHARE = 0.0002  # of all matters: two hundred in a million


@dataclass(frozen=True)
class Hand:
    """A post and its user, as events name them."""

    post: int
    user: int


@dataclass(frozen=True)
class Body:
    """A body that registers or handles: its id and its hands by role."""

    pk: int
    prefix: str
    hands: dict[str, Hand]


@dataclass(frozen=True)
class County:
    """Everybody and everything a matter is made of; plain values, so that worker processes can be given it.

    ``weights``: cumulative, very unequal; the last unit is a quiet branch.
    """

    office: Body
    units: list[Body]
    weights: list[float]
    categories: list[str]
    regions: list[str]


def county_of(*, make_missing: bool = True) -> County:
    """Read the county, with every post that handling needs; on an empty database it is made first."""
    if make_missing and not Department.objects.filter(kind=DepartmentKind.PETITION_OFFICE).exists():
        _build()
    office = Department.objects.filter(kind=DepartmentKind.PETITION_OFFICE).order_by("pk")[0]
    competent = COMPETENT_KINDS - {DepartmentKind.PETITION_OFFICE}
    units = list(Department.objects.filter(kind__in=competent, valid_to=None).order_by("pk"))
    lower = Category.objects.exclude(parent=None).values_list("pk", flat=True)
    places = Region.objects.filter(level=RegionLevel.VILLAGE).values_list("pk", flat=True)
    return County(
        _body(office, OFFICE_ROLES),
        [_body(unit, UNIT_ROLES) for unit in units],
        list(accumulate(_weights(len(units)))),
        sorted(lower),
        sorted(places),
    )


def _weights(count: int) -> list[float]:
    """The first unit has about a tenth of all, the last next to nothing."""
    shares = [(rank + 1) ** 0.625 - rank**0.625 for rank in range(count - 1)]
    busy = [share / sum(shares) * (1 - QUIET_SHARE) for share in shares]
    return [*busy, QUIET_SHARE]


def _body(department: Department, roles: tuple[Role, ...]) -> Body:
    posts = {post.role: Hand(post.pk, post.user_id) for post in department.posts.filter(valid_to=None).order_by("-pk")}
    for role in roles:
        if role not in posts:
            posts[role] = _hand(department, role)
    return Body(department.pk, department.paper_prefix or department.short_name, posts)


def _hand(department: Department, role: Role) -> Hand:
    """A post with a person who cannot sign in."""
    user = User(username=f"g-{department.pk}-{role}"[:40], name=f"{department.short_name[:20]}{role.label}"[:40])
    user.set_unusable_password()
    user.save()
    post = Post.objects.create(user=user, department=department, role=role, valid_from=SINCE)
    return Hand(post.pk, user.pk)


def _build() -> None:
    """The demo county without its people."""
    take_for_demo()
    regions = build_regions()
    build_departments(bodies(regions), regions)
    build_categories()
    days.build()
