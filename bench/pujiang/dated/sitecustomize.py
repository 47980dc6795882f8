"""Lets a server of the replay live some days ago: read by Python itself where the replay puts this folder on the path.

Verbs, views and rows ask ``django.utils.timezone`` what time it is; it is answered with ``PUJIANG_DAYS_BACK`` days less.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

BACK = timedelta(days=int(os.environ.get("PUJIANG_DAYS_BACK") or 0))

if BACK:
    from django.utils import timezone

    _now = timezone.now

    def _earlier() -> datetime:
        return _now() - BACK

    timezone.now = _earlier
