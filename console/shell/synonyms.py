"""Other words for what the screens call things, so that the palette and the list of keys find them by either.

Invariant: one table for both. A synonym only finds; what is shown keeps its one word.
"""

from __future__ import annotations

from console.domain.language import tr

OTHERS = {
    "put off": tr("snooze later postpone defer remind sleep"),
    "decided": tr("history receipts log past"),
    "decision": tr("history receipts"),
    "audit": tr("history log receipts proof"),
    "trail": tr("history log events"),
    "log": tr("history errors trace"),
    "hand over": tr("handover shift note leave"),
    "claim": tr("take own assign mine"),
    "approve": tr("accept allow sign yes"),
    "reject": tr("deny decline refuse no"),
    "reroute": tr("delegate forward reassign escalate"),
    "undo": tr("revert take back"),
    "search": tr("find filter query"),
    "mark": tr("select tick"),
    "together": tr("bulk batch several"),
    "context": tr("sidebar panel"),
    "settings": tr("preferences options configuration"),
    "theme": tr("appearance mode colours"),
    "keys": tr("shortcuts hotkeys keyboard"),
    "connection": tr("server engine endpoint"),
    "quit": tr("exit close"),
    "read everything again": tr("refresh reload update"),
}


def also_called(text: str) -> str:
    """The other words for what a text names."""
    said = text.casefold()
    return " ".join(others for word, others in OTHERS.items() if word in said)
