"""Connections that do not come about, entered at the window: each says why and what to do, the good one works on."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.duration_pb2 import Duration
from PySide6.QtCore import Qt
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from console.domain.escalation import Verdict
from console.domain.risk import Risk
from console.infra.paths import Paths
from console.qtkit.theme import Theme
from console.screens.connections.view import ConnectionsView
from console.services.views import Health
from console.tower.namespace import prepare
from tests.engines.line import Line
from tests.engines.temporal import planted
from tests.engines.temporal.certificates import Authority, serving
from tests.engines.temporal.stub_front import front
from tests.journeys.seat import PATIENCE, Seat, connection_to, seated
from tests.journeys.test_journey import a_refund, refunded_once, run_of, went_through
from tests.journeys.world import World
from tests.screens.stage import until
from tests.servers import RunningServer

Play = Callable[[Coroutine[Any, Any, None]], None]
UNIMPLEMENTED, UNAUTHENTICATED = 12, 16
NAME = "temporal.test"
KEY = "opens-nothing-at-all"


@dataclass(frozen=True)
class Bad:
    """A connection that is entered, what it says, what it says to do, and how it stands."""

    name: str
    fields: dict[str, str]
    says: str
    to_do: str
    health: Health = Health.DENIED
    has_tls: bool = False
    is_allowed_plaintext: bool = False


async def enter(seat: Seat, bad: Bad) -> None:
    """Add a connection by the form of the screen, with keys and clicks."""
    screen = await connections_screen(seat)
    seat.key(Qt.Key.Key_N)
    await until(screen.form.isVisible)
    if bad.has_tls:
        seat.tick(screen.form.box("tls"))
    for name, text in {"name": bad.name, **bad.fields}.items():
        seat.retype(screen.form.field(name), text)
    if bad.is_allowed_plaintext:
        seat.tick(screen.form.box("allow_plaintext"))
    seat.click(screen.form.save)
    await until(lambda: not screen.form.isVisible())


async def connections_screen(seat: Seat) -> ConnectionsView:
    """Go to the connections by keys."""
    seat.hosting.inbox_view.focus_list()
    if seat.window.front != "connections":
        seat.keys(Qt.Key.Key_G, Qt.Key.Key_O)
    await until(lambda: seat.window.front == "connections", PATIENCE)
    screen = seat.window.findChild(ConnectionsView)
    assert isinstance(screen, ConnectionsView)
    return screen


async def says_so(seat: Seat, bad: Bad) -> None:
    """Check what Connections and the status line tell of a connection."""
    screen = await connections_screen(seat)
    await until(lambda: bad.says in seat.words(screen.details), PATIENCE)
    assert bad.to_do in seat.words(screen.details)
    view = await seat.connection(bad.name)
    assert view.health is bad.health
    status = seat.window.status.item(view.config.connection_id)
    await until(lambda: str(bad.health) in status.accessibleName(), PATIENCE)
    told = status.accessibleDescription()
    assert bad.says in told
    assert bad.to_do in told
    assert status.toolTip()


async def good_one_works_on(seat: Seat, server: RunningServer, world: World) -> None:
    """Decide something at the good connection."""
    assert await seat.is_live("tower")
    seat.keys(Qt.Key.Key_G, Qt.Key.Key_I)
    refund = await seat.waits(a_refund(world, Risk.MEDIUM))
    await seat.open(refund)
    receipt = await went_through(seat, server, await seat.decide(Verdict.APPROVE))
    refunded_once(world, world.orders_named(run_of(refund))[0], receipt)


@asynccontextmanager
async def tls_before(port: int, tls: ssl.SSLContext) -> AsyncIterator[str]:
    """The address of a front with TLS before a plain one."""
    line = Line("127.0.0.1", port, tls=tls)
    await line.start()
    try:
        yield line.address
    finally:
        await line.stop()


async def closed_port() -> str:
    """An address where nothing listens."""
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return f"127.0.0.1:{port}"


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def test_addresses_and_protection_that_do_not_fit_are_told_apart(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World, tmp_path: Path
) -> None:
    async def story() -> None:
        nobody = await closed_port()
        certificate = serving(tmp_path, Authority().sign(NAME))
        async with (
            tls_before(port_of(server.address), certificate) as protected,
            seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat,
        ):
            cases = (
                Bad(
                    "elsewhere",
                    {"address": "nowhere.invalid:7233"},
                    "No machine is known by the name nowhere.invalid.",
                    "Check the address.",
                    Health.DOWN,
                    is_allowed_plaintext=True,
                ),
                Bad(
                    "nobody",
                    {"address": nobody},
                    f"Nothing answers at {nobody}.",
                    "Check that the server runs and that the port is right.",
                    Health.DOWN,
                ),
                Bad(
                    "plain",
                    {"address": server.address},
                    f"The server at {server.address} does not speak TLS.",
                    "Switch TLS off for this connection, or on at the server.",
                    has_tls=True,
                ),
                Bad(
                    "protected",
                    {"address": protected},
                    f"The server at {protected} speaks TLS only.",
                    "Switch TLS on for this connection.",
                ),
            )
            for bad in cases:
                await enter(seat, bad)
                await says_so(seat, bad)
            await good_one_works_on(seat, server, world)

    play(story())


def test_namespaces_keys_and_versions_that_do_not_fit_are_told_apart_and_no_key_is_shown_or_kept_in_a_file(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World, tmp_path: Path
) -> None:
    authority = Authority()
    trusted = tmp_path / "authority.pem"
    trusted.write_text(authority.certificate)

    async def story() -> None:
        certificate = serving(tmp_path, authority.sign(NAME))
        async with (
            front(UNAUTHENTICATED, "Request unauthorized.") as turning_away,
            tls_before(port_of(turning_away), certificate) as guarded,
            front(UNIMPLEMENTED, "unknown service temporal.api.workflowservice.v1.WorkflowService") as old,
            seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat,
        ):
            cases = (
                Bad(
                    "no namespace",
                    {"address": server.address, "namespace": "nope"},
                    f"There is no namespace “nope” at {server.address}.",
                    "Correct the namespace of this connection, or create it there.",
                ),
                Bad(
                    "guarded",
                    {"address": guarded, "ca_path": str(trusted), "server_name": NAME, "api_key": KEY},
                    f"The server at {guarded} does not let this connection in.",
                    "Check the API key or client certificate of this connection.",
                    has_tls=True,
                ),
                Bad(
                    "old",
                    {"address": old},
                    f"The server at {old} does not know a call that Clearance needs: it is not Temporal, or too old.",
                    "Check the address; Temporal has to be of version 1.25 or later.",
                ),
            )
            for bad in cases:
                await enter(seat, bad)
                await says_so(seat, bad)
                assert KEY not in seat.words()
            await good_one_works_on(seat, server, world)

    play(story())
    files = [file for file in desk_folder.data.parent.rglob("*") if file.is_file()]
    assert files
    assert [file for file in files if KEY.encode() in file.read_bytes()] == []


def test_a_namespace_without_a_worker_says_what_to_run_on_the_connection_and_on_each_item(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World
) -> None:
    async def story() -> None:
        namespace = f"idle-{world.seed}"
        await make_namespace(server, namespace)
        client = await Client.connect(server.address, namespace=namespace)
        waiting = await planted.plant(client, {"rows": 7}, run_id="idle-run")
        lonely = Bad(
            "lonely",
            {"address": server.address, "namespace": namespace},
            "No worker answers on task queue “clearance”.",
            f"Start a worker: clearance worker --address {server.address} --namespace {namespace}.",
            Health.IDLE,
        )
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            await enter(seat, lonely)
            screen = await connections_screen(seat)
            await until(lambda: lonely.says in seat.words(screen.details), PATIENCE)
            assert lonely.to_do in seat.words(screen.details)
            seat.keys(Qt.Key.Key_G, Qt.Key.Key_I)
            row = await seat.waits(lambda row: run_of(row) == waiting.id)
            await seat.click_row(row)
            await until(lambda: lonely.to_do in seat.words(seat.hosting.inbox_view.review), PATIENCE)
            await good_one_works_on(seat, server, world)

    play(story())


async def make_namespace(server: RunningServer, namespace: str) -> None:
    """A namespace with all that runs need, and nobody at work; its server needs a moment until all of it knows."""
    client = await server.client()
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=namespace, workflow_execution_retention_period=Duration(seconds=86_400))
    )

    async def is_prepared() -> bool:
        try:
            return await prepare(server.address, namespace) == ()
        except (ConnectionError, RPCError):
            return False

    await until(is_prepared, PATIENCE)
