"""A whole run of the detector over stored votes, and votes meanwhile: `python -m benchmarks.examination [--votes N]`.

Stores so many votes of ten rounds (100,000), bought ones among them, in an SQLite file (``synchronous=FULL``) and in an
empty PostgreSQL database. Then a run as the job worker starts it: a child process reads the votes, examines them and
stores cases. Prints its seconds and the peak memory of the child. After that members vote at a constant rate, in phases
without a run and while runs follow one another; the ratio is that of the median p99 of the phases. Exit code 1
if a target is missed. Other work on the machine shows in every figure.

``--phases N`` of each kind (3), ``--seconds N`` that a phase lasts (8), ``--database sqlite|postgresql|both``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import resource
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from time import perf_counter

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.brushing_worlds import market
from benchmarks.brushing_worlds.world import OPENS, Attack
from benchmarks.large_campaign import Clock, Taps
from bot.jobs.examining import examine_apart
from bot.services import Services, make_services
from bot.settings import Settings
from domain.brushing.votes import CastVote
from domain.people import Member
from storage import models, people
from storage.db import Database
from storage.migrate import migrate
from tests import postgres

ROUNDS, GOODS, FIRST_SEED = 10, 28, 30_000
VOTERS = 4_000
"""Members beside those of the stored votes, with five ballots each, who vote during a run."""
PART = 5_000
"""Rows of one statement."""
MOST_SECONDS, MOST_MEGABYTES, MOST_RATIO = 10.0, 500.0, 1.5


def world(number: int) -> list[CastVote]:
    """So many votes of a world with brushing, all bought ones among them; fewer where no world has as many."""
    found = market.make(FIRST_SEED, Attack.POPULAR_CAMOUFLAGE, 20_000 if number > 40_000 else 4_000)
    for seed in range(FIRST_SEED + 1, FIRST_SEED + 100):
        if len(found.votes) >= number:
            break
        other = market.make(seed, Attack.POPULAR_CAMOUFLAGE, 20_000)
        found = max(found, other, key=lambda each: len(each.votes))
    bought_first = sorted(found.votes, key=lambda vote: vote.member not in found.accounts)
    return sorted(bought_first[:number], key=lambda vote: vote.cast_at)


async def _add(connection: AsyncConnection, table: type[models.Base], rows: Sequence[dict[str, object]]) -> None:
    for at in range(0, len(rows), PART):
        await connection.execute(insert(table), rows[at : at + PART])


async def store(db: Database, votes: Sequence[CastVote]) -> None:
    """Rounds, goods, members with their money, and these votes; the last round is open."""
    members = {name: at for at, name in enumerate(dict.fromkeys(vote.member for vote in votes), 1)}
    items = {f"g{number}": number + 1 for number in range(ROUNDS * GOODS)}
    of = {vote.member: vote for vote in votes}
    wants = Counter(vote.item for vote in votes)
    async with db.write() as connection:
        await connection.execute(insert(models.ShopRow).values(id=1, name="shop"))
        picture = {"id": 1, "digest": "d", "content": b"", "width": 1, "height": 1, "wanted_at": OPENS}
        await connection.execute(insert(models.PictureRow).values(picture))
        await _add(connection, models.RoundRow, [_round(number) for number in range(ROUNDS)])
        await _add(connection, models.ItemRow, [_item(name, number, wants[name]) for name, number in items.items()])
        joined = {"joined_at": OPENS, "seen_at": OPENS}
        ids = {vote.telegram_id for vote in votes}
        free = (id for id in itertools.count(900_000_000_000) if id not in ids)
        rows = [{"id": members[name], "chat_id": _id(of[name], ids, free), **joined} for name in members]
        first = len(members) + 1
        rows += [{"id": first + at, "chat_id": next(free), **joined} for at in range(VOTERS)]
        await _add(connection, models.MemberRow, rows)
        grant = {"ballots": 5, "reason": "benchmark", "actor": "benchmark", "at": OPENS}
        await _add(connection, models.GrantRow, [{**grant, "member_id": first + at} for at in range(VOTERS)])
        chat_ids = {row["id"]: row["chat_id"] for row in rows}
        await _add(connection, models.SpendingRow, [*_spendings(of, members, chat_ids)])
        await _add(connection, models.VoteRow, [*_votes(votes, members, items)])
        if not db.is_sqlite:
            for table in ("members", "items", "rounds", "votes", "grants", "spendings"):
                await connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
                )


def _id(vote: CastVote, ids: set[int], free: Iterator[int]) -> int:
    """The member's Telegram ID; another one where two members of the world have the same."""
    if vote.telegram_id in ids:
        ids.remove(vote.telegram_id)
        return vote.telegram_id
    return next(free)


def _round(number: int) -> dict[str, object]:
    opens = OPENS + timedelta(days=number)
    closes = opens + timedelta(days=1)
    closed = closes if number < ROUNDS - 1 else None
    return {"id": number + 1, "opens_at": opens, "closes_at": closes, "opened_at": opens, "closed_at": closed}


def _item(ref: str, number: int, wants: int) -> dict[str, object]:
    of = (number - 1) // GOODS
    state = "on_display" if of == ROUNDS - 1 else "displayed"
    item = {"id": number, "ref": ref, "shop_id": 1, "title": "x", "category": "home", "original_fen": 200}
    item |= {"expected_fen": 100, "stock": 9, "lead_days": 1, "url": "x", "picture_id": 1}
    return {**item, "state": state, "round_id": of + 1, "passed_at": OPENS, "wants": wants}


def _spendings(
    of: dict[str, CastVote], members: dict[str, int], chat_ids: dict[object, object]
) -> Iterator[dict[str, object]]:
    for name, vote in of.items():
        for sign, amount in (("o", vote.spent_fen), ("r", -vote.refunded_fen)):
            if amount:
                spent = {"telegram_id": chat_ids[members[name]], "amount_fen": amount, "spent_on": OPENS.date()}
                yield {"ref": f"{sign}-{name}", **spent}


def _votes(votes: Sequence[CastVote], members: dict[str, int], items: dict[str, int]) -> Iterator[dict[str, object]]:
    slots: Counter[tuple[str, int]] = Counter()
    for vote in votes:
        day = (items[vote.item] - 1) // GOODS
        slots[vote.member, day] += 1
        key = {"item_id": items[vote.item], "member_id": members[vote.member], "cast_at": vote.cast_at}
        yield {**key, "day": (OPENS + timedelta(days=day)).date(), "slot": slots[vote.member, day]}


async def voters(services: Services) -> list[tuple[Member, int]]:
    """Votes that have not been cast: of the members beside the others, for the goods on display."""
    now = services.context.clock.now()
    async with services.context.db.read() as connection:
        rows = await connection.execute(text("SELECT max(id) FROM members"))
        last = int(rows.scalar_one())
        found = [await people.by_id(connection, id) for id in range(last - VOTERS + 1, last + 1)]
    assert now >= OPENS
    goods = range((ROUNDS - 1) * GOODS + 1, ROUNDS * GOODS + 1)
    return [(member, goods[(at + step) % GOODS]) for step in range(5) for at, member in enumerate(found) if member]


@contextlib.asynccontextmanager
async def databases(kinds: Sequence[str]) -> AsyncIterator[dict[str, str]]:
    """An address by database."""
    with contextlib.ExitStack() as stack:
        urls = {}
        if "sqlite" in kinds:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            urls["sqlite"] = f"sqlite+aiosqlite:///{folder}/bot.db"
        if "postgresql" in kinds:
            server = stack.enter_context(postgres.server())
            urls["postgresql"] = postgres.address(await postgres.new_database(server))
        yield urls


async def measure(kind: str, url: str, votes: Sequence[CastVote], options: argparse.Namespace) -> bool:
    """Print the figures of one database; whether every target is met."""
    db, clock = Database(url), Clock()
    clock.time = OPENS + timedelta(days=ROUNDS - 1, hours=12)
    try:
        await migrate(db)
        settings = Settings(_env_file=None, database_url=url, erasure_key="a secret of this benchmark")  # type: ignore[call-arg]
        services = make_services(db, settings, clock)
        await store(db, votes)
        began = perf_counter()
        await examine_apart(services)
        seconds = perf_counter() - began
        unit = 1024 * 1024 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
        cases = await services.cases.undecided()
        print(
            f"{kind}: {len(votes)} votes, {len(cases)} cases: {seconds:.1f} s, child's peak {peak:.0f} MB", flush=True
        )
        ratio = await beside(services, options)
        return bool(cases) and seconds <= MOST_SECONDS and peak <= MOST_MEGABYTES and ratio <= MOST_RATIO
    finally:
        await db.close()


async def beside(services: Services, options: argparse.Namespace) -> float:
    """The p99 of votes while runs follow one another, divided by that without."""
    taps = Taps(services, iter(await voters(services)))
    found: dict[str, list[float]] = {"without a run": [], "during runs": []}
    for phase in range(2 * options.phases):
        what = [*found][phase % 2]
        runs = 0
        ends = perf_counter() + options.seconds
        async with taps.beside():
            while perf_counter() < ends:
                if phase % 2:
                    await examine_apart(services)
                    runs += 1
                else:
                    await asyncio.sleep(max(0.0, ends - perf_counter()))
        found[what].append(taps.p99())
        print(f"    {what:14} {taps.said()}  {runs or ''}", flush=True)
    without, during = (statistics.median(each) for each in found.values())
    print(f"    p99 during runs / without: {during / without:.2f}")
    return during / without


async def run(options: argparse.Namespace) -> bool:
    """Measure on each database."""
    kinds = ["sqlite", "postgresql"] if options.database == "both" else [options.database]
    votes = world(options.votes)
    async with databases(kinds) as urls:
        return all([await measure(kind, url, votes, options) for kind, url in urls.items()])


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description="A run of the detector over stored votes.")
    parser.add_argument("--votes", type=int, default=100_000)
    parser.add_argument("--phases", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    return 0 if asyncio.run(run(parser.parse_args())) else 1


if __name__ == "__main__":
    raise SystemExit(main())
