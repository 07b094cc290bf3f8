"""Version 1 of the API. Path parameters are named after the resource whose `id` they take."""

from fastapi import APIRouter

from app.api.v1 import permits, receipts, responses, waves

router = APIRouter(prefix="/api/v1")
for part in (waves, permits, responses, receipts):
    router.include_router(part.router)
