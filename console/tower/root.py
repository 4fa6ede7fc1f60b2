"""The root key of a tower: whoever holds it runs the tower, and says who may enrol the others.

Invariant: the private half lies in one file of mode 0600, made at the first start, or stays with whoever runs a
cluster; then a worker is told the public half alone and opens nothing.
"""

from __future__ import annotations

import base64
import os
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from console.tower import wire
from console.tower.messages import RegistryStart
from console.verify.entries import open_log
from console.verify.registry import Registry

ROOT_FILE = "root.key"


def root_key(folder: Path) -> Ed25519PrivateKey:
    """The root key of a folder, made if there is none. Raises :class:`ValueError` for a file that holds no key."""
    path = folder / ROOT_FILE
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return read_root(path)
    private = Ed25519PrivateKey.generate()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.b64encode(private.private_bytes_raw()).decode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    return private


def read_root(path: Path) -> Ed25519PrivateKey:
    """The root key in a file. Raises :class:`ValueError` for a file that holds none, :class:`OSError` without one."""
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_text("ascii"), validate=True))
    except ValueError as error:
        raise ValueError(f"{path} holds no root key") from error


async def open_registry(
    client: Client, root: Ed25519PrivateKey, server: str, *, is_demo: bool, task_queue: str = wire.TASK_QUEUE
) -> None:
    """Start the key registry, unless one was ever started: one that was ended is not begun anew by itself."""
    empty = Registry(root=root.public_key().public_bytes_raw(), server=server)
    start = RegistryStart(entries=(open_log(empty, root, datetime.now(UTC), is_demo=is_demo),))
    try:
        await client.start_workflow(
            wire.REGISTRY_WORKFLOW,
            start,
            id=wire.REGISTRY_ID,
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary="The keys that decisions are signed with",
        )
    except WorkflowAlreadyStartedError:
        return
