"""Scoring systems for tests: made at the command line, with a token in hand."""

import httpx

from app.services import clients
from app.services.clients import Credentials
from app.services.resources import Resources
from tests.support.staff import ROOT

FORM = {"content-type": "application/x-www-form-urlencoded"}
TOKEN = "/api/v1/oauth/token"


async def add_client(
    resources: Resources, *scopes: str, name: str = "performance-office"
) -> Credentials:
    """Make a client with these scopes."""
    return await clients.add(resources, ROOT, name=name, scopes=frozenset(scopes))


async def ask_token(client: httpx.AsyncClient, made: Credentials, **more: str) -> httpx.Response:
    """Ask for a token by HTTP Basic."""
    form = {"grant_type": "client_credentials"} | more
    return await client.post(TOKEN, data=form, auth=(made.client_id, made.secret))


async def bearer(client: httpx.AsyncClient, made: Credentials, **more: str) -> dict[str, str]:
    """Get a token and give the header that carries it."""
    reply = await ask_token(client, made, **more)
    return {"authorization": f"Bearer {reply.json()['access_token']}"}
