"""`minyi definitions`: check a survey definition, hash it, describe its files to an editor."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.commands.running import run
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.parsing import PARTS, parse_definition
from app.domain.questionnaires.versions import content_hash
from app.errors.definitions import InvalidDefinition
from app.services.definitions import load_folder
from app.store.definitions import read_folder

definitions_app = typer.Typer(help="Survey definitions: folders of YAML.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="Folder of one survey definition.")]


@definitions_app.command()
def check(folders: Annotated[list[Path], typer.Argument(help="Folders to check.")]) -> None:
    """Print every fault of each folder with file and line.

    Example: minyi definitions check survey_definitions/*
    """
    broken = 0
    for folder in folders:
        try:
            _load(folder)
            typer.echo(f"{folder}: sound")
        except InvalidDefinition as error:
            broken += 1
            _print_faults(folder, error)
    if broken:
        raise typer.Exit(1)


@definitions_app.command()
def load(folder: Folder) -> None:
    """Store a definition, unless it would break answers stored under an earlier version.

    Example: minyi definitions load survey_definitions/shenzhen-2010
    """
    typer.echo(run(lambda resources: load_folder(resources, folder)))


@definitions_app.command("hash")
def print_hash(folder: Folder) -> None:
    """Print the version of a definition: the SHA-256 of its canonical content.

    Example: minyi definitions hash survey_definitions/shenzhen-2010
    """
    try:
        typer.echo(content_hash(_load(folder)))
    except InvalidDefinition as error:
        _print_faults(folder, error)
        raise typer.Exit(1) from None


@definitions_app.command()
def schema(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if it does not exist.")],
) -> None:
    """Write a JSON Schema for each file of a definition, for completion in editors.

    Put `# yaml-language-server: $schema=PATH/survey.schema.json` on top of survey.yaml, and so on.
    Example: minyi definitions schema schemas
    """
    folder.mkdir(parents=True, exist_ok=True)
    for part, model in PARTS.items():
        described = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        described |= model.model_json_schema(by_alias=True)
        target = folder / f"{part}.schema.json"
        target.write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", "utf-8")
        typer.echo(target)


def _load(folder: Path) -> SurveyDefinition:
    return parse_definition(read_folder(folder))


def _print_faults(folder: Path, error: InvalidDefinition) -> None:
    for fault in error.faults:
        typer.echo(f"{folder}/{fault}" if fault.file else f"{folder}: {fault}")
