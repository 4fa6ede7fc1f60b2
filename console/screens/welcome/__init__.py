"""The welcome: what there is to do while nothing is connected: see it work, or connect an engine.

The window makes ``WelcomePresenter(desk, ask, navigate, clock, demo)`` and ``WelcomeView(presenter)`` and shows it for
``OpenWelcome``. ``demo`` is a :class:`~console.screens.welcome.state.Demo`: how to start it, and true words about what
that takes; its ``start`` is given a function that it tells each step to before beginning it, returns when the demo's
connection is there, raises one of the four errors, and stops what it started when it is cancelled. Afterwards, and
after connecting, the presenter asks for ``OpenInbox``.
"""
