"""Webhooks: posts updates to a bot on this machine, in order for each sender, with retries (Bot API, setWebhook)."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import orjson

from sandbox.bot_api.registry import ResultWithDescription
from sandbox.bot_api.request import ApiRequest
from sandbox.delivery.update_queue import UpdateQueue
from sandbox.errors import Refusal, bad_request, too_many
from sandbox.state.model import Bot, Json, Update
from sandbox.state.world import World

PORTS = frozenset({80, 88, 443, 8443})
SECRET = re.compile(r"[A-Za-z0-9_-]+")
HEADER = "X-Telegram-Bot-Api-Secret-Token"
CONNECTIONS = 40
LONGEST_DELAY = 3600.0
NOT_AS_REPLY = frozenset({"setwebhook", "deletewebhook", "close", "logout"})
Perform = Callable[[Bot, str, Json], Awaitable[object]]


def checked_address(url: str) -> str:
    """A webhook's URL, checked. Plain HTTP is accepted for this machine only; other hosts are never contacted."""
    if "://" not in url:
        url = "https://" + url
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise bad_request("invalid webhook URL specified") from None
    if not host or any(character.isspace() for character in url):
        raise bad_request("invalid webhook URL specified")
    is_local = host in ("localhost", "::1") or re.fullmatch(r"127(\.\d+){3}", host) is not None
    if parts.scheme == "http" and is_local:
        return url
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if port is not None and port not in PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if is_local:
        raise bad_request(f"bad webhook: IP address {'127.0.0.1' if host == 'localhost' else host} is reserved")
    raise bad_request("bad webhook: Failed to resolve host: Name or service not known")


@dataclass(slots=True)
class _SenderState:
    """Deliveries of one sender's updates: at most one is in flight."""

    busy: bool = False
    failures: int = 0
    not_before: float = 0.0


@dataclass(slots=True)
class _BotDelivery:
    """The delivery task of one bot and its requests in flight."""

    task: asyncio.Task[None]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    senders: dict[int, _SenderState] = field(default_factory=dict)
    in_flight: set[asyncio.Task[None]] = field(default_factory=set)

    def request_ended(self, task: asyncio.Task[None]) -> None:
        """A request has ended: wake the task, which may now start another one."""
        self.in_flight.discard(task)
        self.wake.set()


class Webhooks:
    """Delivers updates, retries with a doubling delay, and executes methods in responses. Delays use real time."""

    def __init__(self, world: World, update_queue: UpdateQueue, perform: Perform) -> None:
        self.world = world
        self.update_queue = update_queue
        self.perform = perform
        self.first_delay = 1.0
        self._deliveries: dict[int, _BotDelivery] = {}
        self._session: aiohttp.ClientSession | None = None
        self._set_at: dict[int, float] = {}

    # -- settings -----------------------------------------------------------------------------------------------------

    def set(self, call: ApiRequest) -> ResultWithDescription:
        """setWebhook; an empty URL deletes the webhook."""
        bot = call.bot
        url = call.text("url").strip()
        if not url:
            return self.delete(call)
        url = checked_address(url)
        secret = call.text("secret_token")
        if len(secret) > 256:
            raise bad_request("secret token is too long")
        if secret and not SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        now = self.update_queue.monotonic()
        if self.update_queue.throttling and now - self._set_at.get(bot.id, -10.0) < 1.0:
            raise too_many(1)
        self._set_at[bot.id] = now
        connections = min(max(call.integer("max_connections", CONNECTIONS), 1), 100)
        wanted: Json = {"url": url, "secret_token": secret, "max_connections": connections}
        same = all(bot.webhook.get(name) == value for name, value in wanted.items())
        self.update_queue.set_allowed(call)
        self._drop_pending(call)
        if same:
            return ResultWithDescription(True, "Webhook is already set")
        bot.webhook = wanted
        self.update_queue.interrupt(bot, "terminated by setWebhook request")
        self._stop(bot)
        self.wake(bot)
        return ResultWithDescription(True, "Webhook was set")

    def delete(self, call: ApiRequest) -> ResultWithDescription:
        """deleteWebhook"""
        self._drop_pending(call)
        if not call.bot.webhook:
            return ResultWithDescription(True, "Webhook is already deleted")
        call.bot.webhook = {}
        self._stop(call.bot)
        return ResultWithDescription(True, "Webhook was deleted")

    @staticmethod
    def _drop_pending(call: ApiRequest) -> None:
        if call.flag("drop_pending_updates"):
            call.bot.updates.clear()

    def info(self, call: ApiRequest) -> Json:
        """getWebhookInfo"""
        bot, hook = call.bot, call.bot.webhook
        info: Json = {
            "url": hook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.update_queue.pending(bot)),
        }
        if hook:
            info["max_connections"] = hook["max_connections"]
            info["ip_address"] = "127.0.0.1"
        for name in ("last_error_date", "last_error_message"):
            if name in hook:
                info[name] = hook[name]
        if bot.allowed_updates:
            info["allowed_updates"] = bot.allowed_updates
        return info

    # -- delivery -----------------------------------------------------------------------------------------------------

    def wake(self, bot: Bot) -> None:
        """Start or wake the delivery of a bot that may have updates."""
        if not bot.webhook.get("url"):
            return
        delivery = self._deliveries.get(bot.id)
        if delivery is None or delivery.task.done():
            with contextlib.suppress(RuntimeError):  # no event loop yet: starting the server wakes every bot
                asyncio.get_running_loop()
                self._deliveries[bot.id] = delivery = _BotDelivery(asyncio.ensure_future(self._run(bot.id)))
        if delivery is not None:
            delivery.wake.set()

    def _stop(self, bot: Bot) -> None:
        delivery = self._deliveries.pop(bot.id, None)
        if delivery is not None:
            delivery.task.cancel()
            for task in delivery.in_flight:
                task.cancel()

    async def close(self) -> None:
        """Stop all deliveries."""
        tasks = [task for delivery in self._deliveries.values() for task in (delivery.task, *delivery.in_flight)]
        self._deliveries.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _run(self, bot_id: int) -> None:
        loop = asyncio.get_running_loop()
        while (bot := self.world.state.bots.get(bot_id)) is not None and bot.webhook.get("url"):
            delivery = self._deliveries[bot_id]
            delivery.wake.clear()
            soonest: float | None = None
            seen: set[int] = set()
            for update in list(self.update_queue.pending(bot)):
                if len(delivery.in_flight) >= bot.webhook["max_connections"]:
                    break
                sender = delivery.senders.setdefault(update.lane, _SenderState())
                if sender.busy or update.lane in seen:
                    continue
                seen.add(update.lane)
                if sender.not_before > loop.time():
                    soonest = min(soonest or sender.not_before, sender.not_before)
                    continue
                sender.busy = True
                task = asyncio.ensure_future(self._deliver(bot, update, sender, delivery))
                delivery.in_flight.add(task)
                task.add_done_callback(delivery.request_ended)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(delivery.wake.wait(), soonest - loop.time() if soonest is not None else None)

    async def _deliver(self, bot: Bot, update: Update, sender: _SenderState, delivery: _BotDelivery) -> None:
        delay = 0.0
        try:
            reply = await self._post(bot, update)
        except _DeliveryFailed as failed:
            delay = failed.retry_after or min(self.first_delay * 2**sender.failures, LONGEST_DELAY)
            sender.failures += 1
            bot.webhook["last_error_date"] = int(self.world.clock.unix())
            bot.webhook["last_error_message"] = failed.reason
        else:
            sender.failures = 0
            bot.updates = [one for one in bot.updates if one.id != update.id]
            await self._execute(bot, reply)
        finally:
            sender.busy = False
            sender.not_before = asyncio.get_running_loop().time() + delay

    async def _post(self, bot: Bot, update: Update) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        headers = {"Content-Type": "application/json"}
        if secret := bot.webhook.get("secret_token"):
            headers[HEADER] = secret
        try:
            async with self._session.post(
                bot.webhook["url"], data=update.as_text().encode(), headers=headers, allow_redirects=False
            ) as response:
                body = await response.read()
                if 200 <= response.status < 300:
                    return body
                after = response.headers.get("Retry-After", "")
                reason = f"Wrong response from the webhook: {response.status} {response.reason}"
                raise _DeliveryFailed(reason, min(float(after), LONGEST_DELAY) if after.isdigit() else 0.0)
        except TimeoutError:
            raise _DeliveryFailed("Read timeout expired") from None
        except aiohttp.ClientError as error:
            refused = isinstance(error, aiohttp.ClientConnectorError)
            raise _DeliveryFailed("Connection refused" if refused else "Connection closed") from None

    async def _execute(self, bot: Bot, reply: bytes) -> None:
        """Run the method in a webhook response; its result is not returned (Bot API, "Making requests when getting
        updates").
        """
        try:
            args = orjson.loads(reply) if reply else None
        except orjson.JSONDecodeError:
            return
        if not isinstance(args, dict) or not isinstance(args.get("method"), str):
            return
        name = args.pop("method")
        if name.lower().startswith("get") or name.lower() in NOT_AS_REPLY:
            return
        with contextlib.suppress(Refusal):
            result = self.perform(bot, name, args)
            if inspect.isawaitable(result):
                await result


class _DeliveryFailed(Exception):
    """A failed delivery, to be retried after `retry_after` seconds; 0 means the usual delay."""

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
