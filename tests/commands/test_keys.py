import re

from tests.commands.conftest import Minyi


def test_keys_are_rotated_and_listed(minyi: Minyi) -> None:
    first, second = (minyi("keys", "rotate").stdout.strip() for _ in range(2))
    assert re.fullmatch(r"[\w-]{43}", first)
    listed = [line.split("\t") for line in minyi("keys", "list").stdout.splitlines()]
    assert [(one[0], one[2]) for one in listed] == [(first, "verifies only"), (second, "signs")]
