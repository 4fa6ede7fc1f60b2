"""A stub of an OpenAI-compatible endpoint: real HTTP on loopback, in a thread of its own, answering as told.

A test gives it a function that turns the body of a request into a :class:`Reply`; all requests are kept.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]
LONGEST = 60.0


@dataclass(frozen=True)
class Reply:
    """What is answered: a status, headers and the bytes of a body, in pieces.

    ``until`` is waited for after the first piece; ``breaks`` closes the connection before the body's end.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: tuple[bytes, ...] = ()
    until: threading.Event | None = None
    breaks: bool = False


@dataclass
class Stub:
    """The endpoint. ``answers`` may be exchanged at any time."""

    answers: Callable[[Body], Reply]
    port: int = 0
    requests: list[tuple[dict[str, str], Body]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address as a setting takes it."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of one connection."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            assert first.startswith("POST /v1/chat/completions ")
            self.requests.append((headers, body))
            await _send(writer, self.answers(body))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the endpoint does
        finally:
            writer.close()


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    headers = {"content-type": "text/event-stream", "transfer-encoding": "chunked", "connection": "close"}
    lines = [
        f"HTTP/1.1 {reply.status} Told",
        *(f"{name}: {value}" for name, value in (headers | reply.headers).items()),
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    for number, piece in enumerate(reply.pieces):
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
        if reply.until is not None and number == 0:
            await asyncio.to_thread(reply.until.wait, LONGEST)
    if not reply.breaks:
        writer.write(b"0\r\n\r\n")
        await writer.drain()


@contextmanager
def stub(answers: Callable[[Body], Reply]) -> Iterator[Stub]:
    """An endpoint that answers as told, until the end of the ``with``."""
    one, is_up, loops = Stub(answers), threading.Event(), list[asyncio.AbstractEventLoop]()

    async def run() -> None:
        server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
        one.port = server.sockets[0].getsockname()[1]
        loops.append(asyncio.get_running_loop())
        is_up.set()
        async with server:
            await asyncio.Future[None]()

    def work() -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(run())

    thread = threading.Thread(target=work, name="endpoint", daemon=True)
    thread.start()
    assert is_up.wait(20)
    yield one
    (loop,) = loops
    loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
    thread.join(20)


def says(
    text: str = "",
    *calls: tuple[str, Body | str],
    reasoning: str = "",
    usage: tuple[int, int] | None = (100, 20),
    size: int = 0,
    until: threading.Event | None = None,
) -> Reply:
    """A streamed answer, in events of a few words each; ``size`` cuts its bytes anew, wherever that is."""
    events: list[Body] = [{"role": "assistant", "reasoning_content": part} for part in _parts(reasoning)]
    events += [{"content": part} for part in _parts(text)]
    for index, (name, arguments) in enumerate(calls):
        written = arguments if isinstance(arguments, str) else json.dumps(arguments)
        first = {"index": index, "id": f"call-{index}", "type": "function", "function": {"name": name, "arguments": ""}}
        events.append({"tool_calls": [first]})
        events += [{"tool_calls": [{"index": index, "function": {"arguments": part}}]} for part in _parts(written)]
    chunks: list[Body] = [{"choices": [{"index": 0, "delta": one, "finish_reason": None}]} for one in events]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls" if calls else "stop"}]})
    if usage is not None:
        chunks.append({"choices": [], "usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1]}})
    pieces = [b": hello\n\n", *(f"data: {json.dumps(one, ensure_ascii=False)}\n\n".encode() for one in chunks)]
    pieces.append(b"data: [DONE]\n\n")
    if size:
        whole = b"".join(pieces)
        pieces = [whole[place : place + size] for place in range(0, len(whole), size)]
    if until is not None:
        pieces = [b"".join(pieces[:3]), *pieces[3:]]
    return Reply(pieces=tuple(pieces), until=until)


def fails(status: int, text: str = "", **headers: str) -> Reply:
    """A status other than 200."""
    body = json.dumps({"error": {"message": text}}).encode()
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, headers={"content-type": "application/json"} | told, pieces=(body,))


def one_after_the_other(replies: Sequence[Reply]) -> Callable[[Body], Reply]:
    """Answers in this order; the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def _parts(text: str) -> list[str]:
    return [text[place : place + 7] for place in range(0, len(text), 7)]
