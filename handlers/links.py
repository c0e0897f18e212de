"""The addresses of a canvass link: in the chat, and on the web where the bot has a place there (R20, R21)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

TOKEN_PREFIX = "c"  # noqa: S105 - what a start payload of a canvass link begins with, so that others can join later


@dataclass(frozen=True, slots=True)
class Links:
    """How links are written. `public_url` has no slash at its end; without it there are no web pages.

    `app` is the address of an app that opens links of `t.me` given to it as `?open=`: the local chat, where there is no
    Telegram.
    """

    public_url: str | None = None
    app: str | None = None

    def chat(self, username: str, token: str) -> str:
        """The link that opens the item in the chat with the bot of this name."""
        return f"https://t.me/{username}?start={TOKEN_PREFIX}{token}"

    def page(self, token: str) -> str | None:
        """The item's page for people who do not have the app open; None without a place on the web."""
        return f"{self.public_url}/i/{token}" if self.public_url else None

    def anywhere(self, username: str, token: str) -> str:
        """The link that works for whoever gets it: the page, or the chat where there are no pages."""
        return self.page(token) or self.chat(username, token)

    def from_outside(self, link: str) -> str:
        """A link of `t.me` for a web page: as it is, or by way of the local chat."""
        return f"{self.app}/?open={quote(link, safe='')}" if self.app else link


def shares(link: str, text: str, picture: str | None) -> dict[str, str]:
    """Where people share links, each with an address that begins a post with this link and text, by its name.

    `picture` is the address of a picture for the networks that take one along.
    """
    to, said = quote(link, safe=""), quote(text, safe="")
    pic = f"&pic={quote(picture, safe='')}" if picture else ""
    return {
        "telegram": f"https://t.me/share/url?url={to}&text={said}",
        "weibo": f"https://service.weibo.com/share/share.php?url={to}&title={said}{pic}",
        "whatsapp": f"https://wa.me/?text={quote(f'{text} {link}', safe='')}",
        "x": f"https://x.com/intent/post?url={to}&text={said}",
        "facebook": f"https://www.facebook.com/sharer/sharer.php?u={to}",
    }
