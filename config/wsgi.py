"""How does the web server reach the office?"""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()


def _right_database() -> None:
    """A web process never answers on the other kind's database, however it was started."""
    from django.conf import settings
    from django.db import connection

    from accounts import standing

    standing.check(settings.OFFICE_MODE)
    connection.close()


def _spare_the_collector() -> None:
    """What stands from the start is not looked through again and again while somebody waits.

    Requests leave few cycles behind: looking for them every 20,000 new objects instead of every 700 is often enough.
    """
    get_resolver().url_patterns  # noqa: B018  (every page's code is read now, not by whoever asks first)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


_right_database()
_spare_the_collector()
