#!/bin/sh
# The app's own login, which owns no table: run once by the database's container, before its first connection from outside.
set -eu
psql --set ON_ERROR_STOP=1 --set app="$APP_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE office_app LOGIN PASSWORD :'app';
REVOKE ALL ON DATABASE office FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE office TO office_app;
SQL
