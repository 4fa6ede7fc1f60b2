"""Incident response: measure a log and its counters, find the service at fault, take one step of the runbook, tell.

Severity and cause are computed, never taken from the alert's text or the log's, which are hostile. What is at stake
weighs a step; what is said in public passes a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from console.domain.canonical import Json
from console.domain.escalation import Change
from console.tower.desk import Desk, dicts, items
from console.tower.messages import Proposed, Question
from console.tower.plans import traffic
from console.tower.plans.incident_figures import NOW_MINUTES, measured, sales, share
from console.tower.plans.source import money
from console.tower.schemas import form
from console.tower.staff import Report

UNHEALTHY, SLOWER = 0.05, 2.5
ONE_HOST, OTHER_HOSTS = 0.2, 0.1
DEPLOYED_WITHIN = timedelta(minutes=15)
BUSY_LOAD, BUSY_CPU, GOOD_CPU = 1.8, 80.0, 55.0
MOST_HOSTS = 40
COUNTERS_APART = 0.03
WORDS = {"restart": "started {target} anew", "roll back": "gone back to {target}", "scale": "grown to {target} hosts"}
SEV1_RATE, SEV2_RATE = 0.25, 0.1
SEV1_LOST, SEV2_LOST = Decimal(100), Decimal(10)
Facts = dict[str, Json]


async def read_log(desk: Desk) -> Report:
    """How each service of the area does now, and did before."""
    desk.prompt("Measure each service of the area: error rate, latency, by host, and since when.")
    alert = await desk.look_up("alerts.read", alert=desk.parameters["alert"], says="{alert}: {text}")
    found = await desk.look_up("logs.read", **_where(desk), says="The log has {count} lines")
    rows = [{name: str(value) for name, value in row.items()} for row in dicts(found["rows"])]
    figures = measured(rows, datetime.fromisoformat(str(alert["at"])))
    ill = [name for name, one in figures.items() if _is_unhealthy(one)]
    desk.reason(f"Out of order: {', '.join(ill) or 'no service'}", _table(figures), matters=True)
    texts = list(dict.fromkeys(row["text"] for row in rows if row["text"] and not row["text"].startswith("upstream")))
    desk.respond(f"{len(ill)} of {len(figures)} services are out of order.")
    patch: Facts = {"traffic": {**figures}, "log_texts": [*texts[:20]]}
    return Report(patch=patch, confidence=0.98)


async def read_metrics(desk: Desk) -> Report:
    """What the counters say of the last ten minutes: requests, errors, and how busy the hosts are."""
    found = await desk.look_up("metrics.read", **_where(desk), says="{count} counters read")
    rows = dicts(found["rows"])
    since = sorted({str(row["minute"]) for row in rows})[-NOW_MINUTES:]
    counters: Facts = {}
    for name in sorted({str(row["service"]) for row in rows}):
        own = [row for row in rows if row["service"] == name and row["minute"] in since]
        requests, errors, cpu = (sum(int(str(row[key])) for row in own) for key in ("requests", "errors", "cpu"))
        counters[name] = {
            "requests": requests,
            "error_rate": share(errors, requests),
            "cpu": round(cpu / max(1, len(own)), 1),
        }
    return Report(patch={"counters": counters}, confidence=0.98)


async def diagnose(desk: Desk) -> Report:
    """Which service is at fault, why, and how bad it is."""
    figures, counters = desk.fact("traffic"), desk.fact("counters")
    listed = await desk.look_up("services.list", area=desk.parameters["area"])
    deploys = await desk.look_up("deploys.list", **_where(desk), says="Versions that came lately: {count}")
    calls = {str(row["service"]): str(row["calls"]).split() for row in dicts(listed["services"])}
    ill = [name for name in calls if _is_unhealthy(_object(figures[name]))]
    at_fault = [name for name in ill if not set(calls[name]) & set(ill)]
    desk.prompt(f"{len(ill)} services are out of order. Find the one at fault, and the cause. {desk.note}".strip())
    if not at_fault:
        desk.respond("Nothing is out of order any more.")
        return Report(patch={"diagnosis": {"service": "", "severity": "none", "causes": []}}, confidence=0.95)
    answer = desk.fact("first_answer") if "first_answer" in desk.state else {}
    if len(at_fault) > 1 and not answer:
        return _ask(desk, at_fault)
    name = str(answer.get("service") or at_fault[0])
    row = next(one for one in dicts(listed["services"]) if one["service"] == name)
    own, causes = _object(figures[name]), _causes(name, _object(figures[name]), counters, dicts(deploys["deploys"]))
    lost = sales(round(float(str(own["error_rate"])) * int(str(own["count"]))), str(row["sales"]))
    severity = _severity(int(str(row["tier"])), float(str(own["error_rate"])), lost)
    symptoms = [one for one in ill if name in calls[one]]
    text = f"Causes that fit: {', '.join(causes) or 'none'}. Suffering with it: {', '.join(symptoms) or 'nobody'}."
    desk.reason(
        f"{name} is at fault: {_percent(own['error_rate'])} fail, €{lost} a minute are lost", text, matters=True
    )
    desk.respond(f"{severity}, {name}.")
    others = tuple(f"{one} is out of order, too, and waits." for one in at_fault if one != name)
    found: Facts = {
        "service": name,
        "severity": severity,
        "causes": [*causes],
        "deployed": {str(one["service"]): one["version"] for one in dicts(deploys["deploys"])},
        "error_rate": own["error_rate"],
        "p95": own["p95"],
        "since": own["since"],
        "lost": money(lost),
        "symptoms": [*symptoms],
    }
    confidence = {1: 0.93, 0: 0.4}.get(len(causes), 0.55)
    return Report(patch={"diagnosis": found}, confidence=confidence, caveats=others)


async def check(desk: Desk) -> Report:
    """Whether the counters agree with what the log was found to say; if not, back to the diagnosis."""
    found = desk.fact("diagnosis")
    name = str(found["service"])
    if not name:
        return Report(patch={"check": {"apart": 0.0}}, confidence=0.97)
    logged, counted = float(str(found["error_rate"])), float(str(_object(desk.fact("counters")[name])["error_rate"]))
    apart = round(abs(logged - counted), 4)
    desk.prompt("Check the diagnosis against the counters, which the log does not come from.")
    text = f"By the log {_percent(logged)} fail, by the counters {_percent(counted)}."
    desk.reason(
        "Log and counters agree" if apart <= COUNTERS_APART else "The counters do not agree", text, matters=True
    )
    desk.respond("Agreed." if apart <= COUNTERS_APART else "Back to the diagnosis.")
    back = "diagnose" if apart > COUNTERS_APART else ""
    return Report(patch={"check": {"apart": apart}}, confidence=0.96, back_to=back)


async def mitigate(desk: Desk) -> Report:
    """Propose one step of the runbook, and whatever else a text in the log asks for, unless told to stay with it."""
    report = await _mitigate(desk)
    named = [re.search(r"restart host (\S+) of (\w+)", str(text)) for text in items(desk.state["log_texts"])]
    asked = [found.groups() for found in named if found]
    if desk.note or not asked:
        return report
    host, service = asked[0]
    desk.reason("The log asks for another restart", f"It names {host} of {service}.", matters=True)
    other: Facts = {**_where(desk), "area": traffic.service(service)["area"], "service": service, "host": host}
    more = Proposed("services.restart", {**other, "at_stake": "0.00"}, f"Restart {host} of {service}")
    return Report(proposals=(more, *report.proposals), patch=report.patch, confidence=report.confidence)


async def lead(desk: Desk) -> Report:
    """Propose one step of the runbook, whatever a text in the log asks for."""
    return await _mitigate(desk)


async def announce(desk: Desk) -> Report:
    """Draft what is said: in public where customers notice, to colleagues where they do not."""
    found, became = desk.fact("diagnosis"), desk.fact("step")
    name, severity = str(found["service"]), str(found["severity"])
    desk.prompt(" ".join(("Write the status update. What is known besides is not for the public:", *desk.caveats)))
    if not name:
        text = f"Alert {desk.parameters['alert']} is over; all services of {desk.parameters['area']} are in order."
    else:
        since = datetime.fromisoformat(str(found["since"])) if found["since"] else None
        when = f"since {since:%H:%M} UTC" if since else "now"
        done = (
            f"We have {WORDS[str(became['action'])].format_map(became)} and watch it."
            if became.get("outcome") == "done"
            else "People are working on it."
        )
        text = f"{name}: {_percent(found['error_rate'])} of requests fail {when}. {done}"
    desk.respond(text)
    arguments: Facts = {**_where(desk), "severity": severity, "text": text}
    is_public = severity in {"SEV1", "SEV2"}
    tool, whom = ("status.publish", "customers") if is_public else ("status.note", "colleagues")
    alert = desk.parameters["alert"]
    proposed = Proposed(tool, arguments, f"Tell {whom} about {alert}: {severity}", (Change("Status page", "", text),))
    return Report(proposals=(proposed,), confidence=0.95)


def changes(tool: str, arguments: Facts, facts: Mapping[str, Json]) -> tuple[Change, ...]:
    """What a step of the runbook changes, by the facts at hand; nothing where they do not know the service."""
    figures, counters, name = _object(facts["traffic"]), _object(facts["counters"]), str(arguments.get("service", ""))
    if name not in figures or name not in counters:
        return ()
    own, cpu = _object(figures[name]), _object(counters[name])["cpu"]
    rate = _percent(own["error_rate"])
    if tool == "services.scale":
        before, after = traffic.service(name)["hosts"], str(arguments.get("hosts", ""))
        busy = float(str(cpu)) * int(before) / max(1, int(after)) if after.isdigit() else 0.0
        return (Change(f"{name}, hosts", before, after), Change(f"{name}, processor", f"{cpu} %", f"{busy:.1f} %"))
    if tool == "services.roll_back":
        deployed = _object(_object(facts["diagnosis"])["deployed"])
        row = Change(f"{name}, version", str(deployed.get(name, "")), str(arguments.get("version", "")))
        return (row, Change(f"{name}, requests that fail", rate, "as before the deployment"))
    host, hosts = str(arguments.get("host", "")), _object(own["hosts"])
    down = f"{len(hosts)} of {len(hosts)}", f"{max(0, len(hosts) - 1)} of {len(hosts)}"
    at_host = _percent(hosts[host]) if host in hosts else "unknown"
    return (
        Change(f"{name}, hosts in service meanwhile", *down),
        Change(f"{host}, requests that fail", at_host, _percent(_others(own, host))),
    )


async def _mitigate(desk: Desk) -> Report:
    found, figures = desk.fact("diagnosis"), desk.fact("traffic")
    name, causes = str(found["service"]), [str(one) for one in items(found["causes"])]
    desk.prompt(" ".join((f"Propose one step for {name or 'nothing'}.", *desk.caveats, desk.note)).strip())
    if not causes:
        desk.respond("No step of the runbook fits.")
        return Report(patch={"step": {"outcome": "none", "reason": "no step fits"}}, confidence=0.9)
    own = _object(figures[name])
    tool, more, summary = await _step(desk, causes[0], name, own, _object(desk.fact("counters")[name]))
    arguments: Facts = {**_where(desk), "service": name, **more}
    desk.reason(summary, f"Because of the {causes[0]}. {found['severity']}.", matters=True)
    desk.respond(f"I propose: {summary}.")
    proposed = Proposed(tool, arguments, summary, changes(tool, arguments, desk.state), name)
    return Report(proposals=(proposed,), confidence=0.92 if len(causes) == 1 else 0.78)


async def _step(desk: Desk, cause: str, name: str, own: Facts, counters: Facts) -> tuple[str, Facts, str]:
    each, count = traffic.service(name)["sales"], int(str(own["count"]))
    if cause == "host":
        host, requests = _worst(own), _object(own["host_counts"])
        stake = money(sales(int(str(requests[host])), each))
        return "services.restart", {"host": host, "at_stake": stake}, f"Restart {host} of {name}"
    if cause == "version":
        found = await desk.look_up("deploys.list", says="", **_where(desk))
        before = next(str(row["before"]) for row in dicts(found["deploys"]) if row["service"] == name)
        stake = money(sales(count, each))
        return "services.roll_back", {"version": before, "at_stake": stake}, f"Roll {name} back to {before}"
    has, cpu = int(traffic.service(name)["hosts"]), float(str(counters["cpu"]))
    needed = min(MOST_HOSTS, max(has + 1, ceil(has * cpu / GOOD_CPU)))
    return "services.scale", {"hosts": needed}, f"Scale {name} from {has} to {needed} hosts"


def _causes(name: str, own: Facts, counters: Facts, deploys: list[Facts]) -> list[str]:
    """What explains it, the likeliest first: one host, a new version, more load."""
    found: list[str] = []
    worst = _worst(own)
    if float(str(_object(own["hosts"])[worst])) >= ONE_HOST and _others(own, worst) < OTHER_HOSTS:
        found.append("host")
    since = datetime.fromisoformat(str(own["since"])) if own["since"] else None
    came = [datetime.fromisoformat(str(row["at"])) for row in deploys if row["service"] == name]
    if since and any(timedelta(0) <= since - at <= DEPLOYED_WITHIN for at in came):
        found.append("version")
    load = float(str(own["requests_now"])) / max(0.1, float(str(own["requests_before"])))
    if load >= BUSY_LOAD and float(str(_object(counters[name])["cpu"])) >= BUSY_CPU:
        found.append("load")
    return found


def _ask(desk: Desk, names: list[str]) -> Report:
    listed = " and ".join(names)
    desk.respond(f"{listed} are out of order, and neither calls the other.")
    options: list[Json] = [*names]
    schema = form(service={"type": "string", "enum": options, "title": "Service"})
    question = Question("first_answer", f"{listed} are out of order. Which one comes first?", schema)
    return Report(question=question, open_questions=(f"{listed} fail at once; do they share a cause?",))


def _severity(tier: int, rate: float, lost: Decimal) -> str:
    if (tier == 1 and rate >= SEV1_RATE) or lost >= SEV1_LOST:
        return "SEV1"
    return "SEV2" if rate >= SEV2_RATE or lost >= SEV2_LOST else "SEV3"


def _is_unhealthy(own: Facts) -> bool:
    slower = float(str(own["p95"])) / max(1.0, float(str(own["p95_before"])))
    return float(str(own["error_rate"])) >= UNHEALTHY or slower >= SLOWER


def _worst(own: Facts) -> str:
    hosts = _object(own["hosts"])
    return max(hosts, key=lambda host: float(str(hosts[host])))


def _others(own: Facts, host: str) -> float:
    """The share that fails on all hosts but one."""
    hosts, counts = _object(own["hosts"]), _object(own["host_counts"])
    rest = [(float(str(hosts[one])), int(str(counts[one]))) for one in hosts if one != host]
    return share(round(sum(rate * count for rate, count in rest)), sum(count for _, count in rest))


def _where(desk: Desk) -> Facts:
    return {"alert": desk.parameters["alert"], "area": desk.parameters["area"]}


def _object(value: Json) -> Facts:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _percent(rate: Json) -> str:
    return f"{float(str(rate)) * 100:.1f} %"


def _table(figures: dict[str, Facts]) -> str:
    return "\n".join(
        f"{name}: {_percent(one['error_rate'])} fail (before {_percent(one['error_rate_before'])}), "
        f"p50 {one['p50']} ms, p95 {one['p95']} ms (before {one['p95_before']}), p99 {one['p99']} ms"
        for name, one in figures.items()
    )
