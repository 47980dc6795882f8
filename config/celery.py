"""What happens by itself, and when?  The whole beat schedule, in code.  Times are Asia/Shanghai."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("office")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# name → {"task": dotted name, "schedule": seconds or crontab(...), "options": {"expires": seconds}}
BEAT: dict[str, dict[str, Any]] = {}
app.conf.beat_schedule = BEAT
