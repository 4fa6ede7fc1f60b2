"""What the desk keeps between starts: tables, queries and migrations. Nobody else touches SQL.

The store belongs to the thread that opened it. :mod:`console.store.records` is what it takes and gives and loads no
database; everything else here does.
"""
