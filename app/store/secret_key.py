"""The master secret on disk: read it, or make it once for an empty installation."""

import os
from pathlib import Path

from app.domain.deduplication.keys import MASTER_BYTES, Keys, master_from_text, master_to_text
from app.store.randomness import random_bytes


def keys_from_text(text: str) -> Keys:
    """Use a master secret given as a setting."""
    return Keys(master_from_text(text))


def keys_from_file(path: Path) -> Keys:
    """Read the master secret; make it, readable by its owner only, where there is none.

    The file is created exclusively, so that of two processes starting at once one makes it and the
    other reads the same.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Keys(master_from_text(path.read_text()))
    with os.fdopen(descriptor, "w") as file:
        file.write(master_to_text(random_bytes(MASTER_BYTES)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Keys(master_from_text(path.read_text()))
