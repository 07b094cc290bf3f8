"""Results for everybody: one page a release, one for each of its departments."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from app.dependencies import ResourcesOfApp
from app.plots import numbers
from app.plots.overview import overview, spread
from app.plots.profile import profile
from app.plots.trends import earlier_trend
from app.rendering import ThisPage
from app.security import ANYONE
from app.services.results import find_results, indices_csv, labels_of, list_results

router = APIRouter(prefix="/results", dependencies=[ANYONE])

Sequence = Annotated[int, Path(ge=1, le=1_000_000)]


@router.get("")
async def show_all(page: ThisPage, resources: ResourcesOfApp) -> Response:
    """List the waves that have results."""
    return page.show("results/index.html", releases=await list_results(resources))


@router.get("/{wave_id}")
async def show_newest(page: ThisPage, resources: ResourcesOfApp, wave_id: str) -> Response:
    """Show the release that counts now."""
    return await _release_page(page, resources, wave_id)


@router.get("/{wave_id}/{sequence}")
async def show_release(
    page: ThisPage, resources: ResourcesOfApp, wave_id: str, sequence: Sequence
) -> Response:
    """Show one release of a wave, be it outdated."""
    return await _release_page(page, resources, wave_id, sequence)


async def _release_page(
    page: ThisPage, resources: ResourcesOfApp, wave_id: str, sequence: int | None = None
) -> Response:
    results = await find_results(resources, wave_id, sequence)
    view = overview(results.release)
    labels = await labels_of(resources, wave_id)
    return page.show(
        "results/release.html",
        results=results,
        view=view,
        spread=spread,
        labels=labels,
        earlier=[(one, earlier_trend(one)) for one in labels.earlier],
        numbers=numbers,
    )


@router.get("/{wave_id}/{sequence}/departments/{department}")
async def show_department(
    page: ThisPage, resources: ResourcesOfApp, wave_id: str, sequence: Sequence, department: str
) -> Response:
    """Show what a release says of one department."""
    results = await find_results(resources, wave_id, sequence)
    return page.show(
        "results/department.html",
        results=results,
        view=profile(results.release, department, results.earlier),
        labels=await labels_of(resources, wave_id),
        numbers=numbers,
    )


@router.get("/{wave_id}/{sequence}/indices.csv")
async def give_table(
    page: ThisPage, resources: ResourcesOfApp, wave_id: str, sequence: Sequence
) -> Response:
    """Give all indices of a release as a table; full precision, empty where not shown."""
    results = await find_results(resources, wave_id, sequence)
    content = indices_csv(results.release, page.language)
    name = f"{results.release.header.release}-indices.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv", headers=headers)
