"""Clearance: the operations desk for AI agents.

Importing this package loads nothing else, so that every part below it can be used without the others.
"""
