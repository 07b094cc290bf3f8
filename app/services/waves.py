"""The life of a wave: made from a definition, opened, paused, closed."""

import dataclasses
import datetime
import re
from collections.abc import Mapping
from pathlib import Path

from app.domain.clients.events import EventKind
from app.domain.questionnaires.audience import DatesOfMode, Mode, RespondentClass, Trust
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.waves.life_cycle import Intake, WaveState, intake, may_follow
from app.errors import Fault, InvalidInput, MinyiError
from app.errors.waves import (
    NameTaken,
    TransitionRefused,
    WaveClosed,
    WaveNotFound,
    WaveNotOpen,
    WavePaused,
)
from app.services import audit
from app.services.definitions import load_folder
from app.services.events import record_event
from app.services.resources import Resources
from app.services.surveys import Survey
from app.services.wave_cache import Waves
from app.store import unlinking
from app.store import waves as store
from app.store.counts import collapse
from app.store.paper_fieldwork import list_batches
from app.store.roll import count_pool
from app.store.waves import Dates, Transition, WaveRecord

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclasses.dataclass(frozen=True, slots=True)
class Wave:
    """A wave with the survey that it collects."""

    record: WaveRecord
    survey: Survey

    @property
    def id(self) -> int:
        """Its number in storage."""
        return self.record.id

    @property
    def code(self) -> str:
        """Its name in addresses."""
        return self.record.code

    @property
    def state(self) -> WaveState:
        """Where it stands."""
        return self.record.state

    @property
    def definition(self) -> SurveyDefinition:
        """What it asks."""
        return self.survey.definition

    @property
    def definition_hash(self) -> str:
        """The version of what it asks."""
        return self.record.definition_hash

    @property
    def dates(self) -> Mapping[Mode, Dates]:
        """When each mode takes answers."""
        return self.record.dates

    def intake(self, mode: Mode, now: datetime.datetime) -> Intake:
        """Say whether answers are taken now by this mode."""
        return intake_of(self.record, mode, now)

    def intake_of_forms(
        self, state: WaveState, now: datetime.datetime, mode: Mode = Mode.PAPER
    ) -> Intake:
        """Say whether filled forms, or call sheets, are taken in.

        The last day of fieldwork is for interviewers: what they brought back is keyed until the
        wave is closed.
        """
        dates = self.dates.get(mode)
        return Intake.OVER if dates is None else intake(state, dates.opens_at, None, now)

    def classes_by_web(self) -> list[RespondentClass]:
        """List the classes that may answer on the web."""
        return [
            one
            for one in self.definition.audience.classes
            if any(way.mode is Mode.WEB for way in one.ways_in)
        ]


def intake_of(record: WaveRecord, mode: Mode, now: datetime.datetime) -> Intake:
    """Say whether answers are taken now by this mode, from what has just been read."""
    dates = record.dates.get(mode)
    if dates is None:
        return Intake.OVER
    return intake(record.state, dates.opens_at, dates.closes_at, now)


_REFUSALS: Mapping[Intake, type[MinyiError]] = {
    Intake.NOT_YET: WaveNotOpen,
    Intake.PAUSED: WavePaused,
    Intake.OVER: WaveClosed,
}


def refusal_of(found: Intake) -> MinyiError | None:
    """Give the error that says why no answers are taken; None where they are."""
    return None if found is Intake.OPEN else _REFUSALS[found]()


def require_intake(found: Intake) -> None:
    """Raise the error that says why no answers are taken, if none are."""
    refusal = refusal_of(found)
    if refusal is not None:
        raise refusal


async def find_wave(resources: Resources, code: str) -> Wave:
    """Find a wave, as it was at most a second ago. Raises WaveNotFound.

    Drafts can be found, but take no answers.
    """
    record = (await _known(resources)).get(code)
    if record is None:
        raise WaveNotFound
    return await _with_survey(resources, record)


async def list_waves(resources: Resources) -> list[Wave]:
    """List all waves, newest first, as they were at most a second ago."""
    return [await _with_survey(resources, one) for one in (await _known(resources)).values()]


async def _known(resources: Resources) -> Waves:
    async def read() -> Waves:
        async with resources.database.reading() as connection:
            return {one.code: one for one in await store.list_waves(connection)}

    return await resources.waves.get(read)


async def _with_survey(resources: Resources, record: WaveRecord) -> Wave:
    survey = resources.surveys.known(record.definition_hash)
    if survey is None:
        async with resources.database.reading() as connection:
            survey = await resources.surveys.get(connection, record.definition_hash)
    return Wave(record, survey)


async def list_open_waves(resources: Resources) -> list[Wave]:
    """List the waves that take answers on the web now, newest first."""
    now = resources.now()
    return [
        wave
        for wave in await list_waves(resources)
        if wave.intake(Mode.WEB, now) in (Intake.OPEN, Intake.PAUSED)
    ]


async def create_wave(
    resources: Resources,
    *,
    code: str,
    folder: Path,
    dates: DatesOfMode | None = None,
    by: str = "system",
) -> Wave:
    """Make a draft wave from a definition folder.

    `dates` replace the definition's own for every mode. Raises InvalidDefinition,
    DefinitionFrozen, NameTaken, and InvalidInput where neither names the dates, or the code could
    not stand in an address.
    """
    if not CODE.fullmatch(code):
        rule = "A code has up to 40 letters, digits, _ and -"
        raise InvalidInput(faults=[Fault("code", "not-a-code", rule)])
    digest = await load_folder(resources, folder)
    async with resources.database.writing() as connection:
        survey = await resources.surveys.get(connection, digest)
        made = await store.insert_wave(
            connection,
            code=code,
            definition_hash=digest,
            dates=_instants(survey, dates, resources.now()),
            now=resources.now(),
        )
        if not made:
            raise NameTaken
        await audit.record(
            connection,
            resources,
            by=by,
            act="wave.created",
            object_=f"wave:{code}",
            definition=digest,
        )
    resources.waves.forget()
    return await find_wave(resources, code)


def _instants(
    survey: Survey, override: DatesOfMode | None, now: datetime.datetime
) -> dict[Mode, Dates]:
    """Turn first and last days into instants: from midnight to midnight of the survey's zone."""
    collection = survey.definition.audience.collection
    modes = {way.mode for one in survey.definition.audience.classes for way in one.ways_in}
    instants = {}
    for mode in sorted(modes):
        days = override or collection.dates.get(mode)
        if days is not None:
            after = days.closes + datetime.timedelta(days=1)
            instants[mode] = Dates(_midnight(days.opens, survey), _midnight(after, survey))
        elif collection.continuous:
            instants[mode] = Dates(now, None)
        else:
            raise InvalidInput(
                faults=[Fault("dates", "required", f"No dates are given for the mode {mode}")]
            )
    return instants


def _midnight(day: datetime.date, survey: Survey) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), survey.zone)


async def open_wave(resources: Resources, wave: Wave, *, by: str, reason: str = "") -> Wave:
    """Open a draft or paused wave.

    Raises TransitionRefused, also where citizens are to be verified and no permits wait for them:
    a permit minted when it is drawn could be paired with the person.
    """
    async with resources.database.reading() as connection:
        waiting = await count_pool(connection, wave.id)
    missing = [code for code in _verified_classes(wave.definition) if not waiting.get(code)]
    if wave.state is WaveState.DRAFT and missing:
        raise TransitionRefused(
            f"Fill the pool of permits first, for: {', '.join(missing)} (minyi permits fill)"
        )
    return await _move(resources, wave, WaveState.OPEN, by, reason)


def _verified_classes(definition: SurveyDefinition) -> list[str]:
    return [
        one.code
        for one in definition.audience.classes
        if any(way.trust is Trust.VERIFIED for way in one.ways_in)
    ]


async def pause_wave(resources: Resources, wave: Wave, *, by: str, reason: str) -> Wave:
    """Take no answers for a while."""
    return await _move(resources, wave, WaveState.PAUSED, by, reason)


async def close_wave(resources: Resources, wave: Wave, *, by: str, reason: str = "") -> Wave:
    """Close a wave for good and remove from storage what tells when a row came.

    The steps after the change of state can be repeated: closing a closed wave finishes them.
    Raises TransitionRefused, also while batches of paper forms are open: nothing that came back on
    paper may stay uncounted unseen.
    """
    closed = wave
    if wave.state is not WaveState.CLOSED:
        await _require_closed_batches(resources, wave.id)
        closed = await _move(resources, wave, WaveState.CLOSED, by, reason)
    await _unlink(resources, wave.id)
    return closed


async def _require_closed_batches(resources: Resources, wave_id: int) -> None:
    async with resources.database.reading() as connection:
        batches = await list_batches(connection, wave_id)
    waiting = [code for code, batch in batches.items() if batch.closed_at is None]
    if waiting:
        raise TransitionRefused(
            f"{len(waiting)} batches of paper forms are open (minyi paper status)"
        )


async def _unlink(resources: Resources, wave_id: int) -> None:
    database = resources.database
    async with database.writing() as connection:
        await unlinking.forget_the_draws(connection, wave_id)
    async with database.writing() as connection:
        await unlinking.forget_the_drafts(connection, wave_id)
    for table in unlinking.REWRITTEN:
        async with database.writing() as connection:
            await unlinking.rewrite_in_random_order(connection, table, wave_id)
    for counter in unlinking.COUNTERS:
        async with database.writing() as connection:
            await collapse(connection, counter, wave_id)
    await database.vacuum(*unlinking.TOUCHED)


_EVENTS = {WaveState.OPEN: EventKind.WAVE_OPENED, WaveState.CLOSED: EventKind.WAVE_CLOSED}


async def _move(resources: Resources, wave: Wave, new: WaveState, by: str, reason: str) -> Wave:
    if not may_follow(wave.state, new):
        raise TransitionRefused(f"A wave that is {wave.state} can't become {new}")
    async with resources.database.writing() as connection:
        moved = await store.change_state(
            connection,
            wave_id=wave.id,
            old=wave.state,
            new=new,
            now=resources.now(),
            by=by,
            reason=reason,
        )
        if not moved:
            raise TransitionRefused("Somebody else has just changed the wave's state")
        if new in _EVENTS:
            await record_event(resources, connection, _EVENTS[new], wave.code, {})
        await audit.record(
            connection, resources, by=by, act=f"wave.{new}", object_=f"wave:{wave.code}"
        )
    resources.waves.forget()
    return await find_wave(resources, wave.code)


async def change_dates(
    resources: Resources, wave: Wave, *, mode: Mode, dates: DatesOfMode, by: str = "system"
) -> Wave:
    """Set first and last day of one mode of a wave that is not closed."""
    if wave.state in (WaveState.CLOSED, WaveState.RELEASED):
        raise WaveClosed
    if mode not in wave.dates:
        raise InvalidInput(faults=[Fault("mode", "not-offered", "The survey has no such mode")])
    instants = _instants(wave.survey, dates, resources.now())[mode]
    async with resources.database.writing() as connection:
        await store.change_dates(connection, wave_id=wave.id, mode=mode, dates=instants)
        await audit.record(
            connection,
            resources,
            by=by,
            act="wave.dates-changed",
            object_=f"wave:{wave.code}",
            mode=mode,
            opens=dates.opens.isoformat(),
            closes=dates.closes.isoformat(),
        )
    resources.waves.forget()
    return await find_wave(resources, wave.code)


async def list_transitions(resources: Resources, wave: Wave) -> list[Transition]:
    """Give the log of a wave's states."""
    async with resources.database.reading() as connection:
        return await store.list_transitions(connection, wave.id)
