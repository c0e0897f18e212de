"""What starting and idling cost: `python -m benchmarks.start [--rounds N] [--idle SECONDS]`.

Import: CPU time (user and system) of a fresh interpreter that runs `import bot.app`, beside one that runs
`import aiogram`, in alternating rounds; prints the medians, their ratio and the spread of the paired ratios.

Idle: the bot in the local chat on an empty data folder. From 20 s after it is ready, the share of one core that the
process uses over the given time, read from the kernel's accounting of the process.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
SETTLES = 20.0
"""Seconds after the start in which caches fill and menus are set: not idle yet."""


def cpu_seconds(statement: str) -> float:
    """CPU time of a fresh interpreter that runs this statement."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure_import(rounds: int) -> None:
    """Print what `import bot.app` costs beside `import aiogram`."""
    pairs = [(cpu_seconds("import aiogram"), cpu_seconds("import bot.app")) for _ in range(rounds)]
    ratios = sorted(ours / theirs for theirs, ours in pairs)
    theirs, ours = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    print(f"import aiogram  {theirs:.2f} s of CPU")
    print(f"import bot.app  {ours:.2f} s of CPU: {median(ratios):.2f} x ({ratios[0]:.2f} to {ratios[-1]:.2f})")


def cpu_of(pid: int) -> float:
    """CPU seconds that a running process has used so far (Linux, proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_idle(seconds: float) -> None:
    """Print the share of a core that an idle bot in the local chat uses."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db", "LOCAL_CHAT_PORT": "0", "WEB_PORT": "0"}
        bot = subprocess.Popen(
            [sys.executable, "-m", "bot"],
            cwd=ROOT,
            env={**os.environ, **settings, "DATA_FOLDER": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert bot.stdout is not None
            while "The local chat is open" not in (line := bot.stdout.readline()):
                if not line:
                    raise SystemExit("the bot did not start")
            time.sleep(SETTLES)
            before, began = cpu_of(bot.pid), time.monotonic()
            time.sleep(seconds)
            used = (cpu_of(bot.pid) - before) / (time.monotonic() - began)
            print(f"idle            {used:.2%} of a core over {seconds:.0f} s")
        finally:
            bot.terminate()
            bot.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds of the import (default 5)")
    parser.add_argument("--idle", type=float, default=60.0, help="seconds of idling that are measured; 0 for none")
    given = parser.parse_args()
    measure_import(given.rounds)
    if given.idle:
        measure_idle(given.idle)


if __name__ == "__main__":
    main()
