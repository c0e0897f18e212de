"""Pictures of goods: what is taken in, what it becomes, and where a link in a table may not reach."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.network.connections import DIRECT
from services.network.public_addresses import is_public
from services.pictures.decoding import MOST_BYTES, PictureError, Ready, prepare
from services.pictures.preparation import BATCH, load, prepare_each
from tests.conftest import a_picture, examples
from tests.waiting import GUARD


def opened(ready: Ready) -> Image.Image:
    """What was made, as Telegram will read it."""
    image = Image.open(io.BytesIO(ready.content))
    image.load()
    assert (image.format, image.mode) == ("JPEG", "RGB") and image.size == (ready.width, ready.height)
    return image


def saved(image: Image.Image, kind: str, **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def code(content: bytes) -> str:
    with pytest.raises(PictureError) as caught:
        prepare(content)
    return caught.value.code


# -- prepare --


def test_a_jpeg_that_fits_stays_as_it_is() -> None:
    content = a_picture(640, 480)
    ready = prepare(content)
    assert ready.content == content and (ready.width, ready.height) == (640, 480)


@pytest.mark.parametrize(("size", "fitted"), [((2600, 1300), (1280, 640)), ((1300, 2600), (640, 1280))])
def test_a_big_picture_is_made_smaller_and_keeps_its_shape(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    assert opened(prepare(a_picture(*size))).size == fitted


def test_the_same_picture_has_the_same_digest_and_another_one_another() -> None:
    one, same, other = (prepare(a_picture(90, 60, "PNG", colour)) for colour in ("teal", "teal", "red"))
    assert one.digest == same.digest != other.digest


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_other_formats_become_jpeg(kind: str) -> None:
    assert opened(prepare(a_picture(90, 60, kind))).size == (90, 60)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (60, 40), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 30, 40))
    if mode == "P":
        paletted = image.convert("RGB").quantize(4)
        content = saved(paletted, "PNG", transparency=paletted.getpixel((50, 20)))
    else:
        content = saved(image.convert(mode), "PNG")
    made = opened(prepare(content))
    assert made.getpixel((50, 20)) == (255, 255, 255)
    left = made.getpixel((10, 20))
    assert isinstance(left, tuple) and sum(left) < 500, "and what is not stays"


def test_a_picture_is_turned_as_its_camera_was_held() -> None:
    image = Image.new("RGB", (60, 40), "white")
    image.paste((255, 0, 0), (0, 0, 60, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the upper edge is to be on the right
    made = opened(prepare(saved(image, "JPEG", quality=95, exif=exif)))
    assert made.size == (40, 60)
    right = made.getpixel((36, 30))
    assert isinstance(right, tuple) and right[0] > 200 and right[1] < 90
    assert not made.getexif(), "and what the camera knew about its place does not travel on"


def test_a_cmyk_jpeg_is_made_one_that_every_app_shows() -> None:
    assert opened(prepare(saved(Image.new("CMYK", (60, 40), (200, 0, 0, 0)), "JPEG"))).size == (60, 40)


@pytest.mark.parametrize("size", [(2100, 100), (100, 2100)])
def test_a_thin_picture_is_refused(size: tuple[int, int]) -> None:
    assert code(a_picture(*size)) == "picture-shape"
    assert prepare(a_picture(2000, 100)).width == 1280, "one to twenty is the thinnest that Telegram shows"


def test_too_many_bytes_or_pixels_are_refused_unread() -> None:
    assert code(b"\xff" * (MOST_BYTES + 1)) == "picture-too-big"
    assert code(saved(Image.new("1", (8000, 6000)), "PNG")) == "picture-too-big"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        a_picture()[:200],
        a_picture(90, 60, "PNG")[:60],
    ],
    ids=["empty", "text", "svg", "half a jpeg", "half a png"],
)
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    assert code(content) == "picture-broken"


@pytest.mark.filterwarnings("ignore::UserWarning")
@examples(60)
@given(kind=st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "TIFF"]), data=st.data())
def test_broken_bytes_are_refused_with_a_code_or_give_a_whole_picture(kind: str, data: st.DataObject) -> None:
    content = bytearray(a_picture(24, 16, kind))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        opened(prepare(bytes(content)))
    except PictureError as error:
        assert error.code in ("picture-broken", "picture-too-big", "picture-shape")


# -- load: files --


async def refusal(source: str, folder: Path | None) -> str:
    with pytest.raises(PictureError) as caught:
        await load(source, folder)
    return caught.value.code


async def test_a_picture_is_read_from_the_tables_folder_and_below(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.jpg").write_bytes(a_picture())
    assert await load("deep/a.jpg", tmp_path) == await load("./deep/../deep/a.jpg", tmp_path) == a_picture()


async def test_a_path_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    folder.mkdir()
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(a_picture())
    (folder / "link.jpg").symlink_to(secret)
    for source in ("../secret.jpg", "..\\SECRET.JPG", "../nowhere.jpg", str(secret), "link.jpg"):
        assert await refusal(source, folder) == "picture-outside"


async def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    assert await refusal("nowhere.jpg", tmp_path) == "picture-missing"
    assert await refusal("a.jpg", None) == "picture-missing", "a table that came by chat has no folder"
    (tmp_path / "folder.jpg").mkdir()
    assert await refusal("folder.jpg", tmp_path) == "picture-missing"


@pytest.mark.parametrize("source", ["a\0b.jpg", "x" * 5000 + ".jpg"])
async def test_a_path_that_no_system_takes_is_missing(tmp_path: Path, source: str) -> None:
    assert await refusal(source, tmp_path) == "picture-missing"


async def test_a_file_that_is_too_big_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big.jpg").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert await refusal("big.jpg", tmp_path) == "picture-too-big"


# -- load: links --


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[int, list[str]]]:
    """A port of this machine, and who knocked at it."""
    knocks: list[str] = []

    async def knock(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocks.append(str(writer.get_extra_info("peername")))
        writer.close()

    async with await asyncio.start_server(knock, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], knocks


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "0.0.0.0", "[::ffff:127.0.0.1]", "LOCALHOST."),
        *("①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1", "𝟏𝟐𝟕.0.0.1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "127.0.0.1.", "[::127.0.0.1]"),
    ],
)
async def test_a_link_into_this_machine_is_refused_without_a_connection(host: str) -> None:
    async with listening() as (port, knocks):
        assert await refusal(f"https://{host}:{port}/a.jpg", None) == "picture-unreachable"
        assert not knocks


@pytest.mark.parametrize(
    "host",
    [
        *("10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[::1]"),
        *("[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[::7f00:1]", "[fec0::1]", "[ff02::1]"),
        *("[2002:7f00:1::]", "[2001:0:1::1]", "[::ffff:0:7f00:1]", "[3fff::1]", "224.0.0.1", "239.255.255.250"),
        *("240.0.0.1", "255.255.255.255", "192.88.99.1", "192.0.0.9", "①⓪.0.0.1", "１６９.254.169.254"),
    ],
)
async def test_a_link_to_a_private_address_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def connected(*_: Any, **__: Any) -> None:
        raise AssertionError("it tried to connect")

    monkeypatch.setattr(aiohttp.ClientSession, "get", connected)
    assert await refusal(f"https://{host}/a.jpg", None) == "picture-unreachable"


async def test_a_name_that_leads_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: Any, **__: Any) -> list[Any]:
        return [{"hostname": "x", "host": "10.1.2.3", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    async with listening() as (port, knocks):
        monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", resolve)
        assert await refusal(f"https://shop.example.com:{port}/a.jpg", None) == "picture-unreachable"
        assert not knocks


async def test_an_address_is_checked_again_when_it_is_connected_to() -> None:
    async with listening() as (port, knocks):
        url = f"https://127.0.0.1:{port}/a.jpg"
        async with DIRECT.public_session(url, timeout=aiohttp.ClientTimeout(total=GUARD), limit=1) as session:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get(url)
            assert not session.auto_decompress, "a packed body grows a thousandfold before its size is known"
        assert not knocks


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_an_address_is_public_only_if_all_that_it_stands_for_is(address: Any) -> None:
    inside = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    mapped = getattr(address, "ipv4_mapped", None)
    assert not (is_public(str(address)) and (inside if mapped is None else not mapped.is_global))


@pytest.mark.parametrize("source", ["http://shop.example.com/a.jpg", "ftp://shop.example.com/a", "file:///etc/passwd"])
async def test_only_https_links_are_followed(source: str) -> None:
    assert await refusal(source, None) == "picture-not-https"


class Answers:
    """Stands in for the network: answers by address, and notes what was asked for."""

    def __init__(self, answers: dict[str, tuple[int, str, bytes]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    @asynccontextmanager
    async def get(self, url: str, **_: Any) -> AsyncIterator[Any]:
        self.asked.append(url)
        status, location, body = self.answers[url]

        class Content:
            async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
                for start in range(0, len(body), size):
                    yield body[start : start + size]

        class Response:
            headers = {"Location": location} if location else {}
            content = Content()

        Response.status = status  # type: ignore[attr-defined]
        yield Response()


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers = Answers({})
    monkeypatch.setattr(aiohttp.ClientSession, "get", lambda _, url, **more: answers.get(url, **more))
    return answers


async def test_redirects_are_followed_a_few_times(net: Answers) -> None:
    net.answers = {
        "https://a.example.com/1": (302, "/2", b""),
        "https://a.example.com/2": (301, "https://b.example.com/3", b""),
        "https://b.example.com/3": (200, "", a_picture()),
        "https://loop.example.com/": (302, "https://loop.example.com/", b""),
    }
    assert await load("https://a.example.com/1", None) == a_picture()
    assert await refusal("https://loop.example.com/", None) == "picture-unreachable" and len(net.asked) < 12


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("https://169.254.169.254/latest/meta-data", "picture-unreachable"),
        ("https://[::1]/", "picture-unreachable"),
        ("http://b.example.com/a.jpg", "picture-not-https"),
        ("file:///etc/passwd", "picture-not-https"),
    ],
)
async def test_a_redirect_leads_nowhere_that_a_link_may_not(net: Answers, target: str, expected: str) -> None:
    net.answers = {"https://a.example.com/": (302, target, b"")}
    assert await refusal("https://a.example.com/", None) == expected
    assert net.asked == ["https://a.example.com/"]


async def test_a_link_with_too_many_bytes_is_not_read_to_its_end(net: Answers) -> None:
    net.answers = {"https://a.example.com/": (200, "", b"x" * (MOST_BYTES + 100_000))}
    assert await refusal("https://a.example.com/", None) == "picture-too-big"


@pytest.mark.parametrize("status", [204, 403, 404, 500])
async def test_any_other_answer_is_no_picture(net: Answers, status: int) -> None:
    net.answers = {"https://a.example.com/": (status, "", a_picture())}
    assert await refusal("https://a.example.com/", None) == "picture-unreachable"


# -- many --


async def test_what_is_wrong_with_one_picture_stands_in_its_place(tmp_path: Path) -> None:
    number = BATCH + 4
    for each in range(number):
        (tmp_path / f"{each}.png").write_bytes(a_picture(30 + each, 30, "PNG"))
    (tmp_path / "4.png").write_bytes(b"not a picture")
    sources = [f"{each}.png" for each in range(number + 1)]
    batches = [batch async for batch in prepare_each(sources, tmp_path)]
    assert max(map(len, batches)) <= BATCH, "never many are held"
    kinds = {source: getattr(got, "code", "ready") for batch in batches for source, got in batch.items()}
    wrong = {"4.png": "picture-broken", f"{number}.png": "picture-missing"}
    assert kinds == {**dict.fromkeys(sources, "ready"), **wrong}
