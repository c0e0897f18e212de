"""A ledger of spending, corrected grants, ballots that return, and the topic of a bound chat.

New columns are empty, and what the previous version reads and writes stays as it is. Takes one pass over the votes,
for the index of the places of a day, and one over goods and spending, whose refs lose their wrapping.
"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

import storage.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = storage.db.UtcDateTime(timezone=True)
COLUMNS = (
    ("votes", "returned_at", MOMENT),
    ("items", "returning_since", MOMENT),
    ("spendings", "refund_of", sa.String(length=64)),
    ("bound_chats", "topic", sa.BigInteger()),
    ("bound_chats", "paused", sa.String(length=16)),
)
REFERENCES = (
    ("grants", "corrects_id", "grants"),
    ("bound_chats", "bound_by", "members"),
)
PLACES = "uq_votes_one_per_slot"
STANDING = "taken_back_at IS NULL"
USED = "taken_back_at IS NULL AND returned_at IS NULL"
SPENDINGS = (
    ("telegram_id BIGINT NOT NULL", "telegram_id BIGINT"),
    (" \n\tCONSTRAINT ck_spendings_amount CHECK (amount_fen > 0), \n\tCONSTRAINT uq_", " \n\tCONSTRAINT uq_"),
)
"""What changes in the stored text of the SQLite table."""
FORMULA = re.compile(r'=\s*"((?:[^"]|"")*)"')
MARKED = re.compile(r"['`]([0-9]+)")
DECIMAL = re.compile(r"([0-9]{5,})\.0+")
"""What spreadsheets add to refs: `="880012345678"`, `'880012345678`, `880012345678.0`."""


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.add_column(table, sa.Column(column, kind, nullable=True))
    for table, column, target in REFERENCES:
        _add_reference(table, column, target)
    op.create_index("ix_bound_chats_bound_by", "bound_chats", ["bound_by"])
    _index_places(USED)
    op.create_index(
        "ix_items_returning_since",
        "items",
        ["returning_since"],
        sqlite_where=sa.text("returning_since IS NOT NULL"),
        postgresql_where=sa.text("returning_since IS NOT NULL"),
    )
    if _is_sqlite():
        _edit_spendings(SPENDINGS)
    else:
        op.execute("ALTER TABLE spendings DROP CONSTRAINT ck_spendings_amount")
        op.execute("ALTER TABLE spendings ALTER COLUMN telegram_id DROP NOT NULL")
    op.create_table(
        "spending_corrections",
        sa.Column("id", ID, nullable=False),
        sa.Column("spending_id", ID, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["spending_id"], ["spendings.id"], name=op.f("fk_spending_corrections_spending_id_spendings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending_corrections")),
    )
    op.create_index("ix_spending_corrections_spending_id", "spending_corrections", ["spending_id"])
    for table in ("items", "spendings"):
        _unwrap_refs(table)


def downgrade() -> None:
    """Loses what the previous version cannot hold: refunds, unclaimed spending, replaced amounts, returned ballots."""
    op.drop_table("spending_corrections")
    op.execute("DELETE FROM spendings WHERE telegram_id IS NULL OR amount_fen <= 0")
    if _is_sqlite():
        _edit_spendings(tuple((new, old) for old, new in SPENDINGS))
    else:
        op.execute("ALTER TABLE spendings ALTER COLUMN telegram_id SET NOT NULL")
        op.execute("ALTER TABLE spendings ADD CONSTRAINT ck_spendings_amount CHECK (amount_fen > 0)")
    op.drop_index("ix_items_returning_since", table_name="items")
    # Another vote may have the place of the day by now.
    op.execute(f"UPDATE votes SET slot = 1000 + id WHERE {STANDING} AND returned_at IS NOT NULL")
    _index_places(STANDING)
    op.drop_index("ix_bound_chats_bound_by", table_name="bound_chats")
    for table, column, _ in (*REFERENCES[::-1], *COLUMNS[::-1]):
        op.drop_column(table, column)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _unwrap_refs(table: str) -> None:
    """Store refs as imports read them from now on, so that a table that was imported before changes nothing.

    Where both spellings are stored they stay: only a person knows whether they are one.
    """
    connection = op.get_bind()
    beyond_ascii = "ref GLOB '*[^ -~]*'" if _is_sqlite() else "ref ~ '[^ -~]'"
    marks = f"ref LIKE '=%' OR ref LIKE '''%' OR ref LIKE '`%' OR ref LIKE '%.0%' OR {beyond_ascii}"
    refs = connection.scalars(sa.text(f"SELECT DISTINCT ref FROM {table} WHERE {marks} ORDER BY ref")).all()
    changed = [{"ref": ref, "plain": plain} for ref in refs if (plain := _plain(ref)) not in ("", ref)]
    if changed:  # in one call: for each ref of a long ledger a statement of its own would take minutes
        known = f"SELECT 1 FROM {table} WHERE ref = :plain"
        connection.execute(
            sa.text(f"UPDATE {table} SET ref = :plain WHERE ref = :ref AND NOT EXISTS ({known})"), changed
        )


def _plain(ref: str) -> str:
    """The ref without invisible characters and wrapping, as `ref_of` in `domain.reading.identities`."""
    plain = "".join(sign for sign in ref if unicodedata.category(sign) != "Cf").strip()
    if found := FORMULA.fullmatch(plain):
        plain = found[1].replace('""', '"').strip()
    for wrapping in (MARKED, DECIMAL):
        if found := wrapping.fullmatch(plain):
            plain = found[1]
    return plain


def _add_reference(table: str, column: str, target: str) -> None:
    """A column with a foreign key: in one statement, which is the only way on SQLite."""
    kind = "INTEGER" if _is_sqlite() else "BIGINT"
    key = f"CONSTRAINT fk_{table}_{column}_{target} REFERENCES {target} (id)"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} {key}")


def _index_places(where: str) -> None:
    op.drop_index(PLACES, table_name="votes")
    op.create_index(
        PLACES,
        "votes",
        ["member_id", "day", "slot"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _edit_spendings(changes: tuple[tuple[str, str], ...]) -> None:
    """Relax or restore what the stored text of the SQLite table says of two columns; the rows are the same.

    See "Making Other Kinds Of Table Schema Changes" in SQLite's page about ALTER TABLE.
    """
    op.execute("PRAGMA writable_schema = ON")
    edit = "UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE name = 'spendings' AND instr(sql, :old)"
    for old, new in changes:
        if op.get_bind().execute(sa.text(edit), {"old": old, "new": new}).rowcount != 1:
            raise RuntimeError(f"the table spendings is not as the other revision left it: {old!r} is missing")
    op.execute("PRAGMA writable_schema = RESET")
