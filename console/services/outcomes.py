"""What an answer means for a decision: the state it enters, what a person reads, and the one thing to do next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.domain.decision import Decision, DecisionState
from console.domain.errors import RefusalCode, Refused
from console.domain.receipt import Outcome, Receipt, mismatches

READ_AGAIN = "Open the item and read it again."
DECIDE_AGAIN = "Open the item and decide again."
LOOK_AT_RUN = "Open the run and look at what was decided there."
BEING_READ_BACK = "It is being read back; do not decide again."
REPAIR = "Open the run; retry or repair the step there."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A state to enter, with its words."""

    state: DecisionState
    message: str = ""
    next_action: str = ""
    receipt: Receipt | None = None


def of_receipt(decision: Decision, receipt: Receipt) -> Ending:
    """What the run's own record means. One that does not echo the decision proves nothing."""
    if differing := mismatches(decision, receipt):
        message = f"The engine's receipt differs from the decision in: {', '.join(differing)}."
        return Ending(state=DecisionState.UNCERTAIN, message=message, next_action=BEING_READ_BACK)
    message, next_action = _words_of(receipt)
    return Ending(state=receipt.outcome.state, message=message, next_action=next_action, receipt=receipt)


def _words_of(receipt: Receipt) -> tuple[str, str]:
    if receipt.outcome is Outcome.FAILED:
        error = receipt.effect.error if receipt.effect else ""
        return receipt.message or error or "It was approved, and carrying it out failed.", REPAIR
    if receipt.outcome is Outcome.HALF_GRANTED:
        counted = f"{receipt.approvals} of {receipt.required_approvals} approvals given."
        return receipt.message or counted, "Ask another person to review it."
    if receipt.outcome is Outcome.SUPERSEDED:
        return receipt.message or "Somebody else was first.", LOOK_AT_RUN
    if receipt.outcome is Outcome.REFUSED:
        return receipt.message or "The run refused it.", READ_AGAIN
    return receipt.message, ""


def of_refusal(error: Refused) -> Ending:
    """What an engine's no means; ``busy`` is a no for now only."""
    if error.code in RefusalCode.SUPERSEDING:
        next_action = READ_AGAIN if error.code == RefusalCode.CHANGED else LOOK_AT_RUN
        return Ending(state=DecisionState.SUPERSEDED, message=error.message, next_action=next_action)
    if error.code == RefusalCode.EXPIRED:
        return Ending(state=DecisionState.EXPIRED, message=error.message, next_action=DECIDE_AGAIN)
    if error.code == RefusalCode.BUSY:
        return Ending(state=DecisionState.QUEUED, message=error.message, next_action="It is tried again by itself.")
    return Ending(state=DecisionState.REFUSED, message=error.message, next_action=error.next_action or READ_AGAIN)


def uncertain(message: str) -> Ending:
    """Sent, and nobody knows yet."""
    return Ending(state=DecisionState.UNCERTAIN, message=message, next_action=BEING_READ_BACK)


def expired(valid_until: datetime) -> Ending:
    """Not sent in time."""
    at = valid_until.astimezone().strftime("%H:%M")
    return Ending(
        state=DecisionState.EXPIRED,
        message=f"It could not be sent before {at}, and was valid until then.",
        next_action=DECIDE_AGAIN,
    )


def critical_offline(connection: str) -> Ending:
    """A critical decision whose connection is away."""
    return Ending(
        state=DecisionState.REFUSED,
        message=f"“{connection}” is away, and a critical decision never waits for a connection. Nothing was sent.",
        next_action="Decide again once it is back.",
    )


def changed_before_sending() -> Ending:
    """The item was read again before sending, and is another."""
    return Ending(
        state=DecisionState.SUPERSEDED,
        message="The item changed after you decided. Nothing was sent.",
        next_action="Review it again as it is now.",
    )


def gone_before_sending(reason: str) -> Ending:
    """The item was read again before sending, and does not wait any more."""
    return Ending(state=DecisionState.SUPERSEDED, message=f"{reason} Nothing was sent.", next_action=LOOK_AT_RUN)


def other_server(connection: str) -> Ending:
    """Another server answers where the item was read."""
    return Ending(
        state=DecisionState.REFUSED,
        message=f"Another server answers at the address of “{connection}” now. Nothing was sent.",
        next_action="Check the connection's address.",
    )


def forgotten() -> Ending:
    """The run confirmed it once, and has no record of it now."""
    return Ending(
        state=DecisionState.SUPERSEDED,
        message="The run has no record of it any more; it was probably reset.",
        next_action=LOOK_AT_RUN,
    )


CLOSED_WHILE_HELD = Ending(
    state=DecisionState.WITHDRAWN,
    message="The console closed while it was held. Nothing was sent.",
    next_action=DECIDE_AGAIN,
)
UNDONE = Ending(state=DecisionState.WITHDRAWN, message="Undone. Nothing was sent.")
CONNECTION_REMOVED = Ending(
    state=DecisionState.WITHDRAWN,
    message="Its connection was removed. Nothing was sent.",
    next_action="Add the connection again to decide.",
)
STOPPED_WHILE_SENDING = uncertain("The console stopped while it was being sent.")


def had_not_arrived() -> Ending:
    """Read back: it surely never came to the engine."""
    return Ending(state=DecisionState.QUEUED, message="It had not arrived.", next_action="It is sent again by itself.")
