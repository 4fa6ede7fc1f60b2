"""What a line of checks says, as frozen data. Needs no Qt, so a presenter or a test can make it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from console.qtkit.tokens import Tone
from console.qtkit.words import Words


class Went(enum.Enum):
    """How something that was tried went: icon, tone, and the word for a screen reader."""

    GOOD = ("circle-check", Tone.OK, "good")
    WARNING = ("triangle-alert", Tone.MEDIUM, "warning")
    BAD = ("octagon-x", Tone.CRITICAL, "wrong")
    RUNNING = ("loader", Tone.ACCENT, "running")
    STOPPED = ("circle-minus", Tone.SECOND, "stopped")

    @property
    def icon(self) -> str:
        """The drawing."""
        return self.value[0]

    @property
    def tone(self) -> Tone:
        """The colour of the drawing."""
        return self.value[1]

    @property
    def word(self) -> str:
        """What it is called."""
        return self.value[2]


@dataclass(frozen=True, slots=True)
class CheckLine:
    """How it went, what was found, what to do about it, and a short remark at the end."""

    went: Went
    found: Words
    advice: str = ""
    remark: str = ""
