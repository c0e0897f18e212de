"""The size of the campaigns: few repetitions by default, all of them with CAMPAIGN_SIZE=full."""

from __future__ import annotations

import os
from typing import TypeVar

Value = TypeVar("Value")
_SIZES = ("small", "full")
_SIZE = os.environ.get("CAMPAIGN_SIZE", "small")
if _SIZE not in _SIZES:
    raise ValueError(f"CAMPAIGN_SIZE is one of {', '.join(_SIZES)}, not {_SIZE!r}")


def sized(*, small: Value, full: Value) -> Value:
    """The value for the current size. Both sizes cover every kind of fault and both databases; they differ in
    repetitions and in the length of outages."""
    return full if _SIZE == "full" else small
