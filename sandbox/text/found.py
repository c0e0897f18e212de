"""Entities that Telegram detects in plain text: links, mentions, hashtags, commands, email addresses."""

from __future__ import annotations

import re

from sandbox.text.spans import Span

HINTS = re.compile(r"[@/#$.]|\d{7}|\+\d")
TOP_LEVEL = (
    "com|org|net|edu|gov|info|biz|io|me|ru|cn|uk|de|fr|eu|dev|app|shop|xyz|online|site|top|club|tv|co|ai|in|ly|to|"
    "link|store|page|cloud|tech|su|ua|by|kz|jp|kr|tw|hk|us|ca|au|nl|it|es|pl|br|ch|at|se|no|fi|cz|example"
)
URL = re.compile(
    r"(?:(?:https?|ftp|tonsite)://(?:[^\s<>\"'«»/?#@]+@)?[\w.-]+(?:\.\w{2,}|\b)(?::\d{1,5})?"
    rf"|(?<![\w@.-])(?:[\w-]+\.)+(?:{TOP_LEVEL})(?::\d{{1,5}})?(?![\w@-]))"
    r"(?:[/?#][^\s<>\"«»]*)?",
    re.IGNORECASE,
)
EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
MENTION = re.compile(r"(?<![\w@])@(?=[A-Za-z])\w{3,32}(?!\w)", re.ASCII)
HASHTAG = re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}")
CASHTAG = re.compile(r"(?<![\w$])\$[A-Z]{3,8}(?![\w$])")
COMMAND = re.compile(r"(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/@])", re.ASCII)
PHONE = re.compile(r"(?<![\w+])\+\d[\d ()-]{7,17}\d(?!\w)")
ORDER = (
    (URL, "url"),
    (EMAIL, "email"),
    (MENTION, "mention"),
    (COMMAND, "bot_command"),
    (HASHTAG, "hashtag"),
    (CASHTAG, "cashtag"),
    (PHONE, "phone_number"),
)


def found_spans(text: str) -> list[Span]:
    """The detected entities, without overlaps."""
    if not HINTS.search(text):
        return []
    spans: list[Span] = []
    for pattern, kind in ORDER:
        for match in pattern.finditer(text):
            start, end = match.span()
            if kind == "url":
                end = start + len(_without_tail(match.group()))
            if all(end <= span.start or start >= span.end for span in spans):
                spans.append(Span(start, end, kind))
    return spans


def _without_tail(url: str) -> str:
    """The URL without trailing punctuation and without closing brackets that it does not open."""
    while url:
        last = url[-1]
        if last in ".,:;!?'…" or (last in ")]" and url.count(last) > url.count("(" if last == ")" else "[")):
            url = url[:-1]
        else:
            break
    return url
