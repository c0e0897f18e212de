"""What one process of the bot does, where several run on one PostgreSQL database."""

from __future__ import annotations

from enum import StrEnum

from bot.settings import Settings, SettingsError


class Role(StrEnum):
    """A process does all, or a part of it. Any number of processes may have the same role: none of them leads."""

    ALL = "all"
    WEB = "web"
    SENDER = "sender"
    TICKER = "ticker"
    WORKER = "worker"

    @property
    def takes_in(self) -> bool:
        """Whether it takes updates in and serves the pages."""
        return self in (Role.ALL, Role.WEB)

    @property
    def sends(self) -> bool:
        """Whether it brings letters out and keeps shared cards true."""
        return self in (Role.ALL, Role.SENDER)

    @property
    def ticks(self) -> bool:
        """Whether it follows the clock: rounds, openings, campaigns."""
        return self in (Role.ALL, Role.TICKER)

    def works(self, settings: Settings) -> bool:
        """Whether it does errands: those who take them in do where there is no address to send them to."""
        return self in (Role.ALL, Role.WORKER) or (self is Role.WEB and settings.tasks_url is None)

    def check(self, settings: Settings) -> None:
        """Raises WrongSettings where these settings are for one process that does all."""
        if self is Role.ALL:
            return
        if settings.demo:
            raise SettingsError(f"--role {self} needs BOT_TOKEN: the local chat is one process that does all")
        if not settings.database_url.startswith("postgresql"):
            raise SettingsError(f"--role {self} needs PostgreSQL as DATABASE_URL: an SQLite file is for one process")
        if self is Role.WORKER and settings.tasks_url is None:
            raise SettingsError("--role worker needs TASKS_URL: without it heavy work is done where it comes in")
