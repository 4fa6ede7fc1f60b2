"""How what a run is doing looks: word, icon and tone, the same on every screen. Needs no Qt."""

from __future__ import annotations

from console.domain.doing import Doing
from console.domain.language import tr
from console.qtkit.tokens import Tone

RUN_LOOKS: dict[Doing, tuple[str, str, Tone]] = {
    Doing.RUNNING: (tr("Running"), "loader", Tone.ACCENT),
    Doing.WAITS: (tr("Waits for a person"), "hourglass", Tone.PERSON),
    Doing.HELD_UP: (tr("Waits"), "hourglass", Tone.SECOND),
    Doing.STEP_FAILED: (tr("Step failed"), "octagon-x", Tone.CRITICAL),
    Doing.STUCK: (tr("Stuck"), "repeat", Tone.HIGH),
    Doing.FAILED: (tr("Failed"), "octagon-x", Tone.CRITICAL),
    Doing.PAUSED: (tr("Paused"), "circle-pause", Tone.SECOND),
    Doing.COMPLETED: (tr("Completed"), "circle-check", Tone.OK),
    Doing.CANCELLED: (tr("Cancelled"), "ban", Tone.SECOND),
}
