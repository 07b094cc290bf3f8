import pytest

from app.errors import InvalidInput
from app.errors.staff import UnderEmbargo
from tests.commands.conftest import Minyi
from tests.support.surveys import TOWN

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_closed_wave_is_exported_with_its_codebook(minyi: Minyi, tmp_path) -> None:  # type: ignore[no-untyped-def]
    days = ("--opens", "2026-11-01", "--closes", "2026-11-30")
    minyi("waves", "create", "town", TOWN, *days)
    minyi("permits", "fill", "town", "--class", "residents", "-n", "1")
    minyi("waves", "open", "town")
    to = tmp_path / "town.parquet"
    with pytest.raises(UnderEmbargo):
        minyi("export", "town", "--to", to)
    minyi("waves", "close", "town")
    done = minyi("export", "town", "--to", to, "--codebook", tmp_path / "book.csv")
    assert "0 responses" in done.output
    assert to.read_bytes().startswith(b"PAR1")
    assert "rating.D01.attitude" in (tmp_path / "book.csv").read_text("utf-8-sig")
    for wrong in (("--to", tmp_path / "town.doc"), ("--to", to, "--source", "nobody/web")):
        with pytest.raises(InvalidInput):
            minyi("export", "town", *wrong)
