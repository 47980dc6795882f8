"""Which database role does a connection act as?  The app role always, the owner for tables and for test databases.

Django loads this module as ENGINE "config.postgres".  With two logins (embedded servers, or DATABASE_OWNER_URL) the
server keeps them apart.  With one login each new connection switches to DB_APP_ROLE, where that role exists.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations

from config import roles

if TYPE_CHECKING:
    PostgresCreation = Any  # the stubs leave out half of it
else:
    from django.db.backends.postgresql.creation import DatabaseCreation as PostgresCreation

LOGIN = ("HOST", "PORT", "USER", "PASSWORD", "OPTIONS")


@contextmanager
def as_owner(connection: Any) -> Iterator[None]:
    """Let one Django connection work as the owner of the tables for a while; it reconnects before and after."""
    kept = {key: connection.settings_dict[key] for key in LOGIN}
    connection.close()
    connection.settings_dict.update(
        {key: settings.DB_OWNER.get(key) for key in LOGIN}, OPTIONS=dict(settings.DB_OWNER["OPTIONS"])
    )
    connection.settings_dict["ACTS_AS_OWNER"] = True  # kept in here, because Django copies it to its side connections
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)
        del connection.settings_dict["ACTS_AS_OWNER"]


class DatabaseCreation(PostgresCreation):  # type: ignore[misc]
    """Test databases are made, filled and dropped by the owner; tests then run as the app role."""

    def create_test_db(
        self, verbosity: int = 1, autoclobber: bool = False, serialize: bool = False, keepdb: bool = False
    ) -> str:
        """As Django's; a kept database is used again only while no migration file has changed.

        What migrations filled in is copied beside it, for tests that commit and for runs that were killed.
        """
        digest = _digest_of_migrations()
        with as_owner(self.connection):
            kept = keepdb and self._comment() == digest
            name: str = super().create_test_db(verbosity, autoclobber=True, serialize=False, keepdb=kept)
            with self.connection.cursor() as cursor:
                if kept:
                    roles.flush(cursor, self._all_tables(cursor))
                else:
                    roles.keep_seed(cursor)
                    cursor.execute(f"COMMENT ON DATABASE {self.connection.ops.quote_name(name)} IS '{digest}'")
        return name

    def _comment(self) -> str | None:
        query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        with self._nodb_cursor() as cursor:
            cursor.execute(query, [self._get_test_db_name()])
            row = cursor.fetchone()
        return row[0] if row else None

    def _all_tables(self, cursor: Any) -> list[str]:
        names = [name for name in self.connection.introspection.table_names(cursor) if name != "django_migrations"]
        return [f"TRUNCATE {', '.join(map(self.connection.ops.quote_name, names))}"] if names else []

    def _destroy_test_db(self, *args: Any, **kwargs: Any) -> None:
        with as_owner(self.connection):
            super()._destroy_test_db(*args, **kwargs)


def _digest_of_migrations() -> str:
    """One hash over every migration file of ours and the versions of everybody else's."""
    found = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda each: each.label):
        for path in sorted(Path(app.path).glob("migrations/*.py")):
            found.update(app.label.encode() + path.name.encode() + path.read_bytes())
    return found.hexdigest()


class DatabaseOperations(PostgresOperations):
    """A flush (tests with real transactions) empties append-only tables too, and puts the migrations' rows back."""

    def execute_sql_flush(self, sql_list: Iterable[str]) -> None:
        """Run Django's TRUNCATE statements as the owner."""
        with as_owner(self.connection), self.connection.cursor() as cursor:
            roles.flush(cursor, sql_list)


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, in the right role."""

    creation_class = DatabaseCreation
    ops_class = DatabaseOperations

    def init_connection_state(self) -> None:
        """As Django's; with a single login, step down to the app role."""
        super().init_connection_state()
        owner = settings.OFFICE_DB_AS == "owner" or self.settings_dict.get("ACTS_AS_OWNER", False)
        if settings.DB_SINGLE_LOGIN and not owner:
            with self.connection.cursor() as cursor:
                roles.step_down(cursor, settings.DB_APP_ROLE)
            if not self.connection.autocommit and not self.in_atomic_block:
                self.connection.commit()

    def prepare_database(self) -> None:
        """Before migrations: make the app role where we may, and give it its rights on what is to come."""
        super().prepare_database()
        with self.cursor() as cursor:
            roles.grant(cursor, settings.DB_APP_ROLE)
