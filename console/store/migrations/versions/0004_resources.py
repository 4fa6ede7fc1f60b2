"""What an item that waits is about: by it two items that want the same are found, over all connections.

Rows written before do not know until their engine tells them again, which it does when the console connects.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and an index of the rows that name something."""
    op.add_column("waiting", sa.Column("resource", sa.Text(), nullable=False, server_default=""))
    op.create_index("waiting_resource", "waiting", ["resource", "closed_at"], sqlite_where=sa.text("resource != ''"))
