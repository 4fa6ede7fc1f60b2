"""A proxy that stands between Temporal's clients and its server and does to single calls what networks do.

Calls are carried as the bytes they are. Each client has a front of its own, an address on loopback, so that a reset
hits that client's connections and nobody else's. What was done to which call is told to ``note`` once it is done: a
reply counts as dropped only after the server gave it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import grpc
import grpc.aio
from temporalio.api.workflowservice.v1 import (
    PollWorkflowExecutionUpdateRequest,
    PollWorkflowExecutionUpdateResponse,
    RespondActivityTaskCompletedRequest,
    UpdateWorkflowExecutionRequest,
    UpdateWorkflowExecutionResponse,
)

from console.infra.tasks import Tasks
from tests.faults.chances import DECIDE, POLL_UPDATE, REPORT, SPARED, Fate, Fault, Loss, fate

HOST = "127.0.0.1"
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
# A server that was restarted is to be found again at once.
RECONNECTING = [("grpc.min_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)]
# What gRPC itself writes into a call.
OWN_METADATA = frozenset({"user-agent", "content-type", "te"})
EFFECT = b'"effect_id"'
READ = 65_536
ABORTING = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Hit:
    """One fault that was done. ``run_id`` and ``update_id`` are empty where the call is about no update.

    ``is_applied``: the reply that was dropped told of an update that was applied.
    """

    at: datetime
    fault: Fault
    method: str
    run_id: str = ""
    update_id: str = ""
    is_applied: bool = False


Note = Callable[[Hit], None]
Metadata = tuple[tuple[str, str | bytes], ...]


class Weather:
    """What is in store for calls, on all fronts: faults by chance, or calm; and reports of effects may be held back.

    It is calm at first. Once it is not, the first decisions meet the fates ``to_begin_with``, one each.
    """

    def __init__(self, seed: int, note: Note, to_begin_with: Iterable[Fate] = ()) -> None:
        self.note = note
        self.is_calm = True
        self._first = list(to_begin_with)
        self.is_holding = False
        self.held = asyncio.Event()
        self._chance = random.Random(seed)  # noqa: S311 - faults, not secrets
        self._let_go = asyncio.Event()
        self._carried: set[bytes] = set()

    def fate(self, method: str) -> Fate:
        """The fate of the next call."""
        if self.is_calm:
            return SPARED
        if method == DECIDE and self._first:
            return self._first.pop()
        return fate(method, self._chance)

    def hold(self) -> None:
        """Carry no report of an effect any more, and tell by ``held`` when there is one."""
        self.is_holding = True
        self.held.clear()
        self._let_go.clear()

    def let_go(self) -> None:
        """Carry reports again; what was held back is never carried."""
        self.is_holding = False
        self._let_go.set()

    async def holds(self, method: str, request: bytes) -> bool:
        """Whether this call is held back; then it was, until all are let go. One that was carried before is not."""
        if method != REPORT or EFFECT not in request:
            return False
        token = RespondActivityTaskCompletedRequest.FromString(request).task_token
        if not self.is_holding or token in self._carried:
            self._carried.add(token)
            return False
        self.held.set()
        await self._let_go.wait()
        return True


class Front:
    """The address of one client: its connections, and its calls."""

    def __init__(self, channel: grpc.aio.Channel, weather: Weather, tasks: Tasks) -> None:
        self.address = ""
        self._weather = weather
        self._tasks = tasks
        self._channel = channel
        self._behind = 0
        self._deciding = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Take calls inside the ``with``."""
        server = grpc.aio.server(options=UNLIMITED)
        server.add_generic_rpc_handlers([_AnyCall(self._carry)])
        self._behind = server.add_insecure_port(f"{HOST}:0")
        await server.start()
        relay = await asyncio.start_server(self._relay, HOST, 0)
        self.address = f"{HOST}:{relay.sockets[0].getsockname()[1]}"
        try:
            yield
        finally:
            relay.close()
            self.reset()
            await server.stop(None)

    async def next_decision(self) -> None:
        """Wait until this client sends a decision."""
        self._deciding.clear()
        await self._deciding.wait()

    def reset(self) -> None:
        """Break all connections of this client, in the middle of whatever is on them."""
        for writer in self._writers:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORTING)
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            inner_reader, inner_writer = await asyncio.open_connection(HOST, self._behind)
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, inner_writer), name="to the server")
                group.create_task(_pump(inner_reader, writer), name="to the client")
        except* OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _carry(self, path: str, request: bytes, context: Context) -> bytes:
        """Carry one call, as its fate says."""
        method = path.rpartition("/")[2]
        if method == DECIDE:
            self._deciding.set()
        if await self._weather.holds(method, request):
            await context.abort(grpc.StatusCode.UNAVAILABLE, "try again later")
        own = self._weather.fate(method)
        call = _Call(self._channel, path, request, _metadata(context), context.time_remaining())
        try:
            return await self._meet(own, method, call, context)
        except grpc.aio.AioRpcError as error:
            trailing = tuple((name, value) for name, value in error.trailing_metadata() if name not in OWN_METADATA)
            await context.abort(error.code(), error.details() or "", trailing)
        raise AssertionError("unreachable")

    async def _meet(self, own: Fate, method: str, call: _Call, context: Context) -> bytes:
        match own.fault:
            case None:
                return await call.send()
            case Fault.DELAYED:
                await asyncio.sleep(own.delay)
                self._note(own.fault, method, call)
                return await call.send()
            case Fault.TURNED_AWAY:
                self._note(own.fault, method, call)
                await context.abort(grpc.StatusCode.UNAVAILABLE, "try again later")
            case Fault.TWICE:
                return await self._twice(own, method, call)
            case Fault.RESET:
                if own.is_after:
                    await call.send()
                self._note(own.fault, method, call)
                self.reset()
                await context.abort(grpc.StatusCode.UNAVAILABLE, "connection reset")
            case Fault.DROPPED:
                reply = await call.send()
                self._note(own.fault, method, call, is_applied=_is_applied(method, reply))
                await _lose(own.loss, context)
        raise AssertionError("unreachable")

    async def _twice(self, own: Fate, method: str, call: _Call) -> bytes:
        """Send a request a second time, together with the first or after its reply."""
        if own.is_after:
            reply = await call.send()
            self._tasks.start("a late duplicate", self._again(own, method, call))
            return reply
        first, second = await asyncio.gather(call.send(), call.send(), return_exceptions=True)
        self._note(Fault.TWICE, method, call)
        if isinstance(first, BaseException):
            raise first
        assert isinstance(first, bytes), second
        return first

    async def _again(self, own: Fate, method: str, call: _Call) -> None:
        await asyncio.sleep(own.delay)
        try:
            await call.send()
        except grpc.aio.AioRpcError as error:
            if error.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}:
                return
        self._note(Fault.TWICE, method, call)

    def _note(self, fault: Fault, method: str, call: _Call, *, is_applied: bool = False) -> None:
        run_id, update_id = _update_of(method, call.request)
        self._weather.note(Hit(datetime.now(UTC), fault, method, run_id, update_id, is_applied))


Context = grpc.aio.ServicerContext[bytes, bytes]


@dataclass(frozen=True, slots=True)
class _Call:
    """A call as it came."""

    channel: grpc.aio.Channel
    path: str
    request: bytes
    metadata: Metadata
    time_left: float | None

    async def send(self) -> bytes:
        """Send it to the server. Raises :class:`grpc.aio.AioRpcError`."""
        carry: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self.channel.unary_unary(self.path)
        reply = await carry(self.request, timeout=self.time_left, metadata=grpc.aio.Metadata(*self.metadata))
        return bytes(reply)


class _AnyCall(grpc.GenericRpcHandler):
    """Every call of every service, as bytes; all of Temporal's have one request and one reply."""

    def __init__(self, carry: Callable[[str, bytes, Context], Awaitable[bytes]]) -> None:
        self._carry = carry

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        path = handler_call_details.method

        async def carry(request: bytes, context: Context) -> bytes:
            return await self._carry(path, request, context)

        return grpc.unary_unary_rpc_method_handler(carry)


@asynccontextmanager
async def proxy(server: str, fronts: int, weather: Weather, tasks: Tasks) -> AsyncIterator[Sequence[Front]]:
    """So many fronts of a server, at work inside the ``with``."""
    async with contextlib.AsyncExitStack() as stack:
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(server, options=UNLIMITED + RECONNECTING))
        opened = [Front(channel, weather, tasks) for _ in range(fronts)]
        for front in opened:
            await stack.enter_async_context(front.open())
        yield opened


async def _lose(loss: Loss, context: Context) -> None:
    match loss:
        case Loss.BROKEN:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "connection closed before the reply came")
        case Loss.LATE:
            await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "context deadline exceeded")
        case Loss.SILENT:
            # Until the caller gives up, which cancels this.
            await asyncio.Event().wait()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(READ):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


def _metadata(context: Context) -> Metadata:
    return tuple((name, value) for name, value in context.invocation_metadata() or () if not _is_own(name))


def _is_own(name: str) -> bool:
    # An error's details have such a name too; they come with replies only.
    return name.startswith("grpc-") or name in OWN_METADATA


def _update_of(method: str, request: bytes) -> tuple[str, str]:
    """The run and the id of the update that a call is about."""
    if method == DECIDE:
        update = UpdateWorkflowExecutionRequest.FromString(request)
        return update.workflow_execution.workflow_id, update.request.meta.update_id
    if method == POLL_UPDATE:
        ref = PollWorkflowExecutionUpdateRequest.FromString(request).update_ref
        return ref.workflow_execution.workflow_id, ref.update_id
    return "", ""


def _is_applied(method: str, reply: bytes) -> bool:
    """Whether a reply tells of an update that succeeded."""
    if method == DECIDE:
        return UpdateWorkflowExecutionResponse.FromString(reply).outcome.HasField("success")
    return method == POLL_UPDATE and PollWorkflowExecutionUpdateResponse.FromString(reply).outcome.HasField("success")
