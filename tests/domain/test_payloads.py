"""Start payloads: their characters never change, because links stay in chats for ever (R20, R21)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.payloads import (
    CanvassStart,
    ItemStart,
    JoinStart,
    PlainStart,
    StartPayload,
    UnknownStart,
    VoteStart,
    chat_link,
    parse,
    without_clinging,
)

KEY = bytes(range(32))
SIGNED = VoteStart("AbCdEfGhIjKlMnOp", "J9SH6_iTkSo")

TABLE: list[tuple[str, StartPayload]] = [
    ("join", JoinStart()),
    ("i7", ItemStart(7)),
    ("i999999999999999", ItemStart(999_999_999_999_999)),
    ("i1234567890123456", UnknownStart("i1234567890123456")),  # 16 digits
    ("i", UnknownStart("i")),
    ("i7x", UnknownStart("i7x")),
    ("cAbCdEfGhIjKlMnOp", CanvassStart("AbCdEfGhIjKlMnOp")),
    ("c", CanvassStart("")),
    ("vAbCdEfGhIjKlMnOpJ9SH6_iTkSo", SIGNED),
    ("v7J9SH6_iTkSo", VoteStart("7", "J9SH6_iTkSo")),
    ("vshort", VoteStart("", "short")),
    ("v", VoteStart("", "")),
    ("JOIN", UnknownStart("JOIN")),
    ("hello world", UnknownStart("hello world")),
]


@pytest.mark.parametrize(("text", "payload"), TABLE)
def test_each_payload_is_read_and_written_with_the_same_characters(text: str, payload: StartPayload) -> None:
    assert parse(text) == payload
    assert str(payload) == text


@pytest.mark.parametrize("clinging", ["", "。", ".", ")", "，快来", "/", "\u200b", "？谢谢", " hello", "\u2069"])
def test_r21_what_clings_to_a_copied_link_is_no_part_of_its_payload(clinging: str) -> None:
    for text, _ in TABLE[:1] + TABLE[6:7]:
        assert without_clinging(text + clinging) == text
        assert without_clinging("\u2068（" + text + clinging) == text


@pytest.mark.parametrize("text", [None, ""])
def test_a_start_without_a_payload_is_plain(text: str | None) -> None:
    assert parse(text) == PlainStart()


@given(st.text(min_size=1))
def test_any_text_is_read_and_written_back(text: str) -> None:
    payload = parse(text)
    assert str(payload) == text or isinstance(payload, ItemStart), "leading zeros of a number are not kept"


def test_the_signature_of_a_vote_never_changes() -> None:
    assert str(VoteStart.sign(KEY, 77, "AbCdEfGhIjKlMnOp")) == "vAbCdEfGhIjKlMnOpAXlhj3HKSqT"


def test_a_signature_holds_for_one_user_one_card_and_one_key() -> None:
    payload = VoteStart.sign(KEY, 77, "AbCdEfGhIjKlMnOp")
    assert payload.is_signed_for(KEY, 77)
    assert not payload.is_signed_for(KEY, 78)
    assert not payload.is_signed_for(b"another key", 77)
    assert not VoteStart("AbCdEfGhIjKlMnOq", payload.signature).is_signed_for(KEY, 77)
    assert not VoteStart(payload.card, "é" * 11).is_signed_for(KEY, 77)


def test_links_into_the_chat_carry_the_payload() -> None:
    assert chat_link("probe_bot", PlainStart()) == "https://t.me/probe_bot?start"
    assert chat_link("probe_bot", ItemStart(7)) == "https://t.me/probe_bot?start=i7"
    assert chat_link("probe_bot", CanvassStart("AbCdEfGhIjKlMnOp")) == "https://t.me/probe_bot?start=cAbCdEfGhIjKlMnOp"
