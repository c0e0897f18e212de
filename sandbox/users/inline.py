"""Inline mode, prepared messages, forwards and reactions of people."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from sandbox.bot_api.keyboards import parse_inline_markup
from sandbox.bot_api.methods.copying import SENDABLE, forward_origin
from sandbox.bot_api.methods.inline import cache_key, result_content, show_results
from sandbox.bot_api.methods.reactions import checked_reactions
from sandbox.bot_api.objects import chat_json
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import Misuse
from sandbox.state.model import Bot, Chat, InlineQuery, Json, Message, Person
from sandbox.state.world import private_key
from sandbox.users.actions import UserActions

if TYPE_CHECKING:
    from sandbox.bot_api.rate_limits import Limiter

QUERY_LENGTH = 256


class InlineActions:
    """Each action changes the world and queues updates for the bots. Impossible actions raise Misuse."""

    def __init__(self, actions: UserActions, limiter: Limiter) -> None:
        self.actions = actions
        self.world = actions.world
        self.limiter = limiter

    def send_query(self, person: Person, chat: Chat, bot: Bot, query: str, offset: str = "") -> str:
        """Type `@bot query` in a chat. Returns the query's id; the results follow as an event."""
        if not bot.supports_inline_queries:
            raise Misuse(f"@{bot.username} has no inline mode.")
        if person.id not in chat.members:
            raise Misuse(f"{person.first_name} is not in this chat.")
        if bot.id in person.blocked:
            raise Misuse("Unblock the bot first.")
        world = self.world
        id = str(9_000_000_000 + world.next_serial())
        query = query[:QUERY_LENGTH]
        inline_query = InlineQuery(id, person.id, bot.id, chat.key, query, offset, world.clock.unix())
        world.store_recent(world.state.inline_queries, id, inline_query)
        kind = chat.type
        if kind == "private":
            kind = "sender" if chat.bot_id == bot.id else "private"
        self._mark_known(person, bot)
        if self._answer_from_cache(inline_query):
            return id
        query_json = {"id": id, "from": person.as_user(), "query": query, "offset": offset, "chat_type": kind}
        world.queue_update(bot, "inline_query", query_json, person.id)
        return id

    def _answer_from_cache(self, inline_query: InlineQuery) -> bool:
        """Answer a query from the cache, as allowed by the bot's `cache_time`. False if there is no answer."""
        state = self.world.state
        for personal in (True, False):
            query_id, until = state.inline_cache.get(cache_key(inline_query, personal=personal), ("", 0.0))
            before = state.inline_queries.get(query_id)
            if before is not None and until > self.world.clock.unix():
                inline_query.results, inline_query.button = before.results, before.button
                inline_query.next_offset = before.next_offset
                show_results(self.world, inline_query)
                return True
        return False

    def _mark_known(self, person: Person, bot: Bot) -> None:
        self.world.state.chats[private_key(person.id, bot.id)].known = True

    async def choose_result(self, person: Person, chat: Chat, inline_query_id: str, result_id: str) -> Message:
        """Send a result of an answered query to a chat."""
        query = self.world.state.inline_queries.get(inline_query_id)
        if query is None or query.person != person.id or query.results is None:
            raise Misuse("That query has no results.")
        result = next((one for one in query.results if one["id"] == result_id), None)
        if result is None:
            raise Misuse("That result does not exist.")
        bot = self.world.state.bots[query.bot]
        content = await result_content(ApiRequest(self.world, bot, "", {}, self.limiter), result)
        message = self._send(person, chat, bot, content, parse_inline_markup(result.get("reply_markup")))
        chosen: Json = {"result_id": result_id, "from": person.as_user(), "query": query.query}
        if message.inline_id:
            chosen["inline_message_id"] = message.inline_id
        self.world.queue_update(bot, "chosen_inline_result", chosen, person.id)
        return message

    def send_prepared(self, person: Person, chat: Chat, prepared_id: str) -> Message:
        """Send a message that a bot has prepared for this person."""
        prepared = self.world.state.prepared.get(prepared_id)
        if prepared is None or prepared["user"] != person.id or prepared["expires"] < self.world.clock.unix():
            raise Misuse("That prepared message no longer exists.")
        kind = {"supergroup": "group", "private": "bot" if chat.bots else "user"}.get(chat.type, chat.type)
        if kind not in prepared["chats"]:
            raise Misuse("The bot prepared this message for other kinds of chats.")
        bot = self.world.state.bots[prepared["bot"]]
        return self._send(person, chat, bot, deepcopy(prepared["content"]), deepcopy(prepared["reply_markup"]))

    def _send(self, person: Person, chat: Chat, bot: Bot, content: Json, markup: Json | None) -> Message:
        inline_id = f"sandbox-inline-{self.world.next_serial()}" if markup else ""
        message = self.actions.send(
            person, chat, content, via_bot=bot.id, markup=markup, inline_id=inline_id, ids_for=bot.id
        )
        if inline_id:
            self.world.state.inline_messages[inline_id] = (chat.key, message.id)
        return message

    async def wait_for_results(self, inline_query_id: str, limit: float) -> list[Json] | None:
        """Wait for the bot's answer to a query; None after `limit` seconds."""
        query = self.world.state.inline_queries[inline_query_id]
        return await self.world.feed.wait_for(lambda: query.results, limit)

    def forward(self, person: Person, source: Chat, message_id: int, chat: Chat) -> Message:
        """Forward a visible message to another chat."""
        message = self.world.find_message(source.key, message_id)
        if message is None or person.id not in source.members or message.only_for:
            raise Misuse("That message no longer exists.")
        if message.head.get("has_protected_content") or not message.content.keys() & set(SENDABLE):
            raise Misuse("This message cannot be forwarded.")
        content = self.world.files.with_ids_of(deepcopy(message.content), chat.bot_id)
        return self.actions.send(person, chat, content, head={"forward_origin": forward_origin(self.world, message)})

    def react(self, person: Person, chat: Chat, message_id: int, emoji: list[str]) -> None:
        """Set the person's reactions to a message; subscribed bots receive `message_reaction`."""
        message = self.world.find_message(chat.key, message_id)
        if message is None or person.id not in chat.members:
            raise Misuse("That message no longer exists.")
        new = checked_reactions([{"type": "emoji", "emoji": one} for one in emoji])
        old = message.reactions.pop(str(person.id), [])
        if new:
            message.reactions[str(person.id)] = new
        self.world.feed.emit("reaction", chat=chat.key, message_id=message_id, reactions=message.reactions)
        update = {
            "chat": chat_json(self.world, chat),
            "message_id": message_id,
            "user": person.as_user(),
            "date": int(self.world.clock.unix()),
            "old_reaction": old,
            "new_reaction": new,
        }
        for bot_id in chat.bots:
            if chat.type == "private" or bot_id in chat.admins:
                self.world.queue_update(self.world.state.bots[bot_id], "message_reaction", update, person.id)
