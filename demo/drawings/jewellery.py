"""Pictures of watches and jewellery."""

import math

from demo.brush import Canvas, Drawing, down, faint, glow, slant
from demo.scenes import arch, disc, leaf_shadow, sunbeams, wall
from demo.shapes import along, arc, blob, box, mirrored, moved, oval, path, ribbon, scaled, scatter, through, turned


def wrist_watch(c: Canvas) -> None:
    """A slim watch with a cream dial on a leather strap."""
    wall(c, "#5d6b66")
    c.fill(box(-2, -2, 962, 722), glow("#a9b8ae", "#74857d", "#4c5a56", focus=(0.35, 0.3)))
    sunbeams(c, x=80, share=0.13)
    c.drop(oval(480, 360, 290), 16, 20, soft=26, share=0.3)
    c.fill(oval(480, 360, 290), slant("#e9e2d3", "#c9bda6"))
    for r in (276, 262):
        c.line(oval(480, 360, r), 2, faint("#8a7a5c", 0.3), closed=True)
    tan = "#a9683c"
    for y0, y1 in ((210, -20), (510, 740)):
        strap = [(408, y0), (552, y0), (532, y1), (428, y1)]
        c.drop(strap, 16, 12, soft=14, share=0.4)
        c.body(strap, tan, depth=15)
        k = 1 if y1 > y0 else -1
        c.dashes([(420, y0 + k * 20), (438, y1)], 3, "#f0cf9c", dash=11, gap=8)
        c.dashes([(540, y0 + k * 20), (522, y1)], 3, "#f0cf9c", dash=11, gap=8)
    for k in range(4):
        c.fill(oval(480, 600 + k * 34, 5, 7), "#4a2410")
    for x in (402, 528):
        for y in (178, 486):
            c.body(box(x, y, x + 30, y + 58, 10), "#d9b98a", depth=6)
    c.body(box(650, 340, 690, 382, 10), "#d9b98a", depth=6)
    case = oval(480, 360, 178)
    c.drop(case, 16, 22, soft=18, share=0.45)
    c.fill(case, slant("#fff3da", "#d9b98a", "#8f6a3c", "#e6cba0"))
    c.line(oval(480, 360, 172), 3, "#fff6e2", closed=True)
    dial = oval(480, 360, 156)
    c.fill(dial, glow("#fffdf6", "#f7efdf", "#e3d6bd"))
    c.shade(dial, faint("#5d4326", 0.5), -7, -9, soft=10)
    for k in range(60):
        if k % 5:
            c.line(turned([(480, 218), (480, 224)], k * 6, (480, 360)), 2, "#bda77c")
        else:
            c.body(turned(box(476, 220, 484, 252 if k % 15 else 262, 2), k * 6, (480, 360)), "#b98a4c", depth=2)
    c.line(oval(480, 428, 36), 2, "#d9c6a0", closed=True)
    c.fill(oval(480, 428, 35), glow("#fffaf0", "#efe3cc"))
    for k in range(12):
        c.line(turned([(480, 398), (480, 403)], k * 30, (480, 428)), 2, "#a9906a")
    c.line(turned([(480, 434), (480, 402)], 130, (480, 428)), 3, "#c9463f")
    for tip, w, turn in ((272, 13, -52), (232, 9, 62)):
        hand = turned(ribbon([(480, 384), (480, 340), (480, tip)], w * 0.6, 2, w), turn, (480, 360))
        c.drop(hand, 4, 6, soft=4, share=0.4)
        c.body(hand, "#8a5f2c", depth=3)
    c.body(oval(480, 360, 10), "#d9b98a", depth=3)
    c.fill(path("M366 268 Q420 206 500 208 Q410 250 360 350 Q350 300 366 268 Z"), faint("#ffffff", 0.55), soft=8)


def pearl_necklace(c: Canvas) -> None:
    """A string of pearls on a velvet bust."""
    wall(c, "#c9a7ad")
    arch(c, "#d9bcc0", x0=180, x1=780, top=26, foot=640)
    c.fill(box(-2, 640, 962, 722), down("#f0dedd", "#d3b3b5"))
    c.ground(480, 664, 220, 20)
    bust = mirrored(
        path(
            "M480 70 C446 70 424 76 420 90 C424 150 430 200 408 236 "
            "C380 270 300 284 258 340 C230 390 244 470 290 560 "
            "C310 610 330 640 350 664 L480 668"
        ),
        480,
    )
    c.drop(bust, 14, 10, soft=18)
    c.body(bust, "#3f4a63", depth=36)
    c.fill(ribbon(through((300, 350), (280, 430), (330, 560)), 6, 6, 36), faint("#9fb0d4", 0.3), soft=14)
    c.fill(oval(480, 80, 60, 13), "#2f384e")
    strand = through(
        (427, 172),
        (412, 236),
        (372, 300),
        (350, 380),
        (392, 470),
        (480, 516),
        (568, 470),
        (610, 380),
        (588, 300),
        (548, 236),
        (533, 172),
    )
    with c.within(bust):
        for x, y, _ in along(strand, 37):
            c.fill(oval(x + 7, y + 11, 15), faint("#0f1426", 0.5), soft=5)
    for k, (x, y, _) in enumerate(along(strand, 37)):
        r = 11 + 6.5 * math.sin(math.pi * k / 36)
        c.fill(oval(x, y, r), glow("#ffffff", "#fbf1ea", "#e3cfcb", "#a58f9c", focus=(0.34, 0.3), reach=0.8))
        c.fill(oval(x + r * 0.25, y + r * 0.5, r * 0.45, r * 0.22), faint("#f6c9c0", 0.6), soft=2)
        c.fill(oval(x - r * 0.32, y - r * 0.36, r * 0.22), "#ffffff")


def jade_bangle(c: Canvas) -> None:
    """A jade bangle in a brocade box."""
    wall(c, "#d9c9ae")
    leaf_shadow(c, 30, 300, size=1.5, turn=-20)
    lid = path("M170 60 L790 60 L810 250 L150 250 Z")
    c.drop(lid, 12, 10, soft=18)
    c.body(lid, "#8f2633", depth=14)
    c.fill(path("M196 80 L764 80 L780 232 L180 232 Z"), down("#f6ead0", "#e3d0a9"))
    with c.within(path("M196 80 L764 80 L780 232 L180 232 Z")):
        for row in range(6):
            for k in range(24):
                c.line(arc(190 + k * 28 + row % 2 * 14, 110 + row * 28, 14, 14, 180, 360), 2, faint("#b9985a", 0.5))
                c.line(arc(190 + k * 28 + row % 2 * 14, 110 + row * 28, 7, 7, 180, 360), 2, faint("#b9985a", 0.5))
    tray = box(120, 250, 840, 668, 22)
    c.drop(tray, 10, 18, soft=20, share=0.45)
    c.body(tray, "#8f2633", depth=16)
    for x, y, turn in scatter(6, 40, 130, 260, 830, 660):
        c.line(arc(x, y, 12, 12, turn, turn + 220), 3, faint("#e6bd6a", 0.5))
    silk = box(160, 286, 800, 634, 26)
    c.fill(silk, slant("#fdf6e6", "#ead9b8"))
    c.shade(silk, faint("#5d1f1c", 0.55), -10, -14, soft=16)
    with c.within(silk):
        for line in (
            ((170, 330), (300, 420), (250, 620)),
            ((760, 300), (660, 430), (780, 600)),
            ((420, 300), (480, 460), (430, 630)),
        ):
            c.fill(ribbon(through(*line), 4, 4, 30), faint("#b9985a", 0.22), soft=10)
            c.fill(ribbon(moved(through(*line), -24, -8), 4, 4, 26), faint("#ffffff", 0.6), soft=9)
    _bangle(c, 480, 452)
    with c.at(700, 590):
        c.line(through((-40, -20), (-10, -6), (20, 10)), 5, "#c9463f")
        for k in range(2):
            c.line(oval(26, 14 + k * 4, 16, 10), 5, "#c9463f", closed=True)
        for k in range(9):
            c.line(through((42, 26), (70 + k, 40 + k * 4), (96 - k * 2, 44 + k * 7)), 3, "#d9574e")


def _bangle(c: Canvas, x: float, y: float) -> None:
    outer, inner = oval(x, y, 200, 148), oval(x, y - 6, 142, 98)
    c.fill(oval(x + 16, y + 26, 200, 146), faint("#3a2a18", 0.42), soft=14, hole=oval(x + 16, y + 22, 140, 94))
    c.fill(outer, glow("#d3f3d9", "#8fd0a0", "#4fa374", "#2f7f5a", focus=(0.3, 0.2), reach=1.0), hole=inner)
    for k, (start, end) in enumerate(((20, 70), (110, 160), (200, 236), (285, 335))):
        vein = arc(x, y - 3, 172, 124, start, end)
        c.fill(ribbon(vein, 4, 4, 26 - k % 2 * 8), faint("#1f6b4a" if k % 2 else "#f3fff0", 0.35), soft=7)
    c.line(arc(x, y - 3, 182, 132, 0, 360), 8, faint("#1d5a40", 0.28), soft=6)
    c.line(arc(x - 2, y - 10, 170, 124, 186, 292), 13, faint("#ffffff", 0.85), soft=4)
    c.line(arc(x, y - 4, 168, 120, 196, 250), 7, "#ffffff", soft=1.5)
    c.line(arc(x, y - 3, 164, 116, 30, 96), 11, faint("#e3ffe3", 0.6), soft=5)
    c.line(arc(x, y - 6, 146, 101, 0, 360), 4, faint("#1d5a40", 0.4), soft=2)


def drop_earrings(c: Canvas) -> None:
    """A pair of cloisonné teardrops hanging from a brass stand."""
    wall(c, "#b3bfd9")
    disc(c, "#d3dcec", 480, 330, 290)
    c.fill(box(-2, 620, 962, 722), down("#e6eaf3", "#bcc6dc"))
    c.ground(480, 652, 230, 20)
    c.body([*arc(480, 634, 210, 26, 180, 0), *arc(480, 650, 210, 26, 0, 180)], "#f4efe6", depth=9)
    stand = [(480.0, 632.0), (480.0, 110.0)]
    for line in (stand, list(through((270, 134), (360, 104), (480, 96), (600, 104), (690, 134)))):
        c.line(moved(line, 6, 8), 13, faint("#2a1c34", 0.25), soft=5)
        c.line(line, 13, "#a9803d")
        c.line(moved(line, -2, -3), 5, "#f7e3a8")
    c.body(oval(480, 92, 20), "#d9b060", depth=6)
    for x in (325, 635):
        _earring(c, x)


def _earring(c: Canvas, x: float) -> None:
    with c.at(x, 0):
        c.line(arc(0, 148, 17, 34, 200, 500), 5, "#d8dae0")
        c.line(arc(-1, 147, 17, 34, 200, 300), 2, "#ffffff")
        c.body(oval(0, 196, 17), "#2f9c9c", depth=5)
        c.line(oval(0, 196, 17), 3.5, "#e6c05c", closed=True)
        c.line(oval(0, 224, 8, 11), 4, "#e6c05c", closed=True)
        drop = blob((0, 236), (0, 236), (44, 320), (92, 420), (66, 500), (0, 526), (-66, 500), (-92, 420), (-44, 320))
        c.drop(drop, 14, 18, soft=14, share=0.35)
        c.body(drop, "#c99a3f", depth=8)
        inner = scaled(drop, 0.92, 0.95, (0, 400))
        c.fill(inner, glow("#5fd0cc", "#1f8f9c", "#135f84", "#173f72", focus=(0.4, 0.3)))
        gold = "#f3d58a"
        with c.within(inner):
            for k in range(3):
                c.line(scaled(drop, 0.84 - k * 0.05, 0.88 - k * 0.045, (0, 410)), 1.8, faint(gold, 0.8), closed=True)
            for k in range(8):
                petal = turned(blob((0, 412), (15, 388), (0, 352), (-15, 388)), k * 45, (0, 424))
                c.fill(petal, slant("#ffd0d6", "#e0647f") if k % 2 else slant("#fff3dc", "#f0b07a"))
                c.line(petal, 2.6, gold, closed=True)
            c.fill(oval(0, 424, 13), gold)
            for side in (-1, 1):
                curl = through((0, 346), (side * 14, 320), (side * 24, 330), (side * 14, 342))
                c.line(curl, 3, gold)
                c.line(through((side * 4, 300), (side * 14, 290), (side * 10, 276)), 3, gold)
                leaf = blob((side * 30, 486), (side * 52, 470), (side * 66, 478), (side * 46, 496))
                c.fill(leaf, "#6fc48a")
                c.line(leaf, 2.4, gold, closed=True)
        c.fill(ribbon(through((-26, 300), (-62, 390), (-60, 450)), 3, 3, 14), faint("#ffffff", 0.7), soft=4)
        for k in range(5):
            dx = (k - 2) * 19
            top = 528 - abs(k - 2) * 9
            c.line([(dx, top), (dx, top + 20)], 2.5, gold)
            c.body(oval(dx, top + 29, 9), "#fbf4ec", depth=4)


DRAWINGS: dict[str, Drawing] = {
    "wrist-watch-01": wrist_watch,
    "pearl-necklace-01": pearl_necklace,
    "jade-bangle-01": jade_bangle,
    "drop-earrings-01": drop_earrings,
}
