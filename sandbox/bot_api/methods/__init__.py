"""The simulated methods, grouped by what they act on. Importing this package registers them."""

from sandbox.bot_api.methods import (
    chats,
    copying,
    deleting,
    editing,
    ephemeral,
    files,
    inline,
    payments,
    profile,
    queries,
    reactions,
    rich,
    sending,
)
from sandbox.bot_api.registry import HANDLERS, Handler, method

__all__ = [
    "HANDLERS",
    "Handler",
    "chats",
    "copying",
    "deleting",
    "editing",
    "ephemeral",
    "files",
    "inline",
    "method",
    "payments",
    "profile",
    "queries",
    "reactions",
    "rich",
    "sending",
]
