"""What becomes of the rows that tests roll back?  They stay in their tables, and every later scan would read over them.

PostgreSQL's own sweeper is off in throwaway clusters: it comes in the middle of a test, and then writes down that a table which is full of that
test's rows is empty, by which the planner goes wrong.  Emptied to nothing between two tests, a table is judged by its size again as it fills.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection
from psycopg2 import sql

EVERY = 40  # tests
MANY = 400  # rows that were rolled back, in one table
_tests = count(1)


def after_a_test() -> None:
    """Sweep now and then, where no transaction of several tests is under way."""
    if next(_tests) % EVERY == 0 and connection.connection is not None and not connection.in_atomic_block:
        sweep()


def sweep() -> None:
    """Take rolled back rows out of every table that holds many."""
    owner: dict[str, Any] = settings.DB_OWNER
    login = {"host": owner["HOST"], "port": owner["PORT"] or None, "user": owner["USER"], "password": owner["PASSWORD"]}
    database = psycopg2.connect(dbname=connection.settings_dict["NAME"], **login)
    try:
        database.autocommit = True
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT c.relname FROM pg_stat_user_tables JOIN pg_class c ON c.oid = relid "
                "WHERE n_dead_tup > %s AND pg_get_userbyid(c.relowner) = current_user",
                [MANY],
            )
            tables = [sql.Identifier(name) for (name,) in cursor.fetchall()]
            if tables:
                cursor.execute(sql.SQL("VACUUM (SKIP_LOCKED) {}").format(sql.SQL(", ").join(tables)))
    finally:
        database.close()
