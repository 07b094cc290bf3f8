import asyncio

import pytest

from app.errors.staff import SecondPersonNeeded
from app.services.resources import open_resources
from app.services.waves import find_wave
from app.settings import Settings
from tests.commands.conftest import Minyi
from tests.support.stuffing import ATTACK, stuff
from tests.support.surveys import TOWN


async def fill() -> None:
    resources = open_resources(Settings())
    await stuff(resources, await find_wave(resources, "town"))
    await resources.close()


def test_a_case_from_scan_to_decision_and_back(minyi: Minyi) -> None:
    minyi("waves", "create", "town", TOWN, "--opens", "2026-11-01", "--closes", "2026-11-30")
    minyi("permits", "fill", "town", "--class", "residents", "-n", 3)
    minyi("waves", "open", "town")
    asyncio.run(fill())

    lines = minyi("integrity", "scan", "town").stdout.splitlines()
    assert lines[0] == "town: answers 200, findings 1"
    key, signal, strength, n, *_ = lines[1].split()
    assert (signal, int(n)) == ("bursts", ATTACK)
    assert float(strength) > 1
    assert "day=2026-11-10" in lines[2]
    assert "satisfied" not in "".join(lines)

    why = ("--reason", "one office")
    assert minyi("integrity", "propose", "town", key, *why, "--by", "li").stdout.startswith(
        "1: proposed"
    )
    with pytest.raises(SecondPersonNeeded):
        minyi("integrity", "decide", "town", 1, "agree", *why, "--by", "li")
    minyi("integrity", "decide", "town", 1, "agree", *why, "--by", "chen")
    assert f"set aside {ATTACK}" in minyi("waves", "status", "town").stdout
    minyi("integrity", "restore", "town", 1, *why, "--by", "li")
    minyi("integrity", "decide", "town", 1, "agree", *why, "--by", "chen")
    listed = minyi("integrity", "list", "town").stdout.splitlines()
    assert listed[0].startswith("1: restored, bursts, ")
    assert [line.split()[2:5] for line in listed[1:]] == [
        [move, "by", f"cli:{who},"] for move, who in (("propose", "li"), ("agree", "chen")) * 2
    ]
    assert "set aside 0" in minyi("waves", "status", "town").stdout
