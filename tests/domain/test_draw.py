"""R9, R10, R12: the fair draw."""

import statistics
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.draw import Display

PAGE = 28


def display_of(levels: list[int], categories: tuple[str, ...] = ("food",)) -> Display:
    return Display((item_id, categories[item_id % len(categories)], level) for item_id, level in enumerate(levels))


def read(display: Display, cards: list[int], rng: Random) -> Iterator[int]:
    """The cards that a reader looks at who leaves at each with a chance of 20 %, counted as shown."""
    for card in cards:
        display.shown(card)
        yield card
        if rng.random() < 0.2:
            return


rngs = st.integers(0, 2**32).map(Random)
level_lists = st.lists(st.integers(0, 60), max_size=120)
sizes = st.integers(0, 40)


@given(level_lists, st.sets(st.integers(0, 130)), sizes, rngs)
def test_r10_a_draw_holds_each_item_once_and_the_unseen_first(
    levels: list[int], seen: set[int], size: int, rng: Random
) -> None:
    display = display_of(levels)
    drawn = display.draw(seen, size, rng)
    assert len(drawn) == len(set(drawn)) == min(size, len(levels))
    assert set(drawn) <= set(range(len(levels)))
    unseen = [item for item in drawn if item not in seen]
    assert len(unseen) == min(size, len(set(range(len(levels))) - seen))
    assert drawn[: len(unseen)] == unseen


@given(st.integers(1, 27), rngs)
def test_r10_no_seen_item_comes_first_while_one_is_unseen(unseen: int, rng: Random) -> None:
    display = display_of([0] * PAGE)
    drawn = display.draw(set(range(unseen, PAGE)), PAGE, rng)
    assert set(drawn[:unseen]) == set(range(unseen))


@given(level_lists, st.sets(st.integers(0, 130)), sizes, rngs)
@example([0, 0], {0, 2, 3, 4}, 1, Random(24))
def test_r10_told_what_is_unseen_a_draw_keeps_the_same_promises(
    levels: list[int], unseen: set[int], size: int, rng: Random
) -> None:
    display = display_of(levels)
    drawn = display.draw_unseen(list(unseen), size, rng)
    known = unseen & set(range(len(levels)))
    assert len(drawn) == len(set(drawn)) == min(size, len(levels))
    assert len(known.intersection(drawn)) == min(size, len(known)) and set(drawn) <= set(range(len(levels)))
    assert known.issuperset(drawn[: min(size, len(known))]), "what left the display meanwhile is left out"


@pytest.mark.parametrize("seed", range(40))
def test_r10_items_that_have_left_the_display_do_not_displace_an_unseen_one(seed: int) -> None:
    display = display_of([0, 0])
    assert display.draw_unseen([0, 2, 3, 4], 1, Random(seed)) == [0]


@pytest.mark.parametrize("left", [0, 1, 3, 40])
def test_r10_what_is_unseen_is_found_among_very_many_that_have_left(left: int) -> None:
    display = display_of([0] * 50)
    drawn = display.draw_unseen([*range(left), *range(50, 5_000)], PAGE, Random(left))
    assert len(set(drawn)) == PAGE
    assert set(range(left)).issuperset(drawn[: min(left, PAGE)])


@given(level_lists, sizes, rngs, st.sampled_from(["food", "home", "apparel"]))
def test_r12_a_category_is_drawn_from_alone(levels: list[int], size: int, rng: Random, category: str) -> None:
    display = display_of(levels, ("food", "home"))
    members = [item for item in range(len(levels)) if ("food", "home")[item % 2] == category]
    drawn = display.draw(set(), size, rng, category)
    assert len(drawn) == min(size, len(members)) == min(size, display.count(category))
    assert set(drawn) <= set(members)


@given(st.integers(1, 300), st.integers(1, 40), rngs)
def test_r10_a_member_sees_everything_once_before_anything_twice(items: int, size: int, rng: Random) -> None:
    display = display_of([0] * items)
    seen: set[int] = set()
    while len(seen) < items:
        fresh = [item for item in display.draw(seen, size, rng) if item not in seen]
        assert len(fresh) == min(size, items - len(seen))
        seen.update(read(display, fresh, rng))
    assert len(display.draw(seen, size, rng)) == min(size, items)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.dictionaries(st.integers(0, 30), st.integers(0, 9))),
            st.tuples(st.just("shown"), st.integers(0, 30)),
            st.tuples(st.just("draw"), st.integers(0, 30)),
        )
    ),
    rngs,
)
def test_the_display_agrees_with_a_plain_dictionary(acts: list[tuple[str, Any]], rng: Random) -> None:
    display, model = Display(), dict[int, int]()
    for act, what in acts:
        if act == "put":
            model = dict(what)
            display.put((item, str(item % 3), level) for item, level in what.items())
        elif act == "shown":
            display.shown(what)
            if what in model:
                model[what] += 1
        elif act == "draw":
            assert len(display.draw(frozenset(), what, rng)) == min(what, len(model))
        assert {item: display.level(item) for item in range(31) if item in display} == model
        assert len(display) == len(model) == sum(display.count(str(category)) for category in range(3))
        assert set(display.draw(frozenset(), 31, rng)) == set(model)


def test_r9_an_item_far_behind_catches_up_but_does_not_fill_the_draws() -> None:
    rng = Random(10)
    display = display_of([0] * 10 + [200 + rng.randrange(4) for _ in range(990)])
    hits = Counter(item for _ in range(2_000) for item in display.draw(frozenset(), PAGE, rng))
    times_chance = [hits[laggard] / 2_000 / (PAGE / 1_000) for laggard in range(10)]
    assert 1 < statistics.mean(times_chance) <= 2.1 and max(times_chance) <= 2.6


def test_r9_exposures_become_even() -> None:
    """28 items, a fifth of the readers leaving at each card: where a plain shuffle ends at 1.28 (max/min)."""
    for seed in range(3):
        rng = Random(seed)
        display = display_of([0] * PAGE)
        firsts: Counter[int] = Counter()
        for _ in range(1_000):
            drawn = display.draw(frozenset(), PAGE, rng)
            firsts[drawn[0]] += 1
            list(read(display, drawn, rng))
        levels = [display.level(item) for item in range(PAGE)]
        assert max(levels) / min(levels) <= 1.05
        assert statistics.pstdev(levels) / statistics.mean(levels) <= 0.01
        assert max(firsts.values()) / min(firsts.values()) <= 1.2


def test_r9_exposures_become_even_among_more_items_than_a_page_holds_and_with_categories() -> None:
    rng = Random(1)
    display = display_of([0] * 72, ("food", "home", "other"))
    for number in range(2_000):
        category = "food" if number % 10 == 0 else None  # Food's own visitors are made up for in the other draws.
        list(read(display, display.draw(frozenset(), PAGE, rng, category), rng))
    levels = [display.level(item) for item in range(72)]
    assert max(levels) / min(levels) <= 1.1
    assert statistics.pstdev(levels) / statistics.mean(levels) <= 0.03


def test_r9_a_rival_who_flips_all_day_moves_no_item_by_a_hundredth() -> None:
    rng = Random(2)
    display = display_of([0] * PAGE)
    for _ in range(1_000):
        list(read(display, display.draw(frozenset(), PAGE, rng), rng))
    before = [display.level(item) for item in range(PAGE)]
    seen: set[int] = set()
    for _ in range(2_000):
        for item in display.draw(seen, PAGE, rng):
            if item not in seen:
                seen.add(item)
                display.shown(item)
    moved = [display.level(item) - level for item, level in enumerate(before)]
    assert all(0 <= move <= level / 100 for move, level in zip(moved, before, strict=True))


def test_r9_no_item_is_driven_off_the_display_by_having_it_shown_to_many() -> None:
    """However far it is ahead, it is still drawn half as often as the average one."""
    rng = Random(12)
    display = display_of([1_000, *(200 + rng.randrange(4) for _ in range(999))])
    hits = sum(0 in display.draw(frozenset(), PAGE, rng) for _ in range(4_000))
    assert 0.35 <= hits / 4_000 / (PAGE / 1_000) <= 0.65


def test_r10_who_draws_from_one_category_all_day_moves_no_first_places() -> None:
    rng = Random(13)
    display = display_of([0] * PAGE, ("food", *["home"] * 6))
    seen = set(range(PAGE))
    for _ in range(2_000):
        display.draw(seen, PAGE, rng, "food")
    firsts = Counter(display.draw(frozenset(), PAGE, rng)[0] for _ in range(1_400))
    assert all(30 <= firsts[item] <= 75 for item in range(PAGE)), firsts


def test_r9_first_places_are_remembered_when_the_display_is_read_anew() -> None:
    rng = Random(14)
    display = display_of([0] * PAGE)
    firsts: Counter[int] = Counter()
    for number in range(1_400):
        if number % 10 == 0:
            display.put([(item, "food", display.level(item)) for item in range(PAGE)])
        firsts[display.draw(frozenset(), PAGE, rng)[0]] += 1
    assert max(firsts.values()) / min(firsts.values()) <= 1.3


def guessed(items: int, draws: int, seed: int) -> float:
    """How often the best guess by all exposures meets the next draw, as a multiple of chance."""
    rng = Random(seed)
    display = display_of([0] * items)
    hits = 0
    for number in range(items // 2 + draws):
        if number >= items // 2:
            # The least exposed are the likeliest; among equals nothing is known.
            guess = set(sorted(range(items), key=lambda item: (display.level(item), rng.random()))[:PAGE])
        drawn = display.draw(frozenset(), PAGE, rng)
        if number >= items // 2:
            hits += len(guess.intersection(drawn))
        for card in drawn:  # Every card is looked at: what tells the outsider most.
            display.shown(card)
    return hits / draws / PAGE / (PAGE / items)


def test_r10_who_knows_all_exposures_guesses_the_next_draw_hardly_better_than_by_chance() -> None:
    assert guessed(1_000, 300, seed=3) <= 2
    assert guessed(100, 300, seed=4) <= 2


def test_r10_the_same_state_gives_another_draw_each_time() -> None:
    rng = Random(5)
    display = display_of([0] * 1_000)
    draws = [tuple(display.draw(frozenset(), PAGE, rng)) for _ in range(50)]
    assert len(set(draws)) == 50
    overlap = statistics.mean(len({*one} & {*other}) for one in draws for other in draws if one is not other)
    assert overlap <= 2 * PAGE * PAGE / 1_000


def test_r9_equal_items_are_equally_likely_at_every_place() -> None:
    rng = Random(6)
    display = display_of([7] * 10)
    places = [Counter[int]() for _ in range(10)]
    for _ in range(3_000):
        for place, item in enumerate(display.draw(frozenset(), 10, rng)):
            places[place][item] += 1
    assert all(0.75 <= place[item] / 300 <= 1.25 for place in places for item in range(10))


def test_r9_the_order_is_that_of_the_keys() -> None:
    """Six items of level 0 and six of level 1, with keys two levels wide: compared with keys made one by one."""
    rng = Random(8)
    display = display_of([0] * 6 + [1] * 6)
    draws = 3_000
    lagging_last = sum(display.draw(frozenset(), 12, rng)[-1] < 6 for _ in range(draws))
    lagging_second_half = sum(item < 6 for _ in range(draws) for item in display.draw(frozenset(), 12, rng)[6:])
    last = second_half = 0
    for _ in range(draws):
        by_key = sorted(range(12), key=lambda item: (item >= 6) + rng.uniform(0, 2))
        by_key.insert(0, by_key.pop(rng.randrange(12)))  # The first place goes round.
        last += by_key[-1] < 6
        second_half += sum(item < 6 for item in by_key[6:])
    assert lagging_second_half / second_half == pytest.approx(1, abs=0.06)
    assert lagging_last <= last + 0.02 * draws


@pytest.mark.parametrize("left", [0, 10, 100, 2_500])
@pytest.mark.parametrize("told", ["seen", "unseen"])
def test_however_much_a_member_has_seen_the_law_is_the_same(left: int, told: str) -> None:
    """The unseen are drawn by exposure, and hardly one much more often than another."""
    rng = Random(7)
    display = display_of([rng.randrange(5) for _ in range(5_000)])
    unseen = set(rng.sample(range(5_000), left))
    seen, left_over = set(range(5_000)) - unseen, list(unseen)
    hits: Counter[int] = Counter()
    for _ in range(400):
        drawn = display.draw(seen, PAGE, rng) if told == "seen" else display.draw_unseen(left_over, PAGE, rng)
        assert len(set(drawn)) == PAGE
        assert len(unseen.intersection(drawn)) == min(left, PAGE)
        hits.update(unseen.intersection(drawn))
    if left > PAGE:
        by_level = [
            statistics.mean(hits[item] for item in unseen if display.level(item) == level) for level in range(5)
        ]
        average = 400 * PAGE / left
        assert average * 0.5 <= by_level[4] <= by_level[0] * 1.1 <= average * 2.2
