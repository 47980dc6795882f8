"""How does a filing become a registered one?  Every filing is registered, even those that will be refused (Art.21)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Model

from accounts.actor import Actor
from accounts.identity import pinyin_initials
from accounts.models import Department, Role
from accounts.privacy import blind
from petitions import access, attachments, hooks, lifecycle, limits, numbers, querycode
from petitions.actions import clocks, moment, nested, record, standing, supervised
from petitions.actions.door import not_destroyed
from petitions.actions.entered import CONTENT_LIMIT, checked
from petitions.actions.entry import Entry, Person, claim_of
from petitions.actions.insert import insert_together, take_ids
from petitions.actions.matter import Matter, save_reach
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.matterkey import give_key
from petitions.models import (
    Attachment,
    Channel,
    Claim,
    Clock,
    Draft,
    Event,
    ExternalReference,
    Filing,
    Notice,
    Party,
    PartyRole,
    Petition,
    Petitioner,
    Reach,
)

REGISTERS = frozenset({Role.REGISTRAR, Role.TRIAGE, Role.SIGNER, Role.SYSTEM})


@dataclass(frozen=True)
class Registered:
    """What the counter hands over: the filing, its query code in clear (shown once), and the first due day.

    Attributes:
        code: "" where the filing comes from a list: nobody was there to be given one.
    """

    petition: Petition
    filing: Filing
    code: str
    clock: Clock | None


def register(
    entry: Entry, *, by: Actor, under: Petition | None = None, draft: Draft | None = None, code: str | None = None
) -> Registered:
    """Register a filing: as a new matter, or ``under`` an open one after the clerk said that it is the same.

    Raises:
        WrongPerson: the post does not register.
        BadInput: a field cannot be taken; ``fields`` says which.
        NotSeen: ``under`` is outside the clerk's scope.
        WrongMoment: ``under`` has ended; what is new about it is a new matter.
    """
    if not may_register(by):
        raise WrongPerson("登记来件不是您这个岗位的职责。", rule=f"《{lifecycle.TEXT}》第二十一条")
    if under is not None and under.hide_name:
        entry = replace(entry, hide_name=True)  # once asked, it holds for every filing of the matter
    entry, day = checked(entry)
    code = code or _code(entry)
    with nested.atomic():
        standing.hold([_office(by)])
        if under is not None:
            return _repeat(entry, day, by, under, draft, code)
        return _first(entry, day, by, draft, code)


def may_register(by: Actor) -> bool:
    """Whether registering is among the duties of the post."""
    return by.role in REGISTERS


def _code(entry: Entry) -> str:
    """A new query code; "" where nobody stands at the counter to be given it: the counter makes one when he asks."""
    return "" if entry.imported_from else querycode.new_code()


def _head_count(entry: Entry) -> int:
    return max(entry.head_count, len(entry.people))


# --- writing ----------------------------------------------------------------------------------------------------


def _first(entry: Entry, day: date, by: Actor, draft: Draft | None, code: str) -> Registered:
    made, rows = _built([(entry, day, code)], by)[0]
    insert_together(rows)
    _save_extras(entry, made.petition, made.filing, draft)
    hooks.tell_new([made.petition], step="register", at=moment.now())
    return made


# In which kinds, and in which order, the rows of many matters are written.
_KINDS: tuple[type[Model], ...] = (
    Petition, Filing, Petitioner, Party, Claim, Clock, Event, Reach, Notice, ExternalReference,
)  # fmt: skip


def register_many(entries: Sequence[Entry], *, by: Actor) -> list[Registered]:
    """Register new matters together, all or none: as `register` does one, with one round trip for the rows of all.

    For lists: what a counter does one by one costs four times as much a row.

    Raises:
        WrongPerson, BadInput: one of them cannot be taken (one by one tells which), or its external number is known.
    """
    if not may_register(by):
        raise WrongPerson("登记来件不是您这个岗位的职责。", rule=f"《{lifecycle.TEXT}》第二十一条")
    wanted = [(*checked(entry), _code(entry)) for entry in entries]
    with transaction.atomic():
        standing.hold([_office(by)])
        built = _built(wanted, by)
        rows = [row for _, own in built for row in own]
        for (entry, *_), (made, _) in zip(wanted, built, strict=True):
            rows += references_of(entry, made.filing)
        try:
            with transaction.atomic():
                insert_together(sorted(rows, key=lambda row: _KINDS.index(type(row))))
        except IntegrityError:
            raise BadInput({"references": _KNOWN}, rule=_ONCE) from None
        hooks.tell_new([made.petition for made, _ in built], step="register", at=moment.now())
    return [made for made, _ in built]


def _built(wanted: Sequence[tuple[Entry, date, str]], by: Actor) -> list[tuple[Registered, list[Model]]]:
    """New matters with all their rows, nothing written: keys and numbers are taken for all of them at once."""
    office = _office(by)
    heads = sum(len(entry.people) for entry, *_ in wanted)
    petitions, filings, people = take_ids((Petition, len(wanted)), (Filing, len(wanted)), (Petitioner, heads))
    years = Counter(day.year for _, day, _ in wanted)
    rules = {day: limits.rules_on(day) for day in {day for _, day, _ in wanted}}
    serials = {year: iter(range(first, first + many)) for year, many in sorted(years.items())
               for first in [numbers.take(office.pk, numbers.MATTER, year, many)]}  # fmt: skip
    ids = zip(petitions, filings, strict=True)
    person_ids, prefix = iter(people), office.paper_prefix or office.short_name
    return [
        new_matter(
            entry, day, by, office, rules[day], code, (*next(ids), person_ids),
            numbers.matter_number(prefix, day.year, next(serials[day.year])),
        )
        for entry, day, code in wanted
    ]  # fmt: skip


def new_matter(
    entry: Entry, day: date, by: Actor, office: Department, rules: limits.Rules, code: str,
    ids: tuple[int, int, Iterator[int]], number: str, *, step: str = "register", said: Mapping[str, object] | None = None,
) -> tuple[Registered, list[Model]]:  # fmt: skip
    """One new matter and its rows, unsaved.

    Args:
        ids: keys of petition, filing and people.
        step: what its first event says: registered on ``day``, or taken over today; ``said``: in which words and dates.
    """
    petition_id, filing_id, person_ids = ids
    people = list(entry.people)
    now = moment.now()
    petition = Petition(
        pk=petition_id, number=number,
        title=entry.title, content=entry.content, kind=entry.kind, purpose=entry.purpose,
        category=entry.category, region=entry.region, place=entry.place, office=office, received_on=day,
        registered_at=now, head_count=_head_count(entry), joint=_head_count(entry) >= lifecycle.JOINT_FROM,
        hide_name=entry.hide_name, urgent=entry.urgent, lead_name=_lead(people).name, stage="registered",
    )  # fmt: skip
    key = give_key(petition)
    filing = _filing(entry, day, by, office, petition, numbers.filing_number(petition.number, 1), code, repeat=False)
    filing.pk, filing.state = filing_id, "registered"
    started = _first_clocks(entry, petition, filing, office, day, rules)
    petition.due = min(clock.due for clock in started)
    event = record.make_event(
        petition, step, by=by, on="filing", on_id=filing_id, occurred_on=day if step == "register" else moment.today(),
        key=key, data=_said(entry, filing, started[0]) if said is None else _said(entry, filing, None) | dict(said), text={"backdate_reason": entry.backdate_reason},
    )  # fmt: skip
    persons = [_petitioner(petition, person) for person in people]
    for person in persons:
        person.pk = next(person_ids)
    reach = Reach(
        petition=petition, department=office, role="office", tray=lifecycle.tray_of("office", "registered"),
        due=petition.due, received_on=day, open=True,
    )  # fmt: skip
    parties, claims, notices = (
        _parties(filing, persons, people),
        _claims(petition, entry),
        _notice(entry, petition, filing),
    )
    rows: list[Model] = [petition, filing, *persons, *parties, *claims, *started, event, reach, *notices]
    return Registered(petition, filing, code, started[0]), rows


def _first_clocks(
    entry: Entry, petition: Petition, filing: Filing, office: Department, day: date, rules: limits.Rules
) -> list[Clock]:
    """T1 for a petition office (Art.22), T2 for a body that received directly (Art.23), T8 if handed down with a limit."""
    code = "T1" if office.is_petition_office else "T2"
    started = [clocks.new_clock(petition, code, filing, start=day, rules=rules, department_id=office.pk)]
    return started + _superiors_clock(entry, petition, filing, office, day, rules)


def _superiors_clock(
    entry: Entry, petition: Petition, filing: Filing, office: Department, day: date, rules: limits.Rules
) -> list[Clock]:
    """T8 until the superior's own day, which may be the day of receipt, or over when a list brings it: then it runs late."""
    if entry.handed_due is None or entry.channel != Channel.HANDED_DOWN:
        return []
    start = min(day, entry.handed_due)
    if start < day:
        rules = limits.rules_on(start)
    days = (entry.handed_due - start).days
    return [clocks.new_clock(petition, "T8", filing, start=start, rules=rules, department_id=office.pk, length=days)]


def _repeat(entry: Entry, day: date, by: Actor, under: Petition, draft: Draft | None, code: str) -> Registered:
    """A repeat keeps its own number and is filed under the open matter; T1 is answered by telling the petitioner so."""
    petition = access.visible_to(by).select_for_update(of=("self",)).filter(pk=under.pk).first()
    if petition is None:
        raise NotSeen
    if petition.stage not in lifecycle.OPEN_STAGES:
        raise WrongMoment(
            f"{petition.number}已经办结。有新的事实或理由的，请登记为新的事项。", rule=f"《{lifecycle.TEXT}》第三十六条"
        )
    not_destroyed(petition)
    office = _office(by)
    nth = petition.filings.count() + 1
    filing = _filing(entry, day, by, office, petition, numbers.filing_number(petition.number, nth), code, repeat=True)
    filing.state, filing.content = "merged", entry.content
    filing.save(force_insert=True)
    _save_people(filing, petition, list(entry.people))
    Notice.objects.bulk_create(_notice(entry, petition, filing))
    event = record.make_event(
        petition, "register_repeat", by=by, on="filing", on_id=filing.pk, occurred_on=day,
        data=_said(entry, filing, None), text={"backdate_reason": entry.backdate_reason},
    )  # fmt: skip
    started = _superiors_clock(entry, petition, filing, office, day, limits.rules_on(day))
    Clock.objects.bulk_create(started)
    opened = _bring_in_step(petition, entry, filing, by)
    event.save(force_insert=True)
    if opened is not None:
        opened.save(force_insert=True)
    _save_extras(entry, petition, filing, draft)
    return Registered(petition, filing, code, started[0] if started else None)


def _bring_in_step(petition: Petition, entry: Entry, filing: Filing, by: Actor) -> Event | None:
    """What a repeat adds to its matter: a superior's limit, the wish not to be named, urgency; never takes away.

    Returns:
        The unsaved event of the supervision that opens because a body below is late (Art.19 ¶3), if one does.
    """
    petition.hide_name = petition.hide_name or entry.hide_name
    petition.urgent = petition.urgent or entry.urgent
    matter = Matter.of(petition)
    opened = None
    if filing.office.is_petition_office:
        opened = supervised.open_for_repeat(
            matter, own=filing.office_id, by=by, day=moment.today(), repeat=filing.number
        )
    petition.save(update_fields=[*matter.derive(), "hide_name", "urgent", "events_count", "chain_head"])
    save_reach(matter)
    hooks.tell(petition, was=matter.was, step="register_repeat", at=moment.now())
    return opened


def _office(by: Actor) -> Department:
    """The body that registers: an inner office registers for the body above it."""
    if access.unit_of(by) == by.department.pk:
        return by.department
    return Department.objects.get(pk=access.unit_of(by))


def _filing(
    entry: Entry, day: date, by: Actor, office: Department, petition: Petition, number: str, code: str, *, repeat: bool
) -> Filing:
    now = moment.now()
    return Filing(
        petition=petition, number=number, channel=entry.channel, office=office, registrar=by.post, received_on=day,
        recorded_at=now, backdate_reason=entry.backdate_reason, repeat=repeat, head_count=_head_count(entry),
        actual_count=entry.actual_count, addressee=entry.addressee, postmark_on=entry.postmark_on,
        handed_by=entry.handed_by, handed_number=entry.handed_number, handed_due=entry.handed_due,
        query_code_hash=querycode.code_hash(code) if code else "", query_code_made_at=now if code else None,
    )  # fmt: skip


def _said(entry: Entry, filing: Filing, clock: Clock | None) -> dict[str, object]:
    data: dict[str, object] = {
        "filing": filing.number, "channel": str(entry.channel), "people": _head_count(entry),
        "received_on": filing.received_on,
    }  # fmt: skip
    if clock is not None:
        data["due"] = clock.due
    if entry.imported_from:
        data["imported_from"] = entry.imported_from
    return data


def _lead(people: Sequence[Person]) -> Person:
    return next(person for person in people if person.role == PartyRole.LEAD)


def _save_people(filing: Filing, petition: Petition, people: Sequence[Person]) -> None:
    """One petitioner row a person and matter: whoever is on file by ID is taken again, not doubled."""
    known = {p.id_hash: p for p in petition.petitioners.exclude(id_hash="")} if filing.repeat else {}
    rows = [_petitioner(petition, person) for person in people]
    fresh = [row for row in rows if row.id_hash not in known or not row.id_hash]
    Petitioner.objects.bulk_create(fresh)
    Party.objects.bulk_create(_parties(filing, [row if row in fresh else known[row.id_hash] for row in rows], people))


def _parties(filing: Filing, rows: Sequence[Petitioner], people: Sequence[Person]) -> list[Party]:
    return [
        Party(filing=filing, petitioner=row, role=person.role, representative=person.representative)
        for row, person in zip(rows, people, strict=True)
    ]


def _petitioner(petition: Petition, person: Person) -> Petitioner:
    return Petitioner(
        petition=petition, name=person.name, name_initials=pinyin_initials(person.name),
        is_organisation=person.is_organisation, sex=person.sex, birth_date=person.birth_date, id_kind=person.id_kind,
        id_number=person.id_number, id_hash=blind(person.id_number, "id") if person.id_number else "",
        phone=person.phone, phone_hash=blind(person.phone, "phone") if person.phone else "", address=person.address,
    )  # fmt: skip


def _claims(petition: Petition, entry: Entry) -> list[Claim]:
    texts = entry.claims or [claim_of(entry.title, entry.content)]
    return [Claim(petition=petition, serial=n, text=text) for n, text in enumerate(texts, start=1)]


def _save_extras(entry: Entry, petition: Petition, filing: Filing, draft: Draft | None) -> None:
    """What only some filings have: other systems' numbers, files, the draft it came from."""
    if entry.references:
        _save_references(entry, filing)
    if draft is not None:
        # The draft first: from then on no upload is added to it, and none that was is left behind.
        if not Draft.objects.filter(pk=draft.pk, registered=None).update(registered=filing, fields="", title=""):
            raise WrongMoment("这份草稿已经登记过了。", rule="一份草稿只登记一次")
        attachments.hand_over(Attachment.objects.filter(draft=draft), petition, filing.pk)


_KNOWN, _ONCE = "这个外部编号已经登记过，请先查找。", "一个外部编号只登记一次"


def references_of(entry: Entry, filing: Filing) -> list[ExternalReference]:
    """Other systems' numbers of a filing, unsaved."""
    return [ExternalReference(filing=filing, system=system, number=number) for system, number in entry.references]


def _save_references(entry: Entry, filing: Filing) -> None:
    """Other systems' numbers; each is registered once, whoever has it."""
    try:
        with transaction.atomic():
            ExternalReference.objects.bulk_create(references_of(entry, filing))
    except IntegrityError:
        raise BadInput({"references": _KNOWN}, rule=_ONCE) from None


def _notice(entry: Entry, petition: Petition, filing: Filing) -> list[Notice]:
    """A message to the one who leads, where there is a phone; it never says what the matter is about."""
    if not _lead(entry.people).phone or entry.imported_from:
        return []  # the other system has told its own petitioners
    text = "您的来件已登记，请凭告知单上的查询码查询办理情况。"
    return [Notice(filing=filing, petition=petition, step="register", channel="sms", text=text, made_at=moment.now())]


__all__ = ["CONTENT_LIMIT", "Entry", "Person", "Registered", "may_register", "new_matter", "register", "register_many"]
