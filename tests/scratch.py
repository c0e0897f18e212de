"""Where tests keep files that may be lost: in memory, where a new database costs a tenth of what it costs on a disk."""

from __future__ import annotations

import os
import shutil

_MEMORY = "/dev/shm"
_ENOUGH = 2 << 30
"""Bytes that must be free: a container may have only a few there."""


def root() -> str | None:
    """A folder in memory, or None where there is none with enough room: then the system's temporary folder serves."""
    usable = os.path.isdir(_MEMORY) and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ENOUGH
    return _MEMORY if usable else None
