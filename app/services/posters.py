"""Posters with a QR code: for a wave, and for each department or window that has its own link."""

import dataclasses
from collections.abc import Iterator

from app.domain.questionnaires.audience import Mode, RatesFixed
from app.domain.questionnaires.departments import Department, Window
from app.errors.answering import WayInNotOffered
from app.services.addresses import as_typed_address, wave_address
from app.services.printed_facts import Words, both, facts_of
from app.services.qr_codes import qr_svg
from app.services.resources import Resources
from app.services.typesetting import typeset
from app.services.waves import Wave


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a poster hangs: `name` of its files, what it leads to, and what it is called there."""

    name: str
    address: str
    department: Words | None = None
    window: Words | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Poster:
    """The same poster in three forms; `qr` is the code alone, for a city's own design."""

    place: Place
    qr: str
    pdf: bytes
    svg: bytes


def list_places(resources: Resources, wave: Wave) -> list[Place]:
    """List the wave itself and, where links may name what is rated, each department and window.

    Raises WayInNotOffered where nobody answers on the web.
    """
    if not wave.classes_by_web():
        raise WayInNotOffered("Nobody answers this survey on the web: a QR code would lead nowhere")
    places = [Place(wave.code, wave_address(resources, wave))]
    if any(isinstance(one.rates, RatesFixed) for one in wave.classes_by_web()):
        for department in wave.definition.departments.departments:
            places += _places_of(resources, wave, department)
    return places


def _places_of(resources: Resources, wave: Wave, department: Department) -> Iterator[Place]:
    name = both(department.name)
    address = wave_address(resources, wave, department=department.code)
    yield Place(f"{wave.code}-{department.code}", address, name)
    for window in department.windows:
        yield _at_window(resources, wave, name, window)


def _at_window(resources: Resources, wave: Wave, department: Words, window: Window) -> Place:
    address = wave_address(resources, wave, window=window.code)
    return Place(f"{wave.code}-window-{window.code}", address, department, both(window.name))


def make_poster(resources: Resources, wave: Wave, place: Place) -> Poster:
    """Set a poster. Raises NotInstalled."""
    code = qr_svg(place.address)
    data = facts_of(resources, wave, Mode.WEB) | {
        "qr": code,
        "address": as_typed_address(place.address),
        "department": place.department,
        "window": place.window,
    }
    return Poster(
        place, code, pdf=typeset("poster.typ", data), svg=typeset("poster.typ", data, to="svg")
    )
