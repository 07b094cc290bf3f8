import re

import pytest

from app.errors import InvalidInput
from app.errors.staff import StaffNotFound
from app.errors.waves import NameTaken
from tests.commands.conftest import Minyi

ADD = ("staff", "add", "li.na", "--full-name", "Li Na")


def test_the_first_administrator_of_an_installation(minyi: Minyi) -> None:
    added = minyi(*ADD)
    assert re.fullmatch(r"http://127.0.0.1:8000/console/welcome/[0-9a-f]{64}\n", added.stdout)
    listed = minyi("staff", "list").stdout.strip().split("\t")
    assert listed == ["li.na", "Li Na", "administrator", "invited", "password only"]


def test_an_account_through_its_life(minyi: Minyi) -> None:
    minyi(*ADD, "--role", "supervisor", "--points", "P1 P2")
    assert minyi("staff", "list").stdout.endswith("\tP1\tP2\n")
    minyi("staff", "role", "li.na", "keyer", "--batches", "B1")
    assert "keyer\tinvited\tpassword only\tB1" in minyi("staff", "list").stdout
    minyi("staff", "disable", "li.na")
    assert "disabled" in minyi("staff", "list").stdout
    assert "/console/welcome/" in minyi("staff", "reset", "li.na").stdout
    assert "invited" in minyi("staff", "list").stdout
    assert minyi("audit", "verify").stdout.startswith("4 entries, none tampered with.")


def test_what_is_refused(minyi: Minyi) -> None:
    minyi(*ADD)
    with pytest.raises(NameTaken):
        minyi(*ADD)
    with pytest.raises(InvalidInput):
        minyi("staff", "add", "cli:root", "--full-name", "Root")
    with pytest.raises(StaffNotFound):
        minyi("staff", "disable", "nobody")
    assert minyi("staff", "role", "li.na", "king").exit_code == 2
