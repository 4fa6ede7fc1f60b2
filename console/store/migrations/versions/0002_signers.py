"""Who has approved what waits and who asked for it: what a queue of second signatures is chosen by.

Rows written before know neither until their engine tells them again, which it does when the console connects.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and an index of the few rows that were approved in part."""
    op.add_column("waiting", sa.Column("approved_by", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("waiting", sa.Column("initiator", sa.Text(), nullable=False, server_default=""))
    op.create_index(
        "waiting_signed", "waiting", ["closed_at", "is_decided", "approvals"], sqlite_where=sa.text("approvals > 0")
    )
