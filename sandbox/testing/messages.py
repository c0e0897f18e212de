"""Messages, buttons and answers as a person sees them."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.sandbox import Sandbox
from sandbox.state.model import Json, Message


class NotSeen(AssertionError):
    """An expected message or answer did not arrive within the limit; the text lists what was there instead."""


@dataclass(slots=True, frozen=True)
class SeenButton:
    """An inline button. Properties are None for buttons of another kind."""

    text: str
    row: int
    column: int
    raw: Json

    @property
    def data(self) -> str | None:
        """The callback data."""
        return self.raw.get("callback_data")

    @property
    def url(self) -> str | None:
        """The link."""
        return self.raw.get("url")

    @property
    def copy(self) -> str | None:
        """The text of a copy button."""
        copied = self.raw.get("copy_text")
        return copied["text"] if copied else None

    @property
    def query(self) -> str | None:
        """The inline query of a switch button."""
        for name in ("switch_inline_query", "switch_inline_query_current_chat"):
            if name in self.raw:
                return str(self.raw[name])
        chosen = self.raw.get("switch_inline_query_chosen_chat")
        return str(chosen.get("query", "")) if chosen is not None else None

    @property
    def style(self) -> str | None:
        """danger, success, primary or None."""
        return self.raw.get("style")

    @property
    def disabled(self) -> bool:
        """Whether the button is disabled."""
        return "disabled" in self.raw


@dataclass(slots=True, frozen=True)
class SeenAnswer:
    """A callback answer: the text of a toast or alert, or a URL that the app opens."""

    text: str
    alert: bool
    url: str


@dataclass(slots=True, frozen=True)
class InlineResults:
    """A bot's answer to an inline query; `results` are InlineQueryResult objects."""

    id: str
    results: list[Json]
    next_offset: str


class SeenMessage:
    """A message as a person sees it. The properties follow edits."""

    def __init__(self, box: Sandbox, message: Message) -> None:
        self._box = box
        self.message = message

    @property
    def id(self) -> int:
        """The message id."""
        return self.message.id

    @property
    def chat(self) -> str:
        """The key of the chat."""
        return self.message.chat

    @property
    def text(self) -> str:
        """The text or caption, without formatting."""
        return self.message.text

    @property
    def entities(self) -> list[Json]:
        """The formatting of text or caption."""
        content = self.message.content
        return list(content.get("entities") or content.get("caption_entities") or [])

    @property
    def buttons(self) -> list[list[SeenButton]]:
        """The rows of the inline keyboard."""
        rows = (self.message.markup or {}).get("inline_keyboard", [])
        return [
            [SeenButton(raw["text"], row, column, raw) for column, raw in enumerate(buttons)]
            for row, buttons in enumerate(rows)
        ]

    @property
    def labels(self) -> list[str]:
        """The labels of all buttons."""
        return [button.text for row in self.buttons for button in row]

    @property
    def edited(self) -> bool:
        """Whether the message was edited."""
        return bool(self.message.edit_date)

    @property
    def deleted(self) -> bool:
        """Whether the message was deleted."""
        return self._box.world.find_message(self.message.chat, self.message.id) is None

    @property
    def has_photo(self) -> bool:
        """Whether the message has a picture."""
        return "photo" in self.message.content

    def photo_bytes(self) -> bytes:
        """The picture in its largest size, as JPEG. Raises NotSeen if there is none."""
        sizes = self.message.content.get("photo")
        if not sizes:
            raise NotSeen("The message has no picture.")
        return self._bytes(sizes[-1])

    def file_bytes(self) -> bytes:
        """The content of the document. Raises NotSeen if there is none."""
        document = self.message.content.get("document")
        if not document:
            raise NotSeen("The message has no document.")
        return self._bytes(document)

    def _bytes(self, file: Json) -> bytes:
        files = self._box.world.files
        return files.bytes_of(files.by_unique[file["file_unique_id"]])

    def button(self, label: str) -> SeenButton | None:
        """The first button whose label starts with a text; otherwise the first that contains it."""
        buttons = [button for row in self.buttons for button in row]
        for match in (str.startswith, str.__contains__):
            for button in buttons:
                if match(button.text, label):
                    return button
        return None

    def __repr__(self) -> str:
        return f"<{self.id}: {self.text!r} {self.labels}>"
