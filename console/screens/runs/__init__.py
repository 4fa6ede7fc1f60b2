"""All runs of all connections, and what failed alike, to be opened, or acted on many at once.

Invariant: nothing is decided for many but by each run's own decision with its own receipt; what is critical is opened.
"""
