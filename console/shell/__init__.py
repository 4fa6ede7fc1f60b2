"""The window around the screens: menus, rail, status line, keys, and the loop that all of it runs in.

Invariant: screens know nothing of this; they give their actions and ask to go somewhere, the window does the rest.
"""
