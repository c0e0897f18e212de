"""Every setting, good and wrong; a wrong one stops the start with one line that names it and never tells a secret."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import certifi
import pytest
from pydantic import SecretStr

from bot.settings import OFFICIAL_API, Settings, SettingsError, read_settings
from domain.people import QuietHours
from tests.bot.conftest import NAMES, ROOT, MakeFile, Terminal

TOKEN = "123456789:AAE-canary_canary_canary_canary_canary"  # the shape of a real one

GOOD: list[tuple[str, str, Any]] = [
    ("BOT_TOKEN", f"  {TOKEN}\n", TOKEN),
    ("BOT_API_URL", "http://127.0.0.1:8081/", "http://127.0.0.1:8081"),
    ("DATABASE_URL", "sqlite+aiosqlite:////var/lib/bot/bot.db", "sqlite+aiosqlite:////var/lib/bot/bot.db"),
    ("DATABASE_URL", "postgres://u:p@db.example.com/bot", "postgresql+asyncpg://u:p@db.example.com/bot"),
    ("DATABASE_URL", "postgresql://db/bot?sslmode=require", "postgresql+asyncpg://db/bot?sslmode=require"),
    ("PROXY", "socks5://ann:canary@127.0.0.1:1080", "socks5://ann:canary@127.0.0.1:1080"),
    ("PROXY", "off", "off"),
    ("HTTPS_PROXY", "http://proxy.example.com:3128", "http://proxy.example.com:3128"),
    ("HTTP_PROXY", "proxy.example.com:3128", "proxy.example.com:3128"),
    ("ALL_PROXY", "socks://127.0.0.1:7891/", "socks://127.0.0.1:7891/"),
    ("NO_PROXY", "localhost,.example.com", "localhost,.example.com"),
    ("SSL_CERT_FILE", certifi.where(), Path(certifi.where())),
    ("BOT_API_FILES", "/tmp", Path("/tmp")),
    ("PUBLIC_URL", "https://bot.example.com/", "https://bot.example.com"),
    ("WEB_HOST", "0.0.0.0", "0.0.0.0"),
    ("WEB_PORT", "0", 0),
    ("WEB_PORT_SHARED", "true", True),
    ("LOCAL_CHAT_PORT", "65535", 65535),
    ("ORGANISER_IDS", " 1009, 4503599627370495 ;7 ", frozenset({1009, 2**52 - 1, 7})),
    ("ORGANISER_IDS", "1009", frozenset({1009})),
    ("ORGANISER_IDS", "", frozenset()),
    ("TIME_ZONE", "Europe/Berlin", "Europe/Berlin"),
    ("ROUND_OPENS_AT", "8:30", time(8, 30)),
    ("ROUND_OPENS_AT", "00:00", time(0)),
    ("CALENDAR", "DE", "DE"),
    ("CALENDAR", "NONE", "NONE"),
    ("PAGE_SIZE", "100", 100),
    ("VOTES_PER_DAY", "1", 1),
    ("TAKE_BACKS_PER_DAY", "3", 3),
    ("DOUBLE_TAP_SECONDS", "1.5", 1.5),
    ("SPEND_PER_BALLOT", "50", 50),
    ("WELCOME_BALLOTS", "3", 3),
    ("RETURN_BALLOTS", "false", False),
    ("ALERT_LEAD_MINUTES", "45", 45),
    ("SEND_RATE", "0.5", 0.5),
    ("PAID_RATE", "100", 100.0),
    ("QUIET_HOURS", "23:00 - 7:00", "23:00-07:00"),
    ("QUIET_HOURS", "00:00-00:00", "00:00-00:00"),
    ("ENVIRONMENT", "development", "development"),
    ("BACKUP_FOLDER", "data/backups", Path("data/backups")),
    ("BACKUP_KEEP", "24", 24),
    ("METRICS", "on", "on"),
    ("METRICS_PORT", "0", 0),
    ("LOG_FORMAT", "json", "json"),
    ("TASKS_URL", "nats://bot:canary@127.0.0.1:4222", "nats://bot:canary@127.0.0.1:4222"),
    ("TASKS_URL", "rediss://:canary@redis.example.com/0", "rediss://:canary@redis.example.com/0"),
    ("SENTRY_DSN", "https://canary@sentry.example.com/1", "https://canary@sentry.example.com/1"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/", "http://127.0.0.1:4318"),
    ("UPDATES", "polling", "polling"),
    ("WEBHOOK_SECRET", "canary-canary_16", "canary-canary_16"),
    ("ERASURE_KEY", "canary of 16 or more", "canary of 16 or more"),
]

WRONG = [
    ("BOT_TOKEN", "canary"),
    ("BOT_TOKEN", "canary:AAE-canary_canary_canary"),
    ("BOT_TOKEN", "123456789:canary"),
    ("BOT_TOKEN", "123456789:AAE-canary canary canary"),
    ("BOT_TOKEN", "123456789:AAE/../canary/canary/canary"),
    ("BOT_TOKEN", "１２３４５６:AAE-canary_canary_canary"),
    ("BOT_API_URL", "api.telegram.org"),
    ("BOT_API_URL", "ftp://api.telegram.org"),
    ("BOT_API_URL", "http://"),
    ("BOT_API_URL", "http://host:port"),
    ("BOT_API_URL", "http://[::1"),
    ("PROXY", "https://ann:canary@127.0.0.1:1080"),
    ("PROXY", "ftp://canary"),
    ("HTTPS_PROXY", "https://ann:canary@proxy.example.com"),
    ("HTTP_PROXY", "http://ann:canary@proxy.example.com:port"),
    ("ALL_PROXY", "pac+http://canary"),
    ("SSL_CERT_FILE", "nowhere.pem"),
    ("SSL_CERT_FILE", "/dev/null"),
    ("BOT_API_FILES", "nowhere"),
    ("BOT_API_FILES", "/dev/null"),
    ("PUBLIC_URL", "bot.example.com"),
    ("DATABASE_URL", "data/bot.db"),
    ("DATABASE_URL", "sqlite:///data/bot.db"),
    ("DATABASE_URL", "mysql+aiomysql://root@localhost/bot"),
    ("DATABASE_URL", "sqlite+aiosqlite://"),
    ("DATABASE_URL", "sqlite+aiosqlite:///"),
    ("DATABASE_URL", "sqlite+aiosqlite:///:memory:"),
    ("DATABASE_URL", "sqlite+aiosqlite:///data/"),
    ("DATABASE_URL", "postgresql+asyncpg://localhost"),
    ("DATABASE_URL", "postgres://u:canary@db.example.com/bot?sslmode=strict"),
    ("DATABASE_URL", "postgres://u:canary@db.example.com/bot?pgbouncer=canary"),
    ("DATABASE_URL", "postgres://u:canary@db.example.com/bot?sslmode=verify-full&sslrootcert=/canary.pem"),
    ("DATABASE_URL", "postgres://u:canary@db.example.com:port/bot"),
    ("WEB_PORT", "http"),
    ("WEB_PORT", "65536"),
    ("WEB_PORT", "-1"),
    ("WEB_PORT_SHARED", "both"),
    ("LOCAL_CHAT_PORT", "65536"),
    ("ORGANISER_IDS", "@olga"),
    ("ORGANISER_IDS", "1009 1010"),
    ("ORGANISER_IDS", "-1009"),
    ("ORGANISER_IDS", "0"),
    ("ORGANISER_IDS", str(2**52)),
    ("TIME_ZONE", "Shanghai"),
    ("TIME_ZONE", "Asia"),
    ("TIME_ZONE", "/etc/localtime"),
    ("ROUND_OPENS_AT", "8"),
    ("ROUND_OPENS_AT", "24:00"),
    ("ROUND_OPENS_AT", "08:00:30"),
    ("ROUND_OPENS_AT", "08:00Z"),
    ("ROUND_OPENS_AT", "28800"),
    ("CALENDAR", "China"),
    ("CALENDAR", "XX"),
    ("PAGE_SIZE", "0"),
    ("PAGE_SIZE", "101"),
    ("PAGE_SIZE", "many"),
    ("VOTES_PER_DAY", "0"),
    ("TAKE_BACKS_PER_DAY", "0"),
    ("DOUBLE_TAP_SECONDS", "-1"),
    ("DOUBLE_TAP_SECONDS", "61"),
    ("SPEND_PER_BALLOT", "0"),
    ("SPEND_PER_BALLOT", "99.5"),
    ("WELCOME_BALLOTS", "-1"),
    ("RETURN_BALLOTS", "sometimes"),
    ("WELCOME_BALLOTS", str(2**63)),
    ("ALERT_LEAD_MINUTES", "0"),
    ("ALERT_LEAD_MINUTES", "1441"),
    ("SEND_RATE", "0"),
    ("SEND_RATE", "nan"),
    ("SEND_RATE", "inf"),
    ("PAID_RATE", "1001"),
    ("PAID_RATE", "fast"),
    ("QUIET_HOURS", "night"),
    ("QUIET_HOURS", "22:00"),
    ("QUIET_HOURS", "25:00-08:00"),
    ("ENVIRONMENT", "prod"),
    ("BACKUP_KEEP", "0"),
    ("METRICS", "yes"),
    ("METRICS_PORT", "65536"),
    ("LOG_FORMAT", "xml"),
    ("TASKS_URL", "canary"),
    ("TASKS_URL", "amqp://bot:canary@127.0.0.1:5672"),
    ("TASKS_URL", "redis://bot:canary@"),
    ("TASKS_URL", "nats://bot:canary@127.0.0.1:port"),
    ("SENTRY_DSN", "canary"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318"),
    ("BACKUP_FOLDER", "/dev/null"),
    ("UPDATES", "push"),
    ("WEBHOOK_SECRET", "canary"),
    ("ERASURE_KEY", "canary"),
    ("WEBHOOK_SECRET", "canary canary canary"),
]


@pytest.mark.parametrize(("name", "written", "meant"), GOOD)
def test_a_good_value_is_taken(name: str, written: str, meant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, written)
    value = getattr(read_settings(), name.lower())
    assert (value.get_secret_value() if isinstance(value, SecretStr) else value) == meant


@pytest.mark.parametrize(("name", "written"), WRONG)
def test_a_wrong_value_is_one_line_that_names_its_setting(
    name: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, written)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    said = str(caught.value)
    assert said.startswith(f"{name} ")
    assert "\n" not in said and len(said) < 200
    assert "Input" not in said and "Value error" not in said
    assert "canary" not in said


def test_every_setting_has_good_and_wrong_cases() -> None:
    assert {name for name, _, _ in GOOD} == set(NAMES)
    assert {name for name, _ in WRONG} == set(NAMES) - {"WEB_HOST", "NO_PROXY"}, "any name may be a host's"


def test_the_embedded_defaults_are_those_of_the_rules() -> None:
    settings = read_settings()
    rules = settings.rules()
    assert settings.demo and settings.bot_api_url == OFFICIAL_API
    assert settings.database_url == "sqlite+aiosqlite:///data/bot.db" and settings.data_folder == Path("data")
    assert (settings.web_port, settings.environment, settings.public_url) == (8080, "development", None)
    assert (str(rules.zone), rules.opens_at, rules.calendar) == ("Asia/Shanghai", time(8), "CN")
    assert (rules.page_size, rules.votes_per_day, rules.fen_per_ballot, rules.welcome_ballots) == (28, 5, 100_00, 0)
    assert (rules.alert_lead, rules.send_rate) == (timedelta(minutes=30), 25)
    assert rules.quiet_hours == QuietHours(time(22), time(8)) and rules.paid_rate is None


def test_an_empty_value_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, "")
    assert read_settings() == Settings(_env_file=None)  # type: ignore[call-arg]


def test_the_file_is_read_and_the_environment_goes_first(write: MakeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    write(".env", "# 注释\nPAGE_SIZE=12\nVOTES_PER_DAY=7\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("VOTES_PER_DAY", "9")
    settings = read_settings()
    assert (settings.page_size, settings.votes_per_day) == (12, 9)


def test_a_file_in_another_encoding_is_named(own_folder: Path) -> None:
    (own_folder / ".env").write_bytes("# 设置\nPAGE_SIZE=12\n".encode("gbk"))
    with pytest.raises(SettingsError, match=r"^\.env is not UTF-8"):
        read_settings()


def test_production_refuses_to_start_without_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(SettingsError, match="BOT_TOKEN is needed where ENVIRONMENT is production"):
        read_settings()
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    assert not read_settings().demo


def test_a_paid_rate_below_the_free_rate_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAID_RATE", "25")
    with pytest.raises(SettingsError, match="PAID_RATE must be above SEND_RATE"):
        read_settings()
    monkeypatch.setenv("SEND_RATE", "24")
    assert read_settings().rules().paid_rate == 25


@pytest.mark.parametrize("missing", ["WEBHOOK_SECRET", "PUBLIC_URL"])
def test_a_webhook_needs_a_secret_and_an_address(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDATES", "webhook")
    monkeypatch.setenv("WEBHOOK_SECRET", "canary-canary_16")
    monkeypatch.setenv("PUBLIC_URL", "https://bot.example.com")
    assert read_settings().updates == "webhook"
    monkeypatch.delenv(missing)
    with pytest.raises(SettingsError, match=f"^UPDATES=webhook needs .*{missing}") as caught:
        read_settings()
    assert "canary" not in str(caught.value)


def test_the_settings_never_show_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("WEBHOOK_SECRET", "canary-canary_16")
    settings = read_settings()
    assert "canary" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"BOT_TOKEN": "123456789:canary", "WEB_PORT": "0"}, "BOT_TOKEN"),
        ({"BOT_TOKEN": TOKEN, "DATABASE_URL": "sqlite+aiosqlite:///not-a-folder/bot.db"}, "DATABASE_URL"),
    ],
)
def test_the_program_does_not_start_with_a_wrong_value(
    values: dict[str, str], name: str, terminal: Terminal, write: MakeFile
) -> None:
    write("not-a-folder", "")
    terminal.set(**values)
    ended = terminal.python("-m", "bot")
    lines = [line for line in ended.stderr.splitlines() if line != "Starting …"]
    assert ended.returncode == 1 and not ended.stdout
    assert len(lines) == 1 and name in lines[0], ended.stderr
    assert "canary" not in ended.stderr


def test_the_example_explains_every_setting_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    shown = {m[1]: (m[2], number) for number, line in enumerate(lines) if (m := re.fullmatch(r"#([A-Z_]+)=(.*)", line))}
    assert set(shown) == set(NAMES)
    for name, (value, number) in shown.items():
        assert re.match(r"# \w", lines[number - 1]), f"{name} has no comment"
        default = Settings.model_fields[name.lower()].default
        if name != "ORGANISER_IDS":  # that one shows how a list is written
            written = str(default).lower() if isinstance(default, bool) else str(default)
            assert value == (f"{default:%H:%M}" if isinstance(default, time) else "" if default is None else written)
    assert not [line for line in lines if line and not line.startswith("#")], "an example sets nothing by itself"
    assert max(map(len, lines)) <= 120
