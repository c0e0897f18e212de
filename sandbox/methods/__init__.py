"""The methods of the Bot API, grouped by what they touch. Importing this package fills the table."""

from sandbox.methods import deleting, editing, profile, queries, receiving, sending
from sandbox.methods.registry import HANDLERS, Handler, method

__all__ = [
    "HANDLERS",
    "Handler",
    "deleting",
    "editing",
    "method",
    "profile",
    "queries",
    "receiving",
    "sending",
]
