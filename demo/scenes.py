"""What stands behind and under the goods: a studio sweep, a table, a podium, an arch, a clothes hanger, a meadow."""

from demo.brush import HEIGHT, WIDTH, Canvas, cylinder, darker, down, faint, glow, lighter, slant
from demo.shapes import Shape, arc, box, moved, oval, path, ribbon, through, turned

FULL: Shape = box(-2, -2, WIDTH + 2, HEIGHT + 2)


def wall(c: Canvas, colour: str) -> None:
    """A plain wall, lit from the upper left."""
    c.fill(FULL, glow(lighter(colour, 0.5), colour, darker(colour, 0.14), focus=(0.34, 0.26), reach=1.1))


def disc(c: Canvas, colour: str, x: float = 480, y: float = 335, r: float = 275) -> None:
    """A large soft disc behind the object."""
    c.fill(oval(x, y, r), slant(lighter(colour, 0.5), colour))


def studio(c: Canvas, colour: str) -> None:
    """A seamless sweep of paper: the wall bends into the floor."""
    wall(c, colour)
    c.fill(box(-80, 540, WIDTH + 80, HEIGHT + 120), faint(lighter(colour, 0.75), 0.5), soft=45)


def table(c: Canvas, colour: str, top: str, *, horizon: float = 520) -> None:
    """A wall and a table top before it."""
    wall(c, colour)
    c.fill(box(-40, horizon - 18, WIDTH + 40, horizon + 4), faint(darker(colour, 0.6), 0.26), soft=10)
    c.fill(box(-2, horizon, WIDTH + 2, HEIGHT + 2), down(lighter(top, 0.25), top, darker(top, 0.12)))
    c.fill(box(-2, horizon, WIDTH + 2, horizon + 2.5), faint("#ffffff", 0.55))


def planks(c: Canvas, top: str, *, horizon: float = 520) -> None:
    """Wood grain for the table top of that colour."""
    grain = faint(darker(top, 0.5), 0.2)
    for i in range(6):
        y = horizon + 16 + i * 14 + i * i * 4
        c.line(through((-10, y), (260, y + 5), (560, y - 3), (980, y + 4)), 1.4 + i * 0.25, grain)


def podium(c: Canvas, colour: str, *, cx: float = 480, top: float = 560, rx: float = 310, tall: float = 70) -> None:
    """A low round stand whose upper face is centred on (cx, top)."""
    ry = rx * 0.16
    c.fill(oval(cx + 36, top + tall + 8, rx * 1.12, ry * 1.15), faint("#2a1c34", 0.26), soft=22)
    c.fill([*arc(cx, top, rx, ry, 180, 0), *arc(cx, top + tall, rx, ry, 0, 180)], cylinder(colour))
    c.fill(oval(cx, top, rx, ry), down(lighter(colour, 0.35), lighter(colour, 0.6)))


def arch(c: Canvas, colour: str, *, x0: float = 230, x1: float = 730, top: float = 70, foot: float = 560) -> None:
    """An arched niche in the wall, its floor at `foot`."""
    r = (x1 - x0) / 2
    shape = [*arc((x0 + x1) / 2, top + r, r, r, 180, 360), (x1, foot), (x0, foot)]
    c.fill(shape, down(darker(colour, 0.06), lighter(colour, 0.18)))
    c.shade(shape, faint(darker(colour, 0.7), 0.34), -12, -14, soft=18)


def sunbeams(c: Canvas, *, share: float = 0.3, x: float = 520) -> None:
    """The light of a window with its crossbars, falling aslant on the wall."""
    for i in range(2):
        for k in range(3):
            left, top = x + i * 132 - k * 26, 40 + k * 128 + i * 34
            pane = path(f"M{left} {top} L{left + 116} {top + 30} L{left + 92} {top + 144} L{left - 24} {top + 114} Z")
            c.fill(pane, faint("#fffbe8", share), soft=5)


def leaf_shadow(c: Canvas, x: float, y: float, *, size: float = 1.0, turn: float = 0.0, share: float = 0.13) -> None:
    """The blurred shadow of a palm twig on the wall."""
    with c.at(x, y, size=size, turn=turn):
        c.line(through((0, 0), (90, -60), (200, -90)), 6, faint("#3a2a48", share), soft=4)
        for i in range(8):
            bx, by = 20 + i * 25, -16 - i * 11 + i * i * 0.35
            for side in (-1, 1):
                leaf = ribbon(through((0, 0), (55, -8), (120 - i * 6, 6)), 3, 1, 24)
                leaf = moved(turned(leaf, -28 + side * 46 - i * 2, (0, 0)), bx, by)
                c.fill(leaf, faint("#3a2a48", share), soft=4.5)


def hanger(c: Canvas, *, cx: float = 480, y: float = 150, span: float = 120, wood: str = "#b98556") -> None:
    """A wooden hanger on a peg; its arms fall from (cx, y) by a third of `span`."""
    hook = [*arc(cx, y - 62, 20, 20, -170, 75), (cx + 2, y - 34), (cx, y - 6)]
    c.line(moved(hook, 8, 8), 6, faint("#2a1c34", 0.2), soft=4)
    c.line(hook, 6, "#8d8f99")
    c.line(moved(hook, -1, -1), 2, "#e9eaf0")
    arms = ribbon(through((cx - span, y + span / 3), (cx - span / 2, y + span / 9), (cx, y), (cx, y)), 18, 22)
    for arm in (arms, [(2 * cx - px, py) for px, py in arms]):
        c.drop(arm, 8, 10, soft=6)
        c.body(arm, wood, depth=6)
    c.fill(oval(cx, y - 84, 15), "#cfb08a")
    c.fill(oval(cx - 2, y - 87, 11), "#e3c9a6")


def meadow(
    c: Canvas,
    sky: tuple[str, str, str],
    hills: tuple[str, str],
    grass: str,
    *,
    horizon: float = 500,
    clouds: float = 0.62,
) -> None:
    """Open air: a sky, clouds, two ranges of hills and grass."""
    c.fill(FULL, down(*sky))
    for x, y, s in ((170, 130, 1.0), (770, 90, 0.8), (620, 210, 0.55)):
        for dx, dy, r in ((-60, 8, 34), (-18, -10, 48), (36, -2, 40), (78, 12, 26)):
            c.fill(oval(x + dx * s, y + dy * s, r * s, r * s * 0.72), faint("#ffffff", clouds), soft=6)
    h = horizon
    far = through((-20, h - 60), (160, h - 150), (330, h - 80), (560, h - 180), (980, h - 60))
    c.fill([*far, (980, HEIGHT), (-20, HEIGHT)], down(hills[0], lighter(hills[0], 0.5)))
    near = through((-20, h - 20), (240, h - 60), (520, h - 18), (760, h - 78), (980, h - 30))
    c.fill([*near, (980, HEIGHT), (-20, HEIGHT)], down(hills[1], lighter(hills[1], 0.3)))
    ground = through((-20, h + 14), (300, h), (700, h + 10), (980, h - 4))
    c.fill([*ground, (980, HEIGHT + 4), (-20, HEIGHT + 4)], down(lighter(grass, 0.22), grass, darker(grass, 0.16)))


def steam(c: Canvas, x: float, y: float, *, size: float = 1.0, share: float = 0.5) -> None:
    """Three curls of steam rising from (x, y)."""
    with c.at(x, y, size=size):
        for dx, tall, bend in ((-34, 96, 16), (0, 130, -20), (36, 88, 15)):
            curl = through((dx, 0), (dx + bend, -tall * 0.33), (dx - bend, -tall * 0.66), (dx + bend * 0.6, -tall))
            c.fill(ribbon(curl, 3, 2, 17), faint("#ffffff", share), soft=3.5)
