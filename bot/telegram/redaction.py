"""Keeps bot tokens, passwords and quoted personal data out of logs and stored errors."""

from __future__ import annotations

import logging
import re

HIDDEN = "<token>"
_TOKEN = re.compile(r"(?<!\d)\d{3,20}(?::|%3[Aa])[A-Za-z0-9_-]{10,}")
_PASSWORD = re.compile(r"(?<=://)([^\s/:@'\"]*:)[^\s/'\"]+(?=@)")
_QUOTED = re.compile(r"(?<=input_value=).*?(?=, input_type=)|(?<=DETAIL:)[^\n]*", re.DOTALL)
"""Values that pydantic and PostgreSQL quote in their errors: what users wrote, or who they are."""


def redact(text: str) -> str:
    """The text without bot tokens, passwords in URLs, and the values that errors quote."""
    return _PASSWORD.sub(rf"\1{HIDDEN}", _TOKEN.sub(HIDDEN, _QUOTED.sub("…", text)))


def error_of(error: BaseException) -> str:
    """An error in one redacted line of at most 500 characters, for a log or a stored reason."""
    return redact(f"{type(error).__name__}: {error}")[:500]


class RedactingFormatter(logging.Formatter):
    """Redacts complete log lines of every logger: message, arguments and tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            return redact(super().format(record))
        except Exception:  # logging would print the unredacted arguments of a call that does not fit its message
            return redact(f"{record.levelname} {record.name}: {record.msg} {record.args}")
