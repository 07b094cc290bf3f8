from pathlib import Path

import pytest

from app.errors import InvalidInput
from tests.commands.conftest import Minyi
from tests.support.printed import shows_qr_of
from tests.support.surveys import TOWN

DAYS = ("--opens", "2020-01-01", "--closes", "2099-12-31")


def test_posters_of_chosen_places_are_written(minyi: Minyi, tmp_path: Path) -> None:
    minyi("waves", "create", "town", TOWN, *DAYS)
    chosen = ("--only", "town", "--only", "town-window-W1")
    minyi("posters", "town", "--out", tmp_path / "posters", *chosen)
    names = {file.name for file in (tmp_path / "posters").iterdir()}
    assert names == {
        f"{place}{end}"
        for place in ("town", "town-window-W1")
        for end in (".pdf", ".svg", "-qr.svg")
    }
    pdf = (tmp_path / "posters" / "town-window-W1.pdf").read_bytes()
    assert shows_qr_of(pdf, "http://127.0.0.1:8000/w/town?at=W1")


def test_all_posters_are_written_where_none_is_named(minyi: Minyi, tmp_path: Path) -> None:
    minyi("waves", "create", "town", TOWN, *DAYS)
    minyi("posters", "town", "--out", tmp_path / "posters")
    assert len(list((tmp_path / "posters").glob("*.pdf"))) == 5
    with pytest.raises(InvalidInput) as refused:
        minyi("posters", "town", "--out", tmp_path, "--only", "town-window-W9")
    assert "W9" not in str(refused.value.faults[0])
