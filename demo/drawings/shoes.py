"""Pictures of shoes."""

from demo.brush import Canvas, Drawing, darker, down, faint, glow, lighter, slant
from demo.scenes import arch, disc, planks, podium, studio, sunbeams, table, wall
from demo.shapes import blob, box, oval, path, ribbon, scaled, scatter, through, turned


def running_shoe(c: Canvas) -> None:
    """A coral running shoe in profile, with a second one behind it."""
    studio(c, "#bfdad9")
    disc(c, "#dcecea", 500, 320, 275)
    for k in range(3):
        c.fill(
            ribbon([(40, 300 + k * 60), (130, 300 + k * 60), (190 - k * 30, 300 + k * 60)], 3, 8), faint("#ffffff", 0.8)
        )
    c.ground(490, 628, 340, 22)
    with c.at(545, 552, turn=-16, size=0.9):
        _runner(c, "#d9604a", "#f2e6dc", "#f0a13c")
    c.fill(oval(520, 600, 330, 26), faint("#2a1c34", 0.2), soft=14)
    with c.at(470, 622):
        _runner(c, "#f0745a", "#ffffff", "#f6b24a")


def _runner(c: Canvas, colour: str, foam: str, accent: str) -> None:
    upper = path(
        "M-300 -70 C-316 -140 -300 -216 -268 -240 C-232 -250 -206 -226 -176 -206 C-120 -196 -90 -220 -40 -262 "
        "C-10 -250 10 -222 60 -180 C140 -130 240 -122 292 -96 C326 -78 330 -60 322 -50 L-296 -50 Z"
    )
    c.drop(upper, 6, 10, soft=10)
    c.body(upper, colour, depth=24)
    with c.within(upper):
        for row in range(11):
            for k in range(20):
                c.fill(oval(20 + k * 15 + row % 2 * 7, -176 + row * 13, 3, 3.6), faint("#7d2a1c", 0.3))
        swoosh = path("M-250 -60 C-180 -100 -90 -150 -60 -220 L-20 -236 C-50 -140 -120 -80 -180 -50 Z")
        c.drop(swoosh, 3, 5, soft=4)
        c.fill(swoosh, slant("#fffdf6", "#f6e4d6"))
        c.fill(path("M-150 -50 C-90 -90 -30 -130 -4 -190 L22 -180 C0 -120 -50 -80 -96 -50 Z"), accent)
        c.fill(path("M-320 -50 L-320 -200 C-280 -190 -256 -130 -262 -50 Z"), darker(colour, 0.22))
        c.fill(path("M220 -140 C280 -120 330 -100 340 -50 L230 -50 C270 -80 260 -110 220 -140 Z"), darker(colour, 0.12))
    c.fill(
        path(
            "M-268 -240 C-232 -250 -206 -226 -176 -206 C-120 -196 -90 -220 -40 -262 C-70 -190 -150 -170 -190 -180 "
            "C-226 -190 -250 -214 -268 -240 Z"
        ),
        slant("#5c3640", "#8d5058"),
    )
    tongue = path("M-64 -234 C-50 -290 -20 -306 -2 -290 C10 -270 12 -240 6 -216 Z")
    c.body(tongue, lighter(colour, 0.2), depth=8)
    for k in range(5):
        x, y = -36 + k * 30, -232 + k * 23
        c.drop(ribbon([(x - 30, y + 26), (x, y + 10), (x + 24, y - 4)], 11, 11), 2, 4, soft=3, share=0.4)
        c.body(ribbon([(x - 30, y + 26), (x, y + 10), (x + 24, y - 4)], 11, 11), "#ffffff", depth=3)
    c.fill(ribbon(through((-300, -150), (-294, -196), (-272, -232)), 4, 4, 12), faint("#ffffff", 0.5), soft=4)
    sole = path(
        "M-306 -64 C-200 -52 -60 -62 60 -56 C180 -52 280 -66 326 -66 C346 -46 336 -14 296 -2 C120 8 -140 6 -262 4 "
        "C-306 2 -322 -34 -306 -64 Z"
    )
    c.drop(sole, 2, 6, soft=6)
    c.body(sole, foam, depth=14)
    with c.within(sole):
        wave = through((-330, -20), (-220, -34), (-100, -18), (40, -30), (180, -16), (340, -34))
        c.line(wave, 5, accent)
        c.fill(path("M-330 -6 L340 -6 L340 20 L-330 20 Z"), "#57434e")
        for k in range(22):
            c.line([(-300 + k * 29, -6), (-308 + k * 29, 8)], 4, "#2e222c")


def high_top(c: Canvas) -> None:
    """A pair of deep green canvas high-tops with white toe caps."""
    table(c, "#e9cfae", "#a8825c", horizon=560)
    planks(c, "#a8825c", horizon=560)
    sunbeams(c, x=600, share=0.35)
    c.ground(450, 650, 360, 22)
    with c.at(570, 606, size=1.08):
        _canvas_shoe(c, "#2c5a46")
    with c.at(396, 646, size=1.16):
        _canvas_shoe(c, "#37705a")


def _canvas_shoe(c: Canvas, colour: str) -> None:
    upper = path(
        "M-206 -46 L-214 -330 C-214 -354 -190 -362 -120 -362 C-60 -362 -36 -356 -30 -340 C-16 -260 20 -200 90 -160 "
        "C150 -140 210 -130 240 -90 L244 -46 Z"
    )
    c.drop(upper, 10, 6, soft=14, share=0.32)
    c.body(upper, colour, depth=26)
    with c.within(upper):
        for k in range(60):
            c.line([(-220 + k * 8, -370), (-220 + k * 8, -40)], 1, faint("#ffffff", 0.08))
            c.line([(-220, -370 + k * 6), (250, -370 + k * 6)], 1, faint("#000000", 0.08))
        c.fill(path("M-216 -370 L-180 -370 L-176 -40 L-216 -40 Z"), darker(colour, 0.25))
        c.dashes([(-168, -356), (-164, -60)], 2, "#f2ead8", dash=6, gap=6)
        c.fill(
            path("M-52 -370 L-20 -340 C-6 -260 30 -200 96 -156 L76 -124 C0 -170 -40 -250 -52 -370 Z"),
            darker(colour, 0.2),
        )
        c.dashes(through((-58, -356), (-44, -250), (2, -166), (72, -120)), 2, "#f2ead8", dash=6, gap=6)
    c.fill(path("M-212 -340 C-200 -364 -60 -366 -32 -344 C-60 -330 -190 -326 -212 -340 Z"), slant("#f2ead8", "#b9b09c"))
    for k in range(7):
        x, y = (-36, -22, -4, 18, 44, 74, 106)[k], (-318, -280, -244, -212, -184, -160, -142)[k]
        lace = ribbon(through((x - 34, y + 12), (x, y + 2), (x + 26, y - 18)), 12, 12)
        c.drop(lace, 2, 4, soft=3, share=0.4)
        c.body(lace, "#fbf7ec", depth=3)
        c.fill(oval(x - 36, y + 13, 6), "#d8dade")
        c.fill(oval(x - 36, y + 13, 3), "#3b3d44")
    for bend in (-1, 1):
        bow = through((-20, -330), (20, -350 + bend * 30), (46, -330 + bend * 26), (8, -322))
        c.line(bow, 8, "#fbf7ec")
    c.body(oval(-128, -236, 42), "#fbf7ec", depth=5)
    c.line(oval(-128, -236, 34), 2.5, "#d9c9a4", closed=True)
    c.fill(turned(ribbon(through((-128, -208), (-128, -236), (-128, -264)), 2, 1, 22), 32, (-128, -236)), colour)
    c.line(turned([(-128, -206), (-128, -254)], 32, (-128, -236)), 2.4, "#fbf7ec")
    toe = path("M150 -46 C140 -100 160 -140 196 -136 C236 -126 252 -90 250 -46 Z")
    c.body(toe, "#fbf7ec", depth=12)
    sole = box(-216, -56, 262, 2, (6, 22, 18, 12))
    c.body(sole, "#fbf7ec", depth=10)
    c.line([(-210, -36), (256, -36)], 4, "#c9463f")
    c.line([(-206, -6), (250, -6)], 6, "#b98556")


def heels(c: Canvas) -> None:
    """A pair of burgundy heels on a podium."""
    wall(c, "#e8cfcf")
    arch(c, "#efdcd8", x0=200, x1=760, top=40, foot=590)
    c.fill(box(-2, 590, 962, 722), down("#f6e9e4", "#dcc0bb"))
    podium(c, "#f4e4de", cx=440, top=596, rx=400, tall=54)
    for x, y, size in ((560, 556, 0.86), (420, 600, 1.0)):
        with c.at(x, y, size=size):
            c.fill(oval(-120, 4, 150, 12), faint("#2a1c34", 0.35), soft=9)
            c.fill(oval(196, 4, 26, 7), faint("#2a1c34", 0.4), soft=5)
            stiletto = path(
                "M150 -190 C200 -180 232 -196 240 -220 C238 -140 212 -60 208 0 L190 0 C190 -60 178 -120 150 -190 Z"
            )
            c.body(stiletto, "#6d1528", depth=10)
            sole = path(
                "M-318 -6 C-250 6 -130 6 -60 -34 C20 -90 90 -170 170 -196 L176 -172 C110 -150 40 -70 -30 -20 "
                "C-100 16 -250 18 -318 -6 Z"
            )
            c.fill(sole, slant("#d9a35c", "#8f5f2c"))
            inside = path(
                "M-150 -92 C-60 -130 70 -220 150 -292 C190 -320 230 -318 238 -280 L236 -220 C130 -210 20 -90 -60 -46 Z"
            )
            c.fill(inside, slant("#f0d6bd", "#c99a7c"))
            upper = path(
                "M-322 -8 C-310 -46 -230 -84 -150 -92 C-110 -86 -86 -80 -60 -56 "
                "C0 -90 60 -170 130 -226 C170 -264 214 -300 "
                "238 -280 C250 -250 248 -220 238 -206 C170 -200 80 -130 10 -66 C-60 -4 -200 12 -322 -8 Z"
            )
            c.drop(upper, 6, 8, soft=8, share=0.25)
            c.body(upper, "#8f1f38", depth=18)
            c.fill(ribbon(through((-290, -22), (-220, -56), (-160, -68)), 2, 2, 15), faint("#ffffff", 0.55), soft=4)
            c.fill(ribbon(through((70, -130), (140, -196), (214, -250)), 2, 2, 13), faint("#ffffff", 0.4), soft=4)
            c.line(
                through((-150, -92), (-110, -86), (-60, -56), (0, -96), (130, -226), (200, -284), (238, -280)),
                3.5,
                "#5d0f20",
            )


def rain_boots(c: Canvas) -> None:
    """A pair of mustard rain boots in a puddle, under the rain."""
    wall(c, "#8fa9b9")
    c.fill(box(-2, 0, 962, 722), down("#7d9cb0", "#a9c0cb", "#cbd8dc"))
    c.fill(box(-2, 540, 962, 722), down("#8a98a0", "#6d7d88"))
    for x, y, turn in scatter(7, 90, -20, -20, 980, 560):
        c.line([(x, y), (x - 7, y + 22 + turn / 20)], 2.2, faint("#ffffff", 0.35))
    c.fill(oval(480, 634, 390, 62), glow("#d3e4ec", "#a9c3d0", "#7d98a8"))
    for r in (1.0, 0.8):
        c.line(oval(480, 640, 330 * r, 44 * r), 3, faint("#ffffff", 0.6), closed=True)
    for x, y in ((600, 610), (400, 640)):
        with c.at(x, y):
            c.fill(oval(20, 10, 150, 22), faint("#2a2430", 0.4), soft=12)
            boot = path(
                "M-100 -430 L54 -430 C58 -330 52 -230 62 -170 C100 -150 170 -140 188 -80 "
                "C192 -50 188 -30 184 -22 L-106 -22 "
                "C-112 -160 -92 -300 -100 -430 Z"
            )
            c.drop(boot, 10, 4, soft=12)
            c.body(boot, "#e3ad2f", depth=26)
            c.fill(ribbon(through((-72, -390), (-66, -260), (-80, -70)), 6, 6, 22), faint("#ffffff", 0.55), soft=6)
            c.fill(ribbon(through((80, -136), (130, -122), (160, -84)), 3, 3, 14), faint("#ffffff", 0.6), soft=4)
            c.body(box(-108, -446, 62, -398, 10), "#c98f1c", depth=8)
            c.fill(oval(-23, -444, 82, 13), "#fdf3dc")
            c.fill(oval(-23, -442, 70, 9), "#7d5a1e")
            c.body(
                path("M-112 -30 L190 -30 Q200 0 180 6 L30 6 L20 -4 L-20 -4 L-28 6 L-96 6 Q-112 4 -112 -30 Z"),
                "#6d4a2c",
                depth=7,
            )
            c.body(box(20, -370, 48, -340, 6), "#f4efe4", depth=4)
            c.line([(-6, -356), (34, -356)], 9, "#c98f1c")
    for x, y in ((190, 610), (790, 650), (250, 676), (720, 600)):
        for k in (-1, 0, 1):
            c.fill(
                turned(blob((x, y - 38), (x + 5, y - 16), (x, y - 8), (x - 5, y - 16)), k * 34, (x, y)),
                faint("#ffffff", 0.8),
            )


def cloth_slippers(c: Canvas) -> None:
    """A pair of embroidered cloth slippers on a woven mat, from above."""
    wall(c, "#dcc7a3")
    for row in range(19):
        for k in range(25):
            if (row + k) % 2:
                c.fill(box(k * 40 - 10, row * 40 - 10, k * 40 + 30, row * 40 + 30, 5), faint("#b9945c", 0.26))
    c.fill(oval(480, 360, 400, 320), faint("#fff6e2", 0.5), soft=40)
    for x, turn, flip in ((352, -7, True), (608, 7, False)):
        with c.at(x, 364, turn=turn, flip=flip):
            sole = blob(
                (-20, -280),
                (66, -240),
                (106, -140),
                (92, -20),
                (78, 110),
                (82, 210),
                (30, 274),
                (-40, 270),
                (-84, 204),
                (-80, 100),
                (-104, -30),
                (-110, -150),
                (-84, -240),
            )
            c.drop(sole, 14, 20, soft=18, share=0.42)
            c.body(sole, "#f6efe0", depth=8)
            inner = scaled(sole, 0.9, 0.95, (0, 0))
            c.fill(inner, slant("#f9e9cf", "#e3c79c"))
            c.dashes(scaled(sole, 0.95, 0.975, (0, 0)), 2.6, "#b9a17a", dash=7, gap=6)
            with c.within(inner):
                for row in range(10):
                    for k in range(9):
                        c.line(
                            [
                                (-88 + k * 22 + row % 2 * 11, 30 + row * 26),
                                (-80 + k * 22 + row % 2 * 11, 30 + row * 26),
                            ],
                            2.6,
                            faint("#a9803d", 0.6),
                        )
            vamp = blob(
                (-20, -280),
                (66, -240),
                (106, -140),
                (98, -40),
                (88, 20),
                (88, 20),
                (20, -40),
                (-30, -44),
                (-94, 16),
                (-94, 16),
                (-106, -50),
                (-110, -150),
                (-84, -240),
            )
            c.drop(vamp, 2, 12, soft=9, share=0.4)
            c.body(vamp, "#2c3f66", depth=18)
            with c.within(vamp):
                for px, py, size in ((-20, -170, 1.0), (50, -110, 0.66), (-64, -96, 0.6)):
                    _hydrangea(c, px, py, size)
            c.line(through((88, 20), (20, -40), (-30, -44), (-94, 16)), 10, "#c9463f")


def _hydrangea(c: Canvas, x: float, y: float, size: float) -> None:
    with c.at(x, y, size=size):
        for turn in (20, 140, 250):
            c.body(turned(ribbon(through((30, 0), (66, -12), (104, 4)), 3, 1, 34), turn, (0, 0)), "#6fa06a", depth=4)
        for k in range(19):
            r = 0 if k == 0 else (26 if k < 7 else 50)
            fx, fy = turned([(r, 0)], k * 60 if k < 7 else k * 30, (0, 0))[0]
            for i in range(4):
                petal = oval(fx, fy - 8, 8, 8)
                c.fill(turned(petal, i * 90 + k * 25, (fx, fy)), ("#8fa6e8", "#b79ae0", "#a9c9f2")[k % 3])
            c.fill(oval(fx, fy, 3), "#fdf3c4")


DRAWINGS: dict[str, Drawing] = {
    "running-shoe-01": running_shoe,
    "high-top-01": high_top,
    "heels-01": heels,
    "rain-boots-01": rain_boots,
    "cloth-slippers-01": cloth_slippers,
}
