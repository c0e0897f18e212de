"""The drawing tools: outlines go where they are told, and paint stays where it belongs."""

import pytest

from demo.brush import SCALE, Canvas, across, down, faint, glow, lighter, mix, rgba, slant
from demo.shapes import Shape, along, blob, box, lathe, mirrored, oval, path, ribbon, scatter, through, turned

RED, WHITE = (255, 0, 0), (255, 255, 255)


def colour(canvas: Canvas, x: float, y: float) -> tuple[int, ...]:
    pixel = canvas.image.getpixel((round(x * SCALE), round(y * SCALE)))
    assert isinstance(pixel, tuple)
    return pixel


def bounds(shape: Shape) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in shape], [y for _, y in shape]
    return (min(xs), min(ys), max(xs), max(ys))


def test_outlines_reach_exactly_their_bounds() -> None:
    assert bounds(oval(100, 50, 30, 20)) == pytest.approx((70, 30, 130, 70))
    assert bounds(box(10, 20, 110, 80, 15)) == pytest.approx((10, 20, 110, 80))
    assert bounds(path("M0 0 L40 0 L40 30 Z")) == (0, 0, 40, 30)
    assert bounds(turned(box(0, 0, 10, 4), 90, (0, 0))) == pytest.approx((-4, 0, 0, 10))


def test_smooth_lines_pass_through_their_points() -> None:
    points = ((0.0, 0.0), (30.0, 40.0), (60.0, -10.0), (90.0, 20.0))
    assert set(points) <= set(through(*points))
    assert set(points) <= set(blob(*points))


def test_turned_and_mirrored_bodies_are_symmetric() -> None:
    body = lathe(100, (20, 0), (50, 60), (30, 120))
    assert {(round(200 - x, 6), round(y, 6)) for x, y in body} == {(round(x, 6), round(y, 6)) for x, y in body}
    assert mirrored([(90.0, 0.0), (80.0, 9.0)], 100) == [(90, 0), (80, 9), (120, 9), (110, 0)]


def test_a_ribbon_has_the_widths_it_is_given() -> None:
    outline = ribbon([(0.0, 0.0), (50.0, 0.0), (100.0, 0.0)], 10, 2, 20)
    assert bounds(outline) == pytest.approx((0, -10, 100, 10))
    assert {y for x, y in outline if x == 100} == {-1, 1}


def test_places_along_a_line_are_even_and_know_its_direction() -> None:
    places = along([(0.0, 0.0), (30.0, 0.0), (30.0, 30.0)], 5)
    assert [(x, y) for x, y, _ in places] == [(0, 0), (15, 0), (30, 0), (30, 15), (30, 30)]
    assert places[0][2] == 0 and places[-1][2] == 90


def test_scattered_places_repeat_for_a_seed_and_differ_between_seeds() -> None:
    assert scatter(3, 20, 0, 0, 9, 9) == scatter(3, 20, 0, 0, 9, 9)
    assert scatter(3, 20, 0, 0, 9, 9) != scatter(4, 20, 0, 0, 9, 9)


def test_fill_paints_inside_and_leaves_the_hole() -> None:
    canvas = Canvas()
    canvas.fill(box(100, 100, 300, 300), "#ff0000", hole=box(180, 180, 220, 220))
    assert colour(canvas, 120, 120) == RED
    assert colour(canvas, 200, 200) == WHITE
    assert colour(canvas, 90, 120) == WHITE


def test_within_keeps_paint_inside_and_ends_with_its_block() -> None:
    canvas = Canvas()
    with canvas.within(box(100, 100, 200, 200)), canvas.within(box(150, 0, 900, 700)):
        canvas.fill(box(0, 0, 960, 720), "#ff0000")
    assert colour(canvas, 175, 150) == RED
    assert colour(canvas, 120, 150) == WHITE
    canvas.fill(box(110, 140, 130, 160), "#ff0000")
    assert colour(canvas, 120, 150) == RED


def test_frames_nest_and_mirror() -> None:
    canvas = Canvas()
    with canvas.at(400, 300, size=2), canvas.at(50, 0, flip=True):
        canvas.fill(box(0, 0, 20, 20), "#ff0000")
    assert colour(canvas, 480, 320) == RED
    assert colour(canvas, 520, 320) == WHITE


def test_what_lies_off_the_canvas_is_simply_not_seen() -> None:
    canvas = Canvas()
    canvas.fill(box(-90, -90, -10, -10), "#ff0000")
    canvas.line([(2000.0, 0.0), (2100.0, 50.0)], 8, "#ff0000")
    assert canvas.image.getcolors() == [(960 * SCALE * 720 * SCALE, WHITE)]


@pytest.mark.parametrize("kind", [down, across, slant, glow])
def test_gradients_run_from_their_first_to_their_last_stop(kind: object) -> None:
    assert callable(kind)
    canvas = Canvas()
    canvas.fill(box(100, 100, 300, 300), kind("#000000", "#ffffff"))
    near = (160, 160) if kind is glow else (104, 104)
    assert sum(colour(canvas, *near)) < 150 < 600 < sum(colour(canvas, 296, 296))


def test_colours_mix_lighten_and_fade() -> None:
    assert mix("#000000", "#ff0000", 0.5) == "#800000ff"
    assert rgba(faint("#102030", 0.5)) == (16, 32, 48, 128)
    assert sum(rgba(lighter("#808080"))[:3]) > 3 * 0x80


def test_a_finished_picture_has_its_size_and_the_same_grain_for_the_same_seed() -> None:
    canvas = Canvas()
    canvas.fill(box(0, 0, 960, 720), "#80a0c0")
    first, again, other = (canvas.finish(seed) for seed in ("a", "a", "b"))
    assert first.size == (960, 720)
    assert first.tobytes() == again.tobytes() != other.tobytes()
