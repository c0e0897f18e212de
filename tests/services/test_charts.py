"""Charts: a bar for each good, drawn once for all who ask (R39, R42)."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image, ImageChops

from bot.services import Services
from services.pictures import charts
from services.pictures.uploads import Chart, Pictures

CHART = Chart("How often each good was shown", "One bar for each good; the line is the average, 30.0.", (20, 30, 40))


def reds(chart: Chart) -> list[int]:
    """How many pixels of each column are a bar's."""
    image = Image.open(io.BytesIO(charts.draw(chart))).convert("RGB")
    assert image.size == (charts.WIDTH, charts.HEIGHT)
    red, green, _ = image.crop((56, 150, 904, 460)).split()
    bars = ImageChops.multiply(
        red.point(lambda value: value > 200 and 255), green.point(lambda value: value < 90 and 255)
    )
    pixels = bars.tobytes()
    return [pixels[x :: bars.width].count(255) for x in range(bars.width)]


def test_r39_bars_are_as_high_as_their_numbers() -> None:
    found = reds(CHART)
    lowest, middle, highest = (found[round(848 * place / 6)] for place in (1, 3, 5))
    assert lowest == pytest.approx(highest / 2, abs=6) and middle == pytest.approx(highest * 3 / 4, abs=6)
    assert highest > 290


@pytest.mark.parametrize("bars", [(), (0, 0), (7,), tuple(range(3_000)), (0, 10**9)])
def test_r39_any_number_of_goods_can_be_drawn(bars: tuple[int, ...]) -> None:
    assert any(reds(Chart("曝光", "每件一条", bars))) == bool(sum(bars))


async def test_r42_a_chart_is_drawn_once_and_uploaded_once(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Chart] = []

    def draw(chart: Chart) -> bytes:
        drawn.append(chart)
        return b"png"

    monkeypatch.setattr(charts, "draw", draw)
    pictures = Pictures(services.context, 42)
    assert set(await asyncio.gather(*(pictures.content(CHART) for _ in range(20)))) == {b"png"} and len(drawn) == 1
    assert await pictures.file_id(CHART) is None
    await pictures.keep_file_id(CHART, "file-1")
    assert await pictures.file_id(CHART) == "file-1"
    await pictures.drop_file_id(CHART)
    assert await pictures.file_id(CHART) is None
