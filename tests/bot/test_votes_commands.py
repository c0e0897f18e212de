"""`votes examine` as scripts use it: tables in, tables out, without a database."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks.brushing_worlds import street
from benchmarks.brushing_worlds.world import Attack, World
from domain.brushing.vote_table import VOTE_COLUMNS
from tests.bot.conftest import MakeFile, Terminal

FIRST = "what,id,score,why\n"
ROW = "g1,s1,m1,123456,2026-11-02T08:00:05+08:00,,120.50"


def table(world: World) -> str:
    """A world's votes as the command reads them."""
    lines = [
        f"{v.item},{v.shop},{v.member},{v.telegram_id},{v.cast_at.isoformat()},{v.via or ''},{v.spent_fen / 100},"
        f"{v.refunded_fen / 100},{v.granted}"
        for v in world.votes
    ]
    return "\n".join([",".join(VOTE_COLUMNS), *lines]) + "\n"


def test_each_file_is_judged_by_itself_into_a_file_of_its_name(
    terminal: Terminal, write: MakeFile, own_folder: Path
) -> None:
    brushed, honest = street.make(7, Attack.PLAIN, 700), street.make(7, Attack.HONEST, 700)
    files = [str(write("brushed.csv", table(brushed))), str(write("honest.csv", table(honest)))]
    said = terminal.ok("votes", "examine", *files, "--to", "new/results")
    results = own_folder / "new" / "results"
    assert (results / "honest.csv").read_text() == FIRST
    with (results / "brushed.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["id"] for row in rows if row["what"] == "item"} == brushed.goods
    assert {row["id"] for row in rows if row["what"] == "member"} == brushed.accounts
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores, reverse=True) and all(row["why"] for row in rows)
    assert "honest.csv" in said and "0 members and 0 goods suspect" in said
    assert not (own_folder / "data").exists(), "no database is made"


def test_a_bad_row_is_named_and_left_out_and_the_command_ends_with_one(
    terminal: Terminal, write: MakeFile, own_folder: Path
) -> None:
    header = ",".join(VOTE_COLUMNS[:-2])
    file = write("votes.csv", f"{header}\n{ROW}\n{ROW.replace('+08:00', '')}\n")
    complaint = terminal.fails("votes", "examine", str(file), "--to", "out")
    assert "line 3, cast_at: “2026-11-02T08:00:05” is not a time with its offset" in complaint
    assert "1 row was left out; the others were judged." in complaint
    assert (own_folder / "out" / "votes.csv").read_text() == FIRST


def test_errors_and_reasons_are_in_the_language_of_the_terminal(
    terminal: Terminal, write: MakeFile, own_folder: Path
) -> None:
    terminal.set(LANG="zh_CN.UTF-8")
    file = write("votes.csv", table(street.make(7, Attack.SINGLE_BATCH, 700)) + "g,s,m,x,y,,1\n")
    assert "不是整数" in terminal.fails("votes", "examine", str(file), "--to", "out")
    assert "相邻" in (own_folder / "out" / "votes.csv").read_text("utf-8")


def test_a_result_never_replaces_its_input_or_another_result(
    terminal: Terminal, write: MakeFile, own_folder: Path
) -> None:
    file = write("votes.csv", FIRST)
    (own_folder / "other").mkdir()
    (own_folder / "other" / "votes.csv").write_text(FIRST)
    assert "replace the file itself" in terminal.fails("votes", "examine", str(file), "--to", ".")
    both = (str(file), str(own_folder / "other" / "votes.csv"))
    assert "another file has this name" in terminal.fails("votes", "examine", *both, "--to", "out")
    assert file.read_text() == FIRST


def test_a_file_that_is_too_large_keeps_no_other_from_being_judged(
    terminal: Terminal, write: MakeFile, own_folder: Path
) -> None:
    large, file = own_folder / "large.csv", write("votes.csv", FIRST)
    with large.open("wb") as sparse:
        sparse.truncate(2**30)
    assert "large.csv: too large to be judged" in terminal.fails(
        "votes", "examine", str(large), str(file), "--to", "out"
    )
    assert (own_folder / "out" / "votes.csv").read_text() == FIRST
    assert not (own_folder / "out" / "large.csv").exists()


def test_a_result_that_cannot_be_written_keeps_no_other_from_being_written(
    terminal: Terminal, write: MakeFile, own_folder: Path
) -> None:
    files = [str(write(name, FIRST)) for name in ("a.csv", "b.csv")]
    (own_folder / "out" / "a.csv").mkdir(parents=True)
    assert "a.csv: Is a directory" in terminal.fails("votes", "examine", *files, "--to", "out")
    assert (own_folder / "out" / "b.csv").read_text() == FIRST


def test_a_table_of_strangers_and_unknown_goods_is_too_large(terminal: Terminal, write: MakeFile) -> None:
    rows = (f"g{n},s,m{n},{n + 1},2026-11-02T08:00Z,,1,,\n" for n in range(15_000))
    file = write("votes.csv", f"{','.join(VOTE_COLUMNS)}\n{''.join(rows)}")
    assert "too large to be judged" in terminal.fails("votes", "examine", str(file), "--to", "out")


@pytest.mark.parametrize("content", ["", "what,ever\n1,2\n"])
def test_a_file_that_is_no_table_of_votes_still_gets_a_header(
    content: str, terminal: Terminal, write: MakeFile, own_folder: Path
) -> None:
    file = write("votes.csv", content)
    assert "nothing was judged" in terminal.fails("votes", "examine", str(file), "--to", "out")
    assert (own_folder / "out" / "votes.csv").read_text() == FIRST
