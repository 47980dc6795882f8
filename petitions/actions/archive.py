"""What does archiving a matter change?  Its file gets a number and a period; nothing of the matter itself moves (row 25)."""

from __future__ import annotations

from datetime import date

from accounts.models import Department
from petitions import holds, numbers, retention
from petitions.access import unit_of
from petitions.actions.door import Work, effect
from petitions.errors import BadInput, WrongMoment
from petitions.law import archive as law
from petitions.models import ArchiveFile, Petition

RULE = "归档要求"


@effect("archive")
def archive(work: Work, *, period: str) -> None:
    """Archive the file for a period that is not shorter than its ground wants.

    Raises:
        WrongMoment: something is still open; BadInput: no such period, or too short a one.
    """
    if open_ := holds.why_open(work.petition):
        raise WrongMoment(f"还不能归档：{open_}。", rule=RULE)
    if period not in law.PERIODS:
        raise BadInput({"period": "请选择保管期限。"}, rule=RULE)
    least, years = retention.least(work.petition, work.occurred_on), law.PERIODS[period][1]
    if law.shorter(years, least.years):
        raise BadInput({"period": f"这件案卷至少保管{least.words}，只能更长。"}, rule=least.source)
    file = ArchiveFile.objects.create(
        petition=work.petition, number=_number(work), department_id=unit_of(work.by), ground=least.ground, years=years,
        source=least.source, archived_on=work.occurred_on, archived_by=work.by.post,
        keep_until=law.last_day(closing_day(work.petition), years),
    )  # fmt: skip
    work.set_petition(archived_on=work.occurred_on)
    work.data |= {"file": file.number, "years": years, "keep_until": file.keep_until}


def _number(work: Work) -> str:
    body, year = Department.objects.get(pk=unit_of(work.by)), work.occurred_on.year
    return numbers.paper_number(
        body.paper_prefix or body.short_name, "档", year, numbers.take(body.pk, "archive", year)
    )


def closing_day(petition: Petition) -> date:
    """The day from whose year the period counts."""
    return petition.confirmed_on or petition.closed_on or petition.received_on


@effect("keep_longer")
def keep_longer(work: Work, *, period: str, reason: str) -> None:
    """Keep a file longer than it was given, after it was looked at again; never shorter.

    Raises:
        WrongMoment: it is being destroyed, or is kept for good; BadInput.
    """
    file = ArchiveFile.objects.select_for_update().get(petition=work.petition)
    if file.years is None or file.destruction_id is not None:
        raise WrongMoment("这件案卷永久保管，或者已列入销毁清册。", rule=RULE)
    if period not in law.PERIODS or not law.shorter(file.years, law.PERIODS[period][1]):
        raise BadInput({"period": "只能延长。"}, rule=RULE)
    if not reason.strip():
        raise BadInput({"reason": "请写明延长的理由。"})
    file.years = law.PERIODS[period][1]
    file.keep_until = law.last_day(closing_day(work.petition), file.years)
    file.reminded_on = None
    file.save(update_fields=["years", "keep_until", "reminded_on"])
    work.data |= {"years": file.years, "keep_until": file.keep_until}
    work.text["reason"] = reason
