"""The methods of the Bot API, grouped by what they touch. Importing this package fills the table."""

from sandbox.methods import (
    albums,
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
    receiving,
    rich,
    sending,
)
from sandbox.methods.registry import HANDLERS, Handler, method

__all__ = [
    "HANDLERS",
    "Handler",
    "albums",
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
    "receiving",
    "rich",
    "sending",
]
