"""Everything that can be set, from the environment or `.env`; a wrong value stops the start with one clear line."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from domain.calendar import calendar_of
from domain.people import QuietHours
from services.house import Rules

OFFICIAL_API = "https://api.telegram.org"


class WrongSettings(Exception):
    """One line for people that says which setting is wrong and what it should be; never holds a secret's value."""


class Settings(BaseSettings):
    """The settings; each is explained in `.env.example`. Money in yuan, times as HH:MM in `time_zone`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True, validate_default=True)

    environment: Literal["development", "production"] = "development"
    bot_token: SecretStr | None = None
    bot_api_url: str = OFFICIAL_API
    database_url: str = "sqlite+aiosqlite:///data/bot.db"
    public_url: str | None = None
    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    local_chat_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    organiser_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    time_zone: str = "Asia/Shanghai"
    round_opens_at: time = time(8)
    calendar: str = "CN"
    page_size: Annotated[int, Field(ge=1, le=100)] = 28
    votes_per_day: Annotated[int, Field(ge=1, le=1000)] = 5
    spend_per_ballot: Annotated[int, Field(ge=1)] = 100
    welcome_ballots: Annotated[int, Field(ge=0)] = 0
    alert_lead_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    send_rate: Annotated[float, Field(gt=0, le=1000)] = 25
    quiet_hours: str = "22:00-08:00"

    @field_validator("organiser_ids", mode="before")
    @classmethod
    def _numbers(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return frozenset(int(part) for part in value.replace(";", ",").split(",") if part.strip())
        except ValueError:
            raise ValueError("must be Telegram IDs with commas between them, such as 1234567,2345678") from None

    @field_validator("bot_api_url", "public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address that begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            left, colon, right = value.get_secret_value().partition(":")
            if not colon or not left.isdigit() or len(right) < 10:
                raise ValueError("is not a bot token: it looks like 123456:ABC…, as BotFather gave it")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        try:
            driver = make_url(value).drivername
        except ArgumentError:
            raise ValueError("is not a database address such as sqlite+aiosqlite:///data/bot.db") from None
        if driver not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
            raise ValueError("must begin with sqlite+aiosqlite:// or postgresql+asyncpg://")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is not a time zone such as Asia/Shanghai") from None
        return value

    @field_validator("round_opens_at", mode="after")
    @classmethod
    def _minute(cls, value: time) -> time:
        if value.second or value.microsecond or value.tzinfo:
            raise ValueError("must be a time of day such as 08:00")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        return str(QuietHours.parse(value))

    @model_validator(mode="after")
    def _together(self) -> Settings:
        calendar_of(self.calendar, ZoneInfo(self.time_zone), self.round_opens_at)
        if self.environment == "production" and self.bot_token is None:
            raise ValueError("BOT_TOKEN is needed where ENVIRONMENT is production")
        return self

    @property
    def demo(self) -> bool:
        """Whether the bot brings its own chat, because it was given no token."""
        return self.bot_token is None

    def rules(self) -> Rules:
        """The numbers of the product's rules."""
        return Rules(
            zone=ZoneInfo(self.time_zone),
            opens_at=self.round_opens_at,
            calendar=self.calendar,
            page_size=self.page_size,
            votes_per_day=self.votes_per_day,
            fen_per_ballot=self.spend_per_ballot * 100,
            welcome_ballots=self.welcome_ballots,
            alert_lead=timedelta(minutes=self.alert_lead_minutes),
            send_rate=self.send_rate,
            quiet_hours=QuietHours.parse(self.quiet_hours),
            organisers=self.organiser_ids,
        )

    @property
    def data_folder(self) -> Path:
        """Where files beside the database are kept."""
        url = make_url(self.database_url)
        return Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else Path("data")


def read_settings(**overrides: Any) -> Settings:
    """The settings of this process. Raises WrongSettings with one line that names the first wrong one."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "".join(str(part) for part in first["loc"]).upper()
        said = first["msg"].removeprefix("Value error, ")
        raise WrongSettings(f"{name} {said}" if name else said) from None
