"""Small values that outlive the window, or not."""

from __future__ import annotations

from console.screens import Memory

__all__ = ["Forgetful", "Memory"]


class Forgetful:
    """A memory for windows that leave no trace: tests, tours."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def get(self, name: str, default: str) -> str:
        return self._values.get(name, default)

    def set(self, name: str, value: str) -> None:
        self._values[name] = value
