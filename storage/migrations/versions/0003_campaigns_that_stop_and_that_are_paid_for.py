"""campaigns that stop, and that are paid for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.db

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("campaigns", sa.Column("paid_for", sa.Integer(), nullable=True))
    op.add_column("campaigns", sa.Column("paid_by", sa.String(length=64), nullable=True))
    op.add_column("campaigns", sa.Column("paid_at", storage.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in ("paid_at", "paid_by", "paid_for", "reason"):
        op.drop_column("campaigns", column)
