"""Keyboards: validation as by Telegram (Bot API, InlineKeyboardMarkup and ReplyKeyboardMarkup)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import orjson

from sandbox.errors import bad_request
from sandbox.state.model import Json
from sandbox.text import utf16_length

MAX_IN_ROW = 12
MAX_BUTTONS = 300
STYLES = frozenset({"danger", "success", "primary"})
# A button with several actions keeps the first in this order.
ACTIONS = (
    "url",
    "callback_data",
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "login_url",
    "web_app",
    "copy_text",
    "disabled",
)
_HOST = re.compile(r"[A-Za-z0-9.\-_!$,~*'();&+=%\u0080-\U0010ffff]+")
_HALF_ENCODED = re.compile(r"%(?![0-9A-Fa-f]{2})")


def parse_markup(raw: Any) -> Json | None:
    """A `reply_markup` parameter as Telegram stores it; None for none. Raises a Refusal for invalid markup."""
    if raw is None or raw == "":
        return None
    if isinstance(raw, str):
        try:
            raw = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise bad_request("can't parse reply keyboard markup JSON object") from None
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    if "keyboard" in raw:
        return _reply_keyboard(raw)
    if "inline_keyboard" in raw:
        rows = inline_rows(raw["inline_keyboard"])
        return {"inline_keyboard": rows} if rows else None
    for name in ("remove_keyboard", "force_reply"):
        if raw.get(name) is True:
            result = {key: raw[key] for key in ("selective", "input_field_placeholder") if key in raw}
            return {name: True, **result}
    return None


def parse_inline_markup(raw: Any) -> Json | None:
    """As `parse_markup`, for edits and inline results, which accept only inline keyboards."""
    markup = parse_markup(raw)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def inline_rows(raw: Any) -> list[list[Json]]:
    """The rows of an inline keyboard without buttons that have no text."""
    wrong = 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
    if not isinstance(raw, list):
        raise bad_request(wrong)
    rows: list[list[Json]] = []
    left = MAX_BUTTONS
    for raw_row in raw:
        if not isinstance(raw_row, list):
            raise bad_request(wrong)
        row = [button for entry in raw_row if (button := inline_button(entry))["text"]]
        row = row[: min(MAX_IN_ROW, left)]
        left -= len(row)
        if row:
            rows.append(row)
    return rows


def inline_button(raw: Any) -> Json:
    """An inline button with exactly one action."""
    wrong = "can't parse inline keyboard button: "
    if not isinstance(raw, dict):
        raise bad_request(wrong + "InlineKeyboardButton must be an Object")
    if "text" not in raw:
        raise bad_request(wrong + """Can't find field "text\"""")
    if not isinstance(raw["text"], str):
        raise bad_request(wrong + 'Field "text" must be of type String')
    button: Json = {"text": raw["text"].strip()}
    if raw.get("icon_custom_emoji_id"):
        button["icon_custom_emoji_id"] = str(raw["icon_custom_emoji_id"])
    if style := raw.get("style"):
        if style not in STYLES:
            raise bad_request(wrong + "Unsupported button style specified")
        button["style"] = style
    for action in ACTIONS:
        value = raw.get(action)
        if value is None or (value is False and action == "pay"):
            continue
        button[action] = _action(action, value, button["text"])
        return button
    raise bad_request(wrong + "Text buttons are unallowed in the inline keyboard")


def _action(action: str, value: Any, label: str) -> Any:
    if action == "url":
        return button_url(value)
    if action == "callback_data":
        if not isinstance(value, str):
            raise bad_request('can\'t parse inline keyboard button: Field "callback_data" must be of type String')
        if not label:
            return value  # buttons without text are dropped
        if not 1 <= len(value.encode()) <= 64:
            raise bad_request("BUTTON_DATA_INVALID")
        return value
    if action == "copy_text":
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str) or not 1 <= utf16_length(text) <= 256:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
        return {"text": text}
    if action == "web_app":
        url = str(value.get("url", "")) if isinstance(value, dict) else ""
        if not url.lower().startswith("https://"):
            raise bad_request(f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed")
        return {"url": url}
    if action.startswith("switch_inline_query") and isinstance(value, str) and len(value) > 256:
        raise bad_request("SWITCH_INLINE_QUERY_TOO_LONG")
    return value


def button_url(value: Any) -> str:
    """The URL of a button as Telegram stores it. Raises a Refusal for an invalid URL."""
    url = str(value).strip()

    def wrong(why: str) -> Exception:
        return bad_request(f"inline keyboard button URL '{url}' is invalid: {why}")

    scheme, separator, _ = url.partition("://")
    if separator and scheme.lower() in ("tg", "ton", "tonsite"):
        return url
    full = url if separator else "http://" + url
    if separator and scheme.lower() not in ("http", "https"):
        raise wrong("Unsupported URL protocol")
    if any(character.isspace() for character in url):
        raise wrong("Wrong HTTP URL")
    try:
        parts = urlsplit(full)
        host = parts.hostname or ""
    except ValueError:
        raise wrong("Wrong IPv6 address specified in the URL") from None
    try:
        port = parts.port
    except ValueError:
        raise wrong("Wrong port number specified in the URL") from None
    if port == 0:
        raise wrong("Wrong port number specified in the URL")
    if not host:
        raise wrong("URL host is empty")
    if ":" not in host:  # no IPv6 address
        if _HALF_ENCODED.search(host):
            raise wrong("Wrong percent-encoded symbol in URL host")
        if not _HOST.fullmatch(host):
            raise wrong("Wrong URL host")
        if "." not in host.strip("."):
            raise wrong("Wrong HTTP URL")
    return full if parts.path or parts.query or parts.fragment else full + "/"


def _reply_keyboard(raw: Json) -> Json:
    wrong = 'field "keyboard" of the ReplyKeyboardMarkup must be an Array of Arrays'
    if not isinstance(raw["keyboard"], list):
        raise bad_request(wrong)
    rows = []
    for raw_row in raw["keyboard"]:
        if not isinstance(raw_row, list):
            raise bad_request(wrong)
        row = [_reply_button(entry) for entry in raw_row]
        if row := [button for button in row if button["text"]][:MAX_IN_ROW]:
            rows.append(row)
    if not rows:
        raise bad_request("reply keyboard is empty")
    result: Json = {"keyboard": rows}
    for name in ("resize_keyboard", "one_time_keyboard", "is_persistent", "selective", "input_field_placeholder"):
        if name in raw:
            result[name] = raw[name]
    return result


def _reply_button(raw: Any) -> Json:
    if isinstance(raw, str):
        return {"text": raw}
    if not isinstance(raw, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be an Object")
    if not isinstance(raw.get("text"), str):
        raise bad_request("""can't parse keyboard button: Can't find field "text\"""")
    return {name: value for name, value in raw.items() if value is not None}
