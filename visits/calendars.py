"""How do visits come into anybody's calendar?  As iCalendar (RFC 5545), a cancelled or swapped one as cancelled.

Forty lines of our own: a library would not save the hundred that a dependency has to earn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.utils import timezone

from accounts.dates import SHANGHAI
from visits.models import Status, Visit

_WIDTH = 75  # octets of a line, by the RFC
_GONE = (Status.CANCELLED, Status.SWAPPED)


def feed(visits: Iterable[Visit], *, name: str, host: str, address: str) -> str:
    """Return a calendar of ``visits``; ``address`` is where the notices stand, ``host`` makes the ids ours alone."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//xinfang-office//visits//ZH",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for visit in visits:
        lines += _event(visit, host, address)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(visit: Visit, host: str, address: str) -> list[str]:
    where = " ".join(filter(None, [visit.place.name, visit.room, visit.place.address]))
    words = f"{visit.leader.user.name}（{visit.leader_title}）{visit.get_form_display()}"
    said = [f"分管领域：{visit.charge}" if visit.charge else "", f"预约电话：{visit.phone}" if visit.phone else "",
            f"{visit.get_status_display()}：{visit.reason}" if visit.reason else ""]  # fmt: skip
    return [
        "BEGIN:VEVENT",
        f"UID:{visit.ref}@{host}",
        f"DTSTAMP:{_utc(timezone.now())}",
        f"SEQUENCE:{visit.events_count}",
        f"DTSTART:{_utc(datetime.combine(visit.day, visit.starts, SHANGHAI))}",
        f"DTEND:{_utc(datetime.combine(visit.day, visit.ends, SHANGHAI))}",
        f"SUMMARY:{_text(words)}",
        f"LOCATION:{_text(where)}",
        f"DESCRIPTION:{_text(chr(10).join(filter(None, said)))}",
        f"URL:{address}{visit.ref}/",
        f"STATUS:{'CANCELLED' if visit.status in _GONE else 'CONFIRMED'}",
        "END:VEVENT",
    ]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    for mark in ("\\", ";", ","):
        value = value.replace(mark, f"\\{mark}")
    return value.replace("\n", "\\n").replace("\r", "")


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, never cut within a character; what follows begins with a blank."""
    part, size = "", 0
    for mark in line:
        octets = len(mark.encode())
        if size + octets > _WIDTH:
            yield part
            part, size = " ", 1
        part += mark
        size += octets
    yield part
