"""Starts the processes that read files, and asks them."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.isolation.frames import Header, receive, send

_ROOT = Path(__file__).parents[2]
_AT_ONCE = 2
"""Processes, each with a thread that waits for it."""

_LEAVING_SECONDS = 5.0
"""Seconds that a process may take to end, once its pipes are closed."""

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

    def end(self) -> int:
        """End the process. Returns how it ended: 0 where it left, because it was not asked for a while; the negative
        number of the signal that ended it; 1 for an error of the program."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):  # what it had not read
                pipe.close()
        try:
            ended = self._process.wait(_LEAVING_SECONDS)  # one that is on its way out says how
        except subprocess.TimeoutExpired:
            self._process.kill()
            ended = self._process.wait()
        return ended


async def ask(header: Header, content: bytes) -> tuple[Header, bytes]:
    """Ask a process about a file, when one is free.

    Raises ChildFailed; OSError or RuntimeError where no process can work at all.
    """
    return await asyncio.get_running_loop().run_in_executor(_threads, _ask, header, content)


def _ask(header: Header, content: bytes) -> tuple[Header, bytes]:
    """With the child of this thread, or a new one where it was just leaving."""
    try:
        return _ask_once(header, content)
    except _ChildLeft:
        pass
    try:
        return _ask_once(header, content)
    except _ChildLeft as error:
        raise ChildFailed("a file has made the process that read it leave") from error


def _ask_once(header: Header, content: bytes) -> tuple[Header, bytes]:
    child: Child = getattr(_own, "child", None) or Child()
    _own.child = None
    try:
        answer = child.ask(header, content)
    except (EOFError, OSError, ValueError) as error:
        ended = child.end()
        if ended == 0:
            raise _ChildLeft from error
        if ended < 0:
            raise ChildFailed("a file has ended the process that read it") from error
        raise RuntimeError(f"the process that reads files cannot work: it ended with {ended}") from error
    except BaseException:
        child.end()
        raise
    _own.child = child
    return answer


class _ChildLeft(Exception):
    """The process has ended by itself, as it does when it is not asked for a while."""
