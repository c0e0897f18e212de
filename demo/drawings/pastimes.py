"""Pictures of music, games, plants and pets."""

from demo.brush import Canvas, Drawing, across, cylinder, darker, down, faint, glow, lighter, slant
from demo.scenes import FULL, disc, leaf_shadow, planks, studio, sunbeams, wall
from demo.shapes import Point, arc, blob, box, mirrored, moved, oval, path, ribbon, scatter, through


def guitar(c: Canvas) -> None:
    """An acoustic guitar against a sunlit wall."""
    wall(c, "#3f7f86")
    c.fill(FULL, glow("#7fb5b3", "#4d8b90", "#2f666f", focus=(0.35, 0.3)))
    sunbeams(c, x=110, share=0.16)
    disc(c, "#e8b46a", 480, 350, 300)
    with c.at(400, 430, turn=42, size=0.84):
        body = blob(
            (0, -128),
            (72, -116),
            (108, -60),
            (86, 0),
            (96, 40),
            (142, 90),
            (148, 160),
            (96, 232),
            (0, 252),
            (-96, 232),
            (-148, 160),
            (-142, 90),
            (-96, 40),
            (-86, 0),
            (-108, -60),
            (-72, -116),
        )
        c.drop(body, 34, 18, soft=20, share=0.4)
        c.body(moved(body, 10, 8), "#6d3a1c", depth=8)
        c.body(body, "#e4ab5e", depth=18, paint=glow("#f8d596", "#e6ad60", "#b9742f", focus=(0.42, 0.42), reach=0.75))
        with c.within(body):
            for k in range(30):
                c.line(
                    through((-150 + k * 10, -140), (-146 + k * 10, 40), (-152 + k * 10, 260)),
                    1.1,
                    faint("#8f5417", 0.22),
                )
        c.line(body, 6, "#5d2f14", closed=True)
        c.line(body, 2, "#f6e3b8", closed=True)
        c.fill(blob((30, 22), (74, 30), (98, 92), (64, 132), (36, 104), (52, 66)), "#5d2a18")
        c.line(oval(0, 62, 60), 9, "#5d2f14", closed=True)
        c.line(oval(0, 62, 60), 3, "#f3dcae", closed=True)
        c.fill(oval(0, 62, 52), glow("#4a2612", "#150a05", focus=(0.6, 0.7)))
        neck = [(-20, -430), (20, -430), (26, 30), (-26, 30)]
        c.drop(neck, 16, 10, soft=9)
        c.fill(neck, across("#6d3f22", "#3d2012", "#2b150b"))
        for k in range(17):
            y = -430 + 460 * (1 - 0.92**k) / (1 - 0.92**17) * 0.94
            c.line([(-22, y), (22, y)], 3, "#d9c9a4")
            if k in (3, 5, 7, 9):
                c.fill(oval(0, y - 14, 5), "#f3e8cf")
        head = path("M-22 -430 L22 -430 L38 -470 L34 -566 Q0 -584 -34 -566 L-38 -470 Z")
        c.drop(head, 16, 10, soft=9)
        c.body(head, "#6d3a1c", depth=8)
        for side in (-1, 1):
            for k in range(3):
                c.line([(side * 34, -552 + k * 32), (side * 54, -552 + k * 32)], 5, "#c9cbd2")
                c.body(oval(side * 58, -552 + k * 32, 9, 11), "#f4f1e6", depth=3)
                c.fill(oval(side * 20, -552 + k * 32, 6), "#e6d39c")
        c.body(box(-62, 152, 62, 178, 8), "#3d2012", depth=4)
        for k in range(6):
            x = -17.5 + k * 7
            c.line([(x, -430), (x * 1.5, 164)], 1.5 + k * 0.12, "#fbf2d8")
            c.fill(oval(x * 1.5, 166, 3.6), "#f4f1e6")


def monstera(c: Canvas) -> None:
    """A monstera in a white pot."""
    studio(c, "#f2d3b3")
    disc(c, "#f8e6cf", 480, 300, 270)
    c.ground(480, 650, 140, 20)
    leaves = (
        (480, 480, -4, 1.15, 196),
        (470, 480, -48, 1.0, 190),
        (490, 480, 44, 1.05, 190),
        (464, 490, -84, 0.85, 150),
        (498, 490, 82, 0.88, 156),
        (476, 480, -26, 0.8, 288),
        (488, 480, 22, 0.82, 280),
    )
    for x, y, turn, size, stem in leaves[5:] + leaves[:5]:
        with c.at(x, y + 30, turn=turn):
            c.fill(ribbon(through((0, 20), (6, -stem / 2), (0, -stem)), 8, 5), "#4f7f3f")
            with c.at(0, -stem, size=size):
                _split_leaf(c, "#3f8a52" if abs(turn) > 40 else "#4f9c5c")
    pot = path("M372 474 L588 474 L562 632 Q558 650 534 652 L426 652 Q402 650 398 632 Z")
    c.drop(pot, 6, 4, soft=8)
    c.fill(pot, cylinder("#f4efe6"))
    c.fill(box(360, 446, 600, 486, 10), cylinder("#fbf8f1"))
    c.fill(box(366, 486, 594, 496), faint("#4a3a40", 0.25), soft=5)
    for k in range(9):
        c.line(through((390 + k * 22, 500), (394 + k * 20.5, 570), (404 + k * 18.5, 640)), 3, faint("#a99c88", 0.35))
    c.ground(720, 654, 56, 8)
    c.body(path("M680 560 L742 560 L760 652 L666 652 Z"), "#d98a5b", depth=10)
    c.line(through((754, 590), (800, 566), (820, 548)), 12, "#d98a5b")
    c.line(through((676, 576), (630, 570), (640, 630), (668, 636)), 9, "#b96d42")


def _split_leaf(c: Canvas, colour: str) -> None:
    half: list[Point] = [(0, 30), (-46, 46), (-92, 20), (-108, -30)]
    for k in range(3):
        y = -44 - k * 44
        out = 112 - k * 20
        half += [(-out, y), (-34, y + 16), (-34, y + 16), (-out + 6, y - 12)]
    half += [(-44, -178), (0, -206), (0, -206)]
    leaf = mirrored(through(*half[::-1]), 0)
    c.drop(leaf, 6, 10, soft=9, share=0.3)
    c.body(leaf, colour, depth=12)
    c.line(through((0, 30), (2, -80), (0, -190)), 4, lighter(colour, 0.45))
    for k in range(4):
        for side in (-1, 1):
            vein = through((0, 14 - k * 44), (side * 40, -8 - k * 44), (side * (90 - k * 16), -22 - k * 44))
            c.line(vein, 2.4, faint(lighter(colour, 0.5), 0.8))
    for side in (-1, 1):
        c.fill(oval(side * 22, -30, 6, 11, turn=side * 40), faint(darker(colour, 0.5), 0.8))
        c.fill(oval(side * 20, -78, 5, 9, turn=side * 40), faint(darker(colour, 0.5), 0.8))


def go_board(c: Canvas) -> None:
    """A game of go on a thick board, with two woven bowls."""
    wall(c, "#b9c2a9")
    leaf_shadow(c, 520, 240, size=2.0, turn=-18, share=0.16)
    c.fill(box(-2, 300, 962, 722), down("#8f6e50", "#b08b66", "#8a6748"))
    planks(c, "#8a6748", horizon=300)
    top = [(300.0, 280.0), (800.0, 280.0), (890.0, 600.0), (210.0, 600.0)]
    front = [(210, 600), (890, 600), (884, 672), (216, 672)]
    c.drop([*top[:2], (884, 672), (216, 672)], 14, 22, soft=24, share=0.5)
    c.body(front, "#b9803f", depth=10)
    for k in range(6):
        c.line(through((214, 610 + k * 11), (540, 613 + k * 10), (886, 609 + k * 11)), 1.6, faint("#6d4218", 0.4))
    c.fill(top, slant("#f3cf8e", "#e2b066", "#cf9848"))

    def spot(col: float, row: float) -> Point:
        u, v = (col + 0.9) / 19.8, (row + 0.9) / 19.8
        v = v * 0.82 / (1 - 0.18 * v)
        left, right = 300 - 90 * v, 800 + 90 * v
        return left + (right - left) * u, 280 + 320 * v

    for k in range(19):
        c.line([spot(0, k), spot(18, k)], 1.4, "#6d4a1e")
        c.line([spot(k, 0), spot(k, 18)], 1.4, "#6d4a1e")
    for col in (3, 9, 15):
        for row in (3, 9, 15):
            x, y = spot(col, row)
            c.fill(oval(x, y, 4, 2.6), "#4a2f10")
    black = (
        (3, 3),
        (15, 15),
        (2, 13),
        (16, 9),
        (13, 14),
        (14, 13),
        (12, 16),
        (4, 5),
        (15, 11),
        (5, 6),
        (3, 9),
        (9, 13),
        (16, 5),
        (14, 16),
        (9, 4),
    )
    white = (
        (15, 3),
        (3, 15),
        (13, 15),
        (13, 13),
        (4, 13),
        (12, 14),
        (5, 4),
        (4, 3),
        (13, 4),
        (6, 5),
        (5, 15),
        (10, 12),
        (11, 15),
        (16, 14),
        (8, 3),
    )
    for row, col, dark in sorted([(r, q, True) for q, r in black] + [(r, q, False) for q, r in white]):
        x, y = spot(col, row)
        r = 10.6 + row * 0.3
        c.fill(oval(x + 3, y + 3, r, r * 0.66), faint("#2a1606", 0.5), soft=3)
        c.fill(
            oval(x, y - 3, r, r * 0.7),
            glow("#77808a", "#2b2d36", "#101116") if dark else glow("#ffffff", "#f3efe6", "#c9c2b4"),
        )
    for x, y, dark in ((118, 470, True), (846, 216, False)):
        c.ground(x, y + 84, 90, 14)
        bowl = [
            *arc(x, y, 92, 26, 180, 0),
            *through((x + 92, y), (x + 98, y + 50), (x + 60, y + 92), (x - 60, y + 92), (x - 98, y + 50), (x - 92, y)),
        ]
        c.body(bowl, "#a9733a", depth=14)
        with c.within(bowl):
            for row in range(8):
                for k in range(16):
                    bx, by = x - 100 + k * 13 + row % 2 * 6, y + 12 + row * 11
                    c.line([(bx, by), (bx + 8, by)], 5, faint("#e9c48a", 0.5))
        c.fill(oval(x, y, 92, 26), "#7d4f24")
        for sx, sy, _ in scatter(3, 26, x - 62, y - 14, x + 62, y + 12):
            c.fill(oval(sx, sy, 17, 10), glow("#77808a", "#1b1c22") if dark else glow("#ffffff", "#d6d0c4"))


def yoga_mat(c: Canvas) -> None:
    """A lilac mat, half unrolled, with a block and a bottle."""
    wall(c, "#e6dfd2")
    sunbeams(c, x=560, share=0.55)
    leaf_shadow(c, 60, 300, size=1.6, turn=-24)
    c.fill(box(-2, 430, 962, 722), down("#d9b98e", "#c39a6a"))
    planks(c, "#c39a6a", horizon=430)
    c.fill(box(-2, 420, 962, 434), down("#ffffff", "#e2dacb"))
    sheet = path("M300 470 L850 470 L930 690 L220 690 Z")
    c.drop(sheet, 4, 10, soft=10, share=0.4)
    c.fill(sheet, slant("#c9b2e6", "#b59ad8", "#a488cb"))
    c.line([(220, 690), (930, 690)], 7, "#8469ad")
    with c.within(sheet):
        c.line([(590, 470), (590, 690)], 3, faint("#ffffff", 0.55))
        for k in (0, 1, 2):
            c.line([(380 + k * 160, 580), (480 + k * 160, 580)], 3, faint("#ffffff", 0.5))
        c.line(arc(590, 580, 60, 34, 0, 360), 3, faint("#ffffff", 0.6), closed=True)
        for x, y, turn in scatter(2, 160, 220, 470, 930, 690):
            c.fill(oval(x, y, 1.6), faint("#6f559a" if turn < 180 else "#ffffff", 0.3))
        c.fill(box(210, 460, 400, 700), across("#3a1d6066", "#3a1d6000"))
    c.drop(path("M190 370 L330 370 L310 690 L150 690 Z"), 26, 6, soft=14, share=0.4)
    roll = path("M206 392 Q264 340 322 392 L298 640 Q218 720 140 640 Z")
    c.body(roll, "#a98fce", depth=18, paint=across("#8469ad", "#cdb9e8", "#b59ad8", "#8469ad", "#6a5093"))
    c.fill(oval(219, 642, 79, 56), "#b59ad8")
    for k in range(6):
        c.line(arc(219, 642, 74 - k * 12, 52 - k * 8.6, k * 30, k * 30 + 350), 4, "#7d62a8" if k % 2 else "#dccdf0")
    for t in (0.28, 0.66):
        y = 392 + 250 * t
        c.line(arc(263 - 43 * t, y, 57 + 20 * t, 40, 195, 345), 15, "#f3ece0")
    c.ground(716, 440, 100, 12)
    c.body(box(640, 348, 800, 444, 12), "#7fae9c", depth=12)
    c.ground(868, 446, 40, 8)
    c.body(path("M838 290 L898 290 L902 432 Q900 446 884 446 L852 446 Q836 446 834 432 Z"), "#e8907a", depth=10)
    c.body(box(846, 252, 890, 290, 10), "#fbf4ea", depth=6)


def cat_tower(c: Canvas) -> None:
    """A sisal tower with a ginger cat on top."""
    studio(c, "#c5d8e2")
    disc(c, "#dbe8ee", 480, 320, 280)
    c.ground(480, 670, 250, 20)
    plush, rope = "#efe2cc", "#c79a62"

    def post(x: float, y0: float, y1: float) -> None:
        shape = box(x - 24, y0, x + 24, y1)
        c.fill(shape, cylinder(rope))
        with c.within(shape):
            for k in range(int((y1 - y0) / 8) + 1):
                c.line([(x - 26, y0 + k * 8 + 3), (x + 26, y0 + k * 8 - 3)], 2, faint("#6d4a20", 0.5))

    def shelf(x0: float, x1: float, y: float) -> None:
        board = box(x0, y, x1, y + 30, 15)
        c.drop(board, 4, 12, soft=9, share=0.35)
        c.body(board, plush, depth=9)

    post(600, 230, 640)
    post(370, 400, 640)
    shelf(250, 710, 638)
    shelf(270, 480, 390)
    shelf(510, 730, 480)
    c.drop(oval(600, 402, 108, 88), 8, 10, soft=12)
    c.body(oval(600, 402, 106, 88), plush, depth=18)
    c.fill(oval(592, 404, 62, 56), glow("#6d5a50", "#3a2d2b"))
    c.line(oval(592, 404, 62, 56), 7, "#c9b492", closed=True)
    for x in (572, 612):
        c.fill(oval(x, 400, 9, 11), "#f3dc6b")
        c.fill(oval(x, 400, 3, 10), "#1d1620")
    post(470, 260, 396)
    shelf(400, 720, 238)
    nest = path("M420 238 C416 190 440 172 470 178 L650 178 C690 170 706 196 700 238 Z")
    _cat(c, 560, 176)
    c.body(nest, plush, depth=12)
    for k in range(9):
        c.fill(
            ribbon(through((440 + k * 30, 192), (436 + k * 31, 212), (440 + k * 30, 232)), 2, 2, 7),
            faint("#b39a72", 0.35),
        )
    c.line(through((690, 268), (694, 320), (688, 352)), 3, "#9c8a78")
    c.body(oval(688, 366, 17), "#e36f6f", depth=6)
    c.line([(316, 420), (316, 470)], 3, "#9c8a78")
    c.body(blob((316, 470), (336, 486), (330, 510), (302, 510), (296, 486)), "#7fae9c", depth=5)
    c.ground(806, 660, 44, 8)
    c.body(oval(806, 628, 34), "#7f9cc9", depth=8)
    for k in range(4):
        c.line(arc(806, 628, 30, 12 + k * 5, 200 - k * 12, 340 - k * 12), 2.4, faint("#ffffff", 0.6))


def _cat(c: Canvas, x: float, y: float) -> None:
    fur = "#e8983f"
    with c.at(x, y):
        c.body(blob((-40, 20), (-30, -50), (30, -80), (104, -44), (116, 30)), fur, depth=14)
        for k in range(3):
            c.fill(
                ribbon(through((40 + k * 22, -70 + k * 10), (46 + k * 22, -40), (40 + k * 22, -16)), 9, 1), "#b9651f"
            )
        c.line(through((108, 0), (140, 10), (136, 60), (150, 84)), 19, fur)
        c.line(through((145, 74), (150, 84)), 19, "#b9651f")
        head = blob(
            (-92, -40),
            (-88, -104),
            (-88, -104),
            (-58, -84),
            (-20, -84),
            (10, -104),
            (10, -104),
            (14, -40),
            (-8, 4),
            (-40, 14),
            (-72, 4),
        )
        c.drop(head, 5, 6, soft=7)
        c.body(head, fur, depth=11)
        for dx in (-76, -2):
            c.fill(path(f"M{dx - 8} -84 L{dx + 2} -92 L{dx + 8} -78 Z"), "#f6c0b0")
        for dx in (-52, -39, -26):
            c.fill(ribbon(through((dx, -84), (dx, -70), (dx, -58)), 8, 1), "#b9651f")
        for dx in (-64, -14):
            c.line(arc(dx, -38, 10, 8, 190, 350), 4, "#3a221a")
        c.fill(oval(-39, -12, 24, 17), "#fbead2")
        c.fill(path("M-46 -22 L-32 -22 L-39 -13 Z"), "#d9736a")
        c.line(through((-50, -6), (-44, -3), (-39, -10), (-34, -3), (-28, -6)), 2.6, "#7d4a2a")
        for k in (-1, 0, 1):
            c.line([(-60, -10 + k * 5), (-96, -14 + k * 12)], 1.8, faint("#ffffff", 0.9))
            c.line([(-18, -10 + k * 5), (18, -14 + k * 12)], 1.8, faint("#ffffff", 0.9))


DRAWINGS: dict[str, Drawing] = {
    "guitar-01": guitar,
    "go-board-01": go_board,
    "yoga-mat-01": yoga_mat,
    "monstera-01": monstera,
    "cat-tower-01": cat_tower,
}
