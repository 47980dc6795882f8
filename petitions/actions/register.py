"""How does a filing become a registered one?  Every filing is registered, even those that will be refused (Art.21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction

from accounts.actor import Actor
from accounts.identity import pinyin_initials
from accounts.models import Department, Region, Role
from accounts.privacy import blind
from petitions import access, attachments, lifecycle, limits, numbers, querycode
from petitions.actions import clocks, moment, record
from petitions.actions.insert import insert_together, take_ids
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.matterkey import give_key
from petitions.models import (
    Attachment,
    Category,
    Channel,
    Claim,
    Clock,
    Draft,
    ExternalReference,
    Filing,
    IdKind,
    Kind,
    Notice,
    Party,
    PartyRole,
    Petition,
    Petitioner,
    Purpose,
    Reach,
    Sex,
)

REGISTERS = frozenset({Role.REGISTRAR, Role.TRIAGE, Role.SIGNER, Role.SYSTEM})
CONTENT_LIMIT = 20_000  # characters; a longer text belongs in an attachment


@dataclass(frozen=True)
class Person:
    """One person of a filing, as told at the counter; everything but the name may be missing."""

    name: str
    role: str = PartyRole.LEAD
    representative: bool = False
    is_organisation: bool = False
    sex: str = Sex.UNKNOWN
    birth_date: date | None = None
    id_kind: str = IdKind.NONE
    id_number: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Entry:
    """What the registration page holds: all a filing needs.

    Attributes:
        received_on: Asia/Shanghai date of receipt; today unless ``backdate_reason`` says why not.
        claims: the requests, one by one; empty = the title stands for the one request.
        head_count: people registered; ``actual_count`` those who came.
        handed_due: the superior's own limit, for what was handed down (T8).
    """

    title: str
    content: str
    people: Sequence[Person]
    received_on: date | None = None
    backdate_reason: str = ""
    channel: str = Channel.VISIT
    kind: str = Kind.CLAIM
    purpose: str = Purpose.SETTLE
    category: Category | None = None
    region: Region | None = None
    place: str = ""
    claims: Sequence[str] = ()
    head_count: int = 0
    actual_count: int | None = None
    hide_name: bool = False
    urgent: bool = False
    addressee: str = ""
    postmark_on: date | None = None
    handed_by: Department | None = None
    handed_number: str = ""
    handed_due: date | None = None
    references: Sequence[tuple[str, str]] = field(default=())


@dataclass(frozen=True)
class Registered:
    """What the counter hands over: the filing, its query code in clear (shown once), and the first due day."""

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
    day = _checked(entry)
    code = code or querycode.new_code()
    with transaction.atomic():
        if under is not None:
            return _repeat(entry, day, by, under, draft, code)
        return _first(entry, day, by, draft, code)


def may_register(by: Actor) -> bool:
    """Whether registering is among the duties of the post."""
    return by.role in REGISTERS


# --- checks -----------------------------------------------------------------------------------------------------


def _checked(entry: Entry) -> date:
    """Check what the database cannot, and return the day of receipt."""
    wrong = {**_texts(entry), **_people(entry), **_choices(entry)}
    today = moment.today()
    day = entry.received_on or today
    if day > today:
        wrong["received_on"] = "收到日期不能晚于今天。"
    elif day < today - timedelta(days=limits.backdate_days()):
        wrong["received_on"] = f"最多可补录{limits.backdate_days()}天以内的来件。"
    elif day < today and not entry.backdate_reason.strip():
        wrong["backdate_reason"] = "补录以前收到的来件要写明原因。"
    if wrong:
        raise BadInput(wrong, rule=f"《{lifecycle.TEXT}》第十九条、第二十一条")
    return day


def _texts(entry: Entry) -> dict[str, str]:
    wrong = {}
    if not entry.title.strip():
        wrong["title"] = "请填写标题。"
    if not entry.content.strip():
        wrong["content"] = "请记录信访人反映的请求、事实和理由。"
    if len(entry.content) > CONTENT_LIMIT:
        wrong["content"] = f"反映内容最多{CONTENT_LIMIT}字，更长的材料请作为附件上传。"
    if len(entry.title) > 120:
        wrong["title"] = "标题最多120字。"
    return wrong


def _people(entry: Entry) -> dict[str, str]:
    wrong = {}
    leads = [person for person in entry.people if person.role == PartyRole.LEAD]
    if len(leads) != 1:
        wrong["people"] = "要有一位且只有一位主访人。"
    if any(not person.name.strip() for person in entry.people):
        wrong["people"] = "每位信访人都要有姓名；匿名来件请填“匿名”。"
    chosen = sum(person.representative for person in entry.people)
    if chosen > lifecycle.REPRESENTATIVES:
        wrong["people"] = f"代表人数不得超过{lifecycle.REPRESENTATIVES}人（第二十条）。"
    ids = [person.id_number for person in entry.people if person.id_number]
    if len(ids) != len(set(ids)):
        wrong["people"] = "同一证件号码填了两次。"
    return wrong


def _choices(entry: Entry) -> dict[str, str]:
    wrong = {}
    if entry.channel not in Channel.values:
        wrong["channel"] = "请选择信访形式。"
    if entry.kind not in Kind.values:
        wrong["kind"] = "请选择类别。检举控告请走专门受理渠道。"
    if entry.channel == Channel.HANDED_DOWN and entry.handed_by is None:
        wrong["handed_by"] = "请选择交转机关。"
    return wrong


def _head_count(entry: Entry) -> int:
    return max(entry.head_count, len(entry.people))


# --- writing ----------------------------------------------------------------------------------------------------


def _first(entry: Entry, day: date, by: Actor, draft: Draft | None, code: str) -> Registered:
    office = _office(by)
    people = list(entry.people)
    (petition_id,), (filing_id,), person_ids = take_ids((Petition, 1), (Filing, 1), (Petitioner, len(people)))
    serial = numbers.take(office.pk, numbers.MATTER, day.year)
    now = moment.now()
    petition = Petition(
        pk=petition_id, number=numbers.matter_number(office.paper_prefix or office.short_name, day.year, serial),
        title=entry.title.strip(), content=entry.content.strip(), kind=entry.kind, purpose=entry.purpose,
        category=entry.category, region=entry.region, place=entry.place, office=office, received_on=day,
        registered_at=now, head_count=_head_count(entry), joint=_head_count(entry) >= lifecycle.JOINT_FROM,
        hide_name=entry.hide_name, urgent=entry.urgent, lead_name=_lead(people).name, stage="registered",
    )  # fmt: skip
    key = give_key(petition)
    filing = _filing(entry, day, by, office, petition, numbers.filing_number(petition.number, 1), code, repeat=False)
    filing.pk, filing.state = filing_id, "registered"
    rules = limits.rules_on(day)
    started = _first_clocks(entry, petition, filing, office, day, rules)
    petition.due = started[0].due
    event = record.make_event(
        petition, "register", by=by, on="filing", on_id=filing_id, occurred_on=day, key=key,
        data=_said(entry, filing, started[0]), text={"backdate_reason": entry.backdate_reason},
    )  # fmt: skip
    persons = [_petitioner(petition, person) for person in people]
    for person, pk in zip(persons, person_ids, strict=True):
        person.pk = pk
    reach = Reach(
        petition=petition, department=office, role="office", tray=lifecycle.tray_of("office", "registered"),
        due=petition.due, received_on=day, open=True,
    )  # fmt: skip
    parties = _parties(filing, persons, people)
    claims = _claims(petition, entry)
    insert_together(
        [petition, filing, *persons, *parties, *claims, *started, event, reach, *_notice(entry, petition, filing)]
    )
    _save_extras(entry, petition, filing, draft)
    return Registered(petition, filing, code, started[0])


def _first_clocks(
    entry: Entry, petition: Petition, filing: Filing, office: Department, day: date, rules: limits.Rules
) -> list[Clock]:
    """T1 for a petition office (Art.22), T2 for a body that received directly (Art.23), T8 if handed down with a limit."""
    code = "T1" if office.is_petition_office else "T2"
    started = [clocks.new_clock(petition, code, filing, start=day, rules=rules, department_id=office.pk)]
    if entry.handed_due is not None and entry.handed_due > day:
        days = (entry.handed_due - day).days
        handed = clocks.new_clock(petition, "T8", filing, start=day, rules=rules, department_id=office.pk, length=days)
        started.append(handed)
    return started


def _repeat(entry: Entry, day: date, by: Actor, under: Petition, draft: Draft | None, code: str) -> Registered:
    """A repeat keeps its own number and is filed under the open matter; T1 is answered by telling the petitioner so."""
    petition = access.visible_to(by).select_for_update(of=("self",)).filter(pk=under.pk).first()
    if petition is None:
        raise NotSeen
    if petition.stage == "confirmed" or petition.outcome in ("merged", "no_further"):
        raise WrongMoment(
            f"{petition.number}已经办结。有新的事实或理由的，请登记为新的事项。", rule=f"《{lifecycle.TEXT}》第三十六条"
        )
    office = _office(by)
    nth = petition.filings.count() + 1
    filing = _filing(entry, day, by, office, petition, numbers.filing_number(petition.number, nth), code, repeat=True)
    filing.state, filing.content = "merged", entry.content.strip()
    filing.save(force_insert=True)
    _save_people(filing, petition, list(entry.people))
    Notice.objects.bulk_create(_notice(entry, petition, filing))
    event = record.make_event(
        petition, "register_repeat", by=by, on="filing", on_id=filing.pk, occurred_on=day,
        data=_said(entry, filing, None), text={"backdate_reason": entry.backdate_reason},
    )  # fmt: skip
    petition.save(update_fields=["events_count", "chain_head"])
    event.save(force_insert=True)
    Reach.objects.bulk_create(
        [Reach(petition=petition, department=office, role="registry", tray="", received_on=petition.received_on,
               open=petition.stage in lifecycle.OPEN_STAGES)],
        ignore_conflicts=True,
    )  # fmt: skip
    _save_extras(entry, petition, filing, draft)
    return Registered(petition, filing, code, None)


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
        recorded_at=now, backdate_reason=entry.backdate_reason.strip(), repeat=repeat, head_count=_head_count(entry),
        actual_count=entry.actual_count, addressee=entry.addressee, postmark_on=entry.postmark_on,
        handed_by=entry.handed_by, handed_number=entry.handed_number, handed_due=entry.handed_due,
        query_code_hash=querycode.code_hash(code), query_code_made_at=now,
    )  # fmt: skip


def _said(entry: Entry, filing: Filing, clock: Clock | None) -> dict[str, object]:
    data: dict[str, object] = {
        "filing": filing.number, "channel": str(entry.channel), "people": _head_count(entry),
        "received_on": filing.received_on,
    }  # fmt: skip
    if clock is not None:
        data["due"] = clock.due
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
        petition=petition, name=person.name.strip(), name_initials=pinyin_initials(person.name),
        is_organisation=person.is_organisation, sex=person.sex, birth_date=person.birth_date, id_kind=person.id_kind,
        id_number=person.id_number, id_hash=blind(person.id_number, "id") if person.id_number else "",
        phone=person.phone, phone_hash=blind(person.phone, "phone") if person.phone else "", address=person.address,
    )  # fmt: skip


def _claims(petition: Petition, entry: Entry) -> list[Claim]:
    texts = [text.strip() for text in entry.claims if text.strip()] or [entry.title.strip()]
    return [Claim(petition=petition, serial=n, text=text) for n, text in enumerate(texts, start=1)]


def _save_extras(entry: Entry, petition: Petition, filing: Filing, draft: Draft | None) -> None:
    """What only some filings have: other systems' numbers, files, the draft it came from."""
    if entry.references:
        rows = [ExternalReference(filing=filing, system=system, number=number) for system, number in entry.references]
        ExternalReference.objects.bulk_create(rows)
    if draft is not None:
        if getattr(draft, "has_files", True):
            attachments.hand_over(Attachment.objects.filter(draft=draft), petition, filing.pk)
        Draft.objects.filter(pk=draft.pk).update(registered=filing, fields="", title="")


def _notice(entry: Entry, petition: Petition, filing: Filing) -> list[Notice]:
    """A message to the one who leads, where there is a phone; it never says what the matter is about."""
    if not _lead(entry.people).phone:
        return []
    text = "您的来件已登记，请凭告知单上的查询码查询办理情况。"
    return [Notice(filing=filing, petition=petition, step="register", channel="sms", text=text, made_at=moment.now())]
