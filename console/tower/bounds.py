"""What an agent may do: grant, data scope, argument schema and limits, as pure checks over data.

Invariant: whoever asks, the run before it bothers a person or the executor before it acts, gets the same answer. A
resource is computed from the arguments by the tool's own template, never taken from whoever proposes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fnmatch import fnmatchcase

from console.domain.canonical import Json
from console.tower.plan import AgentSpec, ToolSpec
from console.tower.policy import amount_of, euros
from console.tower.schemas import errors

PATTERN = re.compile(r"[*?[]")


def resource_of(tool: ToolSpec, arguments: Mapping[str, Json]) -> str:
    """The resource that a call touches. Raises :class:`ValueError` where an argument that names it is missing."""
    return _filled(tool.resource, {name: str(value) for name, value in arguments.items()}, tool.name)


def lease_of(tool: ToolSpec, arguments: Mapping[str, Json]) -> str:
    """The name under which a call needs its resource for itself; empty where it may be shared, or an argument lacks."""
    try:
        return _filled(tool.lease, {name: str(value) for name, value in arguments.items()}, tool.name)
    except ValueError:
        return ""


def argument_errors(tool: ToolSpec, arguments: dict[str, Json]) -> tuple[str, ...]:
    """What the tool's schema finds wrong."""
    return errors(tool.schema, arguments)


def breaches(
    agent: AgentSpec, tool: ToolSpec, arguments: dict[str, Json], parameters: Mapping[str, Json]
) -> tuple[str, ...]:
    """How a call leaves the agent's bounds, in words; empty when it stays inside. Arguments fit their schema.

    Raises :class:`ValueError` where a parameter or argument that names a resource is missing, or is no amount.
    """
    if tool.name not in agent.tools:
        return (f"{agent.name} is not granted {tool.name}.",)
    found: list[str] = []
    resource = resource_of(tool, arguments)
    filled = scope(agent, parameters, acts=tool.acts)
    if not any(_covers(pattern, resource) for pattern in filled):
        may = "write" if tool.acts else "read"
        allowed = ", ".join(filled) or "nothing"
        found.append(f"{resource} is outside what {agent.name} may {may} ({allowed}).")
    amount = amount_of(tool.amount, arguments)
    if tool.most and amount is not None and amount > Decimal(tool.most):
        found.append(f"{euros(amount)} is over the limit of {tool.name}, {euros(Decimal(tool.most))}.")
    return tuple(found)


def scope(agent: AgentSpec, parameters: Mapping[str, Json], *, acts: bool) -> tuple[str, ...]:
    """The patterns of what an agent may write (or only read) in a run. Raises :class:`ValueError` as above."""
    # A parameter stands for itself: a star in one is no pattern.
    values = {name: PATTERN.sub(r"[\g<0>]", str(value)) for name, value in parameters.items()}
    return tuple(_filled(pattern, values, agent.name) for pattern in (agent.writes if acts else agent.reads))


def redacted(tool: ToolSpec, arguments: Mapping[str, Json]) -> dict[str, Json]:
    """Arguments as logs and trails may hold them: of a secret only the last four characters."""
    return {
        name: f"···· {value[-4:]}" if name in tool.secret and isinstance(value, str) else value
        for name, value in arguments.items()
    }


def _filled(template: str, values: Mapping[str, str], whose: str) -> str:
    try:
        return template.format_map(values)
    except KeyError as error:
        raise ValueError(f"{whose} needs {error.args[0]!r} to know what it touches") from None


def _covers(pattern: str, resource: str) -> bool:
    """Part by part, so that a star never reaches over a slash that an argument smuggled in."""
    wanted, given = pattern.split("/"), resource.split("/")
    return len(wanted) == len(given) and all(fnmatchcase(g, w) for w, g in zip(wanted, given, strict=True))
