"""Which part of the inbox draws what of the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from console.screens.inbox.state import InboxState
from console.screens.inbox.view_changes import second, version

if TYPE_CHECKING:
    from console.screens.inbox.view import InboxView

Parts: TypeAlias = Callable[[InboxState], tuple[object, ...]]


def drawn_parts(view: InboxView) -> tuple[tuple[Parts, Callable[[InboxState], None]], ...]:
    """Each pane with the parts of the state that it draws: without a change there it is left alone."""
    return (
        (
            lambda s: (
                id(s.listing),
                second(s),
                s.connections,
                s.emptiness,
                s.identity,
                s.views,
                s.since,
                s.has_note,
                s.can_save_view,
            ),
            view.list.show_state,
        ),
        (lambda s: (s.handled, s.is_quiet, bool(s.decisions)), view.list.tray.show_state),
        (
            lambda s: (
                *(*version(s), s.header, s.reviewed, s.changed, s.notice, s.form, s.back),
                *(s.bar.warning, s.bar.hindrance, s.is_armed, s.is_turning),
            ),
            view.review.show_state,
        ),
        (lambda s: (*version(s), s.bar, s.is_armed, s.form, s.is_turning, s.templates), view.bar.show_state),
        (lambda s: (*version(s), s.context, s.can_comment), view.context.show_state),
        (lambda s: (s.ruling,), lambda s: view.ruling.show_ruling(s.ruling)),
        (lambda s: (s.bar, s.too_early), view.hint.show_state),
        (lambda s: (s.bar.targets, s.is_picking), lambda s: view.picker.offer(s.bar.targets, is_open=s.is_picking)),
        (
            lambda s: (s.assignees, s.is_assigning),
            lambda s: view.assignee.offer(s.assignees, is_open=s.is_assigning),
        ),
    )
