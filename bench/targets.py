"""Which pages are asked for?  Run as ``python -m bench.targets`` beside a filled database; prints sessions and paths as JSON."""

from __future__ import annotations

import json
import os
import random
import sys
from typing import Any

QUIET, BUSY = -1, 0  # places in the order of the units by what they have


def ready() -> None:
    """Set Django up in a process of its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def cookie_of(post: Any) -> str:
    """A session for the person of ``post``, in that post."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(post.user_id)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = post.user.get_session_auth_hash()
    store["post"] = post.pk
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}; {settings.CSRF_COOKIE_NAME}={'a' * 32}"


def post_of(department: int, role: str) -> Any:
    """The newest post of that role in the department, with its person."""
    from accounts.models import Post

    return Post.objects.select_related("user").filter(department=department, role=role, valid_to=None).latest("pk")


def _more(role: str, department: int, charge: list[int]) -> Any:
    """A post that invented offices do not have: a supervisor, or a leader in charge of ``charge``; made once."""
    from accounts.models import Department, LeaderField, Post, User

    found = Post.objects.filter(role=role, valid_to=None).first()
    if found is None:
        user = User.objects.create(username=f"bench-{role}", name="测量")
        body = Department.objects.get(pk=department)
        found = Post.objects.create(user=user, department=body, role=role, valid_from=this_day())
        LeaderField.objects.bulk_create(LeaderField(post=found, department_id=pk) for pk in charge)
    return found


def _places(office: int) -> int:
    """Where leaders go: a place in each town, which invented offices do not have; made once."""
    from accounts.models import Region
    from visits.models import Place

    if not Place.objects.exists():
        towns = Region.objects.filter(level="town").order_by("code")
        Place.objects.bulk_create(Place(office_id=office, name=f"{town.name}接访点", region=town) for town in towns)
    return Place.objects.count()


def ranked() -> list[int]:
    """Units by how many matters they lead, the busiest first."""
    from django.db.models import Count

    from petitions.models import Reach

    rows = Reach.objects.filter(role="lead").values_list("department").annotate(many=Count("pk")).order_by("-many")
    return [department for department, _ in rows]


def _page_200() -> str:
    """The mark after 199 pages of 25, as the 199th page's link to the next has it."""
    from petitions.keyset import Mark, pack
    from petitions.models import Petition
    from petitions.querysets import ORDER

    rows = Petition.objects.order_by("-received_on", "-pk").values_list("received_on", "pk")
    place = min(199 * 25, rows.count() // 2)
    return pack(Mark(*rows[place - 1]), ORDER)


def _two_filters() -> str:
    """Two filters of a page of figures at once, as most filings have them: what no total holds."""
    from django.db.models import Count

    from petitions.models import Filing, Petition

    category = Petition.objects.exclude(category=None).values_list("category").annotate(many=Count("pk")).order_by("-many")[0][0]  # fmt: skip
    channel = Filing.objects.values_list("channel").annotate(many=Count("pk")).order_by("-many")[0][0]
    return f"category={category}&channel={channel}"


def _kept_day() -> str:
    """The last past day whose figures are kept; none is counted for it."""
    from petitions.models import FigureDay

    found = FigureDay.objects.filter(made_at__isnull=False).order_by("-day").values_list("day", flat=True).first()
    return str(found or "")


def annual_draft(post: Any) -> str:
    """The ref of this year's annual report, begun by ``post`` and read anew at each look."""
    from accounts.actor import Actor
    from petitions.reports import verbs

    return verbs.begin(Actor(user=post.user, post=post), "annual", this_day().year).ref


def targets() -> dict[str, Any]:
    """Everything the scenarios need to know."""
    from petitions.models import Petition, Petitioner, Proceeding

    office, units = office_id(), ranked()
    ids = random.Random(1).sample(range(*_span()), 3000)  # noqa: S311
    found = dict(Petition.objects.filter(pk__in=ids).values_list("ref", "number"))
    people = Petitioner.objects.filter(pk__in=Petitioner.objects.filter(petition__in=ids[:500]).values("pk"))
    seen = people.filter(petition__office=office)  # by the registrar, whose page looks people up
    handling = Proceeding.objects.filter(state="handling").count()
    return {
        "cookies": {
            "triage": cookie_of(post_of(office, "triage")),
            "registrar": cookie_of(post_of(office, "registrar")),
            "busy": cookie_of(post_of(units[BUSY], "signer")),
            "quiet": cookie_of(post_of(units[QUIET], "signer")),
            "unit_head": cookie_of(post_of(units[BUSY], "unit_head")),
            "supervisor": cookie_of(_more("supervisor", office, [])),
            "leader": cookie_of(_more("leader", office, units[:10])),
        },
        "busy": units[BUSY],
        "places": _places(office),
        "year": f"first={this_day():%Y}-01-01&last={this_day():%Y}-12-31",
        "narrowed": _two_filters(),
        "day": _kept_day(),
        "report": annual_draft(post_of(office, "triage")),
        "after_200": _page_200(),
        "refs": list(found),
        "numbers": list(found.values()),
        "names": common_names(),
        "id_numbers": [person.id_number for person in seen.exclude(id_hash="")[:300]],
        "phones_seen": [person.phone.removeprefix("+86") for person in seen.exclude(phone_hash="")[:300]],
        "phones": [person.phone.removeprefix("+86") for person in people[:300]],
        "initials": sorted({person.name_initials for person in people})[:100],
        "matters": Petition.objects.count(),
        "handling": handling,
    }


def common_names(many: int = 50) -> list[str]:
    """The names that most people here have."""
    from django.db.models import Count

    from petitions.models import Petitioner

    rows = (
        Petitioner.objects.exclude(name="匿名").values("name").annotate(people=Count("pk")).order_by("-people", "name")
    )
    return [row["name"] for row in rows[:many]]


def office_id() -> int:
    """The petition office that the figures are of."""
    from accounts.models import Department

    return int(Department.objects.filter(kind="petition_office").order_by("pk")[0].pk)


def _span() -> tuple[int, int]:
    from django.db.models import Max, Min

    from petitions.models import Petition

    found = Petition.objects.aggregate(Min("pk"), Max("pk"))
    return found["pk__min"], found["pk__max"] + 1


def registered(post: Any, count: int) -> list[Any]:
    """More registered matters where there are too few."""
    from accounts.actor import Actor
    from petitions.actions import Entry, Person, register

    by = Actor(user=post.user, post=post)
    entry = Entry(title="路灯不亮", content="村口路灯三个月不亮，请求修理。", people=[Person(name="王桂英")])
    return [register(entry, by=by).filing for _ in range(count)]


def this_day() -> Any:
    """Today in Shanghai."""
    from accounts.dates import today

    return today()


if __name__ == "__main__":
    ready()
    json.dump(targets(), sys.stdout)
