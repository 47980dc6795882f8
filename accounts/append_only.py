"""How is a table made one that is only ever added to?  By a migration operation.

``operations = [..., append_only("accounts_accesslog")]``.  Two things then hold the table: the app's database role has no
right to change a row, and a trigger refuses even where one role has to do for both.
"""

from __future__ import annotations

from django.conf import settings
from django.db import migrations

TRIGGER = "append_only"
FULL = "SELECT, INSERT, UPDATE, DELETE"

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {TRIGGER}_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on %: this table is only ever added to', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;
"""


def append_only(table: str, *, allow_update_of: tuple[str, ...] = ()) -> migrations.RunSQL:
    """A migration operation after which rows of ``table`` can be added and read, never changed or removed.

    ``allow_update_of`` names columns that are filled in later (the sealer's number); every other column stays closed.
    A breach raises django.db.ProgrammingError (SQLSTATE 42501).  Undone by the reverse migration.
    """
    _check_names(table, *allow_update_of)
    quoted = ", ".join(f"'{column}'" for column in allow_update_of)
    when = f"WHEN (to_jsonb(OLD) - ARRAY[{quoted}] IS DISTINCT FROM to_jsonb(NEW) - ARRAY[{quoted}])" if quoted else ""
    columns = ", ".join(f'"{column}"' for column in allow_update_of)
    some = f"GRANT UPDATE ({columns}) ON {table} TO {settings.DB_APP_ROLE};" if columns else ""
    run = f"EXECUTE FUNCTION {TRIGGER}_refuses({quoted})"
    return migrations.RunSQL(
        sql=f"""{_FUNCTION}
        CREATE TRIGGER {TRIGGER}_update BEFORE UPDATE ON {table} FOR EACH ROW {when} {run};
        CREATE TRIGGER {TRIGGER}_delete BEFORE DELETE ON {table} FOR EACH ROW {run};
        CREATE TRIGGER {TRIGGER}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {run};
        {_if_app_role(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {settings.DB_APP_ROLE}; {some}")}""",
        reverse_sql=f"""
        DROP TRIGGER {TRIGGER}_update ON {table};
        DROP TRIGGER {TRIGGER}_delete ON {table};
        DROP TRIGGER {TRIGGER}_truncate ON {table};
        {_if_app_role(f"GRANT {FULL} ON {table} TO {settings.DB_APP_ROLE};")}""",
    )


def _check_names(*names: str) -> None:
    for name in names:
        if not name.replace("_", "").isalnum() or not name.isascii():
            raise ValueError(f"not a plain SQL name: {name!r}")


def _if_app_role(statements: str) -> str:
    """SQL that runs only where the app has a role of its own."""
    role = settings.DB_APP_ROLE
    there = f"EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') AND current_user <> '{role}'"
    return f"DO $do$ BEGIN IF {there} THEN {statements} END IF; END $do$;"
