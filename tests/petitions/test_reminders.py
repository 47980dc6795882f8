"""A reminder is one person's own note about a matter: seen by nobody else, told on its day, no part of the record; 催办 is one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.dates import today
from petitions import papers, reminders
from petitions.actions import advance
from petitions.errors import BadInput, NotSeen, WrongMoment
from petitions.models import Assignment, Clock, Event, Notice, Paper, Petition, Reminder
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


def words(actor: Actor) -> list[str]:
    return [note.words for note in reminders.mine(actor)]


def test_a_note_is_seen_by_the_person_in_that_post_alone(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.sent().petition
    reminders.put(cast.triage, petition, today(), "问自规局进展")
    assert words(cast.triage) == ["问自规局进展"]
    assert words(cast.head) == words(cast.registrar) == []
    lent = Actor(user=cast.head.user, post=cast.triage.post)  # who stands in for the post does not read its notes
    assert words(lent) == []
    assert "问自规局进展" in signed_in(cast.triage).get(f"/petitions/{petition.ref}/remind-me/").content.decode()
    assert "问自规局进展" not in signed_in(cast.head).get(f"/petitions/{petition.ref}/remind-me/").content.decode()
    with pytest.raises(NotSeen):
        reminders.done(cast.head, Reminder.objects.get().ref)


def test_the_words_are_encrypted_and_end_with_the_matter(cast: Cast, make: Makes) -> None:
    petition = make.sent().petition
    row = reminders.put(cast.triage, petition, today(), "问自规局进展")
    assert "问自规局进展".encode() not in bytes(row.sealed)
    before = Event.objects.filter(petition=petition).count()
    Petition.objects.filter(pk=petition.pk).update(wrapped_key=None)
    assert words(cast.triage) == ["（档案已销毁）"]
    assert Event.objects.filter(petition=petition).count() == before
    with pytest.raises(WrongMoment):
        reminders.put(cast.triage, Petition.objects.get(pk=petition.pk), today(), "再问")


def test_what_is_no_day_or_no_words_is_refused(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    petition = make.sent().petition
    for day, said in (
        (None, "问"), (today() - timedelta(days=1), "问"), (today() + timedelta(days=367), "问"), (today(), "  "),
        (today(), "长" * 201), (today(), "\u202e反"),
    ):  # fmt: skip
        with pytest.raises(BadInput):
            reminders.put(cast.triage, petition, day, said)
    for _ in range(reminders.MOST):
        reminders.put(cast.triage, petition, today(), "问")
    with pytest.raises(BadInput):
        reminders.put(cast.triage, petition, today(), "问")
    client = signed_in(cast.triage)
    assert client.post(f"/petitions/{petition.ref}/remind-me/", {"on_day": "昨天", "words": "x"}).status_code == 422


@pytest.mark.parametrize("who", ["triage", "registrar", "supervisor", "leader", "handler"])
def test_what_is_due_stands_on_the_home_page_until_it_is_done(
    cast: Cast, make: Makes, signed_in: SignIn, who: str
) -> None:
    petition, actor = make.handling().petition, getattr(cast, who)
    client = signed_in(actor)
    tomorrow = (today() + timedelta(days=1)).isoformat()
    for day, said in ((today().isoformat(), "今天的事"), (tomorrow, "明天的事")):
        client.post(f"/petitions/{petition.ref}/remind-me/", {"on_day": day, "words": said})
    page = client.get("/").content.decode()
    assert "今天的事" in page and "明天的事" not in page
    assert "明天的事" in client.get("/reminders/").content.decode()
    client.post(f"/reminders/{reminders.mine(actor)[0].row.ref}/done/")
    assert "今天的事" not in client.get("/").content.decode()


def test_its_day_is_told_once_and_names_the_number_alone(cast: Cast, make: Makes) -> None:
    petition = make.sent().petition
    reminders.put(cast.triage, petition, today() + timedelta(days=2), "问自规局进展")
    assert reminders.tell() == 0
    assert reminders.tell(today() + timedelta(days=3)) == 1
    assert reminders.tell(today() + timedelta(days=3)) == 0
    notice = Notice.objects.get(step=reminders.STEP)
    assert (notice.post, notice.channel) == (cast.triage.post, "desk")
    assert petition.number in notice.text and "自规局" not in notice.text


def test_who_no_longer_sees_the_matter_or_holds_the_post_is_told_nothing(cast: Cast, make: Makes) -> None:
    held = make.sent()
    reminders.put(cast.signer, held.petition, today(), "问")
    reminders.put(cast.triage, held.petition, today(), "问")
    held.petition.reach.filter(department=cast.bureau).delete()
    cast.triage.post.valid_to = today() - timedelta(days=1)
    cast.triage.post.save()
    assert reminders.tell() == 0
    assert words(cast.signer) == []


# --- 催办 --------------------------------------------------------------------------------------------------------------


def test_a_unit_is_urged_on_without_any_clock_changed(cast: Cast, make: Makes) -> None:
    run = make.handling()
    clocks = list(Clock.objects.filter(petition=run.petition).values().order_by("pk"))
    due = run.petition.due
    event = advance("remind", on=run.assignment, by=cast.supervisor, demand="请在本周内接谈")
    assert list(Clock.objects.filter(petition=run.petition).values().order_by("pk")) == clocks
    petition = Petition.objects.get(pk=run.petition_id)
    assert (petition.due, petition.stage) == (due, "handling")
    paper = Paper.objects.get(kind="reminder")
    assert event.data["paper"] == paper.number and "请在本周内接谈" in papers.html_of(paper)
    told = set(Notice.objects.filter(step="remind").values_list("post", flat=True))
    assert told == {cast.signer.post.pk, cast.handler.post.pk, cast.unit_head.post.pk}


def test_a_unit_is_urged_on_once_a_day(cast: Cast, make: Makes) -> None:
    held = make.sent()
    advance("remind", on=held, by=cast.triage)
    with pytest.raises(WrongMoment):
        advance("remind", on=held, by=cast.head)
    Assignment.objects.filter(pk=held.pk).update(reminded_on=today() - timedelta(days=1))
    advance("remind", on=held, by=cast.head)
