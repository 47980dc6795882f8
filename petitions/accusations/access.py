"""Who sees which sealed reports?  Who is on the list, but for those that are about him or his unit (Art.28, 30, 46).

A report bars people and units by keyed hashes: the database does not say in clear whom it is about.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Department, DepartmentKind, Post, User
from accounts.privacy import PrivacyError, blind
from petitions.accusations import accused, roll, words
from petitions.accusations.accused import About, Roster, plain_name
from petitions.errors import NotSeen, Refused
from petitions.models import Accusation, AccusationEvent, AccusationFile, AccusationPaper, AccusationReading

Part = TypeVar("Part", AccusationFile, AccusationPaper)


def _token(kind: str, value: object) -> str:
    return blind(f"{kind}:{value}", "accusation-bar")


def bars_for(told: dict[str, Any], roster: Roster | None = None) -> list[str]:
    """Return the hashes of whom a report must be kept from: its accused people, their units, who recused himself.

    A line such as 钱某同志 bars whoever is called by a beginning of it, and whoever holds a post and stands in it by name.
    """
    roster = roster or Roster()
    found = [_token("name", name) for line in accused.lines_of(told) for name in accused.beginnings(line)]
    found += [_token("user", one.user) for one in roster.alike(told)]
    found += [_token("unit", pk) for about in roster.about(told) if closes(about) for pk in _with_heir(about.body)]
    found += [_token("user", pk) for pk in told.get("recused", [])]
    return sorted(set(found))


def closes(about: About) -> bool:
    """Whether a report is kept from the whole of a body that it is about.

    Everybody sits below the county's leadership: a report about one of its members bars that person, not the county.
    Nor does a person alone close the petition office: he is barred, and somebody else there takes the report in.
    """
    kind = about.body.kind
    return kind != DepartmentKind.LEADERSHIP and not (about.by_person and kind == DepartmentKind.PETITION_OFFICE)


def _with_heir(body: Department) -> list[int]:
    return [pk for pk in (body.pk, body.heir_id) if pk]


def next_bars(row: Accusation, known: dict[str, Any]) -> list[str]:
    """Return what the report bars from now on; as it was, where a body or post changed so that nobody would be left to see it."""
    roster = Roster()
    return bars_for(known, roster) if recipients_for(known, roster) else row.bars


def refresh() -> int:
    """Bring the bars of every report up to where its accused hold posts today and what bodies are called; return how many moved.

    A report that a step has changed meanwhile is left alone, and so is one that cannot be opened.
    """
    moved, roster = 0, Roster()
    for row in Accusation.objects.filter(wrapped_key__isnull=False).order_by("pk").iterator(200):
        try:
            known = words.of(row)
        except (PrivacyError, Refused):
            continue
        bars = bars_for(known, roster)
        if bars != row.bars and recipients_for(known, roster):
            same = Accusation.objects.filter(pk=row.pk, events_count=row.events_count, wrapped_key__isnull=False)
            moved += same.update(bars=bars)
    return moved


def tokens_of(user: User) -> list[str]:
    """Return every hash that would bar this person: his own, his units', those above, and those that any of these took over."""
    paths = Post.objects.in_force(today()).filter(user=user).values_list("department__path", flat=True)
    units = {int(pk) for path in paths for pk in path.split("/") if pk}
    taken_over = Department.objects.filter(heir__in=units).values_list("pk", flat=True)
    return [
        _token("user", user.pk),
        _token("name", plain_name(user.name)),
        *(_token("unit", pk) for pk in sorted({*units, *taken_over})),
    ]


def visible_to(actor: Actor) -> QuerySet[Accusation]:
    """Return the reports that ``actor`` sees: the first line of every read.

    Raises:
        NotSeen: he is not on the list of recipients today.  Asked before anything is looked up.
    """
    if not roll.is_on(actor, roll.HANDLES):
        raise NotSeen
    open_to_him = ~Q(state="destroyed") & ~Q(bars__overlap=tokens_of(actor.user))
    return Accusation.objects.filter(open_to_him | Q(state="destroyed") & Exists(_signed_for(actor)))


def _signed_for(actor: Actor) -> QuerySet[AccusationEvent]:
    """A destroyed report no longer says whom it was kept from: its tombstone is seen by the two who signed for it alone."""
    signed = AccusationEvent.objects.filter(accusation=OuterRef("pk"), step__in=("propose_destruction", "destroy"))
    return signed.filter(user=actor.user)


def part_seen(kind: type[Part], actor: Actor, ref: str) -> Part:
    """Return the file or paper ``ref`` of a report that ``actor`` sees.

    Raises:
        NotSeen: there is none.
    """
    found = kind._default_manager.filter(accusation__in=visible_to(actor), ref=ref).select_related("accusation").first()
    if found is None:
        raise NotSeen
    return found


def recipients_for(told: dict[str, Any], roster: Roster | None = None) -> list[User]:
    """Return the people on the list who would see a report that says ``told``."""
    bars = set(bars_for(told, roster))
    users = {row.user for row in roll.in_force().filter(duty=roll.HANDLES).select_related("user")}
    return [user for user in users if not bars & set(tokens_of(user))]


def namesakes(told: dict[str, Any]) -> dict[int, str]:
    """Return who holds a post under an accused name, with his body's name, and has not been stated to be another person."""
    roster, others = Roster(), {one["user"] for one in told.get("namesakes", [])}
    return {one.user: roster.bodies[one.body].name for one in roster.alike(told) if one.user not in others}


# --- who read what ----------------------------------------------------------------------------------------------------


def readings_for(actor: Actor) -> QuerySet[AccusationReading]:
    """Return the readings that a sealed auditor sees: none of a report that is about him or his unit.

    Of a destroyed one those who could read of it until then go on doing so: what it barred is no longer known.

    Raises:
        NotSeen: the actor is not a sealed auditor today.
    """
    if not roll.is_on(actor, roll.AUDITS):
        raise NotSeen
    about_him = Q(accusation__bars__overlap=tokens_of(actor.user))
    gone = Q(accusation__state="destroyed") & ~Q(accusation__auditors__contains=[_token("auditor", actor.user.pk)])
    return AccusationReading.objects.filter(Q(accusation=None) | ~(about_him | gone))


def auditors_of(row: Accusation) -> list[str]:
    """Return the hashes of the sealed auditors who may read of a report that is about to be destroyed."""
    users = {one.user for one in roll.in_force().filter(duty=roll.AUDITS).select_related("user")}
    return sorted(_token("auditor", user.pk) for user in users if not set(row.bars) & set(tokens_of(user)))


# --- to whom it may never go ------------------------------------------------------------------------------------------


def why_not_to(told: dict[str, Any], body: Department, roster: Roster | None = None) -> str:
    """Return why nothing of the report may go to ``body``; ``""`` where it may (Art.30 ¶3)."""
    roster = roster or Roster()
    for about in roster.about(told):
        for barred in filter(None, (about.body, roster.heir(about.body))):
            if body.path.startswith(barred.path):
                return _why(about, barred, body)
    return _named_in(told, body.name, roster)


def _why(about: About, barred: Department, body: Department) -> str:
    if about.holder is not None:
        return (
            f"{about.holder.name}在{about.body.name}任职，与被反映的人同名，不能交给{body.name}；"
            "核实是另一个人的，先办“写明是同名的另一人”。"
        )
    same = body.pk == barred.pk
    return f"{body.name}是被反映的单位。" if same else f"{body.name}是被反映的单位（{barred.name}）的下级。"


def why_not_to_words(told: dict[str, Any], name: str) -> str:
    """The same for a body that was typed by hand: what the tree has under that name counts as if it had been chosen."""
    roster = Roster()
    for body in roster.named(name):
        if why := why_not_to(told, body, roster):
            return why
    for about in roster.about(told):
        for barred in filter(None, (about.body, roster.heir(about.body))):
            if near := roster.near(name, barred):
                return f"{name}里有被反映的单位或者它的下级的名称（{near.name}）。"
    return _named_in(told, name, roster)


def _named_in(told: dict[str, Any], name: str, roster: Roster) -> str:
    """An accused body that is known by its name alone is recognised by it."""
    said = [told.get("accused_unit") or "", *(one.body.name for one in roster.about(told) if one.holder is None)]
    hit = next((one for one in said if one and (one in name or name in one)), "")
    return f"{name}是被反映的单位。" if hit else ""


def why_not_to_leader(told: dict[str, Any], post: Post) -> str:
    """Return why the report may not be laid before this leader; ``""`` where it may."""
    roster = Roster()
    others = {one["user"] for one in told.get("namesakes", [])}
    if post.user_id not in others and any(plain_name(post.user.name) in line for line in accused.lines_of(told)):
        return f"{post.user.name}是被反映的人，或者与被反映的人同名；核实是另一个人的，先办“写明是同名的另一人”。"
    for about in roster.about(told):
        of_the_body = about.body.kind != DepartmentKind.LEADERSHIP or not told.get("accused")
        if of_the_body and post.department.path.startswith(about.body.path):
            return f"{post.user.name}任职的单位是被反映的单位。"
    return ""
