"""How does another app's act stand in a matter's record?  One event, written through this door and no other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.actor import Actor
from petitions import access, lifecycle
from petitions.actions import nested, record
from petitions.actions.door import not_destroyed
from petitions.errors import NotSeen
from petitions.models import Event, Petition


def write_beside(
    step: str, *, on: Petition, by: Actor, data: Mapping[str, Any] | None = None, text: Mapping[str, str] | None = None,
    occurred_on: date | None = None,
) -> Event:  # fmt: skip
    """Write into ``on``'s record what happened to it elsewhere; neither state nor clocks change.

    Args:
        step: one of ``lifecycle.EVENTS``, never a step of the table.
        data: codes, ids and dates, in clear; ``text``: words, encrypted under the matter's key.

    Raises:
        NotSeen: ``by`` does not see the matter; WrongMoment: its words have been destroyed.
    """
    if step not in lifecycle.EVENTS:
        raise ValueError(step)
    with nested.atomic():
        petition = access.visible_to(by).select_for_update(of=("self",)).filter(pk=on.pk).first()
        if petition is None:
            raise NotSeen
        not_destroyed(petition)
        event = record.make_event(petition, step, by=by, occurred_on=occurred_on, data=data, text=text)
        petition.save(update_fields=["events_count", "chain_head"])
        event.save(force_insert=True)
    return event
