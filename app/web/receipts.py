"""A receipt proves that an answer was received; it never shows what was answered."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.dependencies import get_resources
from app.domain.deduplication.decision import ResponseStatus
from app.domain.deduplication.permits import normalise
from app.rendering import this_page
from app.route_table import PlainRoute
from app.security import ANYONE
from app.services.responses import find_receipt
from app.services.waves import find_wave
from app.stencils import hole

router = APIRouter(route_class=PlainRoute)


@router.get("/r", dependencies=[ANYONE])
async def look_up_receipt(request: Request) -> Response:
    """Ask for a receipt's number, and lead to what it proves."""
    number = request.query_params.get("number", "")
    code = normalise(number)
    if code is not None:
        return RedirectResponse(f"/r/{code}", 303)
    return (await this_page(request)).show("receipt_form.html", wrong=bool(number))


@router.get("/r/{receipt_id}", dependencies=[ANYONE])
async def show_receipt(request: Request, receipt_id: str) -> Response:
    """Show what a receipt proves."""
    resources, page = await get_resources(request), await this_page(request)
    receipt = await find_receipt(resources, receipt_id)
    wave = await find_wave(resources, receipt.wave)
    duplicate = receipt.status is ResponseStatus.DUPLICATE
    return page.show(
        "receipt.html",
        same_for=(wave.code, wave.definition_hash, receipt.received_on, duplicate),
        holes={"code": receipt.code},
        wave=wave,
        code=hole("code"),
        accepted_on=receipt.received_on,
        duplicate=duplicate,
    )
