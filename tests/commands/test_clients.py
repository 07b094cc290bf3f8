import re

import pytest

from app.errors import InvalidInput
from app.errors.clients import ClientNotFound
from app.errors.waves import NameTaken
from tests.commands.conftest import Minyi

ADD = ("client", "add", "performance-office", "--scope", "scheme:shenzhen-2010")


def fields(text: str) -> dict[str, str]:
    return dict(line.split("\t") for line in text.splitlines())


def test_a_client_through_its_life(minyi: Minyi) -> None:
    made = fields(minyi(*ADD, "--scope", "events:read").stdout)
    assert re.fullmatch(r"[0-9a-f]{64}", made["client_secret"])
    listed = minyi("client", "list").stdout
    assert listed.split("\t") == [
        "performance-office",
        made["client_id"],
        "active",
        "events:read scheme:shenzhen-2010\n",
    ]
    assert made["client_secret"] not in listed, "shown once"
    again = fields(minyi("client", "rotate", "performance-office").stdout)
    assert again["client_id"] == made["client_id"]
    assert again["client_secret"] != made["client_secret"]
    minyi("client", "revoke", "performance-office")
    assert "\trevoked\t" in minyi("client", "list").stdout
    assert minyi("audit", "verify").stdout.startswith("3 entries, none tampered with.")


def test_what_is_refused(minyi: Minyi) -> None:
    minyi(*ADD)
    with pytest.raises(NameTaken):
        minyi(*ADD)
    for scope in ("admin", "scheme:", "scheme:a b", "scheme:*", "events:read webhooks:write"):
        with pytest.raises(InvalidInput):
            minyi("client", "add", "other", "--scope", scope)
    with pytest.raises(ClientNotFound):
        minyi("client", "revoke", "nobody")
    minyi("client", "revoke", "performance-office")
    for act in ("revoke", "rotate"):
        with pytest.raises(ClientNotFound):
            minyi("client", act, "performance-office")
