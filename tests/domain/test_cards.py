"""What a query of inline mode finds (R20; Bot API, answerInlineQuery)."""

from domain.cards import Offered, search

DISPLAY = [Offered(number, (f"Tea {number}", "Shop")) for number in range(1, 6)]


def found(first: list[int], query: str = "") -> list[int]:
    return search(DISPLAY, query, first, lambda item_id: bytes([9 - item_id]))


def test_the_named_item_and_the_members_own_come_first() -> None:
    assert found([3, 1]) == [3, 1, 5, 4, 2]


def test_an_item_that_is_named_and_voted_for_is_offered_once() -> None:
    assert found([3, 1, 3]) == [3, 1, 5, 4, 2]


def test_what_is_not_on_display_or_does_not_match_is_not_offered() -> None:
    assert found([9, 3], "tea 3") == [3]
