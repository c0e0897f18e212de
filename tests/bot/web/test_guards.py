"""The pages of canvass links: what is held where, what is not there, and what breaks (R21, R23)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

import asyncio
import logging
import random
import re
import secrets

import pytest

from bot.web.landing import FRESH, HEADERS
from storage.db import Database
from tests.bot.web.test_landing import EN, USERNAME, Site, outline, site
from tests.conftest import meet
from tests.services.conftest import on_display, order
from tests.waiting import GUARD

# -- caches -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/picture.jpg", "/poster.jpg"])
async def test_what_a_browser_has_is_not_sent_again(site: Site, path: str) -> None:
    link = await site.link()
    first = await site.get(f"/i/{link.token}{path}")
    again = await site.get(f"/i/{link.token}{path}", {**EN, "If-None-Match": first.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    other = await site.get(f"/i/{link.token}{path}", {**EN, "If-None-Match": '"other"'})
    assert other.status == 200 and await other.read() == await first.read()


@pytest.mark.parametrize("path", ["", "/picture.jpg", "/poster.jpg", "/poster.jpg?l=zh"])
async def test_versions_are_compared_as_caches_write_them(site: Site, path: str) -> None:
    address = f"/i/{(await site.link()).token}{path}"
    etag = (await site.get(address)).headers["ETag"]
    for held in ("W/{}", '"other", {}', '"other",W/{}', "{}, broken", " {} ", "*"):
        assert (await site.get(address, {**EN, "If-None-Match": held.format(etag)})).status == 304, held


async def test_another_version_is_sent(site: Site) -> None:
    address = f"/i/{(await site.link()).token}/poster.jpg"
    for held in ('"other"', 'W/"other", "more"', "broken", '"', "W/", ""):
        assert (await site.get(address, {**EN, "If-None-Match": held})).status == 200, held


@pytest.mark.parametrize("path", ["", "/poster.jpg"])
async def test_a_cache_gives_no_visitor_the_language_of_another(site: Site, path: str) -> None:
    address = f"/i/{(await site.link()).token}{path}"
    english, chinese = await site.get(address, EN), await site.get(address, {"Accept-Language": "zh"})
    assert english.headers["ETag"] != chinese.headers["ETag"]
    for response in (english, await site.get(address, {**EN, "If-None-Match": english.headers["ETag"]})):
        assert response.headers["Vary"] == "Accept-Language"


async def test_pages_are_asked_for_each_time_and_pictures_are_held(site: Site) -> None:
    link = await site.link()
    assert (await site.get(f"/i/{link.token}")).headers["Cache-Control"] == "public, no-cache"
    for path in ("/picture.jpg", "/poster.jpg"):
        response = await site.get(f"/i/{link.token}{path}")
        assert re.fullmatch(r"public, max-age=\d+", response.headers["Cache-Control"])
        assert response.content_type == "image/jpeg"
    assert (await site.get("/i/" + "A" * 16)).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/i/{}", "/i/{}/picture.jpg", "/i/{}/poster.jpg", "/i/icon.svg", "/nothing"])
async def test_head_is_get_without_the_body(site: Site, path: str) -> None:
    path = path.format((await site.link()).token)
    full, head = await site.get(path), await site.get(path, method="HEAD")
    assert head.status == full.status and await head.read() == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Content-Security-Policy"):
        assert head.headers.get(name) == full.headers.get(name)


@pytest.mark.long
async def test_memory_is_bounded_however_many_links_are_looked_at(site: Site) -> None:
    owners = [await meet(site.services, 10_000 + n) for n in range(30)]
    goods = await on_display(site.services)
    for owner in owners:
        for good in goods:
            link = await site.services.canvassing.link(owner, good)
            assert link is not None
            assert (await site.get(f"/i/{link.token}")).status == 200
    assert len(site.landing._pages) <= 1024


# -- what is not there, and what breaks -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/i/", "/i", "/i/x", "/i/" + "A" * 16, "/favicon.ico", "/.env", "/admin", "/i/a/b/c"]
)
async def test_whatever_is_not_there_leads_into_the_chat(site: Site, path: str) -> None:
    for language, said in (("en", "See today's goods"), ("zh", "看今天的宝贝")):
        response = await site.get(path, {"Accept-Language": language})
        page = await outline(response)
        assert response.status == (200 if path == "/" else 404) and said in page.words
        assert [tag["href"] for tag in page.all("a") if "t.me" in tag["href"]] == [f"https://t.me/{USERNAME}?start"]
        assert "og:image" not in page.meta


def garbage(seed: int) -> bytes:
    """A path that no honest browser asks for."""
    chance = random.Random(seed)
    token = chance.choice(
        [
            secrets.token_urlsafe(12).encode(),
            bytes(chance.randrange(33, 256) for _ in range(chance.randrange(1, 60))),
            b"%" + bytes(chance.choice(b"0123456789abcdefxyz%") for _ in range(chance.randrange(40))),
            b"A" * chance.randrange(1, 3000),
            b"..%2f..%2f..%2fetc%2fpasswd",
            b"%00%ff%fe%c0%af",
            "票".encode() * 5,
            b"' OR 1=1 --".replace(b" ", b"%20"),
            b"{{7*7}}",
            b"-1",
            b"1",
        ]
    )
    return b"/i/" + token + chance.choice([b"", b"/picture.jpg", b"/poster.jpg", b"?l=en", b"?l=%ff", b"/", b"#x"])


@pytest.mark.long
async def test_r23_thousands_of_garbage_tokens_find_nothing_and_break_nothing(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    host, port = site.url.removeprefix("http://").split(":")
    seen: dict[int, int] = {}

    async def burst(seeds: range) -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for seed in seeds:
            if writer.is_closing() or reader.at_eof():
                reader, writer = await asyncio.open_connection(host, int(port))
            method = b"HEAD" if seed % 7 == 0 else b"GET"
            writer.write(method + b" " + garbage(seed) + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), GUARD)
            status = int(head.split(b" ")[1])
            seen[status] = seen.get(status, 0) + 1
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if length and method == b"GET":
                await reader.readexactly(int(length[1]))
            if status == 400:  # not HTTP at all: the server hangs up
                writer.close()
        writer.close()

    with caplog.at_level(logging.ERROR):
        await asyncio.gather(*(burst(range(n * 500, n * 500 + 500)) for n in range(8)))
    assert sum(seen.values()) == 4000 and set(seen) <= {404, 400} and seen[404] > 2000
    assert not [record for record in caplog.records if record.name.startswith("bot")]
    assert len(site.landing._pages) <= 4, "garbage leaves nothing behind"


async def test_nothing_is_found_by_counting(site: Site) -> None:
    link = await site.link()
    for path in (
        f"/i/{link.id}",
        f"/i/{link.item.id}/picture.jpg",
        f"/i/{link.item.picture_id}/picture.jpg",
        f"/i/{link.token[:-1]}",
    ):
        assert (await site.get(path)).status == 404
    swapped = link.token[:-1] + ("A" if link.token[-1] != "A" else "B")
    assert (await site.get(f"/i/{swapped}")).status == 404
    assert (await site.get(f"/i/{link.token.swapcase()}")).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_refused(site: Site, method: str) -> None:
    response = await site.get(f"/i/{(await site.link()).token}", method=method)
    assert response.status == 405 and response.headers["X-Content-Type-Options"] == "nosniff"


async def test_while_the_database_is_away_people_are_asked_to_come_again(
    site: Site, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    link = await site.link()
    await order(db, "ALTER TABLE canvass_links RENAME TO elsewhere")
    for path in ("", "/picture.jpg", "/poster.jpg"):
        with caplog.at_level(logging.ERROR):
            response = await site.get(f"/i/{link.token}{path}")
        assert response.status == 503 and "One moment please" in await response.text()
        assert response.headers["Retry-After"] == "5" and response.headers["Cache-Control"] == "no-store"
        assert "Traceback" not in await response.text() and "canvass_links" not in await response.text()
    assert "the page of a link failed" in caplog.text
    await order(db, "ALTER TABLE elsewhere RENAME TO canvass_links")
    assert (await site.get(f"/i/{link.token}")).status == 200


async def test_a_page_that_was_just_rendered_stands_in_while_it_is_rendered_anew(site: Site, db: Database) -> None:
    link = await site.link()
    before = await (await site.get(f"/i/{link.token}")).text()
    site.ticker.now += FRESH
    answers = await asyncio.gather(*(site.get(f"/i/{link.token}") for _ in range(30)))
    assert {response.status for response in answers} == {200}
    assert {await response.text() for response in answers} == {before}


async def test_every_answer_carries_the_same_guards(site: Site) -> None:
    link = await site.link()
    for path in (
        "/",
        f"/i/{link.token}",
        f"/i/{link.token}/picture.jpg",
        f"/i/{link.token}/poster.jpg",
        "/i/icon.svg",
        "/x",
    ):
        response = await site.get(path)
        assert {name: response.headers[name] for name in HEADERS} == HEADERS, path
