"""When is a row out of everybody's reach?  When it is sealed: each minute, every committed row that is not sealed yet.

Apps name the tables to be sealed (`register`, in AppConfig.ready).  A seal is a Merkle root over rows, chained to the seal
before and signed (`accounts.seals`).

**No row is missed.**  A row's number is taken from a sequence before its transaction commits, so that row 7 may appear
after row 9 was sealed.  Whoever took a number holds a lock on that sequence until his transaction ends.  The sealer reads
the sequence (S), then who holds such locks; once those have ended, every row up to S that there will ever be is in sight.
S is then written into the seal as *settled*.  While somebody does not end, *settled* stays, what is in sight above it is
sealed all the same, and the rest next time.  So each minute reads only what lies above *settled*, however large the
table; and a row that appears below it later was put there by other means: it is never sealed, and verification names it.
"""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from accounts import seal_note, seals
from accounts.models import AccessLog, Seal, SealedRow

logger = logging.getLogger(__name__)
BATCH = 20_000  # rows of one seal: what one transaction holds in memory
LOCK = 0x5EA1  # advisory lock: one sealer at a time in one database
PATIENCE_SECONDS = 2.0  # for transactions under way to end
SLICE_SECONDS = 45.0  # one run of the task; what is left waits for the next minute


# --- what is sealed ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """A table whose rows are sealed.

    Attributes:
        kind: short name, in every leaf; never given to another table or another list of columns.
        title: what a row is called in reports.
        columns: those that never change after the row was written, "id" first.
        describe: says which row it is, in words, for its id; asked for findings only.
        quiet: how many rows there are is nobody's business: they are checked and not counted.
    """

    kind: str
    title: str
    model: type[models.Model]
    columns: tuple[str, ...]
    describe: Callable[[int], str] = lambda _: ""
    quiet: bool = False

    @property
    def table(self) -> str:
        """The table's name."""
        return self.model._meta.db_table

    @property
    def select(self) -> str:
        """The columns, quoted for a SELECT from ``r``."""
        return ", ".join(f'r."{name}"' for name in self.columns)

    def leaf(self, row: Sequence[Any]) -> bytes:
        """Return the leaf of a row as the database gives it."""
        parsed = _json_places(self)
        return seals.leaf(self.kind, [json.loads(v) if i in parsed and v else v for i, v in enumerate(row)])


@lru_cache
def _json_places(source: Source) -> frozenset[int]:
    """Which columns come as JSON text (a bare cursor does not parse them)."""
    kinds = {field.column: field.get_internal_type() for field in source.model._meta.concrete_fields}
    return frozenset(place for place, name in enumerate(source.columns) if kinds[name] == "JSONField")


SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    """Have a table's rows sealed from now on; called once for each in AppConfig.ready."""
    assert source.columns[0] == "id"
    assert len(source.kind) <= 8
    SOURCES[source.kind] = source


register(
    Source(
        "access", "access log row", AccessLog, ("id", "at", "kind", "user_id", "post_id", "target", "address", "data")
    )
)


# --- which rows are in sight for good ----------------------------------------------------------------------------


def _given(cursor: Any) -> dict[str, int]:
    """By kind, the last number that anybody has taken."""
    found = {}
    for source in SOURCES.values():
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [source.table])
        sequence = cursor.fetchone()[0]
        cursor.execute(f"SELECT last_value - (NOT is_called)::int FROM {sequence}")  # noqa: S608  (the server's own name)
        found[source.kind] = int(cursor.fetchone()[0])
    return found


def _writers(cursor: Any) -> set[str]:
    """Transactions that have taken a number or are writing, ours not counted.

    A sequence is locked (RowExclusiveLock) from the first number taken to the end of the transaction.
    """
    tables = [source.table for source in SOURCES.values()]
    cursor.execute(
        """SELECT DISTINCT virtualtransaction FROM pg_locks
           WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND pid IS DISTINCT FROM pg_backend_pid() AND mode IN
               ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
             AND relation IN (SELECT unnest(%s)::regclass
                              UNION ALL SELECT pg_get_serial_sequence(t, 'id')::regclass FROM unnest(%s) t)""",
        [tables, tables],
    )
    return {name for (name,) in cursor.fetchall()}


def _all_ended(cursor: Any, patience: float) -> bool:
    """Wait for those who are writing now; whether all of them have ended."""
    waited_for, until = _writers(cursor), time.monotonic() + patience
    while waited_for:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
        waited_for &= _writers(cursor)
    return True


# --- sealing -----------------------------------------------------------------------------------------------------


def seal_all(*, seconds: float = SLICE_SECONDS, batch: int = BATCH, patience: float = PATIENCE_SECONDS) -> int:
    """Seal what is not sealed yet and return how many rows that were; 0 also while another sealer is at work.

    Args:
        seconds: stop after about so long; the rest waits for the next run.
        batch: rows of one seal.
        patience: seconds to wait for transactions under way.
    """
    total, until = 0, time.monotonic() + seconds
    while True:
        made = _seal_once(batch, patience)
        if made is None:
            return total
        seal_note.write(made)
        logger.info("seal %s: %s rows, digest %s", made.number, made.count, bytes(made.digest).hex())
        total += made.count
        if made.count < batch or time.monotonic() > until:
            return total


def _seal_once(batch: int, patience: float) -> Seal | None:
    """One seal in one transaction, or nothing where there is nothing to seal."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        last = Seal.objects.order_by("-number").first()
        given = _given(cursor)
        ended = _all_ended(cursor, patience)
        before = {kind: int((last.settled if last else {}).get(kind, 0)) for kind in SOURCES}
        leaves, settled = _collect(cursor, before, given, batch, ended=ended)
        return _write(last, leaves, settled) if leaves else None


Leaf = tuple[str, int, bytes]  # kind, id of the row, hash


def _collect(
    cursor: Any, before: dict[str, int], given: dict[str, int], batch: int, *, ended: bool
) -> tuple[list[Leaf], dict[str, int]]:
    """The next leaves, by kind and id, and up to which id each kind is settled with them."""
    leaves: list[Leaf] = []
    settled = dict(before)
    for kind, source in sorted(SOURCES.items()):
        room = batch - len(leaves)
        if room == 0:
            break
        found = list(_unsealed(cursor, source, before[kind], given[kind], room))
        leaves += found
        if ended:  # where the batch is full, more may lie above its last row
            settled[kind] = found[-1][1] if len(found) == room else max(before[kind], given[kind])
    return leaves, settled


def _unsealed(cursor: Any, source: Source, above: int, up_to: int, limit: int) -> Iterator[Leaf]:
    cursor.execute(
        f"""SELECT {source.select} FROM {source.table} r
            WHERE r.id > %(above)s AND r.id <= %(up_to)s AND NOT EXISTS (
              SELECT FROM accounts_sealedrow s
              WHERE s.kind = %(kind)s AND s.row_id = r.id AND s.row_id > %(above)s AND s.row_id <= %(up_to)s)
            ORDER BY r.id LIMIT %(limit)s""",  # noqa: S608  (names of our own tables)
        {"above": above, "up_to": up_to, "kind": source.kind, "limit": limit},
    )
    while rows := cursor.fetchmany(2000):
        for row in rows:
            yield source.kind, row[0], source.leaf(row)


def _write(last: Seal | None, leaves: list[Leaf], settled: dict[str, int]) -> Seal:
    """Chain, sign and save a seal over ``leaves``."""
    tree, signer = seals.Tree(), seals.Signer.of(settings.SEAL_KEY)
    for _, _, found in leaves:
        tree.add(found)
    made = Seal(
        number=last.number + 1 if last else 1, made_at=timezone.now(), count=tree.count, root=tree.root(),
        previous=bytes(last.digest) if last else b"", settled=settled, key_id=signer.key_id,
    )  # fmt: skip
    made.digest = digest_of(made)
    made.signature = signer.sign(made.digest)
    made.save(force_insert=True)
    _copy_rows(made.pk, leaves)
    return made


def digest_of(seal: Seal) -> bytes:
    """Return the digest that a seal must have by what it says."""
    return seals.digest(
        number=seal.number, made_at=seal.made_at, count=seal.count, root=bytes(seal.root),
        previous=bytes(seal.previous), settled=seal.settled, key_id=seal.key_id,
    )  # fmt: skip


def _copy_rows(seal_id: int, leaves: list[Leaf]) -> None:
    """Write the leaves down by COPY: thousands a seal."""
    lines = (
        f"{seal_id}\t{place}\t{kind}\t{pk}\t\\\\x{found.hex()}\n" for place, (kind, pk, found) in enumerate(leaves)
    )
    table = SealedRow._meta.db_table
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {table} (seal_id, position, kind, row_id, leaf) FROM STDIN", io.StringIO("".join(lines))
        )
