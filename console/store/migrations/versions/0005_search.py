"""The words of items in full, under a full-text index; and until when an item is put off.

The words of items read before come when they are read again. FTS5 with external content, kept by triggers, as SQLite
documents it (https://www.sqlite.org/fts5.html, 4.4.3).

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ORDER = ["closed_at", "is_decided", "risk", "due_at", "opened_at", "item_id", "connection_id", "snoozed_until"]
INDEX = (
    "CREATE VIRTUAL TABLE found USING fts5"
    "(words, content='texts', content_rowid='number', tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
)
FORGET = "INSERT INTO found (found, rowid, words) VALUES ('delete', old.number, old.words)"
LEARN = "INSERT INTO found (rowid, words) VALUES (new.number, new.words)"


def upgrade() -> None:
    """Add the table, its index with triggers, and the column."""
    op.create_table(
        "texts",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column(
            "item_id", sa.String(), sa.ForeignKey("waiting.item_id", ondelete="CASCADE"), nullable=False, unique=True
        ),
        sa.Column("words", sa.Text(), nullable=False),
    )
    op.execute(INDEX)
    op.execute(f"CREATE TRIGGER texts_added AFTER INSERT ON texts BEGIN {LEARN}; END")
    op.execute(f"CREATE TRIGGER texts_gone AFTER DELETE ON texts BEGIN {FORGET}; END")
    op.execute(f"CREATE TRIGGER texts_changed AFTER UPDATE ON texts BEGIN {FORGET}; {LEARN}; END")
    op.add_column("waiting", sa.Column("snoozed_until", sa.BigInteger(), nullable=True))
    op.drop_index("waiting_order", "waiting")
    op.create_index("waiting_order", "waiting", ORDER)
