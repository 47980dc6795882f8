"""How is one sending taken only once?  Its key is written before anything else, in the same transaction as the act."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import connection, transaction

from accounts.actor import Actor
from accounts.privacy import seal, unseal
from petitions.actions import moment
from petitions.errors import BadInput, KeyReused
from petitions.models import IdempotencyKey

LONGEST_KEY = 64
# A second insert of the same key waits here until the first transaction has ended, one way or the other.
_CLAIM = """
INSERT INTO petitions_idempotencykey (actor, key, body_hash, result, made_at) VALUES (%s, %s, %s, '', %s)
ON CONFLICT (actor, key) DO NOTHING RETURNING id
"""


def once(
    by: Actor, key: str, body: Mapping[str, object] | bytes, run: Callable[[], dict[str, str]]
) -> tuple[dict[str, str], bool]:
    """Do ``run`` unless this very sending has been done; return its answer and whether it was done now.

    Args:
        key: from the form; one for each sending, so that a second press carries the same.
        body: what was sent, without key and token.
        run: the act; what it returns is kept sealed, since it may hold a query code. A refusal takes the key back.

    Raises:
        KeyReused: the key came before with another body.
        BadInput: it is no key.
    """
    if not key or len(key) > LONGEST_KEY or "\0" in key:
        raise BadInput({"idempotency_key": "提交编号不对，请刷新页面后重新提交。"})
    actor, digest = f"post:{by.post.pk}", _digest(body)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [actor, key, digest, moment.now()])
            claimed = cursor.fetchone()
        if claimed is None:
            return _first_answer(actor, key, digest), False
        answer = run()
        IdempotencyKey.objects.filter(pk=claimed[0]).update(result=_kept(actor, key, answer))
    return answer, True


def answered(by: Actor, key: str, body: Mapping[str, object] | bytes) -> dict[str, str] | None:
    """Return the answer that this very sending has had, ``None`` where it is new: for forms that fit only once."""
    row = IdempotencyKey.objects.filter(actor=f"post:{by.post.pk}", key=key.replace("\0", "")).first()
    if not key or row is None or row.body_hash != _digest(body) or not row.result:
        return None
    return _opened(row)


def forget_before(day: datetime) -> int:
    """Delete the keys made before ``day`` with their answers, and return how many went."""
    forgotten, _ = IdempotencyKey.objects.filter(made_at__lt=day).delete()
    return forgotten


def _first_answer(actor: str, key: str, digest: str) -> dict[str, str]:
    row = IdempotencyKey.objects.get(actor=actor, key=key)
    if row.body_hash != digest:
        raise KeyReused
    return _opened(row)


def _opened(row: IdempotencyKey) -> dict[str, str]:
    answer: dict[str, str] = json.loads(unseal(base64.b64decode(row.result), _aad(row.actor, row.key)))
    return answer


def _kept(actor: str, key: str, answer: dict[str, str]) -> str:
    """The answer may hold a query code in clear: it is sealed, and forgotten after a week."""
    return base64.b64encode(seal(json.dumps(answer), _aad(actor, key))).decode()


def _aad(actor: str, key: str) -> bytes:
    return f"once:{actor}:{key}".encode()


def _digest(body: Mapping[str, object] | bytes) -> str:
    """SHA-256 of what was sent, the same for the same fields in any order."""
    plain = body if isinstance(body, bytes) else json.dumps(body, sort_keys=True, default=str).encode()
    return hashlib.sha256(plain).hexdigest()
