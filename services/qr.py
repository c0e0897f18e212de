"""QR codes as a drawing for posters, and as a path for web pages."""

from __future__ import annotations

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

QUIET = 4
"""Modules of light ground that a reader needs around the code (ISO/IEC 18004)."""


def modules(link: str) -> list[list[bool]]:
    """The code for a link, row by row, dark is True, without the quiet ground.

    A fixed mask halves the time and reads as well. Raises ValueError for a link that no code can hold.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=3)
    code.add_data(link)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.modules]


def drawn(link: str, room: int, ink: tuple[int, int, int]) -> Image.Image:
    """The code on white, quiet ground included, as large as whole pixels a module fit into `room` pixels."""
    rows = modules(link)
    side = len(rows) + 2 * QUIET
    small = Image.new("1", (side, side), 1)
    small.putdata([*_framed(rows, side)])
    whole = small.resize((side * max(1, room // side),) * 2, Image.Resampling.NEAREST)
    image = Image.new("RGB", whole.size, ink)
    image.paste((255, 255, 255), mask=whole)
    return image


def _framed(rows: list[list[bool]], side: int) -> list[int]:
    light = [1] * side
    body = [value for row in rows for value in (*[1] * QUIET, *(0 if dark else 1 for dark in row), *[1] * QUIET)]
    return light * QUIET + body + light * QUIET


def path(link: str) -> tuple[str, int]:
    """The code as the `d` of one SVG path in a square of as many units as it has modules: (d, side).

    Each run of dark modules is one bar, quiet ground is up to the page.
    """
    rows = modules(link)
    bars: list[str] = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                bars.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            x += 1
    return "".join(bars), len(rows)
