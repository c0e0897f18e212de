"""aiogram's calls and the plain ones share a session and do not end each other's connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.telegram.session import BotSession, make_bot

TOKEN = "42:a-token-for-tests"


class BotApi:
    """Answers every call with true; `getUpdates` only after `release` is set."""

    def __init__(self) -> None:
        self.methods: list[str] = []
        self.arrived = asyncio.Event()
        self.release = asyncio.Event()
        self.address = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.methods.append(request.path.rpartition("/")[2])
        if self.methods[-1] == "getUpdates":
            self.arrived.set()
            await self.release.wait()
        return web.json_response({"ok": True, "result": True})


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    api, app = BotApi(), web.Application()
    app.router.add_route("*", "/{anything:.*}", api.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield api
    await runner.cleanup()


async def test_aiograms_first_request_does_not_end_plain_calls(api: BotApi) -> None:
    bot = make_bot(TOKEN, api.address)
    session = bot.session
    assert isinstance(session, BotSession)
    polling = asyncio.create_task(session.call(bot, "getUpdates", {}))
    await api.arrived.wait()
    await bot.delete_webhook()
    assert await session.call(bot, "sendMessage", {"chat_id": 1, "text": "x"}) is True
    api.release.set()
    assert await polling is True
    assert api.methods == ["getUpdates", "deleteWebhook", "sendMessage"]
    await session.close()


async def test_closing_the_session_closes_both_kinds_of_connections(api: BotApi) -> None:
    bot = make_bot(TOKEN, api.address)
    session = bot.session
    assert isinstance(session, BotSession)
    await bot.delete_webhook()
    await session.call(bot, "sendMessage", {"chat_id": 1, "text": "x"})
    await session.close()
    assert (await session.create_session()).closed is False, "aiogram opens a new one when it is used again"
    with pytest.raises(Exception, match="closed"):
        await session.call(bot, "sendMessage", {"chat_id": 1, "text": "x"})
    await session.close()
