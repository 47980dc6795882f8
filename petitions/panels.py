"""What do other apps show on pages of ours?  They register here, in AppConfig.ready; this app imports none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.actor import Actor
from petitions.models import Petition


@dataclass(frozen=True)
class Panel:
    """A part of a page: the template to include and what it reads as ``panel.context``."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """An entry of the menu: label, address, icon; ``under``: the beginning of every address of that room."""

    label: str
    url: str
    icon: str
    under: str


CasePanel = Callable[[Actor, Petition], Panel | None]
HomePanel = Callable[[Actor], Panel | None]
FiguresPanel = Callable[[Actor, date | None, date | None], Panel | None]
BoardPanel = Callable[[], Panel | None]
MenuEntries = Callable[[Actor], list[Entry]]
_case: list[CasePanel] = []
_home: list[HomePanel] = []
_figures: list[FiguresPanel] = []
_own: list[HomePanel] = []
_menu: list[MenuEntries] = []
_board: list[BoardPanel] = []


def on_case(panel: CasePanel) -> None:
    """Show ``panel`` on the case page; it returns None where it has nothing to say."""
    _case.append(panel)


def on_home(panel: HomePanel) -> None:
    """Show ``panel`` on the first page of whoever works with matters; it returns None where it has nothing to say."""
    _home.append(panel)


def on_figures(panel: FiguresPanel) -> None:
    """Show ``panel`` on the pages of figures, over the same period."""
    _figures.append(panel)


def on_own_cases(panel: HomePanel) -> None:
    """Show ``panel`` on a leader's page of figures: the cases he answers for himself, as they stand now."""
    _own.append(panel)


def in_menu(entries: MenuEntries) -> None:
    """Put entries into the menu of whoever may open them."""
    _menu.append(entries)


def on_board(panel: BoardPanel) -> None:
    """Show ``panel`` on the hall's public notice board (Art.18): nothing that not everybody may read."""
    _board.append(panel)


def for_board() -> list[Panel]:
    """Return what other apps make public on the notice board."""
    return [panel for make in _board if (panel := make()) is not None]


def for_case(actor: Actor, petition: Petition) -> list[Panel]:
    """Return what stands on the case page of ``petition`` for ``actor``, who sees it."""
    return [panel for make in _case if (panel := make(actor, petition)) is not None]


def for_home(actor: Actor) -> list[Panel]:
    """Return what stands on the first page of ``actor``."""
    return [panel for make in _home if (panel := make(actor)) is not None]


def for_figures(actor: Actor, first: date | None, last: date | None) -> list[Panel]:
    """Return what stands on the page of figures of ``actor`` for a period; ``None``: without an end."""
    return [panel for make in _figures if (panel := make(actor, first, last)) is not None]


def for_own_cases(actor: Actor) -> list[Panel]:
    """Return the cases that ``actor`` answers for himself, for his page of figures."""
    return [panel for make in _own if (panel := make(actor)) is not None]


def for_menu(actor: Actor) -> list[Entry]:
    """Return the menu's further entries for ``actor``."""
    return [entry for make in _menu for entry in make(actor)]
