"""Checking Clearance's signatures anywhere: in the tower, in the console, in anyone's own workflow step.

Invariant: this package and what it imports need ``cryptography``, ``rfc8785`` and the standard library, nothing else.
It reads no clock, file or network. What is wrong is told as :class:`~console.verify.trust.Distrusted`.
"""
