"""Where erased members' IDs were: enough for the detector, too little to know who they were (R28, R36)."""

from __future__ import annotations

from domain.brushing.neighbourhoods import WIDTH, neighbourhood_hash, placed

KEY = b"k" * 32


def test_r36_a_neighbourhood_hides_its_members_and_needs_the_key() -> None:
    first = neighbourhood_hash(KEY, 7 * WIDTH)
    assert first == neighbourhood_hash(KEY, 8 * WIDTH - 1) != neighbourhood_hash(KEY, 8 * WIDTH)
    assert first != neighbourhood_hash(b"another", 7 * WIDTH) and len(first) == 32


def test_r28_an_erased_member_is_placed_among_the_accounts_that_live_there() -> None:
    known, erased = {7 * WIDTH + 5, 900 * WIDTH}, {3: neighbourhood_hash(KEY, 7 * WIDTH + 9)}
    assert placed(KEY, known, erased)[3] // WIDTH == 7


def test_r28_neighbourhoods_of_erased_members_alone_are_beyond_all_ids_and_far_apart() -> None:
    erased = {member: neighbourhood_hash(KEY, member // 10 * WIDTH) for member in range(30)}
    where = placed(KEY, {5000 * WIDTH}, erased)
    places = [sorted({at // WIDTH for member, at in where.items() if member // 10 == of}) for of in range(3)]
    assert all(len(place) == 1 for place in places)
    first, second, third = sorted(place[0] for place in places)
    assert first > 5000 and second - first >= WIDTH and third - second >= WIDTH


def test_r28_members_of_a_neighbourhood_are_spread_over_it() -> None:
    erased = dict.fromkeys(range(1, 41), neighbourhood_hash(KEY, 0))
    where = sorted(placed(KEY, {5}, erased).values())
    assert len(set(where)) == 40 and where[-1] - where[0] > WIDTH / 2
