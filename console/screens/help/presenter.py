"""Which page of the help is open. The pages are Markdown files of the product, in the order of their numbers.

Invariant: only files that lie in the given folder are ever read; a page that is asked for and is not there is the first
one. Raises FileNotFoundError when the product is incomplete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from console.screens import Navigate, OpenInbox
from console.services.views import Event

ENDING = ".md"


@dataclass(frozen=True, slots=True)
class Topic:
    """A page: its name as links give it, its title, and its text in Markdown."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class HelpState:
    """The pages, and which one is open."""

    topics: tuple[Topic, ...]
    topic: Topic


class HelpPresenter:
    """The help without a widget."""

    def __init__(self, folder: Path, navigate: Navigate) -> None:
        self._navigate = navigate
        self._listener: Callable[[HelpState], None] = lambda _: None
        topics = tuple(_topic(path) for path in sorted(folder.glob(f"*{ENDING}")))
        if not topics:
            raise FileNotFoundError(f"no page of the help is in {folder}")
        self.state = HelpState(topics, topics[0])

    def listen(self, listener: Callable[[HelpState], None]) -> None:
        """Tell this one every state from now on, beginning with the present one."""
        self._listener = listener
        listener(self.state)

    def open(self, topic: str = "") -> None:
        """Show a page by its name; without one, or with one that is not there, the page that is open stays."""
        found = next((each for each in self.state.topics if each.name == topic), self.state.topic)
        self.state = HelpState(self.state.topics, found)
        self._listener(self.state)

    def on_link(self, target: str) -> None:
        """Follow a link of a page: to another page, never out of the help."""
        self.open(target.removesuffix(ENDING))

    def on_back(self) -> None:
        """Return to the inbox."""
        self._navigate(OpenInbox())

    def on_shown(self) -> None:
        """The screen came to the front; there is nothing to refresh."""

    def on_hidden(self) -> None:
        """The screen is not looked at any more."""

    def on_events(self, events: Sequence[Event]) -> None:
        """Nothing here comes from engines."""


def _topic(path: Path) -> Topic:
    """A page from its file: ``20-inbox.md`` is called ``inbox``; its first line is its title."""
    text = path.read_text(encoding="utf-8")
    title = text.partition("\n")[0].removeprefix("#").strip()
    return Topic(path.stem.partition("-")[2] or path.stem, title, text)
