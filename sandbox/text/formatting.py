"""From text, parse mode and entities as sent by a bot to text and entities as stored by Telegram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.errors import bad_request
from sandbox.text.found import found_spans
from sandbox.text.html import parse_html
from sandbox.text.markdown import parse_markdown, parse_markdown_v2
from sandbox.text.spans import Json, Span, checked_link

PARSERS: dict[str, Callable[[str], tuple[str, list[Span]]]] = {
    "html": parse_html,
    "markdownv2": parse_markdown_v2,
    "markdown": parse_markdown,
}
ACCEPTED_TYPES = frozenset(
    [
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "date_time",
    ]
)
DETECTED_TYPES = frozenset(
    ["mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"]
)
OPAQUE = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji", "date_time"})
UserOf = Callable[[int], Json | None]


def utf16_length(text: str) -> int:
    """The length in UTF-16 code units, the unit of entity offsets."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def formatted(
    text: str, mode: str, given: Any = None, *, user_of: UserOf = lambda id: None, detect: bool = True
) -> tuple[str, list[Json]]:
    """The text without markup and surrounding whitespace, and its entities with UTF-16 offsets.

    `given` is the `entities` parameter; it is ignored if a parse mode is set. `user_of` resolves mentions by id.
    Raises a Refusal for an unknown mode, invalid markup or a malformed entity.
    """
    spans: list[Span] = []
    if mode and mode.lower() != "none":
        parser = PARSERS.get(mode.lower())
        if parser is None:
            raise bad_request("unsupported parse_mode")
        text, spans = parser(text)
    elif isinstance(given, list):
        spans = _from_json(text, given)
    text, spans = _cleaned(text, spans)
    if detect:
        blocking = [span for span in spans if span.type in OPAQUE]
        spans += [
            found
            for found in found_spans(text)
            if all(found.end <= span.start or found.start >= span.end for span in blocking)
        ]
    return text, _to_json(text, spans, user_of)


def _cleaned(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """Remove carriage returns and surrounding whitespace, and adjust the spans."""
    if "\r" in text:
        removed = [index for index, character in enumerate(text) if character == "\r"]
        for span in spans:
            span.start -= sum(1 for index in removed if index < span.start)
            span.end -= sum(1 for index in removed if index < span.end)
        text = text.replace("\r", "")
        spans = [span for span in spans if span.end > span.start]
    body = text.rstrip()
    lead = len(body) - len(body.lstrip())
    if not lead and len(body) == len(text):
        return text, spans
    text = body[lead:]
    for span in spans:
        span.start = max(span.start - lead, 0)
        span.end = min(span.end - lead, len(text))
    return text, [span for span in spans if span.end > span.start]


def _to_json(text: str, spans: list[Span], user_of: UserOf) -> list[Json]:
    if not spans:
        return []
    spans.sort(key=lambda span: (span.start, -span.end))
    offsets: Callable[[int], int] = (lambda index: index) if text.isascii() else _utf16_offsets(text).__getitem__
    entities = []
    for span in spans:
        start = offsets(span.start)
        entity: Json = {"type": span.type, "offset": start, "length": offsets(span.end) - start, **span.more}
        if span.type == "text_mention":
            user = user_of(entity.pop("user_id"))
            if user is None:  # Telegram drops mentions of unknown users
                continue
            entity["user"] = user
        entities.append(entity)
    return entities


def _utf16_offsets(text: str) -> list[int]:
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + (2 if character > "\uffff" else 1))
    return offsets


def _from_json(text: str, given: list[Any]) -> list[Span]:
    places = {offset: index for index, offset in enumerate(_utf16_offsets(text))}
    spans = []
    for entity in given:
        span = _one_from_json(entity, places, len(text))
        if span is not None:
            spans.append(span)
    return spans


def _one_from_json(entity: Any, places: dict[int, int], length: int) -> Span | None:
    wrong = "can't parse MessageEntity: "
    if not isinstance(entity, dict):
        raise bad_request(wrong + "expected an Object")
    for name, kind in (("type", str), ("offset", int), ("length", int)):
        if name not in entity:
            raise bad_request(wrong + f"""Can't find field "{name}\"""")
        if not isinstance(entity[name], kind):
            sort = "String" if kind is str else "Number"
            raise bad_request(wrong + f'Field "{name}" must be of type {sort}')
    kind_name, offset, size = entity["type"], entity["offset"], entity["length"]
    if kind_name in DETECTED_TYPES:
        return None
    if kind_name not in ACCEPTED_TYPES:
        raise bad_request(wrong + "Unsupported type specified")
    if offset < 0 or size <= 0:
        return None
    start, end = places.get(offset), places.get(offset + size)
    if start is None:
        raise bad_request("entity begins in a middle of a UTF-16 symbol at byte offset " + str(offset))
    end = length if end is None else end
    more: Json = {}
    for name in ("language", "custom_emoji_id", "unix_time", "date_time_format"):
        if name in entity:
            more[name] = entity[name]
    if kind_name == "text_link":
        url = checked_link(str(entity.get("url", "")))
        if not url:
            return None
        more["url"] = url
    if kind_name == "text_mention":
        user = entity.get("user")
        if not isinstance(user, dict) or not isinstance(user.get("id"), int):
            raise bad_request(wrong + """Can't find field "user\"""")
        more["user_id"] = user["id"]
    return Span(start, end, kind_name, more)
