"""Exports of responses on disk: lines, compressed; the same lines give the same file."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import Fault, InvalidInput

OWNER_ONLY = 0o600


@contextmanager
def new_lines(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Open a new file that only its owner reads; give the function that adds a line.

    It gets its name when the block has ended well. Raises InvalidInput where the name is taken or
    the folder is not there.
    """
    part = path.with_name(f"{path.name}.part")
    if path.exists() or not path.parent.is_dir():
        rule = "Name a file that is not there yet, in a folder that is"
        raise InvalidInput(faults=[Fault("file", "exists", rule)])
    try:
        part.touch(OWNER_ONLY)
        with part.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
            yield file.write
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def read_lines(path: Path) -> Iterator[bytes]:
    """Read a file line by line. Raises InvalidInput where it is none of ours."""
    try:
        with gzip.open(path, "rb") as file:
            yield from file
    except (OSError, EOFError, zlib.error):
        fault = Fault("file", "unreadable", "This is no file of exported responses")
        raise InvalidInput(faults=[fault]) from None
