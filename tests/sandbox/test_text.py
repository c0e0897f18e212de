"""Formatting: entity offsets always fit the text, and errors are those of Telegram."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import Refusal
from sandbox.text import formatted, utf16_length
from sandbox.text.rich_html import parse_rich_html
from sandbox.text.rich_markdown import markdown_to_html
from tests.conftest import examples

PIECES = st.sampled_from(
    [
        *[
            "<b>",
            "</b>",
            "<i>",
            "</i>",
            "<a",
            "href='a.bc'>",
            "</a>",
            "<code>",
            "</code>",
            "<pre>",
            "</pre>",
            "&lt;",
            "&amp",
            "<",
            ">",
            "*",
            "_",
            "__",
            "~",
            "||",
            "`",
            "```",
            "[",
            "](a.bc)",
            "\\",
            "!",
            ".",
            "😀",
            "好",
            "x",
            "@name_1",
            "#tag",
            "/cmd",
            "t.me/x",
            "a@b.com",
            "+12345678901",
            "$USD",
        ],
        *(" ", "\n", "\r", '<a href="a.bc">'),
    ]
)


@pytest.mark.hypothesis
@pytest.mark.parametrize("mode", ["", "HTML", "MarkdownV2", "Markdown"])
def test_entities_always_fit_their_text(mode: str) -> None:
    @examples(150)
    @given(st.lists(PIECES, max_size=14))
    def check(pieces: list[str]) -> None:
        try:
            text, entities = formatted("".join(pieces), mode)
        except Refusal as refusal:
            assert refusal.code == 400 and refusal.description.startswith("Bad Request: can't parse entities: ")
            return
        assert text == text.strip()
        for entity in entities:
            assert entity["length"] > 0 and 0 <= entity["offset"] <= utf16_length(text) - entity["length"]
        assert entities == sorted(entities, key=lambda one: (one["offset"], -one["length"]))

    check()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://t.me/x?start=1, or (a.com/b)", [("url", "https://t.me/x?start=1"), ("url", "a.com/b")]),
        (
            "😀 @anna and b@c.com #tag1 $USD /go@x_bot",
            [
                ("mention", "@anna"),
                ("email", "b@c.com"),
                ("hashtag", "#tag1"),
                ("cashtag", "$USD"),
                ("bot_command", "/go@x_bot"),
            ],
        ),
        ("1/2 a//b e.g. 3.5 #1 mail@", []),
        ("价格 #团购 https://例子.com/路", [("hashtag", "#团购"), ("url", "https://例子.com/路")]),
    ],
)
def test_entities_are_detected_in_plain_text(text: str, found: list[tuple[str, str]]) -> None:
    raw = text.encode("utf-16-le")

    def part(entity: dict[str, Any]) -> str:
        return raw[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le")

    _, entities = formatted(text, "")
    assert [(one["type"], part(one)) for one in entities] == found


def test_no_entities_are_detected_inside_code_and_links() -> None:
    _, entities = formatted('<code>/go</code> <a href="a.bc">@anna</a> <b>#tag</b>', "HTML")
    assert [one["type"] for one in entities] == ["code", "text_link", "bold", "hashtag"]


def test_entities_given_as_json_are_validated_and_shifted() -> None:
    given_ones = [
        {"type": "bold", "offset": 3, "length": 2},
        {"type": "url", "offset": 0, "length": 1},
        {"type": "text_link", "offset": 6, "length": 1, "url": "https://a.bc/x"},
    ]
    text, entities = formatted(" 😀bc d", "", given_ones)
    assert text == "😀bc d"
    assert [(one["type"], one["offset"], one["length"]) for one in entities] == [("bold", 2, 2), ("text_link", 5, 1)]
    with pytest.raises(Refusal, match="in a middle of a UTF-16 symbol"):
        formatted("😀", "", [{"type": "bold", "offset": 1, "length": 1}])


@examples(150)
@given(
    st.lists(
        st.sampled_from(
            [
                "# h\n",
                "- a\n",
                "1. b\n",
                "> q\n",
                "```\n",
                "|a|b|\n",
                "|-|-|\n",
                "---\n",
                "**b** ",
                "x ",
                "\n",
                "<p>",
                "</p>",
                "`c` ",
                "![](a.bc)\n",
            ]
        ),
        max_size=12,
    )
)
def test_any_rich_markdown_is_parsed_or_refused_with_400(pieces: list[str]) -> None:
    try:
        for block in parse_rich_html(markdown_to_html("".join(pieces))):
            assert block["type"]
    except Refusal as refusal:
        assert refusal.code == 400
