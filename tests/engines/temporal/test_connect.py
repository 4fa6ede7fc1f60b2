"""A connection that does not come about says why, and what would help; the others are not affected."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from pydantic import SecretStr
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from console.domain.errors import Denied, Unreachable
from console.engines.port import Hands, Server
from console.engines.temporal.engine import TemporalEngine
from console.engines.temporal.settings import TemporalSettings
from tests.engines.line import Line, served
from tests.engines.temporal.certificates import NOW, Authority, serving
from tests.engines.temporal.stub_front import front
from tests.engines.tower_bench import Host

UNIMPLEMENTED, UNAUTHENTICATED, PERMISSION_DENIED = 12, 16, 7
NAME = "temporal.test"


async def problem(settings: TemporalSettings) -> Unreachable | Denied:
    engine = TemporalEngine(settings)
    with pytest.raises((Unreachable, Denied)) as caught:
        await engine.open()
    await engine.close()
    error = caught.value
    assert isinstance(error, Unreachable | Denied)
    assert error.next_action
    return error


async def opened(settings: TemporalSettings) -> Server:
    engine = TemporalEngine(settings)
    server = await engine.open()
    await engine.close()
    return server


@asynccontextmanager
async def tls_front(host: Host, tls: ssl.SSLContext) -> AsyncIterator[str]:
    """The address of a front with TLS before the real server."""
    line = Line("127.0.0.1", int(host.address.rpartition(":")[2]), tls=tls)
    await line.start()
    try:
        yield line.address
    finally:
        await line.stop()


async def free_address() -> str:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return f"127.0.0.1:{port}"


def test_a_closed_port_is_unreachable_and_says_what_to_check() -> None:
    async def run() -> None:
        address = await free_address()
        error = await problem(TemporalSettings(address=address))
        assert isinstance(error, Unreachable)
        assert error.message == f"Nothing answers at {address}."
        assert "port" in error.next_action

    asyncio.run(run())


def test_an_unknown_machine_is_named() -> None:
    error = asyncio.run(problem(TemporalSettings(address="nowhere.invalid:7233", allow_plaintext=True)))
    assert isinstance(error, Unreachable)
    assert error.message == "No machine is known by the name nowhere.invalid."


def test_a_wrong_namespace_is_named_and_others_still_open(host: Host) -> None:
    error = host.run(problem(TemporalSettings(address=host.address, namespace="nope")))
    assert isinstance(error, Denied)
    assert "“nope”" in error.message
    assert host.run(opened(TemporalSettings(address=host.address))).space == "default"


def test_tls_asked_of_a_plaintext_server_is_told(host: Host) -> None:
    error = host.run(problem(TemporalSettings(address=host.address, tls=True)))
    assert isinstance(error, Denied)
    assert "does not speak TLS" in error.message


def test_plaintext_asked_of_a_tls_server_is_told(host: Host, tmp_path: Path) -> None:
    async def run() -> None:
        async with tls_front(host, serving(tmp_path, Authority().sign(NAME))) as address:
            error = await problem(TemporalSettings(address=address))
            assert isinstance(error, Denied)
            assert "speaks TLS only" in error.message

    host.run(run())


def test_a_server_with_a_known_certificate_is_the_same_server(host: Host, tmp_path: Path) -> None:
    async def run() -> None:
        authority = Authority()
        async with tls_front(host, serving(tmp_path, authority.sign(NAME))) as address:
            settings = TemporalSettings(address=address, ca_certificate=authority.certificate, server_name=NAME)
            plain = await opened(TemporalSettings(address=host.address))
            assert (await opened(settings)).identity == plain.identity

    host.run(run())


def test_an_unknown_authority_another_name_and_an_expiry_are_told_apart(host: Host, tmp_path: Path) -> None:
    async def run() -> None:
        authority = Authority()
        async with tls_front(host, serving(tmp_path, authority.sign(NAME))) as address:
            unknown = await problem(TemporalSettings(address=address, ca_certificate=Authority().certificate))
            assert "authority" in unknown.message
            misnamed = TemporalSettings(address=address, ca_certificate=authority.certificate, server_name="other.test")
            assert "another name" in (await problem(misnamed)).message
        old = authority.sign(NAME, until=NOW - timedelta(days=1))
        async with tls_front(host, serving(tmp_path, old)) as address:
            settings = TemporalSettings(address=address, ca_certificate=authority.certificate, server_name=NAME)
            assert "expired" in (await problem(settings)).message

    host.run(run())


def test_a_server_that_asks_for_a_client_certificate_lets_in_who_has_one(host: Host, tmp_path: Path) -> None:
    async def run() -> None:
        authority = Authority()
        asking = serving(tmp_path, authority.sign(NAME), clients_of=authority)
        async with tls_front(host, asking) as address:
            known = TemporalSettings(address=address, ca_certificate=authority.certificate, server_name=NAME)
            assert "client certificate" in (await problem(known)).next_action
            own = authority.sign("desk.test")
            (tmp_path / "desk.key").write_text(own.key)
            settings = known.model_copy(
                update={"client_certificate": own.certificate, "client_key": SecretStr(str(tmp_path / "desk.key"))}
            )
            assert (await opened(settings)).identity.startswith("temporal:")

    host.run(run())


def test_a_certificate_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    error = asyncio.run(problem(TemporalSettings(ca_certificate=str(missing))))
    assert isinstance(error, Denied)
    assert str(missing) in error.message


@pytest.mark.parametrize("status", [UNAUTHENTICATED, PERMISSION_DENIED])
def test_a_rejected_key_asks_for_another(status: int) -> None:
    async def run() -> None:
        async with front(status, "Request unauthorized.") as address:
            error = await problem(TemporalSettings(address=address, api_key=SecretStr("wrong")))
            assert isinstance(error, Denied)
            assert "does not let this connection in" in error.message
            assert "API key" in error.next_action
            assert "wrong" not in error.message

    asyncio.run(run())


def test_a_server_that_does_not_know_the_calls_is_too_old_or_another() -> None:
    async def run() -> None:
        async with front(UNIMPLEMENTED, "unknown service temporal.api.workflowservice.v1.WorkflowService") as address:
            error = await problem(TemporalSettings(address=address))
            assert isinstance(error, Denied)
            assert "too old" in error.message
            assert "version" in error.next_action

    asyncio.run(run())


def test_something_that_is_no_temporal_server_is_told() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def run() -> None:
        async with served(answer) as address:
            error = await problem(TemporalSettings(address=address))
            assert isinstance(error, Unreachable)
            assert "does not answer as a Temporal server" in error.message

    asyncio.run(run())


def test_something_that_never_answers_is_given_up() -> None:
    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        while await reader.read(100):
            continue

    async def run() -> None:
        async with served(silent) as address:
            assert isinstance(await problem(TemporalSettings(address=address, connect_within=0.3)), Unreachable)

    asyncio.run(run())


def test_a_namespace_without_search_attributes_and_worker_says_what_to_run(host: Host) -> None:
    async def run() -> None:
        client = await Client.connect(host.address)
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(namespace="bare", workflow_execution_retention_period=Duration(seconds=86_400))
        )
        settings = TemporalSettings(address=host.address, namespace="bare")
        notices = await settled_notices(settings)
        assert any("ClearanceOpen" in notice and "clearance tower setup" in notice for notice in notices)
        assert "No worker answers" in (await opened(settings)).hands.missing
        engine = TemporalEngine(settings)
        await engine.open()
        with pytest.raises(Denied) as caught:
            [page async for page in engine.waiting()]
        assert "clearance tower setup" in caught.value.next_action
        await engine.close()

    host.run(run())


async def settled_notices(settings: TemporalSettings) -> tuple[str, ...]:
    """The notices of a namespace that was just made; its server needs a moment until all of it knows."""
    while True:
        try:
            return (await opened(settings)).notices
        except (Denied, Unreachable):
            await asyncio.sleep(0.2)


def test_a_healthy_server_has_no_notices_and_no_skew(host: Host) -> None:
    server = host.run(opened(TemporalSettings(address=host.address)))
    assert (server.notices, server.hands) == ((), Hands())
    assert server.skew == timedelta(0)
    assert server.version


def test_a_clock_that_is_off_is_noticed(host: Host) -> None:
    async def run() -> None:
        slow = TemporalEngine(
            TemporalSettings(address=host.address), clock=lambda: datetime.now(UTC) - timedelta(minutes=7)
        )
        server = await slow.open()
        await slow.close()
        assert timedelta(minutes=6, seconds=55) < server.skew < timedelta(minutes=7, seconds=5)
        assert server.notices == ("The server's clock is 7 minutes ahead of this machine's.",)

    host.run(run())


def test_a_closed_connection_says_so(host: Host) -> None:
    async def run() -> None:
        engine = TemporalEngine(TemporalSettings(address=host.address))
        await engine.open()
        await engine.close()
        with pytest.raises(Unreachable):
            [page async for page in engine.waiting()]

    host.run(run())


def test_closing_ends_what_is_under_way(host: Host) -> None:
    async def run() -> None:
        engine = TemporalEngine(TemporalSettings(address=host.address))
        await engine.open()

        async def follow() -> None:
            async for _ in engine.changes():
                following.set()

        following = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(_raises_unreachable(follow()), name="follow")
            await following.wait()
            await engine.close()
        assert task.result()

    host.run(run())


async def _raises_unreachable(work: object) -> bool:
    assert asyncio.iscoroutine(work)
    with pytest.raises(Unreachable):
        await work
    return True
