"""Where the files that ship with the product are: fonts, icons.

Invariant: answers with an existing folder or fails at once, naming what it looked for. In a checkout the folder lies
beside the package, in an installed or bundled product inside it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


@cache
def resource(name: str) -> Path:
    """Return the shipped folder `name`.

    Raises FileNotFoundError when the product is incomplete.
    """
    candidates = (PACKAGE / "resources" / name, PACKAGE.parent / "resources" / name)
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"resources/{name} is missing from this installation")
