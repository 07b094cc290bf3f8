"""The error catalogue: stable codes, one status each, and words that repeat nothing sent."""

import re

import pytest

from app.errors import MinyiError
from app.errors.catalogue import catalogue

ERRORS = catalogue()


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in ERRORS]
    assert sorted(codes) == sorted(set(codes))
    assert len(codes) > 20


def test_every_error_is_reached_by_the_catalogue() -> None:
    def below(kind: type[MinyiError]) -> set[type[MinyiError]]:
        return {kind}.union(*(below(one) for one in kind.__subclasses__()))

    assert below(MinyiError) - {MinyiError} == set(ERRORS)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_an_error_is_well_formed(error: type[MinyiError]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", error.code)
    assert 400 <= error.status <= 599
    assert error.status < 500 or error.status in (500, 502, 503)
    assert error.title[0].isupper()
    assert not error.title.endswith(".")
    assert error.__doc__, "says what happened"


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_the_words_of_an_error_have_no_room_for_what_was_sent(error: type[MinyiError]) -> None:
    assert not re.search(r"[{}%]|\$\w", error.title)
