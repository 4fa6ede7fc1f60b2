"""Who decides: people, their roles and keys."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Role(enum.StrEnum):
    """What a person may do. A supervisor may do what an operator may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    RESPONDER = "responder"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a decision names them; ``person_id`` is stable, ``name`` is for reading."""

    person_id: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Identity:
    """The person at this console and the key they sign with (``key_id``: 16 hexadecimal digits of its SHA-256).

    While ``is_key_locked`` theirs lies in a file that nobody has opened, and ``key_id`` names one that signs no
    decision; ``is_key_in_file`` says that it was opened. ``key_reason`` is why it is not in the keyring, in words.
    """

    person: Person
    key_id: str
    is_key_kept: bool
    is_key_locked: bool = False
    is_key_in_file: bool = False
    key_reason: str = ""

    @property
    def key_place(self) -> str:
        """Where the key is, in words that follow "is"."""
        if self.is_key_locked:
            return "locked in its file"
        if self.is_key_in_file:
            return "in its file, unlocked for this session"
        return "kept in the system keyring" if self.is_key_kept else "in memory for this session only"
