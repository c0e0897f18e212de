"""A strict local Bot API server on loopback, with a browser chat and simulated people."""

from sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]
