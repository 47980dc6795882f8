"""Does the measuring of long work do the work that it says it measured?"""

from __future__ import annotations

import pytest

from bench import long
from petitions.models import Assignment, Job, Paper
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db


def test_each_acceptance_measured_is_a_numbered_paper_and_what_is_missing_is_made_first(
    cast: Cast, make: Makes, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.signed()
    monkeypatch.setattr(long, "PAPERS", 3)
    row = long.acceptances()
    assert (row["papers"], row["state"]) == (3, "ended")
    assert Paper.objects.filter(kind="accept_notice").count() == 3
    assert Assignment.objects.filter(state="accepted").count() == 3


def test_an_export_measured_has_whole_days_and_no_more_rows_than_it_was_asked_for(cast: Cast, make: Makes) -> None:
    for _ in range(3):
        make.sent()
    assert long._export(3)()["rows"] == 3
    assert long._export(2)()["rows"] == 0  # all three came on one day, which is left out whole
    assert set(Job.objects.values_list("state", flat=True)) == {"ended"}


def test_figures_patterns_and_warnings_are_measured_as_the_worker_does_them(cast: Cast, make: Makes) -> None:
    make.sent()
    assert long.figures_kept()["seconds"] >= 0
    assert long.figures_checked()["wrong"] == 0
    assert long.patterns_night()["raised"] == 0
    assert "said" in long.warned()
