"""External evaluations as they were signed, for the scoring systems that may read their scheme."""

import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from app.api.v1.access import CLIENT_PROBLEMS, client_may
from app.api.v1.conditional import PRIVATE, conditional_json, etag_of
from app.api.v1.models import OutputModel
from app.api.v1.paging import ThisPageQuery, page_of
from app.api.v1.problems import problems
from app.api.v1.releases import JOSE, SIGNED
from app.dependencies import ResourcesOfApp
from app.domain.releases.document import State
from app.domain.scoring.external_evaluation import ExternalEvaluation
from app.errors.scoring import EvaluationNotFound
from app.services import evaluations
from app.services.evaluations import read_evaluation

router = APIRouter(
    prefix="/external-evaluation/{scheme_id}",
    tags=["evaluations"],
    dependencies=[client_may("scheme:{scheme_id}")],
)

LARGEST = 2**31 - 1
Sequence = Annotated[
    int | None,
    Query(ge=1, le=LARGEST, description="An earlier evaluation of the period; else the newest."),
]


class EvaluationItemOut(OutputModel):
    """An evaluation as listed."""

    id: str = Field(examples=["shenzhen-2010.2"])
    sequence: int = Field(examples=[2])
    period: str = Field(examples=["2010"])
    state: State = Field(examples=["final"])
    published_at: datetime.datetime = Field(examples=["2011-01-20T02:00:00Z"])
    digest: str = Field(description="SHA-256 of the document.", examples=["5e" * 32])


class EvaluationsOut(OutputModel):
    """The evaluations of a scheme in their chain; the last one of a period counts."""

    evaluations: list[EvaluationItemOut]
    next: str = Field(description="`cursor` of the next page; empty at the end.", examples=[""])


@router.get("", responses=problems(*CLIENT_PROBLEMS))
async def list_evaluations(
    scheme_id: str, resources: ResourcesOfApp, query: ThisPageQuery
) -> EvaluationsOut:
    """List the evaluations of a scheme, oldest first; each names the one before it."""
    listed = [
        EvaluationItemOut(
            id=f"{one.scheme}.{one.sequence}",
            sequence=one.sequence,
            period=one.period,
            state=read_evaluation(one.payload).header.state,
            published_at=one.published_at,
            digest=one.digest.hex(),
        )
        for one in await evaluations.list_evaluations(resources, [scheme_id])
    ]
    page, following = page_of(listed, query, lambda one: f"{one.sequence:09}")
    return EvaluationsOut(evaluations=page, next=following)


@router.get(
    "/{period_id}",
    responses=problems(EvaluationNotFound, *CLIENT_PROBLEMS) | {200: {"model": ExternalEvaluation}},
    response_class=Response,
)
async def get_evaluation(
    scheme_id: str,
    period_id: str,
    request: Request,
    resources: ResourcesOfApp,
    sequence: Sequence = None,
) -> Response:
    """Give an evaluation as it was signed: canonical JSON (RFC 8785), decimals as strings."""
    record = await evaluations.find_evaluation(resources, scheme_id, period_id, sequence)
    return conditional_json(request, record.payload, record.digest.hex(), cache=PRIVATE)


@router.get(
    "/{period_id}/jws",
    responses=problems(EvaluationNotFound, *CLIENT_PROBLEMS) | SIGNED,
    response_class=Response,
)
async def get_signed_evaluation(
    scheme_id: str,
    period_id: str,
    request: Request,
    resources: ResourcesOfApp,
    sequence: Sequence = None,
) -> Response:
    """Give an evaluation with its signature, to be verified with `/.well-known/jwks.json`."""
    record = await evaluations.find_evaluation(resources, scheme_id, period_id, sequence)
    body = record.jws.encode()
    return conditional_json(request, body, etag_of(body), cache=PRIVATE, media_type=JOSE)
