"""Roles of processes that share one PostgreSQL database."""

from __future__ import annotations

from enum import StrEnum

from bot.settings import Settings, SettingsError


class Role(StrEnum):
    """The part of the bot that a process runs. Any number of processes may have the same role; there is no leader."""

    ALL = "all"
    WEB = "web"
    SENDER = "sender"
    TICKER = "ticker"
    WORKER = "worker"

    @property
    def receives_updates(self) -> bool:
        """Whether it receives updates and serves the web pages."""
        return self in (Role.ALL, Role.WEB)

    @property
    def sends_notifications(self) -> bool:
        """Whether it sends notifications and updates shared cards."""
        return self in (Role.ALL, Role.SENDER)

    @property
    def runs_schedule(self) -> bool:
        """Whether it runs the schedule: rounds, openings of groups, campaigns."""
        return self in (Role.ALL, Role.TICKER)

    def runs_jobs(self, settings: Settings) -> bool:
        """Whether it runs jobs. Web processes do where there is no broker."""
        return self in (Role.ALL, Role.WORKER) or (self is Role.WEB and settings.tasks_url is None)

    def check(self, settings: Settings) -> None:
        """Raises SettingsError where these settings allow one process only."""
        if self is Role.ALL:
            return
        if settings.demo:
            raise SettingsError(f"--role {self} needs BOT_TOKEN: the local chat is one process that does all")
        if not settings.database_url.startswith("postgresql"):
            raise SettingsError(f"--role {self} needs PostgreSQL as DATABASE_URL: an SQLite file is for one process")
        if self is Role.WORKER and settings.tasks_url is None:
            raise SettingsError("--role worker needs TASKS_URL: without it heavy work is done where it comes in")
