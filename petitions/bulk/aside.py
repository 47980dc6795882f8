"""What is put aside while rows pour in, and how is it built again?  Foreign keys and indexes, side by side afterwards.

What has been put aside is kept in a table, so that a run that was killed is made whole by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from django.db import connection, transaction

KEPT = "petitions_put_aside"
# In this order: the longest takes every core for itself, a foreign key is checked through the indexes.
_ORDER = (("gin",), ("index", "key"), ("foreign",))

_TABLE = f"""CREATE TABLE IF NOT EXISTS {KEPT} (id bigserial PRIMARY KEY, kind text NOT NULL,
    build text NOT NULL, after text NOT NULL DEFAULT '')"""
# Foreign keys of and to the tables: each row would pay for looking every one of them up.
_FOREIGN = """
SELECT 'foreign', format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s NOT VALID', conrelid::regclass, conname, pg_get_constraintdef(oid)),
       format('ALTER TABLE %%s VALIDATE CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname)
  FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])"""
# Unique constraints come back as an index first, so that they are built beside others.
_KEYS = """
SELECT 'key', pg_get_indexdef(conindid),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I UNIQUE USING INDEX %%I', conrelid::regclass, conname, conname),
       format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname)
  FROM pg_constraint WHERE contype = 'u' AND conrelid = ANY(%s::regclass[])"""
_INDEXES = """
SELECT CASE WHEN a.amname = 'gin' THEN 'gin' ELSE 'index' END, pg_get_indexdef(i.indexrelid), '',
       format('DROP INDEX %%s', i.indexrelid::regclass)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
 WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('u', 'p', 'x'))"""


def put_aside(tables: Sequence[str]) -> None:
    """Drop what slows writing down, and remember how to build it again.  Primary keys stay."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TABLE)
        for question in (_FOREIGN, _KEYS, _INDEXES):
            cursor.execute(question, [list(tables)])
            for kind, build, after, drop in cursor.fetchall():
                cursor.execute(
                    f"INSERT INTO {KEPT} (kind, build, after) VALUES (%s, %s, %s)",  # noqa: S608
                    [kind, build, after],
                )
                cursor.execute(drop)


def finish(say: Callable[[str], None], *, lanes: int = 2) -> None:
    """Build again whatever is still put aside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [KEPT])
        if not cursor.fetchone()[0]:
            return
        cursor.execute(f"SELECT id, kind, build, after FROM {KEPT} ORDER BY id")  # noqa: S608
        rows = cursor.fetchall()
    for kinds in _ORDER:
        mine = [row for row in rows if row[1] in kinds]
        started = monotonic()
        _each(mine, 1 if kinds == ("gin",) else lanes, workers=lanes if kinds == ("gin",) else 0)
        if mine:
            say(f"{len(mine)} of kind {'/'.join(kinds)} built again in {monotonic() - started:.1f} s")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {KEPT}")


def _each(rows: Sequence[tuple[int, str, str, str]], lanes: int, *, workers: int) -> None:
    def build(row: tuple[int, str, str, str]) -> None:
        pk, _, first, after = row
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = {workers}")
                for statement in filter(None, (first, after)):
                    cursor.execute(statement)
                cursor.execute(f"DELETE FROM {KEPT} WHERE id = %s", [pk])  # noqa: S608
        finally:
            connection.close()

    with ThreadPoolExecutor(lanes) as pool:
        list(pool.map(build, rows))


def analyse(tables: Sequence[str], *, lanes: int = 2) -> None:
    """Vacuum (for index-only scans) and fresh statistics: what is cheap depends on what the planner knows."""

    def one(table: str) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"VACUUM (ANALYZE) {table}")
        finally:
            connection.close()

    with ThreadPoolExecutor(lanes) as pool:
        list(pool.map(one, tables))
