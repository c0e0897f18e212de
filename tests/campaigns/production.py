"""The services of deploy/compose.yaml without containers: the same processes, commands and environment.

Each replica has its own loopback address, as a container has one in Compose's network. It replaces the service's name.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.brokers import program
from tests.deployment import FOLDER, ROOT, Service, read

WEB_PORT = 8080
_PATIENCE = 300.0


@dataclass
class Replica:
    """One process of a service, with its own address."""

    service: Service
    address: str
    folder: Path
    places: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it as Compose does."""
        python, *rest = self.service.command
        assert python == "python"
        settings = {key: self._on_loopback(value) for key, value in self.service.environment.items()}
        settings["WEB_HOST"] = self.address  # a container listens on all addresses of its network
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        python_path = os.environ.get("PYTHONPATH", str(ROOT))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *rest],
                cwd=self.folder,
                env={**inherited, **settings, "PYTHONPATH": python_path},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _on_loopback(self, value: str) -> str:
        for name, place in self.places.items():
            value = re.sub(rf"(?<=[@/]){name}(:\d+)?(?=/|$)", place, value)
        return value

    @property
    def log(self) -> Path:
        """The whole output."""
        return self.folder / f"{self.service.name}-{self.address}.log"

    def said(self) -> str:
        """The output so far."""
        return self.log.read_text("utf-8") if self.log.exists() else ""

    async def healthy(self) -> None:
        """Wait until the health check of the compose file succeeds."""
        _, _, dash_c, script = self.service.raw["healthcheck"]["test"]
        script = script.replace(f"127.0.0.1:{WEB_PORT}", f"{self.address}:{WEB_PORT}")
        until = time.monotonic() + _PATIENCE
        while True:
            asked = await asyncio.create_subprocess_exec(
                sys.executable, dash_c, script, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            if await asked.wait() == 0:
                return
            assert self.process is not None and self.process.poll() is None, self.said()
            assert time.monotonic() < until, self.said()
            await asyncio.sleep(0.5)

    async def stop(self) -> int:
        """Stop it as Compose does, within the time of the compose file. Returns its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        seconds = float(str(self.service.raw["stop_grace_period"]).removesuffix("s"))
        return await asyncio.to_thread(self.process.wait, seconds)

    def kill(self) -> None:
        """Kill it."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@dataclass
class Stack:
    """All processes, by service."""

    replicas: dict[str, list[Replica]] = field(default_factory=dict)

    def all(self) -> Iterator[Replica]:
        """Every replica."""
        for some in self.replicas.values():
            yield from some

    async def up(self, *names: str) -> None:
        """Start the given services, or all, and wait until they are healthy."""
        some = [one for one in self.all() if not names or one.service.name in names]
        for one in some:
            one.start()
        await asyncio.gather(*(one.healthy() for one in some))

    async def down(self) -> list[int]:
        """Stop all running processes. Returns the exit codes."""
        running = [one for one in self.all() if one.process is not None and one.process.poll() is None]
        return list(await asyncio.gather(*(one.stop() for one in running)))


@contextmanager
def stack(env: Mapping[str, str], places: Mapping[str, str], folder: Path) -> Iterator[Stack]:
    """The services of the compose file that run this program. `places` are the addresses of the others."""
    found = Stack()
    services = [s for s in read((FOLDER / "compose.yaml").read_text("utf-8"), env).values() if "build" in s.raw]
    for number, service in enumerate(services, 1):
        found.replicas[service.name] = [
            Replica(service, f"127.77.{number}.{replica}", folder, places) for replica in range(1, service.replicas + 1)
        ]
    try:
        yield found
    finally:
        for one in found.all():
            one.kill()


@contextmanager
def proxy(port: int, ours: Stack, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The proxy with the Caddyfile, with addresses instead of service names and without a certificate."""
    text = (FOLDER / "Caddyfile").read_text("utf-8")
    for name in ("web-1", "web-2"):
        assert text.count(f"{name}:{WEB_PORT}") == 1
        text = text.replace(f"{name}:{WEB_PORT}", f"{ours.replicas[name][0].address}:{WEB_PORT}")
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text, "utf-8")
    caddy = program("caddy")
    assert caddy is not None, "caddy is needed: apt-get install caddy"
    with (folder / "proxy.log").open("ab") as log:
        process = subprocess.Popen(
            [caddy, "run", "--adapter", "caddyfile", "--config", "Caddyfile"],
            cwd=folder,
            env={"DOMAIN": f"http://127.0.0.1:{port}", "HOME": str(folder), "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
