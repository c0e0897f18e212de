"""Rich messages: from blocks, HTML or Markdown to a RichMessage object (Bot API, "Rich messages")."""

from __future__ import annotations

from typing import Any

from sandbox.bot_api.keyboards import STYLES, inline_button
from sandbox.bot_api.methods.common import file_source, send, store_file, store_photo
from sandbox.bot_api.methods.common import keyboard as markup_of
from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import bad_request
from sandbox.state.files import StoredFile
from sandbox.state.model import Json
from sandbox.text.rich_html import parse_rich_html
from sandbox.text.rich_markdown import markdown_to_html

CHARACTERS = 32_768
BLOCKS = 500
DEPTH = 16
MEDIA = 50
BUTTONS_IN_A_ROW = 8
NEEDED: dict[str, tuple[str, ...]] = {
    "paragraph": ("text",),
    "heading": ("text", "size"),
    "pre": ("text",),
    "footer": ("text",),
    "thinking": ("text",),
    "divider": (),
    "mathematical_expression": ("expression",),
    "anchor": ("name",),
    "list": ("items",),
    "blockquote": ("blocks",),
    "expandable_blockquote": ("blocks",),
    "pullquote": ("text",),
    "collage": ("blocks",),
    "slideshow": ("blocks",),
    "table": ("cells",),
    "details": ("summary", "blocks"),
    "map": ("location",),
    "buttons": ("buttons",),
    "photo": ("photo",),
    "video": ("video",),
    "animation": ("animation",),
    "audio": ("audio",),
    "document": ("document",),
    "voice_note": ("voice_note",),
}
TEXTS = ("text", "summary", "credit", "expression")
FILES = {"voice_note": "voice"}
MEDIA_BLOCKS = frozenset({"photo", "video", "animation", "audio", "document", "voice_note"})


class _Builder:
    """Checks input blocks, counts them against the limits and replaces media by stored files."""

    def __init__(self, call: ApiRequest, media: dict[str, Json]) -> None:
        self.call = call
        self.media = media
        self.characters = self.blocks = self.files = 0

    async def all(self, raw: Any, depth: int = 1) -> list[Json]:
        if not isinstance(raw, list):
            raise bad_request("can't parse rich message: expected an Array of blocks")
        if depth > DEPTH:
            raise bad_request("RICH_MESSAGE_DEPTH_TOO_BIG")
        return [await self.one(block, depth) for block in raw]

    async def one(self, raw: Any, depth: int) -> Json:
        kind = raw.get("type") if isinstance(raw, dict) else None
        if kind not in NEEDED:
            raise bad_request(f'can\'t parse rich message: block type "{kind or ""}" is unsupported')
        self.blocks += 1
        if self.blocks > BLOCKS:
            raise bad_request("RICH_MESSAGE_BLOCKS_TOO_MUCH")
        for name in NEEDED[kind]:
            if raw.get(name) is None:
                raise bad_request(f"""can't parse rich message: Can't find field "{name}\"""")
        block: Json = {name: value for name, value in raw.items() if value is not None}
        for name in TEXTS:
            if name in block:
                self.count(block[name])
        if isinstance(block.get("caption"), dict):
            self.count(block["caption"].get("text"))
        if kind in MEDIA_BLOCKS:
            return await self.file(kind, block)
        if kind == "list":
            block["items"] = [await self.item(one, depth, number) for number, one in enumerate(block["items"])]
        elif kind == "table":
            for row in block["cells"]:
                for cell in row:
                    cell.setdefault("align", "left")
                    cell.setdefault("valign", "middle")
                    self.count(cell.get("text"))
        elif kind == "buttons":
            block["buttons"] = self.buttons(block["buttons"])
        elif kind == "map":
            for name, default in (("zoom", 15), ("width", 600), ("height", 300)):
                block.setdefault(name, default)
        elif "blocks" in block:
            block["blocks"] = await self.all(block["blocks"], depth + 1)
        return block

    async def item(self, raw: Json, depth: int, number: int) -> Json:
        item = {name: value for name, value in raw.items() if value is not None}
        item["blocks"] = await self.all(item.get("blocks"), depth + 1)
        label = f"{item.get('value', number + 1)}." if item.get("type") or item.get("value") else "•"
        return {"label": label, **item}

    def buttons(self, raw: Any) -> list[Json]:
        if not isinstance(raw, list) or not 1 <= len(raw) <= BUTTONS_IN_A_ROW:
            raise bad_request("RICH_MESSAGE_BUTTONS_INVALID")
        return [self.button(one) for one in raw]

    def button(self, raw: Any) -> Json:
        if not isinstance(raw, dict) or "text" not in raw:
            raise bad_request("""can't parse rich message button: Can't find field "text\"""")
        self.count(raw["text"])
        style = raw.get("style")
        if style and style not in STYLES and not (style == "link" and "callback_data" in raw):
            raise bad_request("can't parse rich message button: Unsupported button style specified")
        checked = inline_button({**raw, "text": "button", "style": None})
        return {**checked, "text": raw["text"], **({"style": style} if style else {})}

    def count(self, text: Any) -> None:
        """Count the characters of a RichText and check its buttons."""
        if isinstance(text, str):
            self.characters += len(text)
        elif isinstance(text, list):
            for part in text:
                self.count(part)
        elif isinstance(text, dict):
            if text.get("type") == "button":
                text["button"] = self.button(text.get("button"))
            for name in ("text", "expression", "alternative_text"):
                self.count(text.get(name))
        if self.characters > CHARACTERS:
            raise bad_request("message is too long")

    async def file(self, kind: str, block: Json) -> Json:
        self.files += 1
        if self.files > MEDIA:
            raise bad_request("RICH_MESSAGE_MEDIA_TOO_MUCH")
        given = block[kind]
        if not isinstance(given, dict):
            raise bad_request("can't parse InputMedia: media not found")
        where = str(given.get("media") or "")
        if where.startswith(f"tg://{kind}?id=") and (named := self.media.get(where.partition("=")[2])) is not None:
            given = {**named, **{name: value for name, value in given.items() if name == "has_spoiler"}}
        source = file_source(self.call, given.get("media"), "", "can't parse InputMedia: media not found")
        files, bot_id = self.call.world.files, self.call.bot.id
        shown: Any
        if kind == "photo":
            shown = files.photo_json(await store_photo(self.call, source), bot_id)
        else:
            stored: StoredFile = await store_file(self.call, FILES.get(kind, kind), source)
            shown = files.file_json(stored, bot_id)
            for name in ("width", "height", "duration"):
                if name in given or kind in ("video", "animation"):
                    shown[name] = int(given.get(name) or 0)
        spoiler = {"has_spoiler": True} if given.get("has_spoiler") else {}
        caption = {"caption": block["caption"]} if "caption" in block else {}
        return {"type": kind, kind: shown, **spoiler, **caption}


async def rich_content(call: ApiRequest, raw: Any = None) -> Json:
    """The content of a rich message, from `raw` or the call's `rich_message`."""
    raw = call.json("rich_message") if raw is None else raw
    if not isinstance(raw, dict):
        raise bad_request("rich message is empty")
    given = [name for name in ("html", "markdown", "blocks") if raw.get(name)]
    if len(given) != 1:
        raise bad_request("exactly one of the fields html, markdown and blocks must be used in a rich message")
    blocks = raw.get("blocks")
    if raw.get("html"):
        blocks = parse_rich_html(str(raw["html"]))
    elif raw.get("markdown"):
        blocks = parse_rich_html(markdown_to_html(str(raw["markdown"])))
    media = {str(one.get("id")): one.get("media") for one in raw.get("media") or [] if isinstance(one, dict)}
    built = await _Builder(call, {id: one for id, one in media.items() if isinstance(one, dict)}).all(blocks)
    if not built:
        raise bad_request("rich message is empty")
    message: Json = {"blocks": built}
    if raw.get("is_rtl"):
        message["is_rtl"] = True
    return {"rich_message": message}


@method("sendRichMessage")
async def send_rich_message(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#sendrichmessage"""
    content = await rich_content(call)
    markup = markup_of(call)
    return send(call, call.writable(), content, markup)


@method("sendMessageDraft", "sendRichMessageDraft")
async def send_draft(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#sendrichmessagedraft; the page shows a typing indicator."""
    if not call.integer("draft_id"):
        raise bad_request("draft identifier must be non-zero")
    if call.given("rich_message"):
        await rich_content(call)
    chat = call.writable()
    if chat.type != "private":
        raise bad_request("chat not found")
    call.world.feed.emit("action", chat=chat.key, action="typing", bot=call.bot.username)
    return True
