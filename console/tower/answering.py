"""How workflows answer: every error turned into one that refuses the caller, and who signed asked of the registry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from console.domain.errors import RefusalCode, Refused
from console.domain.identity import Person
from console.tower.messages import AUTHORISE_ACTIVITY, AuthoriseCall, Authorised, FailureType

# Until it is given up for lost with its worker: who decided waits for that.
AUTHORISE_WITHIN = timedelta(seconds=8)
LONGEST_WAIT = timedelta(hours=8)
RETRY_LOST = RetryPolicy(
    initial_interval=timedelta(milliseconds=500),
    maximum_interval=timedelta(seconds=5),
    non_retryable_error_types=[FailureType.FAILED, FailureType.VIOLATION, FailureType.LEASE_LOST, FailureType.PAUSED],
)
_T = TypeVar("_T")


async def signer(call: AuthoriseCall) -> Person:
    """The person whom the registry knows a decision to be from. Raises ``ApplicationError`` where it does not count.

    A worker that dies meanwhile, or a registry that does not answer, is waited for while the decision is valid: what an
    update ends with is its answer for good, so that must not be "later".
    """
    left = min(call.decision.valid_until - workflow.now(), LONGEST_WAIT)
    try:
        found: Authorised = await workflow.execute_activity(
            AUTHORISE_ACTIVITY,
            call,
            result_type=Authorised,
            activity_id=f"authorise.{call.decision.decision_id}",
            start_to_close_timeout=AUTHORISE_WITHIN,
            schedule_to_close_timeout=left,
            retry_policy=RETRY_LOST,
        )
    except ActivityError as error:
        text = "Nobody could check who signed it while it was valid."
        raise ApplicationError(text, type=RefusalCode.EXPIRED, non_retryable=True) from error
    if found.by is None:
        raise ApplicationError(found.message, type=found.code, non_retryable=True)
    return found.by


def typed(act: Callable[[], _T]) -> _T:
    """Turn every error into one that refuses the caller; any other kind would block the run for everybody."""
    try:
        return act()
    except Refused as error:
        raise ApplicationError(error.message, type=error.code, non_retryable=True) from error
    except ApplicationError:
        raise
    except Exception as error:
        raise ApplicationError(f"{type(error).__name__}: {error}", type="internal", non_retryable=True) from error
