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
    """The person at this console and the key they sign with (``key_id``: 16 hexadecimal digits of its SHA-256)."""

    person: Person
    key_id: str
    is_key_kept: bool
