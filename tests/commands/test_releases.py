"""`minyi release`, from a closed wave to a verified, recomputed and corrected release."""

import asyncio
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.releases.signing import public_jwk
from app.errors import InvalidInput
from app.errors.releases import ReleaseUnverified, SignatureRefused
from app.errors.staff import SecondPersonNeeded, UnderEmbargo
from app.services.resources import Resources, open_resources
from app.services.signing_keys import public_keys
from app.settings import Settings
from tests.commands.conftest import Minyi
from tests.support.releases import closed_town, release, townspeople
from tests.support.surveys import open_town


@pytest.fixture
def with_resources(minyi: Minyi) -> Callable[..., object]:
    """Do something against the command's database."""

    def do(work):  # type: ignore[no-untyped-def]
        async def run() -> object:
            resources = open_resources(Settings())
            try:
                return await work(resources)
            finally:
                await resources.close()

        return asyncio.run(run())

    return do


def save_keys(keys: dict[str, bytes], folder: Path) -> Path:
    file = folder / "jwks.json"
    file.write_text(json.dumps({"keys": [public_jwk(key) for key in keys.values()]}))
    return file


def test_from_a_closed_wave_to_a_verified_correction(
    minyi: Minyi, with_resources: Callable[..., object], tmp_path: Path
) -> None:
    with_resources(lambda r: closed_town(r, townspeople()))
    prepared = minyi("release", "prepare", "town", "--by", "lin").output
    assert "D01\t" in prepared
    assert "D03\tminimum-n" in prepared
    for same_person in ("lin", " Lin", "LIN "):
        with pytest.raises(SecondPersonNeeded):
            minyi("release", "publish", "town", 1, "--by", same_person)
    assert (
        "town.1\tprovisional"
        in minyi("release", "publish", "town", 1, "--provisional", "--by", "wu").output
    )
    for number, state in ((2, "publish"), (3, "correct")):
        why = ("--why", "copied") if state == "correct" else ()
        minyi("release", "prepare", "town", "--by", "lin")
        minyi("release", state, "town", number, *why, "--by", "wu")
    listed = minyi("release", "list", "town").output
    assert [line.split("\t")[:2] for line in listed.splitlines() if "\t" in line] == [
        ["town.1", "provisional"],
        ["town.2", "final"],
        ["town.3", "corrected"],
    ]
    assert "copied" in listed
    assert "D01\t" in minyi("release", "show", "town.3").output

    export = tmp_path / "town.gz"
    said = minyi("release", "export-responses", "town", "--to", export, "--by", "lin").output
    assert said.startswith("60 responses")
    files = [tmp_path / f"{number}.jws" for number in (1, 2, 3)]
    for number, file in enumerate(files, 1):
        file.write_text(minyi("release", "show", f"town.{number}", "--jws").output)
    keys = save_keys(with_resources(public_keys), tmp_path)  # type: ignore[arg-type]
    done = minyi("release", "verify", *files, "--keys", keys, "--recompute", export).output
    assert "town.3: recomputed from town.gz, byte for byte" in done

    alone = minyi("release", "verify", files[2], "--keys", keys).output
    assert "the chain was not checked without the releases before" in alone

    altered = tmp_path / "altered.gz"
    lines = gzip.decompress(export.read_bytes()).splitlines(keepends=True)
    altered.write_bytes(gzip.compress(b"".join(lines[:-1])))
    with pytest.raises(ReleaseUnverified) as refused:
        minyi("release", "verify", *files, "--keys", keys, "--recompute", altered)
    assert "figures.responses" in {fault.field for fault in refused.value.faults}
    with pytest.raises(ReleaseUnverified, match="earlier releases"):
        minyi("release", "verify", files[2], "--keys", keys, "--recompute", export)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_of_an_open_wave_gets_out(
    minyi: Minyi, with_resources: Callable[..., object], tmp_path: Path
) -> None:
    async def open_wave(resources: Resources) -> None:
        await open_town(resources)

    with_resources(open_wave)
    export = tmp_path / "town.gz"
    for command in (("prepare", "town"), ("export-responses", "town", "--to", export)):
        with pytest.raises(UnderEmbargo):
            minyi("release", *command, "--by", "lin")
    assert list(tmp_path.glob("town.gz*")) == []
    assert minyi("release", "list", "town").output == ""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_files_that_are_none_are_refused(
    minyi: Minyi, with_resources: Callable[..., object], tmp_path: Path
) -> None:
    async def released(resources: Resources) -> str:
        return (await release(resources, await closed_town(resources, townspeople()))).jws

    good, other = tmp_path / "good.jws", tmp_path / "other"
    good.write_text(str(with_resources(released)))
    keys = save_keys(with_resources(public_keys), tmp_path)  # type: ignore[arg-type]
    for content in (b"", b"{}", b"\xff\xfe", b"[1]", b'{"keys": [{"crv": "Ed25519", "kid": 1}]}'):
        other.write_bytes(content)
        with pytest.raises(SignatureRefused):
            minyi("release", "verify", good, "--keys", other)
        with pytest.raises(InvalidInput):
            minyi("release", "verify", good, "--keys", keys, "--recompute", other)
        other.write_bytes(gzip.compress(content))
        with pytest.raises(InvalidInput):
            minyi("release", "verify", good, "--keys", keys, "--recompute", other)
    other.write_bytes(b"")
    with pytest.raises(InvalidInput):
        minyi("release", "verify", other, "--keys", keys)
    other.write_text("a.b.c")
    with pytest.raises(SignatureRefused):
        minyi("release", "verify", other, "--keys", keys)
