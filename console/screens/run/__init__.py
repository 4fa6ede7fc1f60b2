"""One run: what it is doing and why it does not move, its plan, its trail and its state.

The window makes ``RunPresenter(desk, ask, navigate, clock)`` and ``RunView(presenter)``; for ``OpenRun`` it calls
``presenter.open(ref, title)`` and brings the view to the front. The presenter asks for ``OpenInbox`` to go back or to
the item that waits. ``presenter`` and the modules beside it need no Qt; ``view`` and its ``view_*`` draw them.

Of a trail entry's ``data`` the cards know ``arguments``, ``result`` or ``error``, ``took_ms``, and of a hand-off
``from`` and ``to``; whatever else is in it is shown as it is.
"""
