"""The test kit with an unmodified aiogram bot, and with two hundred people."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InputTextMessageContent,
    Message,
)

from sandbox import Sandbox
from sandbox.testing import Kit, NotSeen
from tests.sandbox.harness import TOKEN, png
from tests.waiting import GUARD


def keyboard(count: int) -> InlineKeyboardMarkup:
    vote = InlineKeyboardButton(text=f"🙋 want · {count}", callback_data=f"want:{count}", style="danger")
    link = InlineKeyboardButton(text="Link", copy_text={"text": "copied"})
    return InlineKeyboardMarkup(inline_keyboard=[[vote], [link]])


def dispatcher() -> Dispatcher:
    """A small bot: a picture with a counting button, and a reply to documents."""
    dp = Dispatcher()

    @dp.message(CommandStart())
    async def start(message: Message) -> None:
        picture = BufferedInputFile(png(), "card.png")
        await message.answer_photo(picture, caption=f"Hello {message.text}", reply_markup=keyboard(0))

    @dp.callback_query()
    async def tapped(query: CallbackQuery) -> None:
        assert query.data and isinstance(query.message, Message)
        count = int(query.data.partition(":")[2]) + 1
        if count > 2:
            await query.answer(url="https://t.me/kit_bot?start=again")
        else:
            await query.answer(f"counted {count}", show_alert=count == 2)
        await query.message.edit_caption(caption=f"votes: {count}", reply_markup=keyboard(count))

    @dp.message()
    async def other(message: Message) -> None:
        if message.document is not None:
            await message.answer(f"got {message.document.file_name}")

    return dp


@contextlib.asynccontextmanager
async def running(box: Sandbox, dp: Dispatcher) -> AsyncIterator[Bot]:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(box.url)))
    task = asyncio.create_task(dp.start_polling(bot, handle_signals=False, polling_timeout=5))
    try:
        yield bot
    finally:
        with contextlib.suppress(RuntimeError):
            await dp.stop_polling()
        await task


@pytest.fixture
async def kit(box: Sandbox) -> AsyncIterator[Kit]:
    box.add_bot(TOKEN, "kit_bot", "Kit")
    async with running(box, dispatcher()):
        yield Kit(box, limit=GUARD)


async def test_a_person_starts_a_bot_taps_and_sends_a_file(kit: Kit) -> None:
    ann = await kit.person("Ann", language_code="zh")
    await ann.opens("https://t.me/kit_bot?start=abc")
    card = await ann.sees("Hello /start abc")
    assert card.photo_bytes()[:2] == b"\xff\xd8"
    first = await ann.taps("🙋")
    assert first is not None and (first.text, first.alert, first.url) == ("counted 1", False, "")
    await ann.sees("votes: 1")
    assert card.text == "votes: 1" and card.edited
    assert card.buttons[0][0].style == "danger" and card.buttons[1][0].copy == "copied"
    second = await ann.taps("want", message=card)
    assert second is not None and second.alert
    await ann.sees("votes: 2")
    assert await ann.taps("Link") is None
    third = await ann.taps("🙋")
    assert third is not None and third.url.endswith("start=again")
    await ann.sees("Hello /start again")
    await ann.sends_file(b"a,b", "goods.csv")
    await ann.sees("got goods.csv")
    await ann.shows_nothing_new(0.05)


async def test_missing_messages_and_buttons_raise_notseen(kit: Kit) -> None:
    ann = await kit.person("Ann")
    with pytest.raises(NotSeen, match="Welcome"):
        await ann.sees("Welcome", limit=0.05)
    with pytest.raises(NotSeen, match="no button"):
        await ann.taps("🙋", limit=0.05)
    with pytest.raises(NotSeen):
        ann.last()
    await ann.says("/start")
    with pytest.raises(NotSeen, match="changed"):
        await ann.shows_nothing_new(GUARD)


async def test_reading_blocking_and_unblocking_change_the_person(kit: Kit) -> None:
    ann = await kit.person("Ann")
    await ann.says("/start")
    await ann.sees("Hello")
    assert ann.unread == 1
    await ann.reads()
    assert ann.unread == 0
    await ann.blocks()
    assert kit.bot.id in ann.person.blocked
    await ann.unblocks()
    assert ann.person.blocked == []


@pytest.mark.long
async def test_taps_of_two_hundred_people_at_once_all_arrive_in_order(box: Sandbox) -> None:
    """No tap is lost or delivered twice, and the taps of each person arrive in order."""
    box.add_bot(TOKEN, "crowd_bot", "Crowd")
    taps = 5
    heard: dict[int, list[str]] = {}
    dp = Dispatcher()

    @dp.message()
    async def start(message: Message) -> None:
        await message.answer("card", reply_markup=keyboard(0))

    @dp.callback_query()
    async def tapped(query: CallbackQuery) -> None:
        heard.setdefault(query.from_user.id, []).append(query.id)
        assert isinstance(query.message, Message)
        await query.answer(query.id)
        await query.message.answer(query.id)

    async with running(box, dp):
        kit = Kit(box, limit=GUARD)
        crowd = [await kit.person(f"Person {number}") for number in range(200)]
        await asyncio.gather(*(one.says("/start") for one in crowd))
        await asyncio.gather(*(one.sees("card") for one in crowd))
        cards = [one.last() for one in crowd]
        pressed: dict[int, list[str]] = {one.id: [] for one in crowd}
        for _ in range(taps):
            done = await asyncio.gather(
                *(one.tapped("🙋", message=card) for one, card in zip(crowd, cards, strict=True))
            )
            for one, tap in zip(crowd, done, strict=True):
                pressed[one.id].append(tap["callback_query_id"])
        answers = await asyncio.gather(*(one.answered(id) for one in crowd for id in pressed[one.id]))
        assert sorted(answer.text for answer in answers) == sorted(id for ids in pressed.values() for id in ids)
        assert heard == pressed, "each person's taps arrive once, in their order"
        for one in crowd:
            await one.sees(pressed[one.id][-1])
            assert len(one.messages()) == 2 + taps


async def test_inline_results_work_in_groups_and_in_private_chats_of_people(box: Sandbox) -> None:
    box.add_bot(TOKEN, "inline_bot", "Inline")
    dp = Dispatcher()

    @dp.inline_query()
    async def asked(query: InlineQuery) -> None:
        content = InputTextMessageContent(message_text=f"card of {query.query}")
        article = InlineQueryResultArticle(
            id="1", title="Card", input_message_content=content, reply_markup=keyboard(0)
        )
        await query.answer([article], cache_time=0)

    @dp.callback_query()
    async def tapped(query: CallbackQuery, bot: Bot) -> None:
        await query.answer("noted")
        await bot.edit_message_text("sold", inline_message_id=query.inline_message_id)

    async with running(box, dp):
        kit = Kit(box, limit=GUARD)
        ann, ben = await kit.person("Ann"), await kit.person("Ben")
        for chat in (await kit.group("Friends", ann, ben), kit.between(ann, ben)):
            results = await ann.asks("pears", chat=chat)
            assert results.results[0]["title"] == "Card"
            await ann.chooses(results, chat=chat)
            card = await ben.sees("card of pears", chat=chat)
            answer = await ben.taps("🙋", chat=chat)
            assert answer is not None and answer.text == "noted"
            await ben.sees("sold", chat=chat)
            assert card.text == "sold"
