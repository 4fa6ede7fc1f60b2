"""Which theme a person chose: it takes effect at once and is remembered."""

from __future__ import annotations

from console.qtkit.theme import Mode, Theme
from console.screens import Memory

NAME = "window.theme"


def remembered_mode(memory: Memory) -> Mode:
    """The theme a person chose, or the system's."""
    kept = memory.get(NAME, Mode.SYSTEM.value)
    return Mode(kept) if kept in {mode.value for mode in Mode} else Mode.SYSTEM


def choose_mode(theme: Theme, memory: Memory, mode: Mode) -> None:
    """Switch now and remember."""
    theme.set_mode(mode)
    memory.set(NAME, mode.value)
