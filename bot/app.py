"""Starts the components of the bot in order, watches them, and stops them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramUnauthorizedError

from bot import demo
from bot.jobs.worker import JobWorker
from bot.ops.backups import Backups
from bot.ops.liveness import alive
from bot.ops.locks import database_lock
from bot.ops.permissions import folder_and_files, why_not_writable
from bot.ops.scheduler import EVERY_SECONDS, Scheduler
from bot.services import Services, make_services
from bot.settings import Role, Settings, SettingsError
from bot.telegram.errors import retry_after
from bot.telegram.redaction import error_of
from bot.updates.poller import LongPoller
from bot.updates.webhook import PATH, WebhookReceiver
from bot.web.server import WebServer
from bot.wiring import BotComponents, make_components
from bot.worker import StopRequested, unless
from domain.payloads import Links
from handlers.localization import Localizer
from handlers.start import set_menus, show_menu
from services.clock import Clock, SystemClock
from services.erasure_key import UnusableKeyFile
from services.operations import hold_if_restored
from services.rounds import RoundOpened
from storage.db import Database
from storage.migrate import migrate

if TYPE_CHECKING:
    from sandbox import Sandbox

log = logging.getLogger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
"""Seconds between two attempts to reach the Bot API at the start: they double."""
_COLLECTOR = 50_000, 20, 50
"""The collector's thresholds: a full collection stops every tap for a fifth of a second, so it is rare."""


class _Component(Protocol):
    """What runs beside the rest until it is asked to stop."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...


class ComponentFailed(Exception):
    """One line that says why the bot has stopped by itself; never contains a secret."""


def show_progress(done: int, total: int) -> None:
    """One line on the terminal that fills up, for work that takes a while."""
    if sys.stderr.isatty() or done == total:
        width = 30
        filled = width * done // max(total, 1)
        end = "\n" if done == total else "\r"
        sys.stderr.write(f"  [{'█' * filled}{'·' * (width - filled)}] {done}/{total}{end}")
        sys.stderr.flush()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def run(settings: Settings, role: Role = Role.ALL) -> None:
    """Run in this role until a signal asks to stop.

    Raises SettingsError where it cannot start, and ComponentFailed when a component has died, each with one line.
    """
    role.check(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    with contextlib.suppress(StopRequested):
        await (_in_the_local_chat(settings, stopping) if settings.demo else _on_telegram(settings, stopping, role))


async def _on_telegram(settings: Settings, stopping: asyncio.Event, role: Role) -> None:
    assert settings.bot_token is not None, "without a token the bot runs in the local chat"
    token = settings.bot_token.get_secret_value()
    block = started(settings, token, settings.bot_api_url, SystemClock(), stopping=stopping, role=role)
    async with block as (running, _):
        me = await running.bot.me()
        part = "" if role is Role.ALL else f" ({role})"
        _say(f"@{me.username} is running{part}. Stop it with Ctrl+C.")
        await stopping.wait()


async def _in_the_local_chat(settings: Settings, stopping: asyncio.Event) -> None:
    from sandbox import Sandbox  # only here: a bot on Telegram does not load the local chat

    settings = settings.model_copy(update={"organiser_ids": settings.organiser_ids | {demo.ORGANISER}})
    if (why_not := why_not_writable(folder_and_files(settings.chat_folder))) is not None:
        raise SettingsError(why_not)
    demo.refuse_a_second(settings)
    box = Sandbox(port=settings.local_chat_port, state_dir=settings.chat_folder, any_token=False)
    try:
        await box.start()
    except OSError as error:
        why_not = os.strerror(error.errno or 0)
        raise SettingsError(
            f"LOCAL_CHAT_PORT {settings.local_chat_port} cannot be used ({why_not}); choose another one, or 0"
        ) from None
    try:
        token = demo.furnish(box)
        demo.note_address(settings, box.url)
        async with started(settings, token, box.url, SystemClock(box.clock.now), box=box, stopping=stopping):
            _say(f"\n  The local chat is open:  {box.url}\n\n  Stop it with Ctrl+C.\n")
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
    """A bot that runs the components of its role until the block is left.

    With `box` it also fills the local chat's catalogue and keeps its page in step. `stopping` ends the wait for a Bot
    API that does not answer, with StopRequested. It is also set when a component dies; the end of the block then raises
    ComponentFailed.
    """
    stopping = stopping or asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        db = Database(settings.database_url)
        stack.enter_context(database_lock(db))
        stack.push_async_callback(db.close)
        services = await _open_database(db, settings, clock, box)
        await stack.enter_async_context(alive(services))
        after = _after_ticks(services, box)
        schedule = Scheduler(clock, services.rounds, services.groups, services.campaigns, *after, every=every)
        web = WebServer(settings, services, schedule)
        stack.callback(web.close)
        links = links_of(settings, box, served=web.listen())
        running = make_components(services, token, api_url, links, settings.bot_api_files)
        stack.push_async_callback(running.bot.session.close)
        await running.conversations.start()
        await unless(stopping, _introduce(running, clock))
        if role.runs_schedule:
            await schedule.open_rounds()
        components: list[_Component] = [schedule] if role.runs_schedule else []
        if role.receives_updates:
            components.append(await unless(stopping, _receiver(settings, running, web, clock)))
        components += _other_components(settings, role, running, services)
        await _add_landing_pages(web, running, services)
        if box is not None:
            from bot.demo.experiments import experiments_of  # loads what simulates people

            box.backend.experiments.offer(experiments_of(box, services))
        await stack.enter_async_context(web)
        await stack.enter_async_context(_at_work(components, stopping))
        settling = asyncio.create_task(_settle_in(running, services))
        try:
            yield running, services
        finally:
            settling.cancel()
            await asyncio.wait({settling})
            web.stop()
            running.processor.stop()


async def _open_database(db: Database, settings: Settings, clock: Clock, box: Sandbox | None) -> Services:
    """Migrate, check that the database is the right one, and with `box` fill it."""
    await migrate(db)
    services = make_services(db, settings, clock)
    try:
        await services.context.erasure_key.get()  # before any use: an upgrade takes it out of the database
    except UnusableKeyFile as error:
        raise SettingsError(str(error)) from None
    if await hold_if_restored(db, clock.now()):
        log.warning("this database was restored from a dump: everything due is held until an organiser releases it")
    await demo.keep_apart(services, demo=box is not None)
    if box is not None:
        await demo.stock(services, show_progress)
    return services


def _after_ticks(services: Services, box: Sandbox | None) -> list[Callable[[RoundOpened | None], Awaitable[None]]]:
    """What each tick does after opening rounds and queueing notifications."""
    after: list[Callable[[RoundOpened | None], Awaitable[None]]] = [
        lambda _: services.campaigns.tick(),
        lambda _: services.housekeeping.tick(),
        services.examinations.tick,
        services.tally.tick,
    ]
    return after if box is None else [*after, demo.LocalChatHost(box, services).after_tick]


@contextlib.asynccontextmanager
async def _at_work(components: Sequence[_Component], stopping: asyncio.Event) -> AsyncIterator[None]:
    """Run these components until the block is left. If one ends before that, in whatever way, `stopping` is set and the
    end of the block raises ComponentFailed, so that a supervisor restarts the process."""
    asked = False
    failures: list[BaseException] = []

    def note(component: _Component, task: asyncio.Task[None]) -> None:
        failure = None if task.cancelled() else task.exception()
        if failure is None and not asked:
            failure = RuntimeError(f"{type(component).__name__} has ended without being asked to")
        if failure is not None:
            failures.append(failure)
            stopping.set()

    tasks = [asyncio.create_task(component.run()) for component in components]
    for component, task in zip(components, tasks, strict=True):
        task.add_done_callback(partial(note, component))
    try:
        yield
    finally:
        asked = True
        for component in components:
            component.stop()
        await asyncio.wait(tasks)
    if failures:
        raise ComponentFailed(_why(failures[0])) from failures[0]


def _why(failure: BaseException) -> str:
    if isinstance(failure, TelegramUnauthorizedError):
        return "The bot has stopped: the Bot API no longer accepts BOT_TOKEN. Take the newest one from BotFather."
    log.critical("a part of the bot died", exc_info=failure)
    said = error_of(failure) if isinstance(failure, Exception) else type(failure).__name__
    return f"The bot has stopped, because a part of it died: {said}"


def links_of(settings: Settings, box: Sandbox | None, *, served: bool) -> Links:
    """How canvass links are written: with pages where they have an address.

    Without Telegram the pages are on this machine and lead into the local chat.
    """
    if box is None:
        return Links(settings.public_url)
    here = f"http://127.0.0.1:{settings.web_port}" if served else None
    return Links(settings.public_url or here, box.url)


async def _receiver(
    settings: Settings, running: BotComponents, web: WebServer, clock: Clock
) -> LongPoller | WebhookReceiver:
    """What receives updates: the poller, or a webhook on this process's web server."""
    if settings.updates == "polling":
        await _until_answered(partial(running.bot.delete_webhook, drop_pending_updates=False), clock)
        return running.poller
    if not web.listen():
        raise SettingsError(f"WEB_PORT {settings.web_port} cannot be served, and UPDATES=webhook needs it")
    assert settings.webhook_secret is not None, "settings refuse a webhook without it"
    secret = settings.webhook_secret.get_secret_value()
    web.webhook = WebhookReceiver(running.processor.process, secret, clock)
    set_webhook = partial(
        running.bot.set_webhook,
        f"{settings.public_url}{PATH}",
        secret_token=secret,
        allowed_updates=running.dispatcher.resolve_used_update_types(),
        max_connections=100,
        drop_pending_updates=False,
    )
    try:
        await _until_answered(set_webhook, clock)  # replicas that start together are told to wait (429)
    except TelegramBadRequest as error:
        raise SettingsError(f"Telegram does not take PUBLIC_URL for its webhook: {error_of(error)}") from None
    return web.webhook


def _other_components(settings: Settings, role: Role, running: BotComponents, services: Services) -> list[_Component]:
    components: list[_Component] = []
    if role.sends_notifications:
        components += [running.sender, running.card_updater]
    components.append(running.delayed_edits)
    works = role.runs_jobs(settings)
    if works or role.receives_updates:
        url = settings.tasks_url.get_secret_value() if settings.tasks_url else None
        components.append(JobWorker(url, services.jobs, running.job_handlers, services.context.clock, works=works))
    if settings.backup_folder is not None and settings.database_file is not None:
        folder, keep = settings.backup_folder, settings.backup_keep
        # By the time of the machine, also where the local chat's clock is moved.
        components.append(Backups(SystemClock(), settings.database_file, folder, keep))
    return components


async def _add_landing_pages(web: WebServer, running: BotComponents, services: Services) -> None:
    """Serve the pages of canvass links, and those that everybody may read, where they have an address."""
    if running.links.public_url:
        from bot.web.landing import LandingPages  # loads what draws QR codes
        from bot.web.public import PublicPages

        async def username() -> str:
            return (await running.bot.me()).username or ""

        await username()
        web.landing = LandingPages(services, running.messenger.pictures, running.links, username)
        web.public = PublicPages(services)


async def _introduce(running: BotComponents, clock: Clock) -> None:
    """Learn the bot's own name; waits while the Bot API cannot be reached."""

    async def ask() -> None:
        await running.bot.me()
        await running.messenger.pictures.start()

    try:
        await _until_answered(ask, clock)
    except TelegramUnauthorizedError:
        raise SettingsError("BOT_TOKEN was refused by the Bot API: is it the newest one from BotFather?") from None


async def _settle_in(running: BotComponents, services: Services) -> None:
    """What a start can do while taps are answered already: tidy memory, load a typeface, set the menus."""
    from services.pictures import posters

    await asyncio.sleep(0)  # the first poll leaves before this
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTOR)
    try:
        await asyncio.to_thread(posters.warm_up)
        await _until_answered(partial(_show_menus, running, services), services.context.clock)
    except Exception as error:  # without them everything else goes on
        log.error("the menus could not be set", exc_info=error)


async def _show_menus(running: BotComponents, services: Services) -> None:
    localizer = Localizer("en", services.context.rules.zone, services.context.clock.now())
    await set_menus(running.bot, localizer)
    for organiser in await services.people.organisers():
        await show_menu(running.bot, organiser, replace(localizer, language=organiser.language))


async def _until_answered(ask: Callable[[], Awaitable[object]], clock: Clock) -> None:
    """Ask the Bot API until it answers. Raises TelegramUnauthorizedError for a token that it does not accept, and
    TelegramBadRequest for a call that it never will accept."""
    wait = _FIRST_WAIT
    while True:
        try:
            await ask()
            return
        except (TelegramUnauthorizedError, TelegramBadRequest):
            raise
        except (TelegramAPIError, OSError) as error:
            pause = retry_after(error) or wait
            log.warning("the Bot API does not answer yet, next try in %.0f s: %s", pause, error_of(error))
            await clock.sleep(pause)
            wait = min(wait * 2, _LONGEST_WAIT)


gc.freeze()  # what has been loaded lives as long as the process: collections need not walk through it
