"""Published releases: lists, documents as they were signed, and the indices that count now.

Nothing here is computed: what a reader gets are the bytes of a release, or parts of it unchanged.
"""

import datetime
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.v1.conditional import FOR_GOOD, conditional_json, etag_of
from app.api.v1.models import OutputModel
from app.api.v1.paging import ThisPeriodQuery, page_of
from app.api.v1.problems import problems
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.releases.document import IndexFigure, Period, Release, Source, State
from app.errors.releases import ReleaseNotFound
from app.errors.waves import WaveNotFound
from app.security import ANYONE
from app.services import releases
from app.services.releases import read_release

router = APIRouter(tags=["releases"], dependencies=[ANYONE])

JOSE = "application/jose"
"""The media type of a compact JWS (RFC 7515 section 9.2.1)."""

SIGNED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Compact JWS, `alg` EdDSA; its payload is the document in canonical JSON.",
        "content": {
            JOSE: {"schema": {"type": "string"}, "example": "eyJhbGciOiJFZERTQSJ9.e30.c2ln"}
        },
    }
}


class ReleaseItemOut(OutputModel):
    """A release as listed."""

    id: str = Field(examples=["shenzhen-2010.2"])
    sequence: int = Field(examples=[2])
    state: State
    period: Period
    published_at: datetime.datetime
    digest: str = Field(description="SHA-256 of the document.", examples=["5e" * 32])


class ReleasesOut(OutputModel):
    """The releases of a wave, oldest first: the last one of a period counts."""

    releases: list[ReleaseItemOut]
    next: str = Field(description="`cursor` of the next page; empty at the end.", examples=[""])


class IndicesOut(OutputModel):
    """Indices of a wave's newest release, with how their samples were made."""

    release: str = Field(examples=["shenzhen-2010.2"])
    state: State
    period: Period
    published_at: datetime.datetime
    digest: str = Field(description="SHA-256 of the whole document.", examples=["5e" * 32])
    sources: list[Source]
    indices: list[IndexFigure]


DOCUMENT: dict[int | str, dict[str, Any]] = {200: {"model": Release}}
INDICES: dict[int | str, dict[str, Any]] = {200: {"model": IndicesOut}}


class IndexQuery(BaseModel):
    """Which indices are asked for; nothing named: all departments as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    respondent_class: str = Field("", max_length=40, description="Code of a respondent class.")
    source: str = Field("", max_length=200, description="Code of a source.")
    department: str = Field("", max_length=40, description="Code of a department.")
    by: Literal["department", "stratum", "trust"] = Field(
        "department", description="Whole departments, or their strata or trust levels."
    )

    def sources(self, release: Release) -> list[Source]:
        """Give the sources asked for."""
        return [
            one
            for one in release.figures.sources
            if self.source in ("", one.code) and self.respondent_class in ("", one.respondent_class)
        ]

    def indices(self, release: Release) -> Iterator[IndexFigure]:
        """Give the indices asked for."""
        codes = {one.code for one in self.sources(release)}
        for one in release.figures.indices:
            by = "stratum" if one.stratum is not None else "trust" if one.trust else "department"
            if by == self.by and one.source in codes and self.department in ("", one.department):
                yield one


@router.get("/waves/{wave_id}/releases", responses=problems(WaveNotFound))
async def list_releases(
    wave: AnyWave, resources: ResourcesOfApp, query: ThisPeriodQuery
) -> ReleasesOut:
    """List the releases of a wave, oldest first; none while it is open."""
    listed = [
        ReleaseItemOut(
            id=f"{wave.code}.{one.sequence}",
            sequence=one.sequence,
            state=read_release(one.payload).header.state,
            period=read_release(one.payload).figures.period,
            published_at=one.published_at,
            digest=one.digest.hex(),
        )
        for one in await releases.list_releases(resources, wave)
    ]
    wanted = [one for one in listed if query.holds(one.period.first, one.period.last)]
    page, following = page_of(wanted, query, lambda one: f"{one.sequence:09}")
    return ReleasesOut(releases=page, next=following)


@router.get(
    "/releases/{release_id}",
    responses=DOCUMENT | problems(ReleaseNotFound),
    response_class=Response,
)
async def get_release(release_id: str, request: Request, resources: ResourcesOfApp) -> Response:
    """Give a release as it was signed: canonical JSON (RFC 8785), decimals as strings."""
    record = await releases.find_release(resources, release_id)
    return conditional_json(request, record.payload, record.digest.hex(), cache=FOR_GOOD)


@router.get(
    "/releases/{release_id}/jws",
    responses=SIGNED | problems(ReleaseNotFound),
    response_class=Response,
)
async def get_signed_release(
    release_id: str, request: Request, resources: ResourcesOfApp
) -> Response:
    """Give a release with its signature, to be verified with `/.well-known/jwks.json`."""
    record = await releases.find_release(resources, release_id)
    body = record.jws.encode()
    return conditional_json(request, body, etag_of(body), cache=FOR_GOOD, media_type=JOSE)


@router.get(
    "/waves/{wave_id}/indices",
    responses=INDICES | problems(WaveNotFound, ReleaseNotFound),
    response_class=Response,
)
async def list_indices(
    wave: AnyWave,
    request: Request,
    resources: ResourcesOfApp,
    query: Annotated[IndexQuery, Query()],
) -> Response:
    """Give the indices that count now: those of the wave's newest release."""
    record = await releases.newest_release(resources, wave)
    release = read_release(record.payload)
    found = IndicesOut(
        release=release.header.release,
        state=release.header.state,
        period=release.figures.period,
        published_at=release.header.published_at,
        digest=record.digest.hex(),
        sources=query.sources(release),
        indices=list(query.indices(release)),
    )
    body = found.model_dump_json().encode()
    return conditional_json(request, body, etag_of(body))
