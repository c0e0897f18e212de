"""The bot's own account: names, descriptions, commands, the menu button, logOut."""

from __future__ import annotations

import re
from typing import Any

from sandbox.bot_api.objects import bot_text
from sandbox.bot_api.registry import method
from sandbox.bot_api.request import ApiRequest
from sandbox.errors import bad_request
from sandbox.state.model import Bot, Json
from sandbox.text import utf16_length

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
MAX_COMMANDS = 100
LANGUAGE = re.compile(r"[a-z]{2}")
PLAIN_SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
LENGTHS = {"name": 64, "description": 512, "short_description": 120}


@method("getMe")
def get_me(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#getme"""
    bot = call.bot
    return {
        **bot.as_user(),
        "can_join_groups": True,
        "can_read_all_group_messages": bot.can_read_all_group_messages,
        "supports_inline_queries": bot.supports_inline_queries,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
    }


def _language(call: ApiRequest) -> str:
    code = call.text("language_code").lower()
    if code and not LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def _scope(call: ApiRequest) -> str:
    raw = call.json("scope")
    if raw is None:
        return "default"
    kind = raw.get("type") if isinstance(raw, dict) else None
    if kind in PLAIN_SCOPES:
        return str(kind)
    if kind not in ("chat", "chat_administrators", "chat_member"):
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    sub = ApiRequest(call.world, call.bot, call.method, {"chat_id": raw.get("chat_id")}, call.limiter)
    chat = sub.chat()
    if kind == "chat_member":
        return f"chat_member:{chat.id}:{raw.get('user_id', 0)}"
    return f"{kind}:{chat.id}"


def _command(raw: Any) -> Json:
    wrong = "can't parse BotCommand: "
    if not isinstance(raw, dict):
        raise bad_request(wrong + "expected an Object")
    for name in ("command", "description"):
        if not isinstance(raw.get(name), str):
            raise bad_request(wrong + f"""Can't find field "{name}\"""")
    command, description = raw["command"].strip().removeprefix("/"), raw["description"].strip()
    if not COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not description:
        raise bad_request("command description must be non-empty")
    if utf16_length(description) > 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": description}


def _publish(call: ApiRequest, bot: Bot) -> bool:
    call.world.feed.emit("bot", bot=bot)
    return True


@method("setMyCommands")
def set_my_commands(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#setmycommands; a missing list counts as empty."""
    raw = call.json("commands")
    if raw is not None and not isinstance(raw, list):
        raise bad_request("expected an Array of BotCommand")
    raw = raw or []
    if len(raw) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = [_command(entry) for entry in raw]
    key = f"{_scope(call)}|{_language(call)}"
    if commands:
        call.bot.commands[key] = commands
    else:
        call.bot.commands.pop(key, None)
    return _publish(call, call.bot)


@method("getMyCommands")
def get_my_commands(call: ApiRequest) -> list[Json]:
    """https://core.telegram.org/bots/api#getmycommands"""
    return call.bot.commands.get(f"{_scope(call)}|{_language(call)}", [])


@method("deleteMyCommands")
def delete_my_commands(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#deletemycommands"""
    call.bot.commands.pop(f"{_scope(call)}|{_language(call)}", None)
    return _publish(call, call.bot)


def _set_text(call: ApiRequest, name: str) -> bool:
    text = call.text(name).strip()
    if utf16_length(text) > LENGTHS[name]:
        raise bad_request(f"bot {name.replace('_', ' ')} is too long")
    key = f"{name}|{_language(call)}"
    if text:
        call.bot.texts[key] = text
    else:
        call.bot.texts.pop(key, None)
    return _publish(call, call.bot)


@method("setMyName", "setMyDescription", "setMyShortDescription")
def set_my_text(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#setmydescription and similar methods"""
    return _set_text(call, _text_name(call))


@method("getMyName", "getMyDescription", "getMyShortDescription")
def get_my_text(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#getmydescription and similar methods"""
    name = _text_name(call)
    text = bot_text(call.bot, name, _language(call))
    return {name: text or (call.bot.first_name if name == "name" else "")}


def _text_name(call: ApiRequest) -> str:
    return {"name": "name", "description": "description", "shortdescription": "short_description"}[
        call.method.lower()[len("setmy") :]
    ]


@method("setChatMenuButton")
def set_chat_menu_button(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#setchatmenubutton"""
    raw = call.json("menu_button")
    button: Json = raw if isinstance(raw, dict) else {"type": "default"}
    kind = button.get("type")
    if kind not in ("default", "commands", "web_app"):
        raise bad_request("can't parse menu button: Unsupported type specified")
    if kind == "web_app":
        url = str((button.get("web_app") or {}).get("url", ""))
        if not button.get("text") or not url:
            raise bad_request("can't parse menu button: menu button text must be non-empty")
        if not url.lower().startswith("https://"):
            raise bad_request(f"menu button Web App URL '{url}' is invalid: Only HTTPS links are allowed")
    chat = ""
    if call.given("chat_id"):
        chat = str(call.readable().id)
    call.bot.menu_buttons[chat] = button
    return _publish(call, call.bot)


@method("getChatMenuButton")
def get_chat_menu_button(call: ApiRequest) -> Json:
    """https://core.telegram.org/bots/api#getchatmenubutton"""
    chat = str(call.readable().id) if call.given("chat_id") else ""
    buttons = call.bot.menu_buttons
    return buttons.get(chat) or buttons.get("") or {"type": "commands" if call.bot.commands else "default"}


@method("logOut", "close")
def log_out(call: ApiRequest) -> bool:
    """https://core.telegram.org/bots/api#logout; later calls are refused with "Logged out"."""
    if call.method.lower() == "logout":
        call.bot.logged_out = True
    return True
