"""The ways to a questionnaire: list of surveys, first page of a wave, codes, links, QR codes.

Looking at a page records nothing, so that a mail scanner that follows every link changes nothing.
"""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.dependencies import AnyWave, Attempts, ResourcesOfApp
from app.errors import NotFound, PermitRefused
from app.form_data import PostedForm, only
from app.rendering import ThisPage
from app.security import ANYONE, PERMIT_HOLDER
from app.services.permits import admit, issue_open_permit
from app.services.resources import Resources
from app.services.waves import Wave, list_open_waves
from app.web import cookies
from app.web.cookies import HeldDevice, HeldPermit
from app.web.landing import Place, continue_at, landing_page, place_of_window

router = APIRouter()


@router.get("/", dependencies=[ANYONE])
async def home(page: ThisPage, resources: ResourcesOfApp) -> Response:
    """List the surveys that are open."""
    return page.show("home.html", waves=await list_open_waves(resources))


@router.get("/w/{wave_id}", dependencies=[ANYONE])
async def show_wave(
    page: ThisPage, resources: ResourcesOfApp, wave: AnyWave, held: HeldPermit, at: str = ""
) -> Response:
    """Say what the survey is and offer the ways to take part; `at` is a service window."""
    place = place_of_window(page, wave, at) if at else None
    return await landing_page(page, resources, wave, held=held, place=place)


@router.get("/w/{wave_id}/d/{department_id}", dependencies=[ANYONE])
async def show_wave_for_department(
    page: ThisPage, resources: ResourcesOfApp, wave: AnyWave, department_id: str
) -> Response:
    """The same page, from a department's own link or QR code."""
    department = wave.survey.departments.get(department_id)
    if department is None:
        raise NotFound
    place = Place(page.words(department.name), department.code)
    return await landing_page(page, resources, wave, place=place)


@router.get("/w/{wave_id}/kiosk", dependencies=[ANYONE])
async def show_kiosk(page: ThisPage, resources: ResourcesOfApp, wave: AnyWave) -> Response:
    """The same page for a shared terminal: the code is the only way in."""
    return await landing_page(page, resources, wave, kiosk=True)


@router.get("/w/{wave_id}/i/{permit_id}", dependencies=[PERMIT_HOLDER])
async def open_invitation(
    page: ThisPage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    permit_id: str,
    attempts: Attempts,
) -> Response:
    """Leave the permit of an invitation link with the device and lead to a clean address."""
    try:
        async with attempts.watching("code"):
            await admit(resources, wave, permit_id)
    except PermitRefused:
        return await landing_page(page, resources, wave, wrong_code=True)
    response = RedirectResponse(f"/w/{wave.code}", 303)
    cookies.remember(resources.settings, response, cookies.PERMIT, permit_id, wave=wave.code)
    return response


@router.post("/w/{wave_id}/start", dependencies=[ANYONE])
async def start(
    resources: ResourcesOfApp, wave: AnyWave, form: PostedForm, device: HeldDevice
) -> Response:
    """Give this device its permit, the same one whenever it comes again, and begin."""
    fields = only(form, "class", "department", "window")
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
async def enter_code(
    page: ThisPage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    form: PostedForm,
    attempts: Attempts,
) -> Response:
    """Begin with a code typed from a letter; whoever tries many wrong codes has to wait."""
    permit = only(form, "code").get("code", "").strip()
    try:
        async with attempts.watching("code"):
            return await begin(resources, wave, permit)
    except PermitRefused:
        return await landing_page(page, resources, wave, wrong_code=True)


async def begin(resources: Resources, wave: Wave, permit: str) -> Response:
    """Leave the permit with the device and lead to the first page, or to the receipt."""
    admission = await admit(resources, wave, permit)
    response = RedirectResponse(await continue_at(resources, admission, permit), 303)
    cookies.remember(resources.settings, response, cookies.PERMIT, permit, wave=wave.code)
    return response
