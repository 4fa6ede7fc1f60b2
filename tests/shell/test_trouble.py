"""Whatever goes wrong reaches one handler, is told calmly, and the window lives on."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from console.shell.trouble import Trouble


class Heard:
    """What was logged and told."""

    def __init__(self) -> None:
        self.logged: list[tuple[str, type[BaseException]]] = []
        self.told: list[str] = []
        self.trouble = Trouble(lambda where, error: self.logged.append((where, type(error))))
        self.trouble.told.connect(self.told.append)


@pytest.fixture
def heard() -> Iterator[Heard]:
    made = Heard()
    put_back: Callable[[], None] = made.trouble.install()
    yield made
    put_back()


def test_an_error_is_logged_and_told_without_its_words(heard: Heard, qtbot: QtBot) -> None:
    heard.trouble("reading", ValueError("a secret in a message"))
    qtbot.waitUntil(lambda: bool(heard.told))
    assert heard.logged == [("reading", ValueError)]
    assert "ValueError" in heard.told[0]
    assert "secret" not in heard.told[0]
    assert "What you decided is kept" in heard.told[0]


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyboardInterrupt(), SystemExit(1)])
def test_an_orderly_end_is_no_trouble(heard: Heard, error: BaseException) -> None:
    heard.trouble("ending", error)
    assert heard.logged == []


def test_what_a_slot_raises_is_taken(heard: Heard, qtbot: QtBot) -> None:
    # Qt hands it to the hook; while a test runs pytest-qt stands there, so it is called as Qt would.
    sys.excepthook(LookupError, LookupError("gone"), None)
    qtbot.waitUntil(lambda: bool(heard.told))
    assert heard.logged == [("a handler of the window", LookupError)]


def test_what_a_thread_raises_is_taken(heard: Heard, qtbot: QtBot) -> None:
    def broken() -> None:
        raise LookupError("gone")

    thread = threading.Thread(target=broken, name="reader")
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(heard.told))
    assert heard.logged == [("thread reader", LookupError)]


def test_what_the_loop_could_not_hand_on_is_taken(heard: Heard, qtbot: QtBot) -> None:
    loop = asyncio.new_event_loop()
    heard.trouble.on_loop_error(loop, {"message": "a callback", "exception": LookupError("gone")})
    heard.trouble.on_loop_error(loop, {"message": "no error at all"})
    loop.close()
    qtbot.waitUntil(lambda: bool(heard.told))
    assert heard.logged == [("a callback", LookupError)]


def test_many_are_counted_until_they_were_read(heard: Heard, qtbot: QtBot) -> None:
    for _ in range(3):
        heard.trouble("reading", ValueError())
    qtbot.waitUntil(lambda: len(heard.told) == 3)
    assert "It happened 3 times." in heard.told[-1]
    heard.trouble.clear()
    heard.trouble("reading", ValueError())
    qtbot.waitUntil(lambda: len(heard.told) == 4)
    assert "times" not in heard.told[-1]
