"""The parts of the settings by name, and as what the palette finds. Needs no Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from console.domain.language import tr
from console.shell.palette import Hit


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the settings. ``words`` are what it is found by besides its title."""

    part_id: str
    title: str
    icon: str
    words: str


PARTS = (
    Part("look", tr("Look"), "sun", tr("theme dark light text size font zoom")),
    Part("keys", tr("Keys"), "keyboard", tr("shortcut rebind bind change")),
    Part("notices", tr("Being told"), "bell", tr("notification desktop sound quiet hours risk")),
    Part("reasons", tr("Reasons"), "message-square", "template"),
    Part("desk", tr("This desk"), "database", tr("undo window retention store encrypted folder language")),
)


def part_hits(open_part: Callable[[str], object]) -> Iterator[Hit]:
    """Each part as a hit."""
    for part in PARTS:
        yield Hit(
            hit_id=f"settings:{part.part_id}",
            kind=tr("Settings"),
            text=part.title,
            icon=part.icon,
            more=part.words,
            run=partial(open_part, part.part_id),
        )
