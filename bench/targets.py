"""Which pages are asked for?  Run as ``python -m bench.targets`` beside a filled database; prints sessions and paths as JSON.

``python -m bench.targets waiting 600`` sends so many registered matters to one unit and prints where they are signed for.
"""

from __future__ import annotations

import json
import os
import random
import sys
from typing import Any

QUIET, BUSY = -1, 0  # places in the order of the units by what they have


def _ready() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def _cookie(post: Any) -> str:
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


def _post(department: int, role: str) -> Any:
    from accounts.models import Post

    return Post.objects.select_related("user").filter(department=department, role=role, valid_to=None).latest("pk")


def _more(role: str, department: int, charge: list[int]) -> Any:
    """A post that invented offices do not have: a supervisor, or a leader in charge of ``charge``; made once."""
    from accounts.models import Department, LeaderField, Post, User

    found = Post.objects.filter(role=role, valid_to=None).first()
    if found is None:
        user = User.objects.create(username=f"bench-{role}", name="测量")
        body = Department.objects.get(pk=department)
        found = Post.objects.create(user=user, department=body, role=role, valid_from=_today())
        LeaderField.objects.bulk_create(LeaderField(post=found, department_id=pk) for pk in charge)
    return found


def _ranked() -> list[int]:
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


def targets() -> dict[str, Any]:
    """Everything the scenarios need to know."""
    from petitions.models import Petition, Petitioner, Proceeding

    office, units = _office(), _ranked()
    ids = random.Random(1).sample(range(*_span()), 3000)  # noqa: S311
    found = dict(Petition.objects.filter(pk__in=ids).values_list("ref", "number"))
    people = Petitioner.objects.filter(pk__in=Petitioner.objects.filter(petition__in=ids[:500]).values("pk"))
    handling = Proceeding.objects.filter(state="handling").count()
    return {
        "cookies": {
            "triage": _cookie(_post(office, "triage")),
            "registrar": _cookie(_post(office, "registrar")),
            "busy": _cookie(_post(units[BUSY], "signer")),
            "quiet": _cookie(_post(units[QUIET], "signer")),
            "unit_head": _cookie(_post(units[BUSY], "unit_head")),
            "supervisor": _cookie(_more("supervisor", office, [])),
            "leader": _cookie(_more("leader", office, units[:10])),
        },
        "busy": units[BUSY],
        "year": f"first={_today():%Y}-01-01&last={_today():%Y}-12-31",
        "after_200": _page_200(),
        "refs": list(found),
        "numbers": list(found.values()),
        "phones": [person.phone.removeprefix("+86") for person in people[:300]],
        "initials": sorted({person.name_initials for person in people})[:100],
        "matters": Petition.objects.count(),
        "handling": handling,
    }


def _office() -> int:
    from accounts.models import Department

    return int(Department.objects.filter(kind="petition_office").order_by("pk")[0].pk)


def _span() -> tuple[int, int]:
    from django.db.models import Max, Min

    from petitions.models import Petition

    found = Petition.objects.aggregate(Min("pk"), Max("pk"))
    return found["pk__min"], found["pk__max"] + 1


def waiting(count: int) -> dict[str, Any]:
    """Send ``count`` registered matters to the busiest unit; return its signer's cookie and the paths to sign at."""
    from accounts.actor import Actor
    from accounts.models import Department
    from petitions.actions import advance
    from petitions.models import Assignment, Category, Filing

    office, unit = _office(), Department.objects.get(pk=_ranked()[BUSY])
    post = _post(office, "triage")
    by = Actor(user=post.user, post=post)
    category = Category.objects.exclude(parent=None)[0]
    filings = list(Filing.objects.filter(state="registered", repeat=False, office=office).order_by("-pk")[:count])
    filings += _registered(_post(office, "registrar"), count - len(filings))
    for filing in filings:
        advance("transfer", on=filing, by=by, department=unit, category=category)
    held = Assignment.objects.filter(department=unit, state="sent", sent_on__lte=_today()).select_related("petition")
    rows = held.order_by("-pk")[:count]
    paths = [f"/petitions/{row.petition.ref}/step/sign_for/{row.ref}/" for row in rows]
    return {"cookie": _cookie(_post(unit.pk, "signer")), "paths": paths, "day": str(_today())}


def _registered(post: Any, count: int) -> list[Any]:
    """More registered matters where there are too few."""
    from accounts.actor import Actor
    from petitions.actions import Entry, Person, register

    by = Actor(user=post.user, post=post)
    entry = Entry(title="路灯不亮", content="村口路灯三个月不亮，请求修理。", people=[Person(name="王桂英")])
    return [register(entry, by=by).filing for _ in range(count)]


def _today() -> Any:
    from accounts.dates import today

    return today()


if __name__ == "__main__":
    _ready()
    said = waiting(int(sys.argv[2])) if len(sys.argv) > 2 else targets()
    json.dump(said, sys.stdout)
