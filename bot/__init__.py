"""The running program: settings, wiring, updates, delivery, jobs, web, operations, commands."""

import gc

# Starting builds hundreds of thousands of objects that are not garbage, and a full collection of them stops every tap
# for a fifth of a second: the collector looks seldom, from the first import on.
gc.set_threshold(50_000, 20, 50)
