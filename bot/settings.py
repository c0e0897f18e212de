"""The settings, from the environment or `.env`, and the roles of processes that share one PostgreSQL database.

An invalid value ends the start with one line.
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from enum import StrEnum
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.calendar import calendar_of
from domain.people import QuietHours
from domain.reading.addresses import is_web_address
from services.context import Rules
from services.network.connections import Network
from services.network.proxies import Proxy, ProxyRules, read_exceptions
from storage.db.addresses import POSTGRESQL, normalized, read_postgresql

OFFICIAL_API = "https://api.telegram.org"
_SQLITE = "sqlite+aiosqlite://"
PROXY_OFF = "off"
"""As PROXY: the system's variables do not count either."""
_SHORTEST_KEY = 16
_MOST_IDS_BITS = 52
"""Bot API, `User.id`: at most 52 significant bits."""


class SettingsError(Exception):
    """One line that names an invalid setting and what it should be; never contains a secret."""


def _ids(value: object) -> object:
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.replace(";", ",").split(",") if part.strip()]
    if not all(re.fullmatch(r"[0-9]{1,16}", part) and 0 < int(part) < 2**_MOST_IDS_BITS for part in parts):
        raise ValueError("must be Telegram IDs with commas between them, such as 1234567,2345678")
    return frozenset(map(int, parts))


def _sentry_dsn(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"https?://[^@\s/]+@[^\s/]+/\S+", value.get_secret_value()):
        raise ValueError("must be an address as Sentry gives it, such as https://key@sentry.example.com/1")
    if find_spec("sentry_sdk") is None:
        raise ValueError("needs a library that is not installed: .venv/bin/pip install -e '.[sentry]'")
    return value


def _collector(value: str) -> str:
    if find_spec("opentelemetry") is None:
        raise ValueError("needs a library that is not installed: .venv/bin/pip install -e '.[otel]'")
    return value


def _address(value: str) -> str:
    if not is_web_address(value):
        raise ValueError("must be an address that begins with http:// or https://")
    return value.rstrip("/")


def _token(value: SecretStr) -> SecretStr:
    token = SecretStr(value.get_secret_value().strip())
    # bot.telegram.redaction recognises tokens by this form.
    if not re.fullmatch(r"[0-9]{3,20}:[A-Za-z0-9_-]{10,}", token.get_secret_value()):
        raise ValueError("is not a bot token: it looks like 123456:ABC…, as BotFather gave it")
    return token


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", value.get_secret_value()):
        raise ValueError("must be 16 to 256 characters of A-Z a-z 0-9 _ -")
    return value


def _erasure_key(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < _SHORTEST_KEY:
        raise ValueError(f"must be a secret of {_SHORTEST_KEY} characters or more")
    return value


def _database(value: str) -> str:
    value = normalized(value)
    if value.startswith(_SQLITE):
        if _sqlite_file(value) is None:
            raise ValueError("must name a file, such as sqlite+aiosqlite:///data/bot.db")
        return value
    if not value.startswith(POSTGRESQL):
        raise ValueError(f"must begin with {_SQLITE} or postgresql://")
    if find_spec("asyncpg") is None:
        raise ValueError("needs a driver that is not installed: .venv/bin/pip install asyncpg")
    if not read_postgresql(value).url.database:
        raise ValueError("must name a database, such as postgresql://user:password@host/bot")
    return value


def _proxy_address(value: SecretStr) -> SecretStr:
    try:
        Proxy.parse(value.get_secret_value())
    except ValueError:
        raise ValueError(
            "must be an address such as http://user:password@host:3128 or socks5://host:1080, the latter with user and "
            "password in ASCII; PROXY=off uses none"
        ) from None
    return value


def _proxy(value: SecretStr) -> SecretStr:
    return value if value.get_secret_value() == PROXY_OFF else _proxy_address(value)


def _certificates(value: Path) -> Path:
    try:
        Network(certificates=value).tls_context()
    except OSError:
        raise ValueError(f"must be a file of certificates (PEM) that can be read: {value}") from None
    return value


def _broker(value: SecretStr) -> SecretStr:
    scheme, _, rest = value.get_secret_value().partition("://")
    extra = {"nats": "nats", "tls": "nats", "redis": "redis", "rediss": "redis"}.get(scheme)
    if extra is None or not is_web_address(f"http://{rest}"):
        raise ValueError("must be an address such as nats://host:4222 or redis://host:6379/0")
    if find_spec(f"taskiq_{extra}") is None:
        raise ValueError(f"needs a library that is not installed: .venv/bin/pip install -e '.[{extra}]'")
    return value


def _folder(value: Path) -> Path:
    if value.exists() and not value.is_dir():
        raise ValueError("must be a folder, which is made where there is none")
    return value


def _present_folder(value: Path) -> Path:
    if not value.is_dir():
        raise ValueError(f"must be a folder on this machine: {value}")
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone such as Asia/Shanghai") from None
    return value


def _minute(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", value.strip()):
        raise ValueError("must be a time of day such as 08:00")
    return time.fromisoformat(value.strip().zfill(5))


def _country(value: str) -> str:
    calendar_of(value)
    return value


def _sqlite_file(url: str) -> Path | None:
    """The file of an SQLite address, relative or (with a fourth slash) absolute; None for any other address."""
    name = url.removeprefix(f"{_SQLITE}/").partition("?")[0] if url.startswith(f"{_SQLITE}/") else ""
    return Path(name) if name and name != ":memory:" and not name.endswith("/") else None


Address = Annotated[str, AfterValidator(_address)]


class Settings(BaseSettings):
    """The settings; each is explained in `.env.example`. Money in yuan, times as HH:MM in `time_zone`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True, validate_default=True
    )

    environment: Literal["development", "production"] = "development"
    bot_token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    bot_api_url: Address = OFFICIAL_API
    bot_api_files: Annotated[Path, AfterValidator(_present_folder)] | None = None
    database_url: Annotated[str, AfterValidator(_database)] = "sqlite+aiosqlite:///data/bot.db"
    erasure_key: Annotated[SecretStr, AfterValidator(_erasure_key)] | None = None
    proxy: Annotated[SecretStr, AfterValidator(_proxy)] | None = None
    https_proxy: SecretStr | None = None
    http_proxy: SecretStr | None = None
    all_proxy: SecretStr | None = None
    no_proxy: str = ""
    ssl_cert_file: Annotated[Path, AfterValidator(_certificates)] | None = None
    updates: Literal["polling", "webhook"] = "polling"
    webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = None
    public_url: Address | None = None
    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    web_port_shared: bool = False
    local_chat_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    organiser_ids: Annotated[frozenset[int], NoDecode, BeforeValidator(_ids)] = frozenset()
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "Asia/Shanghai"
    round_opens_at: Annotated[time, BeforeValidator(_minute)] = time(8)
    calendar: Annotated[str, AfterValidator(_country)] = "CN"
    page_size: Annotated[int, Field(ge=1, le=100)] = 28
    votes_per_day: Annotated[int, Field(ge=1, le=1000)] = 5
    take_backs_per_day: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    double_tap_seconds: Annotated[float, Field(ge=0, le=60)] = 2
    spend_per_ballot: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    welcome_ballots: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    return_ballots: bool = True
    alert_lead_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    send_rate: Annotated[float, Field(gt=0, le=1000)] = 25
    paid_rate: Annotated[float, Field(gt=0, le=1000)] | None = None
    quiet_hours: Annotated[str, AfterValidator(lambda hours: str(QuietHours.parse(hours)))] = "22:00-08:00"
    metrics: Literal["off", "local", "on"] = "local"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 9464
    log_format: Literal["text", "json"] = "text"
    tasks_url: Annotated[SecretStr, AfterValidator(_broker)] | None = None
    sentry_dsn: Annotated[SecretStr, AfterValidator(_sentry_dsn)] | None = None
    otel_exporter_otlp_endpoint: Annotated[Address, BeforeValidator(_collector)] | None = None
    backup_folder: Annotated[Path, AfterValidator(_folder)] | None = None
    backup_keep: Annotated[int, Field(ge=1, le=100_000)] = 48

    @model_validator(mode="after")
    def _combinations(self) -> Settings:
        if self.paid_rate is not None and self.paid_rate <= self.send_rate:
            raise ValueError("PAID_RATE must be above SEND_RATE: nobody pays for being slower")
        if self.updates == "webhook" and (self.webhook_secret is None or self.public_url is None):
            raise ValueError("UPDATES=webhook needs WEBHOOK_SECRET and PUBLIC_URL")
        if self.backup_folder is not None and self.database_file is None:
            raise ValueError("BACKUP_FOLDER is for SQLite; on PostgreSQL use pg_dump")
        for name, value in self._system_proxies().items():
            try:
                _proxy_address(value)
            except ValueError as error:
                raise ValueError(f"{name.upper()} {error}") from None
        if self.environment == "production" and self.bot_token is None:
            raise ValueError("BOT_TOKEN is needed where ENVIRONMENT is production")
        return self

    @property
    def demo(self) -> bool:
        """Whether the bot runs in the local chat, because it has no token."""
        return self.bot_token is None

    def rules(self) -> Rules:
        """The configurable numbers of the rules."""
        return Rules(
            zone=ZoneInfo(self.time_zone),
            opens_at=self.round_opens_at,
            calendar=self.calendar,
            page_size=self.page_size,
            votes_per_day=self.votes_per_day,
            take_backs_per_day=self.take_backs_per_day,
            double_tap=timedelta(seconds=self.double_tap_seconds),
            fen_per_ballot=self.spend_per_ballot * 100,
            welcome_ballots=self.welcome_ballots,
            return_ballots=self.return_ballots,
            alert_lead=timedelta(minutes=self.alert_lead_minutes),
            send_rate=self.send_rate,
            paid_rate=self.paid_rate,
            quiet_hours=QuietHours.parse(self.quiet_hours),
            organisers=self.organiser_ids,
            backup_hours=self.backup_keep if self.backup_folder is not None else 0,
        )

    def _system_proxies(self) -> dict[str, SecretStr]:
        """The variables that curl and others read; none where PROXY replaces them."""
        if self.proxy is not None:
            return {}
        found = {"https_proxy": self.https_proxy, "http_proxy": self.http_proxy, "all_proxy": self.all_proxy}
        return {name: value for name, value in found.items() if value is not None}

    def network(self) -> Network:
        """How other machines are reached."""
        return Network(self._proxy_rules(), self.ssl_cert_file)

    def _proxy_rules(self) -> ProxyRules:
        def parsed(value: SecretStr | None) -> Proxy | None:
            return None if value is None else Proxy.parse(value.get_secret_value())

        exceptions = read_exceptions(self.no_proxy)
        if self.proxy is not None:
            proxy = None if self.proxy.get_secret_value() == PROXY_OFF else parsed(self.proxy)
            return ProxyRules(proxy, proxy, exceptions)
        return ProxyRules(
            parsed(self.https_proxy or self.all_proxy), parsed(self.http_proxy or self.all_proxy), exceptions
        )

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database; None on PostgreSQL."""
        return _sqlite_file(self.database_url)

    @property
    def data_folder(self) -> Path:
        """The folder of files beside the database."""
        return self.database_file.parent if self.database_file else Path("data")

    @property
    def erasure_secret(self) -> bytes | Path:
        """What opens the key of erased members, or the file that holds it: beside the SQLite database, which is one
        machine's. Processes that share a PostgreSQL database have the token in common."""
        if self.erasure_key is not None:
            return self.erasure_key.get_secret_value().encode()
        if self.database_file is not None:
            file = self.database_file.resolve()
            return file.with_name(f"{file.name}.key")
        if self.bot_token is None:
            return self.data_folder / "erasure.key"
        return sha256(b"erasure key of " + self.bot_token.get_secret_value().encode()).digest()

    @property
    def chat_folder(self) -> Path:
        """The folder of the local chat's people and messages."""
        return self.data_folder / "local-chat"


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


def read_settings(**overrides: Any) -> Settings:
    """The settings of this process. Raises SettingsError with one line about the first invalid one."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "".join(str(part) for part in first["loc"][:1]).upper()
        problem = first["msg"].removeprefix("Value error, ").replace("Input should", "should", 1)
        raise SettingsError(f"{name} {problem}" if name else problem) from None
    except UnicodeDecodeError:
        raise SettingsError(".env is not UTF-8: save it again as UTF-8") from None
    except OSError as error:  # such as a file that only its owner may read
        raise SettingsError(
            f".env cannot be read ({error.strerror}): it must belong to the user who runs this"
        ) from None
