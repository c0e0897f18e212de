"""Looks the set-up over: settings, database, Bot API, clock and calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import OFFICIAL_API, Settings
from domain.calendar import calendar_of
from storage.db import Database
from storage.migrate import schema


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    said: str


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything that has to be right for the bot to run; changes nothing."""
    return [
        Finding("settings", True, f"{settings.environment}, times in {settings.time_zone}"),
        await _database(settings),
        await _bot_api(settings),
        _calendar(settings),
        _organisers(settings),
    ]


async def _database(settings: Settings) -> Finding:
    name = Database.shown(settings.database_url)
    if not Database.exists(settings.database_url):
        return Finding("database", True, f"{name} is made at the first start")
    db = Database(settings.database_url)
    try:
        has, newest = await schema(db)
    except (SQLAlchemyError, OSError) as error:
        return Finding("database", False, f"{name} cannot be read: {type(error).__name__}")
    finally:
        await db.close()
    if has == newest:
        return Finding("database", True, f"{name}, schema {has}")
    if has is None:
        return Finding("database", True, f"{name} is empty; the tables are made at the first start")
    return Finding("database", True, f"{name}, schema {has}; {newest} follows at the next start")


async def _bot_api(settings: Settings) -> Finding:
    if settings.bot_token is None:
        return Finding("bot", True, "no BOT_TOKEN: the bot brings its own chat")
    where = "" if settings.bot_api_url == OFFICIAL_API else f" at {settings.bot_api_url}"
    url = f"{settings.bot_api_url}/bot{settings.bot_token.get_secret_value()}/getMe"
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        return Finding("bot", False, f"the Bot API{where} does not answer ({type(error).__name__})")
    if not answer.get("ok"):
        return Finding("bot", False, f"the Bot API{where} refuses BOT_TOKEN ({answer.get('description')})")
    return Finding("bot", True, f"@{answer['result']['username']}{where}")


def _calendar(settings: Settings) -> Finding:
    rules = settings.rules()
    window = calendar_of(rules.calendar, rules.zone, rules.opens_at).window(datetime.now(UTC))
    opens, closes = (
        moment.astimezone(rules.zone).isoformat(timespec="minutes") for moment in (window.opens_at, window.closes_at)
    )
    return Finding("calendar", True, f"{settings.calendar}; the present round runs from {opens} to {closes}")


def _organisers(settings: Settings) -> Finding:
    if settings.organiser_ids or settings.demo:
        return Finding("organisers", True, f"{len(settings.organiser_ids) or 'the demo one'}")
    return Finding("organisers", True, "none: set ORGANISER_IDS to use /desk")
