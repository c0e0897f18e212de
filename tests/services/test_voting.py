"""Votes, one member at a time: what is counted, what is refused, what comes back (R14-R19, R25, R26)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.services import Services, make_services
from domain.people import Member
from domain.voting import Reason
from services.context import ServiceContext
from services.voting import VoteOutcome
from storage.db import Database
from tests.conftest import Watch, import_goods, meet, queue_due, settings_for, spend
from tests.services.conftest import assert_sound, on_display, one, order, voter, wants


def why(answer: VoteOutcome) -> Reason | None:
    return answer.refused.reason if answer.refused else None


@pytest.fixture
async def goods(display: Services) -> list[int]:
    """The items on display."""
    return await on_display(display)


async def vote_for(services: Services, member: Member, items: list[int]) -> list[Reason | None]:
    return [why(await services.voting.cast(member, item)) for item in items]


# -- one vote an item (R16) --


async def test_r14_a_vote_is_counted_and_uses_one_ballot(display: Services, goods: list[int]) -> None:
    ann = await voter(display, ballots=3)
    answer = await display.voting.cast(ann, goods[0])
    assert answer.refused is None and answer.voted and answer.on_display
    assert answer.item is not None and answer.item.wants == 1 == await wants(display, goods[0])
    assert (answer.purse.ballots_left, answer.purse.left_today) == (2, 4)
    looked_up = (await display.voting.mine(ann, 0)).purse
    assert looked_up == answer.purse, "the answer says what the database says"


async def test_r16_cast_twice_is_refused_and_changes_nothing(display: Services, goods: list[int]) -> None:
    ann = await voter(display, ballots=3)
    await display.voting.cast(ann, goods[0])
    again = await display.voting.cast(ann, goods[0])
    assert why(again) is Reason.ALREADY_VOTED and again.voted
    assert again.purse.ballots_left == 2 and await wants(display, goods[0]) == 1


async def test_r16_votes_of_others_do_not_hinder_mine(display: Services, goods: list[int]) -> None:
    for chat_id in range(1001, 1008):
        assert why(await display.voting.cast(await voter(display, chat_id, 1), goods[0])) is None
    assert await wants(display, goods[0]) == 7


async def test_r15_the_voting_day_does_not_depend_on_the_working_days(
    display: Services, goods: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await voter(display, ballots=1)
    before = (await display.voting.purse(ann)).day_ends

    async def unread(*_: object, **__: object) -> None:
        raise AssertionError("a vote needs no calendar")

    monkeypatch.setattr(ServiceContext, "calendar", unread)
    answer = await display.voting.cast(ann, goods[0])
    assert answer.voted and answer.purse.day_ends == before


# -- taking back (R18) --


async def test_r18_taking_back_frees_the_ballot_and_the_place_in_the_day(display: Services, goods: list[int]) -> None:
    ann = await voter(display, ballots=5)
    await vote_for(display, ann, goods[:5])
    answer = await display.voting.take_back(ann, goods[2])
    assert why(answer) is None and not answer.voted
    assert (answer.purse.ballots_left, answer.purse.left_today) == (1, 1)
    assert await wants(display, goods[2]) == 0
    assert await vote_for(display, ann, [goods[9], goods[10]]) == [None, Reason.NO_BALLOTS]


async def test_r18_voting_again_is_a_new_act_and_history_keeps_all_of_them(
    display: Services, goods: list[int], db: Database
) -> None:
    ann = await voter(display, ballots=1)
    for _ in range(3):
        assert why(await display.voting.cast(ann, goods[0])) is None
        assert why(await display.voting.take_back(ann, goods[0])) is None
    assert why(await display.voting.cast(ann, goods[0])) is None
    assert await wants(display, goods[0]) == 1
    assert await one(db, "SELECT count(*) FROM votes") == 4
    assert await one(db, "SELECT count(*) FROM votes WHERE taken_back_at IS NULL") == 1


async def test_r18_take_back_twice_is_refused_and_changes_nothing(display: Services, goods: list[int]) -> None:
    ann, bob = await voter(display, 1001, 2), await voter(display, 1002, 2)
    await display.voting.cast(bob, goods[0])
    await display.voting.cast(ann, goods[0])
    await display.voting.take_back(ann, goods[0])
    again = await display.voting.take_back(ann, goods[0])
    assert why(again) is Reason.NOT_VOTED and not again.voted and again.purse.ballots_left == 2
    assert await wants(display, goods[0]) == 1


async def test_r18_take_back_too_late_is_refused_and_the_vote_stands(
    display: Services, goods: list[int], watch: Watch
) -> None:
    ann = await voter(display, ballots=2)
    await display.voting.cast(ann, goods[0])
    watch.advance(hours=22)  # Wednesday, 08:00: the round is over, whether or not anything has ticked
    answer = await display.voting.take_back(ann, goods[0])
    assert why(answer) is Reason.VOTE_COUNTS and answer.voted and not answer.on_display
    assert await wants(display, goods[0]) == 1


async def test_r18_a_vote_of_yesterday_taken_back_gives_no_place_of_today(
    services: Services, watch: Watch, tmp_path: Path
) -> None:
    friday = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
    watch.time = friday
    await import_goods(services, tmp_path, 12)
    assert await services.rounds.open_special()
    goods = await on_display(services)
    ann = await voter(services, ballots=20)
    await vote_for(services, ann, goods[:5])
    watch.advance(days=1)
    await vote_for(services, ann, goods[5:9])
    answer = await services.voting.take_back(ann, goods[0])
    assert answer.purse.left_today == 1, "four votes of today stand, and the vote that went was Friday's"
    assert await vote_for(services, ann, goods[9:11]) == [None, Reason.DAY_LIMIT]


# -- on display only (R17) --


async def test_r17_cast_too_late_is_refused_to_the_second(display: Services, goods: list[int], watch: Watch) -> None:
    ann = await voter(display, ballots=9)
    watch.time = datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)
    assert why(await display.voting.cast(ann, goods[0])) is None
    watch.advance(seconds=1)
    assert why(await display.voting.cast(ann, goods[1])) is Reason.ROUND_OVER
    await display.rounds.tick()
    assert why(await display.voting.cast(ann, goods[1])) is Reason.ROUND_OVER
    assert await wants(display, goods[1]) == 0


async def test_r17_before_its_round_opens_an_item_is_unknown(display: Services, tmp_path: Path, db: Database) -> None:
    ann = await voter(display)
    await import_goods(display, tmp_path / "more", 1, "later")
    waiting = await one(db, "SELECT id FROM items WHERE state = 'passed'")
    assert why(await display.voting.cast(ann, waiting)) is Reason.UNKNOWN_ITEM
    assert why(await display.voting.follow(ann, waiting, on=True)) is Reason.UNKNOWN_ITEM
    assert (await display.voting.mine(ann, 0)).followed == ()
    assert await display.carousel.item(ann, waiting) is None
    assert await display.canvassing.link(ann, waiting) is None


async def test_r17_an_item_with_a_scheduled_group_takes_no_votes(
    display: Services, goods: list[int], watch: Watch
) -> None:
    ann, bob = await voter(display, 1001), await voter(display, 1002)
    await display.voting.cast(bob, goods[0])
    await display.groups.schedule(goods[0], datetime(2026, 11, 26, 4, 0, tzinfo=UTC), None, "test")
    assert why(await display.voting.cast(ann, goods[0])) is Reason.GROUP_SCHEDULED
    assert why(await display.voting.take_back(bob, goods[0])) is Reason.VOTE_COUNTS
    watch.advance(days=3)
    await queue_due(display)
    assert why(await display.voting.cast(ann, goods[0])) is Reason.GROUP_OPEN
    assert why(await display.voting.take_back(bob, goods[0])) is Reason.VOTE_COUNTS, "it counts once it is open, too"
    assert await wants(display, goods[0]) == 1


@pytest.mark.parametrize("forged", [0, -1, 999_999, 2**62])
async def test_r19_a_forged_item_is_refused_by_every_verb(display: Services, forged: int) -> None:
    ann = await voter(display)
    for answer in (
        await display.voting.cast(ann, forged),
        await display.voting.take_back(ann, forged),
        await display.voting.follow(ann, forged, on=True),
        await display.voting.follow(ann, forged, on=False),
    ):
        assert why(answer) is Reason.UNKNOWN_ITEM and answer.item is None
        assert not answer.voted and not answer.following and not answer.on_display
        assert answer.refused is not None and answer.refused.purse is not None


# -- ballots (R14) --


@pytest.mark.parametrize(
    ("yuan", "ballots", "missing"),
    [("0.01", 0, 9999), ("63", 0, 3700), ("99.99", 0, 1), ("100", 1, 10000), ("163", 1, 3700), ("1000.00", 10, 10000)],
)
async def test_r14_each_full_100_yuan_is_a_ballot(services: Services, yuan: str, ballots: int, missing: int) -> None:
    ann = await meet(services)
    await spend(services, ann.chat_id, yuan)
    purse = (await services.voting.mine(ann, 0)).purse
    assert (purse.ballots_left, purse.fen_to_next_ballot) == (ballots, missing)


async def test_r14_small_sums_add_up_to_ballots(services: Services) -> None:
    ann = await meet(services)
    for number in range(4):
        await spend(services, ann.chat_id, "33.33", f"part-{number}")
    assert (await services.voting.mine(ann, 0)).purse.ballots_left == 1


async def test_r14_without_ballots_a_vote_is_refused_and_says_what_is_missing(
    display: Services, goods: list[int]
) -> None:
    ann = await meet(display)
    await spend(display, ann.chat_id, "163")
    assert await vote_for(display, ann, goods[:2]) == [None, Reason.NO_BALLOTS]
    refused = (await display.voting.cast(ann, goods[2])).refused
    assert refused is not None and refused.purse is not None
    assert (refused.purse.ballots_left, refused.purse.fen_to_next_ballot) == (0, 3700)


async def test_r14_ballots_that_were_spent_on_one_day_are_gone_on_the_next(
    services: Services, watch: Watch, tmp_path: Path
) -> None:
    await import_goods(services, tmp_path / "a", 3, "a")
    await services.rounds.open_special()
    ann = await voter(services, ballots=2)
    assert await vote_for(services, ann, (await on_display(services))[:2]) == [None, None]
    await import_goods(services, tmp_path / "b", 3, "b")
    watch.advance(days=1)
    await services.rounds.tick()
    assert await vote_for(services, ann, (await on_display(services))[:1]) == [Reason.NO_BALLOTS]


async def test_r14_grants_count_like_earned_ballots(display: Services, goods: list[int], db: Database) -> None:
    ann = await voter(display, ballots=1)
    await order(
        db,
        "INSERT INTO grants (key, member_id, ballots, reason, actor, at) "
        "VALUES (NULL, :id, 2, 'a kind word', 'organiser', '2026-11-24 00:00:00')",
        id=ann.id,
    )
    assert await vote_for(display, ann, goods[:4]) == [None, None, None, Reason.NO_BALLOTS]


async def test_r14_a_stricter_rule_leaves_no_negative_balance(
    display: Services, goods: list[int], db: Database, tmp_path: Path, watch: Watch
) -> None:
    ann = await voter(display, ballots=4)
    await vote_for(display, ann, goods[:4])
    stricter = make_services(db, settings_for(tmp_path, spend_per_ballot=200), watch)
    answer = await stricter.voting.cast(ann, goods[5])
    assert why(answer) is Reason.NO_BALLOTS and answer.purse.ballots_left == 0
    assert why(await stricter.voting.take_back(ann, goods[0])) is None


# -- five a day, from 08:00 to 08:00 (R15) --


async def test_r15_the_sixth_vote_of_a_day_is_refused(display: Services, goods: list[int]) -> None:
    ann = await voter(display)
    assert await vote_for(display, ann, goods[:7]) == [None] * 5 + [Reason.DAY_LIMIT] * 2
    last = await display.voting.cast(ann, goods[7])
    assert last.purse.left_today == 0 and last.purse.ballots_left == 15
    assert last.purse.day_ends == datetime(2026, 11, 25, 0, 0, tzinfo=UTC)


async def test_r15_another_limit_is_a_setting(
    display: Services, goods: list[int], db: Database, tmp_path: Path, watch: Watch
) -> None:
    generous = make_services(db, settings_for(tmp_path, votes_per_day=7), watch)
    ann = await voter(display)
    assert await vote_for(generous, ann, goods[:8]) == [None] * 7 + [Reason.DAY_LIMIT]


async def test_r15_a_round_of_72_hours_has_three_voting_days(services: Services, watch: Watch, tmp_path: Path) -> None:
    watch.time = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)  # Friday, 08:00
    await import_goods(services, tmp_path, 20)
    assert await services.rounds.tick()
    goods = iter(await on_display(services))
    ann = await voter(services)
    days = []
    for _ in range(3):
        for _ in range(5):
            assert why(await services.voting.cast(ann, next(goods))) is None
        full = await services.voting.cast(ann, 20)
        assert why(full) is Reason.DAY_LIMIT
        days.append(full.purse.day)
        watch.time = full.purse.day_ends
    assert days == [date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 29)]
    assert why(await services.voting.cast(ann, 20)) is Reason.ROUND_OVER


async def test_r15_the_day_begins_at_eight_and_not_at_midnight(
    services: Services, watch: Watch, tmp_path: Path
) -> None:
    watch.time = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)  # Saturday, 23:00
    await import_goods(services, tmp_path, 12)
    await services.rounds.open_special()
    goods = await on_display(services)
    ann = await voter(services)
    await vote_for(services, ann, goods[:5])
    for at, expected in (
        (datetime(2026, 11, 28, 16, 30, tzinfo=UTC), Reason.DAY_LIMIT),  # Sunday, 00:30
        (datetime(2026, 11, 28, 23, 59, 59, tzinfo=UTC), Reason.DAY_LIMIT),
        (datetime(2026, 11, 29, 0, 0, tzinfo=UTC), None),
    ):
        watch.time = at
        assert why(await services.voting.cast(ann, goods[6])) is expected


# -- which refusal comes first (R19) --


async def test_r19_a_final_refusal_comes_before_one_that_the_member_can_change(
    display: Services, goods: list[int], watch: Watch, db: Database
) -> None:
    """The same tap meets more and more obstacles; each answer is the one that matters most."""
    ann = await voter(display, ballots=5)
    await vote_for(display, ann, goods[:5])
    assert await vote_for(display, ann, [goods[5]]) == [Reason.NO_BALLOTS], "no ballots, and the day is full as well"
    assert await vote_for(display, ann, [goods[0]]) == [Reason.ALREADY_VOTED]
    watch.advance(days=1)
    assert await vote_for(display, ann, [goods[5]]) == [Reason.ROUND_OVER]
    await order(db, "UPDATE items SET state = 'rejected' WHERE id = :id", id=goods[5])
    assert await vote_for(display, ann, [goods[5]]) == [Reason.ITEM_OUT]


# -- following and "my votes" (R25, R26) --


async def test_r26_follow_needs_no_ballot_and_uses_none(display: Services, goods: list[int]) -> None:
    ann = await meet(display)
    answer = await display.voting.follow(ann, goods[0], on=True)
    assert why(answer) is None and answer.following and not answer.voted
    assert await wants(display, goods[0]) == 0
    assert [item.id for item in (await display.voting.mine(ann, 0)).followed] == [goods[0]]


async def test_r26_follow_twice_and_unfollow_twice_change_nothing(
    display: Services, goods: list[int], db: Database
) -> None:
    ann = await meet(display)
    for on, rows in ((True, 1), (True, 1), (False, 0), (False, 0)):
        answer = await display.voting.follow(ann, goods[0], on=on)
        assert why(answer) is None and answer.following is on
        assert await one(db, "SELECT count(*) FROM follows") == rows


async def test_r26_follow_too_late_for_a_vote_is_still_in_time_for_the_alert(
    display: Services, goods: list[int], watch: Watch
) -> None:
    ann = await meet(display)
    watch.advance(days=2)
    answer = await display.voting.follow(ann, goods[0], on=True)
    assert why(answer) is None and answer.following and not answer.on_display


async def test_r25_my_votes_has_every_vote_the_newest_first_page_by_page(
    services: Services, watch: Watch, tmp_path: Path
) -> None:
    watch.time = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
    await import_goods(services, tmp_path, 12)
    await services.rounds.open_special()
    goods = await on_display(services)
    ann = await voter(services)
    for number, item in enumerate(goods[:10]):
        if number == 5:
            watch.advance(days=1)
        watch.advance(minutes=1)
        assert why(await services.voting.cast(ann, item)) is None
    await services.voting.take_back(ann, goods[7])
    pages = [await services.voting.mine(ann, page, size=4) for page in range(3)]
    assert [item.id for page in pages for item in page.voted] == [goods[i] for i in (9, 8, 6, 5, 4, 3, 2, 1, 0)]
    assert {page.pages for page in pages} == {3}
    assert await services.voting.mine(ann, 99, size=4) == pages[2], "a page that is gone shows the last one"
    assert (await services.voting.mine(ann, -5, size=4)).page == 0


async def test_r25_followed_items_have_pages_like_votes(display: Services, goods: list[int], watch: Watch) -> None:
    ann = await voter(display)
    await display.voting.cast(ann, goods[0])
    for item in goods[:10]:
        watch.advance(minutes=1)
        await display.voting.follow(ann, item, on=True)
    pages = [await display.voting.mine(ann, page, size=4) for page in range(3)]
    assert [item.id for page in pages for item in page.followed] == goods[9:0:-1]
    assert [len(page.voted) for page in pages] == [1, 0, 0] and {page.pages for page in pages} == {3}


async def test_r25_an_item_voted_for_and_followed_is_listed_once(display: Services, goods: list[int]) -> None:
    ann = await voter(display)
    await display.voting.cast(ann, goods[0])
    await display.voting.follow(ann, goods[0], on=True)
    mine = await display.voting.mine(ann, 0)
    assert [item.id for item in mine.voted] == [goods[0]] and mine.followed == ()


async def test_r25_my_votes_knows_the_opening_time(display: Services, goods: list[int]) -> None:
    ann = await voter(display)
    await display.voting.cast(ann, goods[0])
    opens_at = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
    await display.groups.schedule(goods[0], opens_at, "https://group.example.com/1", "test")
    (item,) = (await display.voting.mine(ann, 0)).voted
    assert (item.group_opens_at, item.group_url) == (opens_at, "https://group.example.com/1")


# -- the same update brought again, as after a crash (R19) --


async def test_r19_an_update_brought_again_is_answered_as_before_and_done_once(
    display: Services, goods: list[int], db: Database
) -> None:
    ann = await voter(display)
    first = await display.voting.cast(ann, goods[0], 7001)
    again = await display.voting.cast(ann, goods[0], 7001)
    assert why(first) is None and why(again) is None
    assert (again.voted, again.purse, again.item) == (first.voted, first.purse, first.item)
    assert why(await display.voting.cast(ann, goods[0], 7002)) is Reason.ALREADY_VOTED, "another tap is another act"
    for _ in range(2):
        taken = await display.voting.take_back(ann, goods[0], 7003)
        assert why(taken) is None and not taken.voted and taken.purse.left_today == 5
    late = await display.voting.cast(ann, goods[0], 7001)
    assert why(late) is None and not late.voted, "it had its effect, and was taken back since"
    assert await wants(display, goods[0]) == 0
    assert await one(db, "SELECT count(*) FROM votes") == 1


async def test_r19_an_update_brought_again_is_known_also_where_two_came_in_the_wrong_order(
    display: Services, goods: list[int], db: Database
) -> None:
    ann = await voter(display)
    await display.voting.cast(ann, goods[0], 7002)
    await display.voting.take_back(ann, goods[0], 7001)
    again = await display.voting.cast(ann, goods[0], 7002)
    assert why(again) is None and not again.voted
    assert await one(db, "SELECT count(*) FROM votes") == 1


async def test_the_counts_are_sound_after_all_of_this(display: Services, goods: list[int], db: Database) -> None:
    ann, bob = await voter(display, 1001), await voter(display, 1002, 3)
    await vote_for(display, ann, goods[:6])
    await vote_for(display, bob, goods[3:9])
    for item in goods[2:5]:
        await display.voting.take_back(ann, item)
    await assert_sound(db)
    assert [await wants(display, item) for item in goods[:7]] == [1, 1, 0, 1, 1, 1, 0]
