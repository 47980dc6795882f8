"""The nouns of leaders' receptions and down-visits (domain.md §3)."""

from visits.models.after import FollowUp, Heard, Milestone, Pledge, Research, SponsorNote, Sponsorship
from visits.models.day import LIVE, Booking, BookingState, Carried, Consent, Kind, Outcome, Purpose, Reception, Why
from visits.models.log import VisitEvent
from visits.models.plan import (
    DOWN,
    OPEN,
    PUBLIC,
    BusyDay,
    Form,
    FrequencyRule,
    HouseNumber,
    Place,
    Receiver,
    Recusal,
    Status,
    Visit,
)
from visits.models.wall import WallLink

__all__ = [
    "DOWN",
    "LIVE",
    "OPEN",
    "PUBLIC",
    "Booking",
    "BookingState",
    "BusyDay",
    "Carried",
    "Consent",
    "FollowUp",
    "Form",
    "FrequencyRule",
    "Heard",
    "HouseNumber",
    "Kind",
    "Milestone",
    "Outcome",
    "Place",
    "Pledge",
    "Purpose",
    "Receiver",
    "Reception",
    "Recusal",
    "Research",
    "SponsorNote",
    "Sponsorship",
    "Status",
    "Visit",
    "VisitEvent",
    "WallLink",
    "Why",
]
