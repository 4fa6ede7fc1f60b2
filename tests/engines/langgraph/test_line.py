"""What the line makes of servers that are silent, slow, foreign or do not let it in; and what it tells them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.engines.langgraph import line as lines
from console.engines.langgraph.line import Line, dial
from console.engines.langgraph.settings import LangGraphSettings
from tests.engines.conformance import error_of
from tests.engines.line import Handler, served

SOON = 0.6


def answering(answer: bytes, heard: list[bytes], *, drips: bool = False) -> Handler:
    """What answers every request with the same bytes, and goes on writing for ever if it drips."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            while drips:
                await asyncio.sleep(0.05)
                writer.write(b" ")
                await writer.drain()

    return handle


def response(status: str, body: bytes = b"{}", more: str = "") -> bytes:
    """An answer."""
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{more}\r\n".encode() + body


def with_line(
    answer: bytes, story: Callable[[Line], Awaitable[None]], *, drips: bool = False, **settings: object
) -> list[bytes]:
    """Run a story on a line to whatever answers so; what was heard there."""
    heard: list[bytes] = []

    async def whole() -> None:
        async with served(answering(answer, heard, drips=drips)) as address:
            told = {"address": address, "read_within": SOON, "decide_within": SOON, **settings}
            line = dial(LangGraphSettings.model_validate(told), lambda: datetime.now(UTC))
            try:
                await story(line)
            finally:
                await line.close()

    asyncio.run(whole())
    return heard


@pytest.mark.parametrize(
    ("answer", "reading", "changing"),
    [
        (response("401 Unauthorized", b'{"detail": "no"}'), Denied, Denied),
        (response("200 OK", b"<html>"), Refused, Uncertain),
        (response("503 Service Unavailable"), Unreachable, Uncertain),
        (response("429 Too Many Requests"), Unreachable, Unreachable),
        (response("409 Conflict"), Refused, Refused),
        (response("302 Found", more="location: http://127.0.0.1:9/\r\n"), Refused, Refused),
        (b"rubbish\r\n\r\n", Unreachable, Uncertain),
    ],
    ids=["turned away", "a web page", "failing", "asked too often", "busy", "led elsewhere", "no HTTP"],
)
def test_a_failure_says_what_can_be_done_next(
    answer: bytes, reading: type[Exception], changing: type[Exception]
) -> None:
    async def story(line: Line) -> None:
        await error_of(line.get("/info"), reading)
        await error_of(line.change("POST", "/threads/a/runs", {}), changing)

    with_line(answer, story)


def test_who_says_a_byte_now_and_then_is_too_late_all_the_same() -> None:
    async def story(line: Line) -> None:
        await error_of(line.get("/info"), Unreachable)
        await error_of(line.change("POST", "/threads/a/runs", {}), Uncertain)

    with_line(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{", story, drips=True)


def test_an_answer_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_REPLY", 1_000)

    async def story(line: Line) -> None:
        assert "larger" in (await error_of(line.get("/info"), Refused)).message

    with_line(response("200 OK", b'"' + b"x" * 2_000 + b'"'), story)


@pytest.mark.parametrize(
    ("bearer", "header"), [(False, b"x-api-key: k-1"), (True, b"authorization: Bearer k-1")], ids=["key", "bearer"]
)
def test_the_key_is_told_as_the_server_wants_it(bearer: bool, header: bytes) -> None:
    async def story(line: Line) -> None:
        await line.get("/info")

    (request,) = with_line(response("200 OK"), story, api_key="k-1", bearer=bearer)
    assert header in request.replace(b"Authorization", b"authorization")


def test_plaintext_beyond_this_machine_needs_a_word_and_a_key_is_never_printed() -> None:
    with pytest.raises(ValidationError, match="TLS"):
        LangGraphSettings(address="graphs.example.com:443")
    made = LangGraphSettings.model_validate(
        {"address": "graphs.example.com:443/agents/", "tls": True, "api_key": "k-1", "assistants": "a, b"}
    )
    assert (made.url, made.assistants) == ("https://graphs.example.com:443/agents", ("a", "b"))
    assert "k-1" not in repr(made)
