"""A real proxy in a process of its own, HTTP's or SOCKS5: `python -m tests.proxies KIND [USER:PASSWORD]`.

Every name that ends in `.test` is this machine, so that tests reach it by a name for which the proxy is needed. Answers
come in pieces. It prints its port, then a line for each request: the host and port, or what was refused.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parent.parent


@dataclass
class RunningProxy:
    """A proxy that runs, and what it was asked for."""

    kind: str
    port: int
    process: subprocess.Popen[str]

    def address(self, user: str = "") -> str:
        """Its address, as in PROXY."""
        return f"{self.kind}://{user}{'@' if user else ''}127.0.0.1:{self.port}"

    def asked(self) -> list[str]:
        """Ends it; what it was asked for until then, in order."""
        self.process.terminate()
        return self.process.communicate()[0].splitlines()


@contextlib.contextmanager
def proxy(kind: str, user: str = "") -> Iterator[RunningProxy]:
    """A proxy of a kind, `http` or `socks5`; with `user` ("name:password") for that one only."""
    command = [sys.executable, "-m", "tests.proxies", kind, *([user] if user else [])]
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield RunningProxy(kind, int(process.stdout.readline()), process)
    finally:
        process.kill()
        process.wait()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class _Server:
    def __init__(self, kind: str, user: str) -> None:
        self._shake = {"http": self._http, "socks5": self._socks5}[kind]
        self._user = user

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if await self._shake(reader, writer):
                return
        writer.close()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split("\r\n")[0].split(" ")
        expected = base64.b64encode(self._user.encode()).decode()
        if self._user and f"\r\nProxy-Authorization: Basic {expected}\r\n" not in head:
            _say("no user")
            await self._send(writer, b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return False
        if method != "CONNECT":
            _say(f"not CONNECT: {method}")
            return False
        host, _, port = target.rpartition(":")
        other = await self._reach(host, int(port))
        if other is None:
            await self._send(writer, b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return False
        await self._send(writer, b"HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n")
        await self._pump((reader, writer), other)
        return True

    async def _socks5(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        method = 2 if self._user else 0
        if method not in methods:
            _say("no user")
            await self._send(writer, b"\x05\xff")
            return False
        await self._send(writer, bytes((5, method)))
        if self._user:
            name = await reader.readexactly((await reader.readexactly(2))[1])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            right = (name + b":" + password).decode() == self._user
            await self._send(writer, b"\x01\x00" if right else b"\x01\x01")
            if not right:
                _say("wrong user")
                return False
        kind = (await reader.readexactly(4))[3]
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = ".".join(str(byte) for byte in await reader.readexactly(4 if kind == 1 else 16))
        other = await self._reach(host, int.from_bytes(await reader.readexactly(2), "big"))
        if other is None:
            await self._send(writer, b"\x05\x05\x00\x01" + bytes(6))
            return False
        await self._send(writer, b"\x05\x00\x00\x03\x05proxy\x00\x00")
        await self._pump((reader, writer), other)
        return True

    @staticmethod
    async def _reach(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        _say(f"{host}:{port}")
        if not host.endswith(".test"):
            return None
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return None

    @staticmethod
    async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
        for at in range(0, len(data), 3):
            writer.write(data[at : at + 3])
            await writer.drain()
            await asyncio.sleep(0)

    @staticmethod
    async def _pump(
        one: tuple[asyncio.StreamReader, asyncio.StreamWriter], other: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> None:
        async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await reader.read(65_536):
                    writer.write(data)
                    await writer.drain()
            writer.close()

        await asyncio.gather(copy(one[0], other[1]), copy(other[0], one[1]))


async def _main(kind: str, user: str = "") -> None:
    server = await asyncio.start_server(_Server(kind, user).serve, "127.0.0.1", 0)
    _say(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
