"""Publishing evaluations and finding those published. What is published never changes.

An evaluation is published by another person than the one who prepared it, and only while what was
prepared is still what releases and figures give.
"""

import dataclasses
import functools
from collections.abc import Collection, Mapping

from app.domain.accounts.rules import fault
from app.domain.clients.events import EventKind
from app.domain.releases.canonical import canonical_document
from app.domain.releases.document import Names, Unit
from app.domain.releases.signing import sign
from app.domain.rights.rights import Act, Actor, Target, is_same_person, may, require_right
from app.domain.scoring.chain import Link, add_evaluation, newest_of, state_after
from app.domain.scoring.external_evaluation import (
    DepartmentScore,
    Evaluation,
    ExternalEvaluation,
    Quantity,
    RankedPlace,
    ReleaseUsed,
)
from app.errors import InvalidInput
from app.errors.scoring import EvaluationNotFound, EvaluationRefused
from app.errors.staff import SecondPersonNeeded
from app.services import audit
from app.services.entered_figures import scheme_of
from app.services.evaluation_preparation import compute_evaluation
from app.services.events import record_event
from app.services.releases import list_releases, read_release
from app.services.resources import Resources
from app.services.signing_keys import current_private_key
from app.services.wave_control import LONGEST_REASON
from app.services.waves import Wave, find_wave
from app.store import scoring as store
from app.store.scoring import EvaluationRecord, PreparedRecord


async def publish_evaluation(
    resources: Resources, actor: Actor, wave: Wave, *, period: str, why: str = ""
) -> EvaluationRecord:
    """Sign what was prepared last for this period and publish it.

    `why` is the reason of a correction. Raises NotAllowed, EvaluationNotFound, SecondPersonNeeded,
    InvalidInput on field `why`, and EvaluationRefused where releases or figures have changed since
    it was prepared, or nothing has since it was published.
    """
    require_right(actor, Act.PUBLISH_EVALUATIONS)
    prepared = await find_prepared(resources, wave, period=period)
    if is_same_person(prepared.prepared_by, actor.name):
        raise SecondPersonNeeded
    evaluation = await _still_true(resources, wave, prepared)
    chain = await chain_of(resources, evaluation.scheme.code)
    why = _checked_reason(why, required=_is_correction(chain, evaluation))
    at = resources.now().replace(microsecond=0)
    link = add_evaluation(chain, evaluation, at=at, why=why)
    record = EvaluationRecord(
        scheme=evaluation.scheme.code,
        sequence=link.document.header.sequence,
        period=period,
        state=link.document.header.state,
        prepared_id=prepared.id,
        digest=bytes.fromhex(link.digest),
        payload=link.payload,
        jws=sign(link.payload, await current_private_key(resources)),
        published_by=actor.name,
        published_at=at,
    )
    await _store(resources, record)
    return record


async def _still_true(resources: Resources, wave: Wave, prepared: PreparedRecord) -> Evaluation:
    """Compute again what was prepared, from the same releases; it must come out to the byte."""
    before = Evaluation.model_validate_json(prepared.evaluation)
    for used in before.releases:
        await _require_newest(resources, used)
    names = [used.release for used in before.releases]
    now = await compute_evaluation(resources, wave, period=prepared.period, releases=names)
    if canonical_document(now) != prepared.evaluation:
        raise EvaluationRefused("Figures have been entered since: prepare the evaluation again")
    return now


async def _require_newest(resources: Resources, used: ReleaseUsed) -> None:
    """Refuse a release that a later one of the same days has replaced."""
    listed = await list_releases(resources, await find_wave(resources, used.wave))
    known = [read_release(one.payload) for one in listed]
    days = next(one.figures.period for one in known if one.header.release == used.release)
    same = [one for one in known if one.figures.period == days]
    if same[-1].header.release != used.release:
        raise EvaluationRefused("A newer release is out: prepare the evaluation again")


def _is_correction(chain: list[Link], evaluation: Evaluation) -> bool:
    return state_after(newest_of(chain, evaluation.period), evaluation) == "corrected"


def _checked_reason(why: str, *, required: bool) -> str:
    why = why.strip()
    if required and not why:
        raise InvalidInput(faults=[fault("why", "reason-missing")])
    if len(why) > LONGEST_REASON or not why.isprintable():
        raise InvalidInput(faults=[fault("why", "reason-invalid")])
    return why


async def _store(resources: Resources, record: EvaluationRecord) -> None:
    name = f"{record.scheme}.{record.sequence}"
    corrected = record.state == "corrected"
    kind = EventKind.EVALUATION_CORRECTED if corrected else EventKind.EVALUATION_PUBLISHED
    news = {
        "scheme": record.scheme,
        "period": record.period,
        "state": record.state,
        "digest": record.digest.hex(),
    }
    async with resources.database.writing() as connection:
        if not await store.insert_evaluation(connection, record):
            raise EvaluationRefused("Another evaluation has just been published")
        await record_event(resources, connection, kind, name, news)
        await audit.record(
            connection,
            resources,
            by=record.published_by,
            act="score.published",
            object_=f"scheme:{record.scheme}",
            evaluation=name,
            digest=record.digest.hex(),
        )


async def chain_of(resources: Resources, scheme: str) -> list[Link]:
    """Give the evaluations of a scheme as the chain that the next one is added to."""
    listed = await list_evaluations(resources, [scheme])
    return [Link(read_evaluation(one.payload), one.payload) for one in listed]


async def find_prepared(resources: Resources, wave: Wave, *, period: str) -> PreparedRecord:
    """Give what was prepared last for a period. Raises EvaluationNotFound."""
    async with resources.database.reading() as connection:
        found = await store.newest_prepared(connection, scheme_of(wave).code, period)
    if found is None or found.wave_id != wave.id:
        raise EvaluationNotFound
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class PeriodView:
    """What was prepared last for a period, if anything, and what is published, oldest first."""

    prepared: PreparedRecord | None
    published: tuple[EvaluationRecord, ...]

    @property
    def evaluation(self) -> Evaluation | None:
        """What is prepared."""
        if self.prepared is None:
            return None
        return Evaluation.model_validate_json(self.prepared.evaluation)

    @property
    def waits(self) -> bool:
        """Say whether what is prepared is still to be published."""
        numbers = [one.prepared_id for one in self.published]
        return self.prepared is not None and self.prepared.id not in numbers


async def look_at_period(
    resources: Resources, actor: Actor, wave: Wave, *, period: str
) -> PeriodView:
    """Give what is prepared and published for a period. Raises NotAllowed and NoScheme."""
    require_right(actor, Act.SEE_EVALUATIONS)
    scheme = scheme_of(wave).code
    async with resources.database.reading() as connection:
        prepared = await store.newest_prepared(connection, scheme, period)
        listed = await store.list_evaluations(connection, scheme)
    return PeriodView(prepared, tuple(one for one in listed if one.period == period))


async def list_evaluations(
    resources: Resources, schemes: Collection[str]
) -> list[EvaluationRecord]:
    """List the evaluations of these schemes, those of a scheme in their order."""
    async with resources.database.reading() as connection:
        return [
            one
            for scheme in sorted(schemes)
            for one in await store.list_evaluations(connection, scheme)
        ]


async def find_evaluation(
    resources: Resources, scheme: str, period: str, sequence: int | None = None
) -> EvaluationRecord:
    """Give the evaluation of a period that counts now, or the one with this sequence.

    Raises EvaluationNotFound.
    """
    async with resources.database.reading() as connection:
        found = await store.find_evaluation(connection, scheme, period, sequence)
    if found is None:
        raise EvaluationNotFound
    return found


@functools.lru_cache(maxsize=32)
def read_evaluation(payload: bytes) -> ExternalEvaluation:
    """Read an evaluation that is stored. It never changes, so it is read once."""
    return ExternalEvaluation.model_validate_json(payload)


@dataclasses.dataclass(frozen=True, slots=True)
class DepartmentResult:
    """One department's part of an evaluation: its score, and its place in each ranking."""

    document: ExternalEvaluation
    score: DepartmentScore
    places: tuple[tuple[Quantity, RankedPlace], ...]

    @property
    def names(self) -> Mapping[str, Names]:
        """The names of components, adjustments and groupings by code."""
        scheme = self.document.evaluation.scheme
        components = {one.code: one.name for one in scheme.components}
        return components | {one.code: one.name for one in (*scheme.adjustments, *scheme.groupings)}


async def list_readable(resources: Resources, actor: Actor) -> list[tuple[Evaluation, list[Unit]]]:
    """List the evaluations that count now with the departments whose results one may read."""
    async with resources.database.reading() as connection:
        schemes = await store.list_schemes(connection)
    listed = await list_evaluations(resources, schemes)
    newest = {(one.scheme, one.period): read_evaluation(one.payload).evaluation for one in listed}
    return [(one, units) for one in newest.values() if (units := _readable(actor, one))]


def _readable(actor: Actor, evaluation: Evaluation) -> list[Unit]:
    return [
        one.department
        for one in evaluation.departments
        if may(actor, Act.READ_RESULTS, Target(department=one.department.code))
    ]


async def find_department_result(
    resources: Resources, actor: Actor, *, scheme: str, period: str, department: str
) -> DepartmentResult:
    """Give a department's published result. Raises NotAllowed and EvaluationNotFound."""
    require_right(actor, Act.READ_RESULTS, Target(department=department))
    record = await find_evaluation(resources, scheme, period)
    document = read_evaluation(record.payload)
    return department_result(document, department)


def department_result(document: ExternalEvaluation, department: str) -> DepartmentResult:
    """Take one department out of an evaluation. Raises EvaluationNotFound."""
    for score in document.evaluation.departments:
        if score.department.code == department:
            places = (
                (ranking.of, place)
                for ranking in document.evaluation.rankings
                for place in ranking.places
                if place.department == department
            )
            return DepartmentResult(document, score, tuple(places))
    raise EvaluationNotFound
