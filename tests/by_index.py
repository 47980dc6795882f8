"""Is whatever is looked for led to by an index, or is a table that grows with the office read from end to end?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# What grows by matters; tables of bodies, people, rules and templates are small in any office.
GROWING = {
    f"petitions_{name}"
    for name in (
        "petition", "filing", "petitioner", "party", "claim", "assignment", "proceeding", "clock", "pause", "event", "paper", "notice",
        "reach", "rating", "instruction", "supervision", "hearing", "mediation", "attachment", "externalreference", "figurefact", "figurechange",
    )
}  # fmt: skip
Asked = dict[str, Any]  # statement → with what it was asked first
_led: set[str] = set()  # statements that were looked at before in this process


@contextmanager
def asked() -> Iterator[Asked]:
    """Every statement in here that looks for rows."""
    found: Asked = {}

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "UPDATE", "DELETE")) and not many:
            found.setdefault(sql, params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield found


def read_whole(statements: Asked) -> list[tuple[str, str]]:
    """Return (table, statement) of each that reads a growing table whole even where the planner would rather not."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in statements.keys() - _led:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", statements[sql])
            said = cursor.fetchone()[0]
            plan = (json.loads(said) if isinstance(said, str) else said)[0]["Plan"]
            found += [(table, sql) for node in _nodes(plan) if (table := _whole(node)) in GROWING]
        cursor.execute("SET LOCAL enable_seqscan = on")
    _led.update(statements)
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _whole(node: dict[str, Any]) -> str:
    """The table that this part of a plan reads whole: row by row, or by its numbers from one end.  (A part index may hold very few.)"""
    whole = node["Node Type"] == "Seq Scan" or (
        node.get("Index Name", "").endswith("_pkey") and "Index Cond" not in node
    )
    return str(node.get("Relation Name", "")) if whole else ""
