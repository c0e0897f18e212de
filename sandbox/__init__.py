"""A strict local Telegram: a Bot API server on loopback with a browser chat and people to talk with."""

from sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]
