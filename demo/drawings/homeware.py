"""Pictures of the small things of a home."""

from demo.brush import Canvas, Drawing, across, cylinder, darker, down, faint, glow, lighter, slant
from demo.scenes import arch, disc, leaf_shadow, steam, table, wall
from demo.shapes import arc, blob, box, lathe, mirrored, oval, path, ribbon, scatter, through, turned


def clay_teapot(c: Canvas) -> None:
    """A round purple-clay teapot on a bamboo tray with two cups."""
    wall(c, "#d9cdb8")
    c.fill(oval(480, 290, 250), slant("#efe6d3", "#cfc0a4"))
    leaf_shadow(c, 80, 330, size=1.7, turn=-25, share=0.16)
    c.fill(box(-2, 560, 962, 722), down("#8a7460", "#5e4a3b"))
    c.ground(480, 660, 400, 26)
    tray = box(110, 596, 850, 664, 16)
    c.body(tray, "#c49a61", depth=8)
    for k in range(26):
        c.line([(136 + k * 28, 600), (130 + k * 28.5, 624)], 3, faint("#6b4a22", 0.5))
    c.line([(112, 628), (848, 628)], 3, faint("#6b4a22", 0.5))
    clay = "#80473a"
    c.ground(450, 604, 150, 16)
    handle = through((596, 380), (690, 350), (724, 430), (680, 510), (602, 528))
    c.drop(ribbon(handle, 34, 26, 30), 8, 12, soft=8)
    c.body(ribbon(handle, 34, 24, 28), clay, depth=8)
    spout = ribbon(through((330, 510), (262, 470), (228, 400), (192, 358)), 88, 30, 48)
    c.body(spout, clay, depth=12)
    c.fill(oval(189, 355, 18, 8, turn=-50), "#3b1d18")
    pot = lathe(460, (84, 332), (120, 342), (176, 400), (192, 470), (160, 552), (104, 594), (96, 604), (0, 606))
    c.body(pot, clay, depth=30, paint=glow("#b8796a", "#8a4c3e", "#5d2f28", focus=(0.34, 0.22)))
    c.fill(ribbon(through((330, 400), (300, 460), (316, 530)), 4, 4, 22), faint("#ffe6d8", 0.5), soft=7)
    lid = path("M360 338 C372 292 420 272 460 270 C500 272 548 292 560 338 Q460 362 360 338 Z")
    c.drop(lid, 0, 7, soft=5, share=0.5)
    c.body(lid, clay, depth=12)
    c.line(through((360, 338), (460, 356), (560, 338)), 5, darker(clay, 0.35))
    c.body(oval(460, 254, 27, 23), clay, depth=7)
    c.fill(oval(452, 246, 8, 5), faint("#ffe6d8", 0.6), soft=2)
    for x, y, s in ((760, 590, 1.0), (664, 634, 0.9)):
        with c.at(x, y, size=s):
            c.ground(0, 30, 46, 8)
            c.body(path("M-58 -44 C-56 6 -34 28 -22 30 L22 30 C34 28 56 6 58 -44 Z"), "#94594a", depth=9)
            c.fill(oval(0, -44, 58, 12), "#b07a69")
            c.fill(oval(0, -42, 50, 9), glow("#e0963f", "#a65c1c"))
    steam(c, 760, 530, size=0.8, share=0.7)
    c.fill(ribbon(through((184, 352), (170, 330), (178, 300)), 2, 1, 12), faint("#ffffff", 0.4), soft=3)


def cast_iron_pot(c: Canvas) -> None:
    """A sea-blue enamelled pot on a wooden board."""
    table(c, "#efc9b0", "#f3e6d8", horizon=530)
    disc(c, "#f6dcc8", 470, 300, 262)
    steam(c, 470, 170, size=1.1, share=0.6)
    c.ground(480, 650, 370, 22)
    c.body(box(140, 606, 790, 652, 20), "#bd8a57", depth=8)
    c.body(ribbon([(780, 630), (850, 630), (900, 630)], 40, 30, 30), "#bd8a57", depth=6)
    blue = "#2f6f96"
    for k in (-1, 1):
        grip = through((470 + k * 230, 396), (470 + k * 296, 392), (470 + k * 298, 436), (470 + k * 230, 440))
        c.drop(ribbon(grip, 24, 24), 4, 10, soft=6)
        c.body(ribbon(grip, 24, 24), blue, depth=6)
    pot = mirrored(path("M470 346 L236 348 L240 540 C242 590 268 610 310 612 L470 612"), 470)
    c.body(
        pot,
        blue,
        depth=26,
        paint=across(darker(blue, 0.1), lighter(blue, 0.3), blue, darker(blue, 0.15), darker(blue, 0.4)),
    )
    c.fill(ribbon(through((282, 380), (278, 470), (296, 570)), 6, 6, 22), faint("#ffffff", 0.45), soft=7)
    c.fill(path("M226 336 L714 336 L710 364 L230 364 Z"), cylinder(lighter(blue, 0.1)))
    lid = mirrored(path("M470 222 C360 224 262 262 232 318 Q226 336 244 338 L470 342"), 470)
    c.drop(lid, 0, 9, soft=7, share=0.4)
    c.body(lid, lighter(blue, 0.06), depth=18)
    c.fill(ribbon(through((310, 286), (390, 250), (470, 240)), 3, 3, 13), faint("#ffffff", 0.6), soft=4)
    c.fill(box(458, 202, 482, 228), across("#a9803d", "#f5dfa4", "#a9803d"))
    c.body(oval(470, 194, 36, 20), "#d9b06a", depth=8)
    for x, y, turn in ((790, 604, -24), (838, 612, 20)):
        _sprig(c, x, y, turn)
    for x, y, r in ((120, 620, 44), (190, 648, 34)):
        c.ground(x, y + r - 4, r, 7)
        c.body(oval(x, y, r), "#d8453b", depth=10)
        for k in range(5):
            c.fill(
                turned(
                    ribbon(through((x, y - r + 6), (x + 12, y - r), (x + 24, y - r + 8)), 6, 1), k * 72, (x, y - r + 6)
                ),
                "#4f8a45",
            )


def _sprig(c: Canvas, x: float, y: float, turn: float) -> None:
    with c.at(x, y, turn=turn):
        c.line(through((0, 0), (6, -60), (0, -130)), 4, "#6d8f52")
        for k in range(9):
            for side in (-1, 1):
                leaf = ribbon(
                    through((3, -k * 14), (3 + side * 18, -12 - k * 14), (3 + side * 30, -20 - k * 14)), 2, 1, 11
                )
                c.fill(leaf, "#7fa463" if side > 0 else "#5f8a4a")


def porcelain_vase(c: Canvas) -> None:
    """A blue-and-white vase with plum blossom."""
    wall(c, "#d3c4c0")
    arch(c, "#e2d4cd", x0=210, x1=750, top=50, foot=596)
    c.fill(box(-2, 596, 962, 722), down("#f1e7df", "#d6c4ba"))
    bark = "#5b4038"
    for points, w in (
        (((480, 300), (470, 220), (420, 150), (330, 90), (290, 40)), 13),
        (((446, 180), (380, 176), (300, 190)), 8),
        (((482, 300), (510, 200), (570, 130), (660, 110), (720, 60)), 11),
        (((560, 140), (600, 190), (672, 214)), 7),
    ):
        c.fill(ribbon(through(*points), w, 3), bark)
    for x, y, s in (
        (300, 60, 1.1),
        (350, 104, 0.9),
        (408, 142, 1.15),
        (310, 188, 1.0),
        (372, 176, 0.75),
        (512, 200, 0.95),
        (560, 140, 1.2),
        (640, 112, 0.95),
        (704, 74, 1.1),
        (664, 212, 1.0),
        (606, 186, 0.75),
        (470, 232, 0.8),
    ):
        with c.at(x, y, size=s, turn=x):
            for k in range(5):
                c.body(turned(oval(0, -17, 15, 16), k * 72, (0, 0)), "#f0a3ad", depth=5)
            c.fill(oval(0, 0, 8), "#c94f68")
            for k in range(8):
                c.fill(turned(oval(0, -13, 2.4), k * 45, (0, 0)), "#ffe9a8")
    c.ground(480, 646, 150, 20)
    vase = lathe(
        480,
        (62, 284),
        (62, 284),
        (44, 306),
        (46, 340),
        (120, 380),
        (168, 450),
        (140, 540),
        (86, 612),
        (96, 648),
        (96, 648),
        (0, 652),
    )
    c.fill(vase, "#f7f9fb")
    with c.within(vase):
        _scrolls(c)
    c.fill(vase, across("#1b2c5a40", "#ffffff00", "#ffffff66", "#ffffff00", "#1b2c5a33", "#1b2c5a88"))
    c.fill(ribbon(through((396, 400), (356, 450), (372, 530)), 4, 4, 22), faint("#ffffff", 0.85), soft=4)
    c.fill(oval(480, 284, 62, 11), "#dfe7ef")
    c.fill(oval(480, 286, 50, 7), "#27375f")


def _scrolls(c: Canvas) -> None:
    blue = "#2a56a5"
    for y, w in ((312, 4), (322, 2), (368, 3), (376, 6), (566, 3), (576, 6), (628, 3), (636, 3)):
        c.line(arc(480, y, 190, 12, 0, 180), w, blue)
    for x in (360, 480, 600):
        c.line(through((x - 60, 480), (x - 34, 430), (x, 470), (x + 34, 520), (x + 62, 470)), 4, blue)
        for k in range(9):
            petal = turned(blob((x, 446), (x + 11, 424), (x, 400), (x - 11, 424)), k * 40, (x, 466))
            c.fill(petal, slant("#6f97dc", "#234b98"))
        c.fill(oval(x, 466, 15), "#f7f9fb")
        c.fill(oval(x, 466, 9), blue)
        for side in (-1, 1):
            curl = arc(x + side * 54, 524, 20, 20, 90, 90 + side * 270)
            c.line(curl, 4, blue)
            leaf = ribbon(through((x + side * 30, 536), (x + side * 52, 552), (x + side * 80, 540)), 2, 1, 13)
            c.fill(leaf, "#3d6cbc")
            c.fill(oval(x + side * 56, 408, 8, 5, turn=side * 30), "#3d6cbc")
    for k in range(11):
        lappet = blob((384 + k * 20, 582), (392 + k * 20, 600), (384 + k * 20, 622), (376 + k * 20, 600))
        c.fill(lappet, slant("#6f97dc", "#234b98"))


def towel_set(c: Canvas) -> None:
    """A pile of folded towels with a rolled one and a sprig of eucalyptus."""
    table(c, "#d5dfe4", "#eee6dc", horizon=560)
    leaf_shadow(c, 640, 280, size=1.5, turn=-12)
    c.ground(470, 640, 280, 26)
    for k, (colour, w) in enumerate((("#8ea6b8", 270), ("#e6d3bd", 262), ("#e3b9b4", 244), ("#8ea6b8", 236))):
        y = 640 - k * 84
        fold = box(470 - w, y - 86, 470 + w, y, (40, 22, 22, 40))
        c.drop(fold, 0, 6, soft=6, share=0.35)
        c.body(fold, colour, depth=15)
        with c.within(fold):
            c.line(
                through((470 - w + 8, y - 44), (430, y - 39), (470 + w, y - 44)), 4, faint(darker(colour, 0.5), 0.45)
            )
            c.fill(box(470 + w - 92, y - 90, 470 + w - 70, y + 4), faint("#ffffff", 0.35))
            c.line([(470 + w - 60, y - 90), (470 + w - 60, y + 4)], 3, faint("#ffffff", 0.35))
            _pile(c, k, 470 - w, y - 86, 470 + w, y)
    for x, colour in ((372, "#e3b9b4"), (552, "#f3ebdf")):
        roll = oval(x, 222, 84)
        c.drop(roll, 6, 10, soft=9)
        c.body(roll, colour, depth=16)
        for r in range(5):
            spiral = arc(x + r % 2 * 3, 222, 70 - r * 14, 70 - r * 14, 20 + r * 40, 350 + r * 40)
            c.line(spiral, 4, faint(darker(colour, 0.5), 0.45))
        with c.within(roll):
            _pile(c, 9, x - 82, 130, x + 82, 294)
    c.line(through((640, 290), (720, 240), (800, 250)), 4, "#6f8a76")
    for k in range(6):
        for side in (-1, 1):
            leaf = oval(672 + k * 22, 262 - k * 5 + side * 20, 19, 15, turn=k * 20)
            c.drop(leaf, 2, 4, soft=3)
            c.body(leaf, "#8fb09c" if side > 0 else "#7a9f8b", depth=4)


def _pile(c: Canvas, seed: int, x0: float, y0: float, x1: float, y1: float) -> None:
    for x, y, turn in scatter(seed + 60, 150, x0, y0, x1, y1):
        c.line([(x, y), (x + 3, y + 4)], 1.6, faint("#ffffff" if turn < 200 else "#6a5a60", 0.3))


DRAWINGS: dict[str, Drawing] = {
    "clay-teapot-01": clay_teapot,
    "cast-iron-pot-01": cast_iron_pot,
    "porcelain-vase-01": porcelain_vase,
    "towel-set-01": towel_set,
}
