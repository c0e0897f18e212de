"""Numbers of rows are never given again, a claim says which process holds it, what waits is found by its deadline,
what is old can be deleted, and who comes back after a deletion has no second vote and no second welcome grant.

SQLite gave the number of a deleted newest row to the next one; PostgreSQL has sequences. Rows stay as they are. The
tables that rows are deleted from leave a gap, because higher numbers than they hold may be out: in buttons, or in
messages to workers.

Two indexes of votes lead to a member's newest acts on an item, and to what they took back on a day.

The counts of deleted notifications belong to a campaign; those of a carousel belonged to its round. The new indexes
lead to what is old: erased members, pictures, and which opens refer to a member.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEPT = (
    *("campaigns", "grants", "groups", "item_steps", "items", "members", "rounds", "shops", "spending_corrections"),
    *("spendings", "votes"),
)
PURGED = (
    *("bound_chats", "canvass_links", "draws", "failed_updates", "jobs", "notifications", "pictures", "shared_cards"),
)
GAP = 1_000_000
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY, COUNTED_KEY = "PRIMARY KEY (id)", "PRIMARY KEY (id AUTOINCREMENT)"
CLAIMED = ("jobs", "notifications")
WAITING_UNTIL = ("ix_notifications_waiting_until", ["expires_at"])
BY_DEADLINE = ("ix_notifications_by_deadline", ["priority", "expires_at", "not_before"])
OF_OLD = (("canvass_opens", "friend_id"), ("pictures", "wanted_at"))
ERASED = "ix_members_erased_at"
TAKEN_BACK = "ix_votes_member_id_taken_back_at"


def upgrade() -> None:
    _replace_index(WAITING_UNTIL, BY_DEADLINE)
    for table, column in OF_OLD:
        op.create_index(f"ix_{table}_{column}", table, [column])
    _replace_index_of_votes(["member_id", "item_id"], ["member_id", "item_id", "id"])
    back = sa.text("taken_back_at IS NOT NULL")
    op.create_index(TAKEN_BACK, "votes", ["member_id", "taken_back_at"], sqlite_where=back, postgresql_where=back)
    erased = sa.text("erased_at IS NOT NULL")
    op.create_index(ERASED, "members", ["erased_at"], sqlite_where=erased, postgresql_where=erased)
    _count_by("campaign_id", "campaigns", "SELECT c.id, n.state, n.code, n.number", "c.subject = n.round_id")
    for table in CLAIMED:
        op.add_column(table, sa.Column("held_by", sa.BigInteger(), nullable=True))
    _add_past_votes()
    if op.get_bind().dialect.name == "sqlite":
        _edit_keys(KEY, COUNTED_KEY)
        _count_on()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _edit_keys(COUNTED_KEY, KEY)
        op.execute("DELETE FROM sqlite_sequence")
    op.drop_table("past_votes")
    op.drop_column("members", "welcomed_at")
    _count_by("round_id", "rounds", "SELECT c.subject, n.state, n.code, n.number", "c.id = n.campaign_id")
    op.drop_index(ERASED, "members")
    op.drop_index(TAKEN_BACK, "votes")
    _replace_index_of_votes(["member_id", "item_id", "id"], ["member_id", "item_id"])
    for table, column in OF_OLD:
        op.drop_index(f"ix_{table}_{column}", table)
    for table in CLAIMED[::-1]:
        op.drop_column(table, "held_by")
    _replace_index(BY_DEADLINE, WAITING_UNTIL)


def _replace_index(old: tuple[str, list[str]], new: tuple[str, list[str]]) -> None:
    pending = sa.text("state = 'pending'")
    op.drop_index(old[0], "notifications")
    op.create_index(new[0], "notifications", new[1], sqlite_where=pending, postgresql_where=pending)


def _replace_index_of_votes(old: list[str], new: list[str]) -> None:
    op.drop_index(f"ix_votes_{'_'.join(old)}", "votes")
    op.create_index(f"ix_votes_{'_'.join(new)}", "votes", new)


def _count_by(key: str, table: str, selected: str, same: str) -> None:
    """Make the table of counts anew with another key; counts of carousels alone exist with both."""
    carousels = f"{selected} FROM notification_counts n JOIN campaigns c ON {same}"
    rows = op.get_bind().execute(sa.text(f"{carousels} WHERE c.kind = 'carousel' AND c.revision = 1")).all()
    op.drop_table("notification_counts")
    made = op.create_table(
        "notification_counts",
        sa.Column(key, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint([key], [f"{table}.id"], name=op.f(f"fk_notification_counts_{key}_{table}")),
        sa.PrimaryKeyConstraint(key, "state", "code", name=op.f("pk_notification_counts")),
    )
    if rows:
        op.bulk_insert(made, [dict(zip((key, "state", "code", "number"), row, strict=True)) for row in rows])


def _add_past_votes() -> None:
    """Who was erased before goes on having voted for what is on display, and who was welcomed is not welcomed again."""
    op.add_column("members", sa.Column("welcomed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE members SET welcomed_at = (SELECT at FROM grants WHERE key = 'welcome:' || CAST(members.id AS TEXT))"
    )
    op.create_table(
        "past_votes",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_past_votes_member_id_members"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_past_votes_item_id_items"),
        sa.PrimaryKeyConstraint("member_id", "item_id", name="pk_past_votes"),
    )
    op.execute(
        "INSERT INTO past_votes (member_id, item_id, day, slot) SELECT votes.member_id, votes.item_id, votes.day, "
        "votes.slot FROM votes JOIN members ON members.id = votes.member_id JOIN items ON items.id = votes.item_id "
        "WHERE members.erased_hash IS NOT NULL AND votes.taken_back_at IS NULL AND items.state = 'on_display'"
    )


def _edit_keys(old: str, new: str) -> None:
    """Change the keys in the stored texts of the SQLite tables: the rows are the same.

    See "Making Other Kinds Of Table Schema Changes" in SQLite's page about ALTER TABLE.
    """
    op.execute("CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT)")  # SQLite makes `sqlite_sequence` for it
    op.execute("DROP TABLE counted")
    op.execute("PRAGMA writable_schema = ON")
    statement = sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :name")
    for table in (*KEPT, *PURGED):
        op.execute(statement.bindparams(old=old, new=new, name=table))
    op.execute("PRAGMA writable_schema = RESET")


def _count_on() -> None:
    used = op.get_bind().scalar(sa.text("SELECT EXISTS (SELECT 1 FROM members)"))
    for table in (*KEPT, *PURGED):
        gap = GAP if used and table in PURGED else 0
        op.execute(
            f"INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', coalesce(max(id), 0) + {gap} FROM {table}"
        )
