"""A language model behind any endpoint that speaks OpenAI's chat completions: one streamed answer to one conversation.

Invariants: what comes back is data, bounded in bytes and decoded piece by piece, never trusted; the API key goes into
one header and nowhere else. Whatever goes wrong is a :class:`ModelFailed` of the kind that tells what to do about it:

- :class:`ModelDenied`: the endpoint refuses the key or the request; a person has to look;
- :class:`ModelBusy`: too many requests, longer than it was worth to wait;
- :class:`ModelDown`: it cannot be reached, or fails by itself;
- :class:`ModelBroke`: the answer ended in the middle, stalled, or was too long;
- :class:`ModelRambled`: the answer cannot be read.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlsplit

import httpx

from console.domain.canonical import Json

MAX_ANSWER_BYTES = 2_000_000
MAX_LINE = 256_000
MAX_WORDS = 300
MAX_TAIL = 1_000
MAX_CALLS = 16
DONE, CUT = "[DONE]", "····"
DENIED = frozenset({400, 401, 402, 403, 404, 413, 422})
BUSY = 429
CHARACTERS_PER_TOKEN = 4
MILLION = 1_000_000
Facts = dict[str, Json]


class ModelFailed(Exception):
    """The model gave no answer; nothing was proposed."""


class ModelDenied(ModelFailed):
    """The endpoint refuses the key or the request."""


class ModelBusy(ModelFailed):
    """The endpoint asks to come again later."""


class ModelDown(ModelFailed):
    """The endpoint cannot be reached, or fails by itself."""


class ModelBroke(ModelFailed):
    """The answer ended in the middle, stalled, or was too long."""


class ModelRambled(ModelFailed):
    """The answer cannot be read, or leads nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """Where the model is and what it may use. Times are seconds, prices euros for a million tokens.

    ``stall`` is how long it may be silent within an answer, ``patience`` how long a turn waits in all for an endpoint
    that is busy, ``most_tokens`` what an answer may have, ``turn_tokens`` what one turn of an agent may use in all.
    """

    url: str
    model: str
    api_key: str = field(default="", repr=False)
    connect: float = 10.0
    stall: float = 30.0
    patience: float = 20.0
    tries: int = 3
    most_tokens: int = 2_000
    turn_tokens: int = 40_000
    price_in: float = 0.0
    price_out: float = 0.0
    is_plaintext_allowed: bool = False

    def problems(self) -> tuple[str, ...]:
        """Why these settings cannot be used, in words; empty when they can."""
        parts = urlsplit(self.url)
        found: list[str] = []
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            found.append("The model's address has to begin with https:// or http://.")
        elif parts.scheme == "http" and not (self.is_plaintext_allowed or is_local(parts.hostname)):
            found.append("Without TLS a model is only used on this machine.")
        if parts.username or parts.password or parts.query:
            found.append("The model's address holds no secrets; the key comes from a file.")
        if not self.model:
            found.append("Which model? Its name is missing.")
        if min(self.connect, self.stall, self.patience, self.tries, self.most_tokens, self.turn_tokens) <= 0:
            found.append("A model's times and tokens are more than 0.")
        return tuple(found)

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost, in euros."""
        return (tokens_in * self.price_in + tokens_out * self.price_out) / MILLION


@dataclass(frozen=True, slots=True)
class Call:
    """A function that the model wants called; ``arguments`` as it wrote them."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said and wants called, and the tokens it took."""

    text: str
    reasoning: str
    calls: tuple[Call, ...]
    tokens_in: int
    tokens_out: int


class Model:
    """A model to talk to. ``pause`` waits, for tests that do not."""

    def __init__(self, settings: ModelSettings, pause: Callable[[float], Any] = asyncio.sleep) -> None:
        if found := settings.problems():
            raise ValueError(" ".join(found))
        self.settings = settings
        self._pause = pause

    async def ask(self, messages: Sequence[Facts], tools: Sequence[Facts], heard: Callable[[str], None]) -> Answer:
        """The answer to a conversation; ``heard`` is told its last words as they come. Raises :class:`ModelFailed`."""
        settings = self.settings
        body: Facts = {
            "model": settings.model,
            "messages": list(messages),
            "max_tokens": settings.most_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if tools:
            body["tools"] = list(tools)
        times = httpx.Timeout(settings.connect, read=settings.stall)
        # A proxy is for the way out, never for this machine.
        is_out = not is_local(urlsplit(settings.url).hostname or "")
        try:
            async with httpx.AsyncClient(timeout=times, follow_redirects=False, trust_env=is_out) as client:
                return await self._until_answered(client, body, heard)
        except ModelFailed as failure:
            # An endpoint may repeat the key that it refuses.
            raise type(failure)(_told(str(failure), settings.api_key)) from None

    async def _until_answered(self, client: httpx.AsyncClient, body: Facts, heard: Callable[[str], None]) -> Answer:
        left = self.settings.patience
        for number in range(1, self.settings.tries + 1):
            try:
                return await self._once(client, body, heard)
            except _Later as later:
                if number == self.settings.tries or later.seconds > left:
                    raise later.failure from None
                left -= later.seconds
                await self._pause(later.seconds)
        raise AssertionError("unreachable")

    async def _once(self, client: httpx.AsyncClient, body: Facts, heard: Callable[[str], None]) -> Answer:
        key = self.settings.api_key
        headers = {"Accept": "text/event-stream"} | ({"Authorization": f"Bearer {key}"} if key else {})
        url = self.settings.url.rstrip("/") + "/chat/completions"
        try:
            async with client.stream("POST", url, json=body, headers=headers) as response:
                if response.status_code != httpx.codes.OK:
                    await _refuse(response)
                return await _read(response, heard, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ModelDown(f"Nothing answers at {_shown(self.settings.url)} ({type(error).__name__}).") from None
        except httpx.TimeoutException:
            raise ModelBroke(f"The model was silent for {self.settings.stall:g} s.") from None
        except httpx.HTTPError as error:
            raise ModelBroke(f"The answer broke off ({type(error).__name__}).") from None


class _Later(Exception):
    """Worth another try in ``seconds``; else it is ``failure``."""

    def __init__(self, seconds: float, failure: ModelFailed) -> None:
        super().__init__(str(failure))
        self.seconds = seconds
        self.failure = failure


@dataclass(slots=True)
class _Heard:
    """An answer while it comes in."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: dict[int, tuple[str, str, list[str]]] = field(default_factory=dict)
    tokens_in: int = 0
    tokens_out: int = 0
    has_ended: bool = False
    tail: str = ""

    def take(self, event: Facts) -> None:
        """Take an event of the stream. Raises ModelRambled for what is none."""
        usage, choices = event.get("usage"), event.get("choices")
        if isinstance(usage, dict):
            self.tokens_in, self.tokens_out = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
        if event.get("error") is not None:
            raise ModelDown(f"The model failed: {json.dumps(event['error'])}")
        for choice in choices if isinstance(choices, list) else ():
            if not isinstance(choice, dict) or choice.get("index", 0) != 0:
                continue
            self.has_ended = self.has_ended or choice.get("finish_reason") is not None
            delta = choice.get("delta", choice.get("message"))
            if isinstance(delta, dict):
                self._add(delta)

    def answer(self, sent: int) -> Answer:
        """The whole answer; tokens that nobody counted are estimated from the characters."""
        calls = tuple(Call(one, name, "".join(parts)) for one, name, parts in self.calls.values())
        text, reasoning = "".join(self.text), "".join(self.reasoning)
        length = len(text) + len(reasoning) + sum(len(call.arguments) for call in calls)
        tokens_in = self.tokens_in or max(1, sent // CHARACTERS_PER_TOKEN)
        tokens_out = self.tokens_out or max(1, length // CHARACTERS_PER_TOKEN)
        return Answer(text, reasoning, calls, tokens_in, tokens_out)

    def _add(self, delta: Facts) -> None:
        for name, parts in (("content", self.text), ("reasoning_content", self.reasoning)):
            if isinstance(said := delta.get(name), str):
                parts.append(said)
                self.tail = (self.tail + said)[-MAX_TAIL:]
        called = delta.get("tool_calls")
        for place, one in enumerate(called if isinstance(called, list) else ()):
            function = one.get("function") if isinstance(one, dict) else None
            if not isinstance(one, dict) or not isinstance(function, dict):
                raise ModelRambled("A call of the model is no call.")
            index = one.get("index", place)
            call_id, name, parts = self.calls.get(index if isinstance(index, int) else place, ("", "", []))
            parts.append(str(function.get("arguments") or ""))
            call_id, name = call_id or str(one.get("id") or ""), name or str(function.get("name") or "")
            self.calls[index if isinstance(index, int) else place] = (call_id, name, parts)
        if len(self.calls) > MAX_CALLS:
            raise ModelRambled(f"The model calls more than {MAX_CALLS} functions at once.")


def is_local(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _read(response: httpx.Response, heard: Callable[[str], None], body: Facts) -> Answer:
    found, sent = _Heard(), len(json.dumps(body["messages"]))
    if "application/json" in response.headers.get("content-type", ""):
        found.take(_decoded(await _whole(response)))
        return found.answer(sent)
    async for data in _events(response):
        if data == DONE:
            found.has_ended = True
            break
        found.take(_decoded(data))
        heard(found.tail)
    if not found.has_ended:
        raise ModelBroke("The answer broke off before its end.")
    return found.answer(sent)


async def _events(response: httpx.Response) -> AsyncIterator[str]:
    """The data of each server-sent event; comments and other fields are passed over."""
    lines: list[str] = []
    async for line in _lines(response):
        if line.startswith("data:"):
            lines.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and lines:
            yield "\n".join(lines)
            lines.clear()
    if lines:
        yield "\n".join(lines)


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    rest, size = b"", 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        if size > MAX_ANSWER_BYTES or len(rest) > MAX_LINE:
            raise ModelBroke(f"The answer is longer than {MAX_ANSWER_BYTES // MILLION} MB, or a line of it endless.")
        for line in whole:
            yield line.rstrip(b"\r").decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")


async def _whole(response: httpx.Response) -> str:
    found = b""
    async for chunk in response.aiter_bytes():
        found += chunk
        if len(found) > MAX_ANSWER_BYTES:
            raise ModelBroke(f"The answer is longer than {MAX_ANSWER_BYTES // MILLION} MB.")
    return found.decode("utf-8", "replace")


async def _refuse(response: httpx.Response) -> None:
    """Raise what a status other than 200 means."""
    status = response.status_code
    said = (await _whole(response))[:MAX_LINE]
    if status in DENIED:
        raise ModelDenied(f"The model’s endpoint answers {status}: {said}")
    if status == BUSY:
        failure: ModelFailed = ModelBusy(f"The model’s endpoint is busy (429): {said}")
    elif status >= httpx.codes.INTERNAL_SERVER_ERROR:
        failure = ModelDown(f"The model’s endpoint fails with {status}: {said}")
    else:
        raise ModelRambled(f"The model’s endpoint answers {status}, which is no answer.")
    raise _Later(_retry_after(response), failure)


def _retry_after(response: httpx.Response) -> float:
    """The seconds to wait that the endpoint names, as a number or a date; 1 where it names none."""
    said = response.headers.get("retry-after", "")
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        now = parsedate_to_datetime(response.headers["date"])
        return max(0.0, (parsedate_to_datetime(said) - now).total_seconds())
    except (KeyError, TypeError, ValueError):
        return 1.0


def _decoded(data: str) -> Facts:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        raise ModelRambled(f"The answer is no JSON: {data}") from None
    if not isinstance(event, dict):
        raise ModelRambled(f"The answer is no object: {data}")
    return cast("Facts", event)


def _count(usage: Facts, name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MILLION else 0


def _told(text: str, key: str) -> str:
    """The beginning of a failure's words, in one line and without the key."""
    line = " ".join(text.split())
    return (line.replace(key, CUT) if key else line)[:MAX_WORDS]


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"
