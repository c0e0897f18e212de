"""The commands as scripts use them: what they do, what they say, and with which number they end."""

from __future__ import annotations

import asyncio
import csv
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.services import Services, make_services
from bot.settings import read_settings
from domain.brushing.cases import SuspectAccount, Suspicion
from domain.brushing.vote_table import read_votes
from domain.brushing.votes import Pattern
from domain.calendar import calendar_of
from domain.goods import ItemState
from domain.people import QuietHours
from handlers.localization import Localizer
from services.clock import SystemClock
from storage.db import Database
from storage.db.backup import check
from tests.bot.conftest import MakeFile, Terminal
from tests.conftest import a_picture, make_goods, meet, spend

Result = TypeVar("Result")

pytestmark = pytest.mark.usefixtures("migrated_database")

HEADER = (
    "ref,shop,title,title_en,category,original_price,expected_price,stock,lead_days,url,picture,"
    "description,description_en"
)


def row(ref: str = "a1", picture: str = "a.jpg", **changes: str) -> str:
    """One good row of a table of goods, with what a case changes."""
    cells = {
        "ref": ref,
        "shop": "小店",
        "title": "宝贝",
        "title_en": "Thing",
        "category": "food",
        "original_price": "20.00",
        "expected_price": "12.50",
        "stock": "10",
        "lead_days": "3",
        "url": "https://shop.example.com/1",
        "picture": picture,
        "description": "好",
        "description_en": "Good",
        **changes,
    }
    return ",".join(cells[name] for name in HEADER.split(","))


def look(work: Callable[[Services], Awaitable[Result]]) -> Result:
    """Do something with the services over the database of this folder."""

    async def go() -> Result:
        settings = read_settings()
        db = Database(settings.database_url)
        try:
            return await work(make_services(db, settings, SystemClock()))
        finally:
            await db.close()

    return asyncio.run(go())


def stored(folder: Path) -> dict[str, ItemState]:
    """The goods that are stored, with their states."""
    if not (folder / "data" / "bot.db").exists():
        return {}

    async def refs(services: Services) -> dict[str, ItemState]:
        found = {ref: await services.groups.find(ref) for ref in ("a1", "a2", "a3", "g0", "g1", "g2")}
        return {ref: item.state for ref, item in found.items() if item}

    return look(refs)


@pytest.fixture(autouse=True)
def picture(own_folder: Path) -> Path:
    path = own_folder / "a.jpg"
    path.write_bytes(a_picture())
    return path


@pytest.fixture
def on_display(terminal: Terminal, own_folder: Path) -> Terminal:
    """Three goods on display: g0, g1, g2."""
    terminal.ok("goods", "import", str(make_goods(own_folder, 3)))
    terminal.ok("rounds", "open")
    return terminal


# --- rounds ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en_GB.UTF-8", "zh_CN.UTF-8"])
def test_the_rounds_of_the_next_thirty_days(language: str, terminal: Terminal) -> None:
    terminal.set(LANG=language)
    windows = calendar_of().preview(now := datetime.now(UTC))
    localizer = Localizer(language[:2], read_settings().rules().zone, now, names_zone=True)
    lines = terminal.ok("rounds", "preview").splitlines()
    assert len(lines) == len(windows) >= 17
    assert windows[-1].closes_at > now + timedelta(days=30)
    for line, window in zip(lines, windows, strict=True):
        hours = round(window.duration.total_seconds() / 3600)
        opens, closes = localizer.exact(window.opens_at), localizer.exact(window.closes_at)
        assert line == localizer.text("cli-round", opens=opens, closes=closes, hours=hours)
        assert ("China Time" if localizer.language == "en" else "中国时间") in line


def test_a_preview_of_some_days(terminal: Terminal) -> None:
    assert len(terminal.ok("rounds", "preview", "--days", "366").splitlines()) > 200
    assert terminal.run("rounds", "preview", "--days", "0").exit_code == 2


def test_a_special_round_shows_what_waits(terminal: Terminal, own_folder: Path) -> None:
    assert terminal.fails("rounds", "open") == "No goods are waiting. Import some first.\n"
    terminal.ok("goods", "import", str(make_goods(own_folder, 2)))
    assert (
        terminal.ok("rounds", "open")
        == "A special round is open with 2 goods. Nobody takes the daily goods, so nobody is told.\n"
    )
    assert set(stored(own_folder).values()) == {ItemState.ON_DISPLAY}
    assert terminal.fails("rounds", "open") == "No goods are waiting. Import some first.\n"


# --- groups ---------------------------------------------------------------------------------------------------------


def in_(**span: float) -> str:
    """A time from now on as people write it, to the minute, in Shanghai."""
    zone = read_settings().rules().zone
    return (datetime.now(zone) + timedelta(**span)).replace(second=0, microsecond=0).isoformat(timespec="minutes")


def test_a_group_is_scheduled_moved_and_told(on_display: Terminal, own_folder: Path) -> None:
    async def vote(services: Services) -> None:
        member = await meet(services)
        await spend(services, 1001, "500")
        member = await services.people.set_quiet_hours(member, QuietHours.parse("00:00-00:00"))
        item = await services.groups.find("g1")
        assert item and (await services.voting.cast(member, item.id)).refused is None

    look(vote)
    opens_at = in_(days=1)
    said = on_display.ok("groups", "schedule", "g1", "--opens-at", opens_at, "--url", "https://group.example.com/1")
    zone = read_settings().rules().zone
    moment = Localizer("en", zone, datetime.now(UTC), names_zone=True).exact(datetime.fromisoformat(opens_at))
    assert said.splitlines() == [
        f"Thing g1: opens {moment}.",
        "🔔 1 person is told at once.",
        "They are told again 30 minutes before, and at the opening.",
    ]
    again = on_display.ok("groups", "schedule", "g1", "--opens-at", opens_at, "--url", "https://group.example.com/1")
    assert again == f"Thing g1: was scheduled for {moment} already; nothing has changed.\n"
    page = ("--opens-at", opens_at, "--url", "https://group.example.com/2")
    assert "nobody is told" in on_display.ok("groups", "schedule", "g1", *page)
    on_display.ok("groups", "schedule", "g1", "--opens-at", opens_at, "--url", "https://group.example.com/1")
    item = look(lambda services: services.groups.find("g1"))
    assert item and item.state is ItemState.SCHEDULED and item.group_url == "https://group.example.com/1"
    assert item.group_opens_at == datetime.fromisoformat(opens_at)
    assert "It was to open " in on_display.ok("groups", "schedule", "g1", "--opens-at", in_(days=2))
    moved = look(lambda services: services.groups.find("g1"))
    assert moved and moved.group_opens_at == datetime.fromisoformat(opens_at) + timedelta(days=1)
    assert moved.group_url == "https://group.example.com/1"


def test_a_time_without_a_zone_is_the_platforms(on_display: Terminal) -> None:
    written = in_(days=1)[:16]
    on_display.ok("groups", "schedule", "g0", "--opens-at", written)
    item = look(lambda services: services.groups.find("g0"))
    assert item and item.group_opens_at == datetime.fromisoformat(f"{written}+08:00")


@pytest.mark.parametrize(
    ("ref", "opens_at", "more", "complaint"),
    [
        ("g9", "", (), "There is no good with the ref “g9”."),
        ("g0", "2020-01-01T10:00+08:00", (), "g0: That time is over already."),
        ("g0", "soon", (), "“soon” is not a time such as 2026-12-01T10:00+08:00"),
        ("g0", "tomorrow", (), "“tomorrow” is a day without a time"),
        ("g0", "9999-12-31T23:59-12:00", ("--even-late",), "“9999-12-31T23:59-12:00” is not a time such as"),
        ("g0", "0001-01-01T00:00+14:00", (), "“0001-01-01T00:00+14:00” is not a time such as"),
        ("g0", "", ("--url", "group.example.com"), "“group.example.com” is not a link"),
        (
            "g0",
            "",
            ("--url", "http://localhost:8000/t"),
            "“http://localhost:8000/t” is not an address that Telegram opens",
        ),
        ("g0", "", ("--url", "https://"), "“https://” is not a link"),
        ("g0", "", ("--url", "https://a b.example.com"), "“https://a b.example.com” is not a link"),
        ("g0", "", ("--url", "javascript:alert(1)"), "“javascript:alert(1)” is not a link"),
    ],
)
def test_a_group_that_cannot_be_scheduled_says_why(
    ref: str, opens_at: str, more: tuple[str, ...], complaint: str, on_display: Terminal, own_folder: Path
) -> None:
    said = on_display.fails("groups", "schedule", ref, "--opens-at", opens_at or in_(days=1), *more)
    assert said.startswith(complaint) and said.count("\n") == 1
    assert set(stored(own_folder).values()) == {ItemState.ON_DISPLAY}


def test_a_good_that_was_never_shown_cannot_open(terminal: Terminal, own_folder: Path) -> None:
    terminal.ok("goods", "import", str(make_goods(own_folder, 1)))
    assert "g0: It was not on display yet" in terminal.fails("groups", "schedule", "g0", "--opens-at", in_(days=1))


def test_later_than_two_weeks_after_the_round_needs_a_second_word(on_display: Terminal) -> None:
    late = ("groups", "schedule", "g0", "--opens-at", in_(days=60))
    said = on_display.fails(*late)
    assert "later than two weeks" in said and "--even-late" in said
    assert on_display.ok(*late, "--even-late").startswith("Thing g0: opens ")


# --- export ---------------------------------------------------------------------------------------------------------


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_votes_are_exported_one_row_a_vote(on_display: Terminal, own_folder: Path) -> None:
    async def vote(services: Services) -> None:
        people = [await meet(services, chat_id, "Ann") for chat_id in (1001, 1002)]
        found = [await services.groups.find(ref) for ref in ("g0", "g1")]
        first, second = (item.id for item in found if item)
        for member in people:
            await spend(services, member.chat_id, "500")
            assert (await services.voting.cast(member, first)).refused is None
        assert (await services.voting.cast(people[0], second)).refused is None
        assert (await services.voting.take_back(people[1], first)).refused is None

    on_display.set(DOUBLE_TAP_SECONDS="0")
    assert on_display.ok("export", "votes", "empty.csv") == "0 rows written to empty.csv\n"
    assert read_table(own_folder / "empty.csv") == []
    look(vote)
    assert on_display.ok("export", "votes", "votes.csv") == "2 rows written to votes.csv\n"
    rows = read_table(own_folder / "votes.csv")
    assert sorted((line["ref"], line["title"]) for line in rows) == [("g0", "宝贝g0"), ("g1", "宝贝g1")]
    assert len({line["member"] for line in rows}) == 1
    assert "1001" not in rows[0].values(), "a table that is handed round names nobody"
    assert all(datetime.fromisoformat(line["cast_at"]).utcoffset() == timedelta(hours=8) for line in rows)
    assert (own_folder / "votes.csv").read_bytes().startswith(b"\xef\xbb\xbf"), "the mark that spreadsheets need"
    assert on_display.ok("export", "votes", "input.csv", "--for-examine") == "2 rows written to input.csv\n"
    table = read_votes((own_folder / "input.csv").read_bytes())
    assert not table.bad and [(v.item, v.telegram_id, v.spent_fen) for v in table.votes] == [
        ("g0", 1001, 500_00),
        ("g1", 1001, 500_00),
    ]
    on_display.ok("votes", "examine", "input.csv", "--to", "judged")


def test_r29_votes_are_examined_and_cases_listed_and_cleared(on_display: Terminal) -> None:
    async def suspect(services: Services) -> None:
        ann = await meet(services)
        await spend(services, ann.chat_id, "500")
        found = await services.groups.find("g1")
        assert found is not None and (await services.voting.cast(ann, found.id)).voted
        accounts = (SuspectAccount(ann.id, Pattern.LOCKSTEP, 2.0, 3),)
        assert await services.cases.suspect(Suspicion(found.id, 6.5, accounts, ())) == [ann.id]

    none = "0 votes examined, 0 set aside, 0 goods with a new or changed case.\n"
    assert on_display.ok("votes", "monitor") == none
    assert on_display.ok("votes", "cases") == ""
    look(suspect)
    assert "  1  g1  " in on_display.ok("votes", "cases")
    assert on_display.ok("votes", "clear", "1") == "1 vote counts again.\n"
    assert "--reason" in on_display.fails("votes", "void", "1", "--reason", " ")
    assert on_display.fails("votes", "void", "1", "--reason", "a rival") == "There is no undecided case 1.\n"
    assert on_display.fails("votes", "clear", "1") == "There is no undecided case 1.\n"


def test_r29_a_case_is_confirmed_and_bans_are_listed(on_display: Terminal) -> None:
    async def suspect(services: Services) -> None:
        ann = await meet(services)
        await spend(services, ann.chat_id, "500")
        found = await services.groups.find("g1")
        assert found is not None and (await services.voting.cast(ann, found.id)).voted
        await services.cases.suspect(Suspicion(found.id, 6.5, (SuspectAccount(ann.id, Pattern.LOCKSTEP, 2.0, 3),), ()))

    assert on_display.ok("votes", "bans") == ""
    look(suspect)
    assert "--reason" in on_display.fails("votes", "confirm", "1", "--reason", " ")
    confirmed = on_display.ok("votes", "confirm", "1", "--reason", "bought").splitlines()
    assert confirmed[0] == "1 vote is void." and confirmed[1].startswith("The good is out, ")
    assert confirmed[2].startswith("Case 1: 小店1 is banned for 1 month, until ")
    assert confirmed[2].endswith(" (China Time).")
    assert on_display.ok("votes", "bans").splitlines() == confirmed[2:]
    assert on_display.fails("votes", "confirm", "1", "--reason", "bought") == "There is no undecided case 1.\n"
    assert on_display.fails("votes", "agree", "1") == "All months of this ban are in force already.\n"
    assert on_display.fails("votes", "agree", "2") == "No ban of this case is in force.\n"


def test_the_ranking_is_exported_and_no_cell_is_a_formula(
    terminal: Terminal, write: MakeFile, own_folder: Path
) -> None:
    dangerous = ('"=HYPERLINK(""http://evil"")"', "+1", "-1", "@SUM(1)")
    rows = [row(f"a{number}", title=title, shop=title) for number, title in enumerate(dangerous)]
    terminal.ok("goods", "import", str(write("t.csv", "\n".join((HEADER, *rows)))))
    assert terminal.ok("export", "ranking", "waiting.csv") == "0 rows written to waiting.csv\n"
    terminal.ok("rounds", "open")
    assert terminal.ok("export", "ranking", "ranking.csv") == "4 rows written to ranking.csv\n"
    exported = read_table(own_folder / "ranking.csv")
    assert {line["title"] for line in exported} == {'\'=HYPERLINK("http://evil")', "'+1", "'-1", "'@SUM(1)"}
    assert not [cell for line in exported for cell in line.values() if cell.startswith(("=", "+", "-", "@"))]
    assert [line["place"] for line in exported] == ["1", "2", "3", "4"]
    assert {(line["original_price"], line["expected_price"]) for line in exported} == {("20.00", "12.50")}
    assert {(line["votes"], line["would_be_told"], line["state"]) for line in exported} == {("0", "0", "on_display")}


def test_a_table_that_cannot_be_written_is_one_line(terminal: Terminal) -> None:
    assert terminal.fails("export", "votes", "no/such/folder/votes.csv") == (
        "no/such/folder/votes.csv: No such file or directory\n"
    )


# --- every command --------------------------------------------------------------------------------------------------


def test_the_terminal_is_spoken_to_in_its_language(terminal: Terminal, write: MakeFile, own_folder: Path) -> None:
    terminal.set(LANG="zh_CN.UTF-8")
    table = str(make_goods(own_folder, 1))
    assert terminal.ok("goods", "import", table) == "已导入：新增 1，更新 0，不变 0\n"
    bad = str(write("t.csv", f"{HEADER}\n{row(stock='none')}\n"))
    assert terminal.fails("goods", "import", bad).splitlines()[-1] == "第 2 行，库存（stock）：“none”不是整数"
    assert terminal.ok("rounds", "open") == "已加开一场，共 1 件宝贝。没有会员订阅每日上新，不会有人收到通知。\n"
    assert "没有编号为“g9”的宝贝" in terminal.fails("groups", "schedule", "g9", "--opens-at", in_(days=1))
    assert terminal.ok("groups", "schedule", "g0", "--opens-at", in_(days=1)).startswith("宝贝g0：")
    terminal.set(LC_ALL="en_GB.UTF-8")
    assert terminal.ok("goods", "import", table).startswith("Imported: 0 new")


@pytest.mark.parametrize(
    "arguments",
    [
        ("goods", "import", "t.csv"),
        ("spend", "import", "t.csv"),
        ("rounds", "preview"),
        ("rounds", "open"),
        ("groups", "schedule", "g0", "--opens-at", "2026-12-01T10:00+08:00"),
        ("export", "votes", "out.csv"),
        ("export", "ranking", "out.csv"),
        ("export", "tally", "out.csv"),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_every_command_names_a_wrong_setting_in_one_line(
    arguments: tuple[str, ...], terminal: Terminal, write: MakeFile
) -> None:
    write("t.csv", f"{HEADER}\n")
    terminal.set(SEND_RATE="fast")
    said = terminal.fails(*arguments)
    assert said.startswith("Settings: SEND_RATE ") and said.count("\n") == 1


@pytest.mark.parametrize("broken", ["sqlite+aiosqlite:///t.csv/bot.db", "sqlite+aiosqlite:///t.csv"])
def test_a_database_that_cannot_be_used_is_one_line(broken: str, terminal: Terminal, write: MakeFile) -> None:
    write("t.csv", "this is no database, and long enough for one to be looked for in it\n" * 99)
    terminal.set(DATABASE_URL=broken)
    for arguments in (("rounds", "open"), ("goods", "import", "t.csv"), ("export", "votes", "out.csv")):
        said = terminal.fails(*arguments)
        assert said.startswith(f"DATABASE_URL: {broken} cannot be ") and said.count("\n") == 1


COPIES = (("backup",), ("export", "votes"), ("export", "ranking"), ("goods", "template"), ("spend", "template"))
"""What writes to a file of the operator's choice."""


@pytest.mark.parametrize("copy", COPIES, ids=" ".join)
def test_nothing_is_written_over_the_database_or_what_belongs_to_it(
    copy: tuple[str, ...], terminal: Terminal, own_folder: Path
) -> None:
    """A bot that runs on it would go on in a file that is no longer there, and leave a malformed one."""
    database = own_folder / "data" / "bot.db"
    (own_folder / "again").symlink_to(own_folder / "data")
    os.link(database, own_folder / "second.db")
    same = database.stat().st_ino
    for target in (
        "data/bot.db",
        "again/bot.db",
        "second.db",
        "data/bot.db-wal",
        "data/bot.db.key",
        "data/bot.db.lock",
    ):
        said = terminal.fails(*copy, target)
        assert said == f"{target} belongs to the database that the bot uses; choose another file\n"
    assert database.stat().st_ino == same
    check(database)
    terminal.ok(*copy, "data/other.db")


def test_no_command_loads_what_only_the_running_bot_needs(terminal: Terminal, own_folder: Path) -> None:
    """aiogram alone would take seconds."""
    make_goods(own_folder, 1)
    script = f"""
import sys
from bot.__main__ import app
for arguments in (
    ["goods", "import", "g.csv"],
    ["rounds", "preview"],
    ["rounds", "open"],
    ["groups", "schedule", "g0", "--opens-at", "{in_(days=1)}"],
    ["export", "votes", "v.csv"],
    ["export", "ranking", "r.csv"],
    ["doctor"],
):
    assert not app(arguments, standalone_mode=False), arguments
print(sorted({{"aiogram", "apscheduler", "qrcode", "sandbox", "taskiq"}} & set(sys.modules)))
"""
    ended = terminal.python("-c", script)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "[]"
