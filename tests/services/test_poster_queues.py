"""Who waits for whom where posters are drawn: members for one visitor at most, visitors for each other (R20, R21)."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

import pytest

from bot.services import Services
from services.pictures import posters
from services.pictures.uploads import VISITORS, Pictures, Poster, Words
from services.shared_answers import TooManyAtOnce
from tests.services.test_posters import poster_of
from tests.waiting import GUARD, until

pytestmark = pytest.mark.postgresql_later


class Hand:
    """Draws a poster when the test lets it, and notes the order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began: list[str] = []
        self._go: Future[None] = Future()
        monkeypatch.setattr(posters, "draw", self._draw)

    def _draw(self, _words: Words, _photo: bytes, link: str) -> bytes:
        self.began.append(link)
        self._go.result(GUARD)
        return link.encode()

    def let(self) -> None:
        self._go.set_result(None)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


@pytest.fixture
def pictures(display: Services) -> Pictures:
    return Pictures(display.context, bot_id=42)


async def visitors(display: Services, pictures: Pictures, number: int) -> list[asyncio.Task[bytes]]:
    """Visitors of so many pages, all of whom wait for their posters."""
    wanted = [await poster_of(display, link=f"visitor {n}") for n in range(number)]
    return [asyncio.create_task(pictures.poster_for_visitor(poster)) for poster in wanted]


async def of_member(display: Services) -> Poster:
    return await poster_of(display, link="member")


async def test_a_members_poster_is_drawn_after_one_of_a_visitor_at_most(
    display: Services, pictures: Pictures, hand: Hand
) -> None:
    waiting = await visitors(display, pictures, VISITORS)
    await until(lambda: len(hand.began) == 1)
    own = asyncio.create_task(pictures.content(await of_member(display)))
    await asyncio.sleep(0)
    hand.let()
    assert await own == b"member" and "member" in hand.began[:3]
    assert await asyncio.gather(*waiting) == [f"visitor {n}".encode() for n in range(VISITORS)]


async def test_a_member_waits_for_no_visitor_who_wants_the_same_poster(
    display: Services, pictures: Pictures, hand: Hand
) -> None:
    waiting = await visitors(display, pictures, VISITORS - 1)
    await until(lambda: len(hand.began) == 1)
    poster = await of_member(display)
    visitor = asyncio.create_task(pictures.poster_for_visitor(poster))
    await asyncio.sleep(0)
    own = asyncio.create_task(pictures.content(poster))
    await asyncio.sleep(0)
    hand.let()
    assert await own == b"member" and "member" in hand.began[:3]
    assert await visitor == b"member" and hand.began.count("member") == 1
    await asyncio.gather(*waiting)


async def test_a_poster_that_was_drawn_waits_for_none(display: Services, pictures: Pictures, hand: Hand) -> None:
    poster = await of_member(display)
    pictures._recent[poster.fingerprint] = b"drawn"
    waiting = await visitors(display, pictures, VISITORS)
    await until(lambda: len(hand.began) == 1)
    assert await pictures.content(poster) == await pictures.poster_for_visitor(poster) == b"drawn"
    hand.let()
    await asyncio.gather(*waiting)


async def test_more_visitors_than_there_is_room_for_are_refused_but_not_those_who_want_the_same(
    display: Services, pictures: Pictures, hand: Hand
) -> None:
    waiting = await visitors(display, pictures, VISITORS)
    await until(lambda: len(hand.began) == 1)
    with pytest.raises(TooManyAtOnce):
        await pictures.poster_for_visitor(await of_member(display))
    same = await visitors(display, pictures, VISITORS)
    hand.let()
    assert await asyncio.gather(*same) == await asyncio.gather(*waiting) and len(hand.began) == VISITORS
    assert await pictures.poster_for_visitor(await of_member(display)) == b"member", "and then there is room again"


async def test_where_a_visitor_leaves_the_next_one_gets_the_poster(
    display: Services, pictures: Pictures, hand: Hand
) -> None:
    (first,) = await visitors(display, pictures, 1)
    (second,) = await visitors(display, pictures, 1)
    await until(lambda: len(hand.began) == 1)
    first.cancel()
    hand.let()
    assert await second == b"visitor 0"
