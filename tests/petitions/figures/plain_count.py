"""Every measure counted the slow way: matter by matter, over its rows and events, knowing nothing of bits, facts or totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from accounts.dates import day_of
from petitions.figures import Cut
from petitions.figures.bits import RATING_DAYS
from petitions.lifecycle import LONG_DAYS
from petitions.models import Assignment, Clock, Event, Filing, Petition, Rating


def plain_count(on: date, cut: Cut) -> Counter[str]:
    """Count all measures of the one unit and capacity of ``cut`` as they read on ``on``."""
    capacity, unit = cut.capacity, cut.unit
    found: Counter[str] = Counter()
    for petition in Petition.objects.select_related("office", "category").order_by("pk"):
        filings = list(
            Filing.objects.filter(petition=petition).exclude(state="split").select_related("office").order_by("pk")
        )
        lead = (
            Assignment.objects.filter(petition=petition, lead=True).exclude(state__in=["returned", "recalled"]).last()
        )
        for filing in filings:
            if capacity == "office":
                mine = filing.office.is_petition_office and filing.office_id == unit
            elif lead is not None:
                mine = lead.department_id == unit
            else:
                mine = not filing.office.is_petition_office and filing.office_id == unit
            if not mine or not _lies(cut, petition, filing):
                continue
            found["filings"] += 1
            own = filing == filings[0] and petition.merged_into_id is None
            if not own or filing.repeat:
                found["repeats"] += 1
            if filing == filings[0]:
                _duties(found, petition, filing, lead, capacity, on)
                _ratings(found, petition, lead, capacity, on)
            if own:
                _matter(found, petition, filing, lead, on)
                _settled(found, petition, capacity)
    return found


def _lies(cut: Cut, petition: Petition, filing: Filing) -> bool:
    """Whether a filing lies in the period and the parts that are asked for."""
    day = {"registered": day_of(filing.recorded_at), "filed": filing.received_on, "closed": petition.closed_on}[
        cut.basis
    ]
    if day is None or (cut.first and day < cut.first) or (cut.last and day > cut.last):
        return False
    category = petition.category  # none is "-"; that a topmost one has nothing above it is another thing
    named = {category.pk, category.parent_id} if category else {"-"}
    if cut.category and not named & set(cut.category.split(".")):
        return False
    where = petition.region_id or ""
    return where.startswith(cut.region.rstrip("0")) and (not cut.channel or filing.channel == cut.channel)


def _matter(found: Counter[str], petition: Petition, filing: Filing, lead: Assignment | None, on: date) -> None:
    events = list(Event.objects.filter(petition=petition).order_by("seq"))
    steps = {event.step for event in events}
    closed = petition.closed_on is not None
    found["matters"] += 1
    found["claims" if petition.kind == "claim" else "suggestions"] += 1
    found["joint"] += petition.joint
    found["closed"] += closed
    found["open"] += not closed
    found["matters_closed"] += closed
    found["first_closed"] += closed and petition.kind == "claim"
    gone = set(Filing.objects.filter(petition=petition, state="split").values_list("pk", flat=True))
    again = [event for event in events if event.step in ("register_repeat", "merged_in")]
    again = [event for event in again if event.step == "merged_in" or event.on_id not in gone]
    found["again"] += bool(again)
    found["closed_again"] += bool(again) and closed
    found["contacted"] += bool({"interview", "received"} & steps)
    long = ((petition.closed_on or on) - petition.received_on).days > LONG_DAYS
    found["long"] += long
    found["long_resolved"] += long and petition.resolved is True
    found["resolved"] += petition.resolved is True
    begin = date(on.year, 1, 1)
    stock = day_of(filing.recorded_at) < begin and (petition.closed_on is None or petition.closed_on >= begin)
    found["stock"] += stock
    found["stock_closed"] += stock and closed
    found["stock_claims"] += stock and petition.kind == "claim"
    found["stock_claims_closed"] += stock and closed and petition.kind == "claim"
    found["transferred"] += lead is not None and lead.mode == "transfer"
    found["assigned"] += lead is not None and lead.mode == "assign"
    found["supervised"] += bool({"supervise", "supervision_opened"} & steps)
    found["extended"] += "extend" in steps
    told = next((e for e in events if e.step in ("accept", "channel", "channel_direct", "decline", "take_up", "take_suggestion", "redirect", "not_accept", "no_further")), None)  # fmt: skip
    taken = next((e.data for e in events if e.step == "take_over"), {})  # its days stand on paper
    told_on = _day(taken, "accepted_on") or (told.occurred_on if told else None)
    if told_on is not None:
        found["notified"] += 1
        found["notify_days"] += (told_on - petition.received_on).days
    accepted = next((e for e in events if e.step in ("accept", "take_up")), None)
    signed = next((e for e in events if e.step == "sign"), None)
    accepted_on = _day(taken, "accepted_on") or (accepted.occurred_on if accepted else None)
    signed_on = _day(taken, "issued_on") or (signed.occurred_on if signed else None)
    if accepted_on is not None and signed_on is not None:
        found["replied"] += 1
        found["reply_days"] += (signed_on - accepted_on).days


def _day(data: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(data[name]) if data.get(name) else None


def _settled(found: Counter[str], petition: Petition, capacity: str) -> None:
    """Closed once, nothing came again since, nobody was discontent; what was opened again is counted apart."""
    if petition.kind != "claim" or petition.closed_on is None:
        return
    events = Event.objects.filter(petition=petition)
    found["opened_again"] += events.filter(step__in=["refuse_closure", "unmerge", "apply_review", "come_back"]).exists()
    target = "office" if capacity == "office" else "unit"
    came = events.filter(step__in=["register_repeat", "merged_in"], occurred_on__gte=petition.closed_on)
    discontent = Rating.objects.filter(petition=petition, target=target, value="3")
    found["first_settled"] += not came.exists() and not discontent.exists()


def _duties(
    found: Counter[str], petition: Petition, filing: Filing, lead: Assignment | None, capacity: str, on: date
) -> None:  # fmt: skip
    clocks = list(
        Clock.objects.filter(petition=petition, shadow=False).exclude(ended__in=["cancelled", "replaced", "lapsed"])
    )
    duties = {
        "route": [c for c in clocks if c.name == "T1" and c.filing_id == filing.pk and capacity == "office"],
        "notify": [c for c in clocks if c.name == "T2" or (c.name == "T3" and lead and c.assignment_id == lead.pk)],
        "reply": [c for c in clocks if c.name in ("T5", "T5'") and lead and c.proceeding_id and c.proceeding.assignment_id == lead.pk],  # type: ignore[union-attr]
    }  # fmt: skip
    late = False
    for code, mine in duties.items():
        running = [c for c in mine if c.ended == ""]
        if any(c.due < on for c in running):
            answer, late = "overdue", True
        elif any(c.ended == "late" for c in mine):
            answer = "late"
        elif running:
            answer = "waits"
        elif mine:
            answer = "in_time"
        else:
            continue
        found[f"{code}_{answer}"] += 1
    found["overdue"] += late and petition.closed_on is None


def _ratings(found: Counter[str], petition: Petition, lead: Assignment | None, capacity: str, on: date) -> None:
    target = "office" if capacity == "office" or (not petition.office.is_petition_office and lead is None) else "unit"
    rating = Rating.objects.filter(petition=petition, target=target).first()
    if rating is not None:
        found["rateable"] += 1
        found["rated"] += 1
        found["discontent" if rating.value == "3" else "content"] += 1
    elif petition.rateable:
        found["rateable"] += 1
        since = (
            Event.objects.filter(petition=petition, step__in=["confirm_closure", "direct_reply"])
            .latest("seq")
            .occurred_on
        )
        found["unrated"] += on > since + timedelta(days=RATING_DAYS)
