"""Which road does each claim take, and which run is opened for it?  Art.29 and 31, for whoever decides: a unit or a body that
received directly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from petitions.actions.door import Work, start_clock
from petitions.errors import BadInput
from petitions.models import Assignment, Claim, Proceeding, Route

Routes = Mapping[int, int]  # claim serial → route 1-6
Outside = Mapping[int, Mapping[str, str]]  # claim serial → procedure, body and limit, for routes 1-5


def chosen(claims: Sequence[Claim], routes: Routes | None) -> dict[int, int]:
    """Return the route of each claim; one that is not named takes route 6.

    Raises:
        BadInput: there is no such route, or none of the claims takes route 6: then it is channelled and not accepted.
    """
    found = {claim.serial: route_of((routes or {}).get(claim.serial, Route.PETITION)) for claim in claims}
    if claims and Route.PETITION not in found.values():
        raise BadInput({"routes": "所有诉求都属于其他法定途径，请用“导入法定途径”。"}, rule="第三十一条")
    return found


def elsewhere(claims: Sequence[Claim], routes: Routes) -> None:
    """Refuse to channel a matter of which a claim takes the petition route.

    Raises:
        BadInput.
    """
    if any(route_of(routes.get(claim.serial, Route.PETITION)) == Route.PETITION for claim in claims):
        raise BadInput({"routes": "有诉求走信访程序，请用“受理”。"}, rule="第三十一条")


def route_of(value: int) -> int:
    """Return ``value`` if it is one of the six routes.

    Raises:
        BadInput: it is not.
    """
    if value not in Route.values:
        raise BadInput({"routes": "没有这个办理途径。"}, rule="第三十一条")
    return value


def accept_claims(
    work: Work, held: Assignment, routes: Routes | None, outside: Outside | None, *, simplified: bool
) -> None:
    """Open the run of handling of those who accept, and beside it the runs of claims that take other routes (Art.31, 34)."""
    claims = list(work.petition.claims.all())
    taken = chosen(claims, routes)
    mine = [claim for claim in claims if taken[claim.serial] == Route.PETITION]
    run = open_handling(work, held, simplified=simplified, claims=mine)
    open_others(work, held, [claim for claim in claims if claim not in mine], taken, outside or {})
    work.clocks_on, work.starts = run, ("T5'",) if simplified else ("T5",)
    work.data |= {"routes": taken, "simplified": simplified}
    work.paper_words |= {"proceeding": run, "claims": claims}


def open_others(work: Work, held: Assignment, claims: list[Claim], taken: Routes, outside: Outside) -> list[Proceeding]:
    """Open the runs of ``claims``, none of which takes route 6, under ``held``.

    Routes 1 to 4 leave; what route 5 asks for the unit does itself and answers (Art.31(5)).

    Raises:
        BadInput: it is not said where a claim goes.
    """
    duties = [claim for claim in claims if taken[claim.serial] == Route.DUTY]
    runs = [
        _open_outside(work, held, claim, taken[claim.serial], outside.get(claim.serial, {}))
        for claim in claims
        if claim not in duties
    ]
    if duties:
        runs.append(_open_duty(work, held, duties, outside))
    return runs


def _open_duty(work: Work, held: Assignment, claims: list[Claim], outside: Outside) -> Proceeding:
    told = outside.get(claims[0].serial, {})
    run = Proceeding.objects.create(
        petition=work.petition, assignment=held, department=held.department, kind="duty", state="studying",
        started_on=work.occurred_on, handler=held.handler, told_on=work.occurred_on, outside_body=held.department.name,
        outside_procedure=told.get("procedure", "") or "依法履行职责", outside_limit=told.get("limit", ""),
    )  # fmt: skip
    work.matter.proceedings.append(run)
    for claim in claims:
        claim.route, claim.proceeding = Route.DUTY, run
    Claim.objects.bulk_update(claims, ["route", "proceeding"])
    before, work.clocks_on = work.clocks_on, run
    start_clock(work, "TY")
    work.clocks_on = before
    return run


def _open_outside(work: Work, held: Assignment, claim: Claim, route: int, told: Mapping[str, str]) -> Proceeding:
    """A claim leaves by routes 1-5: who takes it, by which procedure, within which limit, told when (Art.31)."""
    if not all(told.get(name) for name in ("procedure", "body", "limit")):
        raise BadInput({"outside": f"诉求{claim.serial}：请填写法定程序、受理机关和该程序的期限。"}, rule="第三十一条")
    if len(told["body"]) > 80:
        raise BadInput({"outside": f"诉求{claim.serial}：受理机关最多80字。"}, rule="第三十一条")
    run = Proceeding.objects.create(
        petition=work.petition, assignment=held, department=held.department, kind="outside", state="outside",
        started_on=work.occurred_on, outside_body=told["body"], outside_procedure=told["procedure"],
        outside_limit=told["limit"], told_on=work.occurred_on,
    )  # fmt: skip
    work.matter.proceedings.append(run)
    claim.route, claim.proceeding = route, run
    claim.save(update_fields=["route", "proceeding"])
    return run


def open_study(work: Work, held: Assignment) -> Proceeding:
    """Start the study of a suggestion (Art.29): it ends in a reply, and no review follows."""
    run = Proceeding.objects.create(
        petition=work.petition, assignment=held, department=held.department, kind="study", state="studying",
        started_on=work.occurred_on, handler=held.handler, told_on=work.occurred_on,
    )  # fmt: skip
    work.matter.proceedings.append(run)
    work.petition.claims.update(proceeding=run)
    return run


def open_handling(work: Work, held: Assignment, *, simplified: bool, claims: Iterable[Claim]) -> Proceeding:
    """Start a run of handling for the claims that take the petition route (Art.31(6))."""
    run = Proceeding(
        petition=work.petition, assignment=held, department=held.department, kind="handling", state="handling",
        simplified=simplified, started_on=work.occurred_on, handler=held.handler,
    )  # fmt: skip
    run.save(force_insert=True)
    work.matter.proceedings.append(run)
    mine = list(claims)
    for claim in mine:
        claim.proceeding, claim.route = run, claim.route or Route.PETITION
    Claim.objects.bulk_update(mine, ["proceeding", "route"])
    return run
