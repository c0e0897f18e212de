"""Redis and NATS servers for tests, on a free port of the loopback interface, with a password."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.waiting import GUARD

PASSWORD = "canary-word_of_the_broker"


def program(name: str) -> str | None:
    """The path of a server program. Debian keeps some in /usr/sbin, which may be missing in PATH."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """A port that is free at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def redis(port: int | None = None) -> Iterator[str]:
    """The address of a Redis that stores nothing on disk."""
    port = port or free_port()
    own = ("--port", str(port), "--bind", "127.0.0.1", "--requirepass", PASSWORD, "--save", "", "--appendonly", "no")
    with _running("redis-server", own, port):
        yield f"redis://:{PASSWORD}@127.0.0.1:{port}/0"


@contextmanager
def nats(port: int | None = None) -> Iterator[str]:
    """The address of a NATS server with JetStream."""
    port = port or free_port()
    with TemporaryDirectory(prefix="nats-") as folder:
        own = ("-a", "127.0.0.1", "-p", str(port), "-js", "-sd", folder, "--user", "bot", "--pass", PASSWORD)
        with _running("nats-server", own, port):
            yield f"nats://bot:{PASSWORD}@127.0.0.1:{port}"


BROKERS: dict[str, Callable[[], AbstractContextManager[str]]] = {"redis": redis, "nats": nats}


@contextmanager
def _running(name: str, arguments: tuple[str, ...], port: int) -> Iterator[None]:
    found = program(name)
    assert found is not None, f"{name} is needed: apt-get install {name}"
    with TemporaryDirectory(prefix=f"{name}-") as folder:
        quiet = subprocess.DEVNULL
        server = subprocess.Popen([found, *arguments], cwd=Path(folder), stdin=quiet, stdout=quiet, stderr=quiet)
        try:
            _answers(server, port)
            yield
        finally:
            server.kill()
            server.wait()


def _answers(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + GUARD
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"no server answers on port {port}")
