"""`minyi score` from the table to fill to the explanation of one number."""

from pathlib import Path

import pytest

from app.commands.running import run
from app.errors import InvalidInput
from app.errors.staff import SecondPersonNeeded
from app.services.resources import Resources
from app.store.keyed_files import read_table, write_table
from tests.commands.conftest import Minyi
from tests.support.evaluations import publish_made_up
from tests.support.xiamen import ENTERED, SAMPLES, xiamen_wave


async def released(resources: Resources) -> None:
    await publish_made_up(resources, await xiamen_wave(resources), SAMPLES)


def test_from_the_empty_table_to_the_published_total(minyi: Minyi, tmp_path: Path) -> None:
    run(released)
    period, file = ("--period", "2008"), tmp_path / "figures.csv"
    assert "18 figures, 18 still empty" in minyi("score", "template", "xm", file, *period).stdout
    assert [row[:2] for row in read_table(file, most_rows=99)[1:4]] == [
        ["siming", "indicators"],
        ["siming", "inspection.deducted"],
        ["siming", "inspection.added"],
    ]
    write_table(file, [*ENTERED[:2], ["huli", "survey", "3"]])
    with pytest.raises(InvalidInput) as refused:
        minyi("score", "enter", "xm", file, *period)
    assert [one.field for one in refused.value.faults] == ["row 3.figure"]
    write_table(file, ENTERED)
    assert "18 new" in minyi("score", "enter", "xm", file, *period).stdout

    prepared = minyi("score", "prepare", "xm", *period, "--by", "li.na").stdout
    assert "1 (1–4)  xiangan  85.628" in prepared
    with pytest.raises(SecondPersonNeeded):
        minyi("score", "publish", "xm", *period, "--by", "li.na")
    done = minyi("score", "publish", "xm", *period, "--by", "wang.wei").stdout
    assert done.startswith("xiamen-2008.1: final")

    assert minyi("score", "show", "xm", *period).stdout.startswith("xiamen-2008 2008: final")
    explained = minyi("score", "explain", "xm", "xiangan", *period).stdout
    assert "survey (of 30): 24.84" in explained
    assert "  weighted: 82.8 × 30 ÷ 100 = 24.84" in explained
    assert "  offset: (-6.3) + 6 = -0.3" in explained
    assert "combined (of 100): 85.628" in explained
