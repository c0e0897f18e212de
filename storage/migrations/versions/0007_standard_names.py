"""Standard names for tables, columns and stored values.

Renames take no time whatever the size; converted values cost one pass over the rows that have them. Open questions,
queued jobs, queued notifications, paused campaigns and a hold after a restore go on under the new names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    ("asides", "failed_updates"),
    ("errands", "jobs"),
    ("facts", "key_values"),
    ("letters", "notifications"),
)
SEQUENCES = ("failed_updates", "jobs", "notifications")
COLUMNS = (
    ("items", "turn", "listing_number"),
    ("members", "ghost", "erased_hash"),
    ("members", "forgotten_at", "erased_at"),
    ("notifications", "doubts", "uncertain_attempts"),
    ("jobs", "about", "payload"),
    ("jobs", "tries", "attempts"),
    ("jobs", "left_at", "enqueued_at"),
    ("jobs", "free_at", "available_at"),
)
CONSTRAINTS = (
    ("failed_updates", "pk_asides", "pk_failed_updates"),
    ("jobs", "pk_errands", "pk_jobs"),
    ("jobs", "uq_errands_key", "uq_jobs_key"),
    ("jobs", "fk_errands_member_id_members", "fk_jobs_member_id_members"),
    ("key_values", "pk_facts", "pk_key_values"),
    ("notifications", "pk_letters", "pk_notifications"),
    ("notifications", "ck_letters_addressee", "ck_notifications_addressee"),
    (
        "notifications",
        "uq_letters_kind_subject_revision_member_id",
        "uq_notifications_kind_subject_revision_member_id",
    ),
    ("notifications", "fk_letters_member_id_members", "fk_notifications_member_id_members"),
    ("notifications", "fk_letters_bound_chat_id_bound_chats", "fk_notifications_bound_chat_id_bound_chats"),
    ("items", "uq_items_ref_turn", "uq_items_ref_listing_number"),
    ("members", "uq_members_ghost", "uq_members_erased_hash"),
)
INDEXES = (
    ("ix_asides_at", "ix_failed_updates_at"),
    ("ix_asides_person_id", "ix_failed_updates_person_id"),
    ("ix_errands_member_id", "ix_jobs_member_id"),
    ("ix_errands_state_free_at", "ix_jobs_state_available_at"),
    ("ix_letters_bound_chat_id", "ix_notifications_bound_chat_id"),
    ("ix_letters_member_id", "ix_notifications_member_id"),
    ("ix_letters_state_priority_not_before", "ix_notifications_state_priority_not_before"),
    ("ix_letters_waiting_until", "ix_notifications_waiting_until"),
    ("uq_letters_one_per_chat", "uq_notifications_one_per_chat"),
)

ITEM_STATES = (("out", "rejected"), ("lapsed", "expired"))
KINDS = (
    ("item-back", "item-relisted"),
    ("item-out", "item-rejected"),
    ("item-lapsed", "item-expired"),
    ("delivery-stopped", "campaign-stopped"),
)
JOB_KINDS = (("look", "import-check"), ("store", "import"), ("table", "export"))
PAYLOAD_KEYS = (("alone", "poster_only"), ("good", "skip_bad"))
KEY_VALUES = (
    ("hold", "held_since"),
    ("turns", "send_slots"),
    ("turns-paid", "send_slots_paid"),
    ("place", "database_identity"),
    ("display", "display_version"),
    ("ghost_key", "erased_hash_key"),
)
QUESTIONS = (
    ("Asking:opening", "ScheduleStates:opening"),
    ("Asking:gift", "GrantStates:gift"),
    ("Asking:quiet_hours", "QuietHoursStates:quiet_hours"),
)
VALUES = (
    ("items", "state", ITEM_STATES),
    ("item_steps", "state", ITEM_STATES),
    ("campaigns", "kind", KINDS),
    ("notifications", "kind", KINDS),
    ("jobs", "kind", JOB_KINDS),
    ("jobs", "state", (("lapsed", "expired"),)),
    ("key_values", "name", KEY_VALUES),
    ("conversations", "state", QUESTIONS),
)

BAD_REQUESTS = (
    ("unreachable", re.compile(r"chat not found")),
    ("no-photo-right", re.compile(r"rights to send photos|CHAT_SEND_(?:PHOTOS|MEDIA)_FORBIDDEN")),
    (
        "no-rights",
        re.compile(
            r"not enough rights|have no rights|need administrator rights|CHAT_(?:WRITE|SEND_\w+)_FORBIDDEN"
            r"|CHAT_RESTRICTED|TOPIC_CLOSED"
        ),
    ),
    ("refused", re.compile(r"button", re.I)),
    ("bad-file", re.compile(r"\bfile\b|file_\w+", re.I)),
    (
        "bad-picture",
        re.compile(
            r"\bphoto\b|image_process|photo_\w+|media_(?:empty|invalid)|http url|web page content|webpage_"
            r"|entity too large",
            re.I,
        ),
    ),
)
NEVER_CONNECTED = re.compile(r"ClientConnector|ClientProxyConnection|ConnectionTimeout|NotConnected")
OTHER_CODES = {"quiet hours": "quiet-hours", "the sender stopped before the answer came": "no-answer"}
OTHER_ERRORS = {
    "TelegramMigrateToChat": "migrated",
    "TelegramUnauthorizedError": "bot-refused",
    "TelegramConflictError": "bot-refused",
    "TelegramNotFound": "bot-refused",
}
UNREACHABLE = ("forbidden", "not found", "deactivated", "unreachable", "left", "kicked")


def unsent_code(reason: str | None) -> str:
    """Why a suppressed notification was not sent, as revision 0006 read it from the text."""
    said = (reason or "").lower()
    if "blocked" in said:
        return "blocked"
    if any(sign in said for sign in UNREACHABLE):
        return "unreachable"
    return "turned-off" if said.endswith("are off") else "not-needed"


def error_code(text: str) -> str | None:
    """The outcome of a call, from the error that was stored as text; None for a text that is no error."""
    if text in OTHER_CODES:
        return OTHER_CODES[text]
    name = text.partition(":")[0]
    if not re.fullmatch(r"\w*(?:Telegram|Error|Exception|Timeout)\w*", name):
        return None
    if "Too Many Requests" in text or name == "TelegramRetryAfter":
        return "retry-after"
    if name == "TelegramForbiddenError":
        return "blocked" if "blocked" in text else "unreachable"
    if name in ("TelegramBadRequest", "TelegramEntityTooLarge"):
        return next((code for code, sign in BAD_REQUESTS if sign.search(text)), "refused")
    if name == "TelegramNetworkError" and NEVER_CONNECTED.search(text):
        return "not-sent"
    return OTHER_ERRORS.get(name, "no-answer" if name.startswith("Telegram") else "unexpected")


def upgrade() -> None:
    for old, new in TABLES:
        _rename_table(old, new)
    for table, old, new in COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    _rename_constraints(CONSTRAINTS)
    _rename_indexes(INDEXES)
    for table in ("notifications", "campaigns", "failed_updates"):
        op.add_column(table, sa.Column("code", sa.String(length=24), nullable=True))
    op.execute("DELETE FROM key_values WHERE name LIKE 'pulse %'")
    for table, column, pairs in VALUES:
        _convert(table, column, pairs)
    _convert_jobs(JOB_KINDS, PAYLOAD_KEYS)
    for table, column in (("notifications", "reason"), ("campaigns", "reason"), ("failed_updates", "error")):
        _write_codes(table, column)
    _count_by("letter_counts", "reason", "notification_counts", sa.Column("code", sa.String(24), nullable=False))


def downgrade() -> None:
    _count_by("notification_counts", "code", "letter_counts", sa.Column("reason", sa.Text(), nullable=False))
    _convert_jobs(_back(JOB_KINDS), _back(PAYLOAD_KEYS))
    for table, column, pairs in VALUES:
        _convert(table, column, _back(pairs))
    for table in ("failed_updates", "campaigns", "notifications"):
        op.drop_column(table, "code")
    _rename_constraints((table, new, old) for table, old, new in CONSTRAINTS)
    for table, old, new in COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}")
    for old, new in TABLES:
        _rename_table(new, old)
    _rename_indexes(_back(INDEXES))


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _back(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((new, old) for old, new in pairs)


def _rename_table(old: str, new: str) -> None:
    op.execute(f"ALTER TABLE {old} RENAME TO {new}")
    if _is_sqlite():
        _edit_schema((f'CREATE TABLE "{new}" ', f"CREATE TABLE {new} "), new)
    elif {old, new} & set(SEQUENCES):
        op.execute(f"ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq")


def _rename_constraints(constraints: Iterable[tuple[str, str, str]]) -> None:
    for table, old, new in constraints:
        if _is_sqlite():
            _edit_schema((f"CONSTRAINT {old} ", f"CONSTRAINT {new} "), table)
        else:
            op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")


def _edit_schema(change: tuple[str, str], table: str) -> None:
    """Change a name in the stored text of an SQLite table: it has no statement for it, and the rows are the same.

    See "Making Other Kinds Of Table Schema Changes" in SQLite's page about ALTER TABLE.
    """
    op.execute("PRAGMA writable_schema = ON")
    statement = sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :name")
    op.execute(statement.bindparams(old=change[0], new=change[1], name=table))
    op.execute("PRAGMA writable_schema = RESET")


def _rename_indexes(indexes: Iterable[tuple[str, str]]) -> None:
    connection = op.get_bind()
    for old, new in indexes:
        if not _is_sqlite():
            op.execute(f"ALTER INDEX {old} RENAME TO {new}")
            continue
        made = connection.execute(
            sa.text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": old}
        ).scalar_one()
        op.execute(f"DROP INDEX {old}")
        connection.exec_driver_sql(re.sub(r' ON "(\w+)" ', r" ON \1 ", made.replace(old, new, 1)))


def _convert(table: str, column: str, pairs: Iterable[tuple[str, str]]) -> None:
    for old, new in pairs:
        op.execute(sa.text(f"UPDATE {table} SET {column} = :new WHERE {column} = :old").bindparams(old=old, new=new))


def _convert_jobs(kinds: Iterable[tuple[str, str]], names: Iterable[tuple[str, str]]) -> None:
    """The kind at the beginning of a job's key, and names inside its payload."""
    jobs = sa.table("jobs", sa.column("id"), sa.column("key"), sa.column("payload", sa.JSON()))
    connection, renamed, prefixes = op.get_bind(), dict(names), dict(kinds)
    for job_id, key, payload in connection.execute(sa.select(jobs.c.id, jobs.c.key, jobs.c.payload)).all():
        word, space, rest = key.partition(" ")
        new_key = prefixes.get(word, word) + space + rest
        new_payload = {renamed.get(name, name): value for name, value in payload.items()}
        if (new_key, new_payload) != (key, payload):
            change = sa.update(jobs).where(jobs.c.id == job_id)
            connection.execute(change.values(key=new_key, payload=new_payload))


def _write_codes(table: str, column: str) -> None:
    """One pass over the rows: texts are few, and a table in memory of this connection leads from text to code."""
    connection = op.get_bind()
    suppressed = "state = 'suppressed'" if table == "notifications" else "1 = 0"
    texts = connection.execute(
        sa.text(f"SELECT DISTINCT {column}, {suppressed} FROM {table} WHERE {column} IS NOT NULL OR {suppressed}")
    ).all()
    if not texts:
        return
    codes = [
        {"said": said, "unsent": bool(unsent), "code": unsent_code(said) if unsent else error_code(said)}
        for said, unsent in texts
    ]
    connection.execute(sa.text("CREATE TEMPORARY TABLE codes (said TEXT, unsent BOOLEAN, code VARCHAR(24))"))
    connection.execute(sa.text("INSERT INTO codes VALUES (:said, :unsent, :code)"), codes)
    connection.execute(sa.text("CREATE INDEX ix_codes ON codes (said)"))
    connection.execute(
        sa.text(
            f"UPDATE {table} SET code = (SELECT code FROM codes WHERE said = {table}.{column} "
            f"AND unsent = ({suppressed})) WHERE {column} IS NOT NULL"
        )
    )
    if table == "notifications":
        connection.execute(sa.text(f"UPDATE {table} SET code = 'not-needed' WHERE {column} IS NULL AND {suppressed}"))
    connection.execute(sa.text("DROP TABLE codes"))


def _count_by(old: str, old_column: str, new: str, column: sa.Column[str]) -> None:
    """The counts of deleted notifications, which are some for each round, in a table with another key."""
    made = op.create_table(
        new,
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        column,
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f(f"fk_{new}_round_id_rounds")),
        sa.PrimaryKeyConstraint("round_id", "state", column.name, name=op.f(f"pk_{new}")),
    )
    counts: dict[tuple[int, str, str], int] = {}
    rows = op.get_bind().execute(sa.text(f"SELECT round_id, state, {old_column}, number FROM {old}"))
    for round_id, state, said, number in rows:
        key = (round_id, state, unsent_code(said) if column.name == "code" and said else said)
        counts[key] = counts.get(key, 0) + number
    if counts:
        op.bulk_insert(
            made,
            [
                {"round_id": round_id, "state": state, column.name: said, "number": number}
                for (round_id, state, said), number in counts.items()
            ],
        )
    op.drop_table(old)
