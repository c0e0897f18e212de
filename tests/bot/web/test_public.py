"""The pages that everybody may read, as browsers and vandals meet them (R28, R35, R39)."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.ops.scheduler import Scheduler
from bot.services import Services
from bot.web.landing import LandingPages
from bot.web.pages import FRESH
from bot.web.public import PublicPages
from bot.web.server import WebServer
from domain.payloads import Links
from services.pictures.uploads import Pictures
from services.transparency.rounds import SETTLES
from storage.db import Database
from tests.bot.web.test_landing import Site, Ticker, outline
from tests.conftest import Watch, settings_for
from tests.services.conftest import on_display, voter
from tests.services.test_cases import suspicion

TODAY = "/rounds/2026-11-24"


@pytest.fixture
async def site(display: Services, tmp_path: Path) -> AsyncIterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url, ticker, context = f"http://127.0.0.1:{port}", Ticker(), display.context
    schedule = Scheduler(context.clock, display.rounds, display.groups, display.campaigns, every=60)
    web = WebServer(settings_for(tmp_path, web_port=port), display, schedule)
    web.landing = LandingPages(display, Pictures(context, 42), Links(url), "wanttogroup_bot", ticker)
    web.public = PublicPages(display, ticker)
    async with web, aiohttp.ClientSession() as session:
        yield Site(url, display, session, ticker, web.landing)


@pytest.mark.parametrize("path", ["/rules", "/fairness", TODAY])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_r35_each_page_is_in_the_visitors_language_and_offers_the_other(
    site: Site, path: str, language: str
) -> None:
    response = await site.get(path, {"Accept-Language": language})
    page = await outline(response)
    assert response.status == 200 and response.headers["Content-Language"] == language
    assert response.headers["Vary"] == "Accept-Language"
    (other,) = [tag["href"] for tag in page.all("a") if tag["href"].startswith("?l=")]
    assert (await site.get(path + other)).headers["Content-Language"] == {"zh": "en", "en": "zh"}[language]
    for tag in page.all("a"):
        assert (await site.get(tag["href"] if tag["href"].startswith("/") else path + tag["href"])).status == 200


@pytest.mark.parametrize("path", ["/rules", "/fairness", TODAY, "/rounds/2020-01-01"])
async def test_pages_have_no_script_and_their_own_style_alone(site: Site, path: str) -> None:
    response = await site.get(path)
    page, policy = await outline(response), response.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", await response.text(), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy
    assert not page.all("script") and not any("style" in attributes for _, attributes in page.tags)
    assert "Set-Cookie" not in response.headers and response.headers["Referrer-Policy"] == "no-referrer"


async def test_pages_may_be_kept_for_a_minute_and_are_not_sent_twice(site: Site) -> None:
    for path in ("/rules", "/fairness", TODAY):
        response = await site.get(path)
        assert response.headers["Cache-Control"] == "public, max-age=60"
        again = await site.get(path, {"Accept-Language": "en", "If-None-Match": response.headers["ETag"]})
        assert again.status == 304 and await again.read() == b""


@pytest.mark.parametrize(
    "day",
    [
        "2026-11-23",
        "0001-01-01",
        "9999-12-31",
        "2026-13-01",
        "2026-02-30",
        "20261124",
        "2026-W48-2",
        "x",
        "%00",
        "٢٠٢٦-11-24",
    ],
)
async def test_a_day_without_a_round_is_a_kind_page_that_leads_on(site: Site, day: str) -> None:
    response = await site.get(f"/rounds/{day}")
    page = await outline(response)
    assert response.status == 404 and response.headers["Cache-Control"] == "no-store"
    assert "There was no round on this day" in page.words
    assert {"/fairness?l=en", "/rules?l=en"} <= {tag["href"] for tag in page.all("a")}


async def test_thousands_of_days_take_no_memory(site: Site) -> None:
    for number in range(300):
        assert (await site.get(f"/rounds/{1000 + number}-01-01")).status == 404
    assert len(site.landing._pages) < 10


async def test_r39_the_page_of_a_round_lists_every_good_with_its_numbers_and_a_picture(site: Site) -> None:
    member = await voter(site.services, 1001, 3)
    item = (await on_display(site.services))[0]
    assert (await site.services.voting.cast(member, item)).voted
    await site.services.carousel.shown(member, item)
    page = await outline(await site.get(TODAY))
    assert len(page.all("tr")) == 41 and len(page.all("svg")) == 1 and page.all("svg")[0]["role"] == "img"
    assert "P1001" not in page.words and "1001" not in page.words, "no member is named"


async def test_r28_no_one_can_tell_from_the_page_that_votes_were_noticed(site: Site, watch: Watch) -> None:
    item = (await on_display(site.services))[0]
    members = [await voter(site.services, 1001 + number, 3) for number in range(4)]
    for member in members:
        assert (await site.services.voting.cast(member, item)).voted
    before = await (await site.get(TODAY)).text()
    await site.services.cases.suspect(suspicion(item, members))
    site.ticker.now += FRESH
    assert await (await site.get(TODAY)).text() == before


async def test_r28_the_page_publishes_totals_once_the_cases_are_decided(site: Site, watch: Watch) -> None:
    item = (await on_display(site.services))[0]
    members = [await voter(site.services, 1001 + number, 3) for number in range(4)]
    for member in members:
        assert (await site.services.voting.cast(member, item)).voted
    await site.services.cases.suspect(suspicion(item, members))
    watch.advance(days=1, seconds=SETTLES.total_seconds())
    await site.services.rounds.tick()
    assert "published here in total" in (await outline(await site.get(TODAY))).words
    (case,) = await site.services.cases.undecided()
    await site.services.cases.void(case.id, "bought", "organiser 8")
    site.ticker.now += FRESH
    words = (await outline(await site.get(TODAY))).words
    assert "published here in total" not in words and re.search(r"Void\s*4", words)


async def test_a_page_is_rendered_once_for_many_who_ask_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, of_day = [], site.services.public_rounds.of_day

    async def counted(day: object) -> object:
        asked.append(day)
        return await of_day(day)  # type: ignore[arg-type]

    monkeypatch.setattr(site.services.public_rounds, "of_day", counted)
    for _ in range(20):
        assert (await site.get(TODAY)).status == 200
    assert len(asked) == 1


async def test_while_the_database_is_away_visitors_are_asked_to_come_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, db: Database
) -> None:
    def gone(*_: object) -> object:
        raise OSError("gone")

    monkeypatch.setattr(db, "read", gone)
    response = await site.get(TODAY)
    assert response.status == 503 and response.headers["Retry-After"]
    assert (await site.get("/rules")).status == 200, "it asks no database"
