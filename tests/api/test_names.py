"""What a path names is looked up in either database, whatever characters it is made of."""

import httpx

from app.services.resources import Resources
from tests.support.scoring import add_client, bearer


async def test_a_name_with_a_nul_is_not_found(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    """PostgreSQL takes none for text."""
    token = await bearer(client, await add_client(resources, "scheme:town"))
    path = "/api/v1/external-evaluation/town/2010%00"
    assert (await client.get(path, headers=token)).status_code == 404
