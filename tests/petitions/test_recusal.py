"""Who has a direct interest keeps away (Art.28 ¶3); who did the work neither confirms it nor asks afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Department, Post, Role, User
from petitions import access, lifecycle
from petitions.actions import advance
from petitions.actions.record import words_of
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.forms.steps import form_for
from petitions.matterkey import key_of
from petitions.models import Assignment, Event, Notice, Paper, Petition, Recusal
from petitions.search import search
from tests.cast import Cast
from tests.makes import Makes
from tests.petitions.test_races import together
from visits.actions.conflict import conflicts

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


def ask(petition: Petition, by: Actor, person: Actor, **more: Any) -> Recusal:
    origin = "self" if by.user == person.user else "other"
    said = {"person": person.post, "origin": origin, "interest": "承办人是信访人的近亲属"} | more
    advance("ask_recusal", on=petition, by=by, **said)
    return Recusal.objects.latest("pk")


def recuse(cast: Cast, petition: Petition, person: Actor, *, hides_name: bool = True) -> Recusal:
    row = ask(petition, person, person)
    advance("grant_recusal", on=row, by=cast.unit_head, hides_name=hides_name, reason="属实")
    return row


def fresh(petition: Petition) -> Petition:
    return Petition.objects.select_related("office").get(pk=petition.pk)


def test_the_head_decides_and_the_person_takes_no_step_any_more(cast: Cast, make: Makes) -> None:
    run = make.handling()
    recuse(cast, run.petition, cast.handler)
    run.refresh_from_db()
    assert run.handler is None and Assignment.objects.get(pk=run.assignment_id).handler is None
    with pytest.raises(WrongPerson, match="已回避"):
        advance("interview", on=run, by=cast.handler, text="谈话")
    petition = fresh(run.petition)
    assert access.steps_for(cast.handler, petition, [petition, run]) == []


def test_in_another_post_the_person_is_the_same(cast: Cast, make: Makes) -> None:
    run = make.handling()
    recuse(cast, run.petition, cast.handler)
    other = Post.objects.create(
        user=cast.handler.user, department=cast.bureau, role=Role.SIGNER, valid_from=cast.handler.post.valid_from
    )
    held = Assignment.objects.get(petition=run.petition)
    with pytest.raises(WrongPerson, match="已回避"):
        advance("assign_handler", on=held, by=Actor(cast.handler.user, other), handler=cast.handler.post)


def test_who_was_recused_is_not_named_handler_again(cast: Cast, make: Makes) -> None:
    run = make.handling()
    recuse(cast, run.petition, cast.handler)
    with pytest.raises(BadInput, match="已回避"):
        advance(
            "assign_handler",
            on=Assignment.objects.get(petition=run.petition),
            by=cast.signer,
            handler=cast.handler.post,
        )


def test_who_was_recused_is_not_offered_as_handler(cast: Cast, make: Makes) -> None:
    run = make.handling()
    held = Assignment.objects.get(petition=run.petition)
    other = person_in(cast, Role.HANDLER, cast.bureau)
    recuse(cast, run.petition, cast.handler)
    for step in ("assign_handler", "accept"):
        form = form_for(lifecycle.STEPS[step], fresh(run.petition), held, cast.signer)
        offered = {str(value) for value, _ in form.fields["handler"].choices if str(value)}  # type: ignore[attr-defined]
        assert offered == {str(other.pk)}


def test_papers_and_files_are_shut_to_who_is_not_to_know_the_name(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    run = make.handling()
    paper = Paper.objects.filter(petition=run.petition).latest("pk")
    browser = signed_in(cast.handler)
    pages = (reverse("petitions:paper", args=[paper.ref]), reverse("petitions:paper_docx", args=[paper.ref]))
    assert [browser.get(page).status_code for page in pages] == [200, 200]
    recuse(cast, run.petition, cast.handler)
    assert [browser.get(page).status_code for page in pages] == [403, 403]
    assert [signed_in(cast.signer).get(page).status_code for page in pages] == [200, 200]


def test_nobody_recused_opens_numbers_and_addresses(cast: Cast, make: Makes) -> None:
    petition = make.handling().petition
    recuse(cast, petition, cast.handler, hides_name=False)
    assert not access.may_unmask(cast.handler, fresh(petition)) and access.may_unmask(cast.signer, fresh(petition))


def test_the_page_of_a_matter_with_a_recusal_asks_no_more(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    plain, with_one = make.handling().petition, make.handling().petition
    recuse(cast, with_one, cast.signer)
    browser = signed_in(cast.unit_head)
    counts = []
    for petition in (plain, plain, with_one):
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(f"/petitions/{petition.ref}/").status_code == 200
        counts.append(len(asked))
    assert counts[2] <= counts[1] + 1 and counts[2] <= 12, counts


def test_a_reviewer_keeps_away_too(cast: Cast, make: Makes) -> None:
    run = make.reviewing()
    row = ask(run.petition, cast.reviewer, cast.reviewer)
    heads = {"unit_head": cast.unit_head, "leader": cast.leader, "head": cast.head}
    decider = next(actor for actor in heads.values() if access.unit_of(actor) == row.decider_id)
    advance("grant_recusal", on=row, by=decider, hides_name=True)
    with pytest.raises(WrongPerson, match="已回避"):
        advance(
            "draft_review",
            on=run,
            by=cast.reviewer,
            conclusion="uphold",
            facts="经复查，款项滞留。",
            basis="土地管理法。",
        )


def test_a_leader_does_not_receive_in_a_matter_he_is_recused_from(cast: Cast, make: Makes) -> None:
    petition = make.handling().petition
    post = person_in(cast, Role.LEADER, cast.county, user=cast.handler.user)
    assert petition.pk not in conflicts(post, [fresh(petition)])
    recuse(cast, petition, cast.handler)
    assert "回避" in conflicts(post, [fresh(petition)])[petition.pk]


def person_in(cast: Cast, role: Role, department: Department, user: User | None = None) -> Post:
    user = user or User.objects.create(username="t-more", name="另一承办人")
    return Post.objects.create(user=user, department=department, role=role, valid_from=cast.handler.post.valid_from)


def test_the_name_is_nowhere_where_it_was_so_decided(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    run = make.handling()
    browser = signed_in(cast.handler)
    address = f"/petitions/{run.petition.ref}/"
    assert "王小明" in browser.get(address).content.decode()
    recuse(cast, run.petition, cast.handler)
    for path in (address, "/petitions/", "/tray/mine/", "/search/?q=承包地征收"):
        assert "王小明" not in browser.get(path).content.decode(), path
    assert "您已回避" in browser.get(address).content.decode()
    assert browser.post(f"{address}reveal/?person=1").status_code == 403
    assert not search(cast.handler, "王小明").groups


def test_one_who_only_stops_working_on_it_may_still_read_the_name(cast: Cast, make: Makes) -> None:
    run = make.handling()
    recuse(cast, run.petition, cast.handler, hides_name=False)
    petition = fresh(run.petition)
    assert access.sees_name(cast.handler, petition) and access.recused(cast.handler, petition) is not None


def test_colleagues_go_on(cast: Cast, make: Makes) -> None:
    run = make.handling()
    recuse(cast, run.petition, cast.handler)
    petition = fresh(run.petition)
    assert access.sees_name(cast.signer, petition)
    assert Notice.objects.filter(post=cast.signer.post, text__contains="重新确定承办人").exists()
    advance("extend", on=run, by=cast.unit_head, days=10, reason="更换承办人")


def test_reasons_are_kept_and_cannot_be_read_without_the_matters_key(cast: Cast, make: Makes) -> None:
    run = make.handling()
    recuse(cast, run.petition, cast.handler)
    event = Event.objects.get(petition=run.petition, step="ask_recusal")
    assert "近亲属" not in str(event.data)
    assert words_of(event, run.petition, key_of(run.petition))["interest"] == "承办人是信访人的近亲属"


def test_a_refusal_gives_reasons_and_the_person_goes_on(cast: Cast, make: Makes) -> None:
    run = make.handling()
    row = ask(run.petition, cast.signer, cast.handler)
    with pytest.raises(BadInput):
        advance("refuse_recusal", on=row, by=cast.unit_head, reason=" ")
    advance("refuse_recusal", on=row, by=cast.unit_head, reason="同村但无利害关系")
    advance("interview", on=run, by=cast.handler, text="谈话")
    with pytest.raises(WrongMoment):
        advance("grant_recusal", on=row, by=cast.unit_head, hides_name=True)


def test_a_heads_own_recusal_goes_to_the_one_above(cast: Cast, make: Makes) -> None:
    run = make.handling()
    row = ask(run.petition, cast.unit_head, cast.unit_head)
    assert row.decider == cast.county
    with pytest.raises(WrongPerson):
        advance("grant_recusal", on=row, by=cast.unit_head, hides_name=True)
    advance("grant_recusal", on=row, by=cast.leader, hides_name=True)
    with pytest.raises(WrongPerson, match="已回避"):
        advance("extend", on=run, by=cast.unit_head, days=10, reason="复杂")


def test_the_petition_offices_own_people_are_decided_by_their_head(cast: Cast, make: Makes) -> None:
    petition = make.handling().petition
    row = ask(petition, cast.registrar, cast.triage, origin="petitioner")
    assert row.decider == cast.office
    advance("grant_recusal", on=row, by=cast.head, hides_name=True)


@pytest.mark.parametrize(
    ("who", "more", "field"),
    [
        ("stranger", {}, "person"), ("handler", {"origin": "self"}, "origin"), ("handler", {"interest": " "}, "interest"),
        ("leader", {}, "person"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(cast: Cast, make: Makes, who: str, more: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        ask(make.handling().petition, cast.signer, getattr(cast, who), **more)
    assert field in refused.value.fields


def test_nobody_is_asked_to_keep_away_twice(cast: Cast, make: Makes) -> None:
    petition = make.handling().petition
    ask(petition, cast.signer, cast.handler)
    with pytest.raises(BadInput, match="已经提出"):
        ask(petition, cast.handler, cast.handler)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_step_and_the_decision_at_one_moment_leave_nothing_after_it(cast: Cast, make: Makes) -> None:
    run = make.handling()
    row = ask(run.petition, cast.handler, cast.handler)
    together(
        lambda: advance("grant_recusal", on=row, by=cast.unit_head, hides_name=True),
        lambda: advance("interview", on=run, by=cast.handler, text="谈话"),
    )
    steps = list(Event.objects.filter(petition=run.petition).order_by("seq").values_list("step", flat=True))
    assert "grant_recusal" in steps and "interview" not in steps[steps.index("grant_recusal") :]


# --- duties kept apart, where law or safety asks for it, and nowhere else --------------------------------------------

_AFTERWARDS: dict[str, dict[str, Any]] = {
    "confirm_closure": {}, "follow_up": {"reached": True, "words": "满意", "settled": True},
}  # fmt: skip


@pytest.mark.parametrize("step", _AFTERWARDS)
@pytest.mark.parametrize("did", ["accept", "draft", "check", "sign", "deliver", "close"])
def test_who_had_it_in_hand_neither_confirms_nor_asks_afterwards(cast: Cast, make: Makes, did: str, step: str) -> None:
    """Whichever post the person acts in by now."""
    run = make.closed()
    person = Event.objects.get(petition=run.petition, step=did).user
    assert person is not None
    post = Post.objects.create(user=person, department=cast.office, role=Role.TRIAGE, valid_from=today())
    on: Any = run if lifecycle.STEPS[step].on == "proceeding" else run.petition
    with pytest.raises(WrongPerson, match="经办"):
        advance(step, on=on, by=Actor(person, post), **_AFTERWARDS[step])
    advance(step, on=on, by=cast.triage, **_AFTERWARDS[step])


@pytest.mark.parametrize("step", [code for code in lifecycle.STEPS if "withdraw" in code and "confirm" in code])
def test_a_withdrawal_is_confirmed_by_the_office_and_not_by_the_unit(step: str) -> None:
    assert all(who.startswith(("office:", "sender:")) for who in lifecycle.STEPS[step].who)
