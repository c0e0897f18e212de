"""What happens when a handler fails: the log knows the update, the person gets a kind word."""

from __future__ import annotations

import logging

from aiogram import Router
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError
from aiogram.types import ErrorEvent

from domain.people import Member
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.words import Speech
from services.people import People

log = logging.getLogger(__name__)
router = Router(name="errors")


@router.error()
async def failed(
    event: ErrorEvent,
    stage: Stage,
    people: People,
    member: Member | None = None,
    speech: Speech | None = None,
) -> None:
    """A person who went away is noted; everything else is a bug or an outage, and is logged with the update's id."""
    if member is None or speech is None:
        log.error("update %s failed", event.update.update_id, exc_info=event.exception)
        return
    if isinstance(event.exception, TelegramForbiddenError):
        await people.gone(member.chat_id, "blocked")
        return
    log.error("update %s failed", event.update.update_id, exc_info=event.exception)
    try:
        if event.update.callback_query:
            await stage.answer(event.update.callback_query, speech.plain("error"), alert=True)
        else:
            await stage.send(member.chat_id, Screen(speech.t("error")))
    except TelegramAPIError as error:
        log.warning("update %s: the apology did not arrive: %s", event.update.update_id, error)
