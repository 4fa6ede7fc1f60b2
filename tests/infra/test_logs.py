from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

from console.infra.clock import SystemClock
from console.infra.logs import Log


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_line_is_on_the_disk_when_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "console.log"
    log = Log(path, SystemClock())
    log.say("decision moves", decision="d1", before="queued", after="sending")
    (line,) = lines(path)
    assert {"event": "decision moves", "after": "sending", "level": "info"}.items() <= line.items()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    log.close()


def test_an_error_is_named_without_what_it_quotes(tmp_path: Path) -> None:
    log = Log(tmp_path / "console.log", SystemClock())
    try:
        int("the secret is sesame")
    except ValueError as error:
        log.bug("watch", error)
    log.close()
    (line,) = lines(tmp_path / "console.log")
    assert line["error"] == "ValueError"
    assert "test_logs.py" in line["at"]
    assert "sesame" not in json.dumps(line)


def test_it_rotates_and_stays_private(tmp_path: Path) -> None:
    log = Log(tmp_path / "console.log", SystemClock(), max_bytes=2_000)
    for number in range(100):
        log.say("listed", items=number)
    log.close()
    files = sorted(tmp_path.iterdir())
    assert 2 <= len(files) <= 5
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert lines(tmp_path / "console.log")[-1]["items"] == 99
