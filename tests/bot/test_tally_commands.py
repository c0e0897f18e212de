"""`export tally`, `tally verify` and `tally check-receipt` as operators and members use them (R39)."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.services import Services
from domain.transparency.tally_table import receipt_text
from services.transparency.tally import AFTER
from tests.bot.conftest import MakeFile, Terminal
from tests.bot.test_commands import look, on_display
from tests.conftest import Watch, meet, spend

__all__ = ["on_display"]

Rows = list[list[str]]


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the published day, from the first test on that needs it: to copy it takes a moment."""
    return tmp_path_factory.mktemp("published") / "folder"


@pytest.fixture
def published(request: pytest.FixtureRequest, own_folder: Path, kept: Path) -> tuple[str, str]:
    """A day on which three people voted for g0, its root, and `receipt.json` of one of them."""
    known = kept.with_name("day-and-root.json")
    if not known.exists():
        made = publish(request.getfixturevalue("on_display"), request.getfixturevalue("write"))
        shutil.copytree(own_folder, kept)
        known.write_text(json.dumps(made))
    shutil.copytree(kept, own_folder, dirs_exist_ok=True)
    day, root = json.loads(known.read_text())
    return day, root


def publish(on_display: Terminal, write: MakeFile) -> tuple[str, str]:
    """Three people vote for g0, and the day's tally is published: returns the day and the root."""

    async def vote(services: Services) -> tuple[str, str]:
        await services.tally.tick(None)
        people = [await meet(services, chat_id) for chat_id in (1001, 1002, 1003)]
        item = await services.groups.find("g0")
        assert item is not None
        for member in people:
            await spend(services, member.chat_id, "500")
            assert (await services.voting.cast(member, item.id)).refused is None
        services.context.clock = Watch(services.context.clock.now() + timedelta(days=1) + AFTER)
        days = await services.tally.build()
        mine = (await services.tally.votes_of(people[0], 0)).votes[0]
        receipt = (await services.tally.receipt(people[0], mine.id)).receipt
        assert receipt is not None
        write("receipt.json", receipt_text(receipt))
        return days[0].isoformat(), receipt.root.hex()

    assert "no published tally yet" in on_display.fails("export", "tally", "none.csv")
    return look(vote)


def change(file: Path, how: Callable[[Rows], Rows]) -> None:
    with file.open(encoding="utf-8-sig", newline="") as content:
        rows = list(csv.reader(content))
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(how(rows))


@pytest.mark.parametrize("name", ["tally.csv", "tally.xlsx"])
def test_what_is_exported_is_verified_without_a_database(
    name: str, published: tuple[str, str], terminal: Terminal, own_folder: Path
) -> None:
    day, root = published
    said = terminal.ok("export", "tally", name, "--day", day)
    assert said == f"3 rows written to {name}\n{day}: root {root}\n"
    terminal.set(DATABASE_URL="nothing://here")
    said = terminal.ok("tally", "verify", day, name, "--root", root.upper())
    assert "good 1: 3 cast, 0 taken back, 0 with the ballot returned, 0 void, 0 restored; count +3" in said
    assert said.endswith(f"{day}: 3 acts have the root {root}.\n")
    assert "--root" in terminal.ok("tally", "verify", day, name), "the file alone proves little"


def test_the_table_names_no_member(published: tuple[str, str], terminal: Terminal, own_folder: Path) -> None:
    terminal.ok("export", "tally", "tally.csv")
    receipt = json.loads((own_folder / "receipt.json").read_text())
    text = (own_folder / "tally.csv").read_text("utf-8-sig")
    assert text.startswith("position,act,item,seal,leaf\n") and receipt["seal"] in text
    assert receipt["salt"] not in text and "1001" not in [cell for line in text.split() for cell in line.split(",")]


@pytest.mark.parametrize(
    ("how", "complaint"),
    [
        (lambda rows: [*rows[:3], [rows[3][0], "void", *rows[3][2:]], *rows[4:]], "line 4: the act was changed"),
        (lambda rows: [*rows[:3], *rows[4:]], "line 4: the number does not follow"),
        (lambda rows: [*rows[:3], rows[3], *rows[3:]], "line 5: the number does not follow"),
        (lambda rows: rows[:-1], "does not have as many acts"),
        (lambda rows: [rows[0], [*rows[1][:4], "0" * 64], *rows[2:]], "do not have this root"),
        (lambda rows: [rows[0], [rows[1][0], "2001-01-01", *rows[1][2:]], *rows[2:]], "line 2: another day"),
        (lambda rows: rows[1:], "line 1: not a line of a tally"),
    ],
)
def test_an_act_that_was_changed_added_or_dropped_is_named(
    how: Callable[[Rows], Rows],
    complaint: str,
    published: tuple[str, str],
    terminal: Terminal,
    own_folder: Path,
) -> None:
    day, root = published
    terminal.ok("export", "tally", "tally.csv")
    change(own_folder / "tally.csv", how)
    assert complaint in terminal.fails("tally", "verify", day, "tally.csv", "--root", root)


def test_a_table_with_another_root_than_the_published_one_is_refused(
    published: tuple[str, str], terminal: Terminal
) -> None:
    terminal.ok("export", "tally", "tally.csv")
    said = terminal.fails("tally", "verify", published[0], "tally.csv", "--root", "0" * 64)
    assert said.count("\n") == 1 and "do not have this root" in said
    assert "64 digits" in terminal.fails("tally", "verify", published[0], "tally.csv", "--root", "abc")


@pytest.mark.parametrize("content", ["", "what,ever\n1,2\n", "\0\0", '"'])
def test_what_is_no_tally_is_one_line(content: str, terminal: Terminal, write: MakeFile) -> None:
    write("t.csv", content)
    write("t.xlsx", content)
    for name in ("t.csv", "t.xlsx"):
        said = terminal.fails("tally", "verify", "2026-11-24", name)
        assert said.startswith(name) and said.count("\n") == 1
    assert "“someday” is not a date" in terminal.fails("tally", "verify", "someday", "t.csv")


@pytest.mark.long
def test_a_line_of_a_gigabyte_is_not_read(terminal: Terminal, own_folder: Path) -> None:
    with (own_folder / "t.csv").open("wb") as sparse:
        sparse.truncate(2**30)
    script = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\n"
        "sys.argv[1:] = ['tally', 'verify', '2026-11-24', 't.csv']\n"
        "from bot.__main__ import app\n"
        "app()"
    )
    done = terminal.python("-c", script)
    assert done.returncode == 1 and done.stderr.startswith("t.csv: This is no table"), done.stderr


def test_a_receipt_is_checked_without_a_database(
    published: tuple[str, str], terminal: Terminal, own_folder: Path, write: MakeFile
) -> None:
    day, root = published
    terminal.set(DATABASE_URL="nothing://here")
    said = terminal.ok("tally", "check-receipt", "receipt.json", "--root", root)
    assert said == f"Good 1, voting day {day}: the vote of member 1 is in the tally with the root {root}.\n"
    assert "--root" in terminal.ok("tally", "check-receipt", "receipt.json")
    assert "of another tally" in terminal.fails("tally", "check-receipt", "receipt.json", "--root", "1" * 64)
    changed = {**json.loads((own_folder / "receipt.json").read_text()), "member": 2}
    write("changed.json", json.dumps(changed))
    assert "no receipt, or it was changed" in terminal.fails("tally", "check-receipt", "changed.json")


def test_a_day_without_a_tally_is_named(published: tuple[str, str], terminal: Terminal) -> None:
    assert terminal.fails("export", "tally", "t.csv", "--day", "2001-01-01") == (
        "There is no published tally of 2001-01-01.\n"
    )


def test_acts_that_are_no_longer_kept_are_not_exported(
    published: tuple[str, str], terminal: Terminal, own_folder: Path
) -> None:
    async def delete(services: Services) -> None:
        from storage.transparency import tally

        async with services.context.db.write() as connection:
            await tally.delete_old(connection, services.context.clock.now() + timedelta(days=9), 100)

    look(delete)
    assert published[1] in terminal.fails("export", "tally", "t.csv")
    assert not (own_folder / "t.csv").exists()
