"""Webhooks by API: where a client wants to be told of events, and what did not arrive."""

import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, status
from pydantic import Field

from app.api.v1.access import CLIENT_PROBLEMS, ThisClient, client_may
from app.api.v1.changes import LARGEST, EventOut
from app.api.v1.models import OutputModel
from app.api.v1.problems import problems
from app.dependencies import ResourcesOfApp
from app.domain.clients.addresses import LONGEST_URL
from app.domain.clients.scopes import WEBHOOKS
from app.errors.clients import WebhookNotFound
from app.errors.requests import BodyTooLarge, UnsupportedMediaType
from app.json_body import InputModel, described_body, json_body
from app.services import webhooks

router = APIRouter(prefix="/webhooks", tags=["clients"], dependencies=[client_may(WEBHOOKS)])
_BODY_PROBLEMS = (BodyTooLarge, UnsupportedMediaType)


class WebhookIn(InputModel):
    """An address that takes events: https, on the public internet."""

    url: Annotated[str, Field(min_length=1, max_length=LONGEST_URL)]


class ReplayIn(InputModel):
    """With a number: every event after it. Without: what was given up."""

    since: Annotated[int, Field(ge=0, le=LARGEST)] | None = None


class WebhookOut(OutputModel):
    """A webhook."""

    id: str = Field(examples=["5f0c9b41d2e84a7f8d01c3a96e27b45a"])
    url: str = Field(examples=["https://scores.example.cn/minyi"])
    made_at: datetime.datetime


class NewWebhookOut(OutputModel):
    """A webhook just registered. Keep the secret: it is shown this once."""

    id: str = Field(examples=["5f0c9b41d2e84a7f8d01c3a96e27b45a"])
    url: str = Field(examples=["https://scores.example.cn/minyi"])
    secret: str = Field(
        description="Key of the HMAC-SHA256 in `webhook-signature` (Standard Webhooks).",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw…"],
    )


class DeadLetterOut(OutputModel):
    """An event that did not arrive after all tries."""

    event: EventOut
    tries: int = Field(examples=[10])
    problem: str = Field(examples=["status-500"])


class ReplayOut(OutputModel):
    """How many events wait for delivery now."""

    queued: int = Field(examples=[3])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CLIENT_PROBLEMS, *_BODY_PROBLEMS),
    openapi_extra=described_body(WebhookIn, {"url": "https://scores.example.cn/minyi"}),
)
async def register_webhook(
    client: ThisClient,
    resources: ResourcesOfApp,
    body: Annotated[WebhookIn, Depends(json_body(WebhookIn))],
) -> NewWebhookOut:
    """Have events pushed to an address, signed, tried ten times over about a day.

    Pushed is what the client's `events:read` and `scheme:` scopes let it see.
    """
    made = await webhooks.register(resources, client_id=client.id, url=body.url)
    return NewWebhookOut(id=made.id, url=made.url, secret=made.secret)


@router.get("", responses=problems(*CLIENT_PROBLEMS))
async def list_webhooks(client: ThisClient, resources: ResourcesOfApp) -> list[WebhookOut]:
    """List the client's own webhooks."""
    found = await webhooks.list_webhooks(resources, client_id=client.id)
    return [WebhookOut(id=one.id, url=one.url, made_at=one.made_at) for one in found]


@router.delete(
    "/{webhook_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*CLIENT_PROBLEMS, WebhookNotFound),
)
async def remove_webhook(client: ThisClient, resources: ResourcesOfApp, webhook_id: str) -> None:
    """Remove a webhook and what was on its way to it."""
    found = await webhooks.find_webhook(resources, webhook_id, client_id=client.id)
    await webhooks.remove(resources, found)


@router.get("/{webhook_id}/dead-letters", responses=problems(*CLIENT_PROBLEMS, WebhookNotFound))
async def list_dead_letters(
    client: ThisClient, resources: ResourcesOfApp, webhook_id: str
) -> list[DeadLetterOut]:
    """List the events that did not arrive after all tries."""
    found = await webhooks.find_webhook(resources, webhook_id, client_id=client.id)
    return [
        DeadLetterOut(
            event=EventOut.model_validate(one.event.as_json()), tries=one.tries, problem=one.problem
        )
        for one in await webhooks.list_dead(resources, found)
    ]


@router.post(
    "/{webhook_id}/replays",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(*CLIENT_PROBLEMS, *_BODY_PROBLEMS, WebhookNotFound),
    openapi_extra=described_body(ReplayIn, {"since": 17}),
)
async def replay_events(
    client: ThisClient,
    resources: ResourcesOfApp,
    webhook_id: str,
    body: Annotated[ReplayIn, Depends(json_body(ReplayIn))],
) -> ReplayOut:
    """Send again what did not arrive and, with `since`, what did."""
    found = await webhooks.find_webhook(resources, webhook_id, client_id=client.id)
    return ReplayOut(queued=await webhooks.replay(resources, found, since=body.since))
