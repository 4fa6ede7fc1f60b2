"""The first schema: connections, what waits, items in full, the outbox with its history and receipts, the audit chain.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _inbox()
    _outbox()
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False, unique=True),
        sqlite_autoincrement=True,
    )


def _inbox() -> None:
    op.create_table(
        "connections",
        sa.Column("connection_id", sa.String(), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("secret_names", sa.Text(), nullable=False),
        sa.Column("is_paused", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("is_demo", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("newest_at", sa.BigInteger()),
        sa.Column("retention_days", sa.Integer(), nullable=False),
    )
    op.create_table(
        "waiting",
        sa.Column("item_id", sa.String(), primary_key=True),
        sa.Column(
            "connection_id",
            sa.String(),
            sa.ForeignKey("connections.connection_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("chain_id", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("approvals", sa.Integer(), nullable=False),
        sa.Column("required_approvals", sa.Integer(), nullable=False),
        sa.Column("claim_by", sa.Text(), nullable=False),
        sa.Column("claim_name", sa.Text(), nullable=False),
        sa.Column("claim_role", sa.String(), nullable=False),
        sa.Column("claim_until", sa.BigInteger()),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("is_decided", sa.Boolean(create_constraint=False), nullable=False),
    )
    op.create_index(
        "waiting_order",
        "waiting",
        ["closed_at", "is_decided", "risk", "due_at", "opened_at", "item_id", "connection_id"],
    )
    op.create_index("waiting_run", "waiting", ["connection_id", "run_id", "chain_id"])
    op.create_table(
        "items",
        sa.Column("item_id", sa.String(), sa.ForeignKey("waiting.item_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
    )


def _outbox() -> None:
    op.create_table(
        "decisions",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("decision_id", sa.String(), nullable=False, unique=True),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("next_action", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("decisions_state", "decisions", ["state"])
    op.create_index("decisions_item", "decisions", ["item_id"])
    op.create_table(
        "decision_states",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column(
            "decision_id", sa.String(), sa.ForeignKey("decisions.decision_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decision_states_decision_id", "decision_states", ["decision_id"])
    op.create_table(
        "receipts",
        sa.Column(
            "decision_id", sa.String(), sa.ForeignKey("decisions.decision_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
