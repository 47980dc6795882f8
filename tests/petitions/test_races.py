"""Two people at one case, in real threads and real transactions: one wins, the other is told, nothing is doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.dates import today
from petitions import attachments, numbers, paper_templates
from petitions.accusations import figures, moved
from petitions.actions import advance, register
from petitions.errors import BadInput, Refused
from petitions.models import Accusation, AccusationExport, Assignment, Event, Paper, Petition, Proceeding
from tests.cast import Cast
from tests.makes import Makes, entry
from tests.petitions.accusations import Sealed

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run ``works`` at the same moment, each in a thread and connection of its own; return results or refusals."""
    barrier, results = threading.Barrier(len(works)), [None] * len(works)

    def run(n: int) -> None:
        try:
            barrier.wait(10)
            results[n] = works[n]()
        except Refused as refused:
            results[n] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def refusals(results: list[Any]) -> list[int]:
    return [result.status for result in results if isinstance(result, Refused)]


def test_two_templates_uploaded_at_once_are_two_versions(cast: Cast) -> None:
    content = paper_templates.word_file("accept_notice", None)
    upload = paper_templates.upload
    results = together(*[lambda: upload("accept_notice", content, "模板.docx", by=cast.system_admin)] * 4)
    assert sorted(row.serial for row in results) == [1, 2, 3, 4]


def test_two_transfers_at_once_send_it_to_one_unit(cast: Cast, make: Makes) -> None:
    filing = make.registered().filing
    results = together(
        lambda: advance("transfer", on=filing, by=cast.triage, department=cast.bureau),
        lambda: advance("transfer", on=filing, by=cast.head, department=cast.sibling),
    )
    assert refusals(results) == [409]
    assert Assignment.objects.filter(petition=filing.petition).count() == 1


def test_accepting_and_objecting_at_once_do_one_of_the_two(cast: Cast, make: Makes) -> None:
    held = make.signed()
    results = together(
        lambda: advance("accept", on=held, by=cast.signer),
        lambda: advance("object", on=held, by=cast.unit_head, reason="不属本局职权"),
    )
    assert refusals(results) == [409]
    held.refresh_from_db()
    assert (held.state == "accepted") == Proceeding.objects.filter(petition=held.petition).exists()


def test_eight_registrations_at_once_get_eight_numbers_without_a_gap(cast: Cast) -> None:
    results = together(*[lambda: register(entry(cast), by=cast.registrar)] * 8)
    assert refusals(results) == []
    numbers = sorted(int(p.number.split("-")[1]) for p in Petition.objects.all())
    assert numbers == list(range(numbers[0], numbers[0] + 8))


def test_a_refused_registration_leaves_no_gap_in_the_numbers(cast: Cast) -> None:
    first = register(entry(cast), by=cast.registrar).petition
    with pytest.raises(BadInput):
        register(entry(cast, title=" "), by=cast.registrar)
    second = register(entry(cast), by=cast.registrar).petition
    assert int(second.number[-6:]) == int(first.number[-6:]) + 1


def test_numbers_taken_ahead_go_back_where_they_were_not_needed(cast: Cast) -> None:
    """Several series at once, by many at once, in any order of their names: no number is given twice and none is left out."""

    def take(kinds: dict[str, int], used: int) -> list[int]:
        with transaction.atomic(), numbers.ahead(cast.office.pk, 2026, kinds):
            return [numbers.take(cast.office.pk, "sheet", 2026) for _ in range(used)]

    works = [lambda n=n: take({"sheet": 3, "order": 1} if n % 2 else {"order": 2, "sheet": 3}, n % 3) for n in range(6)]
    given = sorted(number for result in together(*works) for number in result)
    assert given == list(range(1, 7))
    with pytest.raises(ZeroDivisionError), transaction.atomic(), numbers.ahead(cast.office.pk, 2026, {"sheet": 2}):
        numbers.take(cast.office.pk, "sheet", 1 // 0)
    assert numbers.take(cast.office.pk, "sheet", 2026) == 7
    assert numbers.take(cast.office.pk, "order", 2026) == 1, "none was used, all went back"


def test_events_written_at_once_stay_one_chain(cast: Cast, make: Makes) -> None:
    run = make.handling()
    works = [lambda n=n: advance("interview", on=run, by=cast.handler, text=f"第{n}次") for n in range(6)]
    assert refusals(together(*works)) == []
    events = list(Event.objects.filter(petition=run.petition).order_by("seq"))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert bytes(Petition.objects.get(pk=run.petition_id).chain_head) == bytes(events[-1].digest)


def test_papers_issued_at_once_are_numbered_without_gap_or_double(cast: Cast, make: Makes) -> None:
    runs = [make.handling() for _ in range(5)]
    works = [lambda run=run: advance("extend", on=run, by=cast.unit_head, days=10, reason="情况复杂") for run in runs]
    assert refusals(together(*works)) == []
    assert sorted(Paper.objects.filter(kind="extension_notice").values_list("serial", flat=True)) == [1, 2, 3, 4, 5]


def test_two_extensions_at_once_never_exceed_thirty_days(cast: Cast, make: Makes) -> None:
    run = make.handling()
    work = lambda: advance("extend", on=run, by=cast.unit_head, days=20, reason="情况复杂")  # noqa: E731
    assert refusals(together(work, work)) == [422]
    run.refresh_from_db()
    assert run.extended_days == 20


def test_papers_issued_at_once_are_numbered_without_a_gap_and_one_that_fails_leaves_none(
    cast: Cast, make: Makes
) -> None:
    filings = [make.registered().filing for _ in range(6)]
    works = [lambda filing=filing: advance("transfer", on=filing, by=cast.triage, department=cast.bureau) for filing in filings]  # fmt: skip
    works.append(
        lambda: advance("transfer", on=filings[0], by=cast.head, department=cast.sibling)
    )  # one of the two is late
    results = together(*works)
    assert refusals(results) == [409]
    for kind in ("transfer_letter", "destination_notice"):
        serials = sorted(Paper.objects.filter(kind=kind, department=cast.office).values_list("serial", flat=True))
        assert serials == list(range(1, 7))


def test_a_paper_is_voided_once(cast: Cast, make: Makes) -> None:
    petition = make.handling().petition
    number = Paper.objects.get(petition=petition, kind="accept_notice").number
    void = lambda: advance("void_paper", on=petition, by=cast.unit_head, paper=number, reason="日期有误")  # noqa: E731
    assert refusals(together(void, void)) == [422]
    assert Paper.objects.filter(petition=petition, kind="void_sheet").count() == 1


# --- sealed reports --------------------------------------------------------------------------------------------------------


def _export(sealed: Sealed) -> AccusationExport:
    return figures.ask(sealed.first, first=today(), last=today(), unit=None, to="巡察组")


def test_an_export_of_sealed_reports_pressed_for_twice_at_once_is_handed_out_once(
    cast: Cast, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    sealed = Sealed(cast)
    report, export = sealed.received(), _export(sealed)
    assert figures.make(export.ref) == "ended"
    results = together(*[lambda: figures.hand_out(sealed.first, export.ref)] * 4)
    assert refusals(results) == [404] * 3
    assert sum(isinstance(result, bytes) for result in results) == 1
    assert report.events.filter(step="exported").count() == 1
    assert list(tmp_path.iterdir()) == []


def test_a_move_pressed_for_twice_at_once_gives_the_receipt_both_times(cast: Cast, make: Makes) -> None:
    filing = make.registered().filing
    press = lambda: moved.move_in(filing, moved.About(accused=["钱某"]), by=cast.triage, key="k" * 24)  # noqa: E731
    results = together(press, press)
    assert refusals(results) == [] and len({row.slip for row in results}) == 1
    assert Accusation.objects.count() == 1


def test_an_export_made_while_a_report_is_destroyed_does_not_outlive_it(
    cast: Cast, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path
    sealed, written, made = Sealed(cast), threading.Event(), []
    put_aside = attachments.put_aside

    def put(upload: Any) -> Any:
        kept = put_aside(upload)
        written.set()
        return kept

    def make() -> None:
        made.append(figures.make(export.ref))
        connection.close()

    doomed = sealed.take(sealed.archived(), "propose_destruction", ground="settled")
    export, thread = _export(sealed), threading.Thread(target=make)
    monkeypatch.setattr(attachments, "put_aside", put)
    with transaction.atomic():
        sealed.take(doomed, "destroy", by=sealed.second)
        thread.start()
        assert written.wait(10), "its text has been read and written before it is destroyed"
    thread.join(30)
    assert made == ["waiting"]
    assert list(tmp_path.iterdir()) == []
    assert figures.make(export.ref) == "ended"
    export.refresh_from_db()
    assert figures.asked(export)["reports"] == []
