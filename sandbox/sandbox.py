"""The public class: starts the server, adds bots and people, stops it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from sandbox.backend import Backend
from sandbox.http.server import loopback, make_app
from sandbox.state.clock import MovableClock
from sandbox.state.model import Bot, Chat, Person
from sandbox.state.state_store import StateStore
from sandbox.state.world import World


class Sandbox:
    """A local Bot API server with a browser chat. `port=0` takes a free port; `url` is known after `start`.

    `state_dir` keeps the state between starts and is read by the constructor. With `any_token` a well-formed token
    creates its bot on first use. `local_files` is the folder of a server in local mode (`--local`). Raises Misuse for a
    host that is not loopback, or a state that cannot be read.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        state_dir: str | Path | None = None,
        *,
        any_token: bool = True,
        limits: bool = True,
        local_files: Path | None = None,
    ) -> None:
        self.host = loopback(host)
        self.port = port
        self.backend = Backend()
        self.backend.dispatcher.any_token = any_token
        self.backend.world.files.local_folder = local_files
        if not limits:
            self.backend.change_limits({"enabled": False})
        self._runner: web.AppRunner | None = None
        self._state_store: StateStore | None = None
        if state_dir is not None:
            self._state_store = StateStore(self.backend.world, Path(state_dir))
            self._state_store.load()

    # -- start and stop -----------------------------------------------------------------------------------------------

    async def start(self) -> str:
        """Listen. Returns the URL; raises OSError when the port is in use."""
        if self._runner is not None:
            return self.url
        self.backend.open()
        logging.getLogger("aiohttp.server").addFilter(_without_tokens)
        runner = web.AppRunner(make_app(self.backend), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, self.host, self.port)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self.port = runner.addresses[0][1]
        self._runner = runner
        if self._state_store is not None:
            self._state_store.start()
        return self.url

    async def stop(self) -> None:
        """Stop listening; waiting polls are answered with 500 "restart"."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await self.backend.close()
            await runner.cleanup()
            if self._state_store is not None:
                await self._state_store.stop()

    async def __aenter__(self) -> Sandbox:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The base URL, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    # -- content ------------------------------------------------------------------------------------------------------

    @property
    def world(self) -> World:
        """The state: accounts, chats, messages."""
        return self.backend.world

    @property
    def clock(self) -> MovableClock:
        """The movable clock of this sandbox."""
        return self.backend.world.clock

    def add_bot(self, token: str, username: str, first_name: str, supports_inline_queries: bool = True) -> Bot:
        """Create a bot's account."""
        return self.world.add_bot(token, username, first_name, supports_inline_queries)

    def add_person(
        self,
        first_name: str,
        id: int | None = None,
        language_code: str = "en",
        username: str | None = None,
        role_note: str = "",
        **more: Any,
    ) -> Person:
        """Create a person's account; `more` takes last_name, is_premium and time_zone."""
        return self.world.add_person(
            first_name, id, language_code=language_code, username=username, role_note=role_note, **more
        )

    def add_group(
        self, title: str, members: Iterable[int], *, kind: str = "supergroup", admins: Iterable[int] = ()
    ) -> Chat:
        """Create a group, supergroup or channel of people and bots, given by id; the first person owns it."""
        return self.backend.groups.create(kind, title, members, admins)

    @property
    def people(self) -> dict[int, Person]:
        """All people by id, including those loaded from `state_dir`."""
        return self.world.state.people

    def set_limits(self, **wanted: Any) -> None:
        """Change rate limits, for example `enabled=False`."""
        self.backend.change_limits(wanted)


def _without_tokens(record: logging.LogRecord) -> bool:
    """aiohttp's own log lines may quote a request line, which contains the token."""
    return "/bot" not in record.getMessage()
