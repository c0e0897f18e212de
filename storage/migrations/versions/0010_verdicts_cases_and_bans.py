"""Verdicts about votes, the cases in which people decide on them, appeals and bans, and the tally of each voting day.

Every vote that stands counts, as before. Takes one pass over the votes, on PostgreSQL to check the new column. Welcome
grants keep their keys until their member is erased: what the new ones are made with is locked, and not for a migration.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = storage.db.UtcDateTime(timezone=True)
COLUMNS = (
    ("votes", "verdict", "VARCHAR(9) DEFAULT 'counted' NOT NULL", "verdict IN ('counted', 'set-aside', 'void')"),
    ("items", "set_aside", "INTEGER DEFAULT '0' NOT NULL", "set_aside >= 0"),
    ("items", "withheld", "INTEGER DEFAULT '0' NOT NULL", "withheld BETWEEN 0 AND wants"),
)
ASKED = ("member_id INTEGER NOT NULL", "member_id INTEGER")
"""Jobs that no member asked for: what changes in the stored text of the SQLite table."""
DRAWS = ("draws_before", "draws_until")
TABLES = (
    *("tally_chunks", "tally_leaves", "tally_days", "reused_ballots"),
    *("bans", "appeals", "case_accounts", "verdict_changes", "cases"),
)


def upgrade() -> None:
    for table, column, kind, check in COLUMNS:
        # In one statement, which is the only way on SQLite.
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT ck_{table}_{column} CHECK ({check})")
    op.add_column("votes", sa.Column("neighbourhood", sa.String(length=32), nullable=True))
    kept = sa.text("neighbourhood IS NOT NULL")
    op.create_index("ix_votes_neighbourhood", "votes", ["item_id"], sqlite_where=kept, postgresql_where=kept)
    op.add_column("items", sa.Column("restored_at", MOMENT, nullable=True))
    op.add_column("bound_chats", sa.Column("fairness", sa.Boolean(), server_default=sa.false(), nullable=False))
    for column in DRAWS:
        op.add_column("rounds", sa.Column(column, sa.BigInteger(), nullable=True))
    back = sa.text("returned_at IS NOT NULL")
    op.create_index("ix_votes_returned_at", "votes", ["returned_at"], sqlite_where=back, postgresql_where=back)
    _make_cases()
    _make_decisions()
    _make_tally()
    if _is_sqlite():
        _edit_jobs(*ASKED)
    else:
        op.execute("ALTER TABLE jobs ALTER COLUMN member_id DROP NOT NULL")


def downgrade() -> None:
    """Loses the verdicts: every vote that stands counts again."""
    op.execute("DELETE FROM jobs WHERE member_id IS NULL")
    if _is_sqlite():
        _edit_jobs(*ASKED[::-1])
    else:
        op.execute("ALTER TABLE jobs ALTER COLUMN member_id SET NOT NULL")
    for table in TABLES:
        op.drop_table(table)
    op.execute(
        "UPDATE items SET withheld = 0, wants = (SELECT count(*) FROM votes WHERE votes.item_id = items.id "
        "AND taken_back_at IS NULL) WHERE id IN (SELECT item_id FROM votes WHERE verdict <> 'counted')"
    )
    for column in DRAWS:
        op.drop_column("rounds", column)
    op.drop_column("bound_chats", "fairness")
    op.drop_column("items", "restored_at")
    op.drop_index("ix_votes_returned_at", table_name="votes")
    op.drop_index("ix_votes_neighbourhood", table_name="votes")
    op.drop_column("votes", "neighbourhood")
    for table, column, _, _ in COLUMNS[::-1]:
        op.drop_column(table, column)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _make_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("void", sa.Integer(), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (outcome IS NULL)", name=op.f("ck_cases_outcome")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_cases_item_id_items")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_cases_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sqlite_autoincrement=True,
    )
    undecided = sa.text("decided_at IS NULL")
    op.create_index(
        "uq_cases_one_undecided",
        "cases",
        ["item_id"],
        unique=True,
        sqlite_where=undecided,
        postgresql_where=undecided,
    )
    op.create_index("ix_cases_item_id", "cases", ["item_id"])
    op.create_index("ix_cases_shop_id", "cases", ["shop_id"])
    op.create_table(
        "case_accounts",
        sa.Column("case_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("pattern", sa.String(length=24), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("goods", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_accounts_case_id_cases")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_case_accounts_member_id_members")),
        sa.PrimaryKeyConstraint("case_id", "member_id", "pattern", name=op.f("pk_case_accounts")),
    )
    op.create_index("ix_case_accounts_member_id", "case_accounts", ["member_id"])
    op.create_table(
        "verdict_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("vote_id", ID, nullable=False),
        sa.Column("old", sa.String(length=9), nullable=False),
        sa.Column("new", sa.String(length=9), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["vote_id"], ["votes.id"], name=op.f("fk_verdict_changes_vote_id_votes")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_verdict_changes_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_verdict_changes_vote_id", "verdict_changes", ["vote_id"])
    op.create_index("ix_verdict_changes_case_id", "verdict_changes", ["case_id"])
    op.create_index("ix_verdict_changes_at", "verdict_changes", ["at"])


def _make_decisions() -> None:
    op.create_table(
        "appeals",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_appeals_decided")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_appeals_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("case_id", name=op.f("uq_appeals_case_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "bans",
        sa.Column("id", ID, nullable=False),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("asked_months", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("agreed_by", sa.String(length=64), nullable=True),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.Column("begins_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.CheckConstraint("months BETWEEN 1 AND asked_months AND asked_months <= 6", name=op.f("ck_bans_months")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_bans_shop_id_shops")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_bans_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bans")),
        sa.UniqueConstraint("case_id", name=op.f("uq_bans_case_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bans_shop_id_ends_at", "bans", ["shop_id", "ends_at"])


def _make_tally() -> None:
    op.create_table(
        "reused_ballots",
        sa.Column("id", ID, nullable=False),
        sa.Column("vote_id", ID, nullable=False),
        sa.Column("returned_at", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _refers("reused_ballots", "vote_id", "votes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reused_ballots")),
        sqlite_autoincrement=True,
    )
    for column in ("vote_id", "returned_at", "at"):
        op.create_index(f"ix_reused_ballots_{column}", "reused_ballots", [column])
    op.create_table(
        "tally_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begins_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("collected_at", MOMENT, nullable=True),
        sa.Column("leaves", sa.Integer(), nullable=True),
        sa.Column("root", sa.LargeBinary(), nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_tally_days")),
    )
    day = ("day", "tally_days", "day")
    op.create_table(
        "tally_leaves",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        _refers("tally_leaves", *day),
        _refers("tally_leaves", "item_id", "items"),
        _refers("tally_leaves", "member_id", "members"),
        sa.PrimaryKeyConstraint("day", "seal", name=op.f("pk_tally_leaves")),
        sa.UniqueConstraint("act", "source_id", "day", name=op.f("uq_tally_leaves_act_source_id_day")),
    )
    named = sa.text("member_id IS NOT NULL")
    op.create_index(
        "ix_tally_leaves_member_id", "tally_leaves", ["member_id"], sqlite_where=named, postgresql_where=named
    )
    op.create_table(
        "tally_chunks",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_seal", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        _refers("tally_chunks", *day),
        sa.PrimaryKeyConstraint("day", "number", name=op.f("pk_tally_chunks")),
    )


def _refers(table: str, column: str, to: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.{key}"], name=op.f(f"fk_{table}_{column}_{to}"))


def _edit_jobs(old: str, new: str) -> None:
    """Change the stored text of the SQLite table; the rows are the same.

    See "Making Other Kinds Of Table Schema Changes" in SQLite's page about ALTER TABLE.
    """
    op.execute("PRAGMA writable_schema = ON")
    edit = "UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE name = 'jobs' AND instr(sql, :old)"
    if op.get_bind().execute(sa.text(edit), {"old": old, "new": new}).rowcount != 1:
        raise RuntimeError(f"the table jobs is not as the other revision left it: {old!r} is missing")
    op.execute("PRAGMA writable_schema = RESET")
