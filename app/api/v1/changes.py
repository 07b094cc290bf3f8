"""The feed of events: what has happened since a number, as often as one likes."""

import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.v1.access import CLIENT_PROBLEMS, ThisClient, client_may
from app.api.v1.models import OutputModel
from app.api.v1.problems import problems
from app.dependencies import ResourcesOfApp
from app.domain.clients.scopes import EVENTS
from app.services.events import list_events

router = APIRouter(prefix="/changes", tags=["clients"], dependencies=[client_may(EVENTS)])

LARGEST = 2**31 - 1


class EventOut(OutputModel):
    """Something that has happened. A webhook pushes the same."""

    sequence: int = Field(description="Counts up; others' events leave gaps.", examples=[17])
    kind: str = Field(
        description="Ignore kinds that you don't know.", examples=["release.published"]
    )
    subject: str = Field(description="Id of what it is about.", examples=["shenzhen-2010"])
    at: datetime.datetime
    data: dict[str, Any]


class ChangesOut(OutputModel):
    """Events in their order."""

    events: list[EventOut]
    next: int = Field(description="`since` of the next request.", examples=[17])
    more: bool = Field(description="Whether there are more already.")


@router.get("", responses=problems(*CLIENT_PROBLEMS))
async def get_changes(
    client: ThisClient,
    resources: ResourcesOfApp,
    since: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ChangesOut:
    """Give the events after a number; evaluations only of the schemes the token names.

    An event that has been seen never changes, and none appears later with a lower number.
    """
    found = await list_events(resources, since=since, schemes=client.schemes, limit=limit + 1)
    shown = [EventOut.model_validate(one.as_json()) for one in found[:limit]]
    return ChangesOut(
        events=shown,
        next=shown[-1].sequence if shown else since,
        more=len(found) > limit,
    )
