"""What a person saw when they decided, kept with the decision.

Of decisions made before, only the item as it was read last is there.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "shown",
        sa.Column(
            "decision_id", sa.String(), sa.ForeignKey("decisions.decision_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
