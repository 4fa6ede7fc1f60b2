"""What stands on a key cap that belongs to an action: its key may be bound anew while the window is open.

A widget is given ``key_of("inbox.approve")`` in the place of a letter; the kit looks the letter up when it paints.
Needs no Qt. Invariant: a text of an engine is never taken for such a mark, since texts are shown with control
characters made visible, and only the shell's table of actions puts labels in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from weakref import WeakSet

MARK = "\x1f"
NO_KEY = ""


class ShowsKey(Protocol):
    """A widget with a key cap."""

    def show_key(self) -> None:
        """Make room for the label that it has now, and paint anew."""


_labels: dict[str, str] = {}
_showing: WeakSet[ShowsKey] = WeakSet()


def key_of(action_id: str) -> str:
    """The mark for whichever key this action has."""
    return MARK + action_id


def label_of(key: str) -> str:
    """The label to show for a key or a mark; empty where an action has no key, or is not there."""
    return _labels.get(key[1:], NO_KEY) if key.startswith(MARK) else key


def watch(widget: ShowsKey, key: str) -> None:
    """Tell a widget that shows this key when its label becomes another one."""
    if key.startswith(MARK):
        _showing.add(widget)


def put_in_force(labels: Mapping[str, str]) -> None:
    """Let everything painted from now on show these labels, by action."""
    if labels == _labels:
        return
    _labels.clear()
    _labels.update(labels)
    for widget in tuple(_showing):
        try:
            widget.show_key()
        except RuntimeError:
            # Qt has destroyed it already.
            _showing.discard(widget)
