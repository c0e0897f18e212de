"""Which modules of the project run for an action but not in an idle bot; `benchmarks/walks.py` defines what counts."""

from __future__ import annotations

import enum
import inspect
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "handlers", "services", "domain", "storage")
LEFT_OUT = ("storage.migrations",)
LOOP_FILES = ("asyncio/runners.py", "asyncio/events.py", "asyncio/base_events.py")
"""The frames below theirs only started the event loop."""


class Mode(enum.Enum):
    OFF = enum.auto()
    IDLE = enum.auto()
    WALK = enum.auto()


class Tracer:
    """A profile function that separates the calls of a walk from those of an idle bot."""

    def __init__(self) -> None:
        self.mode = Mode.OFF
        self.entered: dict[str, None] = {}
        self._last = 0.0
        self._idle: set[tuple[int, ...]] = set()
        self._known: dict[int, tuple[CodeType, str | None]] = {}

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if self.mode is Mode.OFF or event != "call" or self._module_of(frame.f_code) is None:
            return
        codes = self._chain(frame)
        chain = tuple(map(id, codes))
        if self.mode is Mode.IDLE:
            self._idle.add(chain)
        elif chain not in self._idle:
            self._last = time.monotonic()
            self.entered.update(dict.fromkeys(filter(None, map(self._module_of, codes))))

    def wait_for_quiet(self, seconds: float) -> None:
        """Wait until only background calls have run for the given time."""
        quiet_since = time.monotonic()
        while (left := max(self._last, quiet_since) + seconds - time.monotonic()) > 0:
            time.sleep(left)

    def _chain(self, frame: FrameType) -> list[CodeType]:
        """The active project functions, the outermost first."""
        codes = [one.f_code for one in callers(frame) if self._module_of(one.f_code) is not None]
        return codes[::-1]

    def _module_of(self, code: CodeType) -> str | None:
        """The project module of a function; None for any other. Keeps code objects, so that their ids stay unique."""
        known = self._known.get(id(code))
        if known is None:
            known = self._known[id(code)] = (code, module_name(code))
        return known[1]


def callers(frame: FrameType | None) -> Iterator[FrameType]:
    """A frame and its callers, up to the event loop, across SQLAlchemy's greenlets."""
    greenlets = sys.modules.get("greenlet")
    lane = greenlets.getcurrent() if greenlets else None
    while frame is not None:
        if frame.f_code.co_filename.endswith(LOOP_FILES):
            return
        yield frame
        frame = frame.f_back
        while frame is None and lane is not None:
            lane = lane.parent
            frame = lane.gr_frame if lane is not None else None


def module_name(code: CodeType) -> str | None:
    """The dotted name of a function's module, if it counts."""
    path = Path(code.co_filename)
    if not code.co_flags & inspect.CO_OPTIMIZED or not path.is_relative_to(ROOT):
        return None
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return name if parts[0] in PACKAGES and not name.startswith(LEFT_OUT) else None
