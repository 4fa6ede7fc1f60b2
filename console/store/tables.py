"""The tables, as the newest migration leaves them.

Times are whole microseconds since 1970 in UTC, so that they compare exactly. What is filtered, ordered or joined by has
a column of its own; what is only shown lies in one column of JSON.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

SCHEMA_VERSION = 6

metadata = MetaData()

connections = Table(
    "connections",
    metadata,
    Column("connection_id", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("settings", Text, nullable=False),
    Column("secret_names", Text, nullable=False),
    Column("is_paused", Boolean(create_constraint=False), nullable=False),
    Column("is_demo", Boolean(create_constraint=False), nullable=False),
    Column("server", Text, nullable=False),
    Column("newest_at", BigInteger),
    Column("retention_days", Integer, nullable=False),
)

waiting = Table(
    "waiting",
    metadata,
    Column("item_id", String, primary_key=True),
    Column("connection_id", String, ForeignKey("connections.connection_id", ondelete="CASCADE"), nullable=False),
    Column("server", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("chain_id", Text, nullable=False),
    Column("native_id", Text, nullable=False),
    Column("occurrence", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("risk", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("workflow", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("business_key", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("digest", String, nullable=False),
    Column("approvals", Integer, nullable=False),
    Column("required_approvals", Integer, nullable=False),
    Column("claim_by", Text, nullable=False),
    Column("claim_name", Text, nullable=False),
    Column("claim_role", String, nullable=False),
    Column("claim_until", BigInteger),
    Column("problem", Text, nullable=False),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("read_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("is_decided", Boolean(create_constraint=False), nullable=False),
    # A list of ids, in JSON.
    Column("approved_by", Text, nullable=False),
    Column("initiator", Text, nullable=False),
    Column("resource", Text, nullable=False),
    # Put off at this desk until then, or until it looks different.
    Column("snoozed_until", BigInteger),
)
# The inbox is ordered and counted from this index alone; only the rows of a page are then fetched.
Index(
    "waiting_order",
    waiting.c.closed_at,
    waiting.c.is_decided,
    waiting.c.risk,
    waiting.c.due_at,
    waiting.c.opened_at,
    waiting.c.item_id,
    waiting.c.connection_id,
    waiting.c.snoozed_until,
)
Index("waiting_resource", waiting.c.resource, waiting.c.closed_at, sqlite_where=text("resource != ''"))
Index("waiting_run", waiting.c.connection_id, waiting.c.run_id, waiting.c.chain_id)
# Few rows are approved in part; SQLite uses it for the condition written just so.
Index(
    "waiting_signed",
    waiting.c.closed_at,
    waiting.c.is_decided,
    waiting.c.approvals,
    sqlite_where=waiting.c.approvals > text("0"),
)

items = Table(
    "items",
    metadata,
    Column("item_id", String, ForeignKey("waiting.item_id", ondelete="CASCADE"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("digest", String, nullable=False),
    Column("read_at", BigInteger, nullable=False),
)

# All words of an item that was read in full; a full-text index, `found`, is kept over it by triggers.
texts = Table(
    "texts",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("item_id", String, ForeignKey("waiting.item_id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("words", Text, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("decision_id", String, nullable=False, unique=True),
    Column("item_id", String, nullable=False),
    Column("connection_id", String, nullable=False),
    Column("connection", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("risk", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("holder", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("next_action", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("decisions_state", decisions.c.state)
Index("decisions_item", decisions.c.item_id)

decision_states = Table(
    "decision_states",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("decision_id", String, ForeignKey("decisions.decision_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

# What a person saw when they decided, as it was then: the item itself may be read again, or be gone.
shown = Table(
    "shown",
    metadata,
    Column("decision_id", String, ForeignKey("decisions.decision_id", ondelete="CASCADE"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("decision_id", String, ForeignKey("decisions.decision_id", ondelete="CASCADE"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)

runbook = Table(
    "runbook",
    metadata,
    Column("fingerprint", String, primary_key=True),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("used", Integer, nullable=False),
    Column("worked", Integer, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("line", Text, nullable=False),
    Column("prev", String, nullable=False),
    Column("hash", String, nullable=False, unique=True),
    sqlite_autoincrement=True,
)
