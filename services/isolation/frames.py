"""What the two processes tell each other: a header as JSON and a content, each behind its length of four bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Protocol

import orjson

MOST_HEADER = 64 * 1024
MOST_CONTENT = 128 * 1024 * 1024
"""Bytes of a content. The largest is a table of rows, as JSON."""

Header = dict[str, str | int | bool | None]


class Sink(Protocol):
    """What a message is written to."""

    def write(self, data: bytes, /) -> object:
        """Write all of it."""


def send(sink: Sink, header: Header, content: bytes) -> None:
    """Write a message. Raises OSError."""
    head = orjson.dumps(header)
    sink.write(struct.pack(">II", len(head), len(content)) + head)
    sink.write(content)


def receive(read: Callable[[int], bytes]) -> tuple[Header, bytes]:
    """Read a message; `read` returns so many bytes or, at the end, fewer.

    Raises EOFError where it ends early, and ValueError for one that is too large or has no header.
    """
    head_size, size = struct.unpack(">II", _exactly(read, 8))
    if head_size > MOST_HEADER or size > MOST_CONTENT:
        raise ValueError("too large a message")
    header = orjson.loads(_exactly(read, head_size))
    if not isinstance(header, dict):
        raise ValueError("a message without a header")
    return header, _exactly(read, size)


def _exactly(read: Callable[[int], bytes], size: int) -> bytes:
    data = read(size)
    if len(data) != size:
        raise EOFError("the message ends early")
    return data
