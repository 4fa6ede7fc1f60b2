"""Month-end close: match a company's book of its bank account with the bank's statement, and post what is missing.

Every amount is recomputed from the lines; the checker works from the balances, not from the proposer's sums. Entries
are signed as they change the bank account (1200).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from console.domain.canonical import Json
from console.domain.escalation import Change, Target, TargetKind
from console.domain.risk import Risk
from console.tower.desk import Desk, dicts
from console.tower.messages import Proposed, Question
from console.tower.plan import AgentSpec, Budgets, FailurePolicy, Gate, Plan, StepSpec, ToolSpec
from console.tower.plans import close_tools
from console.tower.plans.source import money, shipped
from console.tower.policy import Clause, Policy, euros
from console.tower.schemas import LINE, TEXT, form
from console.tower.staff import Report, StaffedPlan

NAME = "month-end-close"
BANK = "1200"
COUNTER = {"charges": "4970", "interest": "2650", "discount": "4730", "booked twice": "1600"}
RECEIVABLES = "1400"
DISCOUNT = Decimal("0.03")
DISCOUNT_DAYS = 14
DAYS = 3
Line = dict[str, Json]


async def read_book(desk: Desk) -> Report:
    """How the book stands."""
    found = await _lines(desk, "ledger.lines", "The book has {count} lines and closes at €{closing}")
    return Report(patch={"book": _standing(found)}, confidence=0.99)


async def read_bank(desk: Desk) -> Report:
    """How the statement stands."""
    found = await _lines(desk, "bank.lines", "The statement has {count} lines and closes at €{closing}")
    return Report(patch={"statement": _standing(found)}, confidence=0.99)


async def match(desk: Desk) -> Report:
    """Which lines agree, by reference or else by amount and date, and what is left."""
    desk.prompt("Match both ledgers line by line. Name every line that has no counterpart, and why.")
    book = dicts((await _lines(desk, "ledger.lines", ""))["rows"])
    bank = dicts((await _lines(desk, "bank.lines", ""))["rows"])
    by_reference, differences, book, bank = _by_reference(book, bank)
    by_amount, book, bank = _by_amount(book, bank)
    differences += [_unbooked(line) for line in bank]
    outstanding = sum((_amount(line) for line in book), Decimal(0))
    total = by_reference + by_amount
    confidence = round(1 - by_amount / max(1, total), 2)
    caveats = tuple(
        text
        for text, is_so in (
            (f"{by_amount} payments were matched by amount and date only.", by_amount > 0),
            (f"{len(book)} payments under way, {euros(outstanding)}, are not on the statement yet.", bool(book)),
            *((_late(one), int(str(one.get("days", 0))) > DISCOUNT_DAYS) for one in differences),
        )
        if is_so
    )
    text = ", ".join(f"{one['kind']} {one['amount']}" for one in differences)
    desk.reason(f"{total:,} lines agree, {len(differences)} need an entry", text, matters=True)
    desk.respond(f"{len(differences)} differences.")
    found: dict[str, Json] = {
        "matched": total,
        "by_amount": by_amount,
        "differences": differences,
        "outstanding": money(outstanding),
    }
    return Report(patch={"match": found}, confidence=confidence, caveats=caveats)


async def propose(desk: Desk) -> Report:
    """Entries for the differences; a payment of unknown purpose is asked about.

    It looks at the differences and not at what was said about them, until somebody sends the work back with a word.
    """
    found = dicts(desk.fact("match")["differences"])
    answer = desk.fact("account_answer") if "account_answer" in desk.state else {}
    desk.prompt(
        f"Propose entries that close {len(found)} differences. Book nothing without evidence. {desk.note}".strip()
    )
    questions: tuple[str, ...] = ()
    if "check" in desk.state:
        missing = str(desk.fact("check")["difference"])
        near = [one["reference"] for one in found if abs(_amount(one)) == abs(Decimal(missing))]
        text = f"The lines near it: {near}" if near else "No line, alone or in pairs, has this amount."
        desk.reason(f"The checker misses €{missing}", text, matters=True)
        questions = (f"What are €{missing} on the statement that no line explains?",)
    owed = [one for one in found if _is_owed(desk, one)] if desk.note else []
    entries: list[Line] = []
    for one in found:
        counter = COUNTER.get(str(one["kind"])) or str(answer.get("account", ""))
        counter = RECEIVABLES if one in owed else counter
        if not counter:
            return _ask(desk, one)
        entries.append(
            {
                "account": BANK,
                "counter": counter,
                "amount": str(one["amount"]),
                "reference": str(one["reference"]) or "none",
                "text": f"{one['kind']}, {one['partner']}",
            }
        )
    desk.respond(f"{len(entries)} entries.")
    return Report(patch={"entries": entries}, confidence=0.9, open_questions=questions)


async def check(desk: Desk) -> Report:
    """Whether book, entries and payments under way lead to the bank's balance; if not, back to the proposer."""
    closing = Decimal(str(desk.fact("book")["closing"]))
    added = sum((_amount(one) for one in dicts(desk.state["entries"])), Decimal(0))
    outstanding = Decimal(str(desk.fact("match")["outstanding"]))
    stated = Decimal(str(desk.fact("statement")["closing"]))
    difference = stated - (closing + added - outstanding)
    desk.prompt(" ".join(("Recompute the balance from both ledgers. Known:", *desk.caveats, *desk.open_questions)))
    text = f"{closing} in the book, {added} by entries, {outstanding} under way; the bank says {stated}."
    desk.reason("The balances agree" if not difference else f"{euros(difference)} are missing", text, matters=True)
    desk.respond("Agreed." if not difference else "Back to the proposer.")
    patch: dict[str, Json] = {"check": {"difference": money(difference), "closing": money(closing + added)}}
    return Report(patch=patch, confidence=0.97, back_to="propose" if difference else "")


async def post(desk: Desk) -> Report:
    """Propose to post the entries, all of them at once."""
    company, period = str(desk.parameters["company"]), str(desk.parameters["period"])
    entries = dicts(desk.state["entries"])
    if not entries:
        return Report(patch={"posting": {"outcome": "none"}}, confidence=0.99)
    total = sum((abs(_amount(one)) for one in entries), Decimal(0))
    closing = Decimal(str(desk.fact("book")["closing"]))
    after = closing + sum((_amount(one) for one in entries), Decimal(0))
    gap = Decimal(str(desk.fact("statement")["closing"])) + Decimal(str(desk.fact("match")["outstanding"]))
    desk.prompt(" ".join((f"Post {len(entries)} entries to {company}.", *desk.caveats, *desk.open_questions)))
    desk.respond(f"{len(entries)} entries over {euros(total)}.")
    changes = (
        Change(f"{company}, account {BANK}", euros(closing), euros(after)),
        Change("Difference to the bank", euros(gap - closing), euros(gap - after)),
        *(Change(f"{one['counter']} {_account(str(one['counter']))}", "", euros(-_amount(one))) for one in entries[:8]),
    )
    arguments: dict[str, Json] = {"company": company, "period": period, "entries": entries}
    noun = "entry" if len(entries) == 1 else "entries"
    summary = f"Post {len(entries)} {noun}, {euros(total)} to {company}"
    return Report(proposals=(Proposed("ledger.post", arguments, summary, changes, money(total)),), confidence=0.94)


async def report(desk: Desk) -> Report:
    """File what was done, with what those before warned of."""
    company, period = str(desk.parameters["company"]), str(desk.parameters["period"])
    matched, posting = desk.fact("match")["matched"], desk.fact("posting")
    lines = [f"{matched} lines agree. Posting: {posting.get('outcome')}.", *desk.caveats, *desk.open_questions]
    desk.prompt("Write the report of the close.")
    desk.respond(" ".join(lines))
    subject = f"Close of {company}, {period}"
    arguments: dict[str, Json] = {"company": company, "subject": subject, "body": "\n".join(lines)}
    return Report(proposals=(Proposed("reports.file", arguments, f"File the report of {company}, {period}"),))


async def _lines(desk: Desk, tool: str, says: str) -> dict[str, Json]:
    return await desk.look_up(tool, says=says, company=desk.parameters["company"], period=desk.parameters["period"])


def _standing(found: dict[str, Json]) -> dict[str, Json]:
    return {name: found[name] for name in ("count", "opening", "closing")}


def _amount(line: Line) -> Decimal:
    return Decimal(str(line["amount"]))


def _by_reference(book: list[Line], bank: list[Line]) -> tuple[int, list[Line], list[Line], list[Line]]:
    """How many lines agree, the differences among those that share a reference, and the rest of both."""
    stated: dict[str, list[Line]] = defaultdict(list)
    for line in bank:
        stated[str(line["reference"])].append(line)
    matched, differences, rest = 0, list[Line](), list[Line]()
    seen: dict[str, Line] = {}
    for line in book:
        reference = str(line["reference"])
        if stated[reference]:
            other = stated[reference].pop()
            seen[reference] = line
            matched += 1
            if gap := _amount(other) - _amount(line):
                is_discount = abs(gap) <= abs(_amount(line)) * DISCOUNT
                one = _difference("discount" if is_discount else "unknown", line, gap)
                differences.append({**one, "days": _days(line, other)} if is_discount else one)
        elif reference in seen:
            differences.append(_difference("booked twice", line, -_amount(line)))
        else:
            rest.append(line)
    return matched, differences, rest, [line for lines in stated.values() for line in lines]


def _by_amount(book: list[Line], bank: list[Line]) -> tuple[int, list[Line], list[Line]]:
    """How many of the rest agree in partner and amount within three days, and what is left then."""
    unmatched = list(bank)
    rest: list[Line] = []
    for line in book:
        day = date.fromisoformat(str(line["date"]))
        for other in unmatched:
            is_same = (line["partner"], line["amount"]) == (other["partner"], other["amount"])
            if is_same and abs((date.fromisoformat(str(other["date"])) - day).days) <= DAYS:
                unmatched.remove(other)
                break
        else:
            rest.append(line)
    return len(book) - len(rest), rest, unmatched


def _difference(kind: str, line: Line, amount: Decimal) -> Line:
    return {"kind": kind, "reference": line["reference"], "partner": line["partner"], "amount": money(amount)}


def _days(line: Line, other: Line) -> int:
    return (date.fromisoformat(str(other["date"])) - date.fromisoformat(str(line["date"]))).days


def _late(one: Line) -> str:
    """What is to be known of a discount that was taken when it was granted no more."""
    took = f"{one['partner']} took {euros(abs(_amount(one)))} off {one['reference']}, {one.get('days')} days after it"
    return f"{took} was booked; a discount is granted for {DISCOUNT_DAYS}. The rest may still be owed."


def _is_owed(desk: Desk, one: Line) -> bool:
    """Whether a caveat says of a discount that it may still be owed."""
    return one["kind"] == "discount" and any(f" off {one['reference']}, " in caveat for caveat in desk.caveats)


def _unbooked(line: Line) -> Line:
    text = str(line["text"])
    kind = next((one for one in ("charges", "interest") if one in text), "unknown")
    return _difference(kind, line, _amount(line))


def _ask(desk: Desk, one: Line) -> Report:
    amount = euros(_amount(one))
    desk.respond(f"I do not know what {amount} from {one['partner']} are for.")
    numbers: list[Json] = [row["account"] for row in shipped("accounts.csv") if row["account"] != BANK]
    schema = form(account={"type": "string", "enum": numbers, "title": "Account"})
    text = f"Which account do {amount} from {one['partner']} belong to?"
    question = Question("account_answer", text, schema, {"account": "1590"})
    return Report(question=question, open_questions=(f"{amount} from {one['partner']} have no reference.",))


def _account(number: str) -> str:
    return next((row["name"] for row in shipped("accounts.csv") if row["account"] == number), number)


COMPANY: dict[str, Json] = {"type": "string", "pattern": "^[A-Z]{2}[0-9]{2}$", "title": "Company"}
PERIOD: dict[str, Json] = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "title": "Month"}
MONTH: dict[str, Json] = {"company": COMPANY, "period": PERIOD}
ENTRY = form(
    account={"type": "string", "const": BANK, "title": "Account"},
    counter={"type": "string", "pattern": "^[0-9]{4}$", "title": "Counter account"},
    amount={"type": "string", "pattern": "^-?[0-9]{1,9}[.][0-9]{2}$", "title": "Amount in euros"},
    reference={**LINE, "title": "Reference"},
    text={**LINE, "title": "Text"},
)
OWNER = "Nora Lindqvist, Accounting"
RETRIES = FailurePolicy(attempts=3, first_wait=0.5)
READS = ("ledgers/{company}/*/book", "ledgers/{company}/*/bank")


def _posting(over: str, risk: Risk, approvals: int, text: str) -> Clause:
    return Clause(
        name="posting-limit", version=3, tool="ledger.post", over=over, risk=risk, approvals=approvals, text=text
    )


def _agent(name: str, *tools: str, writes: tuple[str, ...] = ()) -> AgentSpec:
    return AgentSpec(name=name, owner=OWNER, tools=tools, reads=READS, writes=writes)


def _step(step_id: str, title: str, agent: str, **more: object) -> StepSpec:
    return StepSpec(step_id=step_id, title=title, agent=agent, time_limit=60, failure=RETRIES, **more)  # type: ignore[arg-type]


PLAN = Plan(
    name=NAME,
    version=1,
    owner=OWNER,
    agents=(
        _agent("book-agent", "ledger.lines"),
        _agent("bank-agent", "bank.lines"),
        _agent("match-agent", "ledger.lines", "bank.lines"),
        _agent("ledger-agent"),
        _agent("checker-agent"),
        _agent("posting-agent", "ledger.post", writes=("ledgers/{company}/{period}/entries",)),
        _agent("report-agent", "reports.file", writes=("reports/{company}",)),
    ),
    tools=(
        ToolSpec(name="ledger.lines", resource="ledgers/{company}/{period}/book", schema=form(**MONTH)),
        ToolSpec(name="bank.lines", resource="ledgers/{company}/{period}/bank", schema=form(**MONTH)),
        ToolSpec(
            name="ledger.post",
            resource="ledgers/{company}/{period}/entries",
            lease="ledgers/{company}/{period}",
            schema=form(**MONTH, entries={"type": "array", "items": ENTRY, "minItems": 1, "maxItems": 200}),
            acts=True,
            is_reversible=True,
            reversal="Each entry can be reversed until the period is closed.",
            amount="entries.*.amount",
            most="5000000",
            per_hour=120,
        ),
        ToolSpec(
            name="reports.file",
            resource="reports/{company}",
            schema=form(company=COMPANY, subject=LINE, body=TEXT),
            acts=True,
            is_reversible=True,
            reversal="A later report can correct it.",
        ),
    ),
    steps=(
        _step("read-book", "Read the book", "book-agent"),
        _step("read-bank", "Read the statement", "bank-agent"),
        _step("match", "Match both ledgers", "match-agent", after=("read-book", "read-bank")),
        _step("propose", "Propose entries", "ledger-agent", after=("match",)),
        _step("check", "Check the balance", "checker-agent", after=("propose",), returns_to=("propose",)),
        _step(
            "post",
            "Post the entries",
            "posting-agent",
            after=("check",),
            tools=("ledger.post",),
            gate=Gate(name="controller-approval"),
            reroute=(Target(TargetKind.STEP, "propose", "Propose entries again"),),
            result="posting",
        ),
        _step("report", "File the report", "report-agent", after=("post",), tools=("reports.file",), result="report"),
    ),
    policy=Policy(
        clauses=(
            _posting("", Risk.LOW, 0, "Every posting passes the controller. This is {amount}."),
            _posting("1000", Risk.MEDIUM, 1, "Over {over} a person decides. This is {amount}."),
            _posting("100000", Risk.HIGH, 1, "Over {over} a person decides, with a reason. This is {amount}."),
            _posting("1000000", Risk.CRITICAL, 2, "Over {over} two people decide. This is {amount}."),
            Clause(
                name="reports",
                tool="reports.file",
                risk=Risk.LOW,
                approvals=0,
                text="Reports are filed without asking.",
            ),
        )
    ),
    budgets=Budgets(returns=3),
)
STAFFED = StaffedPlan(
    plan=PLAN,
    agents={
        "book-agent": read_book,
        "bank-agent": read_bank,
        "match-agent": match,
        "ledger-agent": propose,
        "checker-agent": check,
        "posting-agent": post,
        "report-agent": report,
    },
    tools={
        "ledger.lines": close_tools.read_book,
        "bank.lines": close_tools.read_bank,
        "ledger.post": close_tools.post,
        "reports.file": close_tools.file_report,
    },
)
