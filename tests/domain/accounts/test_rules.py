import pytest

from app.domain.accounts.rules import (
    clean_name,
    codes_faults,
    codes_of,
    full_name_faults,
    name_faults,
    password_faults,
    password_text,
)


def codes(faults: list) -> list[str]:  # type: ignore[type-arg]
    return [one.code for one in faults]


@pytest.mark.parametrize("name", ["li.na", "wang-wei", "a1", "zhang_3", "x" * 40])
def test_names_that_an_account_may_have(name: str) -> None:
    assert name_faults(name) == []


@pytest.mark.parametrize(
    "name", ["", "a", "1a", "Li", "cli:root", "li na", "李娜", "x" * 41, "a\n", "../x"]
)
def test_names_that_no_account_may_have(name: str) -> None:
    assert codes(name_faults(name)) == ["name-invalid"]


def test_a_name_is_typed_with_or_without_capitals_and_blanks() -> None:
    assert clean_name("  Li.Na ") == "li.na"


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 61, "\ud800"])
def test_names_of_persons_fit_on_a_line(name: str) -> None:
    assert codes(full_name_faults(name)) == ["full-name-invalid"]


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("short", ["password-short"]),
        ("x" * 201, ["password-long"]),
        ("aaaaaaaaaaaaaa", ["password-guessable"]),
        ("Password123456", ["password-guessable"]),
        ("li.na-li.na-2026", ["password-guessable"]),
        ("minyi-admin-2026", ["password-guessable"]),
        ("correct horse battery", []),
        ("春眠不觉晓处处闻啼鸟夜来", []),
    ],
)
def test_passwords_are_long_and_not_what_one_guesses_first(
    password: str, expected: list[str]
) -> None:
    assert codes(password_faults(password, name="li.na")) == expected


def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    assert password_text("e\u0301clair") == password_text("\xe9clair")


def test_codes_are_read_as_people_write_them() -> None:
    assert codes_of(" P1, P2，P3\nP1 ") == {"P1", "P2", "P3"}


@pytest.mark.parametrize("wrong", [{"a b"}, {"x" * 41}, {"<b>"}, {str(n) for n in range(201)}])
def test_codes_that_are_none_are_refused(wrong: set[str]) -> None:
    assert codes(codes_faults("points", frozenset(wrong))) == ["codes-invalid"]
