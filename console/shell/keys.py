"""How keys are written for people: ``Ctrl K`` on a cap, ``G then I`` for two in a row."""

from __future__ import annotations

from console.domain.language import tr


def key_label(keys: str) -> str:
    """The label of a sequence in Qt's portable words, such as ``Ctrl+K``, ``G, I`` or ``Ctrl+,``."""
    chords = keys.split(", ") if keys else []
    return tr(" then ").join(chord if len(chord) == 1 else chord.replace("+", " ") for chord in chords)
