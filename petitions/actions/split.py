"""How is a repeat that was registered under the wrong matter made a matter of its own?  The undoing of such a merging (domain.md §2.7).

The filing under the matter stays as a line that says where it went.  Its words, people, files, other numbers and query code go to a
new filing of a new matter, whose days run from the receipt of the letter itself.
"""

from __future__ import annotations

from petitions import attachments, hooks, limits, numbers
from petitions.actions import moment
from petitions.actions.door import Work, effect
from petitions.actions.entry import Entry, Person
from petitions.actions.insert import insert_together, take_ids
from petitions.actions.register import new_matter
from petitions.errors import BadInput
from petitions.models import Attachment, ExternalReference, Filing, Notice, Party, Petition, Petitioner

TOLD = "您的来件已作为单独事项登记，原来的查询码继续有效。"


@effect("split_off")
def split_off(work: Work, *, title: str, reason: str) -> None:
    """Make the repeat a matter of its own.

    Raises:
        BadInput: no title, or no reason.
    """
    wrong = {name: words for name, given, words in (
        ("title", title, "请写明这件事是什么。"), ("reason", reason, "请写明为什么不是同一事项。"),
    ) if not given.strip()}  # fmt: skip
    if wrong:
        raise BadInput(wrong, rule="第十九条第三款")
    filing, petition = work.row, work.petition
    assert isinstance(filing, Filing)
    code_hash, made_at = filing.query_code_hash, filing.query_code_made_at
    parties = list(Party.objects.filter(filing=filing).select_related("petitioner").order_by("pk"))
    entry = _entry(filing, petition, parties, title.strip())
    work.set(content="", query_code_hash="", handed_number="", addressee="")
    filing.save(update_fields=["content", "query_code_hash", "handed_number", "addressee"])
    made = _made(work, filing, entry)
    Filing.objects.filter(pk=made.pk).update(query_code_hash=code_hash, query_code_made_at=made_at)
    _move(filing, petition, made, parties)
    work.data |= {"split_to": made.petition.number, "filing": filing.number}
    work.text["reason"] = reason


def _entry(filing: Filing, petition: Petition, parties: list[Party], title: str) -> Entry:
    """What was told when the repeat was registered, as a registration is told it."""
    return Entry(
        title=title, content=filing.content, people=[_person(one) for one in parties], channel=filing.channel,
        backdate_reason=filing.backdate_reason, head_count=filing.head_count, actual_count=filing.actual_count,
        hide_name=petition.hide_name, addressee=filing.addressee, postmark_on=filing.postmark_on, handed_by=filing.handed_by,
        handed_number=filing.handed_number, handed_due=filing.handed_due,
    )  # fmt: skip


def _person(party: Party) -> Person:
    row = party.petitioner
    return Person(
        name=row.name, role=party.role, representative=party.representative, is_organisation=row.is_organisation, sex=row.sex,
        birth_date=row.birth_date, id_kind=row.id_kind, id_number=row.id_number, phone=row.phone, address=row.address,
    )  # fmt: skip


def _made(work: Work, filing: Filing, entry: Entry) -> Filing:
    """The new matter's rows, written; its filing."""
    day, office = filing.received_on, filing.office
    petitions, filings, people = take_ids((Petition, 1), (Filing, 1), (Petitioner, len(entry.people)))
    serial = numbers.take(office.pk, numbers.MATTER, day.year)
    number = numbers.matter_number(office.paper_prefix or office.short_name, day.year, serial)
    said = {"split_from": work.petition.number, "filing": filing.number}
    made, rows = new_matter(
        entry, day, work.by, office, limits.rules_on(day), _NO_CODE, (petitions[0], filings[0], iter(people)), number,
        step="split_from", said=said,
    )  # fmt: skip
    for row in rows:
        if isinstance(row, Notice):
            row.text = TOLD
    insert_together(rows)
    hooks.tell_new([made.petition], step="register", at=moment.now())
    return made.filing


_NO_CODE = "-"  # replaced by the hash of the code that the petitioner has


def _move(filing: Filing, petition: Petition, made: Filing, parties: list[Party]) -> None:
    """Whoever came with this filing alone is none of the old matter's people any more; files and numbers go along."""
    people = {party.petitioner_id for party in parties}
    fresh = Party.objects.filter(filing=made).order_by("pk").values_list("petitioner_id", flat=True)
    for party, one in zip(parties, fresh, strict=True):  # whom a message went to stays written with it
        Notice.objects.filter(petition=petition, filing=filing, petitioner=party.petitioner_id).update(petitioner=one)
    Party.objects.filter(filing=filing).delete()
    others = set(Party.objects.filter(petitioner__in=people).values_list("petitioner_id", flat=True))
    Petitioner.objects.filter(pk__in=people - others).delete()
    attachments.move(Attachment.objects.filter(filing=filing), petition, made.petition, made.pk)
    ExternalReference.objects.filter(filing=filing).update(filing=made)
    Notice.objects.filter(petition=petition, filing=filing).update(filing=made, petition=made.petition)
