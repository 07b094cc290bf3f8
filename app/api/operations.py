"""Health, readiness and metrics. No figure here tells anything about an answer or a person."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.api.v1.problems import problems
from app.dependencies import ResourcesOfApp
from app.security import ANYONE
from app.services.health import require_ready

router = APIRouter(tags=["operations"], dependencies=[ANYONE])


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> dict[str, str]:
    """Answer without touching the database."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can answers be stored?", responses=problems())
async def readyz(resources: ResourcesOfApp) -> dict[str, str]:
    """Answer 200 when the database answers, 503 otherwise."""
    await require_ready(resources)
    return {"status": "ready"}


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
async def metrics() -> Response:
    """Give the process's metrics in Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
