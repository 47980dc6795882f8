"""On which day does a test happen?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time

import time_machine

from accounts.dates import SHANGHAI


@contextmanager
def on_day(day: date, at: time = time(10)) -> Iterator[None]:
    """The whole machine believes that it is ten in the morning of ``day``, or ``at`` another time."""
    with time_machine.travel(datetime.combine(day, at, SHANGHAI), tick=True):
        yield
