"""Opening the line to a server, and knowing who answers there.

A server has no identity of its own, so the first console that comes leaves one in its store; where that cannot be read
or written, the server is known by its address, and a notice says so. Opening starts and decides nothing.
"""

from __future__ import annotations

import uuid

from console.domain.canonical import sha256_hex
from console.domain.errors import Denied, RefusalCode, Refused, Uncertain
from console.engines.langgraph import errors, threads
from console.engines.langgraph.line import Clock, Line, dial
from console.engines.langgraph.settings import LangGraphSettings
from console.engines.port import Server

KIND = "langgraph"
SPACE = "clearance"
NAME = "server"
MARK = "langgraph:"
BY_ADDRESS = (
    "The server’s store cannot be used, so it is known by its address only: under another one it counts as another."
)
NO_STATE_TIME = "It does not tell when a thread’s state moved: it is no LangGraph server but one like it, partly known."
MIXED = "It runs graphs that this connection leaves out; it asks for {names} only."


async def open_line(settings: LangGraphSettings, clock: Clock) -> tuple[Line, Server]:
    """Dial, identify the server and look for what a person should know. Raises ``Unreachable`` or ``Denied``."""
    line = dial(settings, clock)
    try:
        info = threads.node(await _info(line))
        # What needs the key: the information above is told to everybody.
        some = threads.items_of(await line.ask("/threads/search", {"limit": 1}))
        line.identity, notices = await _identify(line)
    except BaseException:
        await line.close()
        raise
    if some and "state_updated_at" not in threads.node(some[0]):
        notices.append(NO_STATE_TIME)
    if settings.assistants:
        notices.append(MIXED.format(names=", ".join(settings.assistants)))
    if not settings.tls and not settings.is_local:
        notices.append("This connection is not encrypted.")
    version = threads.word(info.get("version")) or "of an unknown version"
    server = Server(
        identity=line.identity,
        kind=KIND,
        version=version,
        space=", ".join(settings.assistants),
        skew=line.skew,
        notices=tuple(notices),
    )
    return line, server


async def verify(line: Line) -> None:
    """See that the server answers and is still the same one. Raises ``Denied`` if another does."""
    if line.identity == _by_address(line):
        await line.get("/info")
    elif f"{MARK}{await _marked(line)}" != line.identity:
        raise Denied(
            f"Another server answers at {line.settings.address} now.",
            next_action="Check the address, or add that server as a connection of its own.",
        )


async def _info(line: Line) -> object:
    try:
        return await line.get("/info")
    except Refused as error:
        what = f"What answers at {line.settings.address} is no LangGraph server: {error.message}"
        raise Denied(what, next_action=errors.CHECK_ADDRESS) from error


async def _identify(line: Line) -> tuple[str, list[str]]:
    """The identity, and what is to be said of it."""
    try:
        known = await _marked(line)
        if not known:
            await line.change("PUT", "/store/items", {"namespace": [SPACE], "key": NAME, "value": _fresh()})
            # Read again: of two consoles that come first at a time, one is overwritten.
            known = await _marked(line)
    except (Refused, Denied, Uncertain):
        known = ""
    if known:
        return f"{MARK}{known}", []
    return _by_address(line), [BY_ADDRESS]


def _by_address(line: Line) -> str:
    return f"{MARK}{sha256_hex(line.settings.url)[:32]}"


async def _marked(line: Line) -> str:
    try:
        told = threads.node(await line.get("/store/items", namespace=SPACE, key=NAME))
    except Refused as error:
        if error.code == RefusalCode.UNKNOWN:
            return ""
        raise
    identity = threads.node(told.get("value")).get("identity")
    return identity if isinstance(identity, str) and threads.THREAD_ID.fullmatch(identity) else ""


def _fresh() -> dict[str, str]:
    return {"identity": uuid.uuid4().hex}
