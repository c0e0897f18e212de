"""Pictures of toys."""

from demo.brush import Canvas, Drawing, darker, down, faint, glow, lighter, slant
from demo.scenes import disc, planks, studio, sunbeams, table, wall
from demo.shapes import arc, blob, box, moved, oval, path, ribbon, scaled, scatter, through, turned


def stacking_rings(c: Canvas) -> None:
    """A rainbow of wooden rings on a peg."""
    table(c, "#f6e6b8", "#e3bf8c", horizon=560)
    planks(c, "#e3bf8c", horizon=560)
    sunbeams(c, x=620, share=0.45)
    c.ground(440, 640, 240, 24)
    base = [*arc(440, 596, 226, 34, 180, 0), *arc(440, 626, 226, 34, 0, 180)]
    c.body(base, "#d9a76b", depth=10)
    c.fill(oval(440, 594, 226, 34), slant("#f0cd98", "#d6a469"))
    colours = ("#d9534a", "#ee8f3c", "#f2c744", "#6fae62", "#4d92c4", "#8a6bb8")
    for k, colour in enumerate(colours):
        y, rx = 556 - k * 68, 196 - k * 22
        torus = blob(
            (440 - rx, y),
            (440 - rx + 14, y - 32),
            (440, y - 46),
            (440 + rx - 14, y - 32),
            (440 + rx, y),
            (440 + rx - 14, y + 28),
            (440, y + 44),
            (440 - rx + 14, y + 28),
        )
        c.drop(torus, 0, 10, soft=8, share=0.35)
        c.body(torus, colour, depth=16)
        c.fill(
            ribbon(through((440 - rx + 26, y - 16), (440 - rx * 0.5, y - 28), (440, y - 31)), 3, 3, 12),
            faint("#ffffff", 0.55),
            soft=3,
        )
        for i in range(3):
            c.line(arc(440, y - 4 + i * 10, rx - 6, 30, 25, 155), 1.3, faint("#4a1e10", 0.14))
    c.body(oval(440, 132, 46), "#eec07c", depth=12)
    c.fill(oval(428, 116, 12, 8), faint("#ffffff", 0.6), soft=3)
    for x, y, colour, tilt in ((760, 612, "#d9534a", 0), (842, 640, "#4d92c4", 0)):
        c.ground(x, y + 26, 54, 8)
        c.body(box(x - 40, y - 50, x + 40, y + 28, 10), colour, depth=10)
        c.fill(turned(oval(x, y - 11, 20), tilt, (x, y)), faint("#fff6e2", 0.85))


def plush_bunny(c: Canvas) -> None:
    """A long-eared plush rabbit sitting up."""
    wall(c, "#cddbe8")
    c.fill(box(-2, 560, 962, 722), down("#f3ede4", "#ddd0bf"))
    for x, y, turn in scatter(4, 34, 20, 20, 940, 500):
        star = [turned([(x, y - (9 if k % 2 == 0 else 4))], k * 36 + turn, (x, y))[0] for k in range(10)]
        c.fill(star, faint("#ffffff", 0.6))
    c.ground(480, 652, 220, 26)
    fur, pale = "#e9d3c0", "#fbeee2"
    for side in (-1, 1):
        ear = blob(
            (480 + side * 40, 210),
            (480 + side * 60, 100),
            (480 + side * 112, 40),
            (480 + side * 150, 90),
            (480 + side * 132, 190),
            (480 + side * 92, 240),
        )
        if side > 0:
            ear = blob((522, 216), (560, 120), (630, 84), (700, 140), (728, 250), (690, 282), (640, 236), (590, 236))
        c.drop(ear, 6, 8, soft=10)
        c.body(ear, fur, depth=18)
        inner = scaled(ear, 0.56, 0.66, (480 + side * 92, 160) if side < 0 else (636, 180))
        c.fill(inner, slant("#f6c6c0", "#eaa9a6"))
    body = blob((480, 360), (590, 420), (620, 540), (570, 640), (480, 654), (390, 640), (340, 540), (370, 420))
    c.drop(body, 6, 8, soft=10)
    c.body(body, fur, depth=28)
    c.fill(oval(480, 556, 84, 80), faint(pale, 0.9), soft=6)
    for side in (-1, 1):
        arm = blob(
            (480 + side * 96, 410),
            (480 + side * 150, 450),
            (480 + side * 162, 530),
            (480 + side * 124, 552),
            (480 + side * 92, 500),
        )
        c.drop(arm, 4, 8, soft=8)
        c.body(arm, fur, depth=13)
        foot = oval(480 + side * 116, 612, 78, 56, turn=side * -14)
        c.drop(foot, 4, 8, soft=8)
        c.body(foot, fur, depth=14)
        c.fill(oval(480 + side * 122, 616, 38, 30), "#f3bdb8")
        for k in (-1, 0, 1):
            c.fill(oval(480 + side * 122 + k * 24, 578 + abs(k) * 5, 9), "#f3bdb8")
    head = blob((480, 190), (580, 220), (622, 300), (576, 380), (480, 404), (384, 380), (338, 300), (380, 220))
    c.drop(head, 4, 14, soft=12, share=0.3)
    c.body(head, fur, depth=26)
    c.fill(oval(480, 344, 66, 46), faint(pale, 0.95), soft=5)
    for x in (414, 546):
        c.fill(oval(x, 300, 14, 17), "#3a2a2c")
        c.fill(oval(x - 4, 293, 5), "#ffffff")
        c.fill(oval(x + (-26 if x < 480 else 26), 340, 24, 15), faint("#f0948f", 0.5), soft=7)
    c.body(blob((480, 338), (462, 322), (480, 316), (498, 322)), "#d9776f", depth=4)
    c.line(through((450, 352), (466, 362), (480, 350), (494, 362), (510, 352)), 4, "#a8665e")
    for side in (-1, 1):
        c.body(
            blob(
                (480, 410),
                (480 + side * 30, 388),
                (480 + side * 66, 394),
                (480 + side * 66, 430),
                (480 + side * 30, 432),
            ),
            "#6f9fc4",
            depth=7,
        )
    c.body(oval(480, 411, 17), "#5d8cb3", depth=4)
    for seed, shape in ((1, body), (2, head)):
        with c.within(shape):
            for x, y, turn in scatter(seed, 260, 330, 190, 630, 660):
                c.line([(x, y), (x + 3, y + 7)], 1.5, faint("#ffffff" if turn < 190 else "#8a6a58", 0.22))


def rocking_horse(c: Canvas) -> None:
    """A beech rocking horse with a woollen mane."""
    studio(c, "#f0cfc0")
    disc(c, "#f8e2d6", 480, 320, 280)
    c.ground(480, 662, 300, 16)
    wood, dark = "#d9a868", "#b98248"
    rocker = ribbon(arc(480, 300, 420, 350, 36, 144), 20, 20, 30)
    c.drop(rocker, 4, 8, soft=8)
    c.body(rocker, dark, depth=8)
    for x0, x1 in ((360, 300), (600, 668)):
        c.body(ribbon([(x0, 460), ((x0 + x1) / 2, 540), (x1, 628)], 54, 32, 40), darker(wood, 0.16), depth=9)
    tail = through((690, 380), (770, 390), (790, 470), (764, 540))
    for k in range(7):
        c.fill(ribbon(moved(tail, k * 5 - 14, k * 4 - 10), 10, 3, 15), ("#8a5236", "#a86a44", "#7a4630")[k % 3])
    neck = path("M300 470 C280 380 250 330 232 270 C220 210 250 160 310 150 L372 190 C380 260 420 330 470 400 Z")
    c.body(neck, wood, depth=20)
    body = blob(
        (300, 420),
        (360, 360),
        (480, 372),
        (600, 356),
        (700, 376),
        (716, 450),
        (640, 500),
        (480, 496),
        (350, 506),
        (296, 470),
    )
    c.drop(body, 4, 10, soft=10)
    c.body(body, wood, depth=24)
    head = blob(
        (330, 140),
        (350, 178),
        (330, 226),
        (270, 250),
        (206, 292),
        (166, 288),
        (150, 258),
        (176, 222),
        (226, 180),
        (270, 142),
    )
    c.drop(head, 2, 6, soft=7, share=0.2)
    c.body(head, lighter(wood, 0.06), depth=16)
    ear = path("M288 152 C284 120 300 96 312 92 C324 112 326 140 320 160 Z")
    for dx in (0, 28):
        c.body(moved(ear, dx, 0), wood, depth=5)
    c.fill(oval(254, 208, 10, 12), "#3a221a")
    c.fill(oval(251, 204, 3.5), "#ffffff")
    c.fill(oval(172, 264, 5, 7), "#7a4630")
    c.line(through((160, 276), (182, 282), (204, 276)), 4, "#7a4630")
    for k in range(15):
        t = k / 14
        x, y = 336 + 104 * t, 134 + 226 * t
        strand = through((x, y), (x + 34, y + 16), (x + 30 - k % 3 * 8, y + 62))
        c.fill(ribbon(strand, 17, 5, 20), ("#8a5236", "#a86a44", "#7a4630")[k % 3])
    c.fill(ribbon(through((330, 130), (296, 132), (270, 160)), 20, 4, 20), "#8a5236")
    for strap in (((200, 190), (226, 230), (236, 280)), ((236, 236), (290, 216), (346, 196))):
        c.line(through(*strap), 9, "#c9463f")
    c.fill(oval(232, 240, 8), "#e6c05c")
    saddle = path("M420 372 C460 392 560 390 620 362 L640 446 C580 470 480 470 430 456 Z")
    c.drop(saddle, 2, 8, soft=7, share=0.35)
    c.body(saddle, "#c9463f", depth=14)
    c.dashes(scaled(saddle, 0.9, 0.82, (530, 418)), 2.6, "#f6d9a8", dash=9, gap=6)
    for x0, x1 in ((390, 336), (620, 690)):
        leg = ribbon([(x0, 470), ((x0 + x1) / 2, 550), (x1, 640)], 62, 36, 46)
        c.drop(leg, 4, 6, soft=7)
        c.body(leg, wood, depth=11)
    front = ribbon(arc(480, 330, 430, 346, 34, 146), 20, 20, 32)
    c.drop(front, 2, 6, soft=6)
    c.body(front, dark, depth=9)
    c.body(oval(300, 330, 22), "#e6c05c", depth=6)
    c.line([(268, 330), (346, 330)], 15, dark)


def bath_duck(c: Canvas) -> None:
    """A rubber duck and two ducklings on bath water."""
    wall(c, "#bfe3ea")
    for k in range(13):
        c.line([(k * 80, 0), (k * 80, 440)], 3, faint("#ffffff", 0.7))
    for k in range(6):
        c.line([(0, k * 80 + 20), (960, k * 80 + 20)], 3, faint("#ffffff", 0.7))
    water = [*through((-20, 440), (160, 424), (340, 444), (520, 426), (720, 446), (980, 428)), (980, 722), (-20, 722)]
    c.fill(water, down("#8fd0e6", "#5fb3d6", "#3f93c0"))
    for x, y, size in ((470, 420, 2.5), (196, 520, 1.25), (778, 540, 1.35)):
        c.fill(oval(x, y + size * 52, size * 96, size * 12), faint("#ffffff", 0.4), soft=4)
        with c.at(x, y, size=size):
            _rubber_duck(c)
        for k in range(2):
            c.line(
                arc(x, y + size * 50, size * (86 + k * 18), size * (12 + k * 4), 10, 170),
                3.5,
                faint("#ffffff", 0.75 - k * 0.25),
            )
    surface = [*through((-20, 640), (200, 622), (420, 644), (660, 620), (980, 646)), (980, 722), (-20, 722)]
    c.fill(surface, faint("#2f80b4", 0.4))
    for px, py, turn in scatter(5, 26, 20, 600, 940, 715):
        r = 9 + turn / 14
        c.fill(oval(px, py, r), glow("#ffffffdd", "#d9f0fa99", "#9fd3ea66"))
        c.line(oval(px, py, r), 1.6, faint("#ffffff", 0.8), closed=True)
    for x, y, r in ((120, 150, 34), (840, 110, 46), (760, 220, 22), (220, 260, 18), (700, 70, 16)):
        c.fill(oval(x, y, r), glow("#ffffffaa", "#e9d9f833", "#a9e0f088"))
        c.line(oval(x, y, r), 2, faint("#ffffff", 0.85), closed=True)
        c.fill(oval(x - r * 0.35, y - r * 0.4, r * 0.2, r * 0.13, turn=-35), "#ffffff")


def _rubber_duck(c: Canvas) -> None:
    yellow = "#fbcb35"
    body = blob(
        (-84, 10), (-66, -22), (-20, -18), (30, -16), (74, -36), (98, -44), (92, 10), (56, 52), (0, 60), (-56, 52)
    )
    c.body(body, yellow, depth=12)
    c.body(oval(-34, -54, 48), yellow, depth=11)
    c.body(blob((-76, -56), (-108, -54), (-106, -38), (-72, -36)), "#f0792e", depth=4)
    c.line(through((-104, -46), (-90, -45), (-76, -47)), 2, "#b94f14")
    c.fill(oval(-50, -66, 8, 10), "#2b2026")
    c.fill(oval(-53, -70, 3), "#ffffff")
    wing = blob((-14, 6), (20, -8), (64, -10), (52, 24), (14, 36))
    c.drop(wing, 1, 3, soft=3, share=0.25)
    c.body(wing, "#f6bb22", depth=6)
    c.fill(oval(-52, -84, 14, 7, turn=-25), faint("#ffffff", 0.75), soft=2)
    c.fill(oval(-40, -34, 9, 5), faint("#f08a3c", 0.5), soft=3)


DRAWINGS: dict[str, Drawing] = {
    "stacking-rings-01": stacking_rings,
    "plush-bunny-01": plush_bunny,
    "rocking-horse-01": rocking_horse,
    "bath-duck-01": bath_duck,
}
