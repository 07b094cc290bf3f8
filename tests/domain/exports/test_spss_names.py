import re

from app.domain.exports.spss_names import spss_names


def test_names_that_spss_takes_stay_as_they_are() -> None:
    assert spss_names(["grid.D01.s", "overall"]) == ["grid.D01.s", "overall"]


def test_all_names_are_legal_and_differ_also_without_case() -> None:
    names = ["1st", "a-b", "a_b", "A_B", "by", "end.", "x" * 70, "x" * 69 + "y", "_odd"]
    given = spss_names(names)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9._]{0,63}", one) for one in given)
    assert not any(one.endswith(".") for one in given)
    assert len({one.lower() for one in given}) == len(names)


def test_a_name_is_the_same_in_whatever_company_it_is_told_apart() -> None:
    assert spss_names(["a-b", "a_b"])[0] == spss_names(["c", "a_b", "a-b"])[2]
