"""Calls over connections that are kept open: what is asked arrives whole, and what became of it is never guessed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.telegram import http_client
from bot.telegram.http_client import ConnectionBroken, HttpClient, NotConnected

HINT = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'
Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Plays one side of HTTP as it is told, and remembers what it was asked."""

    def __init__(self, *answers: bytes, ends: bool = False) -> None:
        self.answers = list(answers)
        self.ends = ends
        self.asked: list[bytes] = []
        self.connections = 0
        self.open = 0
        self.address = ""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.asked.append(head + await reader.readexactly(length))
                answer = self.answers.pop(0) if self.answers else ANSWER
                for piece in answer.split(b"|"):  # each in a packet of its own
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.01)
                if self.ends and not self.answers:
                    return
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            return
        finally:
            self.open -= 1
            writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[HttpClient]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        found = HttpClient(self.address)
        try:
            yield found
        finally:
            found.close()
            server.close()


async def test_a_call_arrives_whole_and_its_answer_comes_back() -> None:
    server = Server()
    async with server.listening() as line:
        assert await line.post("/bot1:x/getMe", b'{"a":"\xe4\xbd\xa0"}', 5) == (200, b'{"ok":true}')
    (asked,) = server.asked
    assert asked.startswith(b"POST /bot1:x/getMe HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" in asked
    assert asked.endswith(b'{"a":"\xe4\xbd\xa0"}')


async def test_one_connection_carries_one_call_after_the_other() -> None:
    server = Server()
    async with server.listening() as line:
        for _ in range(5):
            assert (await line.post("/", b"{}", 5))[0] == 200
        assert server.connections == 1
        await asyncio.gather(*(line.post("/", b"{}", 5) for _ in range(5)))
        assert server.connections == 5 and len(server.asked) == 10


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (b'HTTP/1.1 200 OK\r\nContent-|Length: 11\r\n\r\n{"ok"|:true}', (200, b'{"ok":true}')),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n|2\r\nde\r\n0\r\n\r\n", (200, b"abcde")),
        (HINT + b"|" + ANSWER, (200, b'{"ok":true}')),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>", (502, b"<html>")),
        (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"")),
    ],
    ids=["in pieces", "in chunks", "after a hint", "a gateway's page", "nothing"],
)
async def test_answers_are_read_in_every_shape_and_the_connection_stays(
    answer: bytes, found: tuple[int, bytes]
) -> None:
    server = Server(answer)
    async with server.listening() as line:
        assert await line.post("/", b"{}", 5) == found
        assert await line.post("/", b"{}", 5) == (200, b'{"ok":true}')
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\nall of it",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nall of it",
    ],
    ids=["as long as the connection", "the last of it"],
)
async def test_a_connection_that_ends_with_its_answer_is_not_used_again(answer: bytes) -> None:
    server = Server(answer, ends=True)
    async with server.listening() as line:
        assert await line.post("/", b"{}", 5) == (200, b"all of it")
        server.ends = False
        assert await line.post("/", b"{}", 5) == (200, b'{"ok":true}')
    assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        HINT,
        HINT + b"HTTP/1.1 200 O",
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
    ids=["a hint", "a hint and half a line", "none", "half a line", "half a body", "no HTTP"],
)
async def test_an_answer_that_is_not_whole_is_none(answer: bytes) -> None:
    server = Server(answer, ends=True)
    async with server.listening() as line:
        with pytest.raises(ConnectionBroken):
            await line.post("/", b"{}", 5)
        server.ends = False
        assert (await line.post("/", b"{}", 5))[0] == 200


async def test_where_nobody_listens_nothing_has_left() -> None:
    server = Server()
    async with server.listening():
        pass
    left: list[bool] = []
    with pytest.raises(NotConnected):
        await HttpClient(server.address).post("/", b"{}", 5, lambda: left.append(True))

    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ANSWER)
        writer.close()

    without_tls = await asyncio.start_server(plain, "127.0.0.1", 0)
    address = f"https://127.0.0.1:{without_tls.sockets[0].getsockname()[1]}"
    with pytest.raises(NotConnected, match="SSL"):
        await HttpClient(address).post("/", b"{}", 5, lambda: left.append(True))
    without_tls.close()
    assert not left


async def test_who_waits_too_long_is_told_and_a_late_answer_is_nobodys() -> None:
    server = Server(b"|" * 30 + ANSWER)
    async with server.listening() as line:
        with pytest.raises(TimeoutError):
            await line.post("/", b"{}", 0.1)
        assert (await line.post("/", b"{}", 5))[0] == 200
        assert server.connections == 2


async def test_who_waits_no_more_leaves_no_answer_to_the_next_call() -> None:
    server = Server(b"|" * 10 + ANSWER.replace(b"true", b"null"))
    async with server.listening() as line:
        gone = asyncio.create_task(line.post("/", b"{}", 5))
        await asyncio.sleep(0.05)
        gone.cancel()
        assert await line.post("/", b"{}", 5) == (200, b'{"ok":true}')


@pytest.mark.parametrize("more", [ANSWER, ANSWER[:30]], ids=["all of it", "the beginning"])
@pytest.mark.parametrize("between", [b"|", b""], ids=["afterwards", "in the same packet"])
async def test_what_nobody_asked_for_ends_a_connection(between: bytes, more: bytes) -> None:
    server = Server(ANSWER + between + more.replace(b"true", b"null"))
    async with server.listening() as line:
        assert await line.post("/", b"{}", 5) == (200, b'{"ok":true}')
        await asyncio.sleep(0.1)
        assert await line.post("/", b"{}", 5) == (200, b'{"ok":true}')
    assert server.connections == 2


async def test_a_connection_that_rested_too_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "_IDLE", 0.05)
    server = Server()
    async with server.listening() as line:
        await asyncio.gather(*(line.post("/", b"{}", 5) for _ in range(3)))
        await asyncio.sleep(0.1)
        await line.post("/", b"{}", 5)
        await asyncio.sleep(0.1)
        assert server.connections == 4 and server.open == 1


async def test_one_that_the_other_side_has_closed_is_not_used_again() -> None:
    server = Server(ANSWER, ends=True)
    async with server.listening() as line:
        await line.post("/", b"{}", 5)
        await asyncio.sleep(0.05)
        server.ends = False
        assert (await line.post("/", b"{}", 5))[0] == 200


async def test_no_more_connections_than_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MOST", 3)
    server = Server()
    async with server.listening() as line:
        answers = await asyncio.gather(*(line.post("/", b"{}", 5) for _ in range(20)))
    assert len(answers) == 20 and server.connections <= 3


async def test_who_finds_no_connection_free_in_time_has_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MOST", 1)
    server = Server(b"|" * 50 + ANSWER)
    async with server.listening() as line:
        first = asyncio.create_task(line.post("/first", b"{}", 5))
        await asyncio.sleep(0.05)
        with pytest.raises(NotConnected):
            await line.post("/second", b"{}", 0.1)
        await first
        assert len(server.asked) == 1


async def test_it_is_said_when_a_call_leaves_before_it_is_answered() -> None:
    server = Server(b"|" * 10 + ANSWER)
    left = asyncio.Event()
    async with server.listening() as line:
        call = asyncio.create_task(line.post("/", b"{}", 5, left.set))
        await asyncio.wait_for(left.wait(), 5)
        assert not call.done()
        await call


async def test_the_time_to_connect_counts_and_nothing_leaves_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    async with server.listening() as line:
        monkeypatch.setattr(line, "_place", lambda _until: asyncio.sleep(0.15))
        with pytest.raises(NotConnected):
            await line.post("/", b"{}", 0.1)
    assert not server.asked


async def test_who_the_address_names_is_named_to_the_server() -> None:
    server = Server()
    async with server.listening():
        named = HttpClient(server.address.replace("//", "//ann:p%40ss@"))
        await named.post("/", b"{}", 5)
        named.close()
    assert b"\r\nAuthorization: Basic YW5uOnBAc3M=\r\n" in server.asked[0]
    assert b"\r\nHost: 127.0.0.1:" in server.asked[0]


async def test_after_the_end_nothing_leaves() -> None:
    server = Server()
    async with server.listening() as line:
        await line.post("/", b"{}", 5)
        line.close()
        with pytest.raises(NotConnected):
            await line.post("/", b"{}", 5)
    assert len(server.asked) == 1


async def test_at_the_end_calls_under_way_are_broken() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\n\r\n" + b"x|" * 100)
    async with server.listening() as line:
        call = asyncio.create_task(line.post("/", b"{}", 5))
        await asyncio.sleep(0.1)
        line.close()
        with pytest.raises(ConnectionBroken):
            await call
