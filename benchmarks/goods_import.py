"""Vote latency while goods are imported: `python -m benchmarks.goods_import [--goods N] [--kb N]`.

One process, as when an organiser uploads a table at the desk: a member votes and takes the vote back repeatedly while N
goods, each with its own picture, are imported. Prints the duration of the import, the latency of the votes, and the
peak memory of the process.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

from PIL import Image

from bot.services import Services, make_services
from bot.settings import read_settings
from domain.csv_files import Parsed, read_goods, read_spending
from services.clock import SystemClock
from storage.db import Database
from storage.migrate import migrate

DEMO = Path(__file__).parent.parent / "demo"
BETWEEN_VOTES = 0.005
HEADER = "ref,shop,title,title_en,category,original_price,expected_price,stock,lead_days,url,picture,description"


def make_table(folder: Path, goods: int, kilobytes: int) -> bytes:
    """A table of goods with pictures that differ only in a comment: rendering different ones would take minutes."""
    out = io.BytesIO()
    side = 16 * max(1, round((kilobytes * 2) ** 0.5))
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(out, "JPEG", quality=60)
    jpeg, lines = out.getvalue(), [HEADER]
    for n in range(goods):
        comment = b"%012d" % n
        (folder / f"{n}.jpg").write_bytes(jpeg[:2] + b"\xff\xfe\x00\x0e" + comment + jpeg[2:])
        lines.append(
            f"n{n},shop {n % 300},宝贝 {n},Thing {n},home,20.00,10.00,5,1,https://shop.example.com/{n},{n}.jpg,good"
        )
    return "\n".join(lines).encode()


async def vote_on(services: Services, waits: list[float], stop: asyncio.Event) -> None:
    """Vote and take back until stopped; records the seconds of each act."""
    member = await services.people.meet(1001, "Ann", "en")
    card = await services.carousel.new_draw(member)
    item = card.item.id  # type: ignore[union-attr]
    while not stop.is_set():
        for act in (services.voting.cast, services.voting.take_back):
            began = time.perf_counter()
            answer = await act(member, item)
            waits.append(time.perf_counter() - began)
            assert answer.refused is None
            await asyncio.sleep(BETWEEN_VOTES)


async def main(goods: int, kilobytes: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = read_settings(
            _env_file=None, database_url=f"sqlite+aiosqlite:///{folder}/bot.db", double_tap_seconds=0
        )
        db = Database(settings.database_url)
        await migrate(db)
        services = make_services(db, settings, SystemClock())
        demo = read_goods((DEMO / "goods.csv").read_bytes())
        await services.goods.import_goods(Parsed(demo.rows[:4], ()), DEMO, "benchmark")
        await services.rounds.tick()
        await services.rounds.open_special()
        await services.goods.import_spending(read_spending(b"telegram_id,amount,spent_on,ref\n1001,900,2026-01-05,o\n"))
        table = read_goods(make_table(folder, goods, kilobytes))
        assert not table.bad

        async def measured(what: str) -> None:
            waits: list[float] = []
            stop = asyncio.Event()
            voting = asyncio.create_task(vote_on(services, waits, stop))
            began = time.perf_counter()
            found = await services.goods.import_goods(table, folder, "benchmark")
            took = time.perf_counter() - began
            stop.set()
            await voting
            waits.sort()
            ms = [1000 * wait for wait in (statistics.median(waits), waits[int(len(waits) * 0.99)], waits[-1])]
            print(
                f"{what}: {found.new} new, {found.same} as before in {took:.1f} s; {len(waits)} acts waited "
                f"{ms[0]:.1f} ms (median), {ms[1]:.1f} ms (99 of 100), {ms[2]:.0f} ms (the longest)"
            )

        await measured("first import")
        await measured("the same again")
        print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
        await db.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--goods", type=int, default=5_000)
    parser.add_argument("--kb", type=int, default=60, help="kilobytes per picture")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.goods, arguments.kb))
