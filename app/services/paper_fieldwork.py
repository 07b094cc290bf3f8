"""Before and in the field: forms issued to survey points, interviewers, quotas."""

import dataclasses
import re
from collections.abc import Mapping, Sequence

import msgspec

from app.domain.deduplication.decision import ResponseStatus
from app.domain.paper.quotas import Cell, is_in, read_cell, write_cell
from app.domain.paper.serials import MOST_FORMS, MOST_WAVES
from app.domain.questionnaires.analysis import SurveyPoint
from app.domain.questionnaires.audience import Mode, Trust
from app.domain.waves.life_cycle import WaveState
from app.errors import Fault, InvalidInput
from app.errors.answering import WayInNotOffered
from app.errors.waves import NameTaken, WaveClosed
from app.services import audit
from app.services.paper_sheets import Sheets
from app.services.resources import Resources
from app.services.waves import Wave
from app.store import paper_fieldwork as store
from app.store.paper_fieldwork import BatchRecord, Interviewer
from app.store.paper_forms import FormRecord, insert_forms
from app.store.permits import insert_permits
from app.store.responses import stream_responses
from app.store.waves import hold_state

MOST_AT_ONCE = 20_000
FIELD_MODES = (Mode.PAPER, Mode.PHONE)
_BATCH_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,33}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclasses.dataclass(frozen=True, slots=True)
class QuotaCell:
    """How far one quota cell of a survey point is filled by counted forms."""

    point: str
    cell: str
    target: int
    counted: int


def field_modes(wave: Wave) -> list[Mode]:
    """List the modes in which interviewers work, on paper or by telephone."""
    return [mode for mode in FIELD_MODES if _classes_in_the_field(wave, (mode,))]


def paper_class(
    wave: Wave, respondent_class: str = "", *, modes: Sequence[Mode] = FIELD_MODES
) -> str:
    """Give the class that answers on numbered forms; it must be named where there are several.

    Raises WayInNotOffered, or InvalidInput where a name is needed.
    """
    found = _classes_in_the_field(wave, modes)
    if not respondent_class and len(found) > 1:
        message = f"Several classes are interviewed: {', '.join(found)}"
        raise InvalidInput(faults=[Fault("class", "required", message)])
    chosen = respondent_class or next(iter(found), "")
    if chosen not in found:
        raise WayInNotOffered
    return chosen


def _classes_in_the_field(wave: Wave, modes: Sequence[Mode]) -> list[str]:
    return [
        one.code
        for one in wave.definition.audience.classes
        if any(way.trust is Trust.FIELDWORK and way.mode in modes for way in one.ways_in)
    ]


def find_point(wave: Wave, code: str) -> SurveyPoint:
    """Find a survey point of the definition's sample. Raises InvalidInput."""
    for point in wave.definition.sample.points:
        if point.code == code:
            return point
    raise InvalidInput(faults=[Fault("point", "unknown", "The sample has no such survey point")])


async def issue_batch(
    resources: Resources,
    wave: Wave,
    *,
    batch: str,
    point: str,
    n: int,
    by: str,
    mode: Mode = Mode.PAPER,
    respondent_class: str = "",
    department: str = "",
    own_unit: str = "",
    second_share: float | None = None,
) -> BatchRecord:
    """Issue the next n numbered forms to a survey point, or call sheets to a call station.

    Every form is a permit of its own from now on. `second_share` of the forms (all, if not said),
    drawn by a secret seed, is keyed twice; what is said on the telephone is keyed once. Raises
    InvalidInput, NameTaken, WayInNotOffered, WaveClosed.
    """
    chosen = paper_class(wave, respondent_class, modes=(mode,))
    share = second_share if second_share is not None else float(mode is Mode.PAPER)
    stratum = find_point(wave, point).stratum
    _check_batch(
        wave,
        batch=batch,
        n=n,
        mode=mode,
        second_share=share,
        department=department,
        own_unit=own_unit,
    )
    async with resources.database.writing() as connection:
        first = await store.next_number(connection, wave.id)
        if await hold_state(connection, wave.id) in (WaveState.CLOSED, WaveState.RELEASED):
            raise WaveClosed
        if first + n - 1 > MOST_FORMS or wave.id > MOST_WAVES:
            raise InvalidInput(faults=[Fault("n", "too-many", "The serials are used up")])
        record = BatchRecord(
            batch=batch,
            mode=mode,
            point=point,
            stratum=stratum,
            respondent_class=chosen,
            department=department,
            own_unit=own_unit,
            first=first,
            last=first + n - 1,
            second_share=share,
            issued_at=resources.now(),
            issued_by=by,
        )
        sheets = Sheets(resources, wave)
        sheets.sheet(record, first)  # refuses a department that the class does not rate
        if not await store.insert_batch(connection, wave.id, record):
            raise NameTaken
        numbers = range(first, first + n)
        await insert_forms(connection, wave.id, [FormRecord(i, batch, point) for i in numbers])
        await insert_permits(connection, wave.id, [sheets.permit(record, i) for i in numbers])
        await audit.record(
            connection,
            resources,
            by=by,
            act="paper.batch-issued",
            object_=f"batch:{batch}",
            wave=wave.code,
            point=point,
            mode=mode,
            forms=str(n),
        )
    return record


def _check_batch(
    wave: Wave,
    *,
    batch: str,
    n: int,
    mode: Mode,
    second_share: float,
    department: str,
    own_unit: str,
) -> None:
    most = 0.0 if mode is Mode.PHONE else 1.0
    units = wave.survey.departments
    tests = {
        "batch": (bool(_BATCH_CODE.fullmatch(batch)), "A code has at most 34 letters and digits"),
        "n": (0 < n <= MOST_AT_ONCE, f"A batch has 1 to {MOST_AT_ONCE} forms"),
        "second_share": (0 <= second_share <= most, f"The share of second entry is 0 to {most:g}"),
        "department": (not department or department in units, "There is no such department"),
        "own_unit": (not own_unit or own_unit in units, "There is no such department"),
    }
    faults = [Fault(name, "invalid", said) for name, (holds, said) in tests.items() if not holds]
    if faults:
        raise InvalidInput(faults=faults)


async def add_interviewer(
    resources: Resources,
    wave: Wave,
    *,
    interviewer: str,
    point: str,
    name: str,
    by: str,
) -> Interviewer:
    """Let somebody hand out forms at a survey point. Raises InvalidInput and NameTaken."""
    find_point(wave, point)
    if not _CODE.fullmatch(interviewer) or not 0 < len(name.strip()) <= 100:
        raise InvalidInput(
            faults=[Fault("interviewer", "invalid", "Give a short code, and a name")]
        )
    record = Interviewer(interviewer, point, name.strip())
    async with resources.database.writing() as connection:
        if not await store.insert_interviewer(connection, wave.id, record):
            raise NameTaken
        await audit.record(
            connection,
            resources,
            by=by,
            act="paper.interviewer-named",
            object_=f"point:{point}",
            wave=wave.code,
            interviewer=interviewer,
        )
    return record


async def list_interviewers(resources: Resources, wave: Wave) -> Sequence[Interviewer]:
    """List the interviewers of a wave."""
    async with resources.database.reading() as connection:
        return list((await store.list_interviewers(connection, wave.id)).values())


async def set_quotas(
    resources: Resources,
    wave: Wave,
    *,
    point: str,
    targets: Mapping[str, int],
    by: str,
) -> None:
    """Replace the quota cells of a survey point. Raises InvalidInput with all faults."""
    find_point(wave, point)
    cells: dict[str, int] = {}
    faults: list[Fault] = []
    for text, target in targets.items():
        cell = read_cell(wave.definition, text)
        if isinstance(cell, Fault):
            faults.append(cell)
        elif target < 1:
            faults.append(Fault("target", "invalid", "A target is at least 1"))
        else:
            cells[write_cell(cell)] = target
    if faults:
        raise InvalidInput(faults=faults)
    async with resources.database.writing() as connection:
        await store.replace_quotas(connection, wave.id, point, cells)
        await audit.record(
            connection,
            resources,
            by=by,
            act="paper.quotas-set",
            object_=f"point:{point}",
            wave=wave.code,
            cells=str(len(cells)),
        )


async def quota_progress(resources: Resources, wave: Wave) -> list[QuotaCell]:
    """Say how far the quota cells of all survey points are filled.

    Cells ask who answered, never how they rated.
    """
    async with resources.database.reading() as connection:
        targets = await store.list_quotas(connection, wave.id)
        cells = {text: _cell(wave, text) for own in targets.values() for text in own}
        counted = dict.fromkeys(((p, text) for p, own in targets.items() for text in own), 0)
        async for response in stream_responses(connection, wave.id):
            if response.mode not in FIELD_MODES or response.status is not ResponseStatus.COUNTED:
                continue
            answers = msgspec.json.decode(response.answers)["answers"]
            for text in targets.get(response.point, ()):
                counted[response.point, text] += is_in(cells[text], answers)
    return [
        QuotaCell(point, text, target, counted[point, text])
        for point, own in targets.items()
        for text, target in own.items()
    ]


def _cell(wave: Wave, text: str) -> Cell:
    cell = read_cell(wave.definition, text)
    assert not isinstance(cell, Fault)  # noqa: S101 – checked when the quota was set
    return cell
