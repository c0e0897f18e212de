"""Starts the processes that read files, and asks them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.isolation.frames import Header, receive, send

_ROOT = Path(__file__).parents[2]
_AT_ONCE = 2
"""Processes, each with a thread that waits for it."""

_threads = ThreadPoolExecutor(_AT_ONCE, "file-reader")
_own = threading.local()


class ChildFailed(RuntimeError):
    """A file has cost the process that read it its life: it reached a limit, or a decoder crashed."""


class Child:
    """A process that reads files."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-B", "-m", "services.isolation.child"),
            cwd=_ROOT,
            env={},  # the bot's own has its secrets
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the bot
        )

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def ask(self, header: Header, content: bytes) -> tuple[Header, bytes]:
        """The answer. Raises EOFError, OSError or ValueError where there is none."""
        assert self._process.stdin is not None and self._process.stdout is not None
        send(self._process.stdin, header, content)
        self._process.stdin.flush()
        return receive(self._process.stdout.read)

    def end(self) -> bool:
        """End the process; True where it had ended by itself, because it was not asked for a while."""
        self._process.kill()
        left = self._process.wait() == 0
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:  # what it had not read
                continue
        return left


async def ask(header: Header, content: bytes) -> tuple[Header, bytes]:
    """Ask a process about a file, when one is free. Raises ChildFailed."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _ask, header, content)


def _ask(header: Header, content: bytes) -> tuple[Header, bytes]:
    """With the child of this thread; it is asked again where it was just leaving."""
    while True:
        child: Child = getattr(_own, "child", None) or Child()
        _own.child = child
        try:
            return child.ask(header, content)
        except (EOFError, OSError, ValueError) as error:
            _own.child = None
            if not child.end():
                raise ChildFailed("a file has ended the process that read it") from error
        except BaseException:
            _own.child = None
            child.end()
            raise
