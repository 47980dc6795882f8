"""The verbs: the only writers of case state.  Pages, API, tasks, imports and scripts have no other way."""

from petitions.actions import (  # noqa: F401  (they name the effects of the steps)
    archive,
    aside,
    ask,
    competence,
    direct,
    handling,
    oversight,
    papers,
    recusing,
    referring,
    repeats,
    retract,
    review,
    roads,
    split,
    triage,
    unit,
    upward,
    whole,
)
from petitions.actions.door import advance, label_of
from petitions.actions.entry import Entry, Person
from petitions.actions.night import run_night
from petitions.actions.rate import rate
from petitions.actions.register import Registered, register

__all__ = ["Entry", "Person", "Registered", "advance", "ask", "label_of", "rate", "register", "run_night"]
