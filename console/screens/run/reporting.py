"""Writes the report of one run into a file a person chose, and tells how far it is.

Invariant: one report at a time; stopped or failed, nothing is left of the file. Never raises but for bugs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.language import tr
from console.domain.run import RunRef
from console.infra.clock import Clock
from console.infra.newfile import write_private
from console.screens.run.cards import size
from console.screens.run.report import report
from console.screens.run.report_reader import Gathered, Stopped, gather
from console.screens.run.state import ReportState

if TYPE_CHECKING:
    from console.services.desk import Desk


STAYS = 120.0


class Reporter:
    """One desk's reports, of the run ``ref`` the last. ``changed`` is called whenever ``state`` is another one."""

    def __init__(self, desk: Desk, clock: Clock, changed: Callable[[], None]) -> None:
        self._desk = desk
        self._clock = clock
        self._changed = changed
        self._is_wanted = False
        self._put_at = 0.0
        self.ref: RunRef | None = None
        self.state = ReportState()

    def stop(self) -> None:
        """Write no further."""
        self._is_wanted = False

    def dismiss(self) -> None:
        """Tell of the last one no longer."""
        if not self.state.is_going:
            self._put(ReportState())

    def of(self, ref: RunRef | None) -> ReportState:
        """What to tell on the page of this run."""
        return self.state if ref == self.ref else ReportState()

    def tick(self) -> None:
        """Time has passed: what went well is told no longer."""
        is_old = self._clock.monotonic() - self._put_at > STAYS
        if self.state.words and is_old and not self.state.is_failed:
            self.dismiss()

    async def write(self, ref: RunRef, path: Path) -> None:
        """Read the run and write the file."""
        if self.state.is_going:
            return
        self._is_wanted, self.ref = True, ref
        self._put(ReportState(tr("Reading the run…"), is_going=True))
        try:
            gathered = await gather(self._desk, ref, self._clock.now(), self._tell, is_wanted=lambda: self._is_wanted)
            self._put(ReportState(tr("Writing the file…"), is_going=True))
            written = await asyncio.to_thread(write_private, path, self._pieces(gathered))
            words = tr(
                "The report is in {path} ({written}). Only you can read the file.", path=path, written=size(written)
            )
            self._put(ReportState(words))
        except Stopped:
            self._put(ReportState(tr("The report was stopped; nothing is left of it.")))
        except (Unreachable, Uncertain, Denied, Refused) as error:
            self._put(
                ReportState(
                    tr(
                        "No report: {message} {next_action}",
                        message=tr(error.message),
                        next_action=tr(error.next_action),
                    ).strip(),
                    is_failed=True,
                )
            )
        except OSError as error:
            self._put(
                ReportState(
                    tr("The report cannot be written: {strerror}.", strerror=error.strerror or error), is_failed=True
                )
            )

    def _pieces(self, gathered: Gathered) -> Iterator[bytes]:
        for piece in report(gathered):
            if not self._is_wanted:
                raise Stopped
            yield piece

    def _tell(self, done: int, of: int) -> None:
        total = tr(" of {of:,}", of=of) if of else ""
        self._put(
            ReportState(
                tr("Reading the trail for the report: {done:,}{total} entries…", done=done, total=total), is_going=True
            )
        )

    def _put(self, state: ReportState) -> None:
        self.state, self._put_at = state, self._clock.monotonic()
        self._changed()
