"""When the database is away: 503 with a time to come back, and everything as before afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import create_engine, event, text

from app.services.permits import issue_open_permit
from app.services.resources import Resources
from app.store.database import Database, sync_url
from tests.support.surveys import answers, open_town

API = "/api/v1/waves/town"


@contextmanager
def away(database: Database) -> Iterator[None]:
    """Let no connection through, and cut those that stand."""

    def refuse(dialect, _record, _arguments, _parameters):  # type: ignore[no-untyped-def]
        raise dialect.loaded_dbapi.OperationalError("away")

    def refuse_statement(connection, *_rest):  # type: ignore[no-untyped-def]
        raise connection.dialect.loaded_dbapi.OperationalError("away")

    engine = database.engine.sync_engine
    event.listen(engine, "do_connect", refuse)
    event.listen(engine, "before_cursor_execute", refuse_statement)
    yield
    event.remove(engine, "do_connect", refuse)
    event.remove(engine, "before_cursor_execute", refuse_statement)


def assert_unavailable(reply: httpx.Response) -> None:
    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0


async def test_everything_but_health_asks_to_come_back(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    wave = await open_town(resources)
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    body = {"permit": permit, "answers": answers()}
    resources.waves.forget()  # within its second the memory still knows what is open
    with away(resources.database):
        for path in ("/readyz", "/api/v1/waves", API, f"{API}/participation", "/w/town"):
            assert_unavailable(await client.get(path))
        refused = await client.post(f"{API}/responses", json=body)
        assert_unavailable(refused)
        assert refused.json()["code"] == "storage-unavailable"
        assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200
    assert (await client.post(f"{API}/responses", json=body)).status_code == 201


class TestServerOfItsOwn:
    """PostgreSQL can end our sessions; SQLite has none."""

    @pytest.fixture
    def database_url(self, postgresql_url: str) -> str:
        return postgresql_url

    async def test_connections_cut_by_the_server_are_replaced(
        self, client: httpx.AsyncClient, resources: Resources
    ) -> None:
        """PostgreSQL was restarted, or an administrator ended our sessions."""
        await open_town(resources)
        assert (await client.get(API)).status_code == 200
        engine = create_engine(sync_url(resources.settings.database_url))
        with engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        engine.dispose()
        resources.waves.forget()
        assert (await client.get(API)).status_code == 200
