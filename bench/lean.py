"""What would the leanest Django do?  The app of ../shared/bench/floor on the same database server, where the folder is there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from config import embedded

FOLDER = embedded.ROOT.parent / "shared" / "bench"
MOST = 100_000  # its rows: its own index of words takes too long beyond
Say = Callable[[str], None]


def there() -> bool:
    """Whether the lean app's folder is beside the checkout."""
    return (FOLDER / "floor" / "django_floor.py").exists()


def _admin(name: str) -> Any:
    import psycopg2

    found = embedded.addresses()["database"]
    login = found["admin"]
    connection = psycopg2.connect(host=found["host"], port=found["port"], dbname=name, **login)
    connection.autocommit = True
    return connection


def fill(size: int, say: Say) -> tuple[str, int]:
    """Make and fill its database unless it is there; return its name and its number of rows."""
    rows = min(size, MOST)
    name = f"lean_{rows}"
    with closing(_admin("postgres")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            return name, rows
        cursor.execute(f"CREATE DATABASE {name}_new")
    say(f"lean app: {rows:,} rows")
    with closing(_admin(f"{name}_new")) as connection, connection.cursor() as cursor:
        cursor.execute((FOLDER / "sql" / "schema.sql").read_text())
        _copy(cursor, "bcase", rows)
        _copy(cursor, "bevent", rows, "--events")
        for script in ("index.sql", "index_bigram.sql"):
            for statement in _statements((FOLDER / "sql" / script).read_text()):
                cursor.execute(statement)

    with closing(_admin("postgres")) as connection, connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name}_new RENAME TO {name}")
    return name, rows


def _statements(text: str) -> list[str]:
    """The statements of a script; its function bodies hold no semicolon."""
    plain = "\n".join(line.split("--")[0] for line in text.splitlines())
    return [part for part in plain.split(";") if part.strip()]


def _copy(cursor: Any, table: str, rows: int, *more: str) -> None:
    command = [sys.executable, str(FOLDER / "gen_cases.py"), str(rows), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as made:  # noqa: S603
        assert made.stdout is not None
        cursor.copy_expert(f"COPY {table} FROM STDIN", made.stdout)


def environment(name: str) -> dict[str, str]:
    """What its processes are told: where the database is, by libpq's own variables."""
    found = embedded.addresses()["database"]
    return {
        "PGHOST": found["host"], "PGPORT": str(found["port"]), "PGUSER": found["admin"]["user"],
        "PGPASSWORD": found["admin"]["password"], "FLOOR_DB": name, "FLOOR_INS_DB": name,
        "PYTHONPATH": str(Path(FOLDER / "floor")),
    }  # fmt: skip
