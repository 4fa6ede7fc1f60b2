"""The screens of the window. They do not know each other: they meet through events and the requests below.

A screen is a package: ``presenter.py`` and its pure modules hold one frozen state without Qt and tell one listener;
``view.py`` and its ``view_*`` draw it. The window makes both, gives the presenter its ``Ask`` and ``Navigate``, hands
every presenter the desk's events in batches (``on_events``), asks the view for its ``actions()`` and tells it when it
comes to the front (``on_shown``) and leaves it (``on_hidden``).

Invariant: nothing here needs Qt. A handler runs in the window's loop and must not block.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from console.domain.listing import RunRow
from console.domain.run import RunRef


@dataclass(frozen=True, slots=True)
class OpenInbox:
    """Show the inbox, at this item where one is named.

    ``back`` is the run from which a person steps in there: once that is decided, or left, the window returns to it.
    """

    item_id: str = ""
    back: OpenRun | None = None


@dataclass(frozen=True, slots=True)
class OpenRun:
    """Show a run. ``title`` is what to call it until it is read, ``tab`` the part to show, by the word on its tab.

    ``is_return`` where a person was there before, so that going back leads where it led then;
    ``known`` is what a list tells of it, which is shown until then;
    ``decision_id`` is what was just decided about it, whose progress is told there.
    """

    ref: RunRef
    title: str = ""
    tab: str = ""
    decision_id: str = ""
    known: RunRow | None = None
    is_return: bool = False


@dataclass(frozen=True, slots=True)
class OpenRuns:
    """Show the runs, those that match these words where some are given."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class OpenConnections:
    """Show the connections, at this one where one is named; ``is_new`` opens the form for another one."""

    connection_id: str = ""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class OpenWelcome:
    """Show the welcome: what there is to do while nothing is connected."""


@dataclass(frozen=True, slots=True)
class OpenHelp:
    """Show the help, at this topic where one is named: the name of a file in ``resources/help`` without its ending."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class OpenKey:
    """Show what is the matter with the signing key: it may be locked."""


Request: TypeAlias = OpenInbox | OpenRun | OpenRuns | OpenConnections | OpenWelcome | OpenHelp | OpenKey
Navigate: TypeAlias = Callable[[Request], None]

Ask: TypeAlias = Callable[[Coroutine[Any, Any, None]], None]
"""Starts a coroutine in the window's loop and keeps it; what it raises goes to the one top-level handler."""


class Memory(Protocol):
    """Small texts by name that outlive the window, as the settings keep them. Setting one writes it at once."""

    def get(self, name: str, default: str) -> str:
        """A value, or the default where it was never set."""

    def set(self, name: str, value: str) -> None:
        """Keep a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing a person can do: it stands in a menu, in the list of commands and, with ``keys``, on the keyboard.

    ``keys`` are in Qt's portable words ("A", "Ctrl+K", "G, I"); the first is shown, the others work as well. ``menu``
    is the title of the menu it stands in, or empty; ``text`` is a short verb phrase without an ellipsis unless it asks
    for more, ``found_by`` words that the list of commands finds it by besides. ``can_run`` is asked when a menu opens;
    the key always reaches ``run``, which does nothing out of place; ``why_not`` says in words why it cannot, where the
    action itself knows.
    In its menu a line stands between actions of different ``group``; one that ``is_rare`` is left out of it while it
    cannot run. ``is_repeating`` lets a key held down act again and again: for moving only, never for deciding.
    """

    action_id: str
    text: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()
    menu: str = ""
    icon: str = ""
    is_repeating: bool = False
    found_by: str = ""
    group: str = ""
    is_rare: bool = False
    can_run: Callable[[], bool] = lambda: True
    why_not: Callable[[], str] = lambda: ""
