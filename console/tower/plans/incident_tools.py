"""The incident plan's tools: lookups over log, metrics and deploys, and those that act, on the business database.

What a step puts at stake is reckoned here once more before it is done: whoever proposed it gated it by that figure.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

from console.domain.canonical import Json
from console.tower import business
from console.tower.plans import traffic
from console.tower.plans.incident_figures import measured, sales
from console.tower.plans.source import Row, read
from console.tower.staff import ToolUse


class NoAnswer(Exception):
    """A system does not answer, and it is known until when."""


class Understated(Exception):
    """More is at stake than was said when it was decided."""


# Lookups


def read_alert(use: ToolUse) -> dict[str, Json]:
    """An alert: when it came, and where the trouble was seen."""
    return dict(_alert(use))


def read_log(use: ToolUse) -> dict[str, Json]:
    """The log of an area in the forty minutes before an alert."""
    rows = _area_rows(use, "log")
    return {"rows": [dict(row) for row in rows], "count": len(rows)}


def read_metrics(use: ToolUse) -> dict[str, Json]:
    """The counters of an area by minute and host. Raises :class:`NoAnswer` while they are out."""
    _be_on(use, "metrics", "The metrics of {area} do not answer until {until:%H:%M:%S} UTC.")
    rows = _area_rows(use, "metrics")
    return {"rows": [dict(row) for row in rows], "count": len(rows)}


def list_deploys(use: ToolUse) -> dict[str, Json]:
    """The versions that came to an area's services."""
    rows = _area_rows(use, "deploys")
    return {"deploys": [dict(row) for row in rows], "count": len(rows)}


def list_services(use: ToolUse) -> dict[str, Json]:
    """The services of an area: owner, tier, how many hosts, whom they call, what a request sells."""
    rows = traffic.services(str(use.arguments["area"]))
    return {"services": [dict(row) for row in rows], "count": len(rows)}


# Tools that act


def restart(use: ToolUse) -> dict[str, Json]:
    """Start a host of a service anew. Raises :class:`Understated`."""
    host = str(use.arguments["host"])
    counts = _figures(use)["host_counts"]
    if not isinstance(counts, dict) or host not in counts:
        raise LookupError(f"{use.arguments['service']} has no host {host}")
    _check(use, int(str(counts[host])))
    return _done(use, "restart", host)


def roll_back(use: ToolUse) -> dict[str, Json]:
    """Put a service back to its version before. Raises :class:`NoAnswer` and :class:`Understated`."""
    _be_on(use, "deploys", "Deployments of {area} are closed until {until:%H:%M:%S} UTC.")
    version = str(use.arguments["version"])
    rows = [row for row in _area_rows(use, "deploys") if row["service"] == use.arguments["service"]]
    if version not in {row["before"] for row in rows}:
        raise LookupError(f"{use.arguments['service']} never ran {version}")
    _check(use, int(str(_figures(use)["count"])))
    return _done(use, "roll back", version)


def scale(use: ToolUse) -> dict[str, Json]:
    """Run a service on another number of hosts."""
    if traffic.service(str(use.arguments["service"]))["area"] != use.arguments["area"]:
        raise LookupError(f"{use.arguments['service']} does not belong to {use.arguments['area']}")
    return _done(use, "scale", str(use.arguments["hosts"]))


def publish(use: ToolUse) -> dict[str, Json]:
    """Put a status update on the public page."""
    return _told(use, "public")


def note(use: ToolUse) -> dict[str, Json]:
    """Put a status update where colleagues read it."""
    return _told(use, "internal")


def _told(use: ToolUse, audience: str) -> dict[str, Json]:
    values = (str(use.arguments[name]) for name in ("severity", "text"))
    row = (use.effect_id, str(use.arguments["alert"]), audience, *values, use.at.isoformat())
    use.db.execute("INSERT INTO status_updates VALUES (?, ?, ?, ?, ?, ?)", row)
    return {"audience": audience, "severity": str(use.arguments["severity"])}


def _done(use: ToolUse, action: str, target: str) -> dict[str, Json]:
    service = str(use.arguments["service"])
    row = (use.effect_id, str(use.arguments["alert"]), service, action, target, use.at.isoformat())
    use.db.execute("INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?)", row)
    return {"service": service, "action": action, "target": target}


def _check(use: ToolUse, requests: int) -> None:
    stake = sales(requests, traffic.service(str(use.arguments["service"]))["sales"])
    if Decimal(str(use.arguments["at_stake"])) < stake:
        raise Understated(f"€{stake} a minute are at stake, not €{use.arguments['at_stake']}.")


def _figures(use: ToolUse) -> dict[str, Json]:
    service = str(use.arguments["service"])
    rows = [row for row in _area_rows(use, "log") if row["service"] == service]
    return measured(rows, datetime.fromisoformat(_alert(use)["at"]))[service]


def _be_on(use: ToolUse, system: str, words: str) -> None:
    for row in read(_folder(use) / "outages.csv"):
        if row["system"] == system:
            name = f"{system}/{use.arguments['alert']}"
            if until := business.out_until(use.db, name, use.at, float(row["seconds"])):
                raise NoAnswer(words.format(area=use.arguments["area"], until=until))


def _area_rows(use: ToolUse, table: str) -> list[Row]:
    names = {row["service"] for row in traffic.services(str(use.arguments["area"]))}
    return [row for row in read(_folder(use) / f"{table}.csv") if row["service"] in names]


def _alert(use: ToolUse) -> Row:
    return read(_folder(use) / "alert.csv")[0]


def _folder(use: ToolUse) -> Path:
    return traffic.ensure(use.data, use.seed, str(use.arguments["alert"]))
