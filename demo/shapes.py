"""Outlines as plain lists of points, in the units of a picture (960 wide, 720 high, y downwards).

Everything that is drawn is first one of these lists: an oval, a rounded box, a smooth line through a few
points, a turned profile. They know nothing of colour or pixels, so they can be moved, turned, mirrored and joined.
"""

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from random import Random

Point = tuple[float, float]
Shape = list[Point]
Outline = Sequence[Point]

_TOKEN = re.compile(r"[MLCQZ]|-?\d+(?:\.\d+)?")
_STEPS = 24


def oval(cx: float, cy: float, rx: float, ry: float | None = None, *, turn: float = 0.0) -> Shape:
    """An ellipse (a circle without `ry`), turned clockwise by `turn` degrees."""
    return arc(cx, cy, rx, rx if ry is None else ry, 0.0, 360.0, turn=turn)


def arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float, *, turn: float = 0.0) -> Shape:
    """Part of an ellipse between two angles in degrees; 0 points right, 90 down."""
    steps = max(8, int(abs(end - start) / 2.5))
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    points = [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]
    return turned(points, turn, (cx, cy)) if turn else points


def box(x0: float, y0: float, x1: float, y1: float, radius: float | Sequence[float] = 0.0) -> Shape:
    """A rectangle; `radius` is one for all corners, or four: top left, top right, bottom right, bottom left."""
    corners = [float(radius)] * 4 if isinstance(radius, int | float) else [float(r) for r in radius]
    limit = min(x1 - x0, y1 - y0) / 2
    tl, tr, br, bl = (min(r, limit) for r in corners)
    return [
        *arc(x0 + tl, y0 + tl, tl, tl, 180, 270),
        *arc(x1 - tr, y0 + tr, tr, tr, 270, 360),
        *arc(x1 - br, y1 - br, br, br, 0, 90),
        *arc(x0 + bl, y1 - bl, bl, bl, 90, 180),
    ]


def path(description: str) -> Shape:
    """One outline in the absolute M, L, C, Q, Z commands of SVG paths; repeated numbers repeat the command."""
    tokens = _TOKEN.findall(description)
    points: Shape = []
    command, i = "M", 0
    while i < len(tokens):
        if tokens[i].isalpha():
            command, i = tokens[i], i + 1
            if command == "Z":
                points.append(points[0])
            continue
        count = {"C": 6, "Q": 4}.get(command, 2)
        values = [float(token) for token in tokens[i : i + count]]
        ends = list(zip(values[::2], values[1::2], strict=True))
        points.extend(ends if count == 2 else _bezier([points[-1], *ends])[1:])
        i += count
    return points


def _bezier(control: Sequence[Point]) -> Shape:
    order = len(control) - 1
    weights = [math.comb(order, k) for k in range(order + 1)]
    out: Shape = []
    for step in range(_STEPS + 1):
        t = step / _STEPS
        terms = [w * (1 - t) ** (order - k) * t**k for k, w in enumerate(weights)]
        out.append(
            (
                sum(f * p[0] for f, p in zip(terms, control, strict=True)),
                sum(f * p[1] for f, p in zip(terms, control, strict=True)),
            )
        )
    return out


def through(*points: Point) -> Shape:
    """An open smooth line (Catmull-Rom) through the points; a point said twice is a corner."""
    return _spline([points[0], *points, points[-1]])


def blob(*points: Point) -> Shape:
    """A closed smooth outline through the points; a point said twice is a corner."""
    return _spline([points[-1], *points, points[0], points[1]])


def _spline(points: Sequence[Point]) -> Shape:
    out: Shape = []
    for a, b, c, d in zip(points, points[1:], points[2:], points[3:], strict=False):
        if b == c:
            continue
        handle_b = (b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6)
        handle_c = (c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6)
        out.extend(_bezier([b, handle_b, handle_c, c]))
    return out


def mirrored(half: Outline, axis: float) -> Shape:
    """A symmetric outline from its left or right half, given from top to bottom."""
    return [*half, *((2 * axis - x, y) for x, y in reversed(half))]


def flipped(shape: Outline, axis: float) -> Shape:
    """The mirror image at the vertical line x = `axis`."""
    return [(2 * axis - x, y) for x, y in shape]


def lathe(axis: float, *profile: Point) -> Shape:
    """A turned body: smooth through (radius, y) pairs from top to bottom, the same on both sides of the axis."""
    return mirrored([(axis - r, y) for r, y in through(*profile)], axis)


def moved(shape: Outline, dx: float, dy: float) -> Shape:
    """The same outline elsewhere."""
    return [(x + dx, y + dy) for x, y in shape]


def turned(shape: Outline, degrees: float, centre: Point) -> Shape:
    """The outline turned clockwise about a centre."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    cx, cy = centre
    return [(cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos) for x, y in shape]


def scaled(shape: Outline, sx: float, sy: float, centre: Point) -> Shape:
    """The outline grown or shrunk about a centre."""
    cx, cy = centre
    return [(cx + (x - cx) * sx, cy + (y - cy) * sy) for x, y in shape]


def ribbon(line: Outline, start: float, end: float, middle: float | None = None) -> Shape:
    """The outline of a stroke whose full width runs from `start` over `middle` to `end`: leaves, legs, strands."""
    peak = (start + end) / 2 if middle is None else middle
    left: Shape = []
    right: Shape = []
    last = len(line) - 1
    for i, (x, y) in enumerate(line):
        (ax, ay), (bx, by) = line[max(i - 1, 0)], line[min(i + 1, last)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        t = i / last
        half = ((1 - t) * (1 - 2 * t) * start + 4 * t * (1 - t) * peak + t * (2 * t - 1) * end) / 2
        nx, ny = (ay - by) / length * half, (bx - ax) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


def along(line: Outline, count: int) -> list[tuple[float, float, float]]:
    """`count` evenly spaced places on a line, ends included: x, y and the direction in degrees."""
    lengths = [0.0]
    for (ax, ay), (bx, by) in pairwise(line):
        lengths.append(lengths[-1] + math.hypot(bx - ax, by - ay))
    places: list[tuple[float, float, float]] = []
    i = 0
    for k in range(count):
        want = lengths[-1] * k / max(count - 1, 1)
        while i < len(line) - 2 and lengths[i + 1] < want:
            i += 1
        (ax, ay), (bx, by) = line[i], line[i + 1]
        t = (want - lengths[i]) / ((lengths[i + 1] - lengths[i]) or 1.0)
        places.append((ax + (bx - ax) * t, ay + (by - ay) * t, math.degrees(math.atan2(by - ay, bx - ax))))
    return places


def scatter(seed: int, count: int, x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float, float]]:
    """`count` places spread over a box, the same ones for the same seed: x, y and an angle in degrees."""
    chance = Random(seed)
    return [(chance.uniform(x0, x1), chance.uniform(y0, y1), chance.uniform(0, 360)) for _ in range(count)]
