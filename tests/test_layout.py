"""What lies in the tree, and what must not stand in it: names of registries, paths of somebody's machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = {"pyproject.toml", "README.md", "LICENSE", "console", "resources", "tests", "packaging"}
LOCKS = ("runtime.txt", "dev.txt", "langgraph.txt", "otlp.txt")

# Written so that this file does not match itself.
REGISTRY = re.compile(
    r"py[p]i\.org|python[h]osted\.|npm[j]s\.(?:org|com)|crates[.]io|proxy\.golang[.]org"
    r"|(?:deb|security|ftp)\.debian[.]|archive\.ubuntu[.]|--(?:extra-)?index[-]url |--find[-]links "
)
MACHINE_PATH = re.compile(r"(?<![\w.$})~-])/(?:w[o]rk|r[o]ot|t[m]p)(?=[/\s\"'`,;:)]|$)", re.MULTILINE)

PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[0-9][0-9a-z.]*)(?: ; [a-z_]+ [^/@:]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?P<more> \\)?$")


@cache
def tracked() -> tuple[Path, ...]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listing = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return tuple(Path(name) for name in listing.stdout.decode().split("\0") if name)


def texts() -> dict[Path, str]:
    found = {}
    for path in tracked():
        if (ROOT / path).is_file() and b"\0" not in (content := (ROOT / path).read_bytes()):
            found[path] = content.decode("utf-8")
    return found


def pins(lock: str) -> dict[str, str]:
    """Name to version, after checking that the file holds nothing but names, versions, markers and hashes."""
    found = {}
    expects_hash = False
    for line in (ROOT / "packaging" / "lock" / lock).read_text(encoding="ascii").splitlines():
        if expects_hash:
            match = HASH.match(line)
            assert match, f"{lock}: no hash: {line}"
            expects_hash = match["more"] is not None
        elif match := PIN.match(line):
            found[match["name"]] = match["version"]
            expects_hash = True
        else:
            pytest.fail(f"{lock}: neither a pinned name nor its hash: {line}")
    assert not expects_hash, f"{lock}: ends in the middle"
    return found


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9-]", requirement)[0].lower() for requirement in requirements}


def test_the_top_level_holds_only_what_the_design_names() -> None:
    names = {path.parts[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL
    assert {"pyproject.toml", "LICENSE", "console", "packaging"} <= names


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE_PATH], ids=["registry", "machine path"])
def test_no_file_names_a_registry_or_a_path_of_one_machine(pattern: re.Pattern[str]) -> None:
    hits = [
        f"{path}, line {len(text[: match.start() + 1].splitlines())}: {match.group()}"
        for path, text in texts().items()
        for match in pattern.finditer(text)
    ]
    assert not hits


def test_the_patterns_find_what_they_are_for() -> None:
    assert REGISTRY.search("https://files.python" + "hosted.org/x.whl")
    assert MACHINE_PATH.search('open("/t' + 'mp/x")')
    assert not MACHINE_PATH.search("$base/t" + "mp/x and https://host/t" + "mp")


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_hold_names_versions_and_hashes_only(lock: str) -> None:
    assert len(pins(lock)) > 30


def test_the_tests_lock_contains_the_programs() -> None:
    assert pins("runtime.txt").items() <= pins("dev.txt").items()


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = names_of([*project["project"]["dependencies"], *project["build-system"]["requires"]])
    assert wanted <= pins("runtime.txt").keys()
    assert names_of(project["dependency-groups"]["dev"][1:]) <= pins("dev.txt").keys()
    assert names_of(project["project"]["optional-dependencies"]["otlp"]) <= pins("otlp.txt").keys()
    assert pins("otlp.txt").items() <= pins("dev.txt").items()
    assert names_of(project["dependency-groups"]["langgraph"]) <= pins("langgraph.txt").keys()


def test_the_locked_qt_is_one_that_keeps_none_alive() -> None:
    version = pins("runtime.txt")["pyside6-essentials"]
    assert tuple(map(int, version.split("."))) < (6, 12)
