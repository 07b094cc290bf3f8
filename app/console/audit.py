"""The log of staff acts, newest first."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from app.console.access import staff_may
from app.console.pages import ThisConsolePage
from app.dependencies import ResourcesOfApp
from app.domain.rights.rights import Act
from app.services.audit import NEWEST, PAGE_LENGTH, list_entries, show_head

router = APIRouter(prefix="/audit")


_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


class Filters(BaseModel):
    """What of the log is asked for; an empty word asks for all of it."""

    by: str = Field("", max_length=100, pattern=_PRINTABLE)
    act: str = Field("", max_length=40, pattern=_PRINTABLE)
    about: str = Field("", max_length=100, pattern=_PRINTABLE)
    before: int = Field(NEWEST, ge=1, le=NEWEST)


@router.get("", dependencies=[staff_may(Act.READ_AUDIT_LOG)])
async def show_log(
    console: ThisConsolePage, resources: ResourcesOfApp, filters: Annotated[Filters, Query()]
) -> Response:
    """Show a page of the log; filters are exact, but for the act's beginning."""
    entries = await list_entries(
        resources,
        console.actor,
        by=filters.by.strip(),
        act=filters.act,
        object_=filters.about.strip(),
        before=filters.before,
    )
    return console.show(
        "audit.html",
        entries=entries,
        head=await show_head(resources, console.actor),
        filters=filters,
        older=entries[-1].number if len(entries) == PAGE_LENGTH else None,
    )
