"""Commands for those who run the bot: backup, restore, and letting deliveries go afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.ops.locks import database_lock
from bot.settings import Settings, SettingsError
from storage.backup import BackupError, back_up, restore
from storage.db import Database

_POSTGRESQL = "backups of PostgreSQL are pg_dump's and pg_restore's business; docs/operating.md says how"


def write_backup(settings: Settings, target: Path) -> str:
    """Write a backup; one line about it. Raises BackupError."""
    size = back_up(_file(settings), target)
    return f"{target}: {size / 1e6:.1f} MB, checked"


def put_back(settings: Settings, copy: Path) -> str:
    """Put a backup in the database's place; what to know about it. Raises BackupError, also where a bot runs on it."""
    database = _file(settings)
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        with database_lock(Database(settings.database_url)):
            before = restore(copy, database, datetime.now(UTC))
    except SettingsError as error:
        raise BackupError(str(error)) from None
    kept = f"\nThe database of before is {before}." if before else ""
    return (
        f"{database} is restored from {copy}.{kept}\n"
        "Everything due is held: start the bot, look at /desk, then ▶️ there or: python -m bot deliveries go"
    )


def _file(settings: Settings) -> Path:
    if settings.database_file is None:
        raise BackupError(_POSTGRESQL)
    return settings.database_file
