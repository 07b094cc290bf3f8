import datetime

import pytest

from app.api.v1.paging import PageQuery, PeriodQuery, page_of
from app.errors import InvalidInput


def pages(items: list[str], limit: int) -> list[list[str]]:
    found, cursor = [], ""
    while True:
        page, cursor = page_of(items, PageQuery(limit=limit, cursor=cursor), str)
        found.append(page)
        if not cursor:
            return found


def test_pages_hold_every_item_once() -> None:
    assert pages(["a", "b", "c", "d", "轮次"], 2) == [["a", "b"], ["c", "d"], ["轮次"]]
    assert pages(["a", "b"], 2) == [["a", "b"]]
    assert pages([], 2) == [[]]


def test_what_is_added_before_the_cursor_moves_nothing() -> None:
    _, cursor = page_of(["b", "d", "f"], PageQuery(limit=2), str)
    page, _ = page_of(["a", "b", "c", "d", "e", "f"], PageQuery(limit=2, cursor=cursor), str)
    assert page == ["e", "f"]


@pytest.mark.parametrize("cursor", ["x", "é", "____", "a" * 5, "!!!", "YQ==!"])
def test_a_cursor_of_somebodys_own_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        page_of(["a"], PageQuery(cursor=cursor), str)


@pytest.mark.parametrize(
    ("first", "last", "held"),
    [
        (None, None, True),
        ("2010-12-31", None, True),
        ("2011-01-01", None, False),
        (None, "2010-12-01", True),
        (None, "2010-11-30", False),
        ("2010-12-10", "2010-12-11", True),
    ],
)
def test_a_period_is_held_that_overlaps(first: str | None, last: str | None, held: bool) -> None:
    query = PeriodQuery.model_validate({"first": first, "last": last})
    assert query.holds(datetime.date(2010, 12, 1), datetime.date(2010, 12, 31)) is held
