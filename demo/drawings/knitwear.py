"""Pictures of shirts, sweaters and socks."""

from demo.brush import Canvas, Drawing, darker, down, faint, glow, lighter, slant
from demo.scenes import hanger, leaf_shadow, sunbeams, wall
from demo.shapes import (
    Point,
    Shape,
    along,
    arc,
    blob,
    box,
    mirrored,
    moved,
    oval,
    path,
    ribbon,
    scaled,
    scatter,
    through,
    turned,
)


def linen_shirt(c: Canvas) -> None:
    """An off-white linen shirt on a hanger."""
    wall(c, "#b9c7b4")
    sunbeams(c, x=80, share=0.4)
    leaf_shadow(c, 650, 640, size=1.9, turn=-48, share=0.15)
    hanger(c, cx=480, y=132, span=126)
    linen = "#f3ecdf"
    for flip in (False, True):
        with c.at(480, 0, flip=flip):
            sleeve = path(
                "M-120 176 C-196 196 -226 262 -252 360 C-270 440 -280 520 -282 580 L-198 592 "
                "C-176 520 -156 400 -122 320 Z"
            )
            c.drop(sleeve, 16, 20, soft=16)
            c.body(sleeve, linen, depth=18)
            c.folds(sleeve, linen, ((-130, 230), (-200, 300), (-240, 400)), ((-150, 360), (-200, 420), (-230, 540)))
            c.body(box(-288, 560, -192, 600, 8), lighter(linen, 0.3), depth=5)
            c.fill(oval(-214, 580, 6), "#d9cdb8")
    body = mirrored(
        path("M480 160 L396 158 C372 170 350 178 342 206 C336 340 330 480 324 596 C340 632 400 646 480 630"), 480
    )
    c.drop(body, 10, 14, soft=14)
    c.body(body, linen, depth=24)
    with c.within(body):
        for k in range(70):
            c.line([(320 + k * 5, 150), (320 + k * 5, 650)], 0.9, faint("#a3947a", 0.14))
            c.line([(320, 156 + k * 7), (640, 156 + k * 7)], 0.9, faint("#a3947a", 0.12))
    c.folds(
        body,
        linen,
        ((370, 260), (420, 400), (400, 600)),
        ((600, 240), (560, 420), (580, 600)),
        ((345, 300), (400, 330), (450, 300)),
        ((616, 310), (570, 340), (520, 300)),
    )
    placket = box(462, 176, 498, 632, 2)
    c.drop(placket, 3, 4, soft=5)
    c.body(placket, lighter(linen, 0.25), depth=5)
    for k in range(6):
        c.fill(oval(480, 236 + k * 70, 8), glow("#ffffff", "#cfc2aa"))
        c.line([(477, 236 + k * 70), (483, 236 + k * 70)], 1.6, "#8d7f66")
    pocket = path("M522 296 L600 296 L598 374 L561 388 L524 374 Z")
    c.drop(pocket, 2, 4, soft=4)
    c.body(pocket, lighter(linen, 0.1), depth=6)
    c.dashes(scaled(pocket, 0.9, 0.9, (561, 340)), 1.6, "#b9aa8d", dash=5, gap=4)
    for k in (1, -1):
        flap = [(480 + k * dx, y) for dx, y in ((0, 196), (22, 150), (92, 132), (104, 158), (70, 236))]
        c.drop(flap, 3, 6, soft=5)
        c.body(flap, lighter(linen, 0.2), depth=8)
    c.fill(path("M392 138 Q480 116 568 138 Q540 160 480 190 Q420 160 392 138 Z"), slant("#cfc2aa", "#e9dfcc"))
    for k in (1, -1):
        c.body(
            [(480 + k * dx, y) for dx, y in ((2, 200), (30, 158), (96, 130), (108, 160), (66, 240))],
            lighter(linen, 0.25),
            depth=7,
        )


def cable_sweater(c: Canvas) -> None:
    """An oatmeal cable-knit sweater laid flat on wood."""
    wall(c, "#b98f6a")
    for k in range(7):
        c.fill(box(-2, k * 106, 962, k * 106 + 103), faint("#8f6845", 0.25 + 0.1 * (k % 3)))
        c.line(through((0, k * 106 + 40), (400, k * 106 + 52), (960, k * 106 + 36)), 1.6, faint("#5d3d22", 0.3))
    wool = "#e9dcc5"
    for flip in (False, True):
        with c.at(480, 0, flip=flip):
            sleeve = path(
                "M-130 120 C-220 140 -268 230 -300 340 C-320 420 -330 500 -330 560 L-234 574 "
                "C-216 500 -190 380 -138 300 Z"
            )
            c.drop(sleeve, 14, 18, soft=16, share=0.4)
            c.body(sleeve, wool, depth=24)
            with c.within(sleeve):
                _cable(c, ((-190, 160), (-246, 300), (-280, 440), (-286, 580)), 18)
                _purl(c, 3, -340, 120, -120, 570)
            _ribs(c, box(-336, 540, -228, 606, 10), wool)
    body = mirrored(path("M480 112 L392 100 C360 112 340 124 330 150 C336 300 326 450 322 590 L480 594"), 480)
    c.drop(body, 10, 16, soft=16, share=0.4)
    c.body(body, wool, depth=28)
    with c.within(body):
        _purl(c, 9, 320, 110, 640, 590)
        for x in (386, 480, 574):
            _cable(c, ((x, 90), (x, 260), (x, 430), (x, 600)), 23)
            for dx in (-40, 40):
                c.line([(x + dx, 90), (x + dx, 600)], 4, faint("#a48a62", 0.4), soft=1.5)
    _ribs(c, box(318, 578, 642, 640, 12), wool)
    neck = path("M388 96 C400 160 440 186 480 186 C520 186 560 160 572 96 C540 84 420 84 388 96 Z")
    c.fill(neck, slant("#b39a72", "#cdb890"))
    band = through((386, 94), (402, 154), (440, 184), (480, 190), (520, 184), (558, 154), (574, 94))
    c.drop(ribbon(band, 32, 32), 0, 6, soft=5)
    c.body(ribbon(band, 32, 32), wool, depth=8)
    for px, py, angle in along(band, 34):
        c.line(turned([(px, py - 14), (px, py + 14)], angle, (px, py)), 3, faint("#a48a62", 0.55))


def _cable(c: Canvas, points: tuple[Point, Point, Point, Point], width: float) -> None:
    spots = along(through(*points), 15)
    for k, (x, y, angle) in enumerate(spots):
        for side in (-1, 1) if k % 2 else (1, -1):
            with c.at(x, y, turn=angle - 90):
                strand = through((-side * width, -22), (-side * width * 0.3, -4), (side * width * 0.8, 22))
                c.drop(ribbon(strand, 13, 13, 20), 2, 4, soft=3, share=0.3)
                c.body(ribbon(strand, 13, 13, 20), "#f1e6d2", depth=5)


def _purl(c: Canvas, seed: int, x0: float, y0: float, x1: float, y1: float) -> None:
    for x, y, turn in scatter(seed, 380, x0, y0, x1, y1):
        c.line(arc(x, y, 5, 4, 180, 360), 1.8, faint("#a48a62" if turn < 240 else "#ffffff", 0.42))


def _ribs(c: Canvas, shape: Shape, colour: str) -> None:
    c.drop(shape, 2, 5, soft=5)
    c.body(shape, lighter(colour, 0.05), depth=8)
    left, right = min(x for x, _ in shape), max(x for x, _ in shape)
    top, foot = min(y for _, y in shape), max(y for _, y in shape)
    with c.within(shape):
        for k in range(int((right - left) / 11)):
            x = left + 6 + k * 11
            c.line([(x, top), (x, foot)], 4, faint(darker(colour, 0.5), 0.32), soft=1)


def stripe_tee(c: Canvas) -> None:
    """A Breton stripe tee laid flat on pale boards, with sunglasses of sunlight."""
    wall(c, "#bcd6de")
    for k in range(9):
        c.fill(box(k * 110 - 2, -2, k * 110 + 106, 722), faint("#ffffff", 0.14 + 0.06 * (k % 3)))
    sunbeams(c, x=620, share=0.4)
    cream, navy = "#faf5ea", "#27406e"
    for flip in (False, True):
        with c.at(480, 0, flip=flip):
            sleeve = path(
                "M-136 126 C-220 146 -264 230 -300 330 C-324 400 -344 470 -354 530 L-268 556 "
                "C-240 480 -196 390 -140 310 Z"
            )
            c.drop(sleeve, 14, 18, soft=16, share=0.34)
            c.body(sleeve, cream, depth=20)
            with c.within(sleeve):
                for k in range(11):
                    y = 176 + k * 38
                    c.line(through((-400, y + 46), (-240, y + 30), (-100, y - 46)), 14, navy)
            c.shade(sleeve, faint("#2a1c34", 0.34), 12, 14, soft=14)
            c.line([(-354, 530), (-268, 556)], 11, cream)
            c.folds(sleeve, cream, ((-160, 200), (-220, 270), (-270, 370)), ((-180, 320), (-240, 400), (-290, 500)))
    body = mirrored(path("M480 132 L382 104 C360 116 344 126 336 150 C342 300 334 460 330 612 Q400 628 480 628"), 480)
    c.drop(body, 10, 16, soft=16, share=0.34)
    c.body(body, cream, depth=24)
    with c.within(body):
        for k in range(12):
            y = 204 + k * 38
            c.line(through((320, y), (420, y + 5), (540, y + 5), (640, y)), 14, navy)
    c.shade(body, faint("#2a1c34", 0.34), 14, 16, soft=16)
    c.folds(
        body,
        cream,
        ((370, 240), (410, 380), (380, 560)),
        ((590, 230), (560, 400), (590, 570)),
        ((440, 500), (460, 570), (440, 620)),
    )
    c.dashes(through((334, 602), (420, 616), (540, 616), (626, 602)), 2, "#c9bda3", dash=7, gap=5)
    c.fill(path("M384 104 C420 150 540 150 576 104 C540 116 420 116 384 104 Z"), slant("#c9bda3", "#e6dcc6"))
    c.line(through((382, 104), (424, 140), (480, 148), (536, 140), (578, 104)), 12, lighter(cream, 0.3))
    c.line(through((384, 112), (424, 148), (480, 156), (536, 148), (576, 112)), 2, "#c9bda3")


def wool_socks(c: Canvas) -> None:
    """Five patterned wool socks pegged to a line before a snowy window."""
    wall(c, "#c9b29c")
    pane = box(110, 40, 850, 560, 8)
    c.fill(pane, down("#8fb4d4", "#c6dcea", "#eef4f6"))
    with c.within(pane):
        c.fill(
            [*through((90, 470), (300, 420), (560, 480), (880, 420)), (880, 580), (90, 580)], down("#ffffff", "#dfe9f0")
        )
        for x, y, turn in scatter(2, 90, 110, 40, 850, 560):
            c.fill(oval(x, y, 2 + turn / 80), faint("#ffffff", 0.9), soft=1)
    for line in ([(480, 40), (480, 560)], [(110, 300), (850, 300)]):
        c.line(line, 13, "#f3ece2")
    c.line(pane, 26, "#f3ece2", closed=True)
    c.body(box(80, 570, 880, 606, 6), "#f3ece2", depth=8)
    rope = through((-20, 120), (240, 160), (480, 170), (720, 160), (980, 120))
    c.line(moved(rope, 3, 6), 5, faint("#2a1c34", 0.3), soft=3)
    c.line(rope, 5, "#a9825c")
    palettes = (
        ("#b5413c", "#f7ecd9"),
        ("#35597d", "#f7ecd9"),
        ("#e9dcc5", "#9c4a3a"),
        ("#4f7a5c", "#f6e0a8"),
        ("#d9973f", "#fdf3e0"),
    )
    for k, (base, accent) in enumerate(palettes):
        with c.at(104 + k * 176, 146 + (0, 12, 18, 12, 0)[k], turn=(4, -3, 2, -4, 3)[k]):
            _sock(c, base, accent, k)


def _sock(c: Canvas, base: str, accent: str, kind: int) -> None:
    sock = path(
        "M-40 0 L48 0 C50 110 46 200 50 280 C84 320 130 350 134 396 "
        "C136 440 96 462 52 448 C6 430 -44 390 -48 320 C-50 220 -40 110 -40 0 Z"
    )
    c.drop(sock, 14, 18, soft=13, share=0.36)
    c.body(sock, base, depth=18)
    with c.within(sock):
        c.fill(box(-60, 0, 70, 52), accent)
        for i in range(10):
            c.line([(-40 + i * 10, 0), (-40 + i * 10, 52)], 3, faint(darker(base, 0.3), 0.45))
        for row, y in enumerate((80, 128, 176, 224)):
            for i in range(6):
                x = -48 + i * 20
                if (row + kind) % 3 == 0:
                    c.fill([(x, y - 14), (x + 9, y), (x, y + 14), (x - 9, y)], accent)
                elif (row + kind) % 3 == 1:
                    c.line([(x - 10, y + 7), (x, y - 8), (x + 10, y + 7)], 5, accent)
                else:
                    c.fill(oval(x, y, 5), accent)
            c.line([(-60, y + 23), (70, y + 23)], 3, faint(accent, 0.8))
        c.fill(blob((86, 340), (150, 350), (150, 470), (60, 470), (74, 400)), accent)
        c.fill(blob((-64, 270), (-22, 300), (-10, 360), (-64, 420)), accent)
        for px, py, turn in scatter(kind + 20, 110, -60, 0, 140, 460):
            c.line([(px, py), (px + 3, py + 6)], 1.5, faint("#ffffff" if turn < 200 else "#2a1c34", 0.25))
    c.shade(sock, faint("#2a1c34", 0.3), 10, 10, soft=10)
    c.body(box(-6, -30, 14, 26, 4), "#d9b07c", depth=4)


DRAWINGS: dict[str, Drawing] = {
    "linen-shirt-01": linen_shirt,
    "cable-sweater-01": cable_sweater,
    "stripe-tee-01": stripe_tee,
    "wool-socks-01": wool_socks,
}
