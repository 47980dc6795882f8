"""How is the law written down?  The words its tables are made of; the rows stand in the modules beside and in ``lifecycle``.

Pure data; imports nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

TEXT = "信访工作条例"
IN_FORCE = date(2022, 5, 1)


@dataclass(frozen=True)
class ClockRule:
    """A duty of an office or a window of the petitioner.

    Attributes:
        length: national length in days; 0 where the assigning body sets the day itself (T8).
        working: working days; every national limit but T4 is in calendar days.
        window: time in which somebody may act (the petitioner for review, a unit to object), not a duty: it makes
            nothing overdue and no local rule shortens it.
        local: the law gives no number: the default here is a house default an administrator may change.
        capped: of a number that is ``local``: a rule may make it smaller, never larger, because it lengthens a duty.
    """

    code: str
    label: str
    length: int
    working: bool
    article: str
    on: str
    window: bool = False
    local: bool = False
    capped: bool = False
    since: date = IN_FORCE


@dataclass(frozen=True)
class Step:
    """One row of the table; see the module's docstring for how to read it."""

    code: str
    label: str
    on: str
    from_: tuple[str, ...]
    to: str  # "" = the state stays
    who: tuple[str, ...]
    article: str
    stops: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    paper: str = ""
    also: tuple[str, ...] = ()  # further papers of the same moment: what the petitioner is told, what the file keeps
    hint: str = ""
    form: str = ""
    since: date = IN_FORCE
    danger: bool = False
    secondary: bool = field(default=False)

    @property
    def dated(self) -> bool:
        """Whether a person may date it back some days, with a reason."""
        return self.code in DATED_BACK


# Receipts, decisions that were told on paper, talks: what may have happened before it was written down.  Objections,
# extensions and signatures count on the day they are made here, so that no limit is met by a date alone.
DATED_BACK = frozenset({"sign_for", "sign_up", "co_sign_for", "legal_receive", "accept", "channel", "interview", "deliver", "apply_review", "apply_rereview",
                        "deliver_review", "record_review", "take_suggestion", "deliver_reply",
                        "hold_hearing", "mediation_session", "serve_paper"})  # fmt: skip


@dataclass(frozen=True)
class PaperKind:
    """A legal paper: its title, the character in its number and whether it goes to the petitioner (domain.md §7)."""

    code: str
    title: str
    mark: str
    to_petitioner: bool
    article: str
