"""Version 1 of the API. Path parameters are named after the resource whose `id` they take."""

from fastapi import APIRouter

from app.api.v1 import (
    changes,
    evaluations,
    oauth,
    permits,
    receipts,
    releases,
    responses,
    sign_ins,
    waves,
    webhooks,
)

router = APIRouter(prefix="/api/v1")
for part in (
    waves,
    sign_ins,
    permits,
    responses,
    receipts,
    releases,
    evaluations,
    oauth,
    changes,
    webhooks,
):
    router.include_router(part.router)
