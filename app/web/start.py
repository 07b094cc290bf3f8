"""The ways to a questionnaire: list of surveys, first page of a wave, codes, links, QR codes.

Looking at a page records nothing, so that a mail scanner that follows every link changes nothing.
"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.dependencies import get_attempt_guard, get_resources
from app.errors import NotFound
from app.errors.answering import PermitRefused
from app.form_data import only, read_form
from app.rendering import this_page
from app.route_table import PlainRoute
from app.security import ANYONE, PERMIT_HOLDER
from app.services.permits import admit, issue_open_permit
from app.services.resources import Resources
from app.services.waves import Wave, find_wave, list_open_waves
from app.web import cookies
from app.web.cookies import held_device, held_permit
from app.web.landing import Place, continue_at, landing_page, place_of_window

router = APIRouter(route_class=PlainRoute)


@router.get("/", dependencies=[ANYONE])
async def home(request: Request) -> Response:
    """List the surveys that are open."""
    waves = await list_open_waves(await get_resources(request))
    shown = tuple((wave.code, wave.definition_hash) for wave in waves)
    return (await this_page(request)).show("home.html", same_for=shown, waves=waves)


@router.get("/w/{wave_id}", dependencies=[ANYONE])
async def show_wave(request: Request, wave_id: str) -> Response:
    """Say what the survey is and offer the ways to take part; `at` is a service window."""
    resources, page = await get_resources(request), await this_page(request)
    wave = await find_wave(resources, wave_id)
    at = request.query_params.get("at")
    place = place_of_window(page, wave, at) if at else None
    held = await held_permit(request)
    return await landing_page(page, resources, wave, held=held, place=place)


@router.get("/w/{wave_id}/d/{department_id}", dependencies=[ANYONE])
async def show_wave_for_department(request: Request, wave_id: str, department_id: str) -> Response:
    """The same page, from a department's own link or QR code."""
    resources, page = await get_resources(request), await this_page(request)
    wave = await find_wave(resources, wave_id)
    department = wave.survey.departments.get(department_id)
    if department is None:
        raise NotFound
    place = Place(page.words(department.name), department.code)
    return await landing_page(page, resources, wave, place=place)


@router.get("/w/{wave_id}/kiosk", dependencies=[ANYONE])
async def show_kiosk(request: Request, wave_id: str) -> Response:
    """The same page for a shared terminal: the code is the only way in."""
    resources = await get_resources(request)
    wave = await find_wave(resources, wave_id)
    return await landing_page(await this_page(request), resources, wave, kiosk=True)


@router.get("/w/{wave_id}/i/{permit_id}", dependencies=[PERMIT_HOLDER])
async def open_invitation(request: Request, wave_id: str, permit_id: str) -> Response:
    """Leave the permit of an invitation link with the device and lead to a clean address."""
    resources = await get_resources(request)
    wave = await find_wave(resources, wave_id)
    attempts = await get_attempt_guard(request)
    try:
        async with attempts.watching("code"):
            await admit(resources, wave, permit_id)
    except PermitRefused:
        return await landing_page(await this_page(request), resources, wave, wrong_code=True)
    response = RedirectResponse(f"/w/{wave.code}", 303)
    cookies.remember(resources.settings, response, cookies.PERMIT, permit_id, wave=wave.code)
    return response


@router.post("/w/{wave_id}/start", dependencies=[ANYONE])
async def start(request: Request, wave_id: str) -> Response:
    """Give this device its permit, the same one whenever it comes again, and begin."""
    resources = await get_resources(request)
    wave = await find_wave(resources, wave_id)
    fields = only(await read_form(request), "class", "department", "window")
    device = await held_device(request)
    permit = await issue_open_permit(
        resources,
        wave,
        respondent_class=fields.get("class", ""),
        device=device,
        department=fields.get("department"),
        window=fields.get("window"),
    )
    response = await begin(resources, wave, permit)
    cookies.remember(resources.settings, response, cookies.DEVICE, device, wave=wave.code)
    return response


@router.post("/w/{wave_id}/code", dependencies=[PERMIT_HOLDER])
async def enter_code(request: Request, wave_id: str) -> Response:
    """Begin with a code typed from a letter; whoever tries many wrong codes has to wait."""
    resources = await get_resources(request)
    wave = await find_wave(resources, wave_id)
    permit = only(await read_form(request), "code").get("code", "").strip()
    attempts = await get_attempt_guard(request)
    try:
        async with attempts.watching("code"):
            return await begin(resources, wave, permit)
    except PermitRefused:
        return await landing_page(await this_page(request), resources, wave, wrong_code=True)


async def begin(resources: Resources, wave: Wave, permit: str) -> Response:
    """Leave the permit with the device and lead to the first page, or to the receipt."""
    admission = await admit(resources, wave, permit)
    response = RedirectResponse(await continue_at(resources, admission, permit), 303)
    cookies.remember(resources.settings, response, cookies.PERMIT, permit, wave=wave.code)
    return response
