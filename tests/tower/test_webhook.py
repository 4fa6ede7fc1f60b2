"""The webhook: one signed call per escalation, without content, repeated until taken; real servers."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from console.cli import main
from console.cli.exits import Exit
from console.domain.canonical import Json
from console.domain.escalation import Comment, Verdict
from console.tower import wire
from console.tower.messages import Alert
from console.tower.webhook import Webhook, webhook_activities
from console.tower.worker import WorkerConfig, working
from tests.servers import RunningServer, start_server
from tests.signing import enrol_all, plant_root
from tests.tower.conftest import PROBE
from tests.tower.people import BEN, Desk, Handle, until
from tests.tower.probe_plan import PLAN

SECRET = b"a secret that is long enough"
PAYS: dict[str, Json] = {"pay": {"pay": {"account": "own-webhook", "amount": "420.00"}}}
ASKS: dict[str, Json] = {"first": {"ask": True}}


@dataclass
class Receiver:
    """A web server that answers with the given statuses, then with 204; and what it was sent."""

    statuses: list[int]
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    @property
    def ids(self) -> list[str]:
        """The ids of the calls."""
        return [json.loads(body)["id"] for _, body in self.calls]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver([])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.calls.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(made.statuses.pop(0) if made.statuses else 204)
            self.send_header("Location", f"{made.url}elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}/hook/"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of the test's own, since the worker is."""
    server = start_server(tmp_path / "server")
    yield server
    server.stop()


@asynccontextmanager
async def at_work(server: RunningServer, folder: Path, receiver: Receiver | None) -> AsyncIterator[Client]:
    """A worker with a webhook, or without."""
    webhook = Webhook(receiver.url, SECRET) if receiver else None
    config = WorkerConfig(address=server.address, data=folder / "work", plans=(PROBE,), webhook=webhook)
    plant_root(config.data)
    async with working(config):
        client = await server.client()
        await enrol_all(client)
        yield client


async def trail_of(handle: Handle) -> str:
    """All results in a history, as text."""
    history = await handle.fetch_history()
    return " ".join(
        payload.data.decode()
        for event in history.events
        for payload in event.activity_task_completed_event_attributes.result.payloads
    )


def test_each_escalation_is_told_once_signed_and_without_content(
    own: RunningServer, receiver: Receiver, tmp_path: Path
) -> None:
    async def story() -> None:
        async with at_work(own, tmp_path, receiver) as client:
            desk = await Desk.start(client, PLAN, PAYS)
            shown = await desk.waits("pay")
            await until(lambda: receiver.calls)
            headers, body = receiver.calls[0]
            assert shown.row.due_at is not None
            server, item_id = shown.key.run.server.replace(":", "%3A"), shown.key.item_id
            assert json.loads(body) == {
                "event": "escalation",
                "id": item_id,
                "risk": "high",
                "workflow": "probe",
                "due_at": shown.row.due_at.isoformat(),
                "link": f"clearance://{server}/item/{item_id}",
            }
            assert headers["Idempotency-Key"] == item_id
            at, proof = (part.split("=")[1] for part in headers["Clearance-Signature"].split(","))
            assert abs(int(at) - time.time()) < 300
            assert proof == hmac.new(SECRET, at.encode() + b"." + body, hashlib.sha256).hexdigest()
            assert b"420" not in body
            assert b"own-webhook" not in body
            to_first: dict[str, Json] = {"to": {"kind": "step", "id": "first"}}
            await desk.say(shown, Verdict.REROUTE, payload=to_first)
            again = await desk.waits("pay", occurrence=2)
            await until(lambda: len(receiver.calls) > 1)
            await desk.say(again, Verdict.REJECT, BEN)
            await desk.ends()
            assert receiver.ids == [item_id, again.key.item_id]

    asyncio.run(story())


def test_what_was_not_taken_is_told_again_over_continuations_and_what_was_is_not(
    own: RunningServer, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.statuses = [503, 429, 307, 500]

    async def story() -> None:
        async with at_work(own, tmp_path, receiver) as client:
            desk = await Desk.start(client, PLAN, PAYS, continue_after=1)
            shown = await desk.waits("pay")

            async def comment() -> None:
                attempt = (await desk.run()).attempt_id
                said = Comment(BEN, datetime.now(UTC), "I look at it.")
                await desk.handle.execute_update(wire.UPDATE_COMMENT, wire.CommentRequest(key=shown.key, comment=said))

                async def has_continued() -> bool:
                    return (await desk.run()).attempt_id != attempt

                await until(has_continued)

            await until(lambda: receiver.calls)
            await comment()
            # The next execution asks anew; a redirection is followed by nobody, and ends it.
            await until(lambda: len(receiver.calls) >= 3)
            await until_noted(desk)
            await comment()
            await desk.waits("pay")
            assert set(receiver.ids) == {shown.key.item_id}
            assert receiver.statuses == [500]

    asyncio.run(story())


async def until_noted(desk: Desk) -> None:
    """Wait until the run's trail says that the webhook was given up."""

    async def is_noted() -> bool:
        return "The webhook was not told of this: it answered with status 307." in await trail_of(desk.handle)

    await until(is_noted)


def test_without_a_webhook_the_worker_answers_at_once_and_keeps_nothing(own: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(own, tmp_path, None) as client:
            desk = await Desk.start(client, PLAN, ASKS)
            await desk.say(await desk.waits("first"), Verdict.ANSWER, payload={"answer": {"amount": "1.00"}})
            await desk.ends()
            assert "webhook" not in await trail_of(desk.handle)
            assert not (tmp_path / "work" / "alerts.db").exists()

    asyncio.run(story())


def test_what_this_worker_knows_as_taken_is_not_sent_again(receiver: Receiver, tmp_path: Path) -> None:
    alert = Alert(item_id="abc", server="s", step="pay", risk="high", workflow="w", due_at=None)

    async def story() -> None:
        for _ in range(2):
            # Its completion was lost, and another worker of the folder runs it again.
            (send,) = webhook_activities(Webhook(receiver.url, SECRET), tmp_path)
            await ActivityEnvironment().run(send, alert)

    asyncio.run(story())
    assert receiver.ids == ["abc"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.org/hook", "neither https nor this machine"),
        ("http://localhost.example.org/hook", "neither https nor this machine"),
        ("http://127.0.0.1.example.org/hook", "neither https nor this machine"),
        ("http://10.0.0.1/hook", "neither https nor this machine"),
        ("https://me:secret@example.org/hook", "holds a password"),
        ("ftp://example.org/hook", "begins with https"),
        ("example.org", "begins with https"),
        ("https://", "begins with https"),
    ],
)
def test_a_webhook_goes_over_tls_or_to_this_machine(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Webhook(url, SECRET)


def test_a_webhook_that_may_be_used() -> None:
    for url in ("https://example.org/hook", "http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/x"):
        assert Webhook(url, SECRET).url == url
    assert Webhook("http://example.org/hook", SECRET, is_plain_allowed=True).is_plain_allowed
    with pytest.raises(ValueError, match="fewer than 16"):
        Webhook("https://example.org/hook", b"short")


def test_the_worker_command_refuses_a_webhook_without_a_secret_in_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["worker", "--address", "127.0.0.1:9", "--data", str(tmp_path), "--webhook", "https://example.org/hook"]
    assert main(common) == Exit.USAGE
    assert "fewer than 16" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*common, "--webhook-secret-file", str(tmp_path / "none")])
    assert "--webhook-secret-file" in capsys.readouterr().err
