"""The guide: a strip over the window that leads through the demo in two minutes, on its live runs.

The window makes ``GuidePresenter(desk, ask, navigate, memory, clock, staging)`` and ``GuideStrip(presenter)``.
``staging`` is a :class:`~console.screens.guide.state.Staging`: what the demo does to its own runs when it is asked to.
Nothing here decides: "Show me" leads to an item or a run, and a person decides there.
"""
