"""Two who bring figures up to date, and a verb in between: nothing is counted twice, nothing is forgotten."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.dates import today
from petitions import figures
from petitions.actions import advance
from petitions.errors import WrongMoment
from petitions.figures import Cut, counts, days, keep
from petitions.models import FigureChange, FigureFact, FigureState, Filing, Job
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


def test_two_workers_after_an_upgrade_make_everything_anew_once(
    cast: Cast, make: Makes, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures.rebuild()
    make.registered()
    figures.refresh()
    FigureState.objects.update(measures="another")
    begun, refreshed, made = threading.Event(), threading.Event(), []
    anew = keep._anew

    def slowly(day: date, say: keep.Say) -> int:
        made.append(day)
        begun.set()
        assert refreshed.wait(20)
        return anew(day, say)

    def meanwhile() -> None:
        assert begun.wait(20)
        for _ in range(2):  # the next minutes
            figures.refresh()
        assert not keep.is_current()  # it did not say so before the other was through
        refreshed.set()

    monkeypatch.setattr(keep, "_anew", slowly)
    together(figures.refresh, meanwhile)
    assert len(made) == 1
    assert keep.is_current()
    assert figures.compare() == 0


def test_a_past_day_asked_for_twice_at_once_is_counted_once(cast: Cast, make: Makes) -> None:
    figures.rebuild()
    for _ in range(4):
        make.registered()
    figures.refresh()
    FigureState.objects.update(since=today() + timedelta(days=1))  # as if facts were kept only from tomorrow on
    results = together(*[lambda: keep.make_day(today())] * 3)
    assert None in results and all(one is None or isinstance(one, WrongMoment) for one in results)
    kept = FigureFact.objects.filter(valid_from=today(), valid_to=today() + timedelta(days=1))
    assert kept.count() == 4 == kept.values("filing").distinct().count()


def test_two_clicks_at_once_ask_for_a_past_day_once(cast: Cast, make: Makes) -> None:
    make.registered()
    together(*[lambda: days.ask(today(), by=cast.triage)] * 4)
    assert Job.objects.filter(kind=days.CODE).count() == 1


def test_a_fact_of_a_span_is_there_once(cast: Cast, make: Makes) -> None:
    make.registered()
    figures.refresh()
    fact = FigureFact.objects.get()
    FigureFact.objects.filter(pk=fact.pk).update(valid_to=today() + timedelta(days=1))
    fact.pk, fact.valid_to = None, today() + timedelta(days=1)
    with pytest.raises(IntegrityError):
        fact.save(force_insert=True)
