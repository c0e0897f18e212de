"""Pictures of bags."""

from demo.brush import Canvas, Drawing, across, darker, down, faint, lighter, slant
from demo.scenes import disc, leaf_shadow, planks, sunbeams, table, wall
from demo.shapes import Outline, blob, box, mirrored, moved, oval, path, ribbon, scaled, scatter, through


def backpack(c: Canvas) -> None:
    """A teal city backpack."""
    table(c, "#f0d3bd", "#d9c3ab", horizon=560)
    disc(c, "#f7e3d2", 480, 310, 270)
    c.ground(480, 650, 220, 24)
    teal = "#2f8f8b"
    loop = through((430, 110), (440, 50), (520, 50), (530, 110))
    c.line(loop, 19, darker(teal, 0.4))
    c.line(moved(loop, -2, -3), 6, lighter(teal, 0.1))
    for k in (-1, 1):
        strap = through((480 + k * 190, 200), (480 + k * 262, 300), (480 + k * 254, 460), (480 + k * 200, 580))
        c.body(ribbon(strap, 40, 28, 36), darker(teal, 0.3), depth=8)
    bag = mirrored(path("M480 92 C370 92 306 130 294 230 C282 360 280 500 292 600 Q296 648 350 650 L480 650"), 480)
    c.drop(bag, 10, 10, soft=16)
    c.body(bag, teal, depth=30)
    for k in (-1, 1):
        side = [(480 + k * dx, y) for dx, y in ((186, 440), (210, 456), (206, 600), (180, 620), (150, 470))]
        c.body(side, darker(teal, 0.12), depth=8)
    c.body(box(684, 372, 726, 460, 10), "#f4efe6", depth=6)
    c.body(box(674, 440, 734, 600, (8, 8, 20, 20)), darker(teal, 0.22), depth=8)
    c.line(through((306, 300), (330, 160), (480, 132), (630, 160), (654, 300)), 9, darker(teal, 0.35))
    c.line(through((306, 300), (330, 160), (480, 132), (630, 160), (654, 300)), 3, "#e8b45c")
    pocket = mirrored(path("M480 372 C400 370 350 378 338 400 C326 460 326 550 334 600 Q338 624 370 626 L480 626"), 480)
    c.drop(pocket, 2, 10, soft=9, share=0.4)
    c.body(pocket, lighter(teal, 0.08), depth=18)
    c.line(through((348, 430), (410, 416), (550, 416), (612, 430)), 8, darker(teal, 0.35))
    c.line(through((348, 430), (410, 416), (550, 416), (612, 430)), 3, "#e8b45c")
    c.body(ribbon([(592, 424), (600, 450), (602, 476)], 12, 9), "#e8b45c", depth=4)
    c.body(box(430, 214, 530, 296, 14), "#b9743f", depth=8)
    c.dashes(scaled(box(430, 214, 530, 296, 14), 0.86, 0.84, (480, 255)), 2.4, "#f4dcb4", dash=7, gap=5)
    c.fill(path("M452 276 L474 238 L486 256 L496 244 L512 276 Z"), "#f4dcb4")
    c.fill(oval(500, 234, 6), "#f4dcb4")
    c.dashes(scaled(pocket, 0.95, 0.95, (480, 500)), 2, faint("#d6f0ec", 0.7), dash=7, gap=7)
    c.fill(ribbon(through((312, 250), (302, 380), (306, 560)), 4, 4, 20), faint("#ffffff", 0.4), soft=6)


def canvas_tote(c: Canvas) -> None:
    """An undyed tote bag printed with lemons, hanging from a peg."""
    wall(c, "#a9cbd6")
    sunbeams(c, x=90, share=0.35)
    leaf_shadow(c, 660, 640, size=1.8, turn=-50)
    c.body(box(220, 70, 740, 100, 12), "#c69b6c", depth=6)
    for k in (-1, 1):
        c.body(oval(480 + k * 170, 86, 17), "#e3c59a", depth=5)
    c.body(oval(480, 86, 20), "#e3c59a", depth=6)
    for dx in (0, 1):
        handle = through(
            (360 + dx * 14, 300), (410 + dx * 8, 170), (480, 96), (552 - dx * 8, 170), (600 - dx * 14, 300)
        )
        c.drop(ribbon(handle, 24, 24), 12, 10, soft=8)
        c.body(ribbon(handle, 24, 24), "#e3d5b8" if dx else "#cfbf9f", depth=6)
    bag = path(
        "M280 270 C400 284 560 284 680 270 C690 400 700 540 708 640 C560 664 400 664 252 640 C260 540 270 400 280 270 Z"
    )
    c.drop(bag, 20, 26, soft=20, share=0.35)
    c.body(bag, "#f4ead4", depth=26)
    with c.within(bag):
        for k in range(60):
            c.line([(250 + k * 8, 260), (250 + k * 8, 670)], 1, faint("#a58f66", 0.16))
            c.line([(250, 262 + k * 7), (710, 262 + k * 7)], 1, faint("#a58f66", 0.14))
        for x, y, turn in ((400, 400, -30), (570, 390, 24), (484, 510, -8), (350, 550, 30), (616, 560, -34)):
            with c.at(x, y, turn=turn):
                c.line(through((58, -12), (76, -40), (80, -60)), 4, "#6d8a45")
                c.fill(ribbon(through((74, -40), (104, -62), (140, -50)), 2, 1, 30), "#7fa656")
                c.fill(ribbon(through((72, -40), (48, -70), (10, -74)), 2, 1, 26), "#93b866")
                lemon = blob(
                    (-82, 0),
                    (-66, -16),
                    (-30, -44),
                    (20, -46),
                    (58, -22),
                    (74, 0),
                    (58, 22),
                    (20, 46),
                    (-30, 44),
                    (-66, 16),
                )
                c.fill(lemon, slant("#ffe66b", "#f2bc2a"))
                c.fill(oval(-20, -20, 24, 9, turn=-20), faint("#ffffff", 0.5), soft=3)
        for x, bend in ((330, 14), (480, -10), (640, -16)):
            c.fill(
                ribbon(through((x, 300), (x + bend, 440), (x + bend * 2, 640)), 2, 3, 18),
                faint("#7d6a48", 0.13),
                soft=8,
            )
    c.dashes(through((282, 298), (400, 310), (560, 310), (680, 298)), 2.2, "#bda77c", dash=8, gap=6)
    for x in (366, 594):
        c.body(box(x - 17, 276, x + 17, 336, 4), "#e3d5b8", depth=4)
        c.line([(x - 11, 286), (x + 11, 326)], 2, "#bda77c")
        c.line([(x + 11, 286), (x - 11, 326)], 2, "#bda77c")


def suitcase(c: Canvas) -> None:
    """A mint cabin case by a window above the clouds."""
    wall(c, "#e6dfe8")
    c.fill(oval(206, 230, 128, 158), "#f7f5f8")
    c.fill(oval(206, 230, 104, 134), down("#6fb2e6", "#bfe0f2", "#fdf0dc"))
    with c.within(oval(206, 230, 104, 134)):
        for x, y, r in ((130, 330, 54), (190, 346, 60), (260, 336, 58), (160, 290, 20), (190, 296, 26)):
            c.fill(oval(x, y, r, r * 0.6), faint("#ffffff", 0.85), soft=5)
    c.shade(oval(206, 230, 104, 134), faint("#4a3a5a", 0.4), -8, -10, soft=10)
    c.fill(box(-2, 590, 962, 722), down("#cfc6d6", "#b3a7bf"))
    c.ground(530, 662, 190, 20)
    mint = "#8fcdb5"
    for x in (470, 590):
        c.fill(box(x - 9, 60, x + 9, 200), across("#8b8d96", "#f4f5f7", "#9b9da6"))
    c.body(box(446, 40, 614, 82, 16), "#4b4954", depth=8)
    for x in (404, 460, 600, 656):
        c.body(box(x - 12, 622, x + 12, 640), "#8b8d96", depth=4)
        c.body(oval(x, 648, 18, 19), "#35333d", depth=6)
        c.fill(oval(x, 648, 7), "#a9abb4")
    case = box(356, 150, 704, 634, 46)
    c.drop(case, 14, 8, soft=16)
    c.body(case, mint, depth=26)
    with c.within(case):
        for k in range(7):
            x = 402 + k * 43
            groove = box(x, 196, x + 17, 590, 8)
            c.fill(groove, across(faint(darker(mint, 0.5), 0.5), faint("#ffffff", 0.55)))
        c.fill(box(350, 376, 710, 388), faint(darker(mint, 0.5), 0.4))
        c.line([(350, 389), (710, 389)], 2, faint("#ffffff", 0.6))
    for x, y in ((356, 150), (640, 150), (356, 570), (640, 570)):
        radius = [
            46.0 if (x > 400, y > 400) == spot else 10.0
            for spot in ((False, False), (True, False), (True, True), (False, True))
        ]
        c.body(box(x, y, x + 64, y + 64, radius), darker(mint, 0.16), depth=7)
    c.body(box(492, 148, 568, 172, 8), "#4b4954", depth=4)
    c.body(box(668, 340, 712, 426, 8), "#4b4954", depth=6)
    for k in range(3):
        c.fill(box(678, 354 + k * 20, 702, 366 + k * 20, 3), "#e6e7eb")
    c.line(through((704, 330), (748, 352), (744, 420)), 5, "#8a5a3a")
    c.body(box(712, 416, 786, 522, 14), "#d98a6b", depth=8)
    c.fill(box(728, 446, 770, 496, 6), "#fdf3e2")
    c.fill(path("M736 478 L750 458 L764 478 L750 472 Z"), "#4f7f9b")


def leather_satchel(c: Canvas) -> None:
    """A caramel satchel with two buckled straps."""
    table(c, "#b9c4ae", "#7d5a42", horizon=560)
    planks(c, "#7d5a42", horizon=560)
    leaf_shadow(c, 30, 300, size=1.7, turn=-20)
    c.ground(480, 648, 310, 24)
    tan = "#b9703a"
    strap = through((214, 330), (150, 200), (250, 60), (480, 46), (710, 60), (810, 200), (746, 330))
    c.drop(ribbon(strap, 24, 24), 12, 14, soft=10)
    c.body(ribbon(strap, 24, 24), darker(tan, 0.15), depth=6)
    bag = box(206, 270, 754, 646, (26, 26, 40, 40))
    c.drop(bag, 8, 10, soft=14)
    c.body(bag, darker(tan, 0.16), depth=24)
    grip = through((400, 252), (416, 196), (480, 180), (544, 196), (560, 252))
    c.drop(ribbon(grip, 26, 26), 4, 10, soft=7)
    c.body(ribbon(grip, 26, 26), tan, depth=7)
    pocket = box(250, 470, 710, 626, 18)
    c.body(pocket, darker(tan, 0.08), depth=12)
    c.dashes(scaled(pocket, 0.965, 0.9, (480, 548)), 2.4, "#f0cf9c", dash=9, gap=6)
    flap = path(
        "M196 250 L764 250 Q778 250 778 266 L768 470 Q764 506 728 510 L232 510 "
        "Q196 506 192 470 L182 266 Q182 250 196 250 Z"
    )
    c.drop(flap, 2, 14, soft=11, share=0.45)
    c.body(flap, tan, depth=22)
    c.dashes(scaled(flap, 0.955, 0.9, (480, 376)), 2.6, "#f3d6a6", dash=10, gap=7)
    for x, y, turn in scatter(4, 90, 200, 260, 760, 500):
        c.line([(x, y), (x + 10, y + turn / 90)], 1.4, faint("#5d2f14", 0.14))
    c.fill(ribbon(through((230, 282), (420, 274), (640, 280)), 6, 4, 22), faint("#ffffff", 0.3), soft=7)
    for x in (316, 644):
        band = box(x - 25, 396, x + 25, 612, (4, 4, 20, 20))
        c.drop(band, 3, 8, soft=6, share=0.45)
        c.body(band, darker(tan, 0.1), depth=7)
        c.dashes([(x - 17, 404), (x - 17, 590)], 2, "#f0cf9c", dash=7, gap=5)
        c.dashes([(x + 17, 404), (x + 17, 590)], 2, "#f0cf9c", dash=7, gap=5)
        buckle: Outline = box(x - 36, 516, x + 36, 572, 8)
        c.drop(buckle, 2, 5, soft=4, share=0.5)
        c.line(buckle, 9, "#b98a3c", closed=True)
        c.line(moved(buckle, -1, -1), 3.5, "#f7e3a8", closed=True)
        c.line([(x, 544), (x, 518)], 6, "#e6c878")
        for k in range(3):
            c.fill(oval(x, 420 + k * 26, 4), "#4a2410")
    for k in (-1, 1):
        c.body(box(480 + k * 274 - 14, 268, 480 + k * 274 + 14, 340, 6), darker(tan, 0.24), depth=5)


DRAWINGS: dict[str, Drawing] = {
    "backpack-01": backpack,
    "canvas-tote-01": canvas_tote,
    "suitcase-01": suitcase,
    "leather-satchel-01": leather_satchel,
}
