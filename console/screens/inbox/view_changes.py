"""What differs between two states of the inbox, as its view needs to know: to draw no more, and to move the focus."""

from __future__ import annotations

from console.screens.inbox.state import InboxState


def second(state: InboxState) -> int:
    """The second in which the state was made: ages need no finer grain."""
    return int(state.now.timestamp())


def version(state: InboxState) -> tuple[object, ...]:
    """What of the open item the panes look at by itself; its contents come as header, sections and bar."""
    item = state.item
    if item is None:
        return (state.listing.selected_id, "", False)
    return (item.item_id, item.digest, item.escalation is not None)


def has_left(before: InboxState, state: InboxState) -> bool:
    """Whether another item is to be read, a form is closed, or what was pending is done or taken back."""
    has_turned = before.listing.selected_id != state.listing.selected_id
    is_form_closed = before.form is not None and state.form is None
    return has_turned or is_form_closed or (before.bar.intent is not None and state.bar.intent is None)


def has_filled(before: InboxState, state: InboxState) -> bool:
    """Whether there are rows again: a list that was hidden when the screen came to the front could not take focus."""
    return before.emptiness is not None and state.emptiness is None
