"""Every address × every person × a matter in each position → what the door answers.

A door that is not in this table fails the suite (tests/test_doors.py), so that no page is ever added without saying who
may pass.  Codes: 200 page, 302 sign-in or "done", 401 sign-in (part of a page), 403 wrong person, 404 unseen, 405 wrong
method, 409 wrong moment, 422 bad input.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# Who may see a matter that the bureau holds; everybody else is told that there is none.
SEES_BUREAU = frozenset(
    {
        "registrar",
        "registrar2",
        "triage",
        "head",
        "supervisor",
        "signer",
        "handler",
        "unit_leader",
        "unit_head",
        "leader",
    }
)
STAFF = frozenset(
    SEES_BUREAU
    | {"sibling_signer", "sibling_handler", "sibling_head", "police_signer", "township_signer", "township_registrar"}
    | {"stranger", "other_leader", "auditor", "system_admin", "security_admin", "audit_admin"}
)
ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Door:
    """One address.

    Attributes:
        name: the URL's name with its namespace.
        args: which of the prepared refs fill the address ("petition", "filing", ...); the same door is tried with
            refs of a matter the bureau holds.
        method: GET or POST (POST with an empty body: a door for somebody answers 302, 409 or 422, never 500).
        open_to: people for whom the answer is ``yes``.
        yes: expected statuses for them; ``no``: for every other person of staff.
        nobody: expected statuses for a visitor who is not signed in.
    """

    name: str
    args: tuple[str, ...] = ()
    method: str = "GET"
    open_to: frozenset[str] = STAFF
    yes: tuple[int, ...] = (200,)
    no: tuple[int, ...] = (403, 404)
    nobody: tuple[int, ...] = (302, 401)
    query: str = ""
    note: str = field(default="", compare=False)
