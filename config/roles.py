"""What may the app do in the database?  Use every table; on append-only tables insert and read, and no more.

Which tables are append-only is said by migrations, with ``accounts.append_only.append_only``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from psycopg2 import errors, sql

from accounts.append_only import FULL, TRIGGER

ADD_ONLY = "SELECT, INSERT"
SEED = "seed"  # schema, in test databases only: the rows that migrations filled in

# --- before migrations ---------------------------------------------------------------------------------------------


def grant(cursor: Any, role: str) -> None:
    """As the owner: make the app role where we may, and give it its rights on tables there are and tables to come.

    Where it cannot be made, a notice is printed and the office works with one role; the triggers still hold.
    """
    cursor.execute("SELECT current_user, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
    me, there = cursor.fetchone()
    if me == role or not (there or _create(cursor, role)):
        return
    if settings.DB_SINGLE_LOGIN:
        _join(cursor, role)
    name = sql.Identifier(role)
    for statement in (
        "GRANT USAGE ON SCHEMA public TO {}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {FULL} ON TABLES TO {{}}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
    ):
        cursor.execute(sql.SQL(statement).format(name))
    _grant_existing(cursor, role)


def _create(cursor: Any, role: str) -> bool:
    cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    if not cursor.fetchone()[0]:
        notice = (
            f"Notice: there is no role {role} and this login may not make it, so one role owns the tables and uses them.\n"
            "History is then kept by triggers alone.  Better: give DATABASE_OWNER_URL as well (docs/operations.md)."
        )
        print(notice)  # noqa: T201  (migrate's own output goes the same way)
        return False
    cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    return True


def _join(cursor: Any, role: str) -> None:
    """With a single login, that login must be able to become the app role."""
    cursor.execute("SELECT current_setting('server_version_num')::int")
    right = "SET" if cursor.fetchone()[0] >= 160000 else "MEMBER"  # from 16 on, being a member is not enough
    cursor.execute("SELECT pg_has_role(current_user, %s, %s)", [role, right])
    if not cursor.fetchone()[0]:
        try:
            cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))
        except Exception as refused:  # pragma: no cover  (a server where somebody else made the role)
            raise PermissionError(f"this login cannot become {role}: GRANT {role} TO it") from refused


def _grant_existing(cursor: Any, role: str) -> None:
    """Tables made before the role was: full rights, but on append-only tables only what append_only() leaves."""
    cursor.execute(
        """SELECT c.relname, t.tgname IS NOT NULL, t.tgargs
           FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = %s
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
             AND c.relowner = current_user::regrole AND NOT has_table_privilege(%s, c.oid, 'INSERT')""",
        [f"{TRIGGER}_update", role],
    )
    for table, closed, arguments in cursor.fetchall():
        name, to = sql.Identifier(table), sql.Identifier(role)
        cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(ADD_ONLY if closed else FULL), name, to))
        columns = [sql.Identifier(part.decode()) for part in bytes(arguments or b"").split(b"\0") if part]
        if columns:
            cursor.execute(sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(sql.SQL(", ").join(columns), name, to))


def step_down(cursor: Any, role: str) -> None:
    """With a single login: become the app role, where it exists and this login belongs to it."""
    cursor.execute(
        "SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role]
    )
    found = cursor.fetchone()
    if found and found[0]:
        cursor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))


# --- test databases ------------------------------------------------------------------------------------------------


def keep_seed(cursor: Any) -> None:
    """Copy every row that migrations filled in, so that :func:`flush` can bring it back."""
    cursor.execute(f"DROP SCHEMA IF EXISTS {SEED} CASCADE; CREATE SCHEMA {SEED}")
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations'")
    for (table,) in cursor.fetchall():
        name = sql.Identifier(table)
        cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(name))
        if cursor.fetchone()[0]:
            cursor.execute(sql.SQL("CREATE TABLE {}.{} AS TABLE public.{}").format(sql.Identifier(SEED), name, name))


def flush(cursor: Any, statements: Iterable[str]) -> None:
    """As the owner of a test database: empty the tables, append-only ones too, and bring the migrations' rows back."""
    cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE %s", [f"{TRIGGER}\\_%"])
    closed = [table for (table,) in cursor.fetchall()]
    cursor.execute("BEGIN")
    try:
        for table in closed:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement.replace(" RESTART IDENTITY", ""))  # the rows brought back keep their numbers
        _bring_back(cursor)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in closed:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("COMMIT")
    except errors.Error:
        cursor.execute("ROLLBACK")
        raise


def _bring_back(cursor: Any) -> None:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [SEED])
    for (table,) in cursor.fetchall():
        cursor.execute(
            """SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
               AND attgenerated = ''""",
            [f'public."{table}"'],
        )
        columns = sql.SQL(", ").join(sql.Identifier(column) for (column,) in cursor.fetchall())
        cursor.execute(
            sql.SQL(
                "INSERT INTO public.{table} ({columns}) SELECT {columns} FROM {seed}.{table} ON CONFLICT DO NOTHING"
            ).format(table=sql.Identifier(table), columns=columns, seed=sql.Identifier(SEED))
        )
