"""Asks where the evidence of a decision goes, and has it written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from console.domain.language import tr

if TYPE_CHECKING:
    from console.screens.inbox.view import InboxView

ID_SHOWN = 12


def export_evidence(view: InboxView, decision_id: str = "") -> None:
    """Ask for a file for the evidence of a decision: of the open item's, where none is named."""
    proving = view.presenter.proving
    chosen = decision_id or proving.decision_id
    if not chosen:
        return
    dialog = QFileDialog(view, tr("Export the evidence of the decision"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(tr("Evidence (*.json)"))
    dialog.setDefaultSuffix("json")
    dialog.selectFile(f"evidence-{chosen[:ID_SHOWN]}.json")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: proving.export_evidence(chosen, Path(name)))
    dialog.open()
