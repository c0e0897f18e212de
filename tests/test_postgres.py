"""The PostgreSQL server that tests start ends with them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import postgres
from tests.waiting import GUARD

_HOLD_ONE = """
import sys
from tests.postgres import own_server
with own_server() as own:
    print(own.url.port, own.folder, flush=True)
    sys.stdin.read()
"""


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.long
@pytest.mark.skipif(postgres.programs() is None, reason="PostgreSQL is not installed here")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_server_ends_with_the_tests_that_started_it_however_they_end(how: signal.Signals) -> None:
    root = Path(__file__).parent.parent
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", _HOLD_ONE], cwd=root, stdin=pipe, stdout=pipe, text=True) as tests:
        assert tests.stdout is not None
        port, folder = tests.stdout.readline().split()
        assert _listens(int(port)) and Path(folder).is_dir()
        tests.send_signal(how)
        assert tests.wait() == -how
    deadline = time.monotonic() + GUARD
    while _listens(int(port)) or Path(folder).exists():
        assert time.monotonic() < deadline, "the server is still there"
        time.sleep(0.02)
