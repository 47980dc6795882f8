"""What does the day need, and was it kept whole?  Run as ``python -m bench.pujiang.stage set 436``, ``check 436`` or ``send 0``; prints JSON.

Beside the database of the replay, never on anybody's: a demo county, a hall with its rooms, leaders, people at the desks.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from datetime import timedelta
from typing import Any

from bench.pujiang.script import Script, script


def _ready() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def setting(day: Script) -> dict[str, Any]:
    """Put the stage up and return what the replay needs: sessions, rooms, categories, units."""
    from datetime import time

    from django.utils import timezone

    from accounts.models import Role
    from bench.targets import cookie_of
    from petitions.actions import moment
    from petitions.demo.county import build_county
    from petitions.demo.guard import take_for_demo
    from visits.actions import plan, tables
    from visits.actions.notice import publish

    take_for_demo()
    county = build_county()
    _working_day()
    by_post = county.by_post()
    head = by_post[county.office.pk, Role.OFFICE_HEAD][0]
    triage = by_post[county.office.pk, Role.TRIAGE][0]
    rooms = [f"{number}号室" for number in range(1, day.rooms + 1)]
    hall = tables.keep_place(head, None, name="浦江接访点", hall=True, region=None, rooms="、".join(rooms))
    # The replay may run at any hour: one half of the day takes everybody, whatever of the other is over.
    tables.set_number(head, "minutes", 500, source="重演", valid_from=moment.today())
    capacity = 2 * (-(-len(day.booked) // day.rooms) + 1)
    published = []
    for number, room in enumerate(rooms, start=1):
        leader = _post(f"lingdao{number}", f"领导{number}", Role.LEADER, triage.department.parent)
        tables.keep_receiver(head, leader, level="county", main=number == 1)
        visit = plan.add(triage, leader=leader, day=moment.today(), starts=time(0, 0), ends=time(23, 59), place=hall, room=room,
                         capacity=capacity)  # fmt: skip
        published.append(visit)
    plan.approve(head, published)
    with moment.at(timezone.now() - timedelta(days=10)):
        publish(triage, published)
    recorders = [cookie_of(_post(f"jilu{n}", f"记录员{n}", Role.TRIAGE, county.office)) for n in range(day.rooms)]
    counters = [cookie_of(_post(f"guitai{n}", f"窗口{n}", Role.REGISTRAR, county.office)) for n in range(4)]
    unit = county.departments["ZRZY"]
    return {
        "rooms": [visit.ref for visit in published], "recorders": recorders, "counters": counters, "head": cookie_of(head.post),
        "unit": unit.pk, "category": next(iter(county.categories)), "region": county.villages[0].pk,
        "due": f"{moment.today() + timedelta(days=30):%Y-%m-%d}",
    }  # fmt: skip


def _working_day() -> None:
    """The day of the replay is a working day, whichever day it is run on."""
    from accounts.dates import today
    from petitions.models import CalendarDay

    if today().weekday() >= 5 or CalendarDay.objects.filter(day=today(), is_workday=False).exists():
        CalendarDay.objects.update_or_create(day=today(), defaults={"is_workday": True, "name": "重演"})


def _post(username: str, name: str, role: Any, department: Any) -> Any:
    from datetime import date

    from accounts.models import Post, User

    user, made = User.objects.get_or_create(username=f"pj-{username}", defaults={"name": name})
    if made:
        user.set_unusable_password()
        user.save()
    return Post.objects.get_or_create(user=user, department=department, role=role, valid_from=date(2020, 1, 1))[0]


# --- was it kept whole? --------------------------------------------------------------------------------------------


def checking(day: Script) -> dict[str, Any]:
    """Return what is in the tables, and everything that is not as it must be."""
    from petitions.models import Petition
    from visits.models import Booking, Outcome, Reception, Visit

    done = Reception.objects.filter(state="done")
    kinds = Counter(Outcome.objects.values_list("kind", flat=True))
    found = {
        "groups": done.count(), "people": sum(done.values_list("people", flat=True)), **{kind: kinds[kind] for kind in day.outcomes},
        "booked": Booking.objects.exclude(state="cancelled").count(), "absent": Booking.objects.filter(state="absent").count(),
        "walk_ins": done.filter(booking=None).count(), "petitions": Petition.objects.count(),
        "rooms_held": Visit.objects.filter(status="held").count(),
    }  # fmt: skip
    wanted = {
        "groups": len(day.received), "people": day.people, **day.outcomes, "booked": len(day.booked),
        "absent": len(day.booked) - sum(group.comes for group in day.booked), "walk_ins": len(day.walk_ins),
        "petitions": len(day.received), "rooms_held": day.rooms,
    }  # fmt: skip
    wrong = [f"{name}: {found[name]}, not {value}" for name, value in wanted.items() if found[name] != value]
    messages, unsent = _messages()
    wrong += _on_other_days() + _lost_or_doubled(day) + _not_in_the_law() + unsent
    return {"found": found | messages, "wrong": wrong}


def _on_other_days() -> list[str]:
    """Everybody booked on one of the three days before."""
    from accounts.dates import day_of, today
    from visits.models import Booking

    before = {today() - timedelta(days=back) for back in (1, 2, 3)}
    days = {day_of(at) for at in Booking.objects.values_list("made_at", flat=True)}
    return [] if days == before else [f"booked on {sorted(map(str, days))}"]


WORKERS = 2  # processes of the worker; each that dies between handing over and writing down hands over again


def _messages() -> tuple[dict[str, int], list[str]]:
    """Every message was handed over, each under one reference and once; again only what a killed worker had not written down."""
    from django.conf import settings

    from petitions.models import Notice

    outbox = settings.OUTBOX_DIR / "sms.jsonl"
    lines = outbox.read_text().splitlines() if outbox.exists() else []
    handed = Counter(json.loads(line)["reference"] for line in lines)
    rows = Notice.objects.filter(channel="sms")
    sent = {f"notice-{pk}" for pk in rows.filter(state="sent").values_list("pk", flat=True)}
    twice = sum(handed.values()) - len(handed)
    wrong = (
        [f"{rows.filter(state='waiting').count()} messages still wait"] if rows.filter(state="waiting").exists() else []
    )
    wrong += [f"{reference}: written down as sent, or handed over, and not both" for reference in sent ^ set(handed)]
    wrong += [f"{twice} messages were handed over again"] if twice > WORKERS or not sent else []
    return {"messages": len(sent), "handed_over_again": twice}, wrong


def sending() -> dict[str, int]:
    """Ask the worker to send, twice at once as two minutes may; return how many messages wait."""
    from config.celery import app
    from petitions.models import Notice

    for _ in range(2):
        app.send_task("petitions.send_notices")
    return {"waiting": Notice.objects.filter(channel="sms", state="waiting").count()}


def _lost_or_doubled(day: Script) -> list[str]:
    """Every group has exactly one record, one code, one number, and the answer that the script gave it."""
    from petitions.models import Petitioner
    from visits.models import Outcome, Reception

    wrong = []
    names = Counter(Petitioner.objects.values_list("name", flat=True))
    wrong += [f"{group.name}: {names[group.name]} matters" for group in day.received if names[group.name] != 1]
    outcomes = {one.petition.lead_name: one for one in Outcome.objects.select_related("petition", "reception")}
    for group in day.received:
        one = outcomes.get(group.name)
        if one is None or one.kind != group.outcome or one.reception.people != group.people:
            wrong.append(f"{group.name}: another answer than was given")
    codes = Counter(Reception.objects.filter(state="done").values_list("code", flat=True))
    wrong += [f"code {code} was given {count} times" for code, count in codes.items() if count != 1]
    return wrong + [f"{row} still waits" for row in Reception.objects.exclude(state__in=["done", "left"])]


ASSIGNED_PAPERS = ["assign_letter", "destination_notice", "reception_order", "reception_sheet"]
ANSWERED_PAPERS = ["direct_reply", "reception_sheet"]


def _not_in_the_law() -> list[str]:
    """Every assigned matter has its clocks, its paper and its unit; every answered one its paper; every chain holds."""
    from petitions.actions.record import digest_of
    from petitions.models import Clock, Paper
    from visits.models import Booking, Outcome

    wrong = []
    for one in Outcome.objects.select_related("petition").prefetch_related("petition__events"):
        petition = one.petition
        papers = sorted(Paper.objects.filter(petition=petition).values_list("kind", flat=True))
        clocks = set(Clock.objects.filter(petition=petition, ended="").values_list("name", flat=True))
        if one.kind == "assigned":
            if not {"TS", "T8"} <= clocks or papers != ASSIGNED_PAPERS or petition.responsible_id != one.unit_id:
                wrong.append(f"{petition.number}: clocks {clocks}, papers {papers}")
        elif papers != ANSWERED_PAPERS or petition.stage != "ended":
            wrong.append(f"{petition.number}: {petition.stage}, papers {papers}")
        previous = b""
        for event in sorted(petition.events.all(), key=lambda event: event.seq):
            if bytes(event.digest) != digest_of(event, petition.ref, previous):
                wrong.append(f"{petition.number}: the chain is broken at event {event.seq}")
            previous = bytes(event.digest)
    kept = [row.ref for row in Booking.objects.all() if row.name or row.phone or row.day_key]
    return wrong + [f"booking {ref} still knows who it was" for ref in kept]


def main() -> None:
    """Do what the command line says."""
    what, received = sys.argv[1], int(sys.argv[2])
    _ready()
    acts = {"set": lambda: setting(script(received)), "check": lambda: checking(script(received)), "send": sending}
    said = acts[what]()
    print(json.dumps(said, ensure_ascii=False))  # noqa: T201


if __name__ == "__main__":
    main()
