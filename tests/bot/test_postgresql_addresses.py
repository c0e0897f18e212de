"""A PostgreSQL server with TLS of a private authority, by addresses as hosts give them; doctor tries to write to it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from sqlalchemy.engine import URL

from bot.doctor import Finding, examine_database
from storage.db import Database
from storage.migrate import migrate
from tests import postgres
from tests.conftest import settings_for

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason="PostgreSQL is not installed here")


@pytest.fixture(scope="module")
def secure() -> Iterator[tuple[URL, Path]]:
    """The address of a migrated database on a server with TLS, and the file of its authority."""
    with postgres.own_server() as server:
        authority, data = trustme.CA(), server.folder / "data"
        made = authority.issue_cert("localhost", "127.0.0.1")
        made.private_key_pem.write_to_path(str(data / "server.key"))
        made.cert_chain_pems[0].write_to_path(str(data / "server.crt"))
        authority.cert_pem.write_to_path(str(server.folder / "authority.pem"))
        owner = data.stat()
        for name in ("server.key", "server.crt"):
            (data / name).chmod(0o600)
            os.chown(data / name, owner.st_uid, owner.st_gid)
        asyncio.run(_order(server.url, "ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"))
        url = asyncio.run(postgres.new_database(server.url))
        asyncio.run(_migrate(postgres.address(url)))
        yield url, server.folder / "authority.pem"


async def _order(url: URL, *commands: str) -> None:
    for command in commands:
        await postgres.order(url, command)


async def _migrate(address: str) -> None:
    db = Database(address)
    await migrate(db)
    await db.close()


def examined(address: str) -> Finding:
    return asyncio.run(examine_database(settings_for(Path(), database_url=address)))


def written(url: URL, query: str) -> str:
    return f"postgres://{url.username}@{url.host}:{url.port}/{url.database}?{query}"


@pytest.mark.parametrize("query", ["", "sslmode=require", "sslmode=verify-full&sslrootcert={file}", "sslmode=disable"])
def test_the_addresses_of_hosts_work(query: str, secure: tuple[URL, Path]) -> None:
    url, file = secure
    finding = examined(written(url, query.format(file=file)))
    assert finding.ok, finding.text


@pytest.mark.parametrize("query", ["sslmode=verify-full", "sslmode=require&channel_binding=require"])
def test_a_server_that_cannot_prove_who_it_is_is_refused(query: str, secure: tuple[URL, Path]) -> None:
    finding = examined(written(secure[0], query))
    assert not finding.ok and "certificate verify failed" in finding.text


def test_a_database_that_takes_no_changes_is_wrong(secure: tuple[URL, Path]) -> None:
    url = asyncio.run(postgres.new_database(secure[0], str(secure[0].database)))
    asyncio.run(_order(secure[0], f"ALTER DATABASE {url.database} SET default_transaction_read_only = on"))
    finding = examined(written(url, ""))
    assert not finding.ok and "read-only transaction" in finding.text


@pytest.mark.parametrize(("filled", "why"), [(True, "permission denied for table"), (False, "may not create tables")])
def test_missing_rights_are_wrong(filled: bool, why: str, secure: tuple[URL, Path]) -> None:
    template = str(secure[0].database) if filled else "template0"
    url = asyncio.run(postgres.new_database(secure[0], template))
    name = f"reader_{url.database}"
    order = [f"CREATE USER {name}", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}"]
    asyncio.run(_order(url, *order, "REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    finding = examined(written(url.set(username=name), ""))
    assert not finding.ok and why in finding.text
