"""Every address of visits × every person: part of the table of tests/doors.py."""

from __future__ import annotations

from dataclasses import dataclass

from tests.doors import AUDIT, BUREAU, NOT_SIGNED_IN, SEES, STAFF, UNSEEN, Door
from tests.doors import OFFICE as _OFFICE

# A published visit is public: whoever works with matters sees it; its plan belongs to the petition office.
OFFICE = _OFFICE | {"conference"}  # the conference's office sits with the petition office
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


ROOM = frozenset({"registrar", "registrar2", "triage", "head"})
SUGGESTS = frozenset({"supervisor", "head"})
INSIDE = OFFICE | {"leader"}
BUREAU_SEES = OFFICE | BUREAU | {"leader"}


def _sent(name: str, *args: str, to: frozenset[str], yes: tuple[int, ...], note: str = "") -> Door:
    """A button or a form sent empty; who does not see what it is about is told that there is none."""
    return VisitDoor(
        f"visits:{name}", args, "POST", open_to=to, yes=yes, no=(403, 404), nobody=NOT_SIGNED_IN, note=note
    )


VISITS = (
    Door("visits:plan"),
    Door("visits:of_matter", ("petition",), open_to=SEES, blind=UNSEEN, note="the visits that touched a matter"),
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
    *_planned("adopt_pledges", to=OFFICE_HEAD),
    *_planned("add_pledge", to=OFFICE_HEAD),
    *_planned("end_pledge", "pledge", to=OFFICE_HEAD),
    VisitDoor("visits:visit", ("visit",), open_to=SEES_VISITS, no=UNSEEN),
    *_planned("move", "visit"),
    *_planned("substitute", "visit"),
    *_planned("swap", "visit"),
    *_planned("units", "visit", sent=(302,)),
    *_planned("cancel", "visit"),
    VisitDoor("visits:cannot_come", ("visit",), open_to=frozenset({"leader"}), no=(403, 404)),
    _sent("cannot_come", "visit", to=frozenset({"leader"}), yes=(422,)),
    VisitDoor("visits:pack", ("visit",), open_to=DESK | {"leader"}, no=(403, 404)),
    _sent("ask_brief", "visit", to=DESK, yes=(422,), note="nothing was chosen"),
    VisitDoor("visits:order", ("visit",), open_to=DESK, no=(403, 404)),
    _sent("order", "visit", to=DESK, yes=(302,)),
    VisitDoor("visits:brief", ("brief",), open_to=BUREAU_SEES, no=UNSEEN),
    _sent("brief", "brief", to=BUREAU_SEES, yes=(422,)),
    *_planned("approve", "visit", to=OFFICE_HEAD, sent=(302,), page=False),
    *_planned("publish", "visit", sent=(302,), page=False),
    Door("notices:all", nobody=(200,)),
    Door("notices:calendar", nobody=(200,)),
    Door("notices:notice", ("visit",), nobody=(200,)),
    Door("notices:sponsored", yes=(404,), nobody=(404,), note="no office has switched it on"),
    Door("notices:poster", ("visit",), nobody=(200,)),
    Door("visits:board", open_to=OFFICE | {"leader", "other_leader"}),
    Door("visits:walls", open_to=DESK),
    *_planned("make_wall"),
    *_planned("withdraw_wall", "wall_link", sent=(302,), page=False),
    Door("notices:wall", ("wall_token",), nobody=(200,), note="a link that the office made"),
    Door("notices:wall", ("nothing",), yes=(404,), nobody=(404,)),
    VisitDoor("visits:book", ("visit",), open_to=ROOM, no=(403, 404)),
    _sent("book", "visit", to=ROOM, yes=(422,)),
    VisitDoor("visits:walk_in", ("visit",), open_to=ROOM, no=(403, 404)),
    _sent("walk_in", "visit", to=ROOM, yes=(422,)),
    VisitDoor("visits:room", ("visit",), open_to=INSIDE, no=UNSEEN),
    _sent("call", "visit", to=ROOM, yes=(409,), note="nobody waits"),
    _sent("close", "visit", to=DESK, yes=(409,), note="it has not begun"),
    _sent("arrive", "booking", to=ROOM, yes=(409,), note="it is not the day"),
    _sent("new_code", "booking", to=ROOM, yes=(302,)),
    _sent("told", "booking", to=ROOM, yes=(409,), note="there is nothing to tell"),
    _sent("give_back", "booking", to=ROOM, yes=(302,)),
    _sent("record", "reception", to=frozenset({"triage"}), yes=(422,)),
    VisitDoor("visits:to_room", ("reception",), open_to=ROOM, no=(403, 404)),
    _sent("to_room", "reception", to=ROOM, yes=(422,)),
    _sent("leave", "reception", to=ROOM, yes=(302,)),
    _sent("back", "reception", to=ROOM, yes=(409,), note="it is not in the room"),
    Door("visits:where", open_to=OFFICE | {"leader", "other_leader"}),
    Door("visits:figures", open_to=OFFICE | {"leader", "other_leader"}),
    Door("visits:figures_sheet", open_to=OFFICE | {"leader", "other_leader"}),
    Door("visits:figure", ("groups",), open_to=OFFICE | {"leader", "other_leader"}),
    Door("visits:figure", ("no_such_figure",), open_to=frozenset(), no=(403, 404)),
    VisitDoor("visits:carry", ("visit",), open_to=DESK, no=(403, 404)),
    _sent("carry", "visit", to=DESK, yes=(302,), note="nothing was chosen"),
    VisitDoor("visits:research", ("visit",), open_to=DESK, no=(403, 404)),
    _sent("research", "visit", to=DESK, yes=(422,)),
    Door("visits:follow_ups"),
    VisitDoor("visits:follow_up", ("duty",), open_to=BUREAU_SEES, no=UNSEEN),
    _sent("follow_up", "duty", to=BUREAU_SEES, yes=(422,)),
    Door("visits:sponsored"),
    VisitDoor("visits:sponsorship", ("sponsored",), open_to=BUREAU_SEES, no=UNSEEN),
    *(
        door
        for name in ("plan_case", "milestone", "more_time", "decide", "hand_over", "report_case", "verify")
        for door in (
            VisitDoor(f"visits:{name}", ("sponsored",), open_to=BUREAU_SEES, no=UNSEEN),
            _sent(name, "sponsored", to=BUREAU_SEES, yes=(422,)),
        )
    ),
    VisitDoor("visits:report", ("report",), open_to=INSIDE, no=UNSEEN),
    VisitDoor("visits:suggest", ("report",), open_to=SUGGESTS, no=(403, 404)),
    _sent("suggest", "report", to=SUGGESTS, yes=(422,)),
    VisitDoor("visits:consent", ("visit", "carried"), open_to=ROOM, no=(403, 404)),
    _sent("consent", "visit", "carried", to=ROOM, yes=(422,)),
    VisitDoor("visits:take_out", ("visit", "carried"), open_to=DESK, no=(403, 404)),
    _sent("take_out", "visit", "carried", to=DESK, yes=(422,)),
    *_planned("put_up", to=OFFICE_HEAD),
    Door("notices:booked", yes=(302,), nobody=(302,)),
    Door("notices:booking", nobody=(200,)),
    Door("notices:booking", method="POST", yes=(422,), nobody=(422,)),
    Door("notices:book", ("visit",), nobody=(200,)),
    Door("notices:book", ("visit",), method="POST", yes=(422,), nobody=(422,)),
)
