"""Two who bring figures up to date, and a verb in between: nothing is counted twice, nothing is forgotten."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from petitions import figures
from petitions.actions import advance
from petitions.figures import Cut, counts
from petitions.models import FigureChange, FigureFact, Filing
from tests.cast import Cast
from tests.makes import Makes
from tests.petitions.test_races import together

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CODES = ("filings", "matters", "route_in_time", "route_waits", "transferred")


def test_two_workers_at_once_count_once(cast: Cast, make: Makes) -> None:
    figures.rebuild()
    for _ in range(6):
        make.registered()
    together(*[figures.refresh] * 3)
    figures.refresh()
    assert counts(cast.triage, Cut("office"), CODES)[""]["filings"] == 6
    assert FigureFact.objects.count() == 6
    assert figures.compare() == 0


def test_verbs_during_a_refresh_are_taken_up_by_it_or_by_the_next(cast: Cast, make: Makes) -> None:
    figures.rebuild()
    filings = [make.registered().filing for _ in range(6)]

    def send(filing: Filing) -> None:
        advance("transfer", on=filing, by=cast.triage, department=cast.bureau)

    together(figures.refresh, *[lambda each=each: send(each) for each in filings], figures.refresh)
    figures.refresh()
    assert counts(cast.triage, Cut("office"), CODES)[""] == {
        "filings": 6, "matters": 6, "route_in_time": 6, "route_waits": 0, "transferred": 6,
    }  # fmt: skip
    assert not FigureChange.objects.exists()
    assert figures.compare() == 0


def test_what_is_not_committed_yet_is_counted_after_it_is(cast: Cast, make: Makes) -> None:
    figures.rebuild()
    written, refreshed = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            make.registered()
            written.set()
            assert refreshed.wait(20)

    def meanwhile() -> None:
        assert written.wait(20)
        figures.refresh()
        refreshed.set()

    together(slow, meanwhile)
    assert counts(cast.triage, Cut("office"), CODES)[""]["filings"] == 0
    figures.refresh()
    assert counts(cast.triage, Cut("office"), CODES)[""]["filings"] == 1


def test_a_rebuild_while_verbs_write_forgets_nothing(cast: Cast, make: Makes) -> None:
    filings = [make.registered().filing for _ in range(4)]

    def send(filing: Filing) -> None:
        advance("transfer", on=filing, by=cast.triage, department=cast.bureau)

    together(figures.rebuild, *[lambda each=each: send(each) for each in filings])
    figures.refresh()
    assert figures.compare() == 0
    assert counts(cast.triage, Cut("body"), CODES)[""]["matters"] == 4


def test_a_refresh_that_is_killed_leaves_numbers_and_lists_equal(
    cast: Cast, make: Makes, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures.rebuild()
    make.sent()
    monkeypatch.setattr(figures.keep.totals.Difference, "write", _die)
    with pytest.raises(KeyboardInterrupt):
        figures.refresh()
    connection.close()
    monkeypatch.undo()
    assert figures.compare() == 0


def _die(_: object) -> None:
    raise KeyboardInterrupt
