"""Servers that start at once."""

import pytest
from sqlalchemy import create_engine, make_url, text

from app.settings import Settings
from app.store.database import sync_url
from app.store.schema import require_current
from tests.support.cities import running_city


@pytest.mark.places("nginx")
async def test_several_servers_may_find_the_database_empty(settings: Settings) -> None:
    engine = create_engine(sync_url(settings.database_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE minyi_first_start TEMPLATE template0"))
        url = make_url(settings.database_url).set(database="minyi_first_start")
        empty = url.render_as_string(hide_password=False)
        with running_city(settings.model_copy(update={"database_url": empty}), 3) as city:
            assert all(server.process.poll() is None for server in city.servers)
        require_current(empty)
        connection.execute(text("DROP DATABASE minyi_first_start WITH (FORCE)"))
    engine.dispose()
