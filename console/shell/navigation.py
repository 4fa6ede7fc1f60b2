"""Where requests of the screens lead: each kind has one place that knows how to open it.

Invariant: a request never fails the screen that made it; one that nobody serves is told to the person as a notice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.domain.language import tr
from console.screens import Request


class Navigator:
    """Routes by the request's class. ``tell`` shows a notice."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._routes: dict[type[Any], Callable[[Any], None]] = {}

    def route(self, kind: type[Any], go: Callable[[Any], None]) -> None:
        """Serve requests of this class."""
        self._routes[kind] = go

    def go(self, request: Request) -> None:
        """Serve a request."""
        serve = self._routes.get(type(request))
        if serve is None:
            self._tell(tr("This window has no such screen."))
        else:
            serve(request)
