"""Are generated matters what the verbs would have written?  The same tables, chains, Reach, seals and numbers."""

from __future__ import annotations

from collections import Counter as Tally
from typing import Any

import pytest
from django.db.models import Model

from accounts.dates import today
from accounts.identity import normalise_phone, parse_id, pinyin_initials
from accounts.privacy import blind
from petitions import chain
from petitions.actions import advance
from petitions.actions.matter import Matter
from petitions.actions.record import digest_of, words_of
from petitions.bulk import load, rows
from petitions.bulk.load import generate
from petitions.matterkey import key_of
from petitions.models import Assignment, Claim, Clock, Event, Filing, Party, Petition, Petitioner, Proceeding, Reach
from petitions.search import search
from tests.cast import Cast
from tests.makes import Makes

COUNT = 300


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """Three hundred matters among the cast."""
    generate(COUNT)
    return cast


def test_every_column_is_copied() -> None:
    for table, model in rows.MODELS.items():
        wanted = {each.column for each in model._meta.concrete_fields}
        assert set(rows.columns_of(table)) | {"id"} == wanted
    assert rows.columns_of("event")[-4:] == ["recorded_at", "data", "sealed", "digest"]
    assert rows.columns_of("clock")[-3:] == ["ended", "lapse_logged_on", "warned"]


def test_a_value_as_copy_reads_it() -> None:
    assert rows.cell("甲\t乙\\丙\n") == "甲\\t乙\\\\丙\\n"
    assert (rows.cell(None), rows.cell(True), rows.cell(b"\x01\xff")) == ("\\N", "t", "\\\\x01ff")


def test_chains_are_whole_and_words_open(filled: Cast) -> None:
    steps: Tally[str] = Tally()
    for petition in Petition.objects.all():
        head, key = chain.GENESIS, key_of(petition)
        for seq, event in enumerate(petition.events.order_by("seq"), start=1):
            assert event.seq == seq
            head = digest_of(event, petition.ref, head)
            assert bytes(event.digest) == head
            assert bool(words_of(event, petition, key)) == (event.sealed is not None)
            steps[event.step] += 1
        assert (petition.events_count, bytes(petition.chain_head)) == (seq, head)
    assert {
        "register",
        "transfer",
        "assign",
        "sign_for",
        "accept",
        "sign",
        "deliver",
        "close",
        "judge_resolved",
    } <= set(steps)
    assert 4 < steps.total() / COUNT < 7


def test_what_lists_and_trays_read_is_what_the_verbs_derive(filled: Cast) -> None:
    for petition in Petition.objects.all():
        matter = Matter.of(petition)
        stored = (petition.stage, petition.due, petition.responsible_id)
        matter.derive()
        assert stored == (petition.stage, petition.due, petition.responsible_id)
        wanted = {_reach(row) for row in matter.wanted_reach().values()}
        assert {_reach(row) for row in Reach.objects.filter(petition=petition)} == wanted


def _reach(row: Reach) -> tuple[object, ...]:
    return row.department_id, row.role, row.tray, row.due, row.received_on, row.open


def test_people_are_sealed_and_found_again(filled: Cast) -> None:
    for person in Petitioner.objects.all():
        assert normalise_phone(person.phone) == person.phone
        assert person.phone_hash == blind(person.phone, "phone")
        assert person.name_initials == pinyin_initials(person.name)
        assert person.id_hash == blind(person.id_number, "id")
        if person.id_number:
            card = parse_id(person.id_number)
            assert card is not None
            assert (card.number, card.birth, card.sex) == (person.id_number, person.birth_date, person.sex)
    someone = Petitioner.objects.exclude(id_hash="").order_by("pk")[0]
    for asked in (someone.id_number, someone.phone.removeprefix("+86"), someone.name, someone.petition.number):
        found = search(filled.head, asked)
        assert someone.petition_id in {row.pk for group in found.groups for row in group.petitions}, asked


def test_planted_words_are_found(filled: Cast) -> None:
    generate(200, seed=7)
    for word in ("低保", "危房改造"):
        holding = set(Petition.objects.filter(content__contains=word).values_list("pk", flat=True))
        holding |= set(Petition.objects.filter(title__contains=word).values_list("pk", flat=True))
        found = search(filled.head, word)
        assert {row.pk for group in found.groups for row in group.petitions} == holding
    assert holding


def test_numbers_go_on_from_there(filled: Cast) -> None:
    make = Makes(filled)
    numbers = list(Petition.objects.filter(office=filled.office).order_by("number").values_list("number", flat=True))
    years = Tally(number.split("-")[0] for number in numbers)
    assert all(numbers.count(f"{year}-{serial:06d}") == 1 for year, count in years.items() for serial in (1, count))
    done = make.registered()
    year, serial = done.petition.number.split("-")
    assert int(serial) == years[year] + 1
    assert done.petition.pk > max(Petition.objects.exclude(pk=done.petition.pk).values_list("pk", flat=True))


def test_the_verbs_go_on_from_there(filled: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each open stage the next step can be taken by whoever holds it."""
    monkeypatch.setattr(load, "DAYS", 110)
    generate(600, seed=3)
    mine = {"office": filled.office}
    waiting = Filing.objects.filter(petition__stage="registered", repeat=False, **mine)[0]
    advance("transfer", on=waiting, by=filled.triage, department=filled.bureau)
    held = Assignment.objects.filter(petition=waiting.petition)[0]
    advance("sign_for", on=held, by=filled.signer)
    run = Proceeding.objects.filter(state="handling", department=filled.bureau, petition__office=filled.office)[0]
    answers = {claim.serial: {"support": "support", "answer": "已落实。"} for claim in run.claims.all()}
    advance("draft", on=run, by=filled.handler, facts="经查。", basis="依法。", answers=answers)
    closed = Proceeding.objects.filter(
        petition__stage="closed", petition__office=filled.office, assignment__mode="transfer"
    )[0]
    advance("confirm_closure", on=closed, by=filled.triage)


# --- side by side with the verbs ----------------------------------------------------------------------------------

_CLOCK = ("name", "window", "shadow", "length", "working", "extended", "rule", "warned")
_FREE = {"id", "ref", "number"}
_SAID_FREELY = ("channel", "support", "sex", "petitioner_view")


STAGES = ("registered", "sent", "signed", "handling", "issued", "delivered", "closed", "confirmed")


def test_matters_have_the_same_shape(filled: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A matter brought by the verbs to a stage and a generated one that took the same steps have the same columns."""
    monkeypatch.setattr(load, "DAYS", 110)  # recent ones are at every stage
    generate(1200, seed=5)
    for stage in STAGES:
        made = getattr(Makes(filled), stage)()
        ours = made if isinstance(made, Petition) else Petition.objects.get(pk=made.petition.pk)
        theirs = _twin(ours)
        assert _steps(theirs) == _steps(ours), stage
        assert _clocks(theirs) == _clocks(ours), stage
        for model in (Petition, Filing, Petitioner, Party, Claim, Assignment, Proceeding, Reach):
            assert _shape(model, theirs) == _shape(model, ours), (stage, model.__name__)


def _twin(ours: Petition) -> Petition:
    """A generated matter with the same steps, by one person with an ID of no kind and nothing late."""
    wanted = [event.step for event in ours.events.order_by("seq")]
    fit = Petition.objects.exclude(pk=ours.pk).filter(events_count=len(wanted), head_count=1, office=ours.office)
    for petition in fit.filter(petitioners__id_hash=""):
        if [event.step for event in petition.events.order_by("seq")] == wanted and petition.claims.count() == 1:
            return petition
    pytest.fail(f"no generated matter went {wanted}")


def _steps(petition: Petition) -> list[tuple[Any, ...]]:
    """Step, row, who and what was said (its kind, not its value); papers are left out of generated matters."""
    return [
        (event.step, event.on, event.post.role if event.post else "", sorted(set(event.data) - {"paper", "also"}))
        for event in petition.events.select_related("post").order_by("seq")
    ]


def _clocks(petition: Petition) -> list[tuple[Any, ...]]:
    found = []
    for clock in Clock.objects.filter(petition=petition).order_by("pk"):
        hangs = tuple(getattr(clock, f"{kind}_id") is not None for kind in ("filing", "assignment", "proceeding"))
        # A window that nobody used is still open on the day itself.
        ended = "ended" if clock.ended or clock.window else ""
        found.append((*[getattr(clock, name) for name in _CLOCK], hangs, clock.department_id is None, ended))
    return found


def _shape(model: type[Model], petition: Petition) -> list[dict[str, Any]]:
    """Which columns hold something, and the very value where it is a code."""
    where = (
        {"pk": petition.pk}
        if model is Petition
        else {"filing__petition": petition}
        if model is Party
        else {"petition": petition}
    )
    return [
        {each.column: _mark(each, getattr(row, each.attname)) for each in model._meta.concrete_fields if each.column not in _FREE}
        for row in model.objects.filter(**where).order_by("pk")
    ]  # fmt: skip


def _mark(column: Any, value: Any) -> Any:
    if column.column in _SAID_FREELY:
        return value not in (None, "")
    if column.choices or column.column in ("stage", "state", "tray", "role") or isinstance(value, bool):
        return value
    return value not in (None, "", b"")


def test_the_night_has_nothing_left_to_do(filled: Cast) -> None:
    """Lapses are logged and windows closed up to today, as in an office whose nights have run."""
    left = Clock.objects.filter(ended="", due__lt=today(), lapse_logged_on=None)
    assert not left.exists()
    late = Clock.objects.exclude(lapse_logged_on=None).filter(window=False)
    assert late.count() == Event.objects.filter(step="clock_lapsed").count()
