"""Of what has a person asked to be reminded, and when?  Private notes about matters; a note is thrown away when it is done.

It is no part of the matter: no event, no clock, nobody else sees it.  The words are encrypted under the matter's own key, so that
they end with it; the desk notice of the day names the number alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Post
from accounts.privacy import seal_with, unseal_with
from accounts.text import TextRefused, clean_text
from petitions import access, notices
from petitions.errors import BadInput, NotSeen, WrongMoment
from petitions.matterkey import key_of
from petitions.models import Notice, Petition, Reminder
from petitions.querycode import new_ref

LONGEST = 200
FARTHEST = timedelta(days=366)
MOST = 10  # notes of one person about one matter
SHOWN = 20
STEP = "reminder"
RULE = "自设提醒"


@dataclass(frozen=True)
class Note:
    """A reminder with its words in clear, and the matter it is about."""

    row: Reminder
    petition: Petition
    words: str

    @property
    def late(self) -> bool:
        """Whether its day is over."""
        return self.row.on_day < today()


def put(by: Actor, petition: Petition, on_day: date | None, words: str) -> Reminder:
    """Keep a note about ``petition`` (which the caller has found by `visible_to`) for a day from today on.

    Raises:
        BadInput: no day, one that is past or too far, no words, or more notes than are of use.
        WrongMoment: the matter's key has been destroyed.
    """
    wrong: dict[str, str] = {}
    if on_day is None or not today() <= on_day <= today() + FARTHEST:
        wrong["on_day"] = "请选择今天起一年以内的日期。"
    try:
        said = clean_text(words, limit=LONGEST, one_line=True)
    except TextRefused as refused:
        said, wrong["words"] = "", f"{refused}。"
    if not said and "words" not in wrong:
        wrong["words"] = "请写要做什么。"
    if wrong:
        raise BadInput(wrong, rule=RULE)
    if Reminder.objects.filter(post=by.post, user=by.user, petition=petition).count() >= MOST:
        raise BadInput({"words": f"一件事项最多设{MOST}条提醒，请先去掉办完的。"}, rule=RULE)
    key = key_of(petition)
    if key is None:
        raise WrongMoment("这件事项的档案已销毁。", rule="档案管理")
    assert on_day is not None
    row = Reminder(ref=new_ref(), post=by.post, user=by.user, petition=petition, on_day=on_day)
    row.sealed = seal_with(key, said, _aad(row.ref))
    row.save(force_insert=True)
    return row


def _aad(ref: str) -> bytes:
    return f"reminder:{ref}".encode()


def done(by: Actor, ref: str) -> None:
    """Throw a note away.

    Raises:
        NotSeen: it is nobody's, or another's.
    """
    gone, _ = Reminder.objects.filter(ref=ref, post=by.post, user=by.user).delete()
    if not gone:
        raise NotSeen


def about(actor: Actor, petition: Petition) -> list[Note]:
    """Return the person's notes about one matter, the nearest day first."""
    rows = Reminder.objects.filter(post=actor.post, user=actor.user, petition=petition).order_by("on_day", "pk")
    return _notes(rows, petition)


def mine(actor: Actor, *, until: date | None = None, seen: QuerySet[Petition] | None = None) -> list[Note]:
    """Return the person's notes about matters that he still sees, the nearest day first, at most `SHOWN`.

    Args:
        until: those up to that day alone.
        seen: what he sees, where it has been asked already.
    """
    within = access.visible_to(actor) if seen is None else seen
    rows = Reminder.objects.filter(post=actor.post, user=actor.user, petition__in=within)
    if until is not None:
        rows = rows.filter(on_day__lte=until)
    return _notes(rows.select_related("petition").order_by("on_day", "pk")[:SHOWN])


def _notes(rows: Iterable[Reminder], petition: Petition | None = None) -> list[Note]:
    return [_note(row, petition or row.petition) for row in rows]


def _note(row: Reminder, petition: Petition) -> Note:
    key = key_of(petition)
    words = unseal_with(key, row.sealed, _aad(row.ref)) if key else "（档案已销毁）"
    return Note(row, petition, words)


def tell(day: date | None = None) -> int:
    """Write the desk notices of notes whose day has come, and return how many; safe to run again or late.

    Who has left the post or no longer sees the matter is told nothing.
    """
    on_day = day or today()
    found = (
        Reminder.objects.filter(told_on=None, on_day__lte=on_day).order_by("on_day", "pk").values_list("pk", flat=True)
    )
    return sum(_tell(pk, on_day) for pk in list(found))


@transaction.atomic
def _tell(pk: int, day: date) -> bool:
    rows = Reminder.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.select_related("petition", "user").filter(pk=pk, told_on=None).first()
    if row is None:
        return False
    row.told_on = day
    row.save(update_fields=["told_on"])
    post = Post.objects.in_force(day).select_related("user", "department").filter(pk=row.post_id).first()
    if post is None or not access.visible_to(Actor(row.user, post)).filter(pk=row.petition_id).exists():
        return False
    text = f"{row.petition.number} 到了您自己设的提醒日期"
    desk = notices.to_posts([post], step=STEP, petition=row.petition, text=text, at=timezone.now())[:1]
    Notice.objects.bulk_create(desk)
    return True
