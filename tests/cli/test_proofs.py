"""Exports and evidence from the command line: written for their owner only, verified by whoever has only the file."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from console.cli.exits import Exit
from console.domain.escalation import Kind
from console.domain.risk import Risk
from console.infra.paths import HOME_VARIABLE, find_paths
from console.store.store import Store
from console.store.tables import audit
from console.verify.decisions import Demand
from console.verify.steps import from_evidence, registry_of, require
from console.verify.trust import Distrusted
from tests.cli.conftest import Command
from tests.cli.items import digest_of, found, run_of
from tests.journeys.world import World
from tests.screens.run.inert import inert
from tests.signing import ROOT_PUBLIC
from tests.store.made import LEDGER, NOW
from tests.verify.chains import grown

ROOT = Path(__file__).resolve().parents[2]
FINGERPRINT = re.compile(r"\b[0-9a-f]{64}\b")
OLD = NOW.replace(year=2020)


@pytest.fixture
def kept(home: Path) -> Path:
    """A desk with something in its audit; its database."""
    home.mkdir()
    where = find_paths()
    where.make()
    with closing(Store(where.database)) as store:
        store.audit.begin(OLD, "one")
        for _ in range(5):
            store.connections.put(LEDGER, OLD)
            store.connections.remove(LEDGER.connection_id, OLD)
    return where.database


def test_an_export_is_its_owners_and_is_whole(clearance: Command, kept: Path, tmp_path: Path) -> None:
    out = tmp_path / "audit.jsonl"
    exported = clearance("audit", "export", "--out", str(out))
    assert (exported.status, exported.out, kept.exists()) == (Exit.DONE, "", True)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    (signer,) = FINGERPRINT.findall(exported.err)
    kinds = [json.loads(line).get("entry", {}).get("kind") for line in out.read_text("utf-8").splitlines()]
    assert kinds[1:3] == ["begun", "connection added"]
    assert kinds[-3:] == ["key", "head", None]
    named = clearance("audit", "verify", str(out), "--key", signer)
    assert named.status == Exit.DONE
    assert f"Signed by a key that you named: {signer}" in named.out
    unnamed = clearance("audit", "verify", str(out))
    assert unnamed.status == Exit.DONE
    assert "Only this file says whose key that is" in unnamed.out
    assert signer in unnamed.out
    assert clearance("audit", "verify", str(out), "--key", "0" * 16).status == Exit.PROBLEM
    assert clearance("audit", "verify", str(out), "--key", "pat").status == Exit.USAGE
    again = clearance("audit", "export", "--out", str(out))
    assert (again.status, "there already" in again.err) == (Exit.PROBLEM, True)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_part_since_a_day_and_a_day_that_is_none(clearance: Command, kept: Path, tmp_path: Path) -> None:
    assert kept.exists()
    out = tmp_path / "part.jsonl"
    assert clearance("audit", "export", "--since", "2021-01-01", "--out", str(out)).status == Exit.DONE
    told = clearance("audit", "verify", str(out))
    assert (told.status, "(12 to " in told.out) == (Exit.DONE, True)
    assert clearance("audit", "export", "--since", "soon").status == Exit.USAGE
    later = clearance("audit", "export", "--since", "2999-01-01", "--out", str(tmp_path / "none"))
    assert (later.status, "no entry since then" in later.err) == (Exit.PROBLEM, True)
    assert not (tmp_path / "none").exists()


def test_a_broken_line_is_named_and_each_result_has_its_status(clearance: Command, tmp_path: Path) -> None:
    whole = grown(200).export()
    files = {
        "changed": whole.replace(b"Fertig", b"fertig", 1),
        "cut": b"".join(whole.splitlines(keepends=True)[:-4]),
        "other": b"a letter to my aunt\n",
        "empty": b"",
        "hidden": whole.replace(b'"at"', "\u202e".encode(), 1),
    }
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    line = whole[: whole.index(b"Fertig")].count(b"\n") + 1
    changed = clearance("audit", "verify", str(tmp_path / "changed"))
    assert (changed.status, f"line {line} of the file" in changed.out) == (Exit.PROBLEM, True)
    assert "cut off" in clearance("audit", "verify", str(tmp_path / "cut")).out
    for name in ("other", "empty", "nothing"):
        assert clearance("audit", "verify", str(tmp_path / name)).status == Exit.USAGE
    assert clearance("audit", "verify", str(tmp_path)).status == Exit.USAGE
    assert "\u202e" not in clearance("audit", "verify", str(tmp_path / "hidden")).out


def test_verifying_needs_nothing_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_bytes(grown(50).export())
    script = (
        "import sys\nfrom console.cli import main\nstatus = main(['audit', 'verify', 'audit.jsonl'])\n"
        "heavy = {'sqlalchemy', 'keyring', 'PySide6', 'temporalio', 'pydantic', 'httpx'}\n"
        "print(status, sorted(heavy & set(sys.modules)))"
    )
    home = tmp_path / "home"
    environment = {"PATH": os.environ["PATH"], HOME_VARIABLE: str(home), "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    assert run.stdout.splitlines()[-1] == "0 []"
    assert not home.exists()


def _has_content(folder: Path) -> bool:
    with suppress(FileNotFoundError):
        return any(part.stat().st_size for part in folder.iterdir())
    return True


def test_an_interrupted_export_leaves_nothing(kept: Path, home: Path, tmp_path: Path) -> None:
    """It may end before it is interrupted; then it is tried again."""
    with closing(Store(kept)) as store, store.database.writing() as transaction:
        rows = [
            {"number": number, "line": '{"at":"2020"}', "prev": "", "hash": str(number)}
            for number in range(100, 60_000)
        ]
        transaction.execute(insert(audit), rows)
    environment = os.environ | {HOME_VARIABLE: str(home), "PYTHON_KEYRING_BACKEND": "tests.ring.Ring"}
    for attempt in range(20):
        out = tmp_path / f"out-{attempt}" / "audit.jsonl"
        out.parent.mkdir()
        # Whoever interrupts it is served first, on a busy machine too.
        command = ["nice", "-n", "19", sys.executable, "-m", "console", "audit", "export", "--out", str(out)]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE) as export:
            until = time.monotonic() + 60
            while not _has_content(out.parent) and time.monotonic() < until:
                assert export.poll() is None
                time.sleep(0.001)
            export.send_signal(signal.SIGINT)
            export.communicate(timeout=60)
        left = list(out.parent.iterdir())
        if not left:
            assert export.returncode == Exit.PROBLEM
            return
        assert left == [out]
        assert out.read_bytes().count(b"\n") > len(rows)
    raise AssertionError("it was never interrupted in time")


def test_the_evidence_of_a_decision_is_checked_by_itself(clearance: Command, connected: World, tmp_path: Path) -> None:
    assert connected.folder.is_dir()
    row = found(clearance, lambda one: one["risk"] <= Risk.MEDIUM and one["kind"] == Kind.CHECKPOINT)
    decided = clearance("decide", row["item_id"], "approve", "--digest", digest_of(clearance, row["item_id"]), "--json")
    assert decided.status == Exit.DONE, decided
    decision_id = json.loads(decided.out)["decision"]["decision_id"]
    out = tmp_path / "evidence.json"
    assert clearance("evidence", decision_id[:8], "--out", str(out)).status == Exit.DONE
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    told = clearance("evidence", "verify", str(out))
    assert told.status == Exit.DONE, told
    assert row["waiting"]["title"] in told.out
    assert "The receipt echoes it: carried out, under the effect" in told.out
    assert "BROKEN" not in told.out
    (signer, *_) = reversed(FINGERPRINT.findall(told.out))
    assert clearance("evidence", "verify", "--key", signer, str(out)).status == Exit.DONE
    assert clearance("evidence", "verify", str(out), "--key", "f" * 64).status == Exit.PROBLEM
    pack = json.loads(out.read_bytes())
    check_in_a_step(clearance, out.read_bytes(), tmp_path / "keys.jsonl")
    tool = json.loads(pack["shown"])["proposal"]["tool"]
    pack["shown"] = pack["shown"].replace(tool, tool + ".more")
    out.write_text(json.dumps(pack))
    changed = clearance("evidence", "verify", str(out))
    assert (changed.status, "BROKEN" in changed.out) == (Exit.PROBLEM, True)
    assert clearance("evidence", "0" * 32).status == Exit.PROBLEM
    assert clearance("evidence", "verify").status == Exit.USAGE


def check_in_a_step(clearance: Command, evidence: bytes, keys: Path) -> None:
    """That somebody's own step, with the exported keys and the file alone, takes just what was approved."""
    shown = json.loads(json.loads(evidence)["shown"])
    place, proposal = shown["row"]["key"], shown["proposal"]
    assert clearance("keys", "export", "--out", str(keys)).status == Exit.DONE
    registry = registry_of(keys.read_text("utf-8"), ROOT_PUBLIC, place["run"]["server"])
    demand = Demand(
        server=place["run"]["server"],
        run_id=place["run"]["run_id"],
        step=place["native_id"],
        tool=proposal["tool"],
        arguments=proposal["arguments"],
        approvals=1,
        roles=(),
        opened_in=shown["opened_in"],
    )
    (person,) = require(from_evidence(evidence), demand, registry, datetime.now(UTC))
    assert person in {known.person for known in registry.keys.values()}
    for other in ({"opened_in": "another"}, {"arguments": {**demand.arguments, "note": "more"}}):
        with pytest.raises(Distrusted):
            require(from_evidence(evidence), dataclasses.replace(demand, **other), registry, datetime.now(UTC))
    for rubbish in (b"{", b"[]", b'{"tag": "clearance-evidence-v1", "shown": null, "decision": {}}'):
        with pytest.raises(ValueError, match=r"Expecting|evidence"):
            from_evidence(rubbish)


def test_a_run_is_exported_and_verified_from_the_file(clearance: Command, connected: World, tmp_path: Path) -> None:
    assert connected.folder.is_dir()
    run_id = run_of(found(clearance, lambda one: bool(one["kind"])))
    out = tmp_path / "run.jsonl"
    exported = clearance("run", "export", run_id, "--out", str(out))
    assert exported.status == Exit.DONE, exported
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    (signer,) = FINGERPRINT.findall(exported.err)
    told = clearance("run", "verify", str(out), "--key", signer)
    assert (told.status, f"It is of the run {run_id}" in told.out) == (Exit.DONE, True)
    raw = out.read_bytes()
    out.write_bytes(raw.replace(b'"trail"', b'"trial"', 1))
    assert clearance("run", "verify", str(out)).status == Exit.PROBLEM
    assert clearance("audit", "verify", str(out)).status == Exit.PROBLEM
    assert clearance("run", "export", "nothing-of-that-name").status == Exit.PROBLEM
    elsewhere = clearance("run", "export", run_id, "--connection", "elsewhere")
    assert (elsewhere.status, "tower" in elsewhere.err) == (Exit.USAGE, True)


def test_a_run_is_reported_in_one_inert_file(clearance: Command, connected: World, tmp_path: Path) -> None:
    assert connected.folder.is_dir()
    run_id = run_of(found(clearance, lambda one: bool(one["kind"])))
    out = tmp_path / "run.html"
    reported = clearance("run", "report", run_id, "--out", str(out))
    assert (reported.status, "entries of the trail" in reported.err) == (Exit.DONE, True), reported
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    page = inert(out.read_bytes())
    assert page.faults == []
    assert run_id in page.text
    assert "Not moving: " in page.text
    assert "What could not be read" not in page.text
    again = clearance("run", "report", run_id, "--out", str(out))
    assert (again.status, "there already" in again.err) == (Exit.PROBLEM, True)
    assert clearance("run", "report", "nothing-of-that-name", "--out", str(tmp_path / "no.html")).status == Exit.PROBLEM
    assert not (tmp_path / "no.html").exists()
