"""QR codes as a drawing for posters, and as a path for web pages."""

from __future__ import annotations

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

QUIET = 4
"""Modules of light ground that a reader needs around the code (ISO/IEC 18004)."""


def drawn(link: str, room: int, ink: tuple[int, int, int]) -> Image.Image:
    """The code on white, quiet ground included, as large as whole pixels a module fit into `room` pixels."""
    code = _code(link, QUIET)
    code.box_size = max(1, room // (code.modules_count + 2 * QUIET))
    image: Image.Image = code.make_image(PilImage, fill_color=ink, back_color=(255, 255, 255)).get_image()
    return image


def path(link: str) -> tuple[str, int]:
    """The code as the `d` of one SVG path in a square of as many units as it has modules: (d, side).

    Each run of dark modules is one bar, quiet ground is up to the page. qrcode's own SvgPathImage draws a square for
    each module: twice the bytes and eight times the time, in a page that is made while a visitor waits.
    """
    rows = _code(link, 0).modules
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


def _code(link: str, border: int) -> qrcode.QRCode:
    """The code for a link. Raises ValueError for a link that no code can hold."""
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, border=border, mask_pattern=3
    )  # a fixed mask halves the time
    code.add_data(link)
    code.make(fit=True)
    return code
