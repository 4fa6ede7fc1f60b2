"""What gets loaded with what, asked of fresh interpreters: the import contracts see names, these tests see effects."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
QT = {"PySide6", "shiboken6", "qasync"}
# The windows, and what starts them.
WITH_QT = ("console.app", "console.shell", "console.qtkit", "console.cli", "console.__main__")
# Alembic runs these inside a migration; imported on their own they have nothing to migrate.
NOT_IMPORTABLE = "console.store.migrations"

# What others may use without the rest, and all that it needs.
LIBRARIES = {
    "console.domain": {"rfc8785"},
    # rfc8785 comes with the domain's digest, cffi with cryptography.
    "console.verify": {"cryptography", "cffi", "_cffi_backend", "_openssl", "rfc8785"},
}

# Prints, for each module given, the top-level packages and modules of ours that it was the first to load.
PROBE = """
import importlib, json, sys
seen = set(sys.modules)
report = {}
for name in sys.argv[1:]:
    importlib.import_module(name)
    report[name] = sorted(set(sys.modules) - seen)
    seen |= set(sys.modules)
print(json.dumps(report))
"""


def modules() -> list[str]:
    found = []
    for path in sorted((ROOT / "console").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return [name for name in found if not within(name, NOT_IMPORTABLE)]


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def may_use_qt(name: str) -> bool:
    is_view = within(name, "console.screens") and any(
        part == "view" or part.startswith("view_") for part in name.split(".")
    )
    return is_view or within(name, *WITH_QT)


def loaded_by(names: list[str]) -> dict[str, set[str]]:
    """What each module newly loads, imported in this order in one fresh interpreter."""
    run = subprocess.run(
        [sys.executable, "-c", PROBE, *names], capture_output=True, text=True, check=False, cwd=ROOT, timeout=100
    )
    assert run.returncode == 0, run.stderr
    return {name: set(loaded) for name, loaded in json.loads(run.stdout.splitlines()[-1]).items()}


def foreign(loaded: set[str]) -> set[str]:
    tops = {name.partition(".")[0] for name in loaded}
    return {top for top in tops if top not in sys.stdlib_module_names and top not in {"console", "__mp_main__"}}


def test_what_needs_no_window_loads_no_qt() -> None:
    names = [name for name in modules() if not may_use_qt(name)]
    assert "console.domain.digest" in names
    culprits = {name: found for name, new in loaded_by(names).items() if (found := foreign(new) & QT)}
    assert not culprits


def test_the_probe_sees_qt_behind_an_import() -> None:
    name = next(name for name in modules() if within(name, "console.qtkit") and "PySide6" in source_of(name))
    assert foreign(loaded_by([name])[name]) & QT


def source_of(name: str) -> str:
    path = ROOT.joinpath(*name.split("."))
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")


@pytest.mark.parametrize("package", [name for name in LIBRARIES if ROOT.joinpath(*name.split(".")).is_dir()])
def test_a_library_for_others_needs_no_more_than_it_says(package: str) -> None:
    names = [name for name in modules() if within(name, package)]
    loaded = set().union(*loaded_by(names).values())
    assert set(names) <= loaded
    assert foreign(loaded) <= LIBRARIES[package]
    assert {name for name in loaded if within(name, "console")} - {"console"} <= {
        name for name in loaded if within(name, package, "console.domain")
    }


def test_importing_the_package_loads_nothing_else() -> None:
    assert loaded_by(["console"])["console"] == {"console"}
