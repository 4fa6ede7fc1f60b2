"""Incident response as a plan: who may read and do what, which step weighs what, and who staffs it."""

from __future__ import annotations

from console.domain.canonical import Json
from console.domain.escalation import Target, TargetKind
from console.domain.risk import Risk
from console.tower.plan import AgentSpec, Budgets, FailurePolicy, OnReject, Plan, StepSpec, ToolSpec
from console.tower.plans import incident, incident_tools
from console.tower.policy import Clause, Policy
from console.tower.schemas import form
from console.tower.staff import Brief, StaffedPlan

NAME = "incident-response"
OWNER = "Mika Salonen, Site reliability"
NAME_OF: dict[str, Json] = {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,39}$"}
ALERT: dict[str, Json] = {"type": "string", "pattern": "^A-[0-9]{1,9}$", "title": "Alert"}
AREA: dict[str, Json] = {**NAME_OF, "title": "Area"}
SERVICE: dict[str, Json] = {**NAME_OF, "title": "Service"}
STAKE: dict[str, Json] = {"type": "string", "pattern": "^[0-9]{1,7}[.][0-9]{2}$", "title": "Sales a minute in euros"}
SEVERITY: dict[str, Json] = {"type": "string", "enum": ["SEV1", "SEV2", "SEV3", "none"], "title": "Severity"}
WORDS: dict[str, Json] = {"type": "string", "minLength": 1, "maxLength": 600, "title": "Text"}
WHERE: dict[str, Json] = {"alert": ALERT, "area": AREA}
RETRIES = FailurePolicy(attempts=3, first_wait=0.5)
RESTART, ROLL_BACK, SCALE = "services.restart", "services.roll_back", "services.scale"
STEPS_TAKEN = (RESTART, ROLL_BACK, SCALE)


def _clause(name: str, tool: str, over: str, risk: Risk, text: str) -> Clause:
    approvals = {Risk.LOW: 0, Risk.CRITICAL: 2}.get(risk, 1)
    return Clause(name=name, version=2, tool=tool, over=over, risk=risk, approvals=approvals, text=text)


def _at_stake(tool: str) -> tuple[Clause, ...]:
    name = "sales-at-stake"
    return (
        _clause(name, tool, "", Risk.LOW, "Little passes through it: {amount} of sales a minute."),
        _clause(name, tool, "25", Risk.MEDIUM, "Over {over} of sales a minute a person decides. This is {amount}."),
        _clause(name, tool, "100", Risk.HIGH, "Over {over} a minute a person decides, and says why. This is {amount}."),
        _clause(name, tool, "700", Risk.CRITICAL, "Over {over} of sales a minute two people decide. This is {amount}."),
    )


POLICY = Policy(
    clauses=(
        *_at_stake(RESTART),
        *_at_stake(ROLL_BACK),
        _clause("hosts", SCALE, "", Risk.LOW, "Up to 12 hosts of a service are added without asking."),
        _clause("hosts", SCALE, "12", Risk.MEDIUM, "More than 12 hosts of a service are a person's to grant."),
        _clause("public-words", "status.publish", "", Risk.MEDIUM, "What the public reads, a person reads first."),
        _clause("notes", "status.note", "", Risk.LOW, "Colleagues are told without asking."),
    ),
    due_minutes=(240, 45, 20, 10),
)


def _acting(
    name: str, resource: str, reversal: str, *, is_reversible: bool, amount: str = "", **args: Json
) -> ToolSpec:
    return ToolSpec(
        name=name,
        resource=resource,
        schema=form(**WHERE, **args),
        acts=True,
        is_reversible=is_reversible,
        reversal=reversal,
        amount=amount,
        per_hour=120,
    )


TOOLS = (
    ToolSpec(name="alerts.read", resource="alerts/{alert}", schema=form(alert=ALERT)),
    ToolSpec(name="logs.read", resource="areas/{area}/log", schema=form(**WHERE)),
    ToolSpec(name="metrics.read", resource="areas/{area}/metrics", schema=form(**WHERE)),
    ToolSpec(name="deploys.list", resource="areas/{area}/deploys", schema=form(**WHERE)),
    ToolSpec(name="services.list", resource="areas/{area}/services", schema=form(area=AREA)),
    _acting(
        RESTART,
        "areas/{area}/{service}/hosts",
        "A restart cannot be taken back; what the host was doing is lost.",
        is_reversible=False,
        amount="at_stake",
        service=SERVICE,
        host={**NAME_OF, "title": "Host"},
        at_stake=STAKE,
    ),
    _acting(
        ROLL_BACK,
        "areas/{area}/{service}/version",
        "The newer version can be deployed again.",
        is_reversible=True,
        amount="at_stake",
        service=SERVICE,
        version={"type": "string", "pattern": "^[0-9]{1,4}[.][0-9]{1,4}[.][0-9]{1,4}$", "title": "Back to version"},
        at_stake=STAKE,
    ),
    _acting(
        SCALE,
        "areas/{area}/{service}/size",
        "The hosts can be taken away again.",
        is_reversible=True,
        amount="hosts",
        service=SERVICE,
        hosts={"type": "integer", "minimum": 1, "maximum": incident.MOST_HOSTS, "title": "Hosts"},
    ),
    _acting(
        "status.publish",
        "areas/{area}/status/public",
        "A later update can correct it; what was read was read.",
        is_reversible=False,
        severity=SEVERITY,
        text=WORDS,
    ),
    _acting(
        "status.note",
        "areas/{area}/status/internal",
        "A later note can correct it.",
        is_reversible=True,
        severity=SEVERITY,
        text=WORDS,
    ),
)


def _agent(name: str, *tools: str, owner: str = OWNER) -> AgentSpec:
    """An agent that reads and writes in the area of its alert alone."""
    reads = ("alerts/{alert}", "areas/{area}/*")
    writes = ("areas/{area}/*/*",) if any(tool in STEPS_TAKEN or tool.startswith("status.") for tool in tools) else ()
    return AgentSpec(name=name, owner=owner, tools=tools, reads=reads, writes=writes)


def _step(step_id: str, title: str, agent: str, **more: object) -> StepSpec:
    return StepSpec(step_id=step_id, title=title, agent=agent, time_limit=45, failure=RETRIES, **more)  # type: ignore[arg-type]


PLAN = Plan(
    name=NAME,
    version=1,
    owner=OWNER,
    agents=(
        _agent("log-agent", "alerts.read", "logs.read"),
        _agent("metrics-agent", "metrics.read"),
        _agent("diagnosis-agent", "services.list", "deploys.list"),
        _agent("counter-agent"),
        _agent("runbook-agent", "services.list", "deploys.list", *STEPS_TAKEN),
        _agent("lead-agent", "services.list", "deploys.list", *STEPS_TAKEN),
        _agent("status-agent", "status.publish", "status.note", owner="Ada Fournier, Communications"),
    ),
    tools=TOOLS,
    steps=(
        _step("read-log", "Measure the log", "log-agent"),
        _step("read-metrics", "Read the counters", "metrics-agent"),
        _step("diagnose", "Find the service at fault", "diagnosis-agent", after=("read-log", "read-metrics")),
        _step("check", "Check against the counters", "counter-agent", after=("diagnose",), returns_to=("diagnose",)),
        _step(
            "mitigate",
            "Take a step of the runbook",
            "runbook-agent",
            after=("check",),
            tools=STEPS_TAKEN,
            on_reject=OnReject.CONTINUE,
            result="step",
            reroute=(
                Target(TargetKind.AGENT, "lead-agent", "Incident lead"),
                Target(TargetKind.STEP, "diagnose", "Find the service at fault again"),
            ),
        ),
        _step(
            "announce",
            "Tell those who are affected",
            "status-agent",
            after=("mitigate",),
            tools=("status.publish", "status.note"),
            on_reject=OnReject.CONTINUE,
            result="told",
        ),
    ),
    policy=POLICY,
    budgets=Budgets(returns=2),
)
MITIGATE = (
    "A service is out of order; the state holds its diagnosis, the figures of its area and the counters of its hosts. "
    "Propose one step of the runbook for it: restart a host where one host alone fails, roll back where a new version "
    "came just before, scale where the load outgrew the hosts. at_stake is requests in the last ten minutes (of the "
    "host, or of the service) times the sales of one request, divided by ten, with two decimals. Propose nothing where "
    "no step fits."
)
STAFFED = StaffedPlan(
    plan=PLAN,
    agents={
        "log-agent": incident.read_log,
        "metrics-agent": incident.read_metrics,
        "diagnosis-agent": incident.diagnose,
        "counter-agent": incident.check,
        "runbook-agent": incident.mitigate,
        "lead-agent": incident.lead,
        "status-agent": incident.announce,
    },
    tools={
        "alerts.read": incident_tools.read_alert,
        "logs.read": incident_tools.read_log,
        "metrics.read": incident_tools.read_metrics,
        "deploys.list": incident_tools.list_deploys,
        "services.list": incident_tools.list_services,
        RESTART: incident_tools.restart,
        ROLL_BACK: incident_tools.roll_back,
        SCALE: incident_tools.scale,
        "status.publish": incident_tools.publish,
        "status.note": incident_tools.note,
    },
    briefs={
        name: Brief(instructions=MITIGATE, changes=incident.changes, named_by="service")
        for name in ("runbook-agent", "lead-agent")
    },
)
