"""How a command ended, for scripts."""

from __future__ import annotations

import enum

from console.domain.decision import DecisionState


class Exit(enum.IntEnum):
    """The exit statuses; they never change their meaning."""

    DONE = 0
    PROBLEM = 1
    USAGE = 2
    SUPERSEDED = 3
    REFUSED = 4
    UNCERTAIN = 5
    WAITS = 6
    FAILED_AFTER_APPROVAL = 7
    NOT_FOUND = 8


_S = DecisionState
BY_STATE = {
    _S.CONFIRMED: Exit.DONE,
    _S.CARRIED_OUT: Exit.DONE,
    _S.HALF_GRANTED: Exit.DONE,
    _S.FAILED: Exit.FAILED_AFTER_APPROVAL,
    _S.SUPERSEDED: Exit.SUPERSEDED,
    _S.REFUSED: Exit.REFUSED,
    _S.EXPIRED: Exit.REFUSED,
    _S.WITHDRAWN: Exit.REFUSED,
    _S.SENDING: Exit.UNCERTAIN,
    _S.UNCERTAIN: Exit.UNCERTAIN,
    _S.QUEUED: Exit.WAITS,
    _S.HELD: Exit.WAITS,
}
