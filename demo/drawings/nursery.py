"""Pictures of the things for a baby."""

from demo.brush import Canvas, Drawing, across, cylinder, darker, down, faint, glow, lighter
from demo.scenes import disc, hanger, leaf_shadow, meadow, podium, studio, sunbeams, table, wall
from demo.shapes import arc, blob, box, lathe, mirrored, moved, oval, path, ribbon, scaled, scatter, through, turned


def stroller(c: Canvas) -> None:
    """A light stroller with a round canopy, in a park."""
    meadow(c, ("#bfe0ee", "#e2f0ee", "#fdf3df"), ("#b9d9c6", "#a5cca0"), "#a9cf8c", horizon=500)
    c.fill(path("M-10 640 C260 600 640 610 980 596 L980 704 C640 710 300 706 -10 722 Z"), down("#f3e4c9", "#e2cba2"))
    c.ground(500, 662, 260, 14)
    steel, cloth = "#5d6270", "#5f9fb2"
    _wheel(c, 690, 612, 40)
    basket = path("M452 520 L676 500 L654 578 L484 590 Z")
    c.body(basket, "#7d8290", depth=8)
    for k in range(9):
        c.line([(460 + k * 25, 519 - k * 2), (488 + k * 20, 589 - k)], 2, faint("#ffffff", 0.35))
    tubes = (
        ((800, 178), (748, 176), (690, 250), (350, 606)),
        ((560, 388), (612, 500), (652, 600)),
        ((430, 522), (560, 540), (640, 560)),
    )
    for tube in tubes:
        line = through(*tube)
        c.line(moved(line, 3, 4), 15, darker(steel, 0.4))
        c.line(line, 13, steel)
        c.line(moved(line, -2, -3), 3, lighter(steel, 0.5))
    c.line([(760, 174), (812, 180)], 25, "#b9743f")
    c.line([(764, 169), (806, 174)], 5, faint("#ffffff", 0.35))
    shell = ribbon(through((676, 196), (640, 330), (560, 424), (430, 432), (350, 520)), 50, 44, 92)
    c.drop(shell, 6, 12, soft=10)
    c.body(shell, "#e7edf0", depth=18)
    pad = ribbon(through((654, 216), (606, 330), (536, 396), (430, 402), (352, 484)), 30, 24, 50)
    c.drop(pad, 2, 5, soft=4, share=0.25)
    c.body(pad, "#cfe4de", depth=11)
    for x, y, tilt in ((600, 322, 40), (548, 380, 66), (490, 402, 92), (430, 402, 110)):
        c.line(turned([(x, y - 20), (x, y + 20)], tilt - 70, (x, y)), 3, faint("#6f9a94", 0.5))
    c.body(ribbon(through((330, 494), (350, 520), (384, 540)), 22, 22), steel, depth=6)
    canopy = [*arc(556, 318, 228, 236, 182, 318), *through((726, 160), (690, 250), (620, 316), (470, 300), (328, 310))]
    c.drop(canopy, 4, 14, soft=12)
    c.body(canopy, cloth, depth=28)
    with c.within(canopy):
        for end in (206, 236, 264, 290):
            edge = arc(556, 318, 228, 236, end, end + 1)[0]
            rib = through((640, 314), ((640 + edge[0]) / 2 - 6, (314 + edge[1]) / 2 - 14), edge)
            c.line(rib, 3.5, faint("#1f4c5c", 0.4))
            c.fill(ribbon(moved(rib, -16, 8), 2, 30, 14), faint("#ffffff", 0.14), soft=7)
    c.line(through((328, 312), (470, 301), (620, 317)), 13, "#f8f3e8")
    c.body(oval(636, 312, 20), "#f0a13c", depth=6)
    bar = through((560, 440), (470, 388), (420, 356), (392, 372), (400, 410))
    c.drop(ribbon(bar, 20, 20), 3, 7, soft=5)
    c.body(ribbon(bar, 20, 20), "#b9743f", depth=6)
    _wheel(c, 346, 610, 50)
    _wheel(c, 650, 604, 62)


def _wheel(c: Canvas, x: float, y: float, r: float) -> None:
    c.body(oval(x, y, r), "#3b3d47", depth=8)
    c.fill(oval(x, y, r * 0.7), glow("#ffffff", "#c9ccd6"))
    for k in range(8):
        c.line([(x, y), turned([(x, y - r * 0.66)], k * 45, (x, y))[0]], 3.4, "#8d919e")
    c.body(oval(x, y, r * 0.24), "#f0a13c", depth=3)


def baby_bottle(c: Canvas) -> None:
    """A wide-necked bottle of milk on a podium."""
    studio(c, "#f3d5cf")
    disc(c, "#fae6e0", 480, 310, 275)
    podium(c, "#fdf2ec", cx=480, top=606, rx=250, tall=60)
    c.ground(480, 606, 110, 16)
    bottle = lathe(
        480, (78, 260), (78, 260), (84, 292), (112, 340), (104, 430), (104, 500), (114, 580), (96, 616), (0, 620)
    )
    c.fill(bottle, across("#e2e6ee", "#ffffff", "#f4f8fb", "#e9eef4", "#cfd6e2"))
    with c.within(bottle):
        c.fill(box(340, 356, 620, 640), across("#f1e6d8", "#fffdf8", "#fdf6ea", "#efe0cc"))
        c.fill(oval(480, 356, 112, 12), "#fffaf0")
        c.line(oval(480, 356, 110, 12), 2, "#e6d9c4", closed=True)
        for k in range(6):
            c.line([(520, 400 + k * 34), (560 if k % 2 == 0 else 545, 400 + k * 34)], 4, faint("#e08a7a", 0.8))
    c.shade(bottle, faint("#5a4a6a", 0.3), 10, 4, soft=12)
    c.fill(ribbon(through((392, 350), (396, 450), (388, 580)), 5, 5, 18), faint("#ffffff", 0.95), soft=3)
    star = [turned([(440, 480 - (34 if k % 2 == 0 else 15))], k * 36, (440, 480))[0] for k in range(10)]
    c.fill(star, "#f6c95c")
    ring = box(386, 212, 574, 270, 12)
    c.drop(ring, 0, 7, soft=6, share=0.3)
    c.fill(ring, cylinder("#8fc4cf"))
    for k in range(17):
        c.line([(396 + k * 10.5, 222), (396 + k * 10.5, 262)], 2.4, faint("#3f7a88", 0.3))
    teat = lathe(480, (15, 92), (22, 100), (24, 130), (30, 154), (66, 190), (76, 212), (0, 214))
    c.body(teat, "#f6d9b9", depth=14)
    c.fill(ribbon(through((466, 110), (462, 140), (438, 184)), 3, 3, 9), faint("#ffffff", 0.8), soft=3)
    for k in (-1, 1):
        grip = through((480 + k * 98, 316), (480 + k * 190, 320), (480 + k * 186, 440), (480 + k * 106, 450))
        c.drop(ribbon(grip, 24, 24, 26), 4, 10, soft=8)
        c.body(ribbon(grip, 24, 24, 26), "#8fc4cf", depth=7)
    c.fill(oval(738, 640, 62, 10), faint("#2a1c34", 0.25), soft=8)
    c.body(oval(738, 596, 50, 46), "#f0a99c", depth=10)
    c.body(lathe(738, (16, 540), (20, 556), (14, 570), (0, 574)), "#f6d9b9", depth=5)
    c.line(oval(738, 640, 26, 20), 9, "#8fc4cf", closed=True)


def baby_crib(c: Canvas) -> None:
    """A pine crib with a mobile of stars and a moon."""
    wall(c, "#b9cfc9")
    c.fill(box(-2, 590, 962, 722), down("#dfc29b", "#bd9b70"))
    c.fill(box(-2, 578, 962, 594), down("#ffffff", "#e2e8e4"))
    sunbeams(c, x=70, share=0.35)
    c.fill(oval(480, 664, 400, 46), down("#f7efe2", "#e6d8c2"))
    c.line([(560, 0), (560, 70)], 3, "#8a7a68")
    c.line(through((430, 92), (560, 66), (690, 92)), 6, "#c69b6c")
    for x, tall, colour in ((430, 96, "#f6c95c"), (516, 130, "#e98f86"), (604, 110, "#8fb4dc"), (690, 90, "#f6e3a8")):
        c.line([(x, 84), (x, 84 + tall)], 2, "#a89a88")
        if x in (430, 604):
            shape = [
                turned([(x, 106 + tall - (28 if k % 2 == 0 else 13))], k * 36, (x, 106 + tall))[0] for k in range(10)
            ]
        elif x == 516:
            shape = blob(
                (x, 130 + tall),
                (x - 30, 100 + tall),
                (x - 18, 80 + tall),
                (x, 94 + tall),
                (x, 94 + tall),
                (x + 18, 80 + tall),
                (x + 30, 100 + tall),
            )
        else:
            shape = [*arc(x, 106 + tall, 28, 28, -60, 240), *arc(x + 12, 98 + tall, 22, 22, 220, -40)]
        c.drop(shape, 5, 7, soft=6)
        c.body(shape, colour, depth=5)
    c.ground(480, 660, 330, 18)
    pine = "#e0b47c"
    for x in (212, 748):
        c.body(box(x - 14, 300, x + 14, 600, 8), darker(pine, 0.14), depth=5)
    c.body(box(212, 306, 748, 330, 8), darker(pine, 0.1), depth=5)
    for k in range(13):
        c.body(box(244 + k * 38, 326, 256 + k * 38, 560, 3), darker(pine, 0.18), depth=3)
    mattress = path("M190 480 L770 480 L800 556 L160 556 Z")
    c.body(mattress, "#fbf6ec", depth=12)
    c.body(blob((230, 478), (250, 430), (330, 426), (370, 470), (340, 500), (250, 500)), "#ffffff", depth=12)
    c.body(path("M420 486 C540 464 700 466 772 484 L800 560 L400 560 Z"), "#a9c6dc", depth=14)
    for px, py, turn in scatter(6, 26, 430, 484, 780, 556):
        c.fill(oval(px, py, 5 + turn / 120), faint("#ffffff", 0.75))
    with c.at(352, 446, size=0.36):
        c.body(oval(-34, -100, 16, 56, turn=-10), "#e9d3c0", depth=8)
        c.body(oval(34, -100, 16, 56, turn=14), "#e9d3c0", depth=8)
        c.body(oval(0, 40, 76, 80), "#e9d3c0", depth=14)
        c.body(oval(0, -30, 66, 56), "#f3e2d2", depth=12)
        for x in (-24, 24):
            c.fill(oval(x, -36, 7), "#3a2a2c")
        c.fill(oval(0, -18, 8, 6), "#d9776f")
    for x in (150, 810):
        c.drop(box(x - 18, 270, x + 18, 664, 10), 8, 4, soft=8)
        c.body(box(x - 18, 270, x + 18, 664, 10), pine, depth=8)
        c.body(oval(x, 262, 24), lighter(pine, 0.15), depth=7)
    for k in range(15):
        left = 194 + k * 40.8
        c.drop(box(left - 8, 310, left + 8, 620, 4), 6, 3, soft=4, share=0.25)
        c.body(box(left - 8, 310, left + 8, 620, 4), pine, depth=4)
    for y in (292, 604):
        rail = box(150, y, 810, y + 34, 10)
        c.drop(rail, 4, 9, soft=7, share=0.3)
        c.body(rail, lighter(pine, 0.08), depth=8)
        c.line(through((180, y + 14), (400, y + 19), (780, y + 13)), 1.6, faint("#8a5a2c", 0.3))


def romper(c: Canvas) -> None:
    """A cotton romper with a duckling, on a little hanger."""
    wall(c, "#d5e4cf")
    leaf_shadow(c, 640, 600, size=1.9, turn=-45, share=0.13)
    sunbeams(c, x=70, share=0.4)
    hanger(c, cx=480, y=176, span=92)
    cloth = "#fbf1de"
    half = path(
        "M480 216 C450 214 430 200 420 184 L352 204 C300 224 258 290 236 356 L306 392 "
        "L338 340 C338 400 330 460 322 520 "
        "C318 574 330 622 344 652 L436 652 C440 610 458 588 480 586"
    )
    shape = [*half, *[(960 - x, y) for x, y in reversed(half)]]
    c.drop(shape, 22, 28, soft=20, share=0.32)
    c.body(shape, cloth, depth=24)
    with c.within(shape):
        for k in range(64):
            c.line([(230 + k * 8, 180), (230 + k * 8, 660)], 1.2, faint("#c9a878", 0.2))
        for x, y in ((290, 320), (670, 320), (400, 610), (560, 610)):
            c.fill(
                ribbon(through((x, y - 60), (x + (10 if x < 480 else -10), y), (x, y + 50)), 2, 2, 14),
                faint("#a98a5c", 0.22),
                soft=6,
            )
    trim = "#e9b24a"
    for k in (1, -1):
        c.line([(480 + k * -244, 352), (480 + k * -172, 390)], 15, trim)
        c.line([(480 + k * 136, 648), (480 + k * 46, 648)], 15, trim)
    c.line(through((420, 186), (432, 204), (456, 216), (480, 219), (504, 216), (528, 204), (540, 186)), 13, trim)
    c.line(through((436, 642), (446, 604), (480, 588), (514, 604), (524, 642)), 12, trim)
    for x, y in ((444, 616), (462, 597), (480, 588), (498, 597), (516, 616)):
        c.body(oval(x, y, 7), "#ffffff", depth=2)
    for k in range(3):
        c.body(oval(566 + k * 20, 196 + k * 8, 7), "#ffffff", depth=2)
    with c.at(478, 420, size=1.15):
        _duckling(c)


def _duckling(c: Canvas) -> None:
    c.body(
        blob((-62, 16), (-50, -10), (0, -8), (40, -18), (72, -26), (60, 30), (16, 58), (-36, 52)), "#f8cf4a", depth=9
    )
    c.body(oval(-30, -36, 40), "#f8cf4a", depth=9)
    c.fill(ribbon(through((-6, 16), (24, 34), (52, 12)), 12, 2, 26), "#eab52e")
    c.body(blob((-66, -34), (-94, -28), (-92, -18), (-64, -18)), "#ef8a34", depth=3)
    c.fill(oval(-40, -46, 6), "#3a2a2c")
    c.fill(oval(-42, -48, 2), "#ffffff")
    c.fill(oval(-28, -24, 9, 6), faint("#f08a5c", 0.6), soft=2)
    for x in (-10, 14):
        c.line([(x, 56), (x, 74), (x - 10, 76)], 5, "#ef8a34")


def high_chair(c: Canvas) -> None:
    """A high chair with beech legs and a bowl on its tray."""
    table(c, "#cfd3e6", "#e6d6c4", horizon=590)
    disc(c, "#e0e3f0", 480, 310, 275)
    c.ground(480, 668, 250, 18)
    wood = "#dcae76"
    for k in (-1, 1):
        back = [(480 + k * 80, 420), (480 + k * 106, 420), (480 + k * 176, 650), (480 + k * 158, 650)]
        c.body(back, darker(wood, 0.2), depth=5)
    seat_back = mirrored(path("M480 96 C410 96 372 120 366 180 L350 400 L480 420"), 480)
    c.drop(seat_back, 8, 6, soft=12)
    c.body(seat_back, "#f4f1ec", depth=22)
    pad = mirrored(path("M480 126 C428 126 402 146 398 190 L390 380 L480 390"), 480)
    c.body(pad, "#8fb0a4", depth=14)
    for x, y in ((440, 190), (520, 190), (440, 260), (520, 260)):
        c.fill(oval(x, y, 7), darker("#8fb0a4", 0.3))
    for k in (-1, 1):
        strap = through((480 + k * 36, 160), (480 + k * 44, 260), (480 + k * 12, 350))
        c.body(ribbon(strap, 15, 15), "#5d6270", depth=4)
    c.body(box(458, 330, 502, 366, 8), "#f0a13c", depth=5)
    seat = path("M330 380 L630 380 L660 452 Q660 470 640 470 L320 470 Q300 470 300 452 Z")
    c.drop(seat, 2, 10, soft=9)
    c.body(seat, "#f4f1ec", depth=14)
    for k in (-1, 1):
        leg = [(480 + k * 124, 462), (480 + k * 156, 462), (480 + k * 240, 668), (480 + k * 216, 668)]
        c.drop(leg, 5, 4, soft=6)
        c.body(leg, wood, depth=7)
        c.fill([(480 + k * 233, 650), (480 + k * 209, 650), (480 + k * 216, 670), (480 + k * 240, 670)], "#7d8290")
    c.body(box(320, 556, 640, 582, 8), lighter(wood, 0.1), depth=6)
    tray = path("M270 344 Q480 300 690 344 Q734 356 728 386 Q480 440 232 386 Q226 356 270 344 Z")
    c.drop(tray, 2, 18, soft=12, share=0.4)
    c.body(moved(tray, 0, 10), "#cfd0d8", depth=8)
    c.body(tray, "#ffffff", depth=9)
    c.shade(scaled(tray, 0.9, 0.76, (480, 368)), faint("#6a6a80", 0.35), -5, -5, soft=6)
    bowl = path("M408 330 L534 330 C530 366 508 384 492 384 L450 384 C434 384 412 366 408 330 Z")
    c.body(bowl, "#f0a99c", depth=8)
    c.fill(oval(471, 330, 63, 14), "#f8cbc2")
    c.fill(oval(471, 332, 54, 10), glow("#f7b45c", "#e88f34"))
    c.line([(498, 330), (560, 284)], 8, "#6fa8b8")
    for x, y, colour in ((610, 372, "#8cc35c"), (584, 384, "#f2922b"), (636, 380, "#e0293a")):
        c.body(oval(x, y, 13, 11), colour, depth=4)


DRAWINGS: dict[str, Drawing] = {
    "stroller-01": stroller,
    "baby-bottle-01": baby_bottle,
    "baby-crib-01": baby_crib,
    "romper-01": romper,
    "high-chair-01": high_chair,
}
