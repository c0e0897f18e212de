"""Pictures of what is eaten fresh."""

import math

from demo.brush import Canvas, Drawing, across, cylinder, down, faint, glow, slant
from demo.scenes import disc, planks, steam, studio, sunbeams, table, wall
from demo.shapes import Shape, arc, blob, box, mirrored, moved, oval, path, ribbon, scaled, scatter, through, turned


def _orange(c: Canvas, x: float, y: float, r: float) -> None:
    c.drop(oval(x, y, r), 5, 8, soft=7, share=0.3)
    c.body(oval(x, y, r), "#f2922b", depth=r * 0.28, paint=glow("#ffc96b", "#f6992f", "#e0701c", focus=(0.35, 0.3)))
    for k in range(16):
        a, d = k * 2.4, (k % 5 + 1) * r * 0.16
        c.fill(oval(x + math.cos(a) * d, y + math.sin(a) * d, 1.8), faint("#b95812", 0.32))
    c.fill(oval(x + r * 0.1, y - r * 0.3, r * 0.09, r * 0.06), "#6d7f32")


def navel_orange(c: Canvas) -> None:
    """A wooden crate full of oranges, one cut open before it."""
    table(c, "#cfe0ea", "#efe3cf", horizon=540)
    sunbeams(c, x=90, share=0.4)
    c.ground(470, 622, 300, 26)
    for x, y in (
        (300, 250),
        (420, 224),
        (545, 230),
        (660, 258),
        (240, 320),
        (356, 306),
        (480, 292),
        (604, 310),
        (706, 330),
    ):
        _orange(c, x, y, 70)
    for x, y, turn in ((372, 176, -30), (592, 186, 40), (250, 256, -60)):
        leaf = turned(ribbon(through((x, y), (x + 42, y - 14), (x + 90, y)), 2, 1, 40), turn, (x, y))
        c.drop(leaf, 4, 6, soft=4)
        c.body(leaf, "#5c9645", depth=5)
        c.line(turned(through((x, y), (x + 42, y - 10), (x + 84, y)), turn, (x, y)), 2, "#b6d48c")
    for k in range(3):
        board = box(180, 360 + k * 88, 770, 436 + k * 88, 6)
        c.drop(board, 0, 7, soft=6, share=0.35)
        c.body(board, "#d8ac74", depth=7)
        for i in range(3):
            y = 378 + k * 88 + i * 20
            c.line(through((186, y), (360, y + 5), (560, y - 4), (764, y + 3)), 1.6, faint("#8a5a2c", 0.35))
    for x in (180, 712):
        c.body(box(x, 352, x + 58, 622, 5), "#c5945a", depth=7)
        for y in (396, 484, 572):
            c.fill(oval(x + 29, y, 5), "#7d8088")
    c.ground(800, 654, 92, 14)
    c.body(oval(800, 566, 96), "#f08a24", depth=10)
    c.fill(oval(796, 564, 86), "#fff1d2")
    c.fill(oval(796, 564, 79), glow("#ffd06a", "#f79a2b", focus=(0.5, 0.5), reach=0.6))
    for k in range(10):
        c.line([(796, 564), turned([(796, 487)], k * 36 + 9, (796, 564))[0]], 5, "#fff1d2")
    c.fill(oval(796, 564, 13), "#fff6e2")
    for k, (r, _, tilt) in enumerate(scatter(5, 40, 26, 0, 70, 0)):
        drop = oval(796, 564 - r, 2, 6)
        c.fill(turned(drop, k * 36 + tilt / 24 - 8, (796, 564)), faint("#ffe9a8", 0.8))


def mooncake(c: Canvas) -> None:
    """Two golden mooncakes under a full moon, one cut to show its yolks."""
    wall(c, "#24365c")
    c.fill(box(-2, -2, 962, 722), down("#1c2b50", "#334a78", "#6a6f96"))
    c.fill(oval(680, 210, 190), faint("#ffe9b3", 0.4), soft=60)
    c.fill(oval(680, 210, 140), glow("#fffbe6", "#ffe7a6", "#f6cf7c"))
    for k in range(24):
        c.fill(oval((k * 197) % 960, (k * 89) % 380, 1.5 + k % 3), faint("#fff6d8", 0.7))
    c.fill(box(-2, 500, 962, 722), down("#7a3b34", "#52242a"))
    c.fill(box(-2, 500, 962, 504), faint("#ffce9a", 0.5))
    plate = oval(450, 600, 380, 74)
    c.ground(450, 640, 390, 50)
    c.body(plate, "#eef3f2", depth=12)
    c.line(oval(450, 596, 350, 64), 4, "#4f7fae", closed=True)
    _cake(c, 330, 420)
    with c.at(620, 520):
        half = path("M-150 -60 Q0 -92 150 -60 L150 56 Q0 92 -150 56 Z")
        c.drop(half, 10, 14, soft=12, share=0.4)
        c.body(half, "#b9692a", depth=14)
        cut = path("M-138 -44 Q0 -74 138 -44 L138 44 Q0 76 -138 44 Z")
        c.fill(cut, glow("#e9c27f", "#c98e45", "#a9702f", focus=(0.5, 0.4)))
        for x in (-62, 66):
            c.fill(oval(x, 2, 47), "#b4601c")
            c.fill(oval(x, 0, 45), glow("#ffd257", "#f59a1f", "#dd6f10", focus=(0.4, 0.35), reach=0.75))
            c.fill(oval(x - 14, -16, 12, 7, turn=-30), faint("#fff3c4", 0.75))
    for px, py, turn in scatter(9, 22, 640, 650, 920, 704):
        for i in range(4):
            c.fill(moved(turned(oval(0, -6, 4.5, 6), i * 90 + turn, (0, 0)), px, py), "#ffc94d")
        c.fill(oval(px, py, 2), "#b06a16")


def _cake(c: Canvas, x: float, y: float) -> None:
    rim: Shape = []
    for k in range(145):
        a = math.radians(k * 2.5)
        wave = 1 + 0.045 * abs(math.sin(a * 7))
        rim.append((x + math.cos(a) * 190 * wave, y + math.sin(a) * 88 * wave))
    side = [*arc(x, y, 198, 92, 180, 0), *arc(x, y + 104, 192, 88, 0, 180)]
    c.drop(side, 8, 18, soft=14, share=0.45)
    c.fill(side, cylinder("#b4642a"))
    for k in range(15):
        a = math.radians(6 + k * 12)
        px, py = x + math.cos(a) * 194, y + math.sin(a) * 90
        c.line([(px, py + 6), (px, py + 98)], 5, faint("#6d3414", 0.42), soft=2)
    c.body(rim, "#d98a3c", depth=12, paint=glow("#f5c074", "#d98a3c", "#b86526"))
    for s in (0.84, 0.8):
        c.line(scaled(oval(x, y, 190, 88), s, s, (x, y)), 4, "#9c5320" if s > 0.82 else "#f3bd74", closed=True)
    for k in range(8):
        petal = turned(blob((0, -50), (26, -92), (0, -132), (-26, -92)), k * 45, (0, 0))
        petal = moved(scaled(petal, 1.06, 0.49, (0, 0)), x, y)
        c.fill(petal, faint("#f6c57f", 0.8))
        c.shade(petal, faint("#8f4818", 0.7), 2, 3, soft=4)
        c.line(petal, 2.5, "#9c5320", closed=True)
    c.body(oval(x, y, 40, 19), "#e29a4c", depth=5)


def hairy_crab(c: Canvas) -> None:
    """A steamed crab on a blue-rimmed plate, seen from above, with ginger and vinegar."""
    wall(c, "#c8ad8f")
    for k in range(10):
        c.fill(box(-2, k * 74, 962, k * 74 + 71), faint("#a9825c", 0.3 + 0.08 * (k % 3)))
    c.drop(oval(470, 360, 340, 312), 16, 22, soft=22, share=0.4)
    c.body(oval(470, 360, 340, 312), "#f4f5f1", depth=18)
    c.line(oval(470, 360, 316, 290), 9, "#3d6ea5", closed=True)
    c.shade(oval(470, 360, 270, 246), faint("#8c94a0", 0.5), 8, 10, soft=12)
    red, joint = "#dd5a24", "#f08a4a"
    legs = (
        ((360, 330), (250, 250), (196, 300), (150, 262)),
        ((352, 370), (230, 340), (182, 396), (138, 372)),
        ((356, 404), (246, 424), (214, 490), (166, 488)),
        ((372, 436), (286, 496), (276, 560), (232, 580)),
    )
    for leg in legs:
        for line in (through(*leg), [(940 - x, y) for x, y in through(*leg)]):
            c.drop(ribbon(line, 40, 6, 28), 6, 9, soft=7)
            c.body(ribbon(line, 40, 6, 28), red, depth=7)
        for x in (leg[1][0], 940 - leg[1][0]):
            c.fill(oval(x, leg[1][1], 10), faint(joint, 0.9))
    for flip in (False, True):
        with c.at(470, 0, flip=flip):
            arm = through((-90, 290), (-170, 220), (-150, 160))
            c.body(ribbon(arm, 46, 50, 54), red, depth=9)
            claw = blob(
                (-190, 186),
                (-206, 130),
                (-160, 70),
                (-86, 52),
                (-40, 84),
                (-40, 84),
                (-98, 96),
                (-112, 122),
                (-112, 122),
                (-56, 112),
                (-44, 128),
                (-90, 172),
                (-150, 204),
            )
            c.drop(claw, 5, 9, soft=7)
            c.body(claw, red, depth=12)
            with c.within(scaled(claw, 1.1, 1.1, (-120, 130))):
                for px, py, tilt in scatter(6, 70, -205, 128, -120, 196):
                    c.line([(px, py), (px - 8 + tilt / 40, py + 13)], 2.6, faint("#5b3a1e", 0.75))
    shell = mirrored(path("M470 250 C430 246 400 252 380 268 C330 288 306 340 318 388 C330 446 390 490 470 490"), 470)
    c.drop(shell, 8, 14, soft=12, share=0.4)
    c.body(shell, "#e2602a", depth=22, paint=glow("#ff9d5c", "#e5652c", "#c4431a", focus=(0.42, 0.3)))
    for side in (-1, 1):
        groove = through((470 + side * 26, 316), (470 + side * 20, 362), (470 + side * 34, 404), (470 + side * 30, 446))
        c.fill(ribbon(groove, 2, 2, 7), faint("#9c2f10", 0.5), soft=2)
        for y in (316, 352, 388):
            c.fill(oval(470 + side * 104, y, 9, 5, turn=side * 30), faint("#ffc08a", 0.55), soft=2)
    c.fill(oval(470, 378, 28, 5), faint("#9c2f10", 0.45), soft=2)
    for x in (436, 504):
        c.line([(x, 256), (x, 236)], 8, "#c4431a")
        c.fill(oval(x, 230, 9), "#231a1c")
        c.fill(oval(x - 3, 227, 3), "#ffffff")
    c.fill(ribbon(through((376, 300), (410, 278), (460, 272)), 2, 2, 12), faint("#ffffff", 0.6), soft=3)
    c.drop(oval(838, 590, 84), 8, 12, soft=10)
    c.body(oval(838, 590, 84), "#f4f5f1", depth=10)
    c.fill(oval(838, 590, 64), glow("#8a4a26", "#3d1a10"))
    for k in range(9):
        c.line([(806 + (k * 23) % 60, 566 + (k * 31) % 46), (820 + (k * 23) % 60, 574 + (k * 31) % 46)], 5, "#f3d98b")
    for x, y, turn in ((70, 640, -58), (90, 650, -20), (64, 630, -96)):
        leaf = turned(ribbon(through((x, y), (x + 60, y - 10), (x + 124, y)), 4, 1, 54), turn, (x, y))
        c.drop(leaf, 6, 8, soft=7)
        c.body(leaf, "#6d9a4f", depth=8)
        c.line(turned(through((x, y), (x + 60, y - 8), (x + 116, y)), turn, (x, y)), 2.5, "#b9d594")
    for x, y in ((836, 96), (884, 118), (850, 138)):
        c.drop(oval(x, y, 36, 26), 4, 6, soft=5)
        c.body(oval(x, y, 36, 26), "#f1d793", depth=5)
        c.line(oval(x, y, 25, 17), 2, "#d9b35c", closed=True)


def strawberry(c: Canvas) -> None:
    """A basket heaped with large strawberries."""
    studio(c, "#f6cdc8")
    disc(c, "#fbe3dc", 480, 320, 272)
    c.ground(480, 630, 270, 28)
    spots = (
        (480, 190, 4),
        (388, 226, -14),
        (574, 224, 16),
        (300, 300, -26),
        (436, 296, -6),
        (540, 300, 10),
        (654, 304, 28),
        (350, 366, -12),
        (470, 372, 6),
        (596, 372, 16),
    )
    for x, y, turn in spots:
        _berry(c, x, y, turn, 1.0)
    basket = mirrored(path("M480 390 L220 378 L262 600 Q268 630 306 630 L480 630"), 480)
    c.fill(basket, cylinder("#d7a869"))
    with c.within(basket):
        for row in range(7):
            y = 410 + row * 36
            for k in range(-1, 16):
                x = 210 + k * 38 + (row % 2) * 19
                c.body(box(x, y - 15, x + 34, y + 17, 10), "#dcb075" if (k + row) % 2 else "#cd9a58", depth=5)
        c.fill(basket, across("#4a240866", "#4a240800", "#4a240800", "#4a240800", "#4a240888"))
    rim = ribbon(through((208, 382), (340, 400), (480, 404), (620, 400), (752, 382)), 30, 30, 34)
    c.drop(rim, 0, 10, soft=7, share=0.4)
    c.body(rim, "#e0b67c", depth=9)
    for k in range(24):
        left = 222 + k * 22.3
        c.line(
            [
                (left, 376 + 20 * math.sin((k + 1) / 25 * math.pi)),
                (left + 12, 404 + 16 * math.sin((k + 1) / 25 * math.pi)),
            ],
            3,
            faint("#7d5222", 0.5),
        )
    c.ground(812, 652, 60, 10)
    _berry(c, 812, 590, 74, 1.05)
    c.ground(150, 654, 56, 9)
    _berry(c, 150, 600, -66, 0.95)


def _berry(c: Canvas, x: float, y: float, turn: float, size: float) -> None:
    with c.at(x, y, turn=turn, size=size):
        fruit = blob((0, -62), (52, -54), (68, -10), (38, 50), (0, 82), (-38, 50), (-68, -10), (-52, -54))
        c.drop(fruit, 6, 10, soft=9, share=0.3)
        c.body(fruit, "#e0293a", depth=16, paint=glow("#ff7a72", "#e5303f", "#b9142c", focus=(0.36, 0.25)))
        for row in range(6):
            for k in range(-2, 3):
                px, py = k * 24 + (row % 2) * 12, -36 + row * 19
                if (px / 60) ** 2 + ((py - 4) / 72) ** 2 < 0.82 and abs(px) < 62 - max(py, 0) * 0.7:
                    c.fill(oval(px, py, 2.8, 4.6), "#ffd98a")
        c.fill(oval(-30, -26, 9, 17, turn=25), faint("#ffffff", 0.55), soft=3)
        for k in range(7):
            sepal = ribbon(through((0, -58), (24, -68), (50, -54)), 12, 1, 17)
            c.body(turned(sepal, k * 45 - 70, (0, -62)), "#5fa244", depth=4)
        c.line([(0, -62), (6, -88)], 6, "#5fa244")


def beef_noodles(c: Canvas) -> None:
    """A steaming bowl of noodles with beef, radish, coriander and chilli oil."""
    table(c, "#8f3b32", "#5b3324", horizon=440)
    planks(c, "#5b3324", horizon=440)
    c.fill(oval(480, 160, 300, 180), faint("#ffb27a", 0.3), soft=60)
    c.ground(480, 640, 220, 26)
    bowl = path("M120 360 C128 520 260 628 372 640 L588 640 C700 628 832 520 840 360 Z")
    c.body(bowl, "#f3f1ea", depth=30)
    with c.within(bowl):
        band = through((110, 430), (280, 520), (480, 546), (680, 520), (850, 430))
        c.line(band, 30, "#2f5f98")
        c.line(band, 20, "#f3f1ea")
        c.line(band, 10, "#2f5f98")
    c.fill(oval(480, 360, 360, 112), down("#ffffff", "#e3e0d8"))
    soup = oval(480, 366, 334, 97)
    c.fill(soup, glow("#e9b56a", "#c98a3c", "#9c5c22", focus=(0.45, 0.4), reach=0.7))
    with c.within(soup):
        for k in range(22):
            y = 318 + (k * 37) % 100
            line = through(
                (180 + k * 8, y),
                (330 + k * 6, y + 26 - k % 5 * 9),
                (480 + k * 5, y - 14 + k % 4 * 9),
                (700 + k * 6, y + 12),
            )
            c.line(moved(line, 0, 4), 9, faint("#8a5a1e", 0.35))
            c.line(line, 9, "#f8e3ae" if k % 3 else "#efd391")
        for x, y, t in ((600, 352, -12), (660, 380, 8), (560, 392, 4)):
            meat = turned(
                blob(
                    (x - 70, y), (x - 40, y - 26), (x + 36, y - 24), (x + 72, y + 2), (x + 30, y + 24), (x - 44, y + 22)
                ),
                t,
                (x, y),
            )
            c.drop(meat, 3, 7, soft=5, share=0.5)
            c.body(meat, "#8f4f35", depth=7)
            c.line(turned(through((x - 50, y), (x, y - 6), (x + 50, y + 4)), t, (x, y)), 3, faint("#e0b596", 0.7))
        for x, y in ((300, 402), (362, 424), (270, 372)):
            c.drop(oval(x, y, 42, 17), 2, 5, soft=4)
            c.body(oval(x, y, 42, 17), "#fbf7ea", depth=4)
        for px, py, turn in scatter(3, 34, 340, 312, 590, 410):
            c.fill(oval(px, py, 9, 5, turn=turn), "#4f9a3c" if turn > 150 else "#79bb55")
        for px, py, turn in scatter(8, 16, 190, 300, 780, 440):
            c.fill(oval(px, py, 9 + turn / 40, 4 + turn / 90), faint("#d6331f", 0.7))
    for k, (dx, dy) in enumerate(((0, 0), (34, -6))):
        stick = [(540 + dx, 356 + dy), (546 + dx, 360 + dy), (880 + dx * 1.6, 92 + dy), (868 + dx * 1.6, 84 + dy)]
        c.drop(stick, 8, 16, soft=6, share=0.35)
        c.fill(stick, slant("#d8b07a", "#a8743e") if k else slant("#cfa56d", "#9c6a36"))
    steam(c, 420, 270, size=1.5, share=0.5)


DRAWINGS: dict[str, Drawing] = {
    "navel-orange-01": navel_orange,
    "strawberry-01": strawberry,
    "hairy-crab-01": hairy_crab,
    "beef-noodles-01": beef_noodles,
    "mooncake-01": mooncake,
}
