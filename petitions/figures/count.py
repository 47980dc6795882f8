"""How much is it?  Measures over a cut, from the totals where they hold it and from the facts where they do not.

Every answer is one statement, so that its numbers are of one moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from accounts.actor import Actor
from petitions.figures import totals
from petitions.figures.bits import MEASURES
from petitions.figures.cut import Cut, month_end, units_for
from petitions.figures.formulas import Formula
from petitions.figures.totals import BASES

Numbers = dict[str, int]
# By what a figure is split, and what that is called in facts and in totals.
SPLITS = ("", "month", "unit", "category", "region", "channel")


@dataclass(frozen=True)
class Figure:
    """A formula's answer.

    Attributes:
        known: whether the day it is of was counted in these measures at all.
        value: the share (1 = 100 %), the mean or the count; ``None`` where the denominator is empty, or nothing is known.
    """

    formula: Formula
    above: int
    below: int
    known: bool = True

    @property
    def value(self) -> float | None:
        """The answer."""
        if not self.known:
            return None
        if not self.formula.below:
            return float(self.above)
        return self.above / self.below if self.below else None


def figure_of(formula: Formula, numbers: Mapping[str, int]) -> Figure:
    """The answer of ``formula`` from measures that were counted."""
    if any(code not in numbers for code in formula.measures):
        return Figure(formula, 0, 0, known=False)
    return Figure(formula, sum(numbers[code] for code in formula.above), sum(numbers[code] for code in formula.below))


def counts(actor: Actor, cut: Cut, codes: Iterable[str], by: str = "") -> dict[str, Numbers]:
    """Return each measure of ``codes`` over ``cut``, split ``by``; the key of what is not split is ``""``.

    A month's key is its first day, a unit's its id, a place's the nine digits of its township.

    Raises:
        WrongPerson, NotSeen: as `units_for`.
    """
    return counted(cut, units_for(actor, cut), codes, by)


def counted(
    cut: Cut, units: Sequence[int] | None, codes: Iterable[str], by: str = "", held: Sequence[str] | None = None
) -> dict[str, Numbers]:
    """As `counts`, of these units; what a past day was not counted in is left out.

    Args:
        held: the measures of the cut's day in their order, where they are known already.
    """
    places = {code: place for place, code in enumerate(totals.kept(cut.day) if held is None else held, start=1)}
    wanted = [code for code in dict.fromkeys(codes) if code in places and code in MEASURES]
    if not wanted:
        return {} if by else {"": {}}
    params: dict[str, Any] = {"units": list(units) if units is not None else None, "day": cut.day}
    parts = _parts(cut, by, {code: places[code] for code in wanted}, params)
    sums = ", ".join(f"coalesce(sum(c{at}), 0)::bigint" for at in range(len(wanted)))
    sql = f"SELECT k, {sums} FROM ({' UNION ALL '.join(parts)}) s GROUP BY k"
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = {str(key): dict(zip(wanted, rest, strict=True)) for key, *rest in cursor.fetchall()}
    return found if by else {"": found.get("", dict.fromkeys(wanted, 0))}


def _parts(cut: Cut, by: str, places: Mapping[str, int], params: dict[str, Any]) -> list[str]:
    """The statements to be added up: whole months from the totals, the rest of the period from the facts."""
    cube, wanted = _cube(cut, by), list(places)
    if cube is None:
        return [_from_facts(cut, by, wanted, params, cut.first, cut.last, "a")]
    begin, end = _whole_months(cut.first, cut.last)
    parts = []
    if begin is None or end is None or begin <= end:
        parts.append(_from_totals(cut, cube, by, places, params, begin, end))
        edges = [
            (cut.first, begin - timedelta(days=1) if begin else None),
            (end + timedelta(days=1) if end else None, cut.last),
        ]
    else:
        edges = [(cut.first, cut.last)]
    for at, (first, last) in enumerate(edges):
        if first is not None and last is not None and first <= last:
            parts.append(_from_facts(cut, by, wanted, params, first, last, f"e{at}"))
    return parts


def _cube(cut: Cut, by: str) -> str | None:
    """The cube that holds the answer, if one does."""
    asked = {name for name in ("category", "region", "channel") if getattr(cut, name)} | (
        {by} & {"category", "region", "channel"}
    )
    if len(asked) > 1 or len(_prefix(cut.region)) > 9:
        return None
    return next(iter(asked), "unit")


def _whole_months(first: date | None, last: date | None) -> tuple[date | None, date | None]:
    """The first day of the first whole month and the last day of the last one."""
    begin = None if first is None else first if first.day == 1 else month_end(first) + timedelta(days=1)
    end = None if last is None else last if last == month_end(last) else last.replace(day=1) - timedelta(days=1)
    return begin, end


def _from_totals(
    cut: Cut, cube: str, by: str, places: Mapping[str, int], params: dict[str, Any], begin: date | None, end: date | None
) -> str:  # fmt: skip
    params |= {"cube": cube, "basis": cut.basis, "capacity": cut.capacity, "begin": begin, "end": end}
    where = ["t.day = %(day)s", "t.cube = %(cube)s", "t.basis = %(basis)s", "t.capacity = %(capacity)s"]
    where += ["t.month >= %(begin)s"] if begin else []
    where += ["t.month <= %(end)s"] if end else []
    where += ["t.unit_id = ANY(%(units)s)"] if params["units"] is not None else []
    where += _narrowed(cut, params, dict.fromkeys(("category", "region", "channel"), "t.value"))
    key = {"": "''", "month": "t.month::text", "unit": "t.unit_id::text"}.get(by, "t.value")
    said = ", ".join(f"sum(t.counts[{place}]) AS c{at}" for at, place in enumerate(places.values()))
    return f"SELECT {key} AS k, {said} FROM petitions_figuretotal t WHERE {' AND '.join(where)} GROUP BY 1"


def _from_facts(
    cut: Cut, by: str, wanted: Sequence[str], params: dict[str, Any], first: date | None, last: date | None, name: str
) -> str:  # fmt: skip
    column = f"f.{BASES[cut.basis]}"
    key = {
        "": "''", "month": f"date_trunc('month', {column})::date::text", "unit": "f.unit_id::text", "category": "f.category",
        "region": "left(f.region, 9)", "channel": "f.channel",
    }[by]  # fmt: skip
    said = ", ".join(f"{totals.expression(code, 'f')} AS c{at}" for at, code in enumerate(wanted))
    where = facts_where(cut, params, first, last, name)
    return f"SELECT {key} AS k, {said} FROM petitions_figurefact f WHERE {where} GROUP BY 1"


def facts_where(cut: Cut, params: dict[str, Any], first: date | None, last: date | None, name: str = "w") -> str:
    """The condition on facts ``f`` that they lie in the cut; fills ``params`` (``units`` and ``day`` are there)."""
    column = f"f.{BASES[cut.basis]}"
    params |= {"capacity": cut.capacity, f"first_{name}": first, f"last_{name}": last}
    where = [totals.in_force(cut.day), "f.capacity = %(capacity)s", f"{column} IS NOT NULL"]
    where += [f"{column} >= %(first_{name})s"] if first else []
    where += [f"{column} <= %(last_{name})s"] if last else []
    where += ["f.unit_id = ANY(%(units)s)"] if params["units"] is not None else []
    where += _narrowed(cut, params, {"category": "f.category", "region": "f.region", "channel": "f.channel"})
    return " AND ".join(where)


def _narrowed(cut: Cut, params: dict[str, Any], names: dict[str, str]) -> list[str]:
    """The filters as conditions."""
    found = []
    if cut.category:
        params["category"] = cut.categories()
        found.append(f"{names['category']} = ANY(%(category)s)")
    if cut.region:
        params["region"] = f"{_prefix(cut.region)}%"
        found.append(f"{names['region']} LIKE %(region)s")
    if cut.channel:
        params["channel"] = cut.channel
        found.append(f"{names['channel']} = %(channel)s")
    return found


def _prefix(region: str) -> str:
    """The digits that everything below a place begins with."""
    for digits in (2, 4, 6, 9):
        if region[digits:].strip("0") == "":
            return region[:digits]
    return region
