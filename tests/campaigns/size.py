"""How much the campaigns do: few repetitions by default, the promised numbers where CAMPAIGN_SIZE=full."""

from __future__ import annotations

import os
from typing import TypeVar

Value = TypeVar("Value")
_SIZES = ("small", "full")
_SIZE = os.environ.get("CAMPAIGN_SIZE", "small")
if _SIZE not in _SIZES:
    raise ValueError(f"CAMPAIGN_SIZE is one of {', '.join(_SIZES)}, not {_SIZE!r}")


def sized(*, small: Value, full: Value) -> Value:
    """The value for the size that is run. Both sizes cover every kind of fault and both databases; they differ in
    repetitions, and in how long outages last."""
    return full if _SIZE == "full" else small
