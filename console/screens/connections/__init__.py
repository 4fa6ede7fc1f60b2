"""The connections: what is connected and how it does, adding and changing, testing, pausing, removing.

The window makes ``ConnectionsPresenter(desk, ask, navigate, clock, start_demo)`` and ``ConnectionsView(presenter)``;
for a request ``OpenConnections`` it calls ``presenter.open(connection_id, is_new=…)`` and brings the view to the front.
"""
