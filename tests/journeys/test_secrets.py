"""One journey with a secret in every place that takes one: afterwards none of them lies anywhere but where it is kept.

The journey has a window, commands, a worker with a model and a webhook, and errors that quote what they choked on; the
endpoints quote what they were sent. The key of one profile lies in a keyring, that of the other in a file.
"""

from __future__ import annotations

import base64
import json
import os
import secrets as chance
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer

from console.domain.decision import DecisionState
from console.domain.escalation import Kind, Verdict
from console.domain.risk import Risk
from console.domain.run import StepStatus
from console.infra.clock import SystemClock
from console.infra.keyfile import FILE_NAME, PASSPHRASE_VARIABLE, load_key
from console.infra.logreading import LogTail
from console.infra.logs import Log
from console.infra.paths import HOME_VARIABLE, Paths, find_paths
from console.qtkit.theme import Theme
from console.shell.support import Faults, report
from console.shell.trouble import Trouble
from console.tower import processes, wire
from console.tower.root import ROOT_FILE, read_root
from console.tower.server import is_polled
from console.tower.worker import DEFAULT_SEED
from tests.engines.temporal.certificates import Authority, serving
from tests.engines.temporal.stub_front import front
from tests.journeys import plants
from tests.journeys.seat import PATIENCE, Seat, seated
from tests.journeys.test_bad_connection import NAME, UNAUTHENTICATED, Bad, enter, port_of, says_so, tls_before
from tests.journeys.test_journey import a_refund
from tests.journeys.world import World
from tests.model_stub import Stub, fails, one_after_the_other, says, stub
from tests.ring import private_bytes
from tests.screens.stage import until
from tests.servers import RunningServer, blocking, start_samples, start_server

WINDOW, FILED = "window", "filed"
WROTE = "Both captures stand in the report."
ASKED = ("api key", "model key", "passphrase", "webhook secret", "webhook token", "quoted by an error")
SAMPLES = range(24)
INCIDENT, ADVISED = "incident-A-501", "mitigate"
MEDIUM_REFUND = ("customer-refund", Kind.CHECKPOINT, Risk.MEDIUM)
MARKERS = (
    ("reason", "home/filed/data/clearance.db"),
    ("reason", "out/evidence"),
    ("reason", "server/temporal.db, its cells"),
    ("account", "out/run"),
    ("run", "out/audit"),
    ("run", "work/business.db, its cells"),
)
AUDITS = ("audit", "window")
RAN = 120.0
LOOK_AGAIN = 0.05

pytestmark = pytest.mark.timeout(400)


def planted(name: str) -> bytes:
    """A secret that nobody had before, with what quoting changes."""
    return f"sk-{name.replace(' ', '-')}/{chance.token_hex(12)}+{chance.token_hex(4)}=".encode()


@dataclass
class Hook:
    """A web hook that takes everything."""

    url: str = ""
    calls: int = 0


@dataclass
class House:
    """What the journey needs, and what of it others get to see: processes as the system tells of them, and outputs."""

    folder: Path
    server: RunningServer
    model: Stub
    hook: Hook
    planted: dict[str, bytes] = field(default_factory=lambda: {name: planted(name) for name in ASKED})
    processes: list[bytes] = field(default_factory=list)
    outputs: list[bytes] = field(default_factory=list)

    @property
    def work(self) -> Path:
        """The worker's folder."""
        return self.folder / "work"

    def paths(self, profile: str) -> Paths:
        """The folders of a profile."""
        return find_paths(profile, {HOME_VARIABLE: str(self.folder / "home")})

    def handed(self, name: str, content: bytes = b"") -> str:
        """The file by which a secret is handed over."""
        path = self.folder / "handed" / name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            plants.write_secret(path, content or self.planted[name])
        return str(path)

    def clearance(self, profile: str, *argv: str) -> str:
        """Run the real command as a process of its own; what it printed."""
        environment = {**os.environ, HOME_VARIABLE: str(self.folder / "home")}
        if profile == FILED:
            environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
            environment[PASSPHRASE_VARIABLE] = self.handed("passphrase")
        command = [sys.executable, "-m", "console", "--profile", profile, *argv]
        running = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        with suppress(ProcessLookupError, PermissionError):
            self.processes.append(plants.told_of(running.pid))
        out, err = running.communicate(timeout=RAN)
        self.outputs += [out, err]
        assert running.returncode == 0, (argv, out, err)
        return out.decode()

    def row(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """An item that waits, as scripts find it."""
        last = time.monotonic() + RAN
        while time.monotonic() < last:
            rows: list[dict[str, Any]] = json.loads(self.clearance(FILED, "inbox", "--json"))["rows"]
            if fitting := [row for row in rows if wanted(row["waiting"])]:
                return fitting[0]
            time.sleep(LOOK_AGAIN)
        raise AssertionError("no such item came")

    def keys(self) -> dict[str, bytes]:
        """The private keys: that of the window, that in the key file, and the tower's root key."""
        filed = load_key(self.paths(FILED).data / FILE_NAME, self.planted["passphrase"].decode())
        root = read_root(self.work / ROOT_FILE)
        raw = {
            "window's key": private_bytes(WINDOW),
            "filed key": filed.private_bytes_raw(),
            "root key": root.private_bytes_raw(),
        }
        return raw | {f"{name} in base64": base64.b64encode(key) for name, key in raw.items()}

    def held(self) -> dict[str, bytes]:
        """All that the journey left, but the files in which a secret is handed over or kept on purpose."""
        on_purpose = {self.work / ROOT_FILE, *(self.folder / "handed").iterdir()}
        held = plants.files(self.folder, but=on_purpose)
        held |= {f"process {number}": told for number, told in enumerate(self.processes)}
        return held | {f"output {number}": told for number, told in enumerate(self.outputs)}


@pytest.fixture
def hook() -> Iterator[Hook]:
    taken = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            taken.calls += 1
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    taken.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield taken
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def house(tmp_path: Path, hook: Hook) -> Iterator[House]:
    """A server, and a model that quotes its key: when it refuses, and when it answers."""
    server = start_server(tmp_path / "server")
    with stub(lambda _: fails(500)) as model:
        made = House(tmp_path, server, model, hook)
        key = made.planted["model key"].decode()
        end = ("finish", {"conclusion": f"I am {key}.", "confidence": 0.9, "caveats": [key], "open_questions": []})
        answer = says(f"Mine is {key}", end, reasoning=f"{key}?")
        model.answers = one_after_the_other([fails(401, f"The key {key} is not known."), answer])
        yield made
    server.stop()


@contextmanager
def at_work(house: House) -> Iterator[None]:
    """`clearance worker`, with a secret for everything that takes one."""
    token = house.planted["webhook token"].decode()
    options = ["--webhook-file", house.handed("webhook", f"{house.hook.url}/{token}?key={token}".encode())]
    options += ["--webhook-secret-file", house.handed("webhook secret"), "--model-url", house.model.url]
    options += ["--model", "m", "--model-key-file", house.handed("model key"), "--data", str(house.work)]
    command = [sys.executable, "-m", "console", "worker", "--address", house.server.address, *options]
    record, log = house.work / "worker.json", house.work / "worker.log"
    worker = processes.spawn(command, record, log)
    try:
        assert blocking(is_polled(house.server.address, worker)), log.read_text()
        yield
        others = [json.loads(path.read_text())["pid"] for path in (house.folder / "server").glob("server.json")]
        house.processes += [plants.told_of(pid) for pid in (worker.pid, os.getpid(), *others)]
    finally:
        processes.end(record)


async def at_the_window(house: House, theme: Theme) -> None:
    """Enter a key that is turned away, approve, and have errors reach the top handler."""
    authority = Authority()
    trusted = house.folder / "authority.pem"
    trusted.write_text(authority.certificate)
    key = house.planted["api key"].decode()
    async with (
        front(UNAUTHENTICATED, f"The key {key} is not known.") as turning_away,
        tls_before(port_of(turning_away), serving(house.folder, authority.sign(NAME))) as guarded,
        seated(theme, house.paths(WINDOW)) as seat,
    ):
        fields = {"address": guarded, "ca_path": str(trusted), "server_name": NAME, "api_key": key}
        bad = Bad("guarded", fields, "does not let this connection in", "Check the API key", has_tls=True)
        await enter(seat, bad)
        await says_so(seat, bad)
        house.outputs.append(seat.words().encode())
        seat.keys(Qt.Key.Key_G, Qt.Key.Key_I)
        refund = await seat.waits(a_refund(World(house.work, DEFAULT_SEED), Risk.MEDIUM, Risk.HIGH))
        await seat.open(refund)
        view = await seat.ends(await seat.decide(Verdict.APPROVE, WROTE))
        assert view.state is DecisionState.CARRIED_OUT, view.message
        await crash(seat, house)
        house.outputs.append(seat.words().encode())


async def crash(seat: Seat, house: House) -> None:
    """Have the top handler take errors that quote a secret, from the window and from a thread, and tell them."""
    quoted = house.planted["quoted by an error"].decode()
    logs = house.paths(WINDOW).logs
    log = Log(logs / f"window-{os.getpid()}.log", SystemClock())
    faults = Faults(log.bug)
    trouble = Trouble(faults)
    heard: list[str] = []
    trouble.told.connect(heard.append)
    trouble.told.connect(seat.window.tell_trouble)

    def fail() -> None:
        raise ValueError(f"cannot use {quoted}")

    put_back = trouble.install()
    QTimer.singleShot(0, fail)
    thread = threading.Thread(target=fail, name="a thread")
    thread.start()
    thread.join()
    await until(lambda: len(heard) == 2, PATIENCE)
    put_back()
    log.close()
    told = report(faults.all(), LogTail(logs, os.getpid()))
    assert told.count("ValueError") >= len(heard)
    house.outputs += [words.encode() for words in (*heard, told)]


def by_commands(house: House) -> tuple[str, str, str]:
    """Edit a refund by commands, signed with a key from a file; its run, its decision, and where the money goes."""
    world = World(house.work, DEFAULT_SEED)

    def is_one(waiting: dict[str, Any]) -> bool:
        is_refund = (waiting["workflow"], waiting["kind"], waiting["risk"]) == MEDIUM_REFUND
        return is_refund and not world.is_out("refunds", waiting["business_key"].removeprefix("order "))

    row = house.row(is_one)
    shown = json.loads(house.clearance(FILED, "show", row["item_id"], "--json"))
    arguments = shown["escalation"]["proposal"]["arguments"]
    edited = house.folder / "edited.json"
    edited.write_text(json.dumps({**arguments, "amount": "1.23"}))
    options = ("--digest", shown["digest"], "--payload", str(edited), "--reason", WROTE, "--wait", "60", "--json")
    said = json.loads(house.clearance(FILED, "decide", row["item_id"], "edit", *options))
    return row["waiting"]["key"]["run"]["run_id"], said["decision"]["decision_id"], arguments["iban"]


def export(house: House, run_id: str, decision_id: str) -> None:
    """Write what is handed to others."""
    out = house.folder / "out"
    out.mkdir()
    asked = {"audit": ("audit", "export"), "run": ("run", "export", run_id), "evidence": ("evidence", decision_id)}
    for name, argv in asked.items():
        house.clearance(FILED, *argv, "--out", str(out / name))
    house.clearance(FILED, "keys", "export", "--out", str(out / "keys"))
    house.clearance(WINDOW, "audit", "export", "--out", str(out / "window"))


async def advised(house: House) -> None:
    """Wait until the model was refused, and then was heard."""
    handle = (await house.server.client()).get_workflow_handle(INCIDENT)

    async def is_done() -> bool:
        reply = await handle.query(wire.QUERY_STEPS, result_type=wire.StepsReply)
        return any((step.step_id, step.status) == (ADVISED, StepStatus.DONE) for step in reply.steps)

    await until(is_done, RAN)
    assert len(house.model.requests) > 1


def test_no_secret_lies_anywhere_but_where_it_is_kept(
    play: Callable[[Coroutine[Any, Any, None]], None], theme: Theme, house: House
) -> None:
    with at_work(house):
        house.clearance(FILED, "keys", "new", "--file")
        for profile in (WINDOW, FILED):
            house.clearance(profile, "connections", "add", "tower", "--address", house.server.address)
            by_root = ("--role", "supervisor", "--root", str(house.work / ROOT_FILE))
            house.clearance(profile, "keys", "enrol", *by_root)
        blocking(start_samples(house.server, house.work, DEFAULT_SEED, SAMPLES))
        play(at_the_window(house, theme))
        run_id, decision_id, account = by_commands(house)
        export(house, run_id, decision_id)
        blocking(advised(house))

    assert house.hook.calls
    held = house.held()
    open_to_all = {"reason": WROTE.encode(), "run": run_id.encode(), "account": account.encode()}
    for name, place in MARKERS:
        where = str(house.folder / place)
        assert plants.found({name: open_to_all[name]}, {where: held[where]}), (name, place)
    assert plants.found(house.planted | house.keys(), held) == []
    # Who approves sees the account, so that items hold it; what tells of work done has its last digits.
    tells = {
        name: content for name, content in held.items() if Path(name).suffix == ".log" or Path(name).name in AUDITS
    }
    assert plants.found({"account": account.encode()}, tells) == []
