"""The colours in force, for everything that paints itself.

Invariant: there is one application, so one theme at a time; only `Theme` puts colours in force, and Qt then sends every
widget a change of its palette, which repaints it. Before any theme is applied the light colours are in force.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.qtkit.tokens import LIGHT

if TYPE_CHECKING:
    from console.qtkit.tokens import Colours

_in_force: list[Colours] = [LIGHT]


def colours() -> Colours:
    """Return the colours of the theme in force."""
    return _in_force[0]


def put_in_force(chosen: Colours) -> None:
    """Let everything painted from now on use these colours."""
    _in_force[0] = chosen
