"""A line that can be broken: a TCP relay between a desk and a server, both on loopback.

It passes bytes on in both directions until told to hold or to swallow them, and breaks when told; so the moment at
which a connection fails is chosen, not hoped for.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[str]:
    """The address of a server on loopback that handles connections like this; all are closed at the end."""
    under_way: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way[task] = writer
        try:
            await handler(reader, writer)
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in under_way.values():
            writer.transport.abort()
        await asyncio.gather(*under_way)


class Line:
    """Listens at ``address``, with TLS if told, and relays to the port given in plain. Used from one loop."""

    def __init__(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        self._host = host
        self._to = port
        self._tls = tls
        self._port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_up_open = True
        self._replies = asyncio.Event()
        self._replies.set()
        self.swallowed = asyncio.Event()

    @property
    def address(self) -> str:
        """Where desks dial."""
        return f"{self._host}:{self._port}"

    def lead_to(self, port: int) -> None:
        """Relay to another server from the next connection on."""
        self._to = port

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._relay, self._host, self._port, ssl=self._tls)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections and drop those that are open."""
        if self._server:
            self._server.close()
        self._server = None
        self.cut()

    def hold_replies(self) -> None:
        """Let requests pass and keep what comes back."""
        self._replies.clear()

    def swallow_requests(self) -> None:
        """Let nothing through to the server; ``swallowed`` tells when something came."""
        self._is_up_open = False
        self.swallowed.clear()

    def cut(self) -> None:
        """Drop all open connections, with whatever they hold."""
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """Pass everything on again."""
        self._is_up_open = True
        self._replies.set()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection(self._host, self._to)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, up_writer}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_up(reader, up_writer), name="up")
                group.create_task(self._pass_down(up_reader, writer), name="down")
        finally:
            self._writers -= {writer, up_writer}

    async def _pass_up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                if self._is_up_open:
                    writer.write(data)
                    await writer.drain()
                else:
                    self.swallowed.set()
        except OSError:
            pass
        finally:
            writer.transport.abort()

    async def _pass_down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._replies.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.transport.abort()
