"""Checks the set-up: system, settings, database, network, Bot API, broker, calendar."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.ops.permissions import database_files, folder_and_files, why_not_writable
from bot.settings import OFFICIAL_API, Settings
from domain.calendar import calendar_of
from services.erasure_key import ErasureKey, UnusableKeyFile
from services.operations import Mixed, mixed
from storage.db import Database
from storage.db.database import SQLITE_VERSION
from storage.migrate import check_writing, schema

_BROKER_PORTS = {"nats": 4222, "tls": 4222, "redis": 6379, "rediss": 6379}
MIXED = {
    Mixed.THE_DEMOS: "DATABASE_URL names the demo's database; with BOT_TOKEN choose another one",
    Mixed.REAL_MEMBERS: "DATABASE_URL names a database with real members, and without BOT_TOKEN the demo would mix "
    "with them; set BOT_TOKEN, or choose another database",
}
"""Errors where the demo and real members would share one database."""

_LOST_KEY = (
    "Put back what belongs to this database before the next start: it makes a new key otherwise, and members who come "
    "back after a deletion are not recognised"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    subject: str
    ok: bool
    text: str


async def examine(settings: Settings) -> list[Finding]:
    """Check everything that the bot needs to run; changes nothing."""
    return [
        _system(),
        Finding("settings", True, f"{settings.environment}, times in {settings.time_zone}"),
        await examine_database(settings, to_run=True),
        *_other_folders(settings),
        *await examine_erasure_key(settings),
        *_network(settings),
        await _bot_api(settings),
        *await _broker(settings),
        _calendar(settings),
        _organisers(settings),
    ]


async def examine_database(settings: Settings, *, to_run: bool = False) -> Finding:
    """Whether the database can be used; changes nothing, and creates no file.

    `to_run` also checks whether the bot may start on it; commands work on any database.
    """
    name, file = Database.shown(settings.database_url), settings.database_file
    if file is not None and (why_not := why_not_writable(database_files(file))) is not None:
        return Finding("database", False, why_not)
    if not Database.exists(settings.database_url):
        return _new_file_in(settings.data_folder, name)
    try:
        db = Database(settings.database_url)
        try:
            has, newest = await schema(db)
            await check_writing(db, has)
            if to_run and has == newest:
                mixture = await mixed(db, demo=settings.demo)
                if mixture is not None:
                    return Finding("database", False, MIXED[mixture])
        finally:
            await db.close()
    except Exception as error:  # each driver has its own errors
        return Finding("database", False, f"{name} cannot be used: {_reason(error)}")
    if has == newest:
        return Finding("database", True, f"{name}, schema {has}")
    if has is None:
        return Finding("database", True, f"{name} is empty; the first start creates the tables")
    if newest is None or has > newest:
        return Finding("database", False, f"{name} has schema {has}, which is newer than this program: {newest}")
    return Finding("database", True, f"{name}, schema {has}; the next start upgrades it to {newest}")


def _system() -> Finding:
    """What it runs on."""
    name = {"linux": "Linux", "darwin": "macOS"}.get(sys.platform, sys.platform)
    known = name if name == "Linux" else f"{name}, on which it is not tested"
    return Finding("system", True, f"{known}, Python {platform.python_version()}, SQLite {SQLITE_VERSION}")


def _new_file_in(folder: Path, name: str) -> Finding:
    """Whether a database file can be created in a folder, which may not exist yet either."""
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if nearest.is_dir():
        return Finding("database", True, f"{name} is created at the first start")
    return Finding("database", False, f"{name} cannot be created: {nearest} is not a folder")


def _other_folders(settings: Settings) -> list[Finding]:
    """Whether the folders of backups, of the Bot API server's files and of the local chat, where there are any, can be
    used."""
    found = []
    if settings.backup_folder is not None:
        why_not = why_not_writable([settings.backup_folder])
        said = f"the newest {settings.backup_keep} in {settings.backup_folder}" if why_not is None else why_not
        found.append(Finding("backups", why_not is None, said))
    if settings.bot_api_files is not None:
        readable = os.access(settings.bot_api_files, os.R_OK | os.X_OK)
        said = str(settings.bot_api_files) + ("" if readable else " cannot be read by this user")
        found.append(Finding("bot files", readable, said))
    if settings.demo and (why_not := why_not_writable(folder_and_files(settings.chat_folder))) is not None:
        found.append(Finding("local chat", False, why_not))
    return found


async def examine_erasure_key(settings: Settings) -> list[Finding]:
    """Whether what opens the key of erased members fits the database, and its file is for its owner only; nothing where
    there is no file yet, nor a key that waits for one."""
    secret, fits = settings.erasure_secret, await _key_fits(settings)
    where = secret if isinstance(secret, Path) else "ERASURE_KEY" if settings.erasure_key else "BOT_TOKEN"
    missing = isinstance(secret, Path) and not secret.exists()
    if not fits:
        what = "is missing: it opens" if missing else "does not open"
        return [Finding("erasure key", False, f"{where} {what} the key that the database holds. {_LOST_KEY}")]
    if missing or not isinstance(secret, Path):
        return []
    alone = not secret.stat().st_mode & 0o077
    said = str(secret) if alone else f"{secret} can be read by others; run: chmod 600 {secret}"
    return [Finding("erasure key", alone, said)]


async def _key_fits(settings: Settings) -> bool:
    """Also where that cannot be said: what is wrong with the database is a finding of its own."""
    if not Database.exists(settings.database_url):
        return True
    db = Database(settings.database_url)
    try:
        has, newest = await schema(db)
        return has != newest or await ErasureKey(db, settings.erasure_secret).fits()
    except UnusableKeyFile:
        return False
    except Exception:  # each driver has its own errors
        return True
    finally:
        await db.close()


def _reason(error: BaseException) -> str:
    """The first line of a driver's error, without the statement."""
    text = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    return text.splitlines()[0]


async def _bot_api(settings: Settings) -> Finding:
    if settings.bot_token is None:
        return Finding("bot", True, "no BOT_TOKEN: the bot runs in its local chat")
    where = "" if settings.bot_api_url == OFFICIAL_API else f" at {settings.bot_api_url}"
    token = settings.bot_token.get_secret_value()
    url = f"{settings.bot_api_url}/bot{token}/getMe"
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with settings.network().session(url, timeout=timeout) as session, session.get(url) as response:
            answer: Any = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        return Finding("bot", False, f"the Bot API{where} does not answer ({_why_no_answer(error, settings)})")
    if not isinstance(answer, dict) or "ok" not in answer:
        return Finding("bot", False, f"what answers{where} is not a Bot API")
    if not answer["ok"]:
        reason = str(answer.get("description")).replace(token, "…")
        return Finding("bot", False, f"the Bot API{where} refuses BOT_TOKEN ({reason})")
    return Finding("bot", True, f"@{answer['result']['username']}{where}")


def _network(settings: Settings) -> list[Finding]:
    """The proxy and the certificates that are used; nothing where neither is set."""
    network, found = settings.network(), []
    proxy = network.proxy_for(settings.bot_api_url)
    if proxy is not None:
        found.append(f"the Bot API is reached through the proxy {proxy}")
    elif network.rules.https or network.rules.http:
        found.append("the Bot API is reached without the proxy, by NO_PROXY or because it is on this machine")
    if network.certificates is not None:
        found.append(f"only authorities in {network.certificates} are trusted")
    return [Finding("network", True, "; ".join(found))] if found else []


def _why_no_answer(error: Exception, settings: Settings) -> str:
    """What went wrong, and what to set where that is likely to help; never with the token."""
    proxied = settings.network().proxy_for(settings.bot_api_url) is not None
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is signed by an unknown authority; SSL_CERT_FILE names a file of those to trust"
        case aiohttp.ClientProxyConnectionError():
            return str(error.os_error)
        case _ if settings.bot_api_url == OFFICIAL_API and not proxied:
            return f"{type(error).__name__}; where Telegram is blocked, set PROXY"
    return type(error).__name__


async def _broker(settings: Settings) -> list[Finding]:
    """Whether the broker at TASKS_URL accepts connections; nothing without one."""
    if settings.tasks_url is None:
        return []
    parts = urlsplit(settings.tasks_url.get_secret_value())
    port = parts.port or _BROKER_PORTS[parts.scheme]
    name = f"TASKS_URL at {parts.hostname}:{port}"
    try:
        async with asyncio.timeout(10):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except OSError as error:  # also TimeoutError
        return [Finding("tasks", False, f"{name} does not answer ({type(error).__name__}); work waits in the database")]
    writer.close()
    return [Finding("tasks", True, f"{name} answers")]


def _calendar(settings: Settings) -> Finding:
    rules = settings.rules()
    window = calendar_of(rules.calendar, rules.zone, rules.opens_at).window(datetime.now(UTC))
    opens, closes = (
        moment.astimezone(rules.zone).isoformat(timespec="minutes") for moment in (window.opens_at, window.closes_at)
    )
    return Finding("calendar", True, f"{settings.calendar}; the current round runs from {opens} to {closes}")


def _organisers(settings: Settings) -> Finding:
    if settings.organiser_ids or settings.demo:
        return Finding("organisers", True, f"{len(settings.organiser_ids) or 'the one of the demo'}")
    return Finding("organisers", True, "none: set ORGANISER_IDS to use /desk")
