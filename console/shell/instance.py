"""The first window listens to those that are started after it.

Invariant: only its owner reaches the socket; what comes is one bounded line, read as a link by whoever is told, and
answered at once; nobody who connects and says nothing holds up anything.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from console.infra.single import LONGEST, TAKEN

PATIENCE_MS = 2_000
MOST_WAITING = 8


class Doorbell(QObject):
    """Tells ``ring`` the line that a second start sent: a link, or nothing."""

    def __init__(self, ring: Callable[[str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._ring = ring
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(MOST_WAITING)
        self._server.newConnection.connect(self._welcome)

    def listen(self, path: Path) -> bool:
        """Listen; whoever calls holds the lock, so a socket that is there is left from one that died."""
        QLocalServer.removeServer(str(path))
        return self._server.listen(str(path))

    def stop(self) -> None:
        """Listen no more; the socket is removed."""
        self._server.close()

    def _welcome(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.setReadBufferSize(LONGEST)
            caller.disconnected.connect(caller.deleteLater)
            caller.readyRead.connect(lambda caller=caller: self._read(caller))
            QTimer.singleShot(PATIENCE_MS, caller, caller.abort)
            self._read(caller)

    def _read(self, caller: QLocalSocket) -> None:
        if caller.canReadLine():
            line = bytes(caller.readLine(LONGEST).data()).decode("utf-8", "replace").strip()
            caller.readyRead.disconnect()
            caller.write(TAKEN)
            caller.disconnectFromServer()
            self._ring(line)
        elif caller.bytesAvailable() >= LONGEST:
            caller.abort()
