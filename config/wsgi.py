"""How does the web server reach the office?"""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()


def _right_database() -> None:
    """A web process never answers on the other kind's database, however it was started."""
    from django.conf import settings
    from django.db import connection

    from accounts import standing

    standing.check(settings.OFFICE_MODE)
    connection.close()


_right_database()
