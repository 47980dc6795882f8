"""In which orders may a list of matters stand?  Those that an index carries, and why there are no others.

A page is found behind a mark (the last row's day and id), never by counting rows off; that is quick, whatever lies
before the page, only where an index holds the rows in that very order.  So there are three orders, each by a day and then
by id: when it was received, when it runs out, when it was closed.  A title, a name or a body would need an index of its
own for each scope, written at every step, and answers a question that the filters and the search answer better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from petitions.access import Scope
from petitions.keyset import Mark
from petitions.models import Petition


@dataclass(frozen=True)
class Where:
    """A piece of SQL about the petition ``p`` with its parameters."""

    sql: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Order:
    """One order.

    Attributes:
        column: the day it goes by; matters that have none are not listed.
        ascending: the earliest first.
        caption: the order in words, as a table's caption says it.
        only: which matters it leaves out, said beside the list; empty = none.
    """

    code: str
    label: str
    column: str
    caption: str
    ascending: bool = False
    only: str = ""

    def way(self, *, backwards: bool) -> str:
        """The direction of reading, in SQL."""
        return "ASC" if self.ascending is not backwards else "DESC"

    def beyond(self, *, backwards: bool) -> str:
        """How what follows a mark compares with it, in SQL."""
        return ">" if self.ascending is not backwards else "<"


NEWEST = Order("newest", "最近收到", "received_on", "按收到日期从新到旧")
DUE = Order("due", "先到期", "due", "先到期的在前", ascending=True, only="只列有期限、还没有办结的事项。")
CLOSED = Order("closed", "最近办结", "closed_on", "按办结日期从新到旧", only="只列已经办结的事项。")
ORDERS: Mapping[str, Order] = {order.code: order for order in (NEWEST, DUE, CLOSED)}


def offered_to(scope: Scope) -> tuple[Order, ...]:
    """The orders that are quick for somebody who sees ``scope``.

    What a window registered for others carries no closing day in its own index, so that it is not put in that order.
    """
    return (NEWEST, DUE) if scope.roles else (NEWEST, DUE, CLOSED)


def mark_of(petition: Petition, order: Order = NEWEST) -> Mark:
    """Where a petition stands in a list."""
    return Mark(getattr(petition, order.column), petition.pk)
