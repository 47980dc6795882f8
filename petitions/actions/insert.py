"""How are many new rows of different kinds written?  All INSERTs of one act in a single round trip to the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model
from django.db.models.sql import InsertQuery


def insert_together(rows: Iterable[Model]) -> None:
    """Insert ``rows`` in their order, neighbours of one kind as one INSERT; nothing is read back.

    Rows that others point to must carry their primary key already (see `take_ids`); the others get theirs from the
    database and stay without it in memory.  A counter waits for its answer: nine round trips would be most of it.
    """
    statements: list[str] = []
    params: list[Any] = []
    for model, group in groupby(rows, key=type):
        many = list(group)
        for row in many:
            row._prepare_related_fields_for_save(operation_name="insert")  # type: ignore[attr-defined]
        for sql, values in _compiled(model, many):
            statements.append(sql)
            params += values
    if statements:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(statements), params)


def _compiled(model: type[Model], rows: Sequence[Model]) -> Iterable[tuple[str, Sequence[object]]]:
    with_key = rows[0].pk is not None
    fields = [field for field in model._meta.concrete_fields if with_key or not field.primary_key]
    query = InsertQuery(model)
    query.insert_values(fields, list(rows), raw=False)
    compiled: Iterable[tuple[str, Sequence[object]]] = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    return compiled


def take_ids(*wanted: tuple[type[Model], int]) -> list[list[int]]:
    """Return primary keys ahead of their rows: for each (model, how many) a list, all in one round trip.

    Gaps are harmless: ids say nothing; the numbers that people read are taken from `petitions.numbers`.
    """
    parts, params = [], []
    for model, count in wanted:
        table = model._meta.db_table
        parts.append(f"SELECT array_agg(nextval(pg_get_serial_sequence('{table}', 'id'))) FROM generate_series(1, %s)")  # noqa: S608 (our own tables)
        params.append(count)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'({part})' for part in parts)}", params)
        return [list(ids or ()) for ids in cursor.fetchone()]
