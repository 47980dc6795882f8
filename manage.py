#!/usr/bin/env python
"""What do you want the office to do?  Django's command line; embedded servers come up where a command needs them."""

from __future__ import annotations

import os
import sys

from config import embedded

# These never ask the database anything, so they should not start one.
WITHOUT_DATABASE = {
    "help",
    "version",
    "--version",
    "--help",
    "collectstatic",
    "bench",  # has servers of its own
    "startapp",
    "startproject",
    "compilemessages",
}
# These change tables or hand out rights: they log in as the owner of the tables.  Everything else is the app role.
AS_OWNER = {"migrate", "flush", "sqlflush", "dbshell", "backup", "restore", "generate"}


def main() -> None:
    """Run one management command; exits with its status."""
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if command in AS_OWNER:
        os.environ["OFFICE_DB_AS"] = "owner"
    if command not in WITHOUT_DATABASE and not {"-h", "--help"} & set(sys.argv):
        embedded.ensure()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
