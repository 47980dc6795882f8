"""What do visits keep about a matter, and what keeps it from being destroyed?  Told to petitions, which imports nothing of ours."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from petitions.actions import moment
from petitions.models import Petition
from visits.models import OPEN, Booking, Brief, Carried, FollowUp, Milestone, Outcome, Reception, Recusal, Sponsorship

_TOLD = {"name": "", "phone": "", "representatives": "", "matter": "", "filed_number": "", "needs": ""}
_SPONSORED = ("crux", "plan", "legal_opinion", "report", "agreement", "finding")


def _about(petition: Petition) -> Q:
    """Duties after a visit, and those of a sponsored case that no reception began."""
    return Q(outcome__petition=petition) | Q(sponsorship__petition=petition)


def hold(petition: Petition) -> str:
    """Return what visits still owe the matter; ``""`` where nothing."""
    if Sponsorship.objects.filter(petition=petition).exclude(state=Sponsorship.State.ENDED).exists():
        return "领导包案还没有销号"
    if FollowUp.objects.filter(_about(petition), done_on=None).exists():
        return "接访以后的跟进还没有完成"
    return ""


def wipe(petition: Petition) -> None:
    """Empty what was said about the matter (a sponsor's notes go with its key); a party's own words go when none of its matters is left."""
    _end(petition)
    Sponsorship.objects.filter(petition=petition).update(**dict.fromkeys(_SPONSORED, ""))
    Milestone.objects.filter(sponsorship__petition=petition).update(what="", done_when="", words="")
    FollowUp.objects.filter(_about(petition)).update(words="")
    Brief.objects.filter(petition=petition).update(checked="", basis="", promise="")
    Carried.objects.filter(petition=petition).update(reasons=[])
    Recusal.objects.filter(petition=petition).update(reason="")
    living = Outcome.objects.filter(reception=OuterRef("pk"), petition__key_destroyed_at=None).exclude(
        petition=petition
    )
    parties = Reception.objects.filter(~Exists(living), outcomes__petition=petition)
    mine = list(parties.values_list("pk", "booking_id"))
    Reception.objects.filter(pk__in=[pk for pk, _ in mine]).update(**_TOLD, origin="", opinion="")
    Booking.objects.filter(pk__in=[pk for _, pk in mine if pk]).update(**_TOLD)


def _end(petition: Petition) -> None:
    """What nobody can do any more is owed by nobody (a registration taken back; a destruction waits until all is done, see `hold`).

    A sponsored case stays, ended without a result: its notes are only ever added to.
    """
    FollowUp.objects.filter(_about(petition), done_on=None).delete()
    Brief.objects.filter(petition=petition, written_on=None, visit__status__in=OPEN).delete()
    running = Sponsorship.objects.filter(petition=petition).exclude(state=Sponsorship.State.ENDED)
    running.update(state=Sponsorship.State.ENDED, result=Sponsorship.Result.NONE, ended_on=moment.today())
