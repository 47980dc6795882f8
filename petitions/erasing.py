"""What of a matter can be read, and how is it wiped for good?  Its key is destroyed, and every column that was in clear is emptied.

What stays is what figures are made of: codes, days, bodies, numbers.  A test holds the table against the models, so that a new
column of words must be put either here or among those that say nothing of a person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from petitions import attachments
from petitions.models import (
    Assignment,
    Attachment,
    Claim,
    ExternalReference,
    Filing,
    Hearing,
    Instruction,
    Mediation,
    Notice,
    Paper,
    Party,
    Petition,
    Petitioner,
    Proceeding,
    Rating,
    Reminder,
    Supervision,
)

GONE = "（档案已销毁）"
Eraser = Callable[[Petition], None]
_others: list[Eraser] = []

# Columns that are emptied, each with what stands there afterwards.
WIPED: Mapping[type[Model], Mapping[str, Any]] = {
    Petition: {"title": GONE, "content": "", "place": "", "lead_name": ""},
    Filing: {
        "content": "", "addressee": "", "backdate_reason": "", "handed_number": "", "query_code_hash": "",
    },
    Claim: {"text": GONE, "answer": ""},
    Assignment: {"demand": ""},
    Proceeding: {
        "facts": "", "basis": "", "outside_number": "", "outside_body": "", "outside_procedure": "", "outside_limit": "",
        "outside_result": "", "reward": "",
    },
    Instruction: {"text": "", "answer": ""},
    Supervision: {"evidence": {}},
    Hearing: {"place": "", "chair": ""},
    Mediation: {"mediator": ""},
    Rating: {"comment": ""},
    Paper: {"receiver": "", "witness": ""},
    Attachment: {"name": GONE, "sha256": "", "wrapped_key": b""},
}  # fmt: skip
# Rows that go whole: people, other systems' numbers, what was told and noted.
DROPPED: tuple[tuple[type[Model], str], ...] = (
    (Party, "filing__petition"), (Petitioner, "petition"), (ExternalReference, "filing__petition"),
    (Reminder, "petition"), (Notice, "petition"),
)  # fmt: skip


def also(eraser: Eraser) -> None:
    """Let another app wipe what it keeps about a matter, in the same transaction."""
    _others.append(eraser)


def wipe(petition: Petition, at: datetime, *, keep: Collection[type[Model]] = (), title: str = GONE) -> None:
    """Destroy the key of a locked matter, and empty what is in clear; files leave the disk when the transaction is through.

    Args:
        keep: rows of ``DROPPED`` that stay; ``title``: what stands in place of the matter's own.
    """
    for model, path in DROPPED:
        if model in keep:
            continue
        model._default_manager.filter(**{path: petition}).delete()
    known_as = [petition.pk, *petition.merged.values_list("pk", flat=True)]  # by what an index leads to them
    Notice.objects.filter(petition__in=known_as, filing__petition=petition).delete()
    attachments.destroy(attachments.of_matter(petition))
    for model, empty in WIPED.items():
        if model is not Petition:
            model._default_manager.filter(petition=petition).update(**empty)
    for erase in _others:
        erase(petition)
    for name, value in WIPED[Petition].items():
        setattr(petition, name, value)
    petition.title = title
    petition.wrapped_key, petition.key_destroyed_at = None, at
    petition.save(update_fields=[*WIPED[Petition], "wrapped_key", "key_destroyed_at"])
