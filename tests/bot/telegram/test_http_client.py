"""Calls over kept-alive connections: requests arrive complete, and each answer belongs to its request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.telegram import http_client
from bot.telegram.http_client import CallWithheld, ConnectionBroken, HttpClient, NotConnected
from tests.waiting import GUARD, until

HINT = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'


async def settle() -> None:
    """Let both sides read what has been written: on one machine that takes a few passes of the event loop."""
    for _ in range(50):
        await asyncio.sleep(0)


class Server:
    """Sends the given answers and records the requests. `|` in an answer divides it into packets."""

    def __init__(self, *answers: bytes, ends: bool = False) -> None:
        self.answers = list(answers)
        self.ends = ends
        self.asked: list[bytes] = []
        self.connections = 0
        self.open = 0
        self.address = ""
        self.answering = asyncio.Event()
        """Requests are answered while this is set."""
        self.answering.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.asked.append(head + await reader.readexactly(length))
                await self.answering.wait()
                answer = self.answers.pop(0) if self.answers else ANSWER
                for piece in answer.split(b"|"):
                    writer.write(piece)
                    await writer.drain()
                    await settle()
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


async def test_a_request_arrives_complete_and_its_answer_is_returned() -> None:
    server = Server()
    async with server.listening() as line:
        assert await line.post("/bot1:x/getMe", b'{"a":"\xe4\xbd\xa0"}', GUARD) == (200, b'{"ok":true}')
    (asked,) = server.asked
    assert asked.startswith(b"POST /bot1:x/getMe HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" in asked
    assert asked.endswith(b'{"a":"\xe4\xbd\xa0"}')


async def test_a_call_that_may_not_leave_any_more_when_it_has_a_connection_is_not_sent() -> None:
    server = Server()
    async with server.listening() as line:
        with pytest.raises(CallWithheld):
            await line.post("/late", b"{}", GUARD, lambda: not server.connections)
        assert await line.post("/", b"{}", GUARD) == (200, b'{"ok":true}')
    assert [asked.split()[1] for asked in server.asked] == [b"/"] and server.connections == 1


async def test_a_call_that_waits_for_a_place_until_it_may_not_leave_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_client, "MOST", 1)
    server = Server()
    late = False
    server.answering.clear()
    async with server.listening() as line:
        first = asyncio.create_task(line.post("/", b"{}", GUARD))
        await until(lambda: bool(server.asked))
        second = asyncio.create_task(line.post("/late", b"{}", GUARD, lambda: not late))
        await settle()
        late = True
        server.answering.set()
        assert await first == (200, b'{"ok":true}')
        with pytest.raises(CallWithheld):
            await second
    assert [asked.split()[1] for asked in server.asked] == [b"/"]


async def test_a_connection_is_used_for_one_call_after_the_other() -> None:
    server = Server()
    async with server.listening() as line:
        for _ in range(5):
            assert (await line.post("/", b"{}", GUARD))[0] == 200
        assert server.connections == 1
        await asyncio.gather(*(line.post("/", b"{}", GUARD) for _ in range(5)))
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
async def test_answers_of_every_form_are_read_and_the_connection_is_kept(
    answer: bytes, found: tuple[int, bytes]
) -> None:
    server = Server(answer)
    async with server.listening() as line:
        assert await line.post("/", b"{}", GUARD) == found
        assert await line.post("/", b"{}", GUARD) == (200, b'{"ok":true}')
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
        assert await line.post("/", b"{}", GUARD) == (200, b"all of it")
        server.ends = False
        assert await line.post("/", b"{}", GUARD) == (200, b'{"ok":true}')
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
async def test_an_incomplete_answer_breaks_the_connection(answer: bytes) -> None:
    server = Server(answer, ends=True)
    async with server.listening() as line:
        with pytest.raises(ConnectionBroken):
            await line.post("/", b"{}", GUARD)
        server.ends = False
        assert (await line.post("/", b"{}", GUARD))[0] == 200


async def test_without_a_listening_server_nothing_is_sent() -> None:
    server = Server()
    async with server.listening():
        pass
    with pytest.raises(NotConnected):
        await HttpClient(server.address).post("/", b"{}", GUARD)

    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ANSWER)
        writer.close()

    without_tls = await asyncio.start_server(plain, "127.0.0.1", 0)
    address = f"https://127.0.0.1:{without_tls.sockets[0].getsockname()[1]}"
    with pytest.raises(NotConnected, match="SSL"):
        await HttpClient(address).post("/", b"{}", GUARD)
    without_tls.close()
    assert not server.asked


async def test_a_call_times_out_and_its_late_answer_is_dropped() -> None:
    server = Server()
    async with server.listening() as line:
        await line.post("/", b"{}", GUARD)
        server.answering.clear()
        with pytest.raises(TimeoutError):
            await line.post("/late", b"{}", 0.05)
        server.answering.set()
        assert (await line.post("/", b"{}", GUARD))[0] == 200
        assert server.connections == 2


async def test_the_answer_to_a_cancelled_call_is_not_read_by_the_next_call() -> None:
    server = Server(ANSWER.replace(b"true", b"null"))
    server.answering.clear()
    async with server.listening() as line:
        cancelled = asyncio.create_task(line.post("/", b"{}", GUARD))
        await until(lambda: bool(server.asked))
        cancelled.cancel()
        server.answering.set()
        assert await line.post("/", b"{}", GUARD) == (200, b'{"ok":true}')


@pytest.mark.parametrize("more", [ANSWER, ANSWER[:30]], ids=["all of it", "the beginning"])
@pytest.mark.parametrize("between", [b"|", b""], ids=["afterwards", "in the same packet"])
async def test_an_answer_without_a_request_ends_the_connection(between: bytes, more: bytes) -> None:
    server = Server(ANSWER + between + more.replace(b"true", b"null"))
    async with server.listening() as line:
        assert await line.post("/", b"{}", GUARD) == (200, b'{"ok":true}')
        await until(lambda: server.open == 0)
        assert await line.post("/", b"{}", GUARD) == (200, b'{"ok":true}')
    assert server.connections == 2


async def test_a_connection_that_was_idle_too_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    async with server.listening() as line:
        await asyncio.gather(*(line.post("/", b"{}", GUARD) for _ in range(3)))
        monkeypatch.setattr(http_client, "_IDLE", 0)
        await line.post("/", b"{}", GUARD)
        await until(lambda: server.open == 1)
        assert server.connections == 4


async def test_a_connection_that_the_other_side_has_closed_is_not_used_again() -> None:
    server = Server(ANSWER, ends=True)
    async with server.listening() as line:
        await line.post("/", b"{}", GUARD)
        await until(lambda: server.open == 0)
        await settle()
        server.ends = False
        assert (await line.post("/", b"{}", GUARD))[0] == 200


async def test_the_number_of_connections_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MOST", 3)
    server = Server()
    async with server.listening() as line:
        answers = await asyncio.gather(*(line.post("/", b"{}", GUARD) for _ in range(20)))
    assert len(answers) == 20 and server.connections <= 3


async def test_a_call_that_gets_no_free_connection_in_time_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MOST", 1)
    server = Server()
    server.answering.clear()
    async with server.listening() as line:
        first = asyncio.create_task(line.post("/first", b"{}", GUARD))
        await until(lambda: bool(server.asked))
        with pytest.raises(NotConnected):
            await line.post("/second", b"{}", 0.05)
        server.answering.set()
        await first
        assert len(server.asked) == 1


async def test_the_time_to_connect_counts_and_nothing_is_sent_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def takes_all_the_time(ends: float) -> None:
        await until(lambda: asyncio.get_running_loop().time() > ends)

    server = Server()
    async with server.listening() as line:
        monkeypatch.setattr(line, "_place", takes_all_the_time)
        with pytest.raises(NotConnected):
            await line.post("/", b"{}", 0.05)
    assert not server.asked


async def test_the_user_and_password_of_the_address_are_sent() -> None:
    server = Server()
    async with server.listening():
        named = HttpClient(server.address.replace("//", "//ann:p%40ss@"))
        await named.post("/", b"{}", GUARD)
        named.close()
    assert b"\r\nAuthorization: Basic YW5uOnBAc3M=\r\n" in server.asked[0]
    assert b"\r\nHost: 127.0.0.1:" in server.asked[0]


async def test_a_closed_client_sends_nothing() -> None:
    server = Server()
    async with server.listening() as line:
        await line.post("/", b"{}", GUARD)
        line.close()
        with pytest.raises(NotConnected):
            await line.post("/", b"{}", GUARD)
    assert len(server.asked) == 1


async def test_closing_breaks_the_running_calls() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\n\r\n" + b"x|" * 100)
    async with server.listening() as line:
        call = asyncio.create_task(line.post("/", b"{}", GUARD))
        await until(lambda: bool(server.asked))
        await settle()
        line.close()
        with pytest.raises(ConnectionBroken):
            await call
