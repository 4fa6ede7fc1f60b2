"""The words of the product as frozen dataclasses, and the pure rules over them.

Invariant: nothing here does input or output, reads a clock or knows a database, a network or a toolkit; the standard
library and ``rfc8785`` are all it imports. What is true here is true in the console, the tower and the command line.
"""
