"""What all tables share: the base class, the key, and the types of moments and JSON objects."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase

from storage.db import UtcDateTime

Id = BigInteger().with_variant(Integer, "sqlite")
"""A row's own number, which no other row ever gets: PostgreSQL has sequences, and SQLite numbers INTEGER keys by
itself, never twice where the migration made them AUTOINCREMENT (`sqlite_autoincrement=True`)."""


JsonObject = dict[str, Any]
"""A JSON object as it is stored: its readers check the contents."""


class Base(DeclarativeBase):
    """The base of every table; constraints have names, so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime(), JsonObject: JSON()}
