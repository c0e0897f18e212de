"""Pictures of coats, dresses and trousers."""

from demo.brush import Canvas, Drawing, across, darker, down, faint, lighter, slant
from demo.scenes import arch, disc, hanger, leaf_shadow, studio, wall
from demo.shapes import Shape, box, mirrored, moved, oval, path, ribbon, scatter, through, turned


def down_jacket(c: Canvas) -> None:
    """A haze-blue puffer jacket on a hanger, snow outside."""
    wall(c, "#dde6ee")
    for x, y, turn in scatter(8, 70, 0, 0, 960, 720):
        c.fill(oval(x, y, 2 + turn / 90), faint("#ffffff", 0.75), soft=1.5)
    hanger(c, cx=480, y=136, span=130)
    blue = "#8fa9c2"
    for flip in (False, True):
        with c.at(480, 0, flip=flip):
            sleeve = path(
                "M-118 184 C-190 200 -238 280 -262 380 C-282 460 -292 540 -286 606 L-196 616 "
                "C-178 540 -160 420 -120 330 Z"
            )
            c.drop(sleeve, 18, 22, soft=16)
            c.body(sleeve, blue, depth=22)
            with c.within(sleeve):
                for k in range(7):
                    y = 250 + k * 56
                    seam = through((-330, y - 12), (-220, y + 8), (-120, y - 26))
                    c.fill(ribbon(moved(seam, 0, -18), 20, 20), faint("#ffffff", 0.3), soft=8)
                    c.fill(ribbon(moved(seam, 0, 9), 9, 9), faint("#2f4560", 0.34), soft=5)
                    c.line(seam, 2.5, faint("#3f5876", 0.7))
            c.body(box(-292, 596, -190, 626, 10), darker(blue, 0.22), depth=6)
    body = mirrored(
        path("M480 176 L392 172 C360 184 342 196 336 230 C330 360 322 500 318 606 Q320 632 350 632 L480 634"), 480
    )
    c.drop(body, 10, 14, soft=14)
    c.body(body, blue, depth=28)
    with c.within(body):
        for k in range(6):
            y = 262 + k * 66
            for side in (-1, 1):
                seam = through((480 + side * 170, y - 8), (480 + side * 90, y + 10), (480, y - 4))
                c.fill(ribbon(moved(seam, 0, -22), 24, 24), faint("#ffffff", 0.32), soft=10)
                c.fill(ribbon(moved(seam, 0, 10), 10, 10), faint("#2f4560", 0.34), soft=6)
                c.line(seam, 2.5, faint("#3f5876", 0.7))
                for i in range(3):
                    x = 480 + side * (36 + i * 44)
                    c.line(through((x, y + 4), (x + side * 6, y + 16)), 3, faint("#3f5876", 0.35), soft=1.5)
    for k in (-1, 1):
        c.line([(480 + k * 112, 470), (480 + k * 72, 548)], 6, faint("#2f4560", 0.55))
    collar = mirrored(path("M480 128 C430 124 396 132 386 150 L382 206 C410 224 450 232 480 232"), 480)
    c.drop(collar, 0, 8, soft=8)
    c.body(collar, blue, depth=14)
    c.line(through((384, 178), (430, 196), (480, 200), (530, 196), (576, 178)), 2.5, faint("#3f5876", 0.7))
    c.fill(
        path("M402 146 C430 132 530 132 558 146 C540 172 520 196 480 204 C440 196 420 172 402 146 Z"),
        slant("#fbf4e6", "#e3d6bd"),
    )
    c.line([(480, 206), (480, 630)], 12, darker(blue, 0.3))
    c.dashes([(480, 212), (480, 626)], 5, "#e6ebf0", dash=3, gap=4)
    c.body(ribbon([(480, 232), (480, 262)], 12, 9), "#d9a35c", depth=3)


def qipao(c: Canvas) -> None:
    """A pomegranate-red qipao before a moon gate."""
    wall(c, "#e8d8c6")
    c.fill(oval(480, 350, 318), slant("#f6ecdd", "#dcc6ab"))
    c.shade(oval(480, 350, 318), faint("#8a5f3c", 0.45), -12, -14, soft=18)
    with c.within(oval(480, 350, 318)):
        leaf_shadow(c, 560, 380, size=1.8, turn=-30, share=0.14)
    red, gold = "#b3223a", "#e6bd6a"
    hanger(c, cx=480, y=104, span=92)
    body = mirrored(
        path(
            "M480 132 L436 126 C430 150 400 160 376 168 C350 184 340 220 338 256 L398 272 C404 320 414 350 410 380 "
            "C392 420 378 470 380 520 C382 580 392 630 400 672 L480 676"
        ),
        480,
    )
    c.drop(body, 20, 22, soft=18, share=0.35)
    c.body(body, red, depth=26)
    with c.within(body):
        for x, y in ((430, 300), (520, 420), (430, 540), (530, 610), (540, 250), (440, 420)):
            with c.at(x, y, turn=x + y, size=0.62):
                for k in range(5):
                    c.fill(turned(oval(0, -19, 15, 19), k * 72, (0, 0)), faint("#f2b86a", 0.34))
                c.fill(oval(0, 0, 8), faint(gold, 0.8))
                for bend in (-1, 1):
                    leaf = ribbon(through((18, 26), (50, 40 + bend * 16), (78, 40 + bend * 34)), 2, 1, 17)
                    c.fill(leaf, faint("#f2b86a", 0.3))
    c.folds(
        body,
        red,
        ((400, 300), (430, 360), (400, 440)),
        ((560, 300), (530, 370), (562, 450)),
        ((440, 480), (430, 570), (440, 670)),
        ((540, 470), (546, 570), (530, 670)),
        share=0.3,
    )
    for k in (1, -1):
        cuff = [(480 + k * -142, 254), (480 + k * -82, 270)]
        c.line(cuff, 8, gold)
        slit = through((480 + k * -98, 560), (480 + k * -92, 620), (480 + k * -80, 672))
        c.line(slit, 6, gold)
    c.line([(400, 672), (560, 672)], 7, gold)
    collar = path(
        "M434 124 C440 104 460 98 480 98 C500 98 520 104 526 124 C516 146 500 154 480 158 C460 154 444 146 434 124 Z"
    )
    c.body(collar, red, depth=9)
    c.line(through((434, 124), (452, 146), (480, 158), (508, 146), (526, 124)), 5, gold)
    c.line(through((480, 104), (480, 158), (500, 206), (560, 246), (566, 274)), 6, gold)
    for x, y, turn in ((480, 150, 0), (500, 204, 40), (552, 240, 20)):
        with c.at(x, y, turn=turn):
            c.line(through((-26, -4), (-14, -10), (0, 0), (14, -10), (26, -4)), 4.5, gold)
            c.line(through((-26, 4), (-14, 10), (0, 0), (14, 10), (26, 4)), 4.5, gold)
            c.body(oval(0, 0, 7), "#f7e0a8", depth=2)


def trench_coat(c: Canvas) -> None:
    """A khaki trench coat on a hanger, belted."""
    wall(c, "#b7b9c9")
    arch(c, "#c9cbd8", x0=190, x1=770, top=20, foot=690)
    c.fill(box(-2, 690, 962, 722), down("#a3a5b8", "#b7b9c9"))
    khaki = "#c9a876"
    hanger(c, cx=480, y=104, span=118)
    for flip in (False, True):
        with c.at(480, 0, flip=flip):
            sleeve = path(
                "M-104 134 C-164 148 -190 204 -208 292 C-226 370 -234 440 -234 508 L-160 516 "
                "C-140 440 -124 330 -104 260 Z"
            )
            c.drop(sleeve, 14, 18, soft=14)
            c.body(sleeve, khaki, depth=18)
            c.folds(sleeve, khaki, ((-120, 180), (-170, 240), (-196, 330)), ((-130, 330), (-180, 380), (-200, 470)))
            c.line([(-230, 456), (-154, 464)], 13, darker(khaki, 0.14))
            c.body(box(-204, 447, -180, 473, 5), "#5d4230", depth=3)
    coat = mirrored(
        path("M480 124 L404 120 C384 132 376 150 374 170 C372 250 384 320 386 360 C366 460 348 570 338 664 L480 676"),
        480,
    )
    c.drop(coat, 12, 14, soft=16)
    c.body(coat, khaki, depth=26)
    c.folds(
        coat,
        khaki,
        ((400, 390), (380, 520), (362, 670)),
        ((440, 400), (430, 530), (420, 670)),
        ((564, 390), (580, 520), (592, 670)),
        ((400, 220), (420, 280), (410, 340)),
    )
    c.line(through((512, 250), (516, 350), (520, 480), (526, 674)), 3, faint("#6d4f2a", 0.65))
    for y in (236, 292, 408, 464):
        for x in (446, 530):
            c.drop(oval(x, y, 10), 2, 3, soft=3)
            c.body(oval(x, y, 10), "#5d4230", depth=3)
    storm = path("M384 152 C420 150 460 170 466 216 C440 236 404 236 380 224 Z")
    c.drop(storm, 2, 7, soft=6)
    c.body(storm, khaki, depth=9)
    belt = path("M384 338 C440 352 520 352 576 338 L580 376 C520 390 440 390 382 376 Z")
    c.drop(belt, 0, 7, soft=6)
    c.body(belt, darker(khaki, 0.1), depth=8)
    c.body(ribbon(through((540, 364), (560, 420), (556, 480)), 30, 28), darker(khaki, 0.1), depth=7)
    c.line(box(500, 338, 554, 392, 7), 8, "#5d4230", closed=True)
    for k in (1, -1):
        pocket = turned(box(480 + k * 96 - 15, 420, 480 + k * 96 + 15, 520, 6), k * -10, (480 + k * 96, 470))
        c.drop(pocket, 2, 4, soft=4)
        c.body(pocket, khaki, depth=6)
        strap = [(480 + k * dx, y) for dx, y in ((74, 122), (122, 152), (118, 168), (66, 140))]
        c.body(strap, darker(khaki, 0.08), depth=5)
        lapel = [(480 + k * dx, y) for dx, y in ((14, 262), (20, 150), (60, 118), (112, 196), (78, 204), (88, 228))]
        c.drop(lapel, 3, 7, soft=6)
        c.body(lapel, lighter(khaki, 0.08), depth=9)
        collar = [(480 + k * dx, y) for dx, y in ((18, 156), (30, 106), (72, 96), (112, 152), (62, 196))]
        c.drop(collar, 3, 6, soft=5)
        c.body(collar, lighter(khaki, 0.12), depth=8)
    c.fill(path("M452 108 Q480 100 508 108 L500 152 L480 196 L460 152 Z"), slant("#8a6a42", "#a98556"))


def jeans(c: Canvas) -> None:
    """Straight blue jeans laid flat."""
    wall(c, "#e6dccf")
    disc(c, "#efe6d9", 480, 360, 330)
    leaf_shadow(c, 690, 330, size=1.5, turn=-15)
    denim, thread = "#4a74a6", "#e2a24c"
    half = path("M480 66 L352 66 C340 180 318 300 306 420 C300 510 304 600 308 676 L440 680 C446 560 458 420 480 300")
    shape = [*half, *[(960 - x, y) for x, y in reversed(half)]]
    c.drop(shape, 18, 22, soft=18, share=0.36)
    c.body(shape, denim, depth=26)
    with c.within(shape):
        for k in range(110):
            c.line([(120 + k * 8, 60), (40 + k * 8, 700)], 1.1, faint("#ffffff" if k % 2 else "#16305a", 0.12))
        for x in (378, 582):
            c.fill(oval(x, 360, 42, 150), faint("#d3e4f4", 0.42), soft=30)
            c.fill(oval(x, 590, 34, 80), faint("#d3e4f4", 0.28), soft=24)
        for k in range(5):
            for side in (-1, 1):
                c.fill(
                    ribbon(
                        through(
                            (480 + side * 30, 250 + k * 16),
                            (480 + side * 80, 236 + k * 22),
                            (480 + side * 130, 240 + k * 26),
                        ),
                        1,
                        1,
                        9,
                    ),
                    faint("#dbe8f5", 0.4),
                    soft=3,
                )
        c.fill(box(300, 654, 660, 690), faint("#1f3f6d", 0.4))
    for side in (1, -1):
        c.dashes(
            through((480 + side * 6, 306), (480 + side * 26, 440), (480 + side * 34, 672)), 2.4, thread, dash=8, gap=5
        )
        c.dashes(
            through((480 + side * 120, 70), (480 + side * 158, 330), (480 + side * 166, 650)),
            2,
            faint(thread, 0.7),
            dash=8,
            gap=5,
        )
        pocket = through((480 + side * 62, 112), (480 + side * 80, 160), (480 + side * 144, 176))
        c.fill([*pocket, (480 + side * 136, 112)], faint("#16305a", 0.4))
        c.line(pocket, 4, darker(denim, 0.35))
        c.dashes(moved(pocket, side * -4, 6), 2.4, thread, dash=8, gap=5)
    for dx in (-120, -60, 60, 120):
        c.body(box(480 + dx - 8, 60, 480 + dx + 8, 116, 3), darker(denim, 0.12), depth=4)
    band = path("M350 64 L610 64 L614 112 L346 112 Z")
    c.drop(band, 0, 5, soft=5)
    c.body(band, darker(denim, 0.08), depth=8)
    c.dashes([(354, 72), (606, 72)], 2.2, thread, dash=8, gap=5)
    c.dashes([(350, 104), (610, 104)], 2.2, thread, dash=8, gap=5)
    for dx in (-124, -62, 62, 124):
        c.body(box(480 + dx - 8, 58, 480 + dx + 8, 118, 3), denim, depth=4)
    c.body(oval(480, 88, 16), "#d9a35c", depth=5)
    c.line([(480, 112), (480, 290)], 3, darker(denim, 0.4))
    c.dashes(through((508, 116), (508, 220), (482, 286)), 2.6, thread, dash=8, gap=5)
    for x, y in ((424, 118), (540, 118), (402, 168), (562, 168)):
        c.fill(oval(x, y, 4.5), "#d9a35c")
    c.body(path("M308 676 L440 680 L442 640 L307 638 Z"), lighter(denim, 0.45), depth=6)
    c.body(path("M652 676 L520 680 L518 640 L653 638 Z"), lighter(denim, 0.45), depth=6)


def pleated_skirt(c: Canvas) -> None:
    """A dusty-rose pleated skirt, swinging."""
    studio(c, "#d6d3df")
    disc(c, "#e8e4ee", 480, 330, 290)
    rose = "#d59a9c"
    hem = [
        (x, 590 + 26 * ((k % 2) * 2 - 1) * 0.5 + (abs(x - 480) / 330) ** 2 * -46)
        for k, x in enumerate(range(170, 800, 30))
    ]
    shape: Shape = [(372, 130), (588, 130), *reversed([(float(x), y) for x, y in hem])]
    c.fill(oval(490, 650, 300, 22), faint("#2a1c34", 0.24), soft=16)
    c.drop(shape, 14, 16, soft=16, share=0.25)
    c.body(shape, rose, depth=26)
    for k in range(len(hem) - 1):
        t0, t1 = k / (len(hem) - 1), (k + 1) / (len(hem) - 1)
        a, b = 372 + 216 * t0, 372 + 216 * t1
        (x0, y0), (x1, y1) = hem[k], hem[k + 1]
        bend0, bend1 = (x0 - a) * 0.38, (x1 - b) * 0.38
        left = through((a, 146), (a + bend0, 330), (x0, y0))
        right = through((b, 146), (b + bend1, 330), (x1, y1))
        pleat = [*left, *reversed(right)]
        tone = (
            across(faint("#7a3a48", 0.5), faint("#7a3a48", 0.05), faint("#fff0ec", 0.45))
            if k % 2
            else across(faint("#fff0ec", 0.4), faint("#fff0ec", 0.05), faint("#7a3a48", 0.3))
        )
        c.fill(pleat, tone)
    band = path("M368 108 Q480 98 592 108 L596 152 Q480 164 364 152 Z")
    c.drop(band, 0, 6, soft=5)
    c.body(band, darker(rose, 0.12), depth=9)
    c.dashes(through((370, 146), (480, 156), (590, 146)), 2, faint("#fbe3df", 0.8), dash=7, gap=5)
    c.body(oval(556, 132, 9), "#f7e0c8", depth=3)
    for k in range(2):
        c.line(through((440 + k * 70, 104), (444 + k * 70, 76), (456 + k * 70, 76), (460 + k * 70, 104)), 4, "#b98a92")


DRAWINGS: dict[str, Drawing] = {
    "down-jacket-01": down_jacket,
    "trench-coat-01": trench_coat,
    "qipao-01": qipao,
    "jeans-01": jeans,
    "pleated-skirt-01": pleated_skirt,
}
