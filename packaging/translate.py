"""Writes the template of translations: every text that people read, once, with the modules that it stands in.

Sources are read, never imported. Found are the texts of `tr` and `counted`, the words of enumerations, and sentences of
the layers below the screens, which are stored in English and translated where they are shown.

usage: translate.py [FILE]
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "resources" / "translations" / "clearance.pot"
# Modules whose enumerations have words that are shown, and where sentences are made that a screen shows later.
WORDS = {
    *(f"console/domain/{name}.py" for name in ("decision", "escalation", "identity", "risk", "run")),
    *(f"console/qtkit/{name}.py" for name in ("checkdata", "tokens")),
    *(f"console/screens/run/{name}.py" for name in ("difference", "filters", "raw", "timeline")),
    *("console/engines/port.py", "console/screens/runs/finding.py", "console/services/views.py"),
}
SENTENCES = ("console/domain", "console/services", "console/infra", "console/engines")
SENTENCE = re.compile(r"[“A-Z][^\n]* [^\n]*[.]")
# Enumerations whose words are the names of their members.
NAMED = {"Risk", "Tone"}
HEAD = """\
# Template of translations of Clearance; written by packaging/translate.sh.
msgid ""
msgstr ""
"Project-Id-Version: clearance\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""

# A text, and its plural or nothing.
Text = tuple[str, str]


def texts(root: Path = ROOT) -> dict[Text, list[str]]:
    """Every text with the modules that it stands in, both in order."""
    found: dict[Text, set[str]] = {}
    for path in sorted((root / "console").rglob("*.py")):
        name = path.relative_to(root).as_posix()
        for text in _of_module(ast.parse(path.read_text(encoding="utf-8")), name):
            found.setdefault(text, set()).add(name)
    return {text: sorted(found[text]) for text in sorted(found)}


def template(found: dict[Text, list[str]]) -> str:
    """The template's text."""
    return HEAD + "".join(_entry(text, modules) for text, modules in found.items())


def _of_module(tree: ast.Module, name: str) -> Iterator[Text]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="tr"), args=[ast.Constant(value=str(text)), *_]):
                yield text, ""
            case ast.Call(func=ast.Name(id="counted"), args=[_, ast.Constant(value=str(one)), *more]):
                many = more[0].value if more and isinstance(more[0], ast.Constant) else f"{one}s"
                yield f"{{number:,}} {one}", f"{{number:,}} {many}"
            case ast.ClassDef(bases=bases) if name in WORDS and any("Enum" in ast.unparse(b) for b in bases):
                yield from ((word, "") for word in _words(node))
    if name.startswith(SENTENCES):
        yield from ((text, "") for text in _sentences(tree))


def _words(node: ast.ClassDef) -> Iterator[str]:
    """The words of an enumeration: its members' names, or its texts, of several the last."""
    for each in node.body:
        if not isinstance(each, ast.Assign):
            continue
        if node.name in NAMED:
            yield from (target.id.lower() for target in each.targets if isinstance(target, ast.Name))
            continue
        values = each.value.elts[-1:] if isinstance(each.value, ast.Tuple) else [each.value]
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value.strip():
                yield value.value


def _sentences(tree: ast.Module) -> Iterator[str]:
    aside = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    aside |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in aside)
    yield from (text for text in texts if isinstance(text, str) and SENTENCE.fullmatch(text))


def _entry(text: Text, modules: list[str]) -> str:
    one, many = text
    lines = ["", *(f"#: {module}" for module in modules)]
    lines += ["#, python-brace-format"] if "{" in one else []
    lines += [f"msgid {_quoted(one)}"]
    lines += [f"msgid_plural {_quoted(many)}", 'msgstr[0] ""', 'msgstr[1] ""'] if many else ['msgstr ""']
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else TEMPLATE
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(template(texts()), encoding="utf-8")
