"""The inbox: everything that waits for a person, one item open beside it, and the bar in which they decide.

`presenter` and the modules beside it need no Qt; `view` and its `view_*` draw what they hold.
"""
