"""Pictures of scarves, hats, glasses, fans and belts."""

import math

from demo.brush import Canvas, Drawing, across, darker, down, faint, glow, lighter, slant
from demo.scenes import leaf_shadow, podium, studio, sunbeams, wall
from demo.shapes import Point, Shape, along, arc, blob, box, moved, oval, path, ribbon, scaled, scatter, through, turned


def silk_scarf(c: Canvas) -> None:
    """A silk square with a painted lotus ceiling, lying in soft waves."""
    wall(c, "#e9d2c6")
    leaf_shadow(c, 700, 250, size=1.5, turn=-12)
    square = blob(
        (480, 30),
        (480, 30),
        (600, 110),
        (700, 236),
        (830, 350),
        (830, 350),
        (720, 470),
        (600, 560),
        (486, 690),
        (486, 690),
        (380, 590),
        (250, 480),
        (134, 366),
        (134, 366),
        (240, 240),
        (356, 130),
    )
    c.drop(square, 18, 24, soft=22, share=0.4)
    c.fill(square, "#1f6f78")
    with c.within(square):
        for s, colour in (
            (0.95, "#e6bd6a"),
            (0.93, "#1f6f78"),
            (0.86, "#c8503f"),
            (0.76, "#f3e3c4"),
            (0.74, "#1b5a66"),
        ):
            c.fill(scaled(square, s, s, (481, 360)), colour)
        for x, y, angle in along(scaled(square, 0.81, 0.81, (481, 360)), 61):
            with c.at(x, y, turn=angle):
                c.line(arc(0, 4, 9, 9, 180, 360), 4, "#f3d9a0")
                c.fill(oval(0, 4, 3.5), "#f3d9a0")
        for r, colour in (
            (222, "#e6bd6a"),
            (214, "#d9694f"),
            (170, "#f3e3c4"),
            (162, "#2a7f86"),
            (108, "#e6bd6a"),
            (100, "#c8503f"),
        ):
            c.fill(oval(481, 360, r), colour)
        for k in range(16):
            petal = turned(blob((481, 146), (502, 172), (481, 206), (460, 172)), k * 22.5, (481, 360))
            c.fill(petal, "#f6e6c4" if k % 2 else "#f0a989")
            c.line(petal, 2, "#8f3b2c", closed=True)
        for k in range(12):
            petal = turned(blob((481, 200), (506, 222), (481, 262), (456, 222)), k * 30, (481, 360))
            c.fill(petal, slant("#fdf3dc", "#e9a9a0"))
            c.line(petal, 2.4, "#1b4f58", closed=True)
            c.fill(turned(oval(481, 194, 5), k * 30 + 15, (481, 360)), "#f3d9a0")
        for k in range(8):
            petal = turned(blob((481, 264), (506, 300), (481, 352), (456, 300)), k * 45, (481, 360))
            c.fill(petal, slant("#fbe3a9", "#e9963f"))
            c.line(petal, 2.4, "#7d2a24", closed=True)
        c.fill(oval(481, 360, 30), glow("#fff3c4", "#e6bd6a"))
        for x, y, turn in ((481, 108, 0), (726, 356, 90), (484, 612, 180), (236, 366, 270)):
            with c.at(x, y, turn=turn):
                for side in (-1, 1):
                    c.line(
                        through((0, 20), (side * 26, 8), (side * 30, -16), (side * 10, -20), (side * 8, -4)),
                        6,
                        "#f3d9a0",
                    )
                c.fill(oval(0, -26, 8), "#f0a989")
        for line, w in (
            (((240, 200), (400, 360), (330, 560)), 60),
            (((560, 60), (560, 300), (700, 480)), 70),
            (((420, 640), (520, 480), (760, 300)), 44),
        ):
            sheen = through(*line)
            c.fill(ribbon(sheen, 6, 6, w), faint("#ffffff", 0.3), soft=18)
            c.fill(ribbon(moved(sheen, 34, 20), 4, 4, w * 0.7), faint("#0f2a3a", 0.32), soft=16)
    c.shade(square, faint("#1d1630", 0.4), 9, 10, soft=12)
    c.line(square, 5, "#e6bd6a", closed=True)


def straw_hat(c: Canvas) -> None:
    """A wide raffia hat with a ribbon on warm sand by the sea."""
    c.fill(box(-2, -2, 962, 722), down("#9fd6ea", "#d3eef2", "#fdf3dc"))
    c.fill(box(-2, 210, 962, 340), down("#5fb8cc", "#8fd3d6"))
    for k in range(4):
        c.line(
            through((-10, 236 + k * 24), (240, 230 + k * 26), (520, 240 + k * 24), (980, 232 + k * 25)),
            3,
            faint("#ffffff", 0.5),
        )
    shore = [*through((-20, 330), (200, 346), (420, 326), (680, 350), (980, 326)), (980, 722), (-20, 722)]
    c.line(shore[:-2], 16, faint("#ffffff", 0.8), soft=4)
    c.fill(shore, down("#f6e3bd", "#e9cd9c", "#d9b680"))
    for x, y, turn in scatter(4, 150, 0, 350, 960, 720):
        c.fill(oval(x, y, 1 + turn / 250), faint("#a9803d", 0.35))
    straw = "#e6bf7a"
    c.fill(oval(500, 590, 400, 60), faint("#4a2f18", 0.4), soft=20)
    brim = blob(
        (90, 500),
        (150, 430),
        (300, 400),
        (480, 396),
        (660, 400),
        (812, 430),
        (872, 500),
        (800, 566),
        (640, 600),
        (480, 606),
        (310, 600),
        (160, 566),
    )
    c.body(brim, straw, depth=22)
    with c.within(brim):
        for s in range(12):
            ring = scaled(brim, 1 - s * 0.045, 1 - s * 0.052, (480, 490))
            c.line(ring, 3, faint("#8a5f26", 0.45), closed=True)
            for k, (x, y, angle) in enumerate(along(ring, 120 - s * 5)):
                c.line(
                    turned([(x - 5, y - 5), (x + 5, y + 5)], angle, (x, y)),
                    2,
                    faint("#fff0c8" if k % 2 else "#8a5f26", 0.4),
                )
    c.fill(oval(490, 508, 250, 60), faint("#5d3a14", 0.4), soft=16)
    crown = path(
        "M254 496 C262 380 290 250 360 214 C430 190 530 190 600 214 C670 250 698 380 706 496 Q480 556 254 496 Z"
    )
    c.body(crown, straw, depth=26)
    with c.within(crown):
        for k in range(20):
            y = 214 + k * 18
            weave = through((230, y), (360, y + 22), (480, y + 28), (600, y + 22), (730, y))
            c.line(weave, 2.6, faint("#8a5f26", 0.4))
            for i, (x, wy, _) in enumerate(along(weave, 62)):
                c.line([(x - 4, wy + 2), (x + 4, wy + 15)], 2, faint("#fff0c8" if (i + k) % 2 else "#8a5f26", 0.4))
        band = path("M230 420 Q480 484 730 420 L730 496 Q480 560 230 496 Z")
        c.drop(band, 0, -4, soft=6, share=0.3)
        c.body(band, "#c9473f", depth=12)
        c.line(through((240, 436), (480, 494), (720, 436)), 3, faint("#ffd9c9", 0.6))
        c.line(through((240, 486), (480, 544), (720, 486)), 3, faint("#ffd9c9", 0.6))
    for wing in (
        blob((640, 500), (700, 456), (764, 462), (752, 506), (700, 520)),
        blob((640, 506), (650, 560), (700, 606), (724, 580), (690, 530)),
    ):
        c.drop(wing, 4, 8, soft=7)
        c.body(wing, "#c9473f", depth=9)
    c.body(oval(646, 504, 24, 21), "#b23a34", depth=6)
    for x, y, turn in ((120, 640, 10), (846, 660, -20)):
        with c.at(x, y, turn=turn):
            c.drop(oval(0, 0, 40, 30), 4, 8, soft=6)
            shell = [*arc(0, 0, 44, 40, 180, 360), (10, 26), (-10, 26)]
            c.body(shell, "#f6d3c4", depth=7)
            for k in range(7):
                c.line([(0, 24), turned([(0, -38)], -60 + k * 20, (0, 24))[0]], 2.4, faint("#c98a7a", 0.7))


def sunglasses(c: Canvas) -> None:
    """Amber tortoiseshell sunglasses on a sunny podium."""
    studio(c, "#f6d29c")
    c.fill(oval(480, 300, 250), slant("#fff0c4", "#f9c877"))
    leaf_shadow(c, 40, 300, size=1.6, turn=-24)
    podium(c, "#fbf0dc", cx=480, top=566, rx=390, tall=64)
    c.fill(oval(500, 570, 330, 26), faint("#4a2f18", 0.42), soft=14)
    shell = "#7d4a22"
    for flip in (False, True):
        with c.at(480, 0, flip=flip):
            temple = ribbon(through((318, 372), (300, 330), (250, 300), (200, 296)), 26, 14, 18)
            c.body(temple, darker(shell, 0.25), depth=6)
    lens = blob(
        (-52, 360), (-52, 360), (-160, 340), (-286, 356), (-312, 420), (-288, 516), (-206, 558), (-108, 540), (-60, 460)
    )
    frame = scaled(lens, 1.17, 1.2, (-178, 446))
    for flip in (False, True):
        with c.at(480, 0, flip=flip):
            c.drop(frame, 10, 16, soft=14, share=0.35)
            c.body(frame, shell, depth=12)
            with c.within(frame):
                for x, y, turn in scatter(14, 60, -340, 320, 10, 580):
                    c.fill(
                        oval(x, y, 10 + turn / 18, 7 + turn / 40, turn=turn),
                        faint("#e9a044" if turn < 210 else "#2e150a", 0.45),
                        soft=4,
                    )
            c.line(frame, 3, faint("#ffe3b0", 0.5), closed=True)
            c.fill(lens, down("#3f2a26", "#7a4a2c", "#c98a44"))
            with c.within(lens):
                c.fill(path("M-300 330 L-200 330 L-280 580 L-380 580 Z"), faint("#ffffff", 0.22))
                c.fill(path("M-170 330 L-140 330 L-220 580 L-250 580 Z"), faint("#ffffff", 0.18))
                c.fill(oval(-150, 580, 150, 70), faint("#ffd993", 0.5), soft=24)
            c.shade(lens, faint("#140a06", 0.7), -5, -7, soft=8)
            c.body(ribbon([(-318, 366), (-338, 360), (-352, 366)], 30, 24), shell, depth=6)
            c.fill(oval(-322, 374, 6, 4), "#f3d9a0")
    bridge = ribbon(through((430, 396), (456, 372), (480, 366), (504, 372), (530, 396)), 28, 28, 24)
    c.body(bridge, shell, depth=7)
    c.line(through((442, 380), (480, 360), (518, 380)), 3.5, faint("#ffe3b0", 0.7))


def folding_fan(c: Canvas) -> None:
    """An open fan painted with distant hills, and its tassel."""
    wall(c, "#aebfae")
    c.fill(oval(480, 380, 420, 330), faint("#eef3e6", 0.6), soft=60)
    with c.at(36, 24, size=0.925):
        _fan(c)


def _fan(c: Canvas) -> None:
    cx, cy = 480.0, 640.0
    rim: Shape = [*arc(cx, cy, 470, 520, 200, 340), *reversed(arc(cx, cy, 190, 210, 200, 340))]
    c.drop(rim, 12, 20, soft=18, share=0.35)
    for k in range(17):
        rib = turned(ribbon([(cx, cy + 26), (cx, cy - 100), (cx, cy - 250)], 16, 20, 17), -68 + k * 8.5, (cx, cy))
        c.body(rib, "#b98a52" if k % 2 else "#a8763f", depth=4)
        for i in range(3):
            spot = turned(oval(cx + 2, cy - 60 - i * 44 - k * 7 % 30, 4, 7), -68 + k * 8.5, (cx, cy))
            c.fill(spot, faint("#5d3218", 0.6))
    c.fill(rim, slant("#fbf4e0", "#efe1c0"))
    with c.within(rim):
        c.fill(oval(650, 230, 40), "#d9604a")
        for base, tall, colour, seed in (
            (400, 150, "#a9c4c4", 1),
            (440, 190, "#7fa5a9", 5),
            (490, 150, "#4f7f88", 9),
            (560, 150, "#35626e", 3),
        ):
            peaks = [(x, base - tall * (0.3 + 0.7 * abs(math.sin(x / 93 + seed)))) for x in range(-20, 1000, 52)]
            hill = through(*[(float(px), py) for px, py in peaks])
            c.fill([*hill, (1000, 760), (-20, 760)], down(colour, faint(lighter(colour, 0.6), 0.75)))
            c.fill(oval(480, base + 26, 520, 22), faint("#fdf8ea", 0.6), soft=14)
        for x, y in ((320, 170), (362, 150), (408, 176)):
            c.line(through((x - 15, y - 5), (x - 6, y - 9), (x, y), (x + 6, y - 9), (x + 15, y - 5)), 3, "#3a4a50")
        c.fill(path("M410 468 L500 468 Q490 488 455 490 Q420 488 410 468 Z"), "#4a3528")
        c.line([(452, 468), (452, 424)], 3, "#4a3528")
        c.fill(path("M456 424 Q494 444 456 464 Z"), "#fbf4e0")
        for px, py, turn in scatter(31, 110, 20, 100, 940, 600):
            c.fill(turned(box(px, py, px + 4, py + 3), turn, (px, py)), faint("#e0b04a", 0.8))
        for k in range(34):
            edge = turned([(cx, cy - 180), (cx, cy - 540)], -70 + k * 4.24, (cx, cy))
            c.line(edge, 7, faint("#6d5a3a" if k % 2 else "#ffffff", 0.17), soft=3)
    c.line(arc(cx, cy, 470, 520, 200, 340), 6, "#c99a4c")
    c.line(arc(cx, cy, 190, 210, 200, 340), 5, "#c99a4c")
    for side in (-1, 1):
        guard = turned(ribbon([(cx, cy + 34), (cx, cy - 240), (cx, cy - 494)], 26, 30, 28), side * 70.5, (cx, cy))
        c.drop(guard, 5, 8, soft=7)
        c.body(guard, "#8f5c2e", depth=7)
        for i in range(7):
            spot = turned(oval(cx + (i % 3 - 1) * 6, cy - 80 - i * 58, 5, 9), side * 70.5, (cx, cy))
            c.fill(spot, faint("#3a1d0c", 0.6))
    c.body(oval(cx, cy, 15), "#e6c878", depth=5)
    cord = through((cx, cy + 14), (540, 690), (620, 660), (690, 690))
    c.line(cord, 5, "#b9303c")
    c.body(oval(700, 692, 15), "#4fa374", depth=5)
    for k in range(15):
        c.line(
            through((710, 694), (770 + k, 690 + k * 2 - 14), (850 - k % 4 * 6, 672 + k * 4)),
            3,
            "#c9404a" if k % 2 else "#a82a36",
        )


def leather_belt(c: Canvas) -> None:
    """A coiled leather belt with a solid brass buckle."""
    wall(c, "#b9c3c9")
    c.fill(box(-2, 420, 962, 722), down("#8a6a52", "#6d5040"))
    c.fill(box(-2, 416, 962, 422), faint("#ffffff", 0.4))
    sunbeams(c, x=90, share=0.3)
    tan = "#a8623a"
    c.fill(oval(440, 606, 330, 54), faint("#20121a", 0.5), soft=20)
    c.fill(oval(730, 634, 190, 20), faint("#20121a", 0.45), soft=12)
    cx, top, tall = 400.0, 400.0, 150.0
    for k in range(5):
        rx, ry = 270 - k * 44, 78 - k * 12.5
        back = [*arc(cx + k * 6, top, rx, ry, 180, 360), *arc(cx + k * 6, top + tall * 0.4, rx, ry, 360, 180)]
        c.fill(back, across(darker(tan, 0.5), darker(tan, 0.3), darker(tan, 0.55)))
        c.line(arc(cx + k * 6, top, rx, ry, 180, 360), 9, lighter(tan, 0.35))
    for k in range(4, -1, -1):
        rx, ry = 270 - k * 44, 78 - k * 12.5
        x = cx + k * 6
        front = [*arc(x, top, rx, ry, 180, 0), *arc(x, top + tall - k * 4, rx, ry, 0, 180)]
        c.fill(
            front,
            across(darker(tan, 0.34), lighter(tan, 0.12), lighter(tan, 0.26), tan, darker(tan, 0.24), darker(tan, 0.4)),
        )
        c.line(arc(x, top, rx, ry, 0, 180), 9, lighter(tan, 0.4))
        c.line(arc(x, top, rx, ry, 0, 180), 3, "#5d2f18")
    for y in (20, 130):
        c.dashes(arc(cx, top + y, 270, 78, 4, 176), 3, "#f3d3a2", dash=11, gap=8)
    tail_top, tail_foot = (
        through((640, 436), (740, 446), (812, 440), (840, 444)),
        through((640, 588), (740, 598), (812, 592), (840, 596)),
    )
    tail = [*tail_top, *reversed(tail_foot)]
    c.drop(tail, 8, 12, soft=12, share=0.4)
    c.body(tail, tan, depth=14, paint=across(darker(tan, 0.36), tan, lighter(tan, 0.25), tan))
    c.dashes(moved(tail_top, 0, 20), 3, "#f3d3a2", dash=11, gap=8)
    c.dashes(moved(tail_foot, 0, -20), 3, "#f3d3a2", dash=11, gap=8)
    loop = box(654, 420, 696, 614, 10)
    c.drop(loop, 5, 6, soft=6)
    c.body(loop, darker(tan, 0.14), depth=9)
    buckle = box(756, 400, 900, 638, 34)
    c.drop(moved(buckle, 6, 10), 4, 8, soft=10, share=0.3)
    c.line(moved(buckle, 4, 6), 34, "#6d4a1c", closed=True)
    c.line(buckle, 32, "#c9983f", closed=True)
    c.line(moved(buckle, -3, -4), 16, "#f3d58a", closed=True)
    c.line(moved(buckle, -6, -7), 5, "#fff6d8", closed=True)
    prong: list[Point] = [(756, 520), (840, 517), (910, 517)]
    c.drop(ribbon(prong, 26, 18), 3, 10, soft=6, share=0.5)
    c.body(ribbon(prong, 28, 20), "#d9ae58", depth=7)
    c.line([(764, 513), (896, 511)], 4, "#fff6d8")


DRAWINGS: dict[str, Drawing] = {
    "silk-scarf-01": silk_scarf,
    "straw-hat-01": straw_hat,
    "sunglasses-01": sunglasses,
    "folding-fan-01": folding_fan,
    "leather-belt-01": leather_belt,
}
