"""Which keys a person gave to which action, kept with their profile.

Needs no Qt. Invariant: what is kept is a short text per action; a kept text that makes no sense counts as not there,
and no key leads to two actions that work at the same time, nor begins a sequence that another action has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from console.screens import Action, Memory

NAME = "keys"
MOST_KEPT = 500
LONGEST = 40
MOST_CHORDS = 2
EVERYWHERE = ""
# They move in lists and fields, press buttons, leave and confirm, everywhere and always.
HELD_BACK = frozenset(
    [
        "Esc",
        "Return",
        "Enter",
        "Tab",
        "Backtab",
        "Space",
        "Up",
        "Down",
        "PgUp",
        "PgDown",
        "Home",
        "End",
        "Backspace",
        "Del",
        "Ctrl+Return",
        "Ctrl+Enter",
        "Ctrl+C",
        "Ctrl+V",
        "Ctrl+X",
        "Ctrl+A",
        "Ctrl+Z",
        "Shift+Tab",
    ]
)


class Bindings:
    """The keys in force, by action."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._own = _read(memory.get(NAME, "{}"))
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Tell this one after each change."""
        self._listeners.append(listener)

    def wanted(self, action: Action) -> tuple[str, ...]:
        """The keys of an action: its own ones, unless a person said otherwise."""
        said = self._own.get(action.action_id)
        return action.keys if said is None else (said,) if said else ()

    def is_changed(self, action_id: str) -> bool:
        """Whether a person gave this action another key, or none."""
        return action_id in self._own

    @property
    def is_any_changed(self) -> bool:
        """Whether anything is not as it came."""
        return bool(self._own)

    def bind(self, action: Action, keys: str) -> None:
        """Give an action this key alone; an empty one leaves it without."""
        if action.keys[:1] == ((keys,) if keys else ()):
            self._own.pop(action.action_id, None)
        else:
            self._own[action.action_id] = keys
        self._keep()

    def reset(self, action_id: str) -> None:
        """Give an action the key back that it came with."""
        if self._own.pop(action_id, None) is not None:
            self._keep()

    def reset_all(self) -> None:
        """Give every action its own keys back."""
        self._own.clear()
        self._keep()

    def _keep(self) -> None:
        self._memory.set(NAME, json.dumps(self._own, sort_keys=True))
        for listener in tuple(self._listeners):
            listener()


def is_fixed(action: Action) -> bool:
    """Whether its key is not for anybody to change: Escape goes back everywhere."""
    return action.keys[:1] == ("Esc",)


def refusal(keys: str) -> str:
    """Why a key cannot be given to anything, in words; empty where it can."""
    chords = keys.split(", ")
    if len(chords) > MOST_CHORDS:
        return "Two keys in a row are the most."
    held = next((chord for chord in chords if chord in HELD_BACK), "")
    return f"{held} is needed in lists, fields and forms." if held else ""


def overlap(keys: str, other: str) -> bool:
    """Whether one of two keys hides the other: they are the same, or one begins the other."""
    one, two = keys.split(", "), other.split(", ")
    shortest = min(len(one), len(two))
    return bool(keys and other) and one[:shortest] == two[:shortest]


def meet(screen_id: str, other: str) -> bool:
    """Whether actions of these two screens work at the same time; ``EVERYWHERE`` meets all."""
    return screen_id == other or EVERYWHERE in {screen_id, other}


def settled(actions: Iterable[tuple[str, Action]], bindings: Bindings) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The keys that each action gets, by screen and action: what a person chose goes before what came with it."""
    known = sorted(actions, key=lambda each: not bindings.is_changed(each[1].action_id))
    taken: list[tuple[str, str]] = []
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for screen_id, action in known:
        is_own = bindings.is_changed(action.action_id)
        keys = tuple(
            each
            for each in bindings.wanted(action)
            if not any(meet(screen_id, where) and overlap(each, other) for where, other in taken)
        )
        found[screen_id, action.action_id] = keys
        if is_own:
            taken += [(screen_id, each) for each in keys]
    return found


def _read(text: str) -> dict[str, str]:
    """What was kept, as far as it makes sense: anybody may have edited the file."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    sound = {
        name: keys
        for name, keys in said.items()
        if isinstance(keys, str) and len(keys) <= LONGEST and keys.isprintable() and not refusal(keys)
    }
    return dict(list(sound.items())[:MOST_KEPT])
