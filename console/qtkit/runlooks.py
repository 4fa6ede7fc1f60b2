"""How what a run is doing looks: word, icon and tone, the same on every screen. Needs no Qt."""

from __future__ import annotations

from console.domain.doing import Doing
from console.qtkit.tokens import Tone

RUN_LOOKS: dict[Doing, tuple[str, str, Tone]] = {
    Doing.RUNNING: ("Running", "loader", Tone.ACCENT),
    Doing.WAITS: ("Waits for a person", "hourglass", Tone.PERSON),
    Doing.HELD_UP: ("Waits", "hourglass", Tone.SECOND),
    Doing.STEP_FAILED: ("Step failed", "octagon-x", Tone.CRITICAL),
    Doing.STUCK: ("Stuck", "repeat", Tone.HIGH),
    Doing.FAILED: ("Failed", "octagon-x", Tone.CRITICAL),
    Doing.PAUSED: ("Paused", "circle-pause", Tone.SECOND),
    Doing.COMPLETED: ("Completed", "circle-check", Tone.OK),
    Doing.CANCELLED: ("Cancelled", "ban", Tone.SECOND),
}
