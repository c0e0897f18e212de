"""What commands print: on a terminal of any encoding, and what their help says."""

from __future__ import annotations

import re
import sys
import tomllib

import pytest
from typer.main import get_command

from bot.__main__ import app
from bot.output import print_in_any_encoding
from tests.bot.conftest import ROOT, Terminal
from tests.bot.test_organising import beside
from tests.conftest import meet


@pytest.mark.usefixtures("migrated_database")
@pytest.mark.parametrize("encoding", ["gbk", pytest.param("latin-1", marks=pytest.mark.long)])
def test_a_terminal_that_lacks_a_character_shows_another_and_the_command_succeeds(
    encoding: str, terminal: Terminal
) -> None:
    beside(lambda services: meet(services))
    terminal.set(PYTHONIOENCODING=encoding, LANG="en_GB.UTF-8")
    done = terminal.python("-m", "bot", "ballots", "grant", "1001", "3", "--reason", "Thank you")
    assert done.returncode == 0 and not done.stderr and done.stdout.startswith("* 1001 was given 3")


@pytest.mark.parametrize(
    ("encoding", "said", "shown"),
    [
        ("gbk", "line 3: ¥99.99 → ¥199.99 …", "line 3: ￥99.99 → ￥199.99 …"),
        ("ascii", "line 3: ¥99.99 → ¥199.99 …", "line 3: ?99.99 -> ?199.99 ..."),
        ("gbk", "🎁 1001 🗑️ – 臺灣", "* 1001 * – 臺灣"),
        ("ascii", "“a” · 臺灣", '"a" | ??'),
        ("utf-8", "🎁 “a” ¥", "🎁 “a” ¥"),
    ],
)
def test_what_an_encoding_lacks_is_replaced_by_what_says_the_same(
    encoding: str, said: str, shown: str, terminal: Terminal
) -> None:
    terminal.set(PYTHONIOENCODING=encoding)
    program = f"from bot.output import print_in_any_encoding; print_in_any_encoding(); print({said!r})"
    done = terminal.python("-c", program)
    assert (done.returncode, done.stdout) == (0, shown + "\n"), done.stderr


def test_another_stream_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    print_in_any_encoding()
    sys.stdout.write("🎁\n")
    assert capsys.readouterr().out == "🎁\n"


def test_the_version_is_that_of_the_package(terminal: Terminal) -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert terminal.ok("--version") == f"{package['name']} {package['version']}\n"


def test_the_help_of_no_command_names_the_number_of_a_rule(terminal: Terminal) -> None:
    paths = [()]
    for path in paths:
        said = terminal.ok(*path, "--help")
        assert not re.search(r"\bR\d+\b", said), path
        command = get_command(app)
        for name in path:
            command = command.commands[name]
        paths += [(*path, name) for name in getattr(command, "commands", {})]
    assert len(paths) > 15


def test_the_help_is_shown_on_a_terminal_without_its_characters(terminal: Terminal) -> None:
    terminal.set(PYTHONIOENCODING="latin-1")
    done = terminal.python("-m", "bot", "--help")
    assert done.returncode == 0 and "--version" in done.stdout
