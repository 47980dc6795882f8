"""Which other systems must be told that a matter's stage has changed?  Rows are written in the step's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from petitions.models import Petition

# One statement for whoever must be told and what: most offices tell nobody, and every step pays for the question.
_TELL = """
INSERT INTO petitions_delivery (ref, webhook_id, petition_id, stage, step, at, state, tries, failure)
SELECT gen_random_uuid(), w.id, p.id, p.stage, %s, %s, 'waiting', 0, ''
  FROM unnest(%s::bigint[], %s::text[]) AS p(id, stage)
  JOIN petitions_webhook w ON w.active AND (w.stages = '[]'::jsonb OR w.stages ? p.stage)
"""


def tell(petition: Petition, *, was: str, step: str, at: datetime) -> None:
    """Write what each system must be told of ``petition``, whose stage was ``was`` before ``step``; nothing if it stays."""
    if was != petition.stage:
        tell_new([petition], step=step, at=at)


def tell_new(petitions: Sequence[Petition], *, step: str, at: datetime) -> None:
    """Write what each system must be told of ``petitions`` that have come to their stage just now."""
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [step, at, [one.pk for one in petitions], [one.stage for one in petitions]])
