"""The running program: settings, wiring, updates, delivery, jobs, web, operations, commands."""

import gc
import os
import sys

VERSION = "0.1.0"
"""The version of the program, as in pyproject.toml."""

# Before anything else is loaded, which would end with a trace.
if os.name != "posix":
    raise SystemExit("Linux or macOS is needed. On Windows run this in WSL 2 (wsl --install), or in Docker.")
if sys.version_info < (3, 11):  # noqa: UP036 - said in words, not by a trace
    raise SystemExit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")

# Loading the program makes hundreds of thousands of objects and no garbage, and each collection walks through them: it
# would take a sixth of the time. `bot.app` sets the thresholds of the running bot.
gc.set_threshold(500_000, 20, 50)
