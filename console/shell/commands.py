"""The actions of the window as lines to choose from: in the palette, and in the list of all keys.

Invariant: both are drawn from the one table of actions; an action that cannot act just now says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from console.domain.language import tr
from console.shell.actions import ActionTable, Entry
from console.shell.keys import key_label
from console.shell.palette import Hit

UNSAID = tr("Not possible as things stand.")


def why_not(table: ActionTable, entry: Entry, screens: Mapping[str, str]) -> str:
    """Why an action cannot run now, in words; empty where it can. ``screens`` are names of screens by id."""
    if not table.is_in_force(entry):
        return tr("Works in {screens}.", screens=screens.get(entry.screen_id, entry.screen_id))
    return "" if entry.action.can_run() else entry.action.why_not() or UNSAID


def action_hits(table: ActionTable, screens: Mapping[str, str], is_offered: Callable[[str], bool]) -> Iterator[Hit]:
    """Every action once: those of the front screen first, then the window's, then other screens'.

    ``is_offered`` tells by id which actions are left out, such as the one that opens the list itself.
    """
    for entry in table.everything():
        if is_offered(entry.action.action_id):
            yield Hit(
                hit_id=f"action:{entry.action.action_id}",
                kind=entry.action.menu,
                text=entry.action.text,
                icon=entry.action.icon,
                keys=key_label("".join(table.keys(entry)[:1])),
                more=f"{screens.get(entry.screen_id, '')} {entry.action.found_by}",
                why_not=why_not(table, entry, screens),
                run=entry.action.run,
            )
