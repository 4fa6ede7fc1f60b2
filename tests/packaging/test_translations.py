"""The template of translations is current, what is marked can be translated, and nothing speaks before its language."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from console.domain.language import places

ROOT = Path(__file__).resolve().parent.parent.parent
LOADED = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print("\\n".join(name for name in sys.modules if name.startswith("console")))
"""


@cache
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("translate", ROOT / "packaging" / "translate.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@cache
def texts() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = tool().texts()
    return found


def loaded(*names: str) -> set[str]:
    """The modules of ours that are there once these are loaded."""
    done = subprocess.run([sys.executable, "-c", LOADED, *names], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
            yield node


def test_the_template_is_current() -> None:
    made = tool()
    assert made.TEMPLATE.read_text(encoding="utf-8") == made.template(texts()), "run: sh packaging/translate.sh"


def test_every_placeholder_has_a_name_and_its_value() -> None:
    wrong = []
    for path in sorted((ROOT / "console").rglob("*.py")):
        for call in calls(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(ROOT)}:{call.lineno}"
            given = {each.arg for each in call.keywords}
            text = call.args[0]
            if isinstance(text, ast.JoinedStr) or (given and not isinstance(text, ast.Constant)):
                wrong.append(f"{where}: a text with values is a literal")
            elif isinstance(text, ast.Constant) and isinstance(text.value, str) and given:
                named = {name for name, _form in places(text.value)}
                wrong += [f"{where}: {sorted(named ^ given, key=str)}"] if named != given else []
    assert wrong == []
    for one, many in texts():
        if "{" in one:
            assert places(one) >= places(many), one


def test_nothing_speaks_before_the_language_is_chosen() -> None:
    early = loaded("console.cli.arguments", "console.cli.commands", "console.app")
    speaking = []
    for name in sorted(early):
        path = ROOT / Path(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                speaking += [f"{name}:{call.lineno}" for call in calls(node)]
    assert speaking == []


def test_only_the_window_chooses_a_language() -> None:
    choosing, below = [], []
    for path in sorted((ROOT / "console").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "console.domain.language":
                choosing += [path.name] if {each.name for each in node.names} & {"choose", "speak"} else []
                below += [path.name] if path.relative_to(ROOT / "console").parts[0] in {"tower", "verify"} else []
    assert (choosing, below) == (["app.py"], [])
