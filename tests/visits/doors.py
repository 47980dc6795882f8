"""Every address of visits × every person: part of the table of tests/doors.py."""

from __future__ import annotations

from dataclasses import dataclass

from tests.doors import AUDIT, NOT_SIGNED_IN, OFFICE, STAFF, UNSEEN, Door

# A published visit is public: whoever works with matters sees it; its plan belongs to the petition office.
DESK, OFFICE_HEAD = frozenset({"triage", "head"}), frozenset({"head"})
NO_MATTERS = AUDIT | {"system_admin", "security_admin"}
SEES_VISITS = STAFF - NO_MATTERS


def _planned(
    name: str, *args: str, to: frozenset[str] = DESK, sent: tuple[int, ...] = (422,), page: bool = True
) -> tuple[Door, ...]:
    """A page of the plan's keepers and its form sent empty; without arguments it belongs to no visit."""
    unseen: tuple[int, ...] | None = UNSEEN if args and args[0] == "visit" else None
    form = VisitDoor(f"visits:{name}", args, "POST", open_to=to, yes=sent, blind=unseen, nobody=NOT_SIGNED_IN)
    return (VisitDoor(f"visits:{name}", args, open_to=to, blind=unseen), form) if page else (form,)


@dataclass(frozen=True)
class VisitDoor(Door):
    """A door of a visit: unseen by those who see no matters at all."""

    def expected(self, who: str) -> tuple[int, ...]:
        """As any door, but blind is who sees no visits."""
        if who != "anonymous" and who not in self.open_to:
            return self.blind if self.blind is not None and who in NO_MATTERS else self.no
        return super().expected(who)


VISITS = (
    Door("visits:plan"),
    *_planned("draft"),
    *_planned("add"),
    *_planned("approve_month", to=OFFICE_HEAD, sent=(302,), page=False),
    *_planned("publish_month", sent=(302,), page=False),
    Door("visits:tables", open_to=OFFICE),
    *_planned("add_place"),
    *_planned("edit_place", "place"),
    *_planned("receiver"),
    *_planned("busy", to=DESK | {"leader", "other_leader"}),
    *_planned("drop_busy", "busy_day", to=DESK | {"leader"}, sent=(302,), page=False),
    *_planned("recusal"),
    *_planned("adopt", to=OFFICE_HEAD),
    *_planned("add_rule", to=OFFICE_HEAD),
    *_planned("end_rule", "frequency_rule", to=OFFICE_HEAD),
    *_planned("number", to=OFFICE_HEAD),
    VisitDoor("visits:visit", ("visit",), open_to=SEES_VISITS, no=UNSEEN),
    *_planned("move", "visit"),
    *_planned("substitute", "visit"),
    *_planned("swap", "visit"),
    *_planned("units", "visit", sent=(302,)),
    *_planned("cancel", "visit"),
    *_planned("approve", "visit", to=OFFICE_HEAD, sent=(302,), page=False),
    *_planned("publish", "visit", sent=(302,), page=False),
    Door("notices:all", nobody=(200,)),
    Door("notices:calendar", nobody=(200,)),
    Door("notices:notice", ("visit",), nobody=(200,)),
    Door("notices:poster", ("visit",), nobody=(200,)),
)
