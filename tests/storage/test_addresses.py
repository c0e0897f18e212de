"""PostgreSQL's addresses are read as hosts give them, and mean to the driver what they mean to libpq."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi
import pytest

from storage.db import Database
from storage.db.addresses import normalized, read_postgresql

HOST = "db.example.com/bot"


@pytest.mark.parametrize(
    "written",
    ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2", "postgresql+psycopg", "POSTGRES"],
)
def test_every_scheme_of_hosts_and_libraries_is_known(written: str) -> None:
    assert normalized(f" {written}://u:p%40@{HOST}?sslmode=require\n") == (
        f"postgresql+asyncpg://u:p%40@{HOST}?sslmode=require"
    )


def test_other_databases_addresses_stay() -> None:
    for address in ("sqlite+aiosqlite:///data/bot.db", "mysql://root@db/bot", "data/bot.db", "postgres"):
        assert normalized(address) == address


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", None),
        ("sslmode=require", "require"),
        ("sslmode=disable", "disable"),
        ("sslmode=prefer&channel_binding=prefer", "prefer"),
        ("ssl=require", "require"),
        ("ssl=true", "require"),
        ("sslmode=REQUIRE&channel_binding=disable&gssencmode=disable", "require"),
    ],
)
def test_an_encryption_that_verifies_nothing_is_the_drivers_own(query: str, told: str | None) -> None:
    assert read_postgresql(f"postgres://u:p@{HOST}?{query}").arguments.get("ssl") == told


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sslmode=verify-full", True),
        ("sslmode=verify-ca", False),
        (f"sslmode=verify-full&sslrootcert={certifi.where()}", True),
        (f"sslmode=require&sslrootcert={certifi.where()}", False),
        ("sslrootcert=system", True),
        ("sslmode=require&channel_binding=require", True),
    ],
)
def test_a_certificate_is_verified_where_libpq_would_prove_the_server(query: str, names: bool) -> None:
    context = read_postgresql(f"postgres://u:p@{HOST}?{query}").arguments["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname is names and context.get_ca_certs()


def test_other_parameters_reach_the_driver_the_server_or_nothing() -> None:
    read = read_postgresql(
        f"postgres://u:p@{HOST}?connect_timeout=7&target_session_attrs=read-write&application_name=bot"
        "&options=-c%20search_path%3Dshop&keepalives=1&prepared_statement_cache_size=0"
    )
    assert read.arguments == {"timeout": 7.0, "target_session_attrs": "read-write"}
    assert read.server_settings == {"application_name": "bot", "options": "-c search_path=shop"}
    assert dict(read.url.query) == {"prepared_statement_cache_size": "0"}
    for none in ("0", "-1"):
        assert "timeout" not in read_postgresql(f"postgres://{HOST}?connect_timeout={none}").arguments


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sslmode=strict", "sslmode that is none of disable, allow, prefer, require, verify-ca, verify-full"),
        ("pgbouncer=canary", "has the parameter pgbouncer, which is not supported"),
        ("connect_timeout=canary", "a parameter connect_timeout that is no number"),
        ("connect_timeout=nan", "a parameter connect_timeout that is no number"),
        ("command_timeout=inf", "a parameter command_timeout that is no number"),
        ("command_timeout=0", "a parameter command_timeout that is too small"),
        ("statement_cache_size=-1", "a parameter statement_cache_size that is too small"),
        ("sslmode=verify-full&sslrootcert=canary.pem", "a file of certificates"),
        ("sslmode=require&sslcert=canary.pem", "a file of certificates"),
    ],
)
def test_what_cannot_be_meant_is_one_line_without_secrets(query: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        read_postgresql(f"postgres://u:canary@{HOST}?{query}")
    assert "canary" not in str(caught.value) and "\n" not in str(caught.value)


def test_an_address_is_shown_without_password_and_parameters(tmp_path: Path) -> None:
    shown = Database.shown(f"postgres://u:canary@{HOST}?sslpassword=canary&sslmode=require")
    assert shown == f"postgresql+asyncpg://u:***@{HOST}"


def test_an_at_sign_in_a_password_is_named_and_no_part_of_the_password_is_shown_as_the_host() -> None:
    with pytest.raises(ValueError, match="%40") as caught:
        read_postgresql("postgres://ann:first@canary@db.example.com/bot")
    assert "canary" not in str(caught.value)
    assert read_postgresql("postgres://ann:first%40canary@db.example.com/bot").url.host == "db.example.com"
