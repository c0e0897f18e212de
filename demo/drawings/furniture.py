"""Pictures of furniture and lamps."""

from demo.brush import Canvas, Drawing, across, darker, down, faint, glow
from demo.scenes import FULL, leaf_shadow, planks, sunbeams, wall
from demo.shapes import (
    Shape,
    arc,
    blob,
    box,
    flipped,
    lathe,
    mirrored,
    moved,
    oval,
    path,
    ribbon,
    scatter,
    through,
    turned,
)


def ceramic_lamp(c: Canvas) -> None:
    """A celadon lamp with a glowing linen shade."""
    wall(c, "#a9bcb0")
    c.fill(FULL, down("#7e958d", "#a7b8aa", "#b9bfae"))
    c.fill(oval(480, 250, 420, 330), faint("#ffe2a8", 0.55), soft=80)
    c.fill(box(-2, 580, 962, 722), down("#b48a63", "#85603f"))
    planks(c, "#8f6947", horizon=580)
    c.fill(oval(480, 650, 380, 60), faint("#ffdf9c", 0.4), soft=40)
    c.ground(480, 636, 120, 18)
    vase = lathe(
        480, (30, 378), (30, 378), (34, 400), (96, 450), (124, 520), (100, 596), (74, 632), (74, 640), (0, 640)
    )
    c.body(vase, "#9cc7bd", depth=24)
    with c.within(vase):
        for seed in range(5):
            y = 430 + seed * 34
            flow = through((340, y), (420, y + 16), (500, y - 4), (620, y + 14))
            c.fill(ribbon(flow, 4, 4, 18), faint("#e4f4ec", 0.28), soft=6)
        c.fill(box(350, 610, 610, 642), faint("#8a6b52", 0.55), soft=6)
        for px, py, turn in scatter(11, 40, 370, 430, 590, 630):
            c.fill(oval(px, py, 1.6 + turn / 300), faint("#4f7d74", 0.4))
    c.fill(ribbon(through((410, 470), (384, 520), (396, 580)), 4, 4, 18), faint("#ffffff", 0.7), soft=4)
    c.fill(box(466, 340, 494, 384, 4), across("#a9803d", "#f1d592", "#a9803d"))
    shade = path("M352 96 Q480 82 608 96 L688 342 Q480 366 272 342 Z")
    c.drop(shade, 0, 16, soft=18, share=0.25)
    c.fill(shade, glow("#fffbe8", "#ffe9b8", "#f0c883", focus=(0.5, 0.62), reach=0.62))
    with c.within(shade):
        for k in range(70):
            c.line([(270 + k * 6, 80), (270 + k * 6, 370)], 0.9, faint("#a67c3f", 0.2))
        for k in range(48):
            c.line([(260, 86 + k * 6), (700, 86 + k * 6)], 0.9, faint("#a67c3f", 0.16))
    c.shade(shade, faint("#9c6a2c", 0.3), -14, 0, soft=20)
    c.shade(shade, faint("#9c6a2c", 0.3), 14, 0, soft=20)
    for y, half, dip in ((98, 128, 12), (340, 207, 22)):
        c.line(through((480 - half, y), (480, y + (dip if y > 200 else -12)), (480 + half, y)), 5, "#d9b06a")
    c.ground(714, 640, 96, 12)
    for k, shade_colour in enumerate(("#7a4f4a", "#d8c7a6", "#54706c")):
        c.body(box(632 + k * 8, 618 - k * 24, 800 - k * 6, 641 - k * 24, 4), shade_colour, depth=5)
        c.fill(box(786 - k * 6, 622 - k * 24, 799 - k * 6, 637 - k * 24), "#f6eedb")


def armchair(c: Canvas) -> None:
    """A turmeric lounge chair on a rug."""
    wall(c, "#c3d0c8")
    sunbeams(c, x=640, share=0.35)
    c.fill(box(-2, 540, 962, 722), down("#dcc6a8", "#bb9c77"))
    c.fill(box(-2, 528, 962, 544), down("#ffffff", "#dfe3dd"))
    c.fill(oval(480, 650, 400, 62), down("#efe5d3", "#d9c8ac"))
    c.line(oval(480, 650, 370, 54), 4, "#c98d6b", closed=True)
    c.ground(480, 646, 250, 26)
    for x, lean in ((330, -22), (630, 22), (380, -8), (580, 8)):
        leg = [(x - 13, 540), (x + 13, 540), (x + lean + 7, 652), (x + lean - 7, 652)]
        c.body(leg, "#b07d4e" if abs(lean) > 10 else "#8a5f3a", depth=4)
    c.body(
        mirrored(path("M480 150 C380 148 318 190 304 270 C294 340 300 430 312 500 L480 520"), 480), "#d9992f", depth=30
    )
    _boucle(c, mirrored(path("M480 150 C380 148 318 190 304 270 C294 340 300 430 312 500 L480 520"), 480), 21)
    for k in (-1, 1):
        arm = blob(
            (480 + k * 216, 330),
            (480 + k * 160, 350),
            (480 + k * 146, 440),
            (480 + k * 150, 552),
            (480 + k * 206, 566),
            (480 + k * 248, 540),
            (480 + k * 256, 420),
        )
        c.drop(arm, 4, 8, soft=10)
        c.body(arm, "#dfa03a", depth=22)
        _boucle(c, arm, 30 + k)
    c.body(box(330, 500, 630, 566, (4, 4, 24, 24)), "#b97c1f", depth=12)
    cushion = path("M334 440 C380 424 580 424 626 440 Q650 476 630 520 C560 540 400 540 330 520 Q310 476 334 440 Z")
    c.drop(cushion, 0, 12, soft=12, share=0.4)
    c.body(cushion, "#e8ad48", depth=18)
    _boucle(c, cushion, 44)
    pillow = turned(
        blob(
            (400, 300),
            (400, 300),
            (480, 312),
            (560, 300),
            (560, 300),
            (552, 380),
            (562, 452),
            (562, 452),
            (480, 442),
            (398, 452),
            (398, 452),
            (408, 380),
        ),
        -8,
        (480, 380),
    )
    c.drop(pillow, 8, 12, soft=10)
    c.body(pillow, "#f1ece0", depth=16)
    for k in range(4):
        c.line(moved(turned(through((412, 330), (480, 338), (548, 330)), -8, (480, 380)), k * 4, k * 30), 5, "#7f9c92")
    c.ground(838, 646, 64, 10)
    c.line([(838, 640), (838, 230)], 7, "#4b4651")
    c.fill(oval(838, 640, 58, 10), "#4b4651")
    c.fill(oval(838, 180, 130, 110), faint("#ffeebd", 0.5), soft=34)
    c.body(path("M790 130 L886 130 L916 236 L760 236 Z"), "#f7ead0", depth=10)


def _boucle(c: Canvas, shape: Shape, seed: int) -> None:
    xs, ys = [x for x, _ in shape], [y for _, y in shape]
    with c.within(shape):
        for x, y, turn in scatter(seed, 190, min(xs), min(ys), max(xs), max(ys)):
            c.line(arc(x, y, 6, 6, turn, turn + 200), 1.8, faint("#fff0c4" if turn < 180 else "#7a4a08", 0.3))


def wall_clock(c: Canvas) -> None:
    """A walnut clock in the morning sun."""
    wall(c, "#e2cdb9")
    sunbeams(c, x=90, share=0.45)
    leaf_shadow(c, 640, 620, size=1.9, turn=-40, share=0.15)
    c.drop(oval(480, 350, 262), 26, 34, soft=26, share=0.4)
    c.body(oval(480, 350, 262), "#7b4c30", depth=14)
    for k in range(9):
        c.line(oval(480 + k % 3, 350 - k % 2, 258 - k * 4.4, 258 - k * 4.2), 1.5, faint("#3a1d0e", 0.4), closed=True)
    dial = oval(480, 350, 218)
    c.fill(dial, glow("#fffefa", "#f7f1e6", "#e6dccb"))
    c.shade(dial, faint("#4a2c1c", 0.55), -9, -12, soft=14)
    for k in range(60):
        if k % 5:
            c.line(turned([(480, 156), (480, 166)], k * 6, (480, 350)), 2, "#b7a998")
        else:
            c.line(turned([(480, 158), (480, 186)], k * 6, (480, 350)), 8 if k % 15 == 0 else 5, "#5d3a26")
    for hand, turn in (((480, 396, 480, 238, 15), -58), ((480, 404, 480, 186, 10), 54)):
        x0, y0, x1, y1, w = hand
        outline = turned(ribbon([(x0, y0), (480, 350), (x1, y1)], w, w * 0.45, w), turn, (480, 350))
        c.drop(outline, 6, 9, soft=5, share=0.35)
        c.fill(outline, "#3a2a24")
    c.line(turned([(480, 410), (480, 180)], 168, (480, 350)), 3, "#d2653c")
    c.body(oval(480, 350, 15), "#d9b06a", depth=4)
    c.fill(path("M330 210 Q400 150 480 146 Q380 220 316 330 Q300 270 330 210 Z"), faint("#ffffff", 0.4), soft=10)


def bedding_set(c: Canvas) -> None:
    """A made bed in sage green, seen from its foot."""
    wall(c, "#e9dcc9")
    sunbeams(c, x=620, share=0.4)
    c.fill(box(-2, 600, 962, 722), down("#c9a77f", "#a98560"))
    for x in (96, 864):
        c.fill(path(f"M{x - 44} 150 L{x + 44} 150 L{x + 62} 226 L{x - 62} 226 Z"), down("#fff6dc", "#f6dfae"))
        c.fill(oval(x, 250, 110, 80), faint("#fff0c0", 0.4), soft=30)
        c.line([(x, 60), (x, 150)], 3, "#8a7a68")
    c.ground(480, 676, 380, 20)
    head = box(186, 176, 774, 480, (60, 60, 0, 0))
    c.drop(head, 12, 10, soft=16)
    c.body(head, "#c69b6c", depth=14)
    for k in range(7):
        c.line([(266 + k * 72, 182), (266 + k * 72, 470)], 3, faint("#7d5430", 0.4))
    sage = "#9db39a"
    for x, y, w, colour in (
        (340, 330, 128, "#f3efe5"),
        (620, 330, 128, "#f3efe5"),
        (356, 376, 118, sage),
        (604, 376, 118, sage),
    ):
        puff = blob(
            (x - w, y - 64),
            (x - w, y - 64),
            (x, y - 78),
            (x + w, y - 64),
            (x + w, y - 64),
            (x + w - 10, y),
            (x + w, y + 58),
            (x + w, y + 58),
            (x, y + 66),
            (x - w, y + 58),
            (x - w, y + 58),
            (x - w + 10, y),
        )
        c.drop(puff, 4, 8, soft=9, share=0.35)
        c.body(puff, colour, depth=18)
        for d in (-30, 10, 40):
            fold = through((x + d, y + 56), (x + d - 8, y + 30), (x + d + 6, y + 6))
            c.fill(ribbon(fold, 7, 1), faint(darker(colour, 0.5), 0.16), soft=3)
    quilt = path("M190 430 C300 408 660 408 770 430 L846 640 Q848 680 812 684 L148 684 Q112 680 114 640 Z")
    c.drop(quilt, 0, 8, soft=10)
    c.body(quilt, sage, depth=26)
    with c.within(quilt):
        for k in range(9):
            x = 180 + k * 76
            crease = through((480 + (x - 480) * 0.8, 440), (x + 14, 540), (480 + (x - 480) * 1.1, 690))
            c.fill(ribbon(crease, 2, 12, 18), faint("#4d634e" if k % 2 else "#ffffff", 0.2), soft=9)
        flap = path("M190 430 C300 408 660 408 770 430 L794 496 C660 470 300 470 166 496 Z")
        c.drop(flap, 0, 12, soft=10, share=0.35)
        c.fill(flap, down("#fbf8f0", "#ece5d6"))
        c.dashes(through((172, 488), (300, 466), (480, 460), (660, 466), (788, 488)), 2, faint("#a99a80", 0.7))
    throw = path("M110 584 C300 560 660 560 850 584 L858 650 C660 626 300 626 102 650 Z")
    with c.within(quilt):
        c.drop(throw, 0, 8, soft=7)
        c.body(throw, "#d9a58a", depth=10)
        with c.within(throw):
            for k in range(62):
                c.line([(104 + k * 12.3, 550), (98 + k * 12.5, 670)], 2, faint("#ffffff", 0.22))


def bookshelf(c: Canvas) -> None:
    """A ladder shelf with books, plants and a small speaker."""
    wall(c, "#b9c6d6")
    leaf_shadow(c, 30, 360, size=1.6, turn=-28)
    c.fill(box(-2, 610, 962, 722), down("#d9bd97", "#b39168"))
    c.fill(box(-2, 598, 962, 612), down("#ffffff", "#dde3ea"))
    c.ground(480, 668, 250, 20)
    oak = "#dcbb8a"
    rails = path("M362 40 L386 40 L288 668 L258 668 Z")
    for rail in (rails, flipped(rails, 480)):
        c.drop(rail, 14, 8, soft=12, share=0.3)
    books = ("#c4554a", "#e2b24f", "#4f7f86", "#f0e6d4", "#7b8f5e", "#39516e", "#d98d6b", "#8a6a8c")
    for k in range(5):
        y = 170 + k * 118
        half = 116 + k * 20
        board = box(480 - half, y, 480 + half, y + 16, 4)
        c.drop(box(480 - half, y + 16, 480 + half, y + 34), 6, 6, soft=9, share=0.3)
        x, start, stop = 480.0 - half + 26, k * 3, 480 - half + (150 if k % 2 else 190) + k * 12
        while x < stop and k != 2:
            w, tall = 15 + (start * 7) % 12, 62 + (start * 13) % 28
            c.body(box(x, y - tall, x + w, y, 2), books[start % 8], depth=4)
            c.fill(box(x + 2, y - tall + 12, x + w - 2, y - tall + 17), faint("#fff6dc", 0.7))
            x, start = x + w + 1, start + 1
        c.body(board, oak, depth=5)
    for rail in (rails, flipped(rails, 480)):
        c.body(rail, "#cfa972", depth=5)
    _plant(c, 570, 170, 0.62)
    _plant(c, 390, 524 - 118, 0.85)
    c.body(box(520, 318, 590, 406, 12), "#4b4651", depth=7)
    c.fill(oval(555, 378, 22), glow("#8d8794", "#2b2831"))
    c.fill(oval(555, 340, 11), glow("#8d8794", "#2b2831"))
    c.body(lathe(590, (16, 212), (12, 230), (30, 252), (34, 272), (20, 288), (0, 288)), "#e9dccb", depth=7)
    c.body(box(560, 450, 650, 524, 4), "#b98556", depth=6)
    c.fill(box(569, 459, 641, 515), down("#bcd8e6", "#f6e2c0"))
    c.fill(path("M569 515 L600 480 L618 498 L630 486 L641 500 L641 515 Z"), "#6f9f80")
    c.body(box(560, 574, 668, 642, 10), "#c99f6c", depth=8)
    for row in range(4):
        c.line([(562, 588 + row * 15), (666, 588 + row * 15)], 3, faint("#6d4a24", 0.4))


def _plant(c: Canvas, x: float, y: float, size: float) -> None:
    with c.at(x, y, size=size):
        for k in range(9):
            leaf = ribbon(through((0, -46), (24, -88), (62, -96 + abs(k - 4) * 6)), 5, 1, 24)
            c.body(turned(leaf, k * 26 - 150, (0, -46)), "#5f9a5c" if k % 2 else "#47804b", depth=4)
        c.body(path("M-34 -54 L34 -54 L26 0 L-26 0 Z"), "#f4efe6", depth=8)


DRAWINGS: dict[str, Drawing] = {
    "ceramic-lamp-01": ceramic_lamp,
    "armchair-01": armchair,
    "wall-clock-01": wall_clock,
    "bedding-set-01": bedding_set,
    "bookshelf-01": bookshelf,
}
