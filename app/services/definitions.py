"""Take a definition folder into the database, unless it would break answers already stored."""

from pathlib import Path

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.parsing import parse_definition
from app.domain.questionnaires.versions import (
    breaking_changes,
    canonical_bytes,
    content_hash,
    definition_from_canonical,
)
from app.errors.definitions import DefinitionFrozen
from app.services.resources import Resources
from app.store.definitions import read_folder
from app.store.waves import frozen_versions, load_definition, store_definition


async def load_folder(resources: Resources, folder: Path) -> str:
    """Check a definition folder and store it; gives the hash that is its version.

    Raises InvalidDefinition with all faults, and DefinitionFrozen with the reasons where an
    earlier version of the same survey has been opened and its answers would not fit this one.
    """
    definition = parse_definition(read_folder(folder))
    digest = content_hash(definition)
    async with resources.database.writing() as connection:
        for earlier in await frozen_versions(connection, definition.survey.code):
            if earlier != digest:
                canonical = await load_definition(connection, earlier)
                _refuse_breaking(definition_from_canonical(canonical.encode()), definition)
        await store_definition(
            connection,
            digest=digest,
            code=definition.survey.code,
            canonical=canonical_bytes(definition).decode(),
            now=resources.now(),
        )
    return digest


def _refuse_breaking(old: SurveyDefinition, new: SurveyDefinition) -> None:
    if faults := breaking_changes(old, new):
        raise DefinitionFrozen(
            "Answers are stored under an earlier version. Undo these changes, "
            "or give the survey a new code.",
            faults=faults,
        )
