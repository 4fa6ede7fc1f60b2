"""A worker: the process that runs plans, their agents and the executor against one namespace.

Invariant: it starts only with plans that are checked, stops gracefully on a signal (what is under way is run again
elsewhere and does not count as an attempt), and lives through restarts of the server. ``PlanRefused`` and an
unreachable address are the caller's to report.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client, TLSConfig
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Interceptor, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from console.tower import business, payloads
from console.tower.activities import activities
from console.tower.authority import Authority
from console.tower.control import ClearanceControl
from console.tower.enrolment import reader
from console.tower.generator import generate
from console.tower.lease import ClearanceLease
from console.tower.lease_activities import lease_activities
from console.tower.model import Model, ModelSettings
from console.tower.model_agent import with_model
from console.tower.namespace import KEPT_FOR, identify, keep_closed_runs, setup_namespace
from console.tower.otlp import Otlp, traced
from console.tower.pauses import control_activities, open_control, pauses_of
from console.tower.registry import KeyRegistry
from console.tower.root import open_registry, root_key
from console.tower.run import ClearanceRun
from console.tower.staff import Workplace, load
from console.tower.webhook import Webhook, webhook_activities
from console.tower.wire import TASK_QUEUE
from console.verify.signatures import decoded

SAMPLE_PLANS = ("console.tower.plans",)
DEFAULT_SEED = 4711
PASSED_THROUGH = ("cryptography", "rfc8785", "jsonschema", "jsonschema_specifications", "referencing", "rpds", "attr")
CONNECT_WAIT = 1.0
# All who wait for the keys wait for one question at a time; one that is lost must not hold them up for long.
KEYS_WITHIN = timedelta(seconds=3)
RUNBOOK_AGENT = "incident-response/runbook-agent"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerConfig:
    """How a worker runs. ``data`` holds the business database and the source data of the sample plans.

    ``connect_for`` is how many seconds an address may stay unreachable at the start; ``demo_rate`` how many sample runs
    a minute it starts (0: none); with them it is a demo, where one login may be several persons. ``root_key`` is the
    tower's public root key in base64; without one, ``data`` holds a root key of its own. ``asks`` is who asks for
    some of the samples' changes of prices, and then may not approve them. ``model`` thinks for ``model_agents``, each
    named as ``plan/agent``; nobody's by default. ``otlp`` is told of runs as traces; nobody is by default.
    """

    address: str
    namespace: str = "default"
    plans: tuple[str, ...] = SAMPLE_PLANS
    data: Path
    task_queue: str = TASK_QUEUE
    demo_rate: float = 0.0
    asks: str = ""
    seed: int = DEFAULT_SEED
    root_key: str = ""
    identity: str | None = None
    tls: bool | TLSConfig = False
    api_key: str | None = field(default=None, repr=False)
    model: ModelSettings | None = None
    model_agents: tuple[str, ...] = (RUNBOOK_AGENT,)
    connect_for: float = 30.0
    webhook: Webhook | None = None
    otlp: Otlp | None = None

    @property
    def business(self) -> Path:
        """The business database that tools act on."""
        return self.data / "business.db"


def run_worker(config: WorkerConfig) -> None:
    """Work until SIGTERM or SIGINT, logging to stderr. Raises ``PlanRefused``; ``ConnectionError`` if none answers."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # It writes down each address that is called, and that of a webhook may hold a token.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio.run(_until_signal(config))


@asynccontextmanager
async def working(config: WorkerConfig) -> AsyncIterator[Client]:
    """A worker at work inside the ``with``; gives the client that it goes by."""
    data, plans = config.data / f"world-{config.seed}", load(config.plans)
    if config.model is not None:
        plans = with_model(plans, Model(config.model), config.model_agents)
    place = Workplace(plans=plans, business=config.business, data=data, seed=config.seed)
    business.create(config.business)
    client = await _connect(config)
    await setup_namespace(client)
    await _keep_closed_runs(client)
    authority = await _authority(client, config)
    await open_control(client, config.task_queue)
    kept = config.data / payloads.FOLDER
    payloads.Payloads(kept).forget(KEPT_FOR.days)
    async with AsyncExitStack() as stack:
        interceptors = await stack.enter_async_context(traced(config.otlp))
        stack.enter_context(payloads.served(kept))
        await stack.enter_async_context(_worker(client, config, place, authority, interceptors))
        logger.info("Working on %s, queue %s, at %s", config.namespace, config.task_queue, config.address)
        if config.demo_rate > 0:
            group = await stack.enter_async_context(asyncio.TaskGroup())
            demo = group.create_task(generate(client, place, config), name="generator")
            stack.callback(demo.cancel)
        yield client


def _worker(
    client: Client, config: WorkerConfig, place: Workplace, authority: Authority, interceptors: Sequence[Interceptor]
) -> Worker:
    return Worker(
        client,
        task_queue=config.task_queue,
        workflows=[ClearanceRun, ClearanceLease, KeyRegistry, ClearanceControl],
        activities=[
            *activities(place, authority, pauses_of(client)),
            *control_activities(),
            *lease_activities(place),
            *webhook_activities(config.webhook, config.data),
        ],
        interceptors=interceptors,
        workflow_runner=workflow_runner(),
        identity=config.identity,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        max_heartbeat_throttle_interval=timedelta(seconds=1),
        graceful_shutdown_timeout=timedelta(seconds=2),
    )


async def _keep_closed_runs(client: Client) -> None:
    try:
        await keep_closed_runs(client)
    except RPCError as error:
        logger.warning("Closed runs may go before what became of decisions is read back: %s", error.message)


async def _authority(client: Client, config: WorkerConfig) -> Authority:
    """The worker's word on who may decide; the registry is opened where the root key is at hand."""
    server = await identify(client)
    if config.root_key:
        return Authority(reader(client, KEYS_WITHIN), decoded(config.root_key), server)
    root = root_key(config.data)
    await open_registry(client, root, server, is_demo=config.demo_rate > 0, task_queue=config.task_queue)
    return Authority(reader(client, KEYS_WITHIN), root.public_key().public_bytes_raw(), server)


def workflow_runner() -> SandboxedWorkflowRunner:
    """What runs workflow code: the sandbox, which lets compiled modules through that it cannot load twice."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))


async def _until_signal(config: WorkerConfig) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with working(config):
        await stop.wait()
        logger.info("Stopping")


async def _connect(config: WorkerConfig) -> Client:
    tries = max(1, int(config.connect_for / CONNECT_WAIT))
    for left in range(tries, 0, -1):
        try:
            return await Client.connect(
                config.address,
                namespace=config.namespace,
                data_converter=pydantic_data_converter,
                tls=config.tls,
                api_key=config.api_key,
                identity=config.identity,
            )
        except (RuntimeError, RPCError) as error:
            if left == 1:
                raise ConnectionError(f"No Temporal server answers at {config.address}: {error}") from error
            await asyncio.sleep(CONNECT_WAIT)
    raise AssertionError("unreachable")


def plan_modules(named: Iterable[str]) -> tuple[str, ...]:
    """The modules that plans are loaded from, as named on a command line; the sample plans where none is."""
    return tuple(name.strip() for text in named for name in text.split(",") if name.strip()) or SAMPLE_PLANS
