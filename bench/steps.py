"""Which matters wait for which step of the ordinary road?  ``python -m bench.steps accept 624`` prints where it is taken, as JSON.

Each step is measured on the matters that the measured step before it left; what lies between two (a draft, its check, the closing) is
taken by the verbs, unmeasured.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from bench.targets import BUSY, cookie_of, office_id, post_of, ranked, ready, registered, this_day

Todo = list[tuple[str, dict[str, Any]]]  # address, and the fields of its form


def _actor(department: int, role: str) -> Any:
    from accounts.actor import Actor

    post = post_of(department, role)
    return Actor(user=post.user, post=post)


def _sign_for(unit: int, count: int) -> Todo:
    """Registered matters, sent to the unit."""
    from accounts.models import Department
    from petitions.actions import advance
    from petitions.models import Assignment, Category, Filing

    office = office_id()
    by, category = _actor(office, "triage"), Category.objects.exclude(parent=None)[0]
    filings = list(Filing.objects.filter(state="registered", repeat=False, office=office).order_by("-pk")[:count])
    filings += registered(post_of(office, "registrar"), count - len(filings))
    for filing in filings:
        advance("transfer", on=filing, by=by, department=Department.objects.get(pk=unit), category=category)
    held = Assignment.objects.filter(department=unit, state="sent", sent_on__lte=this_day()).select_related("petition")
    return [(_address("sign_for", row), {"occurred_on": this_day()}) for row in held.order_by("-pk")[:count]]


def _accept(unit: int, count: int) -> Todo:
    """What the unit has signed for."""
    from petitions.models import Assignment

    held = Assignment.objects.filter(department=unit, state="signed", lead=True, petition__kind="claim")
    rows = held.select_related("petition").prefetch_related("petition__claims").order_by("-pk")[:count]
    handler = post_of(unit, "handler").pk
    return [(_address("accept", row), {"occurred_on": this_day(), "handler": handler, **_routes(row)}) for row in rows]


def _routes(held: Any) -> dict[str, int]:
    return {f"route_{claim.serial}": 6 for claim in held.petition.claims.all()}


def _sign(unit: int, count: int) -> Todo:
    """What is handled, drafted and checked."""
    from petitions.actions import advance

    rows = _runs(unit, "handling", count)
    for run in rows:
        serials = run.claims.values_list("serial", flat=True)
        answers = {serial: {"support": "support", "answer": "予以支持。"} for serial in serials}
        advance("draft", on=run, by=_actor(unit, "handler"), facts="经查属实。", basis="有关规定。", answers=answers)
        advance("check", on=run, by=_actor(unit, "unit_leader"))
    return [(_address("sign", run), {}) for run in rows]


def _deliver(unit: int, count: int) -> Todo:
    """Opinions that are signed."""
    said = {"occurred_on": this_day(), "how": "hand", "receipt": "signed", "receiver": "本人", "view": "0"}
    return [(_address("deliver", run), said) for run in _runs(unit, "issued", count)]


def _confirm(unit: int, count: int) -> Todo:
    """Delivered to petitioners who agree, and closed."""
    from petitions.actions import advance

    rows = _runs(unit, "delivered", count, petitioner_view="0")
    for run in rows:
        advance("close", on=run, by=_actor(unit, "handler"))
    return [(_address("confirm_closure", run), {}) for run in rows]


def _runs(unit: int, state: str, count: int, **more: Any) -> list[Any]:
    """The unit's newest runs in ``state``; what was assigned owes a report before its closure, and is passed over."""
    from petitions.models import Proceeding

    rows = Proceeding.objects.filter(department=unit, kind="handling", state=state, **more)
    rows = rows.exclude(assignment__mode="assign").select_related("petition")
    return list(rows.order_by("-pk")[:count])


def _address(step: str, row: Any) -> str:
    return f"/petitions/{row.petition.ref}/step/{step}/{row.ref}/"


# Step → who waits for it, and the post that takes it: of the unit, or of the petition office.
STEPS: dict[str, tuple[Callable[[int, int], Todo], str]] = {
    "sign_for": (_sign_for, "signer"), "accept": (_accept, "signer"), "sign": (_sign, "unit_head"),
    "deliver": (_deliver, "handler"), "confirm_closure": (_confirm, "triage"),
}  # fmt: skip


def waiting(step: str, count: int) -> dict[str, Any]:
    """Make up to ``count`` matters of the busiest unit wait for ``step``; return a session and where it is taken."""
    unit = ranked()[BUSY]
    prepare, role = STEPS[step]
    todo = [(path, {name: str(value) for name, value in fields.items()}) for path, fields in prepare(unit, count)]
    return {"cookie": cookie_of(post_of(office_id() if role == "triage" else unit, role)), "todo": todo}


if __name__ == "__main__":
    ready()
    json.dump(waiting(sys.argv[1], int(sys.argv[2])), sys.stdout)
