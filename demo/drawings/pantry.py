"""Pictures of what keeps: tea, honey, nuts and rice."""

import math

from demo.brush import Canvas, Drawing, across, cylinder, darker, down, faint, glow, lighter, slant
from demo.scenes import disc, leaf_shadow, planks, steam, table, wall
from demo.shapes import arc, blob, box, mirrored, oval, path, ribbon, scatter, through, turned


def tea_tin(c: Canvas) -> None:
    """A green tin with misty hills on it, a cup of tea and loose leaves."""
    table(c, "#dfe3c4", "#c79c6d", horizon=530)
    planks(c, "#c79c6d", horizon=530)
    leaf_shadow(c, 620, 260, size=1.5, turn=-15)
    c.ground(400, 616, 150, 22)
    tin = [*arc(400, 250, 140, 20, 180, 0), *arc(400, 606, 140, 20, 0, 180)]
    c.fill(tin, cylinder("#3f7355"))
    with c.within(tin):
        c.fill(oval(440, 352, 34), "#f3dfb4")
        for y, shade, bend in ((430, "#8fb89a", 40), (470, "#6f9f80", -30), (512, "#578a6b", 26)):
            hill = through((250, y + 10), (320, y - 30 - bend), (390, y), (470, y - 50 + bend), (550, y + 6))
            c.fill([*hill, (550, 640), (250, 640)], faint(shade, 0.8))
            c.fill(box(250, y + 18, 550, y + 34), faint("#eaf3e2", 0.3), soft=9)
        c.fill(tin, across("#10281c88", "#10281c00", "#ffffff30", "#10281c00", "#10281c66", "#10281caa"))
        for y in (270, 590):
            c.line(arc(400, y, 141, 20, 0, 180), 5, "#d9b877")
    lid = [*arc(400, 168, 146, 21, 180, 0), *arc(400, 244, 146, 21, 0, 180)]
    c.drop(lid, 0, 8, soft=6, share=0.4)
    c.fill(lid, cylinder("#35634a"))
    c.line(arc(400, 238, 146, 21, 0, 180), 5, "#d9b877")
    c.fill(oval(400, 168, 146, 21), down("#4d8062", "#6a9c7c"))
    c.body([*arc(400, 150, 26, 6, 180, 0), *arc(400, 166, 26, 6, 0, 180)], "#d9b877", depth=5)
    c.ground(668, 640, 88, 14)
    cup = path("M572 540 C574 600 612 634 640 640 L696 640 C724 634 762 600 764 540 Z")
    c.body(cup, "#f8f7f0", depth=14)
    c.fill(oval(668, 540, 96, 18), "#ffffff")
    c.fill(oval(668, 542, 87, 14), glow("#e3e59a", "#b9bf5a", focus=(0.4, 0.4)))
    for x, turn in ((640, 20), (690, -30)):
        c.fill(ribbon(turned(through((x - 18, 542), (x, 538), (x + 18, 543)), turn / 4, (x, 542)), 1, 1, 6), "#5f7f34")
    c.line(through((620, 596), (650, 580), (690, 590), (722, 572)), 3, faint("#6f9f80", 0.8))
    steam(c, 668, 520, size=0.9, share=0.75)
    for lx, ly, tilt in scatter(4, 44, 120, 628, 330, 684):
        leaf = turned(through((lx - 16, ly), (lx, ly - 4), (lx + 16, ly)), tilt, (lx, ly))
        c.drop(ribbon(leaf, 1, 1, 7), 2, 3, soft=2, share=0.4)
        c.fill(ribbon(leaf, 1, 1, 8), "#4f7335" if tilt > 120 else "#82a04e")


def honey_jar(c: Canvas) -> None:
    """A jar of amber honey with a cloth cap, a dipper and a piece of comb."""
    table(c, "#f3d98b", "#e0b277", horizon=540)
    planks(c, "#e0b277", horizon=540)
    disc(c, "#f9e8b4", 470, 320, 262)
    c.ground(450, 632, 180, 24)
    c.fill(oval(600, 636, 150, 16), faint("#f4a82a", 0.5), soft=14)
    jar = mirrored(path("M450 226 L356 228 C330 240 286 262 286 310 L286 580 Q286 632 340 634 L450 634"), 450)
    c.fill(jar, across("#b86a10", "#f0a52c", "#ffd677", "#f5b13b", "#d98a1c", "#9c560c"))
    c.shade(jar, faint("#fff6d0", 0.8), 0, 14, soft=12)
    with c.within(jar):
        c.fill(box(270, 210, 640, 292), faint("#fff4d6", 0.72))
        c.fill(oval(450, 294, 170, 15), down("#f9c862", "#e79a26"))
        for x, y, r in ((360, 420, 5), (520, 380, 7), (470, 520, 4), (550, 500, 5), (400, 560, 6)):
            c.fill(oval(x, y, r), faint("#fff3c0", 0.7))
    c.fill(ribbon(through((322, 300), (310, 420), (320, 580)), 6, 8, 22), faint("#ffffff", 0.75), soft=4)
    label = box(352, 372, 548, 548, 14)
    c.drop(label, 0, 3, soft=4)
    c.fill(label, slant("#fffaf0", "#f3e3c4"))
    for row, count in enumerate((2, 3, 2)):
        for k in range(count):
            cx, cy = 450 + (k - (count - 1) / 2) * 50, 418 + row * 43
            hexagon = [turned([(cx, cy - 26)], i * 60, (cx, cy))[0] for i in range(6)]
            c.fill(hexagon, "#f2b544" if (row + k) % 2 else "#e59a22")
            c.line(hexagon, 4, "#fffaf0", closed=True)
    cap = mirrored(
        path("M450 150 C380 148 352 164 346 196 C322 210 306 244 300 266 L336 254 L372 272 L410 256 L450 274"), 450
    )
    c.drop(cap, 0, 8, soft=7)
    c.body(cap, "#d8584a", depth=14)
    with c.within(cap):
        for k in range(-9, 30):
            c.line([(250 + k * 22, 140), (250 + k * 22, 290)], 3, faint("#ffffff", 0.32))
            c.line([(250, 140 + k * 22), (650, 140 + k * 22)], 3, faint("#ffffff", 0.32))
    c.fill(ribbon(through((350, 204), (450, 214), (550, 204)), 9, 9), "#e9d3a4")
    c.line([(668, 566), (846, 250)], 15, "#b9814a")
    c.line([(664, 562), (842, 246)], 4, faint("#ffffff", 0.35))
    with c.at(648, 600, turn=30):
        for k in range(6):
            c.body(oval(0, 40 - k * 17, 46 - abs(k - 2.2) * 7, 10), "#c98d4e", depth=4)
        c.fill(blob((-36, 6), (0, -30), (38, 4), (30, 50), (0, 62), (-30, 50)), faint("#f8b133", 0.5))
    c.fill(oval(642, 654, 66, 13), glow("#ffd677", "#e79a26"))


def nut_bowl(c: Canvas) -> None:
    """A wooden bowl of almonds, cashews, walnuts and hazelnuts."""
    wall(c, "#b9cdb8")
    c.fill(path("M120 60 L900 10 L960 700 L60 722 Z"), faint("#f4efe2", 0.85), soft=3)
    for k in range(12):
        c.line([(128 + k * 66, 62 - k * 4), (70 + k * 80, 720)], 3, faint("#9fb59c", 0.45))
    c.drop(oval(480, 370, 320, 296), 20, 26, soft=24, share=0.42)
    c.body(oval(480, 360, 320, 300), "#a8693a", depth=16)
    for k in range(7):
        c.line(oval(480, 360, 314 - k * 5, 294 - k * 5), 1.5, faint("#5d3216", 0.3), closed=True)
    c.fill(oval(480, 364, 276, 256), glow("#6d3d1c", "#8a5228"))
    with c.within(oval(480, 364, 276, 256)):
        kinds = (_almond, _cashew, _walnut, _hazelnut)
        k = 0
        for ring, count in ((236, 17), (176, 13), (114, 9), (50, 5), (0, 1)):
            for i in range(count):
                a = math.radians(i * 360 / count + ring)
                with c.at(480 + math.cos(a) * ring, 364 + math.sin(a) * ring * 0.93, turn=k * 67, size=1.08):
                    kinds[k * 7 % 4 if k % 3 else k % 4](c)
                k += 1
    c.shade(oval(480, 364, 276, 256), faint("#2a1206", 0.6), -9, -13, soft=16)
    for x, y, i in ((110, 590, 0), (846, 600, 2), (880, 150, 3), (96, 150, 1)):
        with c.at(x, y, turn=i * 40 + 15, size=1.15):
            (_almond, _cashew, _walnut, _hazelnut)[i](c)


def _almond(c: Canvas) -> None:
    nut = blob((0, -44), (0, -44), (24, -14), (24, 14), (0, 38), (-24, 14), (-24, -14))
    c.drop(nut, 4, 6, soft=5, share=0.45)
    c.body(nut, "#b0713a", depth=8)
    for k in (-12, -4, 4, 12):
        c.line(through((k * 0.4, -34), (k * 1.1, 0), (k * 0.5, 30)), 1.6, faint("#6d3c17", 0.5))


def _cashew(c: Canvas) -> None:
    nut = ribbon(arc(0, 6, 28, 30, 160, 390), 22, 18, 34)
    c.drop(nut, 4, 6, soft=5, share=0.45)
    c.body(nut, "#eccf9c", depth=8)


def _walnut(c: Canvas) -> None:
    nut = blob((-44, -6), (-28, -36), (0, -30), (30, -36), (46, -4), (30, 34), (2, 28), (-28, 34))
    c.drop(nut, 4, 6, soft=5, share=0.45)
    c.body(nut, "#cc9a5c", depth=9)
    for d in (-22, -10, 10, 22):
        c.line(through((d, -28), (d * 1.5, -10), (d * 0.8, 8), (d * 1.2, 26)), 3, faint("#7d4f20", 0.55))
    c.line([(0, -28), (0, 26)], 3, faint("#7d4f20", 0.7))


def _hazelnut(c: Canvas) -> None:
    c.drop(oval(0, 0, 31), 4, 6, soft=5, share=0.45)
    c.body(oval(0, 0, 31), "#a5612b", depth=9, paint=glow("#dfa066", "#a5612b", "#7d431a"))
    c.fill(oval(0, -20, 17, 9), "#dcb98a")


def new_rice(c: Canvas) -> None:
    """An open cloth sack of rice, a wooden scoop and ears from the field."""
    table(c, "#b7d0d8", "#d7b98c", horizon=520)
    disc(c, "#f8e7b8", 700, 220, 130)
    c.ground(430, 622, 230, 28)
    sack = mirrored(
        path("M430 240 C370 240 300 236 262 224 C270 280 240 330 222 420 C204 520 214 590 244 614 Q330 636 430 632"),
        430,
    )
    c.body(sack, "#e9dcc0", depth=30)
    with c.within(sack):
        for k in range(46):
            c.line([(190 + k * 11, 200), (190 + k * 11, 640)], 1.3, faint("#9c8458", 0.22))
            c.line([(190, 220 + k * 10), (680, 220 + k * 10)], 1.3, faint("#9c8458", 0.18))
        for x, bend in ((300, -20), (430, 8), (560, 24)):
            c.fill(
                ribbon(through((x, 270), (x + bend, 380), (x + bend * 2, 560)), 2, 2, 18), faint("#8a7148", 0.2), soft=7
            )
    stamp = oval(430, 452, 104)
    c.line(stamp, 7, faint("#b9402e", 0.85), closed=True)
    _ear(c, 430, 540, -16, "#b9402e", 0.62)
    _ear(c, 430, 540, 16, "#b9402e", 0.62)
    heap = blob((270, 236), (330, 176), (430, 150), (530, 176), (592, 236), (430, 262))
    c.body(heap, "#fbf8ee", depth=14)
    with c.within(heap):
        _grains(c, 1, 260, 262, 150, 598, 262)
    for side in (-1, 1):
        fold = through((430 + side * 186, 214), (430 + side * 150, 256), (430 + side * 60, 272), (430, 268))
        c.drop(ribbon(fold, 22, 38, 40), 0, 6, soft=5)
        c.body(ribbon(fold, 22, 38, 40), "#f1e6cd", depth=8)
    _grains(c, 2, 120, 560, 640, 800, 690)
    _grains(c, 7, 60, 600, 626, 720, 660)
    c.ground(740, 626, 100, 14)
    c.line([(800, 560), (906, 470)], 24, "#a8713f")
    c.line([(798, 554), (902, 466)], 6, faint("#ffffff", 0.35))
    scoop = blob((640, 560), (700, 540), (790, 540), (826, 580), (790, 624), (700, 630), (640, 612))
    c.body(scoop, "#bd8450", depth=12)
    c.fill(blob((650, 566), (704, 552), (780, 556), (802, 580), (776, 604), (700, 612), (650, 602)), "#fbf8ee")
    _grains(c, 3, 90, 656, 560, 792, 604)
    for x, turn in ((104, -8), (160, 6), (132, -2)):
        _ear(c, x, 640, turn, "#d9a93a", 1.5)


def _grains(c: Canvas, seed: int, count: int, x0: float, y0: float, x1: float, y1: float) -> None:
    for x, y, turn in scatter(seed, count, x0, y0, x1, y1):
        c.line(turned([(x - 5, y), (x + 5, y)], turn, (x, y)), 4.2, "#ffffff" if turn > 130 else "#d9ceb4")


def _ear(c: Canvas, x: float, y: float, turn: float, colour: str, size: float) -> None:
    with c.at(x, y, turn=turn, size=size):
        stem = through((0, 0), (2, -110), (10, -190), (34, -246))
        c.fill(ribbon(stem, 5, 2), darker(colour, 0.18))
        for k in range(9):
            for side in (-1, 1):
                grain = oval(8 + k * 2.6 + side * 9, -150 - k * 11, 6, 13, turn=side * 28 + k * 2)
                c.fill(grain, slant(lighter(colour, 0.35), colour))


DRAWINGS: dict[str, Drawing] = {
    "tea-tin-01": tea_tin,
    "honey-jar-01": honey_jar,
    "nut-bowl-01": nut_bowl,
    "new-rice-01": new_rice,
}
