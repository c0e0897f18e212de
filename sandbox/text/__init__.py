"""Formatted text: HTML and Markdown to entities, entities found in plain text, rich messages."""

from sandbox.text.formatting import formatted, utf16_length

__all__ = ["formatted", "utf16_length"]
