"""Starting and stopping the bot."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

import typer
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramRetryAfter, TelegramUnauthorizedError

from bot import demo
from bot.jobs.worker import JobWorker
from bot.ops.backups import Backups
from bot.ops.locks import DatabaseLock
from bot.ops.scheduler import EVERY_SECONDS, Scheduler
from bot.roles import Role
from bot.services import Services, make_services
from bot.settings import Settings, SettingsError
from bot.telegram.redaction import error_of
from bot.updates.poller import LongPoller
from bot.updates.webhook import PATH, WebhookReceiver
from bot.web.landing import LandingPages
from bot.web.server import WebServer
from bot.wiring import BotComponents, make_components
from bot.worker import StopRequested, unless
from domain.payloads import Links
from handlers.localization import Localizer
from handlers.start import set_menus, show_menu
from services.clock import Clock, SystemClock
from services.guards import hold_if_restored
from services.posters import drawing
from services.rounds import RoundOpened
from storage.db import Database
from storage.migrate import migrate

if TYPE_CHECKING:
    from sandbox import Sandbox

log = logging.getLogger(__name__)


Result = TypeVar("Result")


class _Component(Protocol):
    """What runs beside the rest until it is asked to stop."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...


class ComponentFailed(Exception):
    """One line for people that says why the bot has stopped by itself; never holds a secret."""


def show_progress(done: int, total: int) -> None:
    """One line on the terminal that fills up, for work that takes a while."""
    if sys.stderr.isatty() or done == total:
        width = 30
        filled = width * done // max(total, 1)
        end = "\n" if done == total else "\r"
        typer.echo(f"  [{'█' * filled}{'·' * (width - filled)}] {done}/{total}{end}", nl=False, err=True)


async def run(settings: Settings, role: Role = Role.ALL) -> None:
    """Run until a signal asks to stop, in this role.

    Raises WrongSettings where it cannot start, and Broken where a part of it has died, each with one line.
    """
    role.check(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    with contextlib.suppress(StopRequested):
        await (_in_the_local_chat(settings, stopping) if settings.demo else _on_telegram(settings, stopping, role))


async def _on_telegram(settings: Settings, stopping: asyncio.Event, role: Role) -> None:
    assert settings.bot_token is not None, "without a token the bot brings its own chat"
    token = settings.bot_token.get_secret_value()
    async with started(settings, token, settings.bot_api_url, SystemClock(), stopping=stopping, role=role) as (
        running,
        _,
    ):
        me = await running.bot.me()
        part = "" if role is Role.ALL else f" ({role})"
        typer.echo(f"@{me.username} is running{part}. Stop it with Ctrl+C.")
        await stopping.wait()


async def _in_the_local_chat(settings: Settings, stopping: asyncio.Event) -> None:
    from sandbox import Sandbox  # only here: a bot on Telegram does not load the local chat

    settings = settings.model_copy(update={"organiser_ids": settings.organiser_ids | {demo.ORGANISER}})
    box = Sandbox(port=settings.local_chat_port, state_dir=settings.data_folder / "local-chat", any_token=False)
    try:
        await box.start()
    except OSError:
        raise SettingsError(
            f"LOCAL_CHAT_PORT {settings.local_chat_port} is taken by another program; choose another one"
        ) from None
    try:
        demo.furnish(box)
        async with started(settings, demo.TOKEN, box.url, SystemClock(box.clock.now), box=box, stopping=stopping):
            typer.echo(f"\n  The local chat is open:  {box.url}\n\n  Stop it with Ctrl+C.\n")
            await stopping.wait()
    finally:
        await box.stop()


@contextlib.asynccontextmanager
async def started(
    settings: Settings,
    token: str,
    api_url: str,
    clock: Clock,
    *,
    box: Sandbox | None = None,
    every: float = EVERY_SECONDS,
    stopping: asyncio.Event | None = None,
    role: Role = Role.ALL,
) -> AsyncIterator[tuple[BotComponents, Services]]:
    """A running bot: as its role says, it takes updates in, follows the clock and brings letters out until the block
    is left.

    With `box` it also stocks the local chat's catalogue and keeps its page in step. `stopping` ends the waiting for a
    Bot API that does not answer, with Stopped; it is also set when a part of the bot dies, and then Broken is raised
    at the end of the block.
    """
    stopping = stopping or asyncio.Event()
    db = Database(settings.database_url)
    with DatabaseLock(db):
        try:
            await migrate(db)
            services = make_services(db, settings, clock)
            if await hold_if_restored(db, clock.now()):
                log.warning("this database was restored from a dump: everything due is held until an organiser says go")
            await demo.keep_apart(services, demo=box is not None)
            await services.conversations.start()
            after: list[Callable[[RoundOpened | None], Awaitable[None]]] = []
            after.append(lambda _: services.campaigns.tick())
            after.append(lambda _: services.endings.tick())
            after.append(lambda _: services.housekeeping.tick())
            if box is not None:
                await demo.stock(services, show_progress)
                after.append(demo.LocalChatHost(box, services).after_tick)
            schedule = Scheduler(clock, services.rounds, services.groups, *after, every=every)
            web = WebServer(settings, services, schedule)
            running = make_components(services, token, api_url, links_of(settings, box, served=web.listen()))
            try:
                await unless(stopping, _introduce(running))
                if role.runs_schedule:
                    await schedule.open_rounds()
                web.landing = await _landing(running, services)
                takes_in = [await unless(stopping, _poller(settings, running, web))] if role.receives_updates else []
                parts: tuple[_Component, ...] = (
                    *((schedule,) if role.runs_schedule else ()),
                    *takes_in,
                    *((running.sender, running.card_updater) if role.sends_notifications else ()),
                    running.delayed_edits,
                    *_tasks(settings, role, running, services),
                    *_backups(settings, clock),
                )
                async with web, _at_work(parts, stopping):
                    settling = asyncio.create_task(_settle_in(running, services))
                    try:
                        yield running, services
                    finally:
                        settling.cancel()
                        await asyncio.wait({settling})
                        web.stop()
                        running.processor.stop()
            finally:
                web.close()
                await running.bot.session.close()
        finally:
            await db.close()


@contextlib.asynccontextmanager
async def _at_work(parts: Sequence[_Component], stopping: asyncio.Event) -> AsyncIterator[None]:
    """These parts run until the block is left. One that ends before that, however it ends, sets `stopping`, and Broken
    is raised at the end: who watches over the process starts it anew."""
    asked = False
    failures: list[BaseException] = []

    def note(part: _Component, task: asyncio.Task[None]) -> None:
        failure = None if task.cancelled() else task.exception()
        if failure is None and not asked:
            failure = RuntimeError(f"{type(part).__name__} has ended, and nobody had asked it to")
        if failure is not None:
            failures.append(failure)
            stopping.set()

    tasks = [asyncio.create_task(part.run()) for part in parts]
    for part, task in zip(parts, tasks, strict=True):
        task.add_done_callback(partial(note, part))
    try:
        yield
    finally:
        asked = True
        for part in parts:
            part.stop()
        await asyncio.wait(tasks)
    if failures:
        raise ComponentFailed(_why(failures[0])) from failures[0]


def links_of(settings: Settings, box: Sandbox | None, *, served: bool) -> Links:
    """How canvass links are written: with pages where they have an address.

    Without Telegram the pages are on this machine and lead into the local chat.
    """
    if box is None:
        return Links(settings.public_url)
    here = f"http://127.0.0.1:{settings.web_port}" if served else None
    return Links(settings.public_url or here, box.url)


async def _poller(settings: Settings, running: BotComponents, web: WebServer) -> LongPoller | WebhookReceiver:
    """How updates come in: polling, or a webhook on this process's web server."""
    if settings.updates == "polling":
        await _patiently(partial(running.bot.delete_webhook, drop_pending_updates=False))
        return running.poller
    if not web.listen():
        raise SettingsError(f"WEB_PORT {settings.web_port} cannot be served, and UPDATES=webhook needs it")
    assert settings.webhook_secret is not None, "settings refuse a webhook without it"
    secret = settings.webhook_secret.get_secret_value()
    web.webhook = WebhookReceiver(running.processor.process, secret, running.poller.clock)
    set_webhook = partial(
        running.bot.set_webhook,
        f"{settings.public_url}{PATH}",
        secret_token=secret,
        allowed_updates=running.dispatcher.resolve_used_update_types(),
        max_connections=100,
        drop_pending_updates=False,
    )
    try:
        await _patiently(set_webhook)  # replicas that start together are told to wait (429)
    except TelegramBadRequest as error:
        raise SettingsError(f"Telegram does not take PUBLIC_URL for its webhook: {error_of(error)}") from None
    return web.webhook


def _tasks(settings: Settings, role: Role, running: BotComponents, services: Services) -> tuple[JobWorker, ...]:
    """What brings errands to whoever does them, where this process has to do with errands."""
    works = role.runs_jobs(settings)
    if not (works or role.receives_updates):
        return ()
    url = settings.tasks_url.get_secret_value() if settings.tasks_url else None
    return (JobWorker(url, services.jobs, running.job_handlers, services.context.clock, works=works),)


def _backups(settings: Settings, clock: Clock) -> tuple[Backups, ...]:
    """What makes backups, where a folder is set for them."""
    if settings.backup_folder is None or settings.database_file is None:
        return ()
    return (Backups(clock, settings.database_file, settings.backup_folder, settings.backup_keep),)


async def _landing(running: BotComponents, services: Services) -> LandingPages | None:
    """The pages of canvass links; None where they have no address."""
    if not running.links.public_url:
        return None
    me = await running.bot.me()
    context, pictures = services.context, running.pictures
    return LandingPages(context, services.canvassing, pictures, running.posters, running.links, me.username or "")


async def _introduce(running: BotComponents) -> None:
    """Learn who we are; waits while the Bot API cannot be reached."""

    async def ask() -> None:
        await running.bot.me()
        await running.pictures.start()

    try:
        await _patiently(ask)
    except TelegramUnauthorizedError:
        raise SettingsError("BOT_TOKEN was refused by the Bot API: is it the newest one from BotFather?") from None


async def _settle_in(running: BotComponents, services: Services) -> None:
    """What a start can do while taps are answered already: tidy memory, get a typeface ready, set the menus."""
    await asyncio.sleep(0)  # the first poll leaves before this
    gc.collect()
    gc.freeze()
    try:
        await asyncio.to_thread(drawing.warm_up)
        await _patiently(partial(_show_menus, running, services))
    except Exception as error:  # without them everything else goes on
        log.error("the menus could not be set", exc_info=error)


async def _show_menus(running: BotComponents, services: Services) -> None:
    localizer = Localizer("en", services.context.rules.zone, services.context.clock.now())
    await set_menus(running.bot, localizer)
    for organiser in await services.people.organisers():
        await show_menu(running.bot, organiser, replace(localizer, language=organiser.language))


async def _patiently(ask: Callable[[], Awaitable[object]]) -> None:
    """Ask the Bot API for something until it answers. Raises TelegramUnauthorizedError for a token that it does not
    take, and TelegramBadRequest for what it never will do."""
    wait = 1.0
    while True:
        try:
            await ask()
            return
        except (TelegramUnauthorizedError, TelegramBadRequest):
            raise
        except (TelegramAPIError, OSError) as error:
            pause = error.retry_after if isinstance(error, TelegramRetryAfter) else wait
            log.warning("the Bot API does not answer yet, next try in %.0f s: %s", pause, error_of(error))
            await asyncio.sleep(pause)
            wait = min(wait * 2, 30)


def _why(failure: BaseException) -> str:
    if isinstance(failure, TelegramUnauthorizedError):
        return "The bot has stopped: the Bot API no longer accepts BOT_TOKEN. Take the newest one from BotFather."
    log.critical("a part of the bot died", exc_info=failure)
    said = error_of(failure) if isinstance(failure, Exception) else type(failure).__name__
    return f"The bot has stopped, because a part of it died: {said}"
