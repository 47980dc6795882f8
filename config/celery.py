"""What happens by itself, and when?  The whole beat schedule, in code.  Times are Asia/Shanghai."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("office")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()  # for every thread: the web server answers in many

# name → {"task": dotted name, "schedule": seconds or crontab(...), "options": {"expires": seconds}}
BEAT: dict[str, dict[str, Any]] = {
    "night": {"task": "petitions.night", "schedule": crontab(hour=0, minute=20), "options": {"expires": 21600}},
    "sweep": {"task": "petitions.sweep", "schedule": crontab(hour=1, minute=40), "options": {"expires": 21600}},
    "forget_bookings": {"task": "visits.forget", "schedule": crontab(hour=0, minute=40), "options": {"expires": 21600}},
    "second_wave": {
        "task": "visits.second_wave",
        "schedule": crontab(hour=0, minute=50),
        "options": {"expires": 21600},
    },
    "visits_ahead": {
        "task": "visits.tell_ahead",
        "schedule": crontab(hour=6, minute=40),
        "options": {"expires": 21600},
    },
    "words": {"task": "petitions.count_words", "schedule": crontab(minute=50), "options": {"expires": 3000}},
    "words_nightly": {
        "task": "petitions.count_words",
        "schedule": crontab(hour=2, minute=20),
        "kwargs": {"always": True},
        "options": {"expires": 21600},
    },
    "patterns": {"task": "petitions.patterns", "schedule": crontab(hour=3, minute=10), "options": {"expires": 21600}},
    "warnings": {"task": "petitions.warnings", "schedule": crontab(hour=7, minute=30), "options": {"expires": 21600}},
    "seal": {"task": "accounts.seal", "schedule": 60, "options": {"expires": 55}},
    "jobs": {"task": "petitions.jobs", "schedule": 60, "options": {"expires": 55}},
    "figures": {"task": "petitions.figures", "schedule": 60, "options": {"expires": 55}},
    "push": {"task": "petitions.push", "schedule": 60, "options": {"expires": 55}},
    "notices": {"task": "petitions.send_notices", "schedule": 60, "options": {"expires": 55}},
}
app.conf.beat_schedule = BEAT
