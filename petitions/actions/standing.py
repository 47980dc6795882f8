"""Is the body that is to have it still there?  Asked under a lock, so that no matter goes to one being abolished just now."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from accounts.models import Department
from petitions.actions import moment
from petitions.errors import BadInput

# Waits for a merger under way (which holds the bodies NO KEY UPDATE) and reads what it left.  Always before the lock of
# a petition, as the merger has them: body first, then matters.
_HOLD = "SELECT name, valid_to FROM accounts_department WHERE id = ANY(%s) ORDER BY id FOR SHARE"


def hold(bodies: Iterable[Department]) -> None:
    """Keep ``bodies`` from being merged or abolished until this transaction ends.

    Raises:
        BadInput: one of them is no longer.
    """
    pks = sorted({body.pk for body in bodies})
    if not pks:
        return
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [pks])
        gone = [name for name, valid_to in cursor.fetchall() if valid_to is not None and valid_to < moment.today()]
    if gone:
        raise BadInput({"department": f"{'、'.join(gone)}已经撤销，请选承接其职能的单位。"}, rule="第二十四条")
