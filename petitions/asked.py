"""What does a list's address ask for?  Filters, columns, order and size, read once for the page, the spreadsheet and the steps."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from accounts.actor import Actor
from petitions import access
from petitions.access import Scope
from petitions.columns import Column, chosen, named
from petitions.filters import Filters
from petitions.orders import NEWEST, Order, offered_to

SIZES = (25, 50)


@dataclass(frozen=True)
class Asked:
    """A list as its address asks for it.

    Attributes:
        offered: the orders that this reader may choose.
        scope: what the reader sees, asked once.
    """

    form: Filters
    columns: tuple[Column, ...]
    order: Order
    offered: tuple[Order, ...]
    address: str
    scope: Scope

    @classmethod
    def of(cls, actor: Actor, query: QueryDict) -> Asked:
        """Read an address; what it says of columns and order and is not known here is passed over."""
        scope = access.scope_of(actor)
        offered = offered_to(scope)
        order = next((one for one in offered if one.code == query.get("sort")), offered[0])
        return cls(Filters(query), chosen(query.get("cols", "")), order, offered, query.urlencode(), scope)

    @property
    def kept(self) -> dict[str, str]:
        """What of the address is no filter and stays when a filter is changed."""
        said = {"cols": named(self.columns), "sort": "" if self.order is NEWEST else self.order.code}
        size = self.form.data.get("size", "")
        said["size"] = size if size in map(str, SIZES) and int(size) != SIZES[0] else ""
        return {name: value for name, value in said.items() if value}

    def pairs(self) -> dict[str, str]:
        """The address as pairs: filters that are filled in, and what is kept beside them."""
        filters = {name: value for name in self.form.fields if (value := self.form.data.get(name, ""))}
        return filters | self.kept

    def line(self, cols: str | None = None) -> str:
        """The address in one line, with other columns if given; ``all=1`` where it asks for nothing."""
        pairs = self.pairs() if cols is None else {**self.pairs(), "cols": cols}
        return urlencode({name: value for name, value in pairs.items() if value}) or "all=1"
