"""The cost of a poster, step by step, and the delay of the event loop meanwhile: ``python -m benchmarks.poster``.

Takes a few seconds. CPU seconds are those of the rendering thread. The goal is 0.1 s.
"""

from __future__ import annotations

import asyncio
import csv
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from services.pictures.posters import draw, warm_up
from services.pictures.uploads import Words

DEMO = Path(__file__).parent.parent / "demo"
LINK = "https://t.me/wanttogroup_bot?start=cAbCdEfGhIjKlMnOp"
GOAL = 0.1


def spent(work: Callable[[], object]) -> float:
    """CPU seconds of this thread."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def words(row: dict[str, str], chinese: bool) -> Words:
    """The texts of a poster for a good of the demo."""
    expected, original = f"¥{float(row['expected_price']):,.0f}", f"{float(row['original_price']):,.0f}"
    if chinese:
        call, how, until = "请你投一票", "扫码看宝贝，想要就投一票", "投票截止 2026年11月25日 周三 08:00"
        line = row["title"], expected, "期望价", f"原价 ¥{original}", f"¥{original}", "省 50%", "20+ 人想团"
        return Words("我想团", *line, 3, "林美 " + call, "林美", call, how, until)
    call, how, until = "Would you want it?", "Scan, have a look, and vote", "Vote until Wed 25 Nov 2026, 08:00"
    line = row["title_en"], expected, "expected price", f"was ¥{original}", f"¥{original}", "50% off", "20+ want it"
    return Words("I want to group", *line, 3, call, "", call, how, until)


async def stalls(work: Callable[[], object]) -> list[float]:
    """Delays in seconds of a 1 ms timer of the event loop while the work ran in a thread."""
    late: list[float] = []
    task = asyncio.create_task(asyncio.to_thread(work))
    while not task.done():
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        late.append(time.perf_counter() - began - 0.001)
    return late


def main() -> None:
    """Render every good of the demo in both languages."""
    with (DEMO / "goods.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    photos = [(DEMO / row["picture"]).read_bytes() for row in rows]
    began = time.perf_counter()
    warm_up()
    print(f"reading the typeface once   {(time.perf_counter() - began) * 1000:6.1f} ms")
    print(
        f"the first poster            {spent(lambda: draw(words(rows[0], True), photos[0], LINK)) * 1000:6.1f} ms CPU"
    )
    costs, sizes = [], []
    for row, photo in zip(rows, photos, strict=True):
        for chinese in (True, False):
            made: list[bytes] = []
            costs.append(spent(lambda r=row, p=photo, c=chinese, m=made: m.append(draw(words(r, c), p, LINK))))  # type: ignore[misc]
            sizes.append(len(made[0]))
    costs.sort()
    worst, median = costs[-1], statistics.median(costs)
    print(f"{len(costs)} posters                 {median * 1000:6.1f} ms CPU (median), {worst * 1000:.1f} at most")
    print(f"their size                  {statistics.mean(sizes) / 1000:6.0f} kB, {max(sizes) / 1000:.0f} at most")
    late = asyncio.run(stalls(lambda: [draw(words(rows[n], True), photos[n], LINK) for n in range(20)]))
    middle = statistics.median(late)
    print(f"the loop beside 20 of them  {max(late) * 1000:6.1f} ms late at most, {middle * 1000:.1f} (median)")
    print("goal", GOAL, "s", "met" if worst < GOAL else "NOT met")


if __name__ == "__main__":
    main()
