"""Opening the line to a namespace, and knowing who answers there.

Invariant: one :class:`Line` belongs to one namespace of one cluster, named by the server's own ids; a call that fails
tells so in the four errors of :mod:`console.engines.temporal.errors`. Opening decides nothing and starts nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    GetClusterInfoRequest,
    PollWorkflowTaskQueueRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode, TLSConfig, WorkflowService

from console.domain.errors import Denied
from console.engines.port import Hands, Server
from console.engines.temporal import errors
from console.engines.temporal.settings import TemporalSettings, pem
from console.tower import wire

T = TypeVar("T")
Clock = Callable[[], datetime]

IDENTITY = "clearance"
OLDEST_TESTED = (1, 25)
CLOCK_QUEUE = "clearance-clock"
CLOCK_WAIT = 0.03
CLOCK_PATIENCE = timedelta(seconds=1)
# The server turns polls of less than some seconds away.
CLOCK_POLL = timedelta(seconds=10)
READING_ERROR = timedelta(seconds=1)
# A worker asks for work anew at least every minute.
POLLER_FRESH = timedelta(seconds=75)
# Of a worker that lives, a task is taken within a moment, and after it the next one asked for.
LEFT_FOR = timedelta(seconds=15)
TLS_RECORDS = (b"\x16", b"\x15")
NOTICEABLE_SKEW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Line:
    """An open connection; ``identity`` is the server's own (:func:`console.tower.wire.server_identity`).

    ``clock`` is this machine's, ``skew`` what the server's is ahead of it. ``doubt`` is set where nobody was found to
    work, so that who follows looks at once.
    """

    settings: TemporalSettings
    service: WorkflowService
    identity: str
    skew: timedelta
    clock: Clock
    doubt: asyncio.Event = field(default_factory=asyncio.Event, compare=False)

    @property
    def namespace(self) -> str:
        """The namespace that all calls name."""
        return self.settings.namespace

    @property
    def patience(self) -> timedelta:
        """How long a read may take."""
        return timedelta(seconds=self.settings.read_within)

    async def read(self, call: Awaitable[T]) -> T:
        """Await a call that only reads, its failure mapped."""
        try:
            return await call
        except RPCError as error:
            raise errors.reading(error, self.settings) from error

    async def describe(self, workflow_id: str, run_id: str = "") -> DescribeWorkflowExecutionResponse:
        """The server's own description of an execution, the latest of that workflow id where no run is named."""
        request = DescribeWorkflowExecutionRequest(
            namespace=self.namespace, execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
        )
        return await self.read(self.service.describe_workflow_execution(request, timeout=self.patience))

    async def verify(self) -> None:
        """See that the server answers and is still the same one: a channel finds a way to whoever listens by now."""
        try:
            identity = (await _identify(self.service, self.settings))[0]
        except RPCError as error:
            raise errors.reading(error, self.settings) from error
        if identity != self.identity:
            raise Denied(
                f"Another server answers at {self.settings.address} now.",
                next_action="Check the address, or add that server as a connection of its own.",
            )

    async def has_worker(self) -> bool:
        """Whether somebody polled the task queue of the tower lately; so too where the server will not say."""
        has_worker = await _has_worker(self.service, self.settings, self.clock() + self.skew)
        if not has_worker:
            self.doubt.set()
        return has_worker

    async def hands(self) -> Hands:
        """Who does the work, asked now."""
        return _hands(self.settings, has_worker=await self.has_worker())


async def open_line(settings: TemporalSettings, clock: Clock) -> tuple[Line, Server]:
    """Connect, identify the server and look for what a person should know. Raises ``Unreachable`` or ``Denied``."""
    client = await _connect(settings)
    service = client.workflow_service
    try:
        identity, version = await _identify(service, settings)
    except RPCError as error:
        raise errors.reading(error, settings) from error
    skew = await _skew(service, settings, clock)
    notices = [
        *_version_notices(version),
        *(await _attribute_notices(client, settings)),
    ]
    if not settings.is_encrypted and not settings.is_local:
        notices.append("This connection is not encrypted.")
    if abs(skew) > NOTICEABLE_SKEW:
        ahead = "ahead of" if skew > timedelta(0) else "behind"
        notices.append(f"The server's clock is {abs(skew).total_seconds() / 60:.0f} minutes {ahead} this machine's.")
    server = Server(
        identity=identity,
        kind="temporal",
        version=version,
        space=settings.namespace,
        skew=skew,
        notices=tuple(notices),
        hands=_hands(settings, has_worker=await _has_worker(service, settings, clock() + skew)),
    )
    return Line(settings, service, identity, skew, clock), server


async def _identify(service: WorkflowService, settings: TemporalSettings) -> tuple[str, str]:
    """The server's identity and version."""
    patience = timedelta(seconds=settings.read_within)
    cluster = await service.get_cluster_info(GetClusterInfoRequest(), timeout=patience)
    request = DescribeNamespaceRequest(namespace=settings.namespace)
    namespace = (await service.describe_namespace(request, timeout=patience)).namespace_info
    return wire.server_identity(cluster.cluster_id, namespace.id), cluster.server_version


async def _connect(settings: TemporalSettings) -> Client:
    tls: bool | TLSConfig = False
    if settings.is_encrypted:
        tls = TLSConfig(
            server_root_ca_cert=pem(settings.ca_certificate),
            domain=settings.server_name or None,
            client_cert=pem(settings.client_certificate),
            client_private_key=pem(settings.client_key.get_secret_value()),
        )
    reason = "no answer in time"
    try:
        async with asyncio.timeout(settings.connect_within):
            return await Client.connect(
                settings.address,
                namespace=settings.namespace,
                api_key=settings.api_key.get_secret_value() or None,
                tls=tls,
                identity=IDENTITY,
            )
    except TimeoutError:
        pass
    except (RuntimeError, ValueError) as error:
        reason = str(error)
    raise errors.connecting(reason, settings, speaks_tls=await _speaks_tls(settings))


async def _speaks_tls(settings: TemporalSettings) -> bool:
    """Whether what answers at the address answers a TLS greeting. Proves nothing about who it is."""
    if settings.is_encrypted:
        return True
    outgoing = ssl.MemoryBIO()
    greeting = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=settings.host)
    with contextlib.suppress(ssl.SSLWantReadError):
        greeting.do_handshake()
    try:
        async with asyncio.timeout(settings.connect_within):
            reader, writer = await asyncio.open_connection(settings.host, int(settings.address.rpartition(":")[2]))
            try:
                writer.write(outgoing.read())
                return await reader.read(1) in TLS_RECORDS
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError):
        return False


async def _skew(service: WorkflowService, settings: TemporalSettings, clock: Clock) -> timedelta:
    """The server's clock minus ours; zero where the server will not say.

    No call tells the time. A poll of a queue on which nothing is ever put is noted with the server's time and can be
    read back; it disturbs nothing.
    """
    identity = f"{IDENTITY} {uuid.uuid4()}"
    poll = PollWorkflowTaskQueueRequest(
        namespace=settings.namespace, task_queue=TaskQueue(name=CLOCK_QUEUE), identity=identity
    )

    async def polled() -> None:
        with contextlib.suppress(RPCError):
            await service.poll_workflow_task_queue(poll, timeout=CLOCK_POLL)

    began = clock()
    async with asyncio.TaskGroup() as group:
        polling = group.create_task(polled(), name="clock poll")
        noted: list[datetime] = []
        while not noted and not polling.done() and clock() - began < CLOCK_PATIENCE:
            await asyncio.sleep(CLOCK_WAIT)
            noted = await _pollers(service, settings, CLOCK_QUEUE, identity=identity) or []
        polling.cancel()
    skew = max(noted, default=began) - began
    return skew if abs(skew) > READING_ERROR else timedelta(0)


async def _pollers(
    service: WorkflowService, settings: TemporalSettings, task_queue: str, *, identity: str = ""
) -> list[datetime] | None:
    """When each of those who poll a queue for workflow tasks was last seen, by the server's clock; none if refused."""
    answer = await _queue(service, settings, task_queue)
    return None if answer is None else _seen(answer, identity)


async def _queue(
    service: WorkflowService, settings: TemporalSettings, task_queue: str
) -> DescribeTaskQueueResponse | None:
    """What the server says of a queue of workflow tasks; nothing where it will not say."""
    request = DescribeTaskQueueRequest(
        namespace=settings.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        report_stats=True,
    )
    try:
        return await service.describe_task_queue(request, timeout=timedelta(seconds=settings.read_within))
    except RPCError:
        return None


def _seen(answer: DescribeTaskQueueResponse, identity: str = "") -> list[datetime]:
    return [moment(poller.last_access_time) for poller in answer.pollers if identity in {"", poller.identity}]


def moment(stamp: Timestamp) -> datetime:
    """A time of the server's, aware and in UTC."""
    return stamp.ToDatetime(tzinfo=UTC)


def _version_notices(version: str) -> list[str]:
    parts = version.split(".")
    if len(parts) < len(OLDEST_TESTED) or not all(part.isdigit() for part in parts[: len(OLDEST_TESTED)]):
        return [f"The server's version, “{version[:40]}”, is not one that is known here."]
    if tuple(int(part) for part in parts[: len(OLDEST_TESTED)]) < OLDEST_TESTED:
        oldest = ".".join(map(str, OLDEST_TESTED))
        return [f"The server's version, {version}, is older than any that was tried ({oldest})."]
    return []


async def _attribute_notices(client: Client, settings: TemporalSettings) -> list[str]:
    try:
        answer = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=settings.namespace), timeout=timedelta(seconds=settings.read_within)
        )
    except RPCError as error:
        if error.status in {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED}:
            return []
        raise errors.reading(error, settings) from error
    missing = sorted(wire.SEARCH_ATTRIBUTES.keys() - answer.custom_attributes.keys())
    if not missing:
        return []
    problem = errors.missing_attributes(settings, ", ".join(missing))
    return [f"{problem.message} {problem.next_action}"]


def _hands(settings: TemporalSettings, *, has_worker: bool) -> Hands:
    if has_worker:
        return Hands()
    problem = errors.no_worker(settings)
    return Hands(problem.message, problem.next_action)


async def _has_worker(service: WorkflowService, settings: TemporalSettings, now: datetime) -> bool:
    """A worker that is gone stays noted for minutes; one that lives was seen lately. ``now`` is the server's.

    Where a task has waited for long, nobody was there to take it since, whoever was seen before.
    """
    answer = await _queue(service, settings, settings.task_queue)
    if answer is None:
        return True
    waited = answer.stats.approximate_backlog_age.ToTimedelta()
    is_left = answer.stats.approximate_backlog_count > 0 and waited >= LEFT_FOR
    within = min(waited, POLLER_FRESH) if is_left else POLLER_FRESH
    return any(seen > now - within for seen in _seen(answer))
