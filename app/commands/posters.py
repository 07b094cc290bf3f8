"""`minyi posters`: posters and QR codes of a wave, its departments and service windows."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.running import WaveCode, run
from app.errors import Fault, InvalidInput
from app.services.posters import Place, Poster, list_places, make_poster
from app.services.resources import Resources
from app.services.waves import find_wave


def posters(
    code: WaveCode,
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    only: Annotated[
        list[str] | None, typer.Option(help="Names of posters; all where none is given.")
    ] = None,
) -> None:
    """Write posters (PDF, SVG) and bare QR codes (SVG) for a wave and its places.

    Example: minyi posters autumn --out posters
    """

    async def work(resources: Resources) -> None:
        wave = await find_wave(resources, code)
        places = _chosen(list_places(resources, wave), only or [])
        with typer.progressbar(places, label="posters") as progress:
            for place in progress:
                _write(out, make_poster(resources, wave, place))

    out.mkdir(parents=True, exist_ok=True)
    run(work)
    typer.echo(f"{out}: posters written")


def _chosen(places: list[Place], names: list[str]) -> list[Place]:
    known = {place.name: place for place in places}
    if unknown := [name for name in names if name not in known]:
        message = f"There is no such poster; there are: {', '.join(known)}"
        raise InvalidInput(faults=[Fault("only", "unknown", message) for _ in unknown])
    return [known[name] for name in names] if names else places


def _write(out: Path, poster: Poster) -> None:
    (out / f"{poster.place.name}.pdf").write_bytes(poster.pdf)
    (out / f"{poster.place.name}.svg").write_bytes(poster.svg)
    (out / f"{poster.place.name}-qr.svg").write_text(poster.qr, "utf-8")
