"""Preparing an evaluation: published releases and entered figures → points, for a second person."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence

from app.domain.questionnaires.scheme import IndexSource, Scheme
from app.domain.releases.canonical import canonical_document
from app.domain.rights.rights import Act, Actor, require_right
from app.domain.scoring.evaluation import Material, SignedRelease, evaluate
from app.domain.scoring.external_evaluation import Evaluation
from app.errors.releases import ReleaseNotFound
from app.errors.scoring import EvaluationRefused
from app.errors.waves import WaveNotFound
from app.services import audit
from app.services.entered_figures import bases, checked_period, scheme_of
from app.services.releases import find_release, newest_release, read_release
from app.services.resources import Resources
from app.services.waves import Wave, find_wave
from app.store import scoring as store
from app.store.releases import ReleaseRecord
from app.store.scoring import PreparedRecord


async def prepare_evaluation(
    resources: Resources, actor: Actor, wave: Wave, *, period: str, releases: Sequence[str] = ()
) -> PreparedRecord:
    """Compute an evaluation and keep it until somebody else publishes it.

    It takes the newest release of the wave, and of waves that the scheme names; `releases` name
    others. Raises NotAllowed, NoScheme, InvalidInput on field `period`, ReleaseNotFound, and
    EvaluationRefused where the wave has no release yet.
    """
    require_right(actor, Act.PREPARE_EVALUATIONS)
    evaluation = await compute_evaluation(resources, wave, period=period, releases=releases)
    content = await asyncio.to_thread(canonical_document, evaluation)
    record = PreparedRecord(
        id=0,
        scheme=evaluation.scheme.code,
        period=period,
        wave_id=wave.id,
        digest=hashlib.sha256(content).digest(),
        evaluation=content,
        prepared_by=actor.name,
        prepared_at=resources.now(),
    )
    async with resources.database.writing() as connection:
        await store.insert_prepared(connection, record)
        await audit.record(
            connection,
            resources,
            by=actor.name,
            act="score.prepared",
            object_=f"scheme:{record.scheme}",
            period=period,
            digest=record.digest.hex(),
        )
        newest = await store.newest_prepared(connection, record.scheme, period)
    assert newest is not None  # noqa: S101 – it has just been stored
    return newest


async def compute_evaluation(
    resources: Resources, wave: Wave, *, period: str, releases: Sequence[str] = ()
) -> Evaluation:
    """Compute an evaluation from what is published and entered now; nothing is stored."""
    scheme = scheme_of(wave)
    named = {
        release.figures.wave: SignedRelease(release, record.digest.hex())
        for record in [await find_release(resources, name) for name in releases]
        for release in [read_release(record.payload)]
    }
    used = await _newest(resources, _waves(scheme, wave) - named.keys()) | named
    if wave.code not in used:
        raise EvaluationRefused("The wave has no release yet: nothing is known of its indices")
    material = Material(
        definition=wave.definition,
        version=wave.definition_hash,
        wave=wave.code,
        period=period,
        releases=used,
        figures=await bases(resources, scheme.code, checked_period(period)),
    )
    return await asyncio.to_thread(evaluate, material)


def _waves(scheme: Scheme, wave: Wave) -> set[str]:
    """Name the waves that the scheme takes indices from."""
    fed = [leaf.feeds for leaf in scheme.leaves()]
    return {one.wave or wave.code for one in fed if isinstance(one, IndexSource)} | {wave.code}


async def _newest(resources: Resources, waves: Iterable[str]) -> dict[str, SignedRelease]:
    """Find the release of each wave that counts now; waves without one are left out."""
    found = {}
    for code in sorted(waves):
        try:
            record = await newest_release(resources, await find_wave(resources, code))
        except (WaveNotFound, ReleaseNotFound):
            continue
        found[code] = _signed(record)
    return found


def _signed(record: ReleaseRecord) -> SignedRelease:
    return SignedRelease(read_release(record.payload), record.digest.hex())
