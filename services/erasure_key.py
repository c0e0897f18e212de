"""The key of the hashes that stay of erased members (R36): the database has it only locked, by a secret that lies
elsewhere.

So a copy of the database tells no one's hash from another's, and several processes share one key without a file in
common.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import secrets
from contextlib import suppress
from hashlib import sha256, shake_256
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import key_values
from storage.db import Database, advisory_lock

log = logging.getLogger(__name__)

_LOCKED = "erasure_key"
_OPEN = "erased_hash_key"
"""Where the versions before 0009 kept it, for everyone to read."""
_BYTES = 32


class UnusableKeyFile(Exception):
    """One line that says which file of the key cannot be used, and why."""


class ErasureKey:
    """The key, read and opened at the first use; `secret` is what opens it, or the file that holds that."""

    def __init__(self, db: Database, secret: bytes | Path) -> None:
        self._db = db
        self._secret = secret
        self._key: bytes | None = None

    async def get(self) -> bytes:
        """The key; made where there is none. Never inside a transaction. Raises UnusableKeyFile."""
        if self._key is None:
            secret = await self.secret()
            async with self._db.write() as connection:
                await advisory_lock(connection, _LOCKED)
                key = await self._stored(connection, secret)
            self._key = key  # only after the commit
        return self._key

    async def secret(self) -> bytes:
        """What opens the key, for a process of our own. Raises UnusableKeyFile."""
        return await asyncio.to_thread(_in_file, self._secret) if isinstance(self._secret, Path) else self._secret

    async def fits(self) -> bool:
        """Whether `get` would find the key that is stored, not make another one; changes nothing, and makes no file.

        Raises UnusableKeyFile."""
        async with self._db.read() as connection:
            locked = await key_values.get(connection, _LOCKED)
        if not locked:
            return True
        secret: bytes | None
        if isinstance(self._secret, Path):
            there = await asyncio.to_thread(self._secret.exists)
            secret = await asyncio.to_thread(_in_file, self._secret) if there else None
        else:
            secret = self._secret
        return secret is not None and _unlock(secret, locked) is not None

    @staticmethod
    async def _stored(connection: AsyncConnection, secret: bytes) -> bytes:
        locked, readable = await key_values.get(connection, _LOCKED), await key_values.get(connection, _OPEN)
        key = _unlock(secret, locked) if locked else None
        if locked and key is None:
            log.warning(
                "the key of erased members is locked with another secret than ERASURE_KEY, its file, or BOT_TOKEN: "
                "a new one is made, and members who come back after a deletion are not recognised"
            )
        if key is None:
            key = bytes.fromhex(readable) if readable else secrets.token_bytes(_BYTES)
            await key_values.set(connection, _LOCKED, _lock(secret, key))
        if readable:
            await key_values.delete(connection, _OPEN)
        return key


def _lock(secret: bytes, key: bytes) -> str:
    return f"{_crypt(secret, key).hex()}:{_check(secret, key)}"


def _unlock(secret: bytes, locked: str) -> bytes | None:
    """The key; None where it was locked with another secret."""
    cipher, _, check = locked.partition(":")
    key = _crypt(secret, bytes.fromhex(cipher))
    return key if hmac.compare_digest(_check(secret, key), check) else None


def _crypt(secret: bytes, text: bytes) -> bytes:
    """One-time pad: one key is ever locked with a secret, and the key is random."""
    pad = shake_256(b"erasure key" + sha256(secret).digest()).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, pad, strict=True))


def _check(secret: bytes, key: bytes) -> str:
    return hmac.new(secret, key, sha256).hexdigest()[:16]


def _in_file(path: Path) -> bytes:
    """The secret in a file, which is made where there is none, for its owner only."""
    try:
        if not path.exists():
            _make(path)
        return bytes.fromhex(path.read_text("ascii"))
    except OSError as error:
        raise UnusableKeyFile(f"{path} cannot be used: {error.strerror}") from None
    except ValueError:
        raise UnusableKeyFile(f"{path} is no key: restore it, or delete it, and a new one is made") from None


def _make(path: Path) -> None:
    """Make the file whole or not at all, and once, also where two processes start together."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink()
