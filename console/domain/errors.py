"""The four errors, told apart by what the caller does next.

    Unreachable   surely not delivered: stays queued, tried again with back-off
    Uncertain     sent, outcome not known: read back first, never resent blindly
    Denied        no rights or wrong credentials: this connection stops and asks
    Refused       the engine said no: settled, its reason is shown

Every other exception is a bug. Foreign errors are mapped to these in one place per engine.
"""

from __future__ import annotations


class Unreachable(Exception):
    """Surely not delivered. ``next_action`` says, in words for a person, what would help."""

    def __init__(self, message: str, *, next_action: str = "It is tried again by itself.") -> None:
        super().__init__(message)
        self.message = message
        self.next_action = next_action


class Uncertain(Exception):
    """Sent, and nobody knows what became of it until the engine is read back."""

    def __init__(
        self,
        message: str,
        *,
        next_action: str = "It is being read back; do not decide again.",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.next_action = next_action


class Denied(Exception):
    """The engine does not let us in, or not to this; the connection stops until a person acts."""

    def __init__(
        self,
        message: str,
        *,
        next_action: str = "Check the credentials of this connection.",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.next_action = next_action


class Refused(Exception):
    """The engine said no. ``code`` is one of :class:`RefusalCode` or the engine's own word."""

    def __init__(self, message: str, *, code: str, next_action: str = "Read the item again.") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.next_action = next_action


class RefusalCode:
    """The refusals every engine shares. The first three mean that somebody or something was first."""

    ALREADY_DECIDED = "already-decided"
    CHANGED = "changed"
    CLOSED = "closed"
    ID_REUSED = "id-reused"
    NOT_ALLOWED = "not-allowed"
    INVALID_PAYLOAD = "invalid-payload"
    EXPIRED = "expired"
    UNKNOWN = "unknown-escalation"
    BUSY = "busy"
    BAD_SIGNATURE = "bad-signature"
    UNREGISTERED_KEY = "unregistered-key"
    REVOKED_KEY = "revoked-key"
    EXPIRED_KEY = "expired-key"
    OTHER_PERSON = "other-person"
    DUTIES = "separation-of-duties"
    KEY_LOCKED = "key-locked"

    SUPERSEDING = frozenset({ALREADY_DECIDED, CHANGED, CLOSED})
