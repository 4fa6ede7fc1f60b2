"""A scripted orchestrator in memory, shipped with the product: what tests and screens under construction talk to.

``server`` is the orchestrator and its script, ``engine`` one connection to it, ``judge`` the rules by which it takes
decisions, ``record`` and ``world`` what it keeps. Several connections share one server, so that two people can meet on
one item.
"""
