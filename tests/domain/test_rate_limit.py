"""R24, R27: the send rate, and how early alerts begin."""

from bisect import bisect_left
from datetime import timedelta
from itertools import count, pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rate_limit import CATCH_UP, LATEST, RateLimiter, SlotLedger, lead
from tests.conftest import examples

MINUTE = 60.0


def busiest(times: list[float], span: float) -> int:
    """The most messages in any `span` seconds, both ends included."""
    return max((at - bisect_left(times, time - span) + 1 for at, time in enumerate(times)), default=0)


def send_all(limiter: RateLimiter, chats: list[int], late: list[float], start: float = 0.0) -> list[float]:
    """Send to the chats one after another, each message as soon as it may and then so many seconds late."""
    now, times = start, []
    for at, chat in enumerate(chats):
        now = limiter.next_free(chat, now) + late[at % len(late)]
        limiter.record(chat, now)
        times.append(now)
    return times


rates = st.one_of(st.integers(1, 60).map(float), st.floats(0.2, 60))
delays = st.lists(
    st.one_of(st.just(0.0), st.floats(0, CATCH_UP), st.floats(0, 0.1), st.floats(0, 3)), min_size=1, max_size=40
)
starts = st.floats(0, 1e7)


@given(rates, delays, starts)
def test_r27_never_faster_than_the_rate(rate: float, late: list[float], start: float) -> None:
    times = send_all(RateLimiter(rate), list(range(1, 200)), late, start)
    assert busiest(times, 1.0) <= max(1, ceil(rate))
    assert all(later - earlier >= 1 / rate - CATCH_UP - 1e-6 for earlier, later in pairwise(times))


@pytest.mark.long
@given(rates, st.lists(st.tuples(st.integers(1, 400), st.floats(0, 0.2)), min_size=50, max_size=300), starts)
def test_r27_never_faster_with_any_questions_in_between(
    rate: float, asks: list[tuple[int, float]], start: float
) -> None:
    """Senders ask at any time, for chats that repeat, and send only when allowed."""
    limiter, now = RateLimiter(rate), start
    times: list[float] = []
    for chat, wait in asks:
        now += wait
        if limiter.next_free(chat, now) <= now:
            limiter.record(chat, now)
            times.append(now)
    assert busiest(times, 1.0) <= max(1, ceil(rate))


@pytest.mark.parametrize("rate", [1, 5, 25, 30])
@pytest.mark.parametrize("late", [[0.0], [0.0005, 0.0015], [0.0, 0.003]])
def test_r27_at_most_4_percent_slower_than_the_rate_under_load(rate: int, late: list[float]) -> None:
    seconds = 40
    times = send_all(RateLimiter(rate), list(range(1, seconds * rate + 2)), late)
    assert seconds * rate / (times[-1] - times[0]) >= 0.96 * rate


def test_r27_a_stall_is_not_followed_by_a_burst() -> None:
    limiter = RateLimiter(25)
    before = send_all(limiter, list(range(1, 100)), [0.0])
    after = send_all(limiter, list(range(100, 200)), [0.0], start=before[-1] + 0.6)
    assert min(later - earlier for earlier, later in pairwise(after)) >= 1 / 25 - CATCH_UP - 1e-9
    assert busiest(before + after, 1.0) <= 25


@given(st.lists(st.sampled_from([1, 2, 3, -100, -200]), min_size=30, max_size=150), delays)
def test_one_message_a_second_to_a_chat_and_20_a_minute_to_a_group(chats: list[int], late: list[float]) -> None:
    times = send_all(RateLimiter(30), chats, late)
    for chat in set(chats):
        own = [time for time, to in zip(times, chats, strict=True) if to == chat]
        assert busiest(own, 1.0) == 1
        if chat < 0:
            assert busiest(own, MINUTE) <= 20


def test_a_busy_chat_does_not_delay_other_chats() -> None:
    limiter = RateLimiter(25)
    limiter.record(1, 0.0)
    assert limiter.next_free(1, 0.0) > 1
    assert 1 / 25 - CATCH_UP <= limiter.next_free(2, 0.0) <= 1 / 25


def test_a_groups_twentieth_message_is_followed_by_a_pause() -> None:
    limiter = RateLimiter(30)
    times = send_all(limiter, [-5] * 20, [0.0])
    assert times[-1] < 20
    assert limiter.next_free(-5, times[-1]) > times[0] + MINUTE
    assert limiter.next_free(5, times[-1]) < times[-1] + 0.05


def test_a_pause_holds_one_chat_or_all() -> None:
    limiter = RateLimiter(25)
    limiter.pause(7, now=100.0, chat_id=1)
    assert limiter.next_free(1, 100.0) == 107
    assert limiter.next_free(2, 100.0) == 100
    limiter.pause(3, now=100.0)
    assert (limiter.next_free(1, 100.0), limiter.next_free(2, 100.0)) == (107, 103)
    limiter.pause(1, now=100.0)
    assert limiter.next_free(2, 100.0) == 103, "a shorter pause must not end a longer one"
    assert limiter.next_free(2, 104.0) == 104


def test_messages_are_evenly_spaced_after_a_pause() -> None:
    limiter = RateLimiter(25)
    limiter.pause(10, now=0.0)
    times = send_all(limiter, list(range(1, 100)), [0.0])
    assert times[0] == 10
    assert busiest(times, 1.0) <= 25


def test_next_free_changes_nothing() -> None:
    limiter = RateLimiter(25)
    limiter.record(1, 0.0)
    assert len({limiter.next_free(1, 0.01) for _ in range(100)}) == 1
    assert limiter.next_free(3, 0.01) >= 0.01
    assert len(limiter) == 1


def test_idle_chats_are_dropped_from_memory() -> None:
    limiter, now = RateLimiter(30), 0.0
    most = 0
    for chat in count(1):
        now = limiter.next_free(chat, now)
        limiter.record(chat if chat % 3 else -chat, now)
        most = max(most, len(limiter))
        if chat == 10_000:
            break
    assert most <= 30 * 62
    limiter.pause(3_600, now, chat_id=-3)
    limiter.record(1, now + 100)
    assert len(limiter) == 2, "the last chat, and the paused one"
    assert limiter.next_free(-3, now + 100) == now + 3_600


def test_paid_messages_have_their_own_rate_and_share_chat_limits_and_pauses() -> None:
    limiter = RateLimiter(10, 100)
    for chat in range(1, 11):
        limiter.record(chat, chat / 100, paid=True)
    assert limiter.next_free(50, 0.1) == 0.1, "the free rate is not used up"
    assert 0.1 < limiter.next_free(51, 0.1, paid=True) <= 0.11
    assert limiter.next_free(10, 0.11) == pytest.approx(0.1 + 1.02), "a chat takes one a second, paid or not"
    limiter.pause(5, 0.2)
    assert limiter.next_free(52, 0.2) == limiter.next_free(52, 0.2, paid=True) == 5.2


def test_a_429_pauses_its_chat_and_one_in_a_second_chat_pauses_all() -> None:
    limiter = RateLimiter(10)
    assert not limiter.refused(1, 30, 100.0)
    assert limiter.next_free(1, 100.0) == 130 and limiter.next_free(2, 100.0) == 100
    assert not limiter.refused(1, 40, 101.0), "the same chat again"
    assert limiter.refused(2, 7, 102.0)
    assert limiter.next_free(3, 102.0) == 109 and limiter.next_free(1, 102.0) == 141
    assert not limiter.refused(3, 5, 120.0), "long after the others"
    assert limiter.refused(None, 5, 130.0), "without a known chat the limit is the bot's"


def test_silence_counts_429s_and_no_other_pause() -> None:
    limiter = RateLimiter(10)
    limiter.pause(9, now=0)
    assert limiter.silence(1, now=0) == 0, "a pause lets messages go that have begun"
    limiter.refused(1, 3, now=0)
    assert (limiter.silence(1, now=1), limiter.silence(2, now=1)) == (2, 0)
    limiter.refused(2, 5, now=1)
    assert (limiter.silence(3, now=2), limiter.silence(3, now=6)) == (4, 0)


def test_messages_of_the_previous_process_count_in_a_group() -> None:
    limiter = RateLimiter(100)
    for number in range(20):
        limiter.record_past(-5, 10.0 + number)
    assert limiter.next_free(-5, 31.0) == pytest.approx(10 + 61.2) and limiter.next_free(5, 31.0) == 31


@pytest.mark.parametrize("rate", [0, -1, float("inf"), float("nan")])
def test_a_rate_must_be_above_zero(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        RateLimiter(rate)
    with pytest.raises(ValueError, match="rate"):
        lead(1, rate, timedelta(0))


@pytest.mark.parametrize(
    ("audience", "rate", "minutes"),
    [
        (0, 25, 30),
        (1_000, 25, 30),
        (40_000, 25, 30),  # 26:40 at the rate, 29:25 with the margin
        (41_000, 25, 30.15),
        (100_000, 25, 73 + 25 / 60),
        (100_000, 1_000, 30),
    ],
)
def test_r24_the_lead_grows_with_the_audience(audience: int, rate: float, minutes: float) -> None:
    assert lead(audience, rate, timedelta(minutes=30)) == timedelta(minutes=minutes)


@given(st.integers(1, 3_000), st.integers(1, 60), st.integers(0, 5_000))
@examples(30)
def test_r24_the_last_voter_is_notified_before_the_opening(audience: int, rate: int, more: int) -> None:
    times = send_all(RateLimiter(rate), list(range(1, audience + 1)), [0.001])
    ahead = lead(audience, rate, timedelta(0))
    assert times[-1] < ahead.total_seconds()
    assert lead(audience + more, rate, timedelta(0)) >= ahead


def test_a_negative_audience_is_refused() -> None:
    with pytest.raises(ValueError, match="audience"):
        lead(-1, 25, timedelta(0))


# -- several senders --

reports = st.lists(
    st.tuples(st.integers(0, 3), st.floats(0, LATEST), st.sampled_from(["sent", "sent", "sent", "silent", "missed"]))
)


@given(st.one_of(rates, st.floats(60, 400)), reports, starts)
@examples(300)
def test_r27_several_senders_are_never_faster_than_the_rate(
    rate: float, acts: list[tuple[int, float, str]], start: float
) -> None:
    """Each sender takes its next slot after its last message left or was missed; it may also stop without a report."""
    ledger, free, reported = SlotLedger(0.0), [start] * 4, {}
    left: list[float] = []
    for sender, late, outcome in acts * 3:
        now = max(free)  # time does not go back
        if sender in reported:
            ledger = ledger.settled(*reported.pop(sender))
        slot, ledger = ledger.take(now if outcome == "sent" else start, rate)
        free[sender] = slot + late if outcome == "sent" else start
        if outcome != "missed":
            left.append(slot + late)
        if outcome != "silent":
            reported[sender] = (slot, slot + late if outcome == "sent" else None)
    assert busiest(sorted(left), 1.0) <= max(1, ceil(rate))


def test_r27_the_next_messages_make_up_for_a_late_one() -> None:
    ledger, now, left = SlotLedger(0.0), 100.0, []
    for number in range(1000):
        slot, ledger = ledger.take(now, 25)
        now = slot + (0.06 if number % 10 == 0 else 0.002)
        ledger = ledger.settled(slot, now)
        left.append(now)
    assert 1000 / (left[-1] - left[0]) >= 0.96 * 25
    assert busiest(left, 1.0) <= 25


def test_r27_unused_slots_do_not_count_as_messages() -> None:
    ledger = SlotLedger(0.0)
    for _ in range(100):
        slot, ledger = ledger.take(50.0, 25)
        ledger = ledger.settled(slot, None)
    assert not ledger.departures and ledger.take(slot + 1, 25)[0] == slot + 1


def test_r27_a_pause_of_all_senders_is_never_shortened() -> None:
    ledger = SlotLedger(10.0).paused(40.0).paused(15.0)
    assert ledger.take(12.0, 25)[0] == 40.0
