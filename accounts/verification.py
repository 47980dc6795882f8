"""Is what was sealed still as it was?  Walks seals and sealed rows in order, in bounded memory, and names what is not."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction

from accounts import seal_note, sealer, seals
from accounts.models import Seal
from accounts.sealer import Source

CHUNK = 2000  # rows fetched at a time
PROGRESS_SECONDS = 5.0
Keys = Mapping[str, Ed25519PublicKey]  # by key id


@dataclass
class Report:
    """Takes findings as they come (none is kept) and counts; says how far the walk is every few seconds."""

    say: Callable[[str], None]
    progress: Callable[[str], None] = lambda _: None
    findings: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    unsealed: Counter[str] = field(default_factory=Counter)
    _next: float = field(default_factory=lambda: time.monotonic() + PROGRESS_SECONDS)

    def finding(self, text: str) -> None:
        """Something is not as it was."""
        self.findings += 1
        self.say(text)

    def count(self, what: str) -> None:
        """One more was looked at."""
        self.seen[what] += 1
        if self.seen[what] % 500 == 0 and time.monotonic() > self._next:
            self._next = time.monotonic() + PROGRESS_SECONDS
            self.progress(f"{what}: {self.seen[what]:,} so far")


@dataclass(frozen=True)
class Start:
    """Where a walk begins: the first seal, what the seal before it says, and the ids settled by then."""

    seal_id: int = 0
    before: Seal | None = None

    def above(self, kind: str) -> int:
        """The id below which rows of a kind are not looked at."""
        return int(self.before.settled.get(kind, 0)) if self.before else 0


def start_at(since: datetime | None) -> Start:
    """Return where to begin for what was sealed from ``since`` on (aware); from the beginning for None."""
    if since is None:
        return Start()
    before = Seal.objects.filter(made_at__lt=since).order_by("-number").first()
    return Start(before.pk + 1, before) if before else Start()


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read within is of one moment, while the office goes on."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def stream(query: str, params: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query, a chunk at a time; inside a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, params)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


# --- seals -------------------------------------------------------------------------------------------------------


def check_seals(report: Report, keys: Keys, start: Start) -> None:
    """Check the chain of seals from ``start`` on, each one's signature, and that its leaves make its root."""
    leaves = Leaves(start.seal_id)
    before = start.before
    for seal in Seal.objects.filter(pk__gte=start.seal_id).order_by("pk").iterator(CHUNK):
        report.count("seals")
        _check_place(report, seal, before)
        _check_words(report, seal, keys)
        _check_root(report, seal, leaves.of(seal.pk, report))
        before = seal
    leaves.rest(report)


def check_these_seals(report: Report, keys: Keys, ids: Iterable[int]) -> None:
    """Check some seals by themselves: signature and root."""
    for seal in Seal.objects.filter(pk__in=set(ids)).order_by("pk").iterator(CHUNK):
        report.count("seals")
        _check_words(report, seal, keys)
        _check_root(report, seal, stream(_LEAVES.format("="), [seal.pk]))


def _check_place(report: Report, seal: Seal, before: Seal | None) -> None:
    expected = before.number + 1 if before else 1
    if seal.number > expected:
        one = seal.number - 1 == expected
        which = f"seal {expected} is" if one else f"seals {expected} to {seal.number - 1} are"
        report.finding(f"{which} missing")
    elif seal.number < expected:
        report.finding(f"seal {seal.number}: stands after seal {expected - 1}")
    elif bytes(seal.previous) != (sealer.digest_of(before) if before else b""):
        report.finding(f"seal {seal.number}: does not follow from the seal before it")


def _check_words(report: Report, seal: Seal, keys: Keys) -> None:
    said, key = sealer.digest_of(seal), keys.get(seal.key_id)
    if key is None:
        report.finding(f"seal {seal.number}: signed with key {seal.key_id}, which is not known here")
    elif not seals.is_signed(key, bytes(seal.signature), said):
        report.finding(f"seal {seal.number}: was changed, or made without the key: its signature does not fit")
    elif said != bytes(seal.digest):
        report.finding(f"seal {seal.number}: its digest was changed")


def _check_root(report: Report, seal: Seal, leaves: Iterable[tuple[Any, ...]]) -> None:
    tree, in_order = seals.Tree(), True
    for _, position, found in leaves:
        in_order = in_order and position == tree.count
        tree.add(bytes(found))
    if tree.count != seal.count or not in_order:
        report.finding(f"seal {seal.number}: has {tree.count} leaves, and {seal.count} were sealed")
    elif tree.root() != bytes(seal.root):
        report.finding(f"seal {seal.number}: its leaves were changed: they do not make its root")


_LEAVES = "SELECT seal_id, position, leaf FROM accounts_sealedrow WHERE seal_id {} %s ORDER BY seal_id, position"


class Leaves:
    """Leaves in the order of their seals, read once."""

    def __init__(self, first: int) -> None:
        self._rows = stream(_LEAVES.format(">="), [first])
        self._next = next(self._rows, None)

    def of(self, seal_id: int, report: Report) -> Iterator[tuple[Any, ...]]:
        """Yield the leaves of a seal; those of seals that are gone are findings."""
        self._skip(seal_id, report)
        while self._next is not None and self._next[0] == seal_id:
            yield self._next
            self._next = next(self._rows, None)

    def rest(self, report: Report) -> None:
        """Leaves after the last seal."""
        self._skip(None, report)

    def _skip(self, until: int | None, report: Report) -> None:
        told = None
        while self._next is not None and (until is None or self._next[0] < until):
            if self._next[0] != told:
                told = self._next[0]
                report.finding(f"leaves of a seal that is gone (row {told} of accounts_seal)")
            self._next = next(self._rows, None)


def check_note(report: Report, given: seal_note.Note | None) -> None:
    """Check that seals noted outside the database (on this machine, and by ``given``) are in it."""
    try:
        here = seal_note.read()
    except (ValueError, KeyError, TypeError):
        report.finding("the note of the last seal on this machine cannot be read")
        here = None
    for note in {here, given} - {None}:
        assert note is not None
        if not seal_note.is_held(note):
            report.finding(f"seal {note.number} was noted outside the database and is not in it: seals were cut off")


# --- sealed rows -------------------------------------------------------------------------------------------------


def check_rows(report: Report, source: Source, start: Start, settled: int) -> None:
    """Check every row of a table against its leaf: changed, removed, put in afterwards.

    Args:
        settled: every honest row up to this id is sealed.
    """
    above = start.above(source.kind)
    query = f"SELECT {source.select} FROM {source.table} r WHERE r.id > %s ORDER BY r.id"  # noqa: S608  (our tables)
    rows = stream(query, [above])
    sealed = stream(
        "SELECT row_id, leaf, seal_id FROM accounts_sealedrow WHERE kind = %s AND row_id > %s ORDER BY row_id",
        [source.kind, above],
    )
    row, leaf = next(rows, None), next(sealed, None)
    while row is not None or leaf is not None:
        if row is None or (leaf is not None and leaf[0] < row[0]):
            assert leaf is not None
            report.finding(f"{source.title} {leaf[0]}: removed after {_seal(leaf[2])}")
            leaf = next(sealed, None)
            continue
        if not source.quiet:
            report.count(f"{source.title}s")
        if leaf is None or row[0] < leaf[0]:
            _check_unsealed(report, source, row[0], settled)
        while leaf is not None and leaf[0] == row[0]:
            _compare(report, source, row, leaf[1], leaf[2])
            leaf = next(sealed, None)
        row = next(rows, None)


def check_rows_where(report: Report, source: Source, column: str, value: int, settled: int) -> set[int]:
    """Check a few rows of a table, found by a column; returns the ids of the seals that they are in."""
    query = f"""SELECT s.leaf, s.seal_id, {source.select} FROM {source.table} r
        LEFT JOIN accounts_sealedrow s ON s.kind = %s AND s.row_id = r.id WHERE r."{column}" = %s ORDER BY r.id"""  # noqa: S608
    found = set()
    for leaf, seal_id, *row in stream(query, [source.kind, value]):
        report.count(f"{source.title}s")
        if seal_id is None:
            _check_unsealed(report, source, row[0], settled)
        else:
            found.add(seal_id)
            _compare(report, source, row, leaf, seal_id)
    return found


def _compare(report: Report, source: Source, row: Sequence[Any], leaf: bytes, seal_id: int) -> None:
    if source.leaf(row) != bytes(leaf):
        report.finding(f"{_name(source, row[0])}: changed after {_seal(seal_id)}")


def _check_unsealed(report: Report, source: Source, pk: int, settled: int) -> None:
    if pk <= settled:
        report.finding(f"{_name(source, pk)}: put in after its neighbours were sealed")
    elif not source.quiet:
        report.unsealed[f"{source.title}s"] += 1


def _name(source: Source, pk: int) -> str:
    words = source.describe(pk)
    return f"{source.title} {pk} ({words})" if words else f"{source.title} {pk}"


def _seal(pk: int) -> str:
    found = Seal.objects.filter(pk=pk).values_list("number", "made_at").first()
    return f"seal {found[0]} of {found[1]:%Y-%m-%d %H:%M:%S} UTC" if found else "it was sealed, in a seal that is gone"
