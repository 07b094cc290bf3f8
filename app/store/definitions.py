"""Read the files of a definition folder. What they say is `domain/questionnaires/parsing`'s."""

from pathlib import Path

from app.errors.definitions import DefinitionFault, InvalidDefinition

MAX_FILES = 20
MAX_BYTES = 1 << 20
"""Per file. The largest real one, 500 departments in two languages, has about 150 kB."""


def read_folder(folder: Path) -> dict[str, str]:
    """Give the text of every YAML file by its name; other files, such as a README, are not read.

    Raises InvalidDefinition for a missing folder, a file that is too large or not UTF-8, and a
    link that leads out of the folder.
    """
    if not folder.is_dir():
        raise _refused("", "missing-folder", "there is no such folder")
    found = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    if len(found) > MAX_FILES:
        raise _refused("", "too-many-files", f"a definition has at most {MAX_FILES} files")
    return {path.name: _read(path, folder.resolve()) for path in found}


def _read(path: Path, folder: Path) -> str:
    if not path.resolve().is_relative_to(folder):
        raise _refused(path.name, "link-out-of-folder", "links out of the folder")
    if not path.is_file():
        raise _refused(path.name, "not-a-file", "is not a file")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _refused(path.name, "file-too-large", f"is larger than {MAX_BYTES} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(path.name, "not-utf-8", "is not UTF-8 text") from None


def _refused(file: str, code: str, message: str) -> InvalidDefinition:
    return InvalidDefinition([DefinitionFault(field="", code=code, message=message, file=file)])
