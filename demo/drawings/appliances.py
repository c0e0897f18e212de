"""Pictures of the appliances."""

from demo.brush import Canvas, Drawing, across, cylinder, down, faint, glow, slant
from demo.scenes import arch, disc, leaf_shadow, planks, podium, steam, studio, sunbeams, table, wall
from demo.shapes import arc, blob, box, lathe, mirrored, moved, oval, path, ribbon, scaled, through, turned


def rice_cooker(c: Canvas) -> None:
    """A round-shouldered cooker with a bowl of rice beside it."""
    table(c, "#b9d3cf", "#e2c9a4")
    planks(c, "#e2c9a4")
    sunbeams(c, x=600)
    steam(c, 430, 190, share=0.65)
    c.ground(440, 612, 235, 24)
    shell = mirrored(path("M440 236 C330 236 254 262 236 318 C216 380 220 500 246 566 C258 600 300 614 440 614"), 440)
    c.body(shell, "#f3ece0", depth=26)
    lid = mirrored(path("M440 196 C330 196 262 226 240 300 C300 322 380 328 440 328"), 440)
    c.drop(lid, 0, 9, soft=8, share=0.3)
    c.body(lid, "#e9dfd0", depth=18)
    c.line(through((242, 302), (330, 325), (440, 331), (550, 325), (638, 302)), 5, "#b99a6b")
    c.fill(oval(452, 224, 54, 13), "#cbbda8")
    c.fill(oval(452, 221, 46, 9), down("#4b4651", "#77707a"))
    c.body(box(398, 330, 482, 352, 10), "#c9a878", depth=5)
    panel = box(336, 382, 544, 566, 60)
    c.fill(panel, slant("#4a4650", "#2c2933"))
    c.shade(panel, "#00000066", 4, 6, soft=8)
    c.fill(box(372, 408, 508, 474, 20), down("#10292b", "#1d4245"))
    for k, tall in enumerate((16, 26, 36, 30, 22, 32, 40, 24)):
        c.fill(box(388 + k * 14, 460 - tall, 395 + k * 14, 460, 3), faint("#7ff0dc", 0.9))
    c.fill(oval(440, 519, 29), "#c9a878")
    c.fill(oval(439, 517, 24), glow("#fff3dc", "#d8b98a"))
    for x in (378, 502):
        c.fill(oval(x, 519, 11), "#6b6672")
    c.fill(ribbon(through((270, 350), (258, 430), (272, 530)), 4, 4, 16), faint("#ffffff", 0.65), soft=5)
    _rice_bowl(c, 735, 560)


def _rice_bowl(c: Canvas, x: float, y: float) -> None:
    with c.at(x, y):
        c.ground(0, 78, 74, 12)
        c.fill(blob((-98, -6), (-70, -50), (-20, -78), (40, -70), (86, -36), (98, -4)), glow("#ffffff", "#efe9dc"))
        for k in range(46):
            gx, gy = -80 + (k * 47) % 160, -58 + (k * 29) % 52
            if (gx / 92) ** 2 + ((gy + 6) / 66) ** 2 < 0.9:
                c.line([(gx - 4, gy), (gx + 4, gy - 3 + k % 6)], 4.2, "#ffffff" if k % 3 else "#ded5c4")
        bowl = path("M-108 -14 C-104 44 -64 76 -34 80 L34 80 C64 76 104 44 108 -14 Q0 14 -108 -14 Z")
        c.body(bowl, "#4f7f9b", depth=14)
        with c.within(bowl):
            for k in range(-5, 6):
                c.line(arc(k * 38, 34, 17, 17, 180, 360), 3, faint("#ffffff", 0.5))
                c.line(arc(k * 38, 34, 9, 9, 180, 360), 2.4, faint("#ffffff", 0.5))
        for dx in (0, 16):
            c.line([(60 + dx, -118), (-50 + dx * 2.2, -22)], 6, "#8a3b2c")


def electric_kettle(c: Canvas) -> None:
    """A gooseneck kettle with a wooden handle on its base."""
    wall(c, "#d7c7bb")
    arch(c, "#e6d8cb", x0=190, x1=770, top=60, foot=598)
    c.fill(box(-2, 598, 962, 722), down("#efe6dc", "#d3c2b3"))
    c.ground(480, 640, 190, 24)
    c.body(
        path("M312 612 L648 612 Q668 612 668 632 Q668 652 640 652 L320 652 Q292 652 292 632 Q292 612 312 612 Z"),
        "#35333b",
        depth=8,
    )
    c.fill(oval(480, 632, 15), glow("#ffe0b0", "#f09a4a"))
    spout = ribbon(through((378, 548), (286, 552), (268, 460), (262, 370), (222, 300), (168, 292)), 48, 15, 22)
    c.drop(spout, 10, 12, soft=9)
    c.body(spout, "#f2efe9", depth=10)
    c.fill(oval(166, 293, 5, 8), "#5c5560")
    grip = through((592, 318), (690, 300), (742, 360), (716, 470), (690, 520))
    c.drop(ribbon(grip, 26, 30, 34), 12, 12, soft=9)
    c.body(ribbon(grip, 26, 28, 38), "#a8714a", depth=9)
    for k in (-6, 5):
        c.line(through((650 + k, 312), (716 + k, 362), (704 + k, 450), (684 + k, 510)), 1.6, faint("#5d3421", 0.5))
    pot = mirrored(path("M480 262 L402 266 C384 268 378 276 374 296 L330 586 Q326 612 350 612 L480 612"), 480)
    c.fill(pot, cylinder("#f5f2ec"))
    c.shade(pot, faint("#40304a", 0.3), 0, 12, soft=14)
    c.fill(path("M384 254 Q480 240 576 254 L584 276 Q480 290 376 276 Z"), cylinder("#dcd6cc"))
    lid = path("M400 252 Q404 222 480 220 Q556 222 560 252 Q480 266 400 252 Z")
    c.body(lid, "#f2efe9", depth=8)
    c.body(oval(480, 204, 24, 20), "#a8714a", depth=7)
    c.fill(ribbon(through((402, 312), (384, 440), (366, 574)), 6, 8, 20), faint("#ffffff", 0.8), soft=4)
    c.line(through((350, 560), (480, 574), (610, 560)), 3, faint("#b98556", 0.8))
    c.ground(800, 650, 62, 10)
    c.body(path("M738 560 L862 560 C862 620 846 650 824 654 L776 654 C754 650 738 620 738 560 Z"), "#8fae9f", depth=10)
    c.fill(oval(800, 560, 62, 13), "#6e8d7f")
    c.fill(oval(800, 563, 54, 10), "#c98d4e")
    steam(c, 800, 540, size=0.7, share=0.7)


def desk_fan(c: Canvas) -> None:
    """A metal fan with a round cage, in sage green."""
    studio(c, "#f0d9c4")
    disc(c, "#f6e6d3", 480, 300, 262)
    leaf_shadow(c, 690, 210, size=1.1, turn=-10)
    c.ground(480, 642, 190, 24)
    c.body(mirrored(path("M480 596 C400 598 330 606 306 630 Q296 648 330 654 L480 656"), 480), "#8fa98a", depth=12)
    for k in range(4):
        c.body(box(412 + k * 36, 616, 440 + k * 36, 632, 7), "#f4ecdd" if k else "#d9694f", depth=3)
    neck = path("M456 500 L504 500 L516 604 Q480 614 444 604 Z")
    c.fill(neck, cylinder("#83a07f"))
    c.drop(oval(480, 300, 222), 22, 26, soft=20, share=0.3)
    c.fill(oval(480, 300, 222), glow("#5d7a66", "#3f5a4c", focus=(0.4, 0.35), reach=0.8))
    blade = blob((0, -20), (-64, -80), (-58, -178), (10, -196), (74, -150), (62, -74))
    for k in range(4):
        wing = moved(turned(blade, 20 + 90 * k, (0, 0)), 480, 300)
        c.drop(wing, 6, 8, soft=6, share=0.35)
        c.body(wing, "#e8efe2", depth=14)
    for k in range(44):
        spoke = turned(through((480, 244), (486, 180), (480, 84)), k * 360 / 44, (480, 300))
        c.line(spoke, 1.9, faint("#20352c", 0.25))
        c.line(moved(spoke, -1.5, -1.5), 2.2, "#b7cbb0")
    for r in (150, 100, 206):
        c.line(oval(480, 300, r), 3, "#9db597", closed=True)
    c.line(oval(480, 300, 220), 17, "#7d9a7b", closed=True)
    c.line(oval(478, 298, 222), 5, "#bfd2b6", closed=True)
    c.body(oval(480, 300, 56), "#8fa98a", depth=12)
    c.fill(oval(480, 300, 38), glow("#f7e9c8", "#c99d55"))
    c.line(oval(480, 300, 38), 3, "#a27a3c", closed=True)


def air_fryer(c: Canvas) -> None:
    """A black fryer whose lit window shows golden drumsticks."""
    table(c, "#e3b98f", "#f3e4d0", horizon=540)
    sunbeams(c, x=60, share=0.25)
    c.ground(480, 640, 222, 26)
    shell = mirrored(path("M480 120 C370 118 300 150 278 230 C252 330 250 500 268 600 Q274 642 330 644 L480 644"), 480)
    c.body(shell, "#3a3740", depth=30)
    c.fill(ribbon(through((300, 250), (282, 380), (286, 560)), 6, 6, 26), faint("#ffffff", 0.25), soft=8)
    c.fill(oval(480, 168, 128, 30), down("#25232b", "#4b4753"))
    c.fill(oval(480, 164, 56, 20), "#c8a26a")
    c.fill(oval(480, 158, 56, 20), glow("#fff0d4", "#cfa76c"))
    c.line([(480, 158), (512, 150)], 4, "#6e4c22")
    drawer = mirrored(path("M480 250 L320 254 Q296 256 292 290 L284 590 Q284 620 316 620 L480 622"), 480)
    c.line(drawer, 4, "#1d1b22", closed=True)
    c.shade(drawer, "#00000055", 6, 8, soft=10)
    pane = box(336, 286, 624, 496, 34)
    c.fill(pane, "#191419")
    with c.within(scaled(pane, 0.95, 0.93, (480, 391))):
        c.fill(box(330, 280, 630, 500), glow("#ffd98c", "#e88d34", "#7c2f17", focus=(0.5, 0.25), reach=0.9))
        c.line([(330, 478), (630, 478)], 5, "#4b1d10")
        for k in range(15):
            c.line([(340 + k * 20, 478), (340 + k * 20, 500)], 4, "#4b1d10")
        for x, y, t in ((420, 428, -18), (540, 434, 24), (482, 396, 178), (398, 370, 150), (566, 372, 20)):
            _drumstick(c, x, y, t)
    c.fill(path("M352 300 L430 300 L372 480 L340 480 Z"), faint("#ffffff", 0.1))
    c.drop(box(418, 526, 542, 566, 20), 6, 14, soft=9, share=0.5)
    c.body(box(418, 520, 542, 562, 20), "#c8a26a", depth=9)
    for x, y, r in ((770, 620, 40), (842, 634, 33)):
        c.ground(x, y + r - 4, r, 8)
        c.body(oval(x, y, r), "#d9483b", depth=10)
        c.fill(blob((x - 14, y - r + 4), (x, y - r - 6), (x + 16, y - r + 2), (x, y - r + 8)), "#4f8a45")


def _drumstick(c: Canvas, x: float, y: float, turn: float) -> None:
    with c.at(x, y, turn=turn):
        c.line([(40, 0), (82, 0)], 13, "#f6e6cf")
        c.fill(oval(84, -7, 9), "#fff3e0")
        c.fill(oval(84, 7, 9), "#fff3e0")
        meat = blob((-52, 0), (-36, -36), (8, -34), (52, -8), (52, 9), (6, 32), (-38, 34))
        c.body(meat, "#c9701f", depth=12)
        for k in range(9):
            c.fill(oval(-34 + (k * 31) % 66, -18 + (k * 17) % 34, 3.4), faint("#fbd48a", 0.75))


def robot_vacuum(c: Canvas) -> None:
    """A round robot on a wooden floor, with its clean track behind it."""
    wall(c, "#c9d6df")
    c.fill(box(-2, 0, 962, 210), down("#c3d2dc", "#dde6eb"))
    c.fill(box(-2, 188, 962, 226), down("#ffffff", "#e7e7ea"))
    c.fill(box(-2, 226, 962, 722), down("#b98d63", "#d9b084"))
    for k in range(-12, 13):
        c.line([(480 + k * 70, 226), (480 + k * 210, 722)], 2.2, faint("#6b4324", 0.4))
    for k in range(26):
        lane, depth = (k * 5) % 24 - 12, 0.1 + (k * 37 % 90) / 100
        y = 226 + 496 * depth
        c.line(
            [(480 + lane * (70 + 140 * depth), y), (480 + (lane + 1) * (70 + 140 * depth), y)],
            2.2,
            faint("#6b4324", 0.4),
        )
    c.fill(path("M360 226 L600 226 L830 722 L150 722 Z"), faint("#fff6e2", 0.22), soft=14)
    dock = box(400, 96, 560, 236, (24, 24, 4, 4))
    c.drop(dock, 12, 10, soft=12)
    c.body(dock, "#f2f3f5", depth=14)
    c.fill(oval(480, 130, 7), "#57d3a1")
    c.ground(480, 560, 270, 74)
    for k in range(3):
        hair = turned(through((262, 578), (215, 600), (176, 596)), k * 42 - 40, (262, 578))
        c.line(hair, 5, "#57525f")
    side = [*arc(480, 470, 262, 142, 180, 0), *arc(480, 532, 262, 142, 0, 180)]
    c.fill(side, across("#8d929c", "#e9ebef", "#ffffff", "#d4d7dd", "#9a9fa9", "#7b808b"))
    c.line(arc(480, 520, 262, 142, 8, 172), 5, "#6b707b")
    c.fill(box(386, 636, 574, 664, 12), "#2f3038")
    c.fill(oval(480, 470, 262, 142), glow("#ffffff", "#eef0f3", "#c9cdd5", focus=(0.34, 0.26)))
    c.line(oval(480, 470, 240, 128), 2.5, "#c3c7cf", closed=True)
    c.fill([*arc(480, 434, 74, 38, 180, 0), *arc(480, 462, 74, 38, 0, 180)], across("#2a2b33", "#5b5d68", "#23242b"))
    c.fill(oval(480, 434, 74, 38), glow("#7d808c", "#3b3d47"))
    c.line(oval(480, 434, 46, 23), 3, "#aab0bc", closed=True)
    c.fill(oval(480, 566, 34, 14), "#dfe2e7")
    c.fill(oval(480, 565, 12, 6), "#57d3a1")
    c.fill(oval(480, 565, 30, 14), faint("#57d3a1", 0.4), soft=7)


def espresso_machine(c: Canvas) -> None:
    """A cream machine pulling a shot into a cup."""
    table(c, "#a9b9a6", "#8e6547", horizon=560)
    planks(c, "#8e6547", horizon=560)
    leaf_shadow(c, 60, 330, size=1.4, turn=-20)
    c.ground(490, 640, 235, 24)
    back = box(300, 190, 680, 640, (46, 46, 18, 18))
    c.body(back, "#efe3cc", depth=20)
    recess = box(330, 332, 650, 584, 14)
    c.fill(recess, down("#5b5149", "#8d8073"))
    c.shade(recess, "#00000066", -8, -16, soft=16)
    head = box(282, 186, 698, 346, (50, 50, 26, 26))
    c.drop(head, 0, 16, soft=12, share=0.45)
    c.body(head, "#f6ecd8", depth=18)
    c.fill(box(320, 176, 660, 190, 6), across("#8b8d95", "#f2f3f5", "#9b9da6"))
    for x in (370, 448, 530):
        c.body(path(f"M{x - 30} 128 L{x + 30} 128 L{x + 22} 176 L{x - 22} 176 Z"), "#ffffff", depth=7)
        c.fill(oval(x, 128, 30, 6), "#e6ded2")
    c.fill(oval(372, 262, 50), across("#7d7f88", "#eeeff2", "#8b8d96"))
    c.fill(oval(372, 262, 42), "#fffdf6")
    for k in range(9):
        c.line(turned([(372, 228), (372, 236)], -120 + k * 30, (372, 262)), 3, "#c94f3d" if k > 6 else "#4a4650")
    c.line([(372, 262), (392, 240)], 4, "#c94f3d")
    for x, knob in ((500, "#3f3c45"), (562, "#c9a878"), (624, "#3f3c45")):
        c.body(oval(x, 262, 21), knob, depth=6)
    group = path("M430 344 L556 344 L548 384 L438 384 Z")
    c.fill(group, across("#70727b", "#f0f1f4", "#b9bbc3", "#6b6d76"))
    c.fill(box(424, 384, 562, 408, 8), across("#5f616a", "#e6e7eb", "#8c8e97", "#5f616a"))
    c.drop(box(500, 388, 726, 414, 13), 0, 12, soft=7)
    c.body(ribbon([(556, 398), (640, 400), (736, 404)], 20, 34, 30), "#4a2f22", depth=8)
    c.fill(path("M470 408 L518 408 L510 428 L478 428 Z"), "#8c8e97")
    for x in (484, 504):
        c.line([(x, 426), (x, 500)], 6, "#5b3016")
    c.line(through((610, 346), (628, 420), (620, 500), (634, 540)), 9, across("#8b8d95", "#f2f3f5", "#8b8d95"))
    tray = box(300, 576, 690, 632, (8, 8, 18, 18))
    c.body(tray, "#d6c7ad", depth=9)
    for k in range(17):
        c.line([(330 + k * 20, 580), (322 + k * 21, 594)], 5, "#5b5149")
    c.line(arc(558, 530, 24, 20, -80, 100), 9, "#ffffff")
    cup = path("M428 496 L560 496 C560 548 540 578 516 582 L472 582 C448 578 428 548 428 496 Z")
    c.body(cup, "#ffffff", depth=10)
    c.fill(oval(494, 496, 66, 11), "#e9dfd3")
    c.fill(oval(494, 498, 58, 8), glow("#c98d4e", "#6b3a1c"))
    for x, y, turn in ((772, 640, 20), (812, 622, 80), (850, 650, -25), (800, 668, 50), (892, 628, 10)):
        with c.at(x, y, turn=turn):
            c.drop(oval(0, 0, 21, 14), 4, 6, soft=4, share=0.45)
            c.body(oval(0, 0, 21, 14), "#6b3d25", depth=6)
            c.line(through((-18, 1), (-6, -4), (6, 4), (18, -1)), 3, "#33190d")


def toaster(c: Canvas) -> None:
    """A cherry-red toaster with two slices just up."""
    table(c, "#f2dba6", "#f7f0e2", horizon=530)
    for k in range(9):
        c.line([(k * 120, 0), (k * 120, 514)], 2, faint("#ffffff", 0.45))
    for k in range(6):
        c.line([(0, k * 88), (960, k * 88)], 2, faint("#ffffff", 0.45))
    c.ground(480, 622, 275, 28)
    bread = blob(
        (-104, 150), (-104, 20), (-128, -40), (-84, -96), (0, -104), (84, -96), (128, -40), (104, 20), (104, 150)
    )
    for x, y in ((545, 236), (415, 250)):
        slice_ = moved(bread, x, y)
        c.drop(slice_, 10, 6, soft=8)
        c.body(slice_, "#b06a2c", depth=12)
        crumb = scaled(slice_, 0.86, 0.87, (x, y + 4))
        c.fill(crumb, glow("#f8dfae", "#e9b76b", "#cf8f42", focus=(0.45, 0.45), reach=0.75))
        for k in range(14):
            c.fill(oval(x - 70 + (k * 53) % 140, y - 60 + (k * 31) % 110, 3, 2), faint("#a8652a", 0.4))
    shell = mirrored(path("M480 306 L330 308 C240 310 212 350 206 430 L196 560 Q194 596 230 598 L480 598"), 480)
    c.body(shell, "#c8323a", depth=28)
    c.fill(path("M300 310 Q480 292 660 310 Q640 330 480 330 Q320 330 300 310 Z"), down("#6d6f78", "#d9dbe0"))
    c.fill(path("M318 312 Q480 300 642 312 Q620 322 480 322 Q340 322 318 312 Z"), "#3b3038")
    c.fill(ribbon(through((244, 380), (226, 460), (222, 560)), 8, 6, 26), faint("#ffffff", 0.5), soft=6)
    c.fill(ribbon(through((270, 346), (400, 336), (560, 336)), 4, 2, 12), faint("#ffffff", 0.55), soft=3)
    c.fill(box(206, 586, 754, 614, 12), across("#7b7d86", "#f6f7f9", "#a9abb4", "#f1f2f5", "#70727b"))
    for x in (260, 700):
        c.fill(box(x - 26, 612, x + 26, 628, 6), "#2f2a33")
    c.fill(oval(400, 476, 52), across("#83858e", "#f4f5f7", "#8b8d96"))
    c.body(oval(400, 476, 42), "#f7efe0", depth=9)
    c.line([(400, 476), (400, 444)], 7, "#c8323a")
    for k in range(7):
        dot = turned(oval(400, 410, 4.5), -90 + k * 30, (400, 476))
        c.fill(dot, "#f9d9c8")
    c.fill(box(596, 384, 612, 560, 8), "#7d1a24")
    c.drop(box(566, 410, 642, 440, 15), 4, 10, soft=6, share=0.4)
    c.body(box(566, 406, 642, 436, 15), "#f4f1ec", depth=8)


def humidifier(c: Canvas) -> None:
    """A white drop that breathes mist, with a ring of warm light."""
    wall(c, "#6d8196")
    c.fill(box(-2, 0, 962, 722), down("#53687f", "#8496a6", "#a9b2b8"))
    c.fill(oval(480, 560, 420, 240), faint("#ffcf94", 0.34), soft=70)
    c.fill(box(-2, 588, 962, 722), down("#cdb8a4", "#a48a78"))
    c.ground(480, 640, 190, 26)
    for x, tall, bend, wide in ((470, 190, 40, 44), (494, 150, -50, 36), (482, 220, -26, 40)):
        mist = through((x, 190), (x + bend, 150), (x - bend, 190 - tall * 0.62), (x + bend * 2, -30))
        c.fill(ribbon(mist, 12, 60, wide), faint("#ffffff", 0.4), soft=13)
    drop = lathe(480, (22, 170), (34, 214), (104, 326), (170, 450), (166, 560), (120, 622), (90, 640), (0, 640))
    c.body(drop, "#f4f6f8", depth=30)
    tank = lathe(480, (30, 206), (58, 256), (112, 350), (160, 446), (166, 500), (0, 512))
    with c.within(tank):
        c.fill(tank, faint("#cfe3ee", 0.5))
        c.fill(path("M280 400 Q380 380 480 400 Q580 420 690 396 L690 540 L280 540 Z"), down("#a6cde4cc", "#7fb4d4cc"))
        for x, y, r in ((420, 460, 7), (520, 440, 9), (470, 482, 5), (560, 474, 6), (540, 420, 4)):
            c.line(oval(x, y, r), 2, faint("#ffffff", 0.8), closed=True)
    c.fill(oval(480, 172, 24, 7), "#8fa4b3")
    c.fill(ribbon(through((440, 270), (376, 380), (346, 480)), 6, 6, 24), faint("#ffffff", 0.85), soft=5)
    ring = through((310, 520), (390, 550), (480, 558), (570, 550), (650, 520))
    c.line(ring, 22, faint("#ffb45e", 0.6), soft=12)
    c.line(ring, 8, "#ffdca0")
    c.fill(oval(480, 600, 13), glow("#ffffff", "#ffd08a"))


def hair_dryer(c: Canvas) -> None:
    """A pink dryer on a podium, blowing to the left."""
    studio(c, "#cfc3e4")
    disc(c, "#e2d8f0", 500, 310, 255)
    podium(c, "#f6eef7", cx=540, top=590, rx=230, tall=60)
    for k, y in enumerate((232, 270, 308)):
        breeze = through((250 - k * 16, y), (190, y - 12), (120, y + 10), (50 + k * 18, y - 4))
        c.fill(ribbon(breeze, 3, 3, 13), faint("#ffffff", 0.75), soft=2.5)
    c.ground(552, 592, 90, 14)
    grip = path(
        "M500 340 L602 340 C600 420 606 500 598 572 Q594 596 552 596 Q508 596 506 572 C500 500 512 420 500 340 Z"
    )
    c.fill(grip, cylinder("#e8b9bd"))
    for k in range(9):
        c.fill(oval(530 + (k % 3) * 22, 530 + (k // 3) * 16, 4), "#b98a92")
    for k in range(2):
        c.body(box(536, 414 + k * 48, 568, 446 + k * 48, 14), "#fdf3ee", depth=4)
    c.line(through((552, 596), (556, 640), (640, 668), (760, 640), (900, 690)), 9, "#cfa3aa")
    nozzle = path("M336 196 L282 214 Q272 218 272 230 L272 312 Q272 324 282 328 L336 346 Z")
    c.fill(nozzle, down("#4a4450", "#8d8794", "#3a3540", "#2b2730"))
    c.fill(oval(276, 271, 8, 52), "#1f1c24")
    barrel = box(330, 176, 692, 366, 60)
    c.drop(barrel, 12, 18, soft=14, share=0.25)
    c.body(barrel, "#f0c6c8", depth=26)
    c.fill(box(330, 176, 372, 366, (60, 0, 0, 60)), down("#e6c28f", "#fff0d2", "#c99d63", "#a87c46"))
    c.fill(ribbon(through((390, 206), (520, 198), (650, 206)), 8, 4, 20), faint("#ffffff", 0.75), soft=4)
    c.fill(oval(664, 271, 62, 84), down("#d8a9ae", "#b9868e"))
    c.fill(oval(668, 271, 50, 70), "#4a4450")
    for k in range(7):
        c.line([(640, 223 + k * 16), (696, 223 + k * 16)], 3.4, "#8d8794")
    c.line(oval(668, 271, 50, 70), 4, "#e6c28f", closed=True)


DRAWINGS: dict[str, Drawing] = {
    "rice-cooker-01": rice_cooker,
    "electric-kettle-01": electric_kettle,
    "desk-fan-01": desk_fan,
    "air-fryer-01": air_fryer,
    "robot-vacuum-01": robot_vacuum,
    "espresso-machine-01": espresso_machine,
    "toaster-01": toaster,
    "humidifier-01": humidifier,
    "hair-dryer-01": hair_dryer,
}
