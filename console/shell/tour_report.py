"""What a tour leaves behind: numbered pictures and one text that compares receipts with the business database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtGui import QPixmap

from console.domain.decision import DecisionState
from console.services.views import DecisionView

SUMMARY = "summary.txt"


class Report:
    """The pictures and the summary of one tour, in the folder ``out``. Old ones of the same folder are replaced."""

    def __init__(self, out: Path, count_effects: Callable[[], dict[str, int]]) -> None:
        self._out = out
        self._count_effects = count_effects
        self._numbers: dict[str, int] = {}
        self._lines: list[str] = []
        self._is_whole = True
        self._counts: dict[str, int] = {}
        self.decisions: Sequence[DecisionView] = ()
        out.mkdir(parents=True, exist_ok=True)
        for old in [*out.glob("[0-9][0-9]-*.png"), out / SUMMARY]:
            old.unlink(missing_ok=True)

    def keep(self, picture: QPixmap, name: str, theme: str) -> None:
        """Write a picture; the same name in both themes has one number."""
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        picture.save(str(self._out / f"{number:02d}-{_file_name(name)}-{theme}.png"))

    def say(self, step: str, failure: str) -> None:
        """A step was taken, or why it was not."""
        self._lines.append(f"not done  {step}: {failure}" if failure else f"done      {step}")
        self._is_whole = self._is_whole and not failure

    def count(self) -> None:
        """Read the business database now, while it is there."""
        self._counts = self._count_effects()

    def write(self) -> int:
        """Write and print the summary; 0 if all steps were taken and every receipt agrees with the database."""
        agreed = [self._agrees(view) for view in self.decisions]
        lines = ["Steps", *self._lines, "", "Decisions, with the rows that the business database has for each"]
        lines += [self._line(view) for view in self.decisions]
        is_good = self._is_whole and bool(agreed) and all(agreed)
        lines += ["", f"{sum(agreed)} of {len(agreed)} decisions agree with the business database."]
        text = "\n".join(lines) + "\n"
        (self._out / SUMMARY).write_text(text, encoding="utf-8")
        print(text)  # noqa: T201 - what the command is for
        print(f"{2 * len(self._numbers)} pictures and {SUMMARY} are in {self._out}")  # noqa: T201
        return 0 if is_good else 1

    def _agrees(self, view: DecisionView) -> bool:
        rows = self._counts.get(view.decision.decision_id, 0)
        has_effect = view.receipt is not None and view.receipt.effect is not None and not view.receipt.effect.error
        wanted = int(has_effect and view.state is DecisionState.CARRIED_OUT)
        return rows == wanted

    def _line(self, view: DecisionView) -> str:
        rows = self._counts.get(view.decision.decision_id, 0)
        effect = view.receipt.effect.effect_id if view.receipt is not None and view.receipt.effect is not None else "-"
        mark = "agrees" if self._agrees(view) else "DIFFERS"
        return f"{mark:8} {view.state:22} {view.decision.verdict:8} {rows} rows  {view.title}  effect {effect}"


def _file_name(name: str) -> str:
    return "-".join(name.replace(":", "").split())
