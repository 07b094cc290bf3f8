"""Disks of our own: small ones that fill up, and one whose power can be cut.

Power cut: a file system (upper) in an image file that stands on another file system (lower). The
loop device between them writes straight through (`direct-io`), so the image holds exactly what had
been handed to the disk; what waits in memory for the upper file system to be synced is not in it.
Freezing the lower file system stops all writing between two blocks, also in the middle of an
fsync; a copy of the image made meanwhile is the disk as it would be found after a power cut. (A
disk with a volatile cache that lies about flushing is not modelled.)
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest

MEGABYTE = 1 << 20
NEVER_BY_ITSELF = "noatime,commit=300"
"""ext4 writes back on its own every few seconds; here only what was asked for is to be written."""


@contextmanager
def mounted(image: Path, folder: Path, options: str = "noatime") -> Iterator[Path]:
    """Mount an image file."""
    folder.mkdir()
    device = _run("losetup", "--direct-io=on", "--show", "-f", str(image)).strip()
    try:
        _run("mount", "-t", "ext4", "-o", options, device, str(folder))
        try:
            yield folder
        finally:
            _run("umount", str(folder))
    finally:
        _run("losetup", "-d", device)
        folder.rmdir()


@contextmanager
def new_disk(image: Path, folder: Path, size: int, options: str = "noatime") -> Iterator[Path]:
    """Make an ext4 of so many megabytes, and mount it."""
    image.touch()
    os.truncate(image, size * MEGABYTE)
    _run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0", str(image))
    with mounted(image, folder, options):
        folder.chmod(0o711)
        yield folder


class Disk:
    """The upper file system of a pair; see above."""

    def __init__(self, folder: Path, lower: Path, upper: Path) -> None:
        self.folder, self._lower, self._upper = folder, lower, upper

    def sync(self) -> None:
        """Write everything to the disk."""
        _run("sync", "-f", str(self.folder))

    def copy_as_after_a_power_cut(self, to: Path) -> None:
        """Copy the image at one instant."""
        _run("fsfreeze", "-f", str(self._lower))
        try:
            _run("cp", "--sparse=always", str(self._upper), str(to))
        finally:
            _run("fsfreeze", "-u", str(self._lower))


@contextmanager
def disk_that_can_lose_power(folder: Path, size: int) -> Iterator[Disk]:
    """Make the pair of file systems."""
    with ExitStack() as stack:
        lower = stack.enter_context(new_disk(folder / "lower.img", folder / "lower", size + 32))
        upper = lower / "upper.img"
        disk = new_disk(upper, folder / "disk", size, NEVER_BY_ITSELF)
        yield Disk(stack.enter_context(disk), lower, upper)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Make a file system in memory of so many megabytes."""
    folder.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={size}m,mode=0711", "none", str(folder))
    try:
        yield folder
    finally:
        _run("umount", str(folder))
        folder.rmdir()


def need_mounts() -> None:
    """Skip where we may not mount, and say why."""
    reason = _why_no_mounts()
    if reason:
        pytest.skip(f"NO MOUNTS HERE: {reason}")


@cache
def _why_no_mounts() -> str:
    if os.geteuid() != 0:
        return "only root may mount"
    missing = [tool for tool in ("losetup", "mkfs.ext4", "fsfreeze") if shutil.which(tool) is None]
    if missing:
        return f"no {', '.join(missing)}"
    with tempfile.TemporaryDirectory() as found:
        folder = Path(found)
        try:
            with new_disk(folder / "image", folder / "mounted", 2):
                return ""
        except subprocess.CalledProcessError as error:
            return str(error.stderr).strip()


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
