"""A LangGraph server on loopback with the graphs of ``graphs.py``: another's program, started and ended by tests."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from pathlib import Path

import httpx

from tests.environments import langgraph_python

HOST = "127.0.0.1"
GRAPHS = ("batched", "per_call", "inbox", "plain")
STARTS_WITHIN = 90.0
ENDS_WITHIN = 15.0
SILENT = {
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGGRAPH_NO_VERSION_CHECK": "true",
    "NO_COLOR": "1",
}
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


class LangGraphServer:
    """A server with its data in a folder; it listens on the same port each time it is started.

    ``ready`` are threads that were begun ahead, for whoever needs one that waits.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.ready: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """Where its interface begins."""
        return f"http://{self.address}"

    @property
    def effects(self) -> list[dict[str, object]]:
        """What the tools of its graphs did, oldest first."""
        kept = self.folder / "effects.jsonl"
        return [json.loads(line) for line in kept.read_text("utf-8").splitlines()] if kept.exists() else []

    def start(self) -> None:
        """Start it, and wait until it answers."""
        graphs = {name: f"{Path(__file__).with_name('graphs.py')}:{name}" for name in GRAPHS}
        config = self.folder / "langgraph.json"
        config.write_text(json.dumps({"dependencies": ["."], "graphs": graphs}), "utf-8")
        told = ("--no-browser", "--no-reload", "--allow-blocking", "--n-jobs-per-worker", "10")
        where = ("--host", HOST, "--port", str(self.port), "--config", str(config))
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [langgraph_python().with_name("langgraph"), "dev", *told, *where],
                cwd=self.folder,
                env={name: os.environ[name] for name in KEPT if name in os.environ} | SILENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_it_answers(self._process)

    def stop(self) -> None:
        """End it, gently if it lets itself be ended so."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if httpx.get(f"{self.url}/ok", timeout=5).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        self.stop()
        raise AssertionError(f"the LangGraph server does not answer: {(self.folder / 'server.log').read_text('utf-8')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
