"""Charts: how often each good of a round was shown, one bar for each (R9, R39). Drawn like posters, as PNG."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from services.pictures.typography import Colour, drawable, drawing, face, wrap
from services.pictures.uploads import Chart

WIDTH, HEIGHT = 960, 600
_EDGE = 56
_TOP, _FLOOR = 150, 460
"""The heads of the highest bars, and their feet."""
_INK: Colour = (38, 30, 26)
_SOFT: Colour = (117, 104, 95)
_RED: Colour = (226, 52, 40)
_PAPER: Colour = (255, 249, 241)
_FINE = 2
"""Bars are drawn so many times as large, and scaled down, so that hundreds of them have even edges."""


def draw(chart: Chart) -> bytes:
    """The chart as PNG of 960 by 600 pixels. Takes about 20 ms: call it in a thread."""
    with drawing:
        sheet = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
        face(44, 700).write(sheet, (_EDGE, 72), drawable(chart.title), _INK)
        _bars(sheet, chart.bars)
        small = face(27, 400)
        for number, line in enumerate(wrap(drawable(chart.note), small, WIDTH - 2 * _EDGE, 2)):
            small.write(sheet, (_EDGE, 508 + 38 * number), line, _SOFT)
        out = io.BytesIO()
        sheet.save(out, "PNG")
    return out.getvalue()


def _bars(sheet: Image.Image, bars: tuple[int, ...]) -> None:
    """The bars from zero on, the highest and lowest number beside them, and the average as a line."""
    most = max(bars, default=0)
    room, height = WIDTH - 2 * _EDGE, _FLOOR - _TOP
    fine = Image.new("RGB", (room * _FINE, height * _FINE), _PAPER)
    pen = ImageDraw.Draw(fine)
    step = fine.width / max(1, len(bars))
    for number, bar in enumerate(bars):
        top = fine.height * (1 - bar / most) if most else fine.height
        left, right = (number + 0.12) * step, max((number + 0.88) * step, (number + 0.12) * step + 1)
        if bar:
            pen.rectangle((left, top, right, fine.height), _RED)
    if most:
        mean = fine.height * (1 - sum(bars) / len(bars) / most)
        pen.line((0, mean, fine.width, mean), _INK, 2 * _FINE)
    sheet.paste(fine.resize((room, height), Image.Resampling.LANCZOS), (_EDGE, _TOP))
    ImageDraw.Draw(sheet).line((_EDGE, _FLOOR, WIDTH - _EDGE, _FLOOR), _SOFT, 2)
    ends = f"{min(bars):,} – {most:,}" if bars else "0"
    face(30, 600).write(sheet, (WIDTH - _EDGE, 122), ends, _SOFT, "rm")
