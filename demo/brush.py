"""A canvas that fills outlines with soft gradients, shades and shadows, and comes out with smooth edges.

Coordinates are those of the finished picture (960 x 720); the canvas paints three times as large and shrinks at
the end. Light falls from the upper left everywhere.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

from demo.shapes import Outline, Point, Shape, along, moved, oval, ribbon, through

WIDTH, HEIGHT = 960, 720
SCALE = 3
_SWATCH = 96

Rgba = tuple[int, int, int, int]
Area = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Gradient:
    """Colours spread evenly over a shape's bounding box: down, across, slantwise, or as a glow around a focus."""

    kind: str
    stops: tuple[str, ...]
    focus: Point = (0.35, 0.3)
    reach: float = 0.9


Paint = str | Gradient


def down(*stops: str) -> Gradient:
    """From top to bottom."""
    return Gradient("down", stops)


def across(*stops: str) -> Gradient:
    """From left to right; five stops make a cylinder."""
    return Gradient("across", stops)


def slant(*stops: str) -> Gradient:
    """From the upper left to the lower right."""
    return Gradient("slant", stops)


def glow(*stops: str, focus: Point = (0.35, 0.3), reach: float = 0.9) -> Gradient:
    """From a focus outwards; focus and reach are fractions of the bounding box."""
    return Gradient("glow", stops, focus, reach)


def rgba(colour: str) -> Rgba:
    """`#rrggbb` or `#rrggbbaa` as four numbers."""
    values = ImageColor.getrgb(colour)
    return (values[0], values[1], values[2], values[3] if len(values) == 4 else 255)


def mix(first: str, second: str, share: float) -> str:
    """`share` of the second colour in the first."""
    pairs = zip(rgba(first), rgba(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def lighter(colour: str, share: float = 0.2) -> str:
    """Towards a warm white."""
    return mix(colour, "#fffdf6", share)


def darker(colour: str, share: float = 0.2) -> str:
    """Towards a deep, slightly violet shade, which looks fresher than black."""
    return mix(colour, "#1d1630", share)


def faint(colour: str, share: float) -> str:
    """The same colour, `share` opaque."""
    red, green, blue, alpha = rgba(colour)
    return f"#{red:02x}{green:02x}{blue:02x}{round(alpha * share):02x}"


def cylinder(colour: str) -> Gradient:
    """The shading of a round upright body."""
    return across(
        darker(colour, 0.14), lighter(colour, 0.1), lighter(colour, 0.32), colour, darker(colour, 0.12),
        darker(colour, 0.26),
    )  # fmt: skip


def _between(colours: list[Rgba], t: float) -> Rgba:
    place = min(max(t, 0.0), 1.0) * (len(colours) - 1)
    i = min(int(place), len(colours) - 2)
    part = place - i
    a, b = colours[i], colours[i + 1]
    return (
        round(a[0] + (b[0] - a[0]) * part),
        round(a[1] + (b[1] - a[1]) * part),
        round(a[2] + (b[2] - a[2]) * part),
        round(a[3] + (b[3] - a[3]) * part),
    )


def _swatch(paint: Gradient, size: tuple[int, int]) -> Image.Image:
    colours = [rgba(stop) for stop in paint.stops]
    n = _SWATCH
    if paint.kind in ("down", "across"):
        strip = [_between(colours, i / (2 * n - 1)) for i in range(2 * n)]
        small = Image.new("RGBA", (1, 2 * n) if paint.kind == "down" else (2 * n, 1))
        small.putdata(strip)
    else:
        small = Image.new("RGBA", (n, n))
        fx, fy = paint.focus
        spots = [(x / (n - 1), y / (n - 1)) for y in range(n) for x in range(n)]
        if paint.kind == "slant":
            places = [x * 0.45 + y * 0.55 for x, y in spots]
        else:
            places = [((x - fx) ** 2 + (y - fy) ** 2) ** 0.5 / paint.reach for x, y in spots]
        small.putdata([_between(colours, t) for t in places])
    return small.resize(size, Image.Resampling.BICUBIC)


class Canvas:
    """One picture in the making: `at` moves the frame of what follows, `within` keeps it inside an outline."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), "#ffffff")
        self._inside: Image.Image | None = None
        self._frame: tuple[float, ...] = (SCALE, 0.0, 0.0, 0.0, SCALE, 0.0)
        self._unit = float(SCALE)

    @contextmanager
    def at(self, x: float, y: float, *, size: float = 1.0, turn: float = 0.0, flip: bool = False) -> Iterator[None]:
        """A frame of its own: origin at (x, y), `size` times as large, turned clockwise, or seen in a mirror."""
        saved, unit = self._frame, self._unit
        a, b, c, d, e, f = saved
        cos, sin = math.cos(math.radians(turn)) * size, math.sin(math.radians(turn)) * size
        sign = -1 if flip else 1
        self._frame = (
            (a * cos + b * sin) * sign,
            b * cos - a * sin,
            a * x + b * y + c,
            (d * cos + e * sin) * sign,
            e * cos - d * sin,
            d * x + e * y + f,
        )
        self._unit = unit * size
        try:
            yield
        finally:
            self._frame, self._unit = saved, unit

    @contextmanager
    def within(self, shape: Outline) -> Iterator[None]:
        """Everything drawn inside the block stays inside the outline: patterns, shades, reflections."""
        saved = self._inside
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).polygon(self._pixels(shape), fill=255)
        self._inside = mask if saved is None else ImageChops.multiply(mask, saved)
        try:
            yield
        finally:
            self._inside = saved

    def fill(self, shape: Outline, paint: Paint, *, soft: float = 0.0, hole: Outline | None = None) -> None:
        """Fill an outline; `soft` blurs its edge by that many units, `hole` is left out."""
        pixels = self._pixels(shape)
        area = self._area(pixels, soft * self._unit * 2.5)
        if area is None:
            return
        mask = Image.new("L", (area[2] - area[0], area[3] - area[1]), 0)
        pen = ImageDraw.Draw(mask)
        pen.polygon([(x - area[0], y - area[1]) for x, y in pixels], fill=255)
        if hole is not None:
            pen.polygon([(x - area[0], y - area[1]) for x, y in self._pixels(hole)], fill=0)
        self._lay(mask, area, paint, soft)

    def line(self, shape: Outline, width: float, paint: Paint, *, closed: bool = False, soft: float = 0.0) -> None:
        """Draw along an outline with a round pen `width` units wide."""
        pixels = self._pixels([*shape, shape[0]] if closed else shape)
        thick = max(1.0, width * self._unit)
        area = self._area(pixels, thick + soft * self._unit * 2.5)
        if area is None:
            return
        mask = Image.new("L", (area[2] - area[0], area[3] - area[1]), 0)
        pen = ImageDraw.Draw(mask)
        local = [(x - area[0], y - area[1]) for x, y in pixels]
        pen.line(local, fill=255, width=round(thick), joint="curve")
        for x, y in (local[0], local[-1]):
            pen.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=255)
        self._lay(mask, area, paint, soft)

    def dashes(self, shape: Outline, width: float, paint: Paint, *, dash: float = 9.0, gap: float = 7.0) -> None:
        """Stitching: short strokes along a line."""
        total = sum(math.dist(a, b) for a, b in pairwise(shape))
        for x, y, angle in along(shape, max(2, round(total / (dash + gap)))):
            cos, sin = math.cos(math.radians(angle)) * dash / 2, math.sin(math.radians(angle)) * dash / 2
            self.line([(x - cos, y - sin), (x + cos, y + sin)], width, paint)

    def shade(self, shape: Outline, colour: str, dx: float, dy: float, *, soft: float = 14.0) -> None:
        """Colour the inner edge of an outline on the side that (dx, dy) points to; this is what makes it round."""
        pixels = self._pixels(shape)
        area = self._area(pixels, 0)
        if area is None:
            return
        size = (area[2] - area[0], area[3] - area[1])
        local = [(x - area[0], y - area[1]) for x, y in pixels]
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).polygon(local, fill=255)
        ox, oy = dx * self._unit, dy * self._unit
        margin = round(soft * self._unit * 2 + abs(ox) + abs(oy))
        away = Image.new("L", (size[0] + 2 * margin, size[1] + 2 * margin), 255)
        ImageDraw.Draw(away).polygon([(x + margin - ox, y + margin - oy) for x, y in local], fill=0)
        away = away.filter(ImageFilter.GaussianBlur(soft * self._unit))
        away = away.crop((margin, margin, margin + size[0], margin + size[1]))
        self._lay(ImageChops.multiply(mask, away), area, colour, 0)

    def body(self, shape: Outline, colour: str, *, depth: float = 16.0, paint: Paint | None = None) -> None:
        """A solid thing: its colour in the light from the upper left, a shaded far edge and a lit near one."""
        self.fill(shape, paint or slant(lighter(colour, 0.16), colour, darker(colour, 0.1)))
        self.shade(shape, faint(darker(colour, 0.6), 0.42), depth * 0.8, depth, soft=depth)
        self.shade(shape, faint("#fffaf0", 0.5), -depth * 0.35, -depth * 0.35, soft=depth * 0.5)

    def folds(self, shape: Outline, colour: str, *lines: Sequence[Point], share: float = 0.24) -> None:
        """Soft creases of a cloth in an outline, a lit edge beside each shade; `share` is their strength."""
        with self.within(shape):
            for line in lines:
                crease = ribbon(through(*line), 2, 2, 17)
                self.fill(moved(crease, -8, -2), faint("#ffffff", share * 0.9), soft=6)
                self.fill(crease, faint(darker(colour, 0.6), share), soft=6)

    def drop(self, shape: Outline, dx: float, dy: float, *, soft: float = 14.0, share: float = 0.28) -> None:
        """The shadow that an outline casts, shifted by (dx, dy)."""
        self.fill(moved(shape, dx, dy), faint("#2a1c34", share), soft=soft)

    def ground(self, cx: float, cy: float, rx: float, ry: float | None = None, *, share: float = 1.0) -> None:
        """The shadow under something that stands: dark where it touches, wide and pale around."""
        tall = rx * 0.12 if ry is None else ry
        self.fill(
            oval(cx + rx * 0.14, cy + tall * 0.25, rx * 1.14, tall * 1.25), faint("#2a1c34", 0.24 * share), soft=20
        )
        self.fill(oval(cx, cy, rx, tall * 0.62), faint("#221630", 0.36 * share), soft=8)

    def finish(self, seed: str) -> Image.Image:
        """The picture at its true size, with a breath of paper grain that keeps the gradients from banding."""
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        grain = Image.frombytes("L", (WIDTH, HEIGHT), Random(seed).randbytes(WIDTH * HEIGHT))
        grain = grain.point([127 + value // 86 for value in range(256)])
        layer = Image.merge("RGB", (grain, grain, grain))
        return ImageChops.add(small, layer, scale=1, offset=-128)

    def _pixels(self, shape: Outline) -> Shape:
        a, b, c, d, e, f = self._frame
        return [(a * x + b * y + c, d * x + e * y + f) for x, y in shape]

    def _area(self, pixels: Shape, margin: float) -> Area | None:
        xs, ys = [x for x, _ in pixels], [y for _, y in pixels]
        left, top = max(0, math.floor(min(xs) - margin)), max(0, math.floor(min(ys) - margin))
        right = min(self.image.width, math.ceil(max(xs) + margin) + 1)
        bottom = min(self.image.height, math.ceil(max(ys) + margin) + 1)
        return (left, top, right, bottom) if right > left and bottom > top else None

    def _lay(self, mask: Image.Image, area: Area, paint: Paint, soft: float) -> None:
        if soft:
            mask = mask.filter(ImageFilter.GaussianBlur(soft * self._unit))
        if self._inside is not None:
            mask = ImageChops.multiply(mask, self._inside.crop(area))
        if isinstance(paint, Gradient):
            layer = _swatch(paint, mask.size)
            self.image.paste(layer.convert("RGB"), area, ImageChops.multiply(mask, layer.getchannel("A")))
            return
        red, green, blue, alpha = rgba(paint)
        if alpha < 255:
            mask = mask.point([value * alpha // 255 for value in range(256)])
        self.image.paste((red, green, blue), area, mask)


Drawing = Callable[[Canvas], None]
