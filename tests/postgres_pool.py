"""PostgreSQL databases that tests use one after the other: restoring a few rows takes a tenth of a copy's time."""

from __future__ import annotations

import asyncpg
from sqlalchemy.engine import URL

from storage.models import Base
from tests import postgres

# A schema in the database holds the rows of the template, and a function that restores them. Small tables are deleted
# from rather than truncated, which would make new files. A superuser's session checks no foreign keys meanwhile.
_SAVE = """
CREATE SCHEMA saved;
CREATE TABLE saved.tables (place int, name text, has_rows boolean);
CREATE TABLE saved.sequences AS
    SELECT format('%I.%I', schemaname, sequencename) AS name, coalesce(last_value, start_value) AS value,
        last_value IS NOT NULL AS called
    FROM pg_sequences WHERE schemaname = 'public';
CREATE FUNCTION saved.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one record;
    found boolean;
BEGIN
    IF current_setting('is_superuser') = 'on' THEN
        PERFORM set_config('session_replication_role', 'replica', true);
    END IF;
    FOR one IN SELECT * FROM saved.tables ORDER BY place DESC LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', one.name) INTO found;
        IF found AND pg_relation_size(format('public.%I', one.name)) > 1000000 THEN
            EXECUTE format('TRUNCATE public.%I CASCADE', one.name);
        ELSIF found THEN
            EXECUTE format('DELETE FROM public.%I', one.name);
        END IF;
    END LOOP;
    FOR one IN SELECT * FROM saved.tables WHERE has_rows ORDER BY place LOOP
        EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE SELECT * FROM saved.%1$I', one.name);
    END LOOP;
    FOR one IN SELECT * FROM saved.sequences LOOP
        PERFORM setval(one.name, one.value, one.called);
    END LOOP;
END
$$;
"""


class Pool:
    """Copies of a template. A database that is given back is restored for the next test."""

    def __init__(self, template: URL) -> None:
        self.template = template
        self._free: list[URL] = []
        self._prepared = False

    async def take(self) -> URL:
        """A database for one test."""
        if self._free:
            return self._free.pop()
        if not self._prepared:
            await self._save()
            self._prepared = True
        return await postgres.new_database(self.template, str(self.template.database))

    async def give_back(self, url: URL) -> None:
        """End all connections, and restore the rows of the template. The schema must not have changed."""
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
                has_rows = await connection.fetchval(f'SELECT EXISTS (SELECT FROM saved."{table}")')
                await connection.execute("INSERT INTO saved.tables VALUES ($1, $2, $3)", place, table, has_rows)
        finally:
            await connection.close()


async def _connect(url: URL) -> asyncpg.Connection:
    return await asyncpg.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, database=url.database
    )
