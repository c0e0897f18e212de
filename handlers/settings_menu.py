"""⚙️ Language, daily goods, alerts, quiet hours (R13, R26, R27, R35)."""

from __future__ import annotations

from dataclasses import replace

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from domain.people import LANGUAGES, Member, QuietHours
from handlers import callbacks
from handlers.commands import PlainWords, TypedCommand
from handlers.messenger import Request
from handlers.start import show_menu
from handlers.views.mine import quiet_bad, quiet_saved, quiet_screen, settings_screen
from services.context import ServiceContext
from services.people import People

router = Router(name="settings")

SWITCHES = ("carousel", "alerts", "alerts-quiet", "name")


class QuietHoursStates(StatesGroup):
    """Open questions of the settings."""

    quiet_hours = State()


def _quiet(member: Member, context: ServiceContext) -> QuietHours:
    return member.quiet or context.rules.quiet_hours


@router.message(TypedCommand("settings"))
async def settings(message: Message, request: Request, context: ServiceContext) -> None:
    """⚙️"""
    await request.send(settings_screen(request.member, _quiet(request.member, context), request.localizer))


@router.callback_query(callbacks.SettingsCallback.filter())
async def change(
    query: CallbackQuery,
    callback_data: callbacks.SettingsCallback,
    state: FSMContext,
    request: Request,
    context: ServiceContext,
    people: People,
) -> None:
    """Change one setting and show the settings; forged values change nothing."""
    what, value = callback_data.what, callback_data.value
    member, localizer = request.member, request.localizer
    if what == "quiet-hours":
        await state.set_state(QuietHoursStates.quiet_hours)
        await request.show(quiet_screen(localizer))
        return
    if what == "language" and value in LANGUAGES:
        member = await people.set_language(member, value)
        localizer = replace(localizer, language=member.language)
        await show_menu(request.messenger.bot, member, localizer)
    elif what in SWITCHES:
        on = value.partition(".")[0] == "1"  # buttons of an earlier version have a time behind it
        member = await people.toggle(member, what.removeprefix("alerts-"), on)
    elif what == "quiet-to" and (hours := _read(f"{value[:2]}:{value[2:7]}:{value[7:]}")):
        member = await people.set_quiet_hours(member, hours)
    screen = settings_screen(member, _quiet(member, context), localizer)
    if what in SWITCHES:
        screen = callbacks.settling(screen, localizer.now, f"s:{what}:")
    await request.show(screen, localizer.text("settings-saved") if what else None)


@router.message(StateFilter(QuietHoursStates.quiet_hours), PlainWords())
async def quiet_hours_written(message: Message, state: FSMContext, request: Request, people: People) -> None:
    """Read two times, such as 23:00-07:30; ask again for anything else."""
    hours = _read(message.text or "")
    if hours is None:
        await request.send(quiet_bad(request.localizer))
        return
    await people.set_quiet_hours(request.member, hours)
    await request.send(quiet_saved(hours, request.localizer))
    await state.clear()  # last: an update that is handled again must find its question


def _read(text: str) -> QuietHours | None:
    try:
        return QuietHours.parse(text)
    except ValueError:
        return None
