"""Which cases are behind a number?  The very facts that were counted, as a list of filings with their matters.

The list asks what the number asked: the same cut, the same units, the same bits.  Its count is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.actor import Actor
from petitions.columns import DEFAULT, Column, fields_of
from petitions.errors import BadInput, WrongMoment
from petitions.figures import totals
from petitions.figures.bits import MEASURES
from petitions.figures.count import facts_where
from petitions.figures.cut import RULE, Cut, units_for
from petitions.figures.totals import BASES
from petitions.held import Question
from petitions.keyset import Mark, Page, Turn, pack
from petitions.keyset import cut as cut_page
from petitions.models import Petition
from petitions.querysets import Whole, names_of_columns

ORDER = "figure"
SHOWN = (
    "number",
    "title",
    "name",
    "stage",
    "category",
    "responsible",
    "channel",
    "received",
    "due",
)  # columns of the list


@dataclass(frozen=True)
class Behind:
    """A number whose cases are asked for: ``measures`` of a cut, which never overlap."""

    cut: Cut
    measures: tuple[str, ...]
    units: tuple[int, ...] | None

    @classmethod
    def of(cls, actor: Actor, cut: Cut, measures: Sequence[str]) -> Behind:
        """Return what ``actor`` may see behind them.

        Raises:
            BadInput: there is no such measure, or it adds days and counts nothing.
            WrongMoment: the figures of its day are not counted, or were not in these measures.
            WrongPerson, NotSeen: as `units_for`.
        """
        if not measures or any(code not in MEASURES or MEASURES[code].sum_of for code in measures):
            raise BadInput({"of": "没有这个数字。"}, rule=RULE)
        units = units_for(actor, cut)
        if not set(measures) <= set(totals.kept(cut.day)):
            raise WrongMoment(f"{cut.day}日终没有统计这个数字。", rule=RULE)
        return cls(cut, tuple(measures), units)

    @property
    def label(self) -> str:
        """What is listed, in words."""
        return "、".join(MEASURES[code].label for code in self.measures)

    def _where(self, params: dict[str, Any]) -> str:
        params |= {"units": list(self.units) if self.units is not None else None, "day": self.cut.day}
        any_of = " OR ".join(
            f"f.bits & {one.mask} = {int(one.want)}" for one in map(MEASURES.__getitem__, self.measures)
        )
        return f"{facts_where(self.cut, params, self.cut.first, self.cut.last)} AND ({any_of})"

    def count(self) -> int:
        """How many there are, exactly."""
        params: dict[str, Any] = {}
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM petitions_figurefact f WHERE {self._where(params)}", params)
            return int(cursor.fetchone()[0])

    def _sql(self, names: Sequence[str], more: Sequence[Column], params: dict[str, Any], turn: Turn | None) -> str:
        """The rows in their order, newest first; a repeat stands under its own number."""
        day, way = BASES[self.cut.basis], "DESC"
        where = self._where(params)
        if turn is not None and turn.mark is not None:
            params |= {"mark_day": turn.mark.day, "mark_pk": turn.mark.pk}
            where += f" AND (f.{day}, f.filing_id) {'>' if turn.backwards else '<'} (%(mark_day)s, %(mark_pk)s)"
            way = "ASC" if turn.backwards else "DESC"
        said = [
            ("CASE WHEN fi.repeat THEN fi.number ELSE p.number END" if name == "number" else f"p.{name}")
            for name in names
        ]
        said += [column.sql for column in more]
        limit = f" LIMIT {turn.size + 1}" if turn is not None else ""
        return f"""SELECT {", ".join(said)}, m.{day}, m.filing_id, NULL FROM (SELECT f.{day}, f.filing_id, f.petition_id
            FROM petitions_figurefact f WHERE {where} ORDER BY f.{day} {way}, f.filing_id {way}{limit}) m
            JOIN petitions_petition p ON p.id = m.petition_id JOIN petitions_filing fi ON fi.id = m.filing_id
            ORDER BY m.{day} {way}, m.filing_id {way}"""

    def page(self, turn: Turn, columns: Sequence[Column] = DEFAULT) -> Page[Petition]:
        """One page of them, with the exact count."""
        names, more = names_of_columns(fields_of(columns)), [column for column in columns if column.sql]
        params: dict[str, Any] = {}
        sql = self._sql(names, more, params, turn)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows = cursor.fetchall()
        whole = Whole(Question(""), names, tuple(more))
        found = [(Mark(row[-3], row[-2]), whole.petition((*row[:-3], None))) for row in rows]
        shown, before, after = cut_page(found, turn)
        return Page(
            [petition for _, petition in shown],
            before=pack(shown[0][0], ORDER) if before else "", after=pack(shown[-1][0], ORDER) if after else "",
            count=self.count(), size=turn.size,
        )  # fmt: skip

    def every(self, columns: Sequence[Column] = DEFAULT) -> Whole:
        """All of them, as one question, for a spreadsheet."""
        names, more = names_of_columns(fields_of(columns)), tuple(column for column in columns if column.sql)
        params: dict[str, Any] = {}
        inner = self._sql(names, more, params, None)
        said = ", ".join(f"q.c{at}" for at in range(len(names) + len(more)))
        named = ", ".join([f"c{at}" for at in range(len(names) + len(more))] + ["day", "filing", "none"])
        return Whole(Question(f"SELECT {said}, NULL FROM ({inner}) AS q ({named})", params), names, more)

    def conditions(self) -> str:
        """The cut in words, for the head of a page and of a spreadsheet."""
        return "；".join(self.cut.phrases())
