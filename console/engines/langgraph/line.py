"""The line to a LangGraph server: JSON over HTTP, each call within its time and size, each failure mapped.

Invariant: a call that only reads fails as ``Unreachable``, ``Denied`` or ``Refused``; one that changes something and
got no answer is ``Uncertain``. No call is made twice by itself, and no redirection is followed: a key
goes to one address.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeAlias

import httpx

from console.domain.errors import Denied, RefusalCode, Refused, Uncertain, Unreachable
from console.engines.langgraph import errors
from console.engines.langgraph.settings import LangGraphSettings

Clock = Callable[[], datetime]
Node: TypeAlias = Mapping[str, object]

MAX_REPLY = 64 * 1024 * 1024
IDENTITY = "clearance"
MOST_GRAPHS = 200
PLAIN_NAME = re.compile(r"[0-9A-Za-z_.-]{1,128}")
NOTICEABLE = timedelta(seconds=2)


@dataclass(slots=True)
class Line:
    """An open line. ``identity`` is the server's own, ``skew`` what its clock is ahead of this machine's."""

    settings: LangGraphSettings
    client: httpx.AsyncClient
    clock: Clock
    identity: str = ""
    skew: timedelta = timedelta(0)
    graphs: dict[str, object] = field(default_factory=dict)

    async def graph(self, assistant_id: str) -> object:
        """The nodes and edges of an assistant's graph, asked once: another version is another assistant's."""
        if not PLAIN_NAME.fullmatch(assistant_id):
            raise Refused("It has no graph.", code=RefusalCode.UNKNOWN)
        if assistant_id not in self.graphs:
            if len(self.graphs) >= MOST_GRAPHS:
                self.graphs.clear()
            self.graphs[assistant_id] = await self.get(f"/assistants/{assistant_id}/graph", xray="true")
        return self.graphs[assistant_id]

    @property
    def now(self) -> datetime:
        """The time at the server."""
        return self.clock() + self.skew

    async def get(self, path: str, **query: str | int | list[str]) -> object:
        """The JSON at a path."""
        return await self._call("GET", path, query=query)

    async def ask(self, path: str, body: Node) -> object:
        """The JSON that a question is answered with; nothing is changed by it."""
        return await self._call("POST", path, body=body)

    async def change(self, method: str, path: str, body: Node) -> object:
        """The JSON with which a change is acknowledged."""
        return await self._call(method, path, body=body, was_sent=True)

    async def close(self) -> None:
        """Drop all connections."""
        await self.client.aclose()

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int | list[str]] | None = None,
        body: Node | None = None,
        was_sent: bool = False,
    ) -> object:
        within = self.settings.decide_within if was_sent else self.settings.read_within
        try:
            # A deadline of our own: whoever sends a byte now and then is never too late for the library's.
            async with asyncio.timeout(within):
                status, raw = await self._answer(method, path, query, body)
        except TimeoutError as error:
            if was_sent:
                raise Uncertain("It was sent, and no answer came in time.") from error
            raise Unreachable(f"The server at {self.settings.address} did not answer in time.") from error
        except httpx.HTTPError as error:
            raise errors.failed(error, self.settings, was_sent=was_sent) from error
        if status >= httpx.codes.MULTIPLE_CHOICES:
            raise errors.answered(status, raw, self.settings, was_sent=was_sent)
        try:
            return json.loads(raw) if raw else None
        except (ValueError, RecursionError) as error:
            if was_sent:
                raise Uncertain("It was sent, and the answer cannot be read.") from error
            raise errors.unreadable("it is not JSON.") from error

    async def _answer(
        self, method: str, path: str, query: Mapping[str, str | int | list[str]] | None, body: Node | None
    ) -> tuple[int, bytes]:
        parts: list[bytes] = []
        size = 0
        async with self.client.stream(method, path, params=dict(query or {}), json=body) as answer:
            self._note_clock(answer.headers.get("date", ""))
            async for part in answer.aiter_bytes():
                size += len(part)
                if size > MAX_REPLY:
                    raise errors.unreadable(f"it is larger than {MAX_REPLY // 1024 // 1024} MB.")
                parts.append(part)
        return answer.status_code, b"".join(parts)

    def _note_clock(self, date: str) -> None:
        """Learn the server's time, which it tells in whole seconds."""
        try:
            told = parsedate_to_datetime(date).astimezone(UTC)
        except (ValueError, TypeError):
            return
        apart = told - self.clock()
        self.skew = apart if abs(apart) > NOTICEABLE else timedelta(0)


def dial(settings: LangGraphSettings, clock: Clock) -> Line:
    """A line that has not spoken yet. Raises ``Denied`` for a certificate that cannot be read."""
    verify: ssl.SSLContext | bool = True
    if settings.tls and settings.ca_certificate:
        try:
            verify = ssl.create_default_context(cafile=settings.ca_certificate)
        except OSError as error:
            raise Denied(
                f"The CA certificate {settings.ca_certificate} cannot be read: {error.strerror or error}.",
                next_action="Name a readable PEM file.",
            ) from error
    client = httpx.AsyncClient(
        base_url=settings.url,
        headers=settings.headers | {"user-agent": IDENTITY, "accept": "application/json"},
        timeout=httpx.Timeout(settings.read_within, connect=settings.connect_within),
        verify=verify,
        trust_env=False,
        follow_redirects=False,
    )
    return Line(settings, client, clock)
