"""Does the database itself keep history from being changed?"""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection

from accounts.append_only import append_only
from config import roles
from config.postgres.base import as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def history():
    """A table made append-only the way migrations do it, with one column that is filled in later."""
    operation = append_only("only_added_to", allow_update_of=("sealed_as",))
    with as_owner(connection), connection.cursor() as cursor:
        roles.grant(cursor, settings.DB_APP_ROLE)
        cursor.execute("DROP TABLE IF EXISTS only_added_to")
        cursor.execute("CREATE TABLE only_added_to (id bigserial PRIMARY KEY, what text, sealed_as bigint)")
        cursor.execute(operation.sql)
    yield
    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute(operation.reverse_sql)
        cursor.execute("DROP TABLE only_added_to")


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def test_the_app_is_not_the_owner():
    [(me,)] = run("SELECT current_user")
    assert me == settings.DB_APP_ROLE


@pytest.mark.parametrize(
    "breach",
    ["UPDATE only_added_to SET what = 'other'", "DELETE FROM only_added_to", "TRUNCATE only_added_to",
     "UPDATE only_added_to SET what = 'other', sealed_as = 1", "ALTER TABLE only_added_to DISABLE TRIGGER USER",
     "DROP TABLE only_added_to"],
)  # fmt: skip
def test_the_app_adds_and_reads_but_changes_nothing(history, breach):
    run("INSERT INTO only_added_to (what) VALUES ('it happened')")
    run("UPDATE only_added_to SET sealed_as = 7")
    with pytest.raises(ProgrammingError):
        run(breach)
    assert run("SELECT what, sealed_as FROM only_added_to") == [("it happened", 7)]


@pytest.mark.parametrize(
    "breach",
    ["UPDATE only_added_to SET what = 'other'", "DELETE FROM only_added_to", "TRUNCATE only_added_to"],
)
def test_even_the_owner_is_stopped_by_the_trigger(history, breach):
    run("INSERT INTO only_added_to (what) VALUES ('it happened')")
    with as_owner(connection), pytest.raises(ProgrammingError, match="only ever added to"):
        run(breach)
    assert run("SELECT what FROM only_added_to") == [("it happened",)]


def test_a_role_made_later_gets_the_same_rights(history):
    role = settings.DB_APP_ROLE
    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON only_added_to FROM {role}")
        roles.grant(cursor, role)
    rights = "SELECT has_table_privilege('only_added_to', 'INSERT'), has_table_privilege('only_added_to', 'DELETE')"
    assert run(rights) == [(True, False)]
    assert run("SELECT has_column_privilege('only_added_to', 'sealed_as', 'UPDATE')") == [(True,)]
