"""The pages of canvass links as browsers, crawlers and vandals meet them (R21, R23)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import aiohttp
import pytest
import zxingcpp
from aiohttp.test_utils import make_mocked_request
from PIL import Image

from bot.ops.scheduler import Scheduler
from bot.services import Services
from bot.web.landing import FRESH, LandingPages, preferred_language
from bot.web.server import WebServer
from domain.payloads import Links
from services.canvassing.links import MyLink
from services.pictures.uploads import Pictures
from services.shared_answers import TooManyAtOnce
from storage.db import Database
from tests.conftest import Watch, meet, settings_for
from tests.services.conftest import on_display, one, order, voter

USERNAME = "wanttogroup_bot"
EN = {"Accept-Language": "en"}


class Ticker:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Site:
    """A served bot, and a browser that requests its pages."""

    url: str
    services: Services
    session: aiohttp.ClientSession
    ticker: Ticker
    landing: LandingPages

    async def get(
        self, path: str, headers: dict[str, str] | None = None, method: str = "GET"
    ) -> aiohttp.ClientResponse:
        response = await self.session.request(
            method, self.url + path, headers=EN if headers is None else headers, allow_redirects=False
        )
        await response.read()
        return response

    async def link(self, chat_id: int = 1001, name: str = "Annabel") -> MyLink:
        """A link of a member's for the first item on display."""
        member = await meet(self.services, chat_id, name)
        found = await self.services.canvassing.link(member, (await on_display(self.services))[0])
        assert found is not None
        return found


@pytest.fixture
async def site(display: Services, tmp_path: Path) -> AsyncIterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url, ticker = f"http://127.0.0.1:{port}", Ticker()
    context = display.context
    web = WebServer(
        settings_for(tmp_path, web_port=port),
        display,
        Scheduler(display.context.clock, display.rounds, display.groups, display.campaigns, every=60),
    )
    web.landing = LandingPages(display, Pictures(context, 42), Links(url), USERNAME, ticker)
    async with web, aiohttp.ClientSession() as session:
        yield Site(url, display, session, ticker, web.landing)


class Outline(HTMLParser):
    """What a page is made of: its tags with their attributes, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def meta(self) -> dict[str, str]:
        return {tag.get("property") or tag.get("name", ""): tag.get("content", "") for tag in self.all("meta")}


async def outline(response: aiohttp.ClientResponse) -> Outline:
    return Outline(await response.text())


# -- what a friend sees -----------------------------------------------------------------------------------------------


async def test_r21_the_page_shows_the_item_and_one_way_into_the_chat(site: Site) -> None:
    link = await site.link()
    response = await site.get(f"/i/{link.token}")
    page = await outline(response)
    assert (response.status, response.content_type) == (200, "text/html")
    item = link.item
    assert item.title_en in page.words and item.shop in page.words
    assert "A friend asks: would you want it?" in page.words and "22 hours left to vote" in page.words
    ways = [tag for tag in page.all("a") if not tag["href"].startswith("?l=")]
    assert [way["href"] for way in ways] == [f"https://t.me/{USERNAME}?start=c{link.token}"]
    (image,) = page.all("img")
    assert image["src"] == f"{link.token}/picture.jpg" and image["alt"]


async def test_a_title_from_right_to_left_is_set_in_its_own_direction(site: Site) -> None:
    page = await outline(await site.get(f"/i/{(await site.link()).token}"))
    texts = [*page.all("h1"), *(tag for tag in page.all("p") if tag.get("class") in ("shop", "text"))]
    assert len(texts) == 3 and {tag.get("dir") for tag in texts} == {"auto"}


async def test_the_count_is_live_on_each_load_after_a_second(site: Site) -> None:
    link = await site.link()
    assert "Nobody has asked for it yet" in await (await site.get(f"/i/{link.token}")).text()
    for n, said in ((1, "person wants it"), (2, "people want it")):
        await site.services.voting.cast(await voter(site.services, 2000 + n), link.item.id)
        site.ticker.now += FRESH
        page = await outline(await site.get(f"/i/{link.token}"))
        assert re.search(rf"{n}\s+{said}", page.words)


async def test_a_page_is_rendered_once_a_second_and_not_once_a_load(site: Site) -> None:
    link = await site.link()
    seen = {await (await site.get(f"/i/{link.token}")).text()}
    await site.services.voting.cast(await voter(site.services, 2001), link.item.id)
    for _ in range(20):
        seen.add(await (await site.get(f"/i/{link.token}")).text())
    assert len(seen) == 1
    site.ticker.now += FRESH
    seen |= {await (await site.get(f"/i/{link.token}")).text() for _ in range(20)}
    assert len(seen) == 2


async def test_r21_what_is_said_when_voting_is_over(site: Site, watch: Watch, db: Database) -> None:
    link = await site.link()
    watch.advance(hours=22)
    for state, said in (
        ("on_display", "This round is over"),
        ("displayed", "This round is over"),
        ("open", "The group is open"),
        ("rejected", "It did not make it to a group"),
    ):
        await order(db, "UPDATE items SET state = :state WHERE id = :id", state=state, id=link.item.id)
        site.ticker.now += 60
        response = await site.get(f"/i/{link.token}")
        page = await outline(response)
        assert response.status == 200 and said in page.words and "left to vote" not in page.words
        ways = [tag["href"] for tag in page.all("a") if not tag["href"].startswith("?l=")]
        shop = link.item.url if state == "open" else "https://t.me/"
        assert len(ways) == 1 and ways[0].startswith(shop), "🛒 leads to the shop, all else into the chat"


async def test_r23_an_ended_link_and_one_of_a_deleted_member_still_show_the_item(site: Site) -> None:
    ann = await meet(site.services, 1001, "Annabel")
    link = await site.link()
    await site.services.canvassing.link(ann, link.item.id, renew=True)
    assert link.item.title_en in await (await site.get(f"/i/{link.token}")).text()
    await site.services.people.erase(ann)
    site.ticker.now += 60
    response = await site.get(f"/i/{link.token}")
    assert response.status == 200 and link.item.title_en in await response.text()


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr, zh;q=0.3, en;q=0.7", "en"),
        ("de, zh-Hant-TW;q=0.1", "zh"),
        ("", "en"),
        ("*", "en"),
        ("zh;q=0", "en"),
        ("zh;q=x, ;;,,;q=, en;q=0.1", "en"),
        ("ZH-hans", "zh"),
    ],
)
async def test_r35_the_browsers_wish_decides_the_language(site: Site, wish: str, language: str) -> None:
    assert preferred_language(wish) == language
    link = await site.link()
    response = await site.get(f"/i/{link.token}", {"Accept-Language": wish})
    assert response.headers["Content-Language"] == language and response.headers["Vary"] == "Accept-Language"
    assert (link.item.title_zh if language == "zh" else link.item.title_en) in (await outline(response)).words


async def test_r35_the_page_offers_its_other_language(site: Site) -> None:
    link = await site.link()
    page = await outline(await site.get(f"/i/{link.token}"))
    (other,) = [tag for tag in page.all("a") if tag["href"].startswith("?l=")]
    response = await site.get(f"/i/{link.token}{other['href']}")
    assert response.headers["Content-Language"] == "zh"
    assert (await site.get(f"/i/{link.token}?l=xx")).headers["Content-Language"] == "en"


# -- previews ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_previews_have_title_prices_and_the_items_picture_which_may_be_cut(site: Site, language: str) -> None:
    link = await site.link()
    meta = (await outline(await site.get(f"/i/{link.token}?l={language}"))).meta
    assert link.item.title(language) in meta["og:title"] and meta["twitter:title"] == meta["og:title"]
    assert "¥100" in meta["og:title"] and "¥200.50" in meta["og:title"]
    assert meta["og:url"] == f"{site.url}/i/{link.token}" and meta["twitter:card"] == "summary_large_image"
    assert meta["og:image"] == meta["twitter:image"] and meta["og:image"].startswith(
        f"{site.url}/i/{link.token}/picture.jpg"
    )
    response = await site.get(meta["og:image"].removeprefix(site.url))
    image = Image.open(io.BytesIO(await response.read()))
    assert image.size == (int(meta["og:image:width"]), int(meta["og:image:height"]))
    assert response.headers["Content-Type"] == "image/jpeg" and not zxingcpp.read_barcodes(image.convert("L"))
    poster = await site.get(f"/i/{link.token}/poster.jpg?l={language}")
    drawn = Image.open(io.BytesIO(await poster.read()))
    assert [found.text for found in zxingcpp.read_barcodes(drawn.convert("L"))] == [f"{site.url}/i/{link.token}"]


async def test_search_engines_keep_out(site: Site) -> None:
    link = await site.link()
    response = await site.get(f"/i/{link.token}")
    assert "noindex" in response.headers["X-Robots-Tag"] and "noindex" in (await outline(response)).meta["robots"]


async def test_a_previews_picture_has_another_address_when_the_item_has_another_picture(site: Site) -> None:
    link = await site.link()
    first = (await outline(await site.get(f"/i/{link.token}"))).meta["og:image"]
    await site.services.voting.cast(await voter(site.services, 2001), link.item.id)
    site.ticker.now += 60
    assert (await outline(await site.get(f"/i/{link.token}"))).meta["og:image"] == first, "a vote changes no picture"
    await order(site.services.context.db, "UPDATE items SET picture_id = (SELECT max(id) FROM pictures)")
    site.ticker.now += 60
    assert (await outline(await site.get(f"/i/{link.token}"))).meta["og:image"] != first


# -- small, safe, private ---------------------------------------------------------------------------------------------


async def test_the_page_is_small_and_needs_nothing_but_itself(site: Site) -> None:
    link = await site.link()
    response = await site.get(f"/i/{link.token}")
    body = await response.read()
    assert len(body) < 50_000
    page = await outline(response)
    assert not page.all("script") and not [tag for tag, _ in page.tags if tag in ("iframe", "form", "object", "embed")]
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert "Set-Cookie" not in response.headers


async def test_a_strict_policy_lets_in_this_style_and_nothing_else(site: Site) -> None:
    link = await site.link()
    response = await site.get(f"/i/{link.token}")
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["img-src"] == "'self'" and "script-src" not in policy
    assert policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    style = re.search(r"<style>(.*)</style>", await response.text(), re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy["style-src"] == f"'sha256-{digest}'"
    assert (
        response.headers["X-Content-Type-Options"] == "nosniff" and response.headers["Referrer-Policy"] == "no-referrer"
    )


async def test_r23_nothing_tells_who_the_owner_is_but_a_name_that_they_chose_to_show(site: Site) -> None:
    ann = await meet(site.services, 5_123_456_789, "Annabel")
    link = await site.link(5_123_456_789)

    async def everything() -> str:
        parts = []
        for path in ("", "/picture.jpg", "/poster.jpg"):
            response = await site.get(f"/i/{link.token}{path}")
            parts += [str(response.headers), (await response.read()).decode("utf-8", "replace")]
        return "".join(parts)

    assert "5123456789" not in (text := await everything()) and "Annabel" not in text
    await site.services.people.toggle(ann, "name", True)
    site.ticker.now += 60
    assert "Annabel asks" in (text := await everything()) and "5123456789" not in text


@pytest.mark.parametrize(
    "nasty", ['"><script>alert(1)</script>', "{{ 7*7 }}", "</title><h1>", "&lt;b&gt;", "' onload='x"]
)
async def test_what_shops_and_members_write_stays_text(site: Site, db: Database, nasty: str) -> None:
    link = await site.link(name=nasty)
    await site.services.people.toggle(await meet(site.services, 1001, nasty), "name", True)
    await order(
        db,
        "UPDATE items SET title = :nasty, title_en = :nasty, description_en = :nasty WHERE id = :id",
        nasty=nasty,
        id=link.item.id,
    )
    page = await outline(await site.get(f"/i/{link.token}"))
    assert not page.all("script") and page.words.count(nasty) >= 3 and len(page.all("h1")) == 1
    assert nasty in page.meta["og:title"]


async def test_looking_makes_no_account_and_counts_nothing(site: Site, db: Database) -> None:
    link = await site.link()
    for agent in ("TelegramBot (like TwitterBot)", "facebookexternalhit/1.1", "Mozilla/5.0"):
        for path in ("", "/picture.jpg", "/poster.jpg"):
            assert (await site.get(f"/i/{link.token}{path}", {"User-Agent": agent})).status == 200
    assert await one(db, "SELECT count(*) FROM members") == 1
    assert await one(db, "SELECT count(*) FROM canvass_opens") == 0
    assert await one(db, "SELECT count(*) FROM exposures") == 0


async def test_r21_a_link_leads_to_its_page_whatever_clings_to_it(site: Site) -> None:
    mine = await site.link()
    for clinging in ("。", ".", ")", "，快来", "/", "，快来/", "\u200b", "）", "」", "...", "/?l=en", "%20", "!", "#"):
        response = await site.get(f"/i/{mine.token}{clinging}")
        if response.status == 302:
            assert response.headers["Location"].startswith(f"{site.url}/i/{mine.token}")
            response = await site.get(response.headers["Location"].removeprefix(site.url))
        assert response.status == 200 and "Thing" in await response.text(), clinging


async def test_r23_what_clings_to_no_link_is_still_not_found(site: Site) -> None:
    for path in ("/i/nosuchtoken。", "/i/。", "/i/a/b/c", "/i/../etc", "/i/%00"):
        assert (await site.get(path)).status == 404, path


# -- many at once ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["page", "picture"])
async def test_what_many_open_at_once_is_read_once(site: Site, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    link, read = await site.link(), 0

    async def counted(*asked: object) -> object:
        nonlocal read
        read += 1
        await asyncio.sleep(0)
        return await original(*asked)

    one_of, name = (site.services.canvassing, "invitation") if what == "page" else (site.landing._pictures, "content")
    original = getattr(one_of, name)
    monkeypatch.setattr(one_of, name, counted)
    request = make_mocked_request("GET", f"/i/{link.token}", match_info={"token": link.token})
    answers = await asyncio.gather(*(getattr(site.landing, what)(request) for _ in range(9)))
    assert [answer.status for answer in answers] == [200] * 9 and read == 1


async def test_a_poster_for_which_there_is_no_room_is_to_be_asked_for_later(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = await site.link()

    async def full(_self: Pictures, _poster: object) -> bytes:
        raise TooManyAtOnce

    with monkeypatch.context() as now:
        now.setattr(Pictures, "poster_for_visitor", full)
        refused = await site.get(f"/i/{link.token}/poster.jpg")
    assert refused.status == 503 and int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Cache-Control"] == "no-store" and not await refused.read()
    assert (await site.get(f"/i/{link.token}/poster.jpg")).status == 200
