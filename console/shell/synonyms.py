"""Other words for what the screens call things, so that the palette and the list of keys find them by either.

Invariant: one table for both. A synonym only finds; what is shown keeps its one word.
"""

from __future__ import annotations

OTHERS = {
    "put off": "snooze later postpone defer remind sleep",
    "decided": "history receipts log past",
    "decision": "history receipts",
    "audit": "history log receipts proof",
    "trail": "history log events",
    "log": "history errors trace",
    "hand over": "handover shift note leave",
    "claim": "take own assign mine",
    "approve": "accept allow sign yes",
    "reject": "deny decline refuse no",
    "reroute": "delegate forward reassign escalate",
    "undo": "revert take back",
    "search": "find filter query",
    "mark": "select tick",
    "together": "bulk batch several",
    "context": "sidebar panel",
    "settings": "preferences options configuration",
    "theme": "appearance mode colours",
    "keys": "shortcuts hotkeys keyboard",
    "connection": "server engine endpoint",
    "quit": "exit close",
    "read everything again": "refresh reload update",
}


def also_called(text: str) -> str:
    """The other words for what a text names."""
    said = text.casefold()
    return " ".join(others for word, others in OTHERS.items() if word in said)
