"""PostgreSQL databases that tests use one after the other: to restore a few rows takes a tenth of what a copy takes."""

from __future__ import annotations

import asyncpg
from sqlalchemy.engine import URL

from storage.models import Base
from tests import postgres

# What each table has in the template lies in a schema of its own, and so does the function that brings it back.
_SAVE = """
CREATE SCHEMA saved;
CREATE TABLE saved.tables (place int, name text);
CREATE TABLE saved.sequences AS
    SELECT format('%I.%I', schemaname, sequencename) AS name, coalesce(last_value, start_value) AS value,
        last_value IS NOT NULL AS called
    FROM pg_sequences WHERE schemaname = 'public';
CREATE FUNCTION saved.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one record;
    found boolean;
    changed text;
BEGIN
    FOR one IN SELECT name FROM saved.tables LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', one.name) INTO found;
        IF found THEN
            changed := concat_ws(', ', changed, format('public.%I', one.name));
        END IF;
    END LOOP;
    IF changed IS NOT NULL THEN
        EXECUTE 'TRUNCATE ' || changed || ' CASCADE';
    END IF;
    FOR one IN SELECT name FROM saved.tables ORDER BY place LOOP
        EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE SELECT * FROM saved.%1$I', one.name);
    END LOOP;
    FOR one IN SELECT * FROM saved.sequences LOOP
        PERFORM setval(one.name, one.value, one.called);
    END LOOP;
END
$$;
"""


class Pool:
    """Databases with what their template has; one that is given back is restored for the next test."""

    def __init__(self, template: URL) -> None:
        self.template = template
        self._free: list[URL] = []
        self._prepared = False

    async def take(self) -> URL:
        """A database that nobody else has."""
        if self._free:
            return self._free.pop()
        if not self._prepared:
            await self._save()
            self._prepared = True
        return await postgres.new_database(self.template, str(self.template.database))

    async def give_back(self, url: URL) -> None:
        """End what is still connected, and bring back what the template has. The schema must be as it was."""
        connection = await _connect(url)
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            await connection.execute("SELECT saved.restore()")
        finally:
            await connection.close()
        self._free.append(url)

    async def _save(self) -> None:
        connection = await _connect(self.template)
        try:
            await connection.execute(_SAVE)
            for place, table in enumerate((*(table.name for table in Base.metadata.sorted_tables), "alembic_version")):
                await connection.execute(f'CREATE TABLE saved."{table}" AS TABLE public."{table}"')
                await connection.execute("INSERT INTO saved.tables VALUES ($1, $2)", place, table)
        finally:
            await connection.close()


async def _connect(url: URL) -> asyncpg.Connection:
    return await asyncpg.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, database=url.database
    )
