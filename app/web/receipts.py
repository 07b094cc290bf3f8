"""A receipt proves that an answer was received; it never shows what was answered."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.dependencies import ResourcesOfApp
from app.domain.deduplication.decision import ResponseStatus
from app.domain.deduplication.permits import normalise
from app.rendering import ThisPage
from app.security import ANYONE
from app.services.responses import find_receipt
from app.services.waves import find_wave

router = APIRouter()


@router.get("/r", dependencies=[ANYONE])
async def look_up_receipt(page: ThisPage, number: str = "") -> Response:
    """Ask for a receipt's number, and lead to what it proves."""
    code = normalise(number)
    if code is not None:
        return RedirectResponse(f"/r/{code}", 303)
    return page.show("receipt_form.html", wrong=bool(number))


@router.get("/r/{receipt_id}", dependencies=[ANYONE])
async def show_receipt(page: ThisPage, resources: ResourcesOfApp, receipt_id: str) -> Response:
    """Show what a receipt proves."""
    receipt = await find_receipt(resources, receipt_id)
    return page.show(
        "receipt.html",
        wave=await find_wave(resources, receipt.wave),
        code=receipt.code,
        accepted_on=receipt.received_on,
        duplicate=receipt.status is ResponseStatus.DUPLICATE,
    )
