"""Keyrings for tests: one in memory, and ways for one to be missing, locked or silent."""

from __future__ import annotations

import threading

from keyring.errors import InitError, NoKeyringError, PasswordDeleteError

from console.infra.secrets import Ring


class MemoryRing:
    """A keyring that keeps things as long as the test does."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        assert service
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        assert service
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        assert service
        if username not in self.kept:
            raise PasswordDeleteError(username)
        del self.kept[username]


class SilentRing(MemoryRing):
    """Answers when let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.let_go.wait(60)
        return super().get_password(service, username)


def no_ring() -> Ring:
    raise NoKeyringError


def locked_ring() -> Ring:
    raise InitError


def broken_ring() -> Ring:
    raise OSError("the bus is gone")
