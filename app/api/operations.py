"""Health, readiness and metrics. No figure here tells anything about an answer or a person."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from app import metrics as figures
from app.api.v1.problems import problems
from app.dependencies import ResourcesOfApp
from app.errors.operations import ShuttingDown
from app.security import ANYONE
from app.services.health import require_ready

router = APIRouter(tags=["operations"], dependencies=[ANYONE])


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> dict[str, str]:
    """Answer without touching the database."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can answers be stored?", responses=problems(ShuttingDown))
async def readyz(request: Request, resources: ResourcesOfApp) -> dict[str, str]:
    """Answer 200 when the database answers, 503 otherwise or once the server is to end."""
    if request.app.state.stopping.began:
        raise ShuttingDown
    await require_ready(resources)
    return {"status": "ready"}


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
async def metrics() -> Response:
    """Give the metrics of all workers of this server in Prometheus' text format."""
    return Response(figures.exposition(), media_type=CONTENT_TYPE_LATEST)
