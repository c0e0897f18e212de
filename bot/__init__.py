"""The running program: settings, wiring, updates, delivery, jobs, web, operations, commands."""

import gc

VERSION = "0.1.0"
"""The version of the program, as in pyproject.toml."""

# Loading the program makes hundreds of thousands of objects and no garbage, and each collection walks through them: it
# would take a sixth of the time. `bot.app` sets the thresholds of the running bot.
gc.set_threshold(500_000, 20, 50)
