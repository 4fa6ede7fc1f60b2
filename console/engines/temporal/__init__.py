"""Temporal: runs of the built-in tower, found by search attributes, decided by validated updates, read from history.

``engine`` keeps the port; ``connect`` opens the line, ``listing`` and ``follow`` find what waits, ``read`` and
``trail`` show a run, ``deliver`` carries decisions, ``decode`` distrusts what comes, ``errors`` names what went wrong.
"""
