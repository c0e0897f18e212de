"""Pictures of what is used under the open sky."""

import math

from demo.brush import Canvas, Drawing, darker, down, faint, glow, lighter, slant
from demo.scenes import FULL, meadow
from demo.shapes import Point, arc, blob, box, mirrored, moved, oval, path, ribbon, scatter, through, turned


def city_bike(c: Canvas) -> None:
    """An avocado-green bicycle with a basket of flowers, on a country path."""
    meadow(c, ("#a9d4ea", "#d6ebf0", "#fdf0d6"), ("#a8cdb8", "#8fbd8c"), "#9cc27c", horizon=510)
    c.fill(path("M-10 600 C260 570 640 590 980 570 L980 690 C640 700 300 690 -10 720 Z"), down("#f1dfbe", "#ddc294"))
    frame, rim = "#7fa05a", "#3d3a40"
    c.ground(300, 640, 130, 12)
    c.ground(690, 640, 130, 12)
    for x in (290, 690):
        c.line(oval(x, 508, 128), 15, rim, closed=True)
        c.line(oval(x, 508, 128), 5, "#c9b089", closed=True)
        c.line(oval(x, 508, 115), 5, "#e7e8ec", closed=True)
        for k in range(28):
            c.line(
                [
                    turned([(x, 508 - 10)], k * 360 / 28 + 30, (x, 508))[0],
                    turned([(x, 394)], k * 360 / 28, (x, 508))[0],
                ],
                1.4,
                "#d4d6dc",
            )
        c.body(oval(x, 508, 13), "#8d8f99", depth=4)
    c.line(arc(290, 508, 146, 146, 190, 318), 11, darker(frame, 0.15))
    c.line(arc(690, 508, 146, 146, 222, 350), 11, darker(frame, 0.15))
    tubes: tuple[list[Point], ...] = (
        [(290, 508), (450, 520)],
        [(290, 508), (404, 330)],
        [(450, 520), (396, 304)],
        [(450, 520), (640, 350)],
        list(through((414, 366), (520, 400), (636, 320))),
        list(through((628, 270), (652, 400), (690, 508))),
    )
    for tube in tubes:
        c.line(moved(tube, 3, 4), 17, darker(frame, 0.35))
        c.line(tube, 16, frame)
        c.line(moved(tube, -2, -4), 4, lighter(frame, 0.5))
    c.line([(396, 306), (388, 264)], 9, "#c9cbd2")
    saddle = blob((320, 250), (360, 236), (430, 248), (462, 262), (420, 272), (370, 286), (326, 280))
    c.drop(saddle, 3, 8, soft=5)
    c.body(saddle, "#9c5f35", depth=8)
    c.line([(628, 272), (618, 226)], 10, "#c9cbd2")
    bar = through((618, 226), (660, 206), (640, 186), (560, 190))
    c.line(bar, 9, "#c9cbd2")
    c.line([(588, 188), (540, 194)], 16, "#9c5f35")
    c.body(oval(450, 520, 32), "#b9bbc3", depth=6)
    c.line(oval(450, 520, 32), 5, "#57535c", closed=True)
    c.line([(450, 520), (476, 588)], 10, "#8d8f99")
    c.line([(456, 592), (500, 592)], 12, "#3d3a40")
    c.line([(290, 494), (450, 488)], 3, "#57535c")
    c.line([(290, 522), (450, 552)], 3, "#57535c")
    for x, y, colour in (
        (700, 196, "#f2a2ae"),
        (736, 176, "#ffffff"),
        (770, 196, "#f6c95c"),
        (722, 214, "#e36f6f"),
        (756, 220, "#c99be0"),
        (790, 216, "#f2a2ae"),
        (682, 222, "#f6c95c"),
    ):
        c.line([(x, y), (740, 270)], 4, "#5f8f4a")
        for k in range(6):
            c.body(turned(oval(x, y - 14, 9, 13), k * 60, (x, y)), colour, depth=3)
        c.fill(oval(x, y, 7), "#b9772e")
    basket = path("M656 240 L822 240 L800 340 Q798 350 786 350 L692 350 Q680 350 678 340 Z")
    c.drop(basket, 6, 8, soft=8)
    c.body(basket, "#c99452", depth=12)
    with c.within(basket):
        for row in range(8):
            for k in range(13):
                x, y = 650 + k * 15 + row % 2 * 7, 246 + row * 14
                c.line([(x, y), (x + 10, y)], 6, "#e2b676" if (k + row) % 2 else "#a9733a")
    c.line([(652, 240), (826, 240)], 11, "#b07c3e")
    c.line([(646, 344), (690, 330)], 7, "#c9cbd2")


def camp_tent(c: Canvas) -> None:
    """A lit tent in a valley at nightfall."""
    meadow(c, ("#25345f", "#6d6b9c", "#f0a98a"), ("#5a5f92", "#3f4f78"), "#3c5a57", horizon=510, clouds=0.08)
    for x, y, turn in scatter(5, 60, 0, 0, 960, 280):
        c.fill(oval(x, y, 0.9 + turn / 220), faint("#fff6dc", 0.9))
    for x, tall in ((60, 250), (130, 200), (836, 230), (905, 280), (20, 180), (770, 170)):
        for k in range(4):
            w = (k + 1.2) * tall * 0.075
            y = 520 - tall + k * tall * 0.24
            c.fill(
                path(f"M{x} {y - tall * 0.12} L{x + w} {y + tall * 0.28} L{x - w} {y + tall * 0.28} Z"),
                down("#31524f", "#1f3a3f"),
            )
    c.fill(oval(480, 600, 420, 80), faint("#ffc36b", 0.5), soft=46)
    c.ground(480, 630, 330, 30)
    shell = path("M150 620 C220 440 340 250 480 190 C620 250 740 440 810 620 Z")
    c.body(shell, "#e2753f", depth=24, paint=glow("#ffd98c", "#f09a4a", "#c9552f", focus=(0.5, 0.75), reach=0.62))
    c.line(through((480, 190), (400, 400), (330, 620)), 4, faint("#8f3318", 0.5))
    c.line(through((480, 190), (560, 400), (630, 620)), 4, faint("#8f3318", 0.5))
    opening = path("M480 290 C430 400 396 520 384 620 L580 620 C566 520 530 400 480 290 Z")
    c.fill(opening, glow("#fff3c4", "#ffd27a", "#e8953f", focus=(0.5, 0.65), reach=0.7))
    for side in (-1, 1):
        flap = path(
            f"M480 286 C{480 + side * 40} 380 {480 + side * 66} 480 {480 + side * 84} 560 "
            f"Q{480 + side * 124} 580 {480 + side * 132} 622 L{480 + side * 100} 622 "
            f"C{480 + side * 84} 520 {480 + side * 50} 400 480 286 Z"
        )
        c.drop(flap, -side * 6, 4, soft=7, share=0.4)
        c.body(flap, "#f4e6cf", depth=8)
    c.body(box(420, 578, 548, 622, 16), "#4f7f9b", depth=9)
    c.body(box(428, 560, 474, 592, 13), "#f3efe6", depth=6)
    c.line([(480, 336), (480, 372)], 3, "#6d4a24")
    c.body(box(467, 372, 493, 408, 8), "#fff3c4", depth=4)
    c.fill(oval(480, 390, 60), faint("#fff0b8", 0.6), soft=18)
    for x0, x1 in ((150, 84), (810, 876)):
        c.line([(300 if x0 < 480 else 660, 400), (x1, 640)], 2.5, faint("#f4e6cf", 0.8))
        c.line([(x1, 628), (x1, 652)], 6, "#8a6a4a")
    c.fill(ribbon(through((250, 480), (330, 350), (430, 240)), 3, 3, 14), faint("#fff3d0", 0.6), soft=4)
    for x in (706, 760, 732):
        c.line([(x - 30, 664), (x + 30, 652)], 13, "#6d4426")
    c.fill(oval(732, 640, 90, 60), faint("#ff9d3f", 0.5), soft=20)
    for w, tall, colour in ((34, 84, "#f0672a"), (24, 60, "#ffa63a"), (13, 36, "#ffe48a")):
        c.fill(
            blob(
                (732, 650 - tall),
                (732, 650 - tall),
                (732 + w, 634),
                (732 + w * 0.6, 654),
                (732, 658),
                (732 - w * 0.6, 654),
                (732 - w, 630),
            ),
            colour,
        )


def telescope(c: Canvas) -> None:
    """A white telescope on its tripod under Saturn and the stars."""
    c.fill(FULL, down("#141c44", "#2b3a76", "#6a5a98", "#c98a98"))
    for x, y, turn in scatter(12, 120, 0, 0, 960, 460):
        c.fill(oval(x, y, 0.8 + turn / 200), faint("#fff8e4", 0.85))
    c.fill(ribbon(through((-40, 380), (300, 190), (700, 60), (1000, -60)), 60, 60, 130), faint("#b9b0f0", 0.2), soft=44)
    c.fill(oval(760, 160, 120, 90), faint("#ffd9a0", 0.25), soft=40)
    with c.at(760, 160, turn=-18):
        ring = arc(0, 0, 130, 34, 0, 360)
        c.line(ring, 11, "#d9b98c", closed=True)
        c.line(ring, 3, "#fff0d0", closed=True)
        c.fill(oval(0, 0, 66), down("#f8dfae", "#e2ab6a", "#f3cd90", "#c98a52"))
        c.shade(oval(0, 0, 66), "#3a1d4099", 14, 16, soft=16)
        c.line(arc(0, 0, 130, 34, 22, 158), 11, "#e2c496")
        c.line(arc(0, 0, 130, 34, 22, 158), 3, "#fff3d8")
    hill = through((-20, 610), (260, 560), (560, 600), (980, 540))
    c.fill([*hill, (980, 722), (-20, 722)], down("#39406f", "#232a50"))
    c.ground(540, 672, 200, 16)
    for foot in ((400, 676), (552, 690), (700, 672)):
        leg = [(540.0, 420.0), foot]
        c.line(moved(leg, 4, 3), 17, "#5d4030")
        c.line(leg, 15, "#b07a4c")
        c.line(moved(leg, -3, 0), 4, "#e2b586")
        c.fill(oval(foot[0], foot[1], 11, 7), "#26232e")
    c.line([(480, 548), (600, 548)], 6, "#8d8f99")
    c.body(oval(540, 410, 30, 34), "#4a4754", depth=8)
    with c.at(540, 356, turn=26):
        tube = box(-230, -44, 196, 44, 6)
        c.drop(tube, 6, 16, soft=12, share=0.4)
        c.fill(tube, down("#c9cdd8", "#ffffff", "#eef0f4", "#b5bac8", "#8a90a2"))
        c.fill(box(-306, -58, -204, 58, 8), down("#3f4252", "#7d8194", "#4d5062", "#262836"))
        c.fill(oval(-306, 0, 14, 57), glow("#b9d4ff", "#5a6fb0", "#232a50"))
        c.fill(box(-204, -50, -190, 50), down("#a9803d", "#f5dfa4", "#a9803d"))
        c.fill(box(150, -48, 164, 48), down("#a9803d", "#f5dfa4", "#a9803d"))
        c.fill(box(196, -30, 262, 30, 6), down("#3f4252", "#7d8194", "#262836"))
        c.fill(box(262, -21, 316, 21, 4), down("#8d8f99", "#eef0f4", "#70727e"))
        c.body(path("M300 -18 L338 -18 L338 -92 Q319 -102 300 -92 Z"), "#3f4252", depth=7)
        c.fill(oval(319, -94, 20, 8), "#15161f")
        c.fill(box(20, -92, 170, -68, 10), down("#5a5d70", "#8d91a4", "#363848"))
        for x in (50, 130):
            c.fill(box(x, -70, x + 14, -44), "#363848")
        c.body(box(-46, 34, 46, 62, 8), "#4a4754", depth=6)


def swallow_kite(c: Canvas) -> None:
    """A painted swallow kite high over the hills."""
    meadow(c, ("#7fbfe8", "#bfe0f0", "#fdeed2"), ("#a9d0c0", "#8cc08c"), "#93c47d", horizon=610)
    c.line(through((500, 420), (420, 560), (220, 640), (90, 730)), 2, faint("#5d4a58", 0.7))
    with c.at(500, 300, turn=-12, size=1.05):
        for flip in (False, True):
            with c.at(0, 0, flip=flip):
                tail = path("M-6 70 C-40 120 -90 200 -150 262 C-90 250 -50 230 -22 190 C-8 160 0 120 0 80 Z")
                c.drop(tail, 12, 18, soft=16, share=0.1)
                c.body(tail, "#27314f", depth=9)
                for k in range(3):
                    c.fill(oval(-46 - k * 28, 168 + k * 28, 13, 9, turn=-45), ("#e8504a", "#f6c95c", "#6fb6a8")[k])
                wing = path("M-20 -60 C-110 -130 -230 -150 -330 -96 C-300 -20 -220 30 -130 36 C-80 40 -40 30 -10 20 Z")
                c.drop(wing, 12, 18, soft=16, share=0.1)
                c.body(wing, "#27314f", depth=14)
                c.fill(
                    path("M-40 -54 C-120 -106 -220 -118 -292 -84 C-262 -34 -200 4 -130 10 C-90 12 -60 6 -40 0 Z"),
                    "#fdf6e6",
                )
                c.fill(
                    path("M-52 -46 C-120 -88 -210 -98 -264 -74 C-236 -38 -190 -12 -130 -8 Z"),
                    slant("#f6c95c", "#e8504a"),
                )
                for k in range(4):
                    feather = ribbon(
                        through(
                            (-300 + k * 44, -78 + k * 12), (-270 + k * 46, -36 + k * 14), (-210 + k * 46, -2 + k * 10)
                        ),
                        3,
                        2,
                        15,
                    )
                    c.fill(feather, "#3f7fb5" if k % 2 else "#6fb6a8")
                _peony(c, -150, -48, 0.8)
        body = mirrored(through((0, -130), (-40, -116), (-52, -70), (-46, 0), (-22, 80), (0, 100)), 0)
        c.body(body, "#27314f", depth=10)
        c.fill(mirrored(through((0, -20), (-28, -10), (-26, 40), (0, 84)), 0), "#fdf6e6")
        _peony(c, 0, 26, 0.62)
        for side in (-1, 1):
            c.fill(oval(side * 22, -84, 17, 19), "#fdf6e6")
            c.fill(oval(side * 21, -82, 9, 11), "#1d1620")
            c.fill(oval(side * 21 - 3, -87, 3), "#ffffff")
            c.fill(oval(side * 30, -52, 10, 7), "#e8504a")
        c.fill(path("M-12 -58 L12 -58 L0 -34 Z"), "#f0a030")
        c.line([(-320, -92), (0, -58), (320, -92)], 3.5, faint("#c99a5c", 0.7))
    for x, y, s in ((140, 230, 0.5), (830, 470, 0.4)):
        with c.at(x, y, size=s):
            c.line(through((-40, -12), (-18, -22), (0, 0), (18, -22), (40, -12)), 7, faint("#4a5a78", 0.7))


def _peony(c: Canvas, x: float, y: float, size: float) -> None:
    with c.at(x, y, size=size):
        for ring, count, colour in ((26, 8, "#f6a9b5"), (14, 6, "#ea6f86")):
            for k in range(count):
                a = math.radians(k * 360 / count + ring)
                c.body(oval(math.cos(a) * ring, math.sin(a) * ring, 16, 16), colour, depth=4)
        c.fill(oval(0, 0, 9), "#f6c95c")


DRAWINGS: dict[str, Drawing] = {
    "city-bike-01": city_bike,
    "camp-tent-01": camp_tent,
    "telescope-01": telescope,
    "swallow-kite-01": swallow_kite,
}
