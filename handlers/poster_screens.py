"""Screens with a poster: shown at once if Telegram has the picture, else by a background job that draws it (R20)."""

from __future__ import annotations

from domain.people import Member
from handlers.callbacks import Tap
from handlers.messenger import Messenger
from handlers.screen import Screen
from services.jobs import JobKind, Jobs
from services.posters.drawing import Poster


async def send_poster(jobs: Jobs, messenger: Messenger, tap: Tap, member: Member, item_id: int, screen: Screen) -> None:
    """Send a screen with a poster as a new message."""
    if await _is_uploaded(messenger, screen):
        await messenger.send(member.chat_id, screen)
    else:
        about = {"item": item_id, "poster_only": not screen.buttons, "wechat": bool(screen.text) and not screen.buttons}
        await jobs.enqueue(f"poster {tap.id}", JobKind.POSTER, member, about)


async def edit_poster(jobs: Jobs, messenger: Messenger, tap: Tap, member: Member, item_id: int, screen: Screen) -> None:
    """Show a screen with a poster in the tapped message."""
    if tap.chat is None or await _is_uploaded(messenger, screen):
        await messenger.edit(tap, screen)
    else:
        about = {"item": item_id, "chat": tap.chat, "message": tap.message, "photo": tap.photo}
        await jobs.enqueue(f"poster {tap.id}", JobKind.POSTER, member, about)


async def _is_uploaded(messenger: Messenger, screen: Screen) -> bool:
    return not isinstance(screen.picture, Poster) or await messenger.has_uploaded(screen.picture)
