"""The address of a PostgreSQL server as hosts give it, with libpq's parameters, for a driver that has its own ones."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import Any

import certifi
from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

POSTGRESQL = "postgresql+asyncpg://"
_WRITTEN_AS = ("postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2")


class SslMode(StrEnum):
    """How a connection is encrypted (PostgreSQL, 34.19: SSL Support)."""

    DISABLE = "disable"
    ALLOW = "allow"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


_VERIFIED = (SslMode.VERIFY_CA, SslMode.VERIFY_FULL)
_SYSTEM = "system"
"""As sslrootcert: the usual authorities."""
_SETTINGS = {"application_name": "application_name", "options": "options"}
"""Parameters that the server is told."""
_DRIVERS: dict[str, tuple[str, Any]] = {
    "connect_timeout": ("timeout", float),
    "timeout": ("timeout", float),
    "command_timeout": ("command_timeout", float),
    "statement_cache_size": ("statement_cache_size", int),
    "target_session_attrs": ("target_session_attrs", str),
    "passfile": ("passfile", str),
}
"""Parameters that the driver has, too, with its name and type."""
_SSL = frozenset(("ssl", "sslmode", "channel_binding", "sslrootcert", "sslcert", "sslkey", "sslpassword"))
_OF_SQLALCHEMY = frozenset(("host", "port", "prepared_statement_cache_size"))
_WITHOUT_MEANING = frozenset(
    (
        *("client_encoding", "fallback_application_name", "gssencmode", "krbsrvname", "sslcompression", "sslsni"),
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"),
    )
)
"""libpq's parameters that change nothing here: the bot keeps connections alive by itself."""


@dataclass(frozen=True, slots=True)
class PostgresqlAddress:
    """Where the server is, and what the driver is told beside that."""

    url: URL
    arguments: dict[str, Any] = field(default_factory=dict)
    server_settings: dict[str, str] = field(default_factory=dict)


def normalized(address: str) -> str:
    """The address with the scheme that SQLAlchemy knows; another database's address as it is."""
    scheme, separator, rest = address.strip().partition("://")
    return f"{POSTGRESQL}{rest}" if separator and scheme.lower() in _WRITTEN_AS else address.strip()


def read_postgresql(address: str | URL) -> PostgresqlAddress:
    """Read an address with its parameters. Raises ValueError with one line that tells no secret."""
    try:
        url = make_url(normalized(address) if isinstance(address, str) else address)
    except (ArgumentError, ValueError):
        raise ValueError("must be an address such as postgresql://user:password@host:5432/bot") from None
    if "@" in (url.host or ""):  # it begins with the end of the password, and would be shown
        raise ValueError("has two @: write %40 for one in the password")
    given = {name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()}
    known = {*_SETTINGS, *_DRIVERS, *_SSL, *_OF_SQLALCHEMY, *_WITHOUT_MEANING}
    unknown = sorted(given.keys() - known)
    if unknown:
        raise ValueError(f"has the parameter {unknown[0][:30]}, which is not supported: remove it")
    arguments = {own: _typed(name, kind, given[name]) for name, (own, kind) in _DRIVERS.items() if name in given}
    if arguments.get("timeout", 1) <= 0:  # libpq's ways to write that there is no limit
        del arguments["timeout"]
    secure = _secure(given)
    if secure is not None:
        arguments["ssl"] = secure
    kept = {name: value for name, value in url.query.items() if name in _OF_SQLALCHEMY}
    told = {own: given[name] for name, own in _SETTINGS.items() if name in given}
    return PostgresqlAddress(url.set(query=kept), arguments, told)


def _typed(name: str, kind: Any, value: str) -> Any:
    try:
        typed = kind(value)
    except ValueError:
        raise ValueError(f"has a parameter {name} that is no number") from None
    if isinstance(typed, float) and not isfinite(typed):
        raise ValueError(f"has a parameter {name} that is no number")
    least = {"command_timeout": 0.001, "statement_cache_size": 0}.get(name)  # as the driver has it
    if least is not None and typed < least:
        raise ValueError(f"has a parameter {name} that is too small")
    return typed


def _secure(given: dict[str, str]) -> ssl.SSLContext | str | None:
    """What the driver is told about encryption; None leaves it to the driver, which prefers it."""
    if not _SSL & given.keys():
        return None
    mode = _mode(given)
    if mode in _VERIFIED or (mode is SslMode.REQUIRE and "sslcert" in given):
        return _context(mode, given)
    return mode.value


def _mode(given: dict[str, str]) -> SslMode:
    written = given.get("sslmode") or given.get("ssl") or SslMode.PREFER
    try:
        mode = SslMode({"true": "require", "false": "disable"}.get(written.lower(), written.lower()))
    except ValueError:
        raise ValueError(f"has a parameter sslmode that is none of {', '.join(SslMode)}") from None
    root = given.get("sslrootcert")
    if given.get("channel_binding") == "require":
        # The driver has no channel binding, which proves that the server is the right one. Its certificate does, too.
        return SslMode.VERIFY_FULL
    if root == _SYSTEM:
        return SslMode.VERIFY_FULL
    return SslMode.VERIFY_CA if root and mode is SslMode.REQUIRE else mode  # as libpq does


def _context(mode: SslMode, given: dict[str, str]) -> ssl.SSLContext:
    root = given.get("sslrootcert", _SYSTEM)
    try:
        context = ssl.create_default_context(cafile=certifi.where() if root == _SYSTEM else root)
        if "sslcert" in given:
            context.load_cert_chain(given["sslcert"], given.get("sslkey"), given.get("sslpassword", ""))
    except OSError:
        raise ValueError("names a file of certificates (sslrootcert, sslcert, sslkey) that cannot be read") from None
    context.check_hostname = mode is SslMode.VERIFY_FULL
    if mode is SslMode.REQUIRE:
        context.verify_mode = ssl.CERT_NONE
    return context
