"""How does a registered filing that turns out to be a report come into the sealed room?  Whole, and nothing of it stays behind.

One transaction: the report is made of everything the open matter says, its files change hands, and then the registration is taken
back by the same verb, with the same words, as one that was made in error (`petitions/actions/retract.py`, docs/adr/0025).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.actor import Actor
from accounts.models import Department
from petitions import access as open_access
from petitions import attachments
from petitions.accusations import files, intake, words
from petitions.accusations.intake import Reporter, Told
from petitions.actions import advance
from petitions.actions.door import check, not_destroyed
from petitions.errors import NotSeen, WrongMoment, WrongPerson
from petitions.lifecycle import STEPS
from petitions.models import Accusation, ExternalReference, Filing, Petition
from petitions.querycode import REF_LENGTH


@dataclass(frozen=True)
class About:
    """Whom the report is about: what the desk adds when it moves a filing."""

    accused: Sequence[str] = ()
    units: Sequence[Department] = ()
    outside: str = ""


def move_in(filing: Filing, about: About, *, by: Actor, seen: int | None = None, key: str = "") -> Accusation:
    """Move the matter of an unrouted ``filing`` into the sealed room and take its registration back.

    S1 runs from the day on which the filing was received.  Where nobody on the list may see it, it waits there (`intake.waits`).

    Args:
        seen: the number of events the person had before his eyes; None skips the question.
        key: of the sending: sent twice, the first report comes again.

    Raises:
        NotSeen, WrongMoment, WrongPerson, Stale, BadInput: nothing has been changed.
    """
    if by.token:
        raise WrongPerson("检举控告由本人在页面上转交，不由程序办理。", rule=intake.RULE)
    ref = hashlib.sha256(key.encode()).hexdigest()[:REF_LENGTH] if key else ""
    if (before := _sent_before(ref)) is not None:
        return intake.same(before, by)

    def make(written: list[str]) -> Accusation:
        petition = _locked(filing, by)
        entry = _told(petition, about, ref)
        row = intake.moved_in(entry, _more(petition), by=by, written=written)
        kept = attachments.of_matter(petition).order_by("pk")
        files.take_over(row, list(kept.select_related("petition")), words.key_of(row))
        advance("retract", on=filing, by=by, seen=seen)
        return row

    try:
        return intake.made(make)
    except WrongMoment:  # pressed twice at once: the other press was through while this one waited for the lock
        if (before := _sent_before(ref)) is None:
            raise
        return intake.same(before, by)


def _sent_before(ref: str) -> Accusation | None:
    return Accusation.objects.filter(ref=ref).first() if ref else None


def _locked(filing: Filing, by: Actor) -> Petition:
    """The matter, locked, if the desk may take its registration back at this moment."""
    rows = open_access.visible_to(by).select_related("office").select_for_update(of=("self",))
    petition = rows.filter(pk=filing.petition_id).first()
    if petition is None:
        raise NotSeen
    not_destroyed(petition)
    check(STEPS["retract"], Filing.objects.get(pk=filing.pk), petition, by)
    return petition


def _told(petition: Petition, about: About, ref: str) -> Told:
    people = petition.petitioners.order_by("pk")
    first = petition.filings.order_by("pk")[0]
    return Told(
        content=petition.content or petition.title, accused=about.accused, accused_units=about.units, accused_unit=about.outside,
        reporters=[Reporter(one.name, one.id_number, one.phone, one.address) for one in people], channel=first.channel,
        received_on=petition.received_on, hide_reporter=petition.hide_name, ref=ref,
    )  # fmt: skip


def _more(petition: Petition) -> dict[str, Any]:
    """What the open matter says beyond a report's own form: claims, place and repeats, where it came from, who kept away from it."""
    said = [petition.title, petition.place, *petition.claims.values_list("text", flat=True)]
    said = [text for text in dict.fromkeys(said) if text and text not in petition.content]
    day = petition.received_on.isoformat()
    added = [{"origin": files.FROM_REPORTER, "on": day, "words": "\n".join(said)}] if said else []
    added += [
        {"origin": files.FROM_REPORTER, "on": one.received_on.isoformat(), "words": one.content}
        for one in petition.filings.exclude(content="").order_by("pk")
    ]
    return {
        "added": added,
        "moved": {"number": petition.number, "references": [*_handed_down(petition), *_elsewhere(petition)]},
        "recused": sorted(petition.recusal_rows.filter(state="granted").values_list("person__user", flat=True)),
    }


def _elsewhere(petition: Petition) -> list[str]:
    rows = ExternalReference.objects.filter(filing__petition=petition).order_by("pk")
    return [f"{system} {number}" for system, number in rows.values_list("system", "number")]


def _handed_down(petition: Petition) -> list[str]:
    """By whom, under which number and until when it was handed down: the superior goes on waiting for an answer."""
    rows = petition.filings.exclude(handed_by=None).select_related("handed_by").order_by("pk")
    said = [(one.handed_by.name, one.handed_number, one.handed_due) for one in rows if one.handed_by is not None]
    return [
        " ".join(filter(None, [body, number, f"（{due:%Y-%m-%d}前反馈）" if due else ""])) for body, number, due in said
    ]
