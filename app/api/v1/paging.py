"""Lists in pages and by period: the query of every list of the API.

A cursor names the last item seen, so that pages neither repeat nor skip what others add meanwhile.
It is opaque on purpose: readers hand it back as they got it.
"""

import base64
import datetime
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from app.errors import Fault, InvalidInput

T = TypeVar("T")
MOST = 200


class PageQuery(BaseModel):
    """Which part of a list is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(50, ge=1, le=MOST, description="Items of a page at most.")
    cursor: str = Field("", max_length=300, description="`next` of the page before; empty: begin.")

    @property
    def after(self) -> str:
        """The key of the last item seen; empty at the beginning. Raises InvalidInput."""
        try:
            return base64.b64decode(self.cursor, altchars=b"-_", validate=True).decode()
        except ValueError:  # binascii.Error and UnicodeError are
            fault = Fault("cursor", "not-a-cursor", "Give back `next` of the page before")
            raise InvalidInput(faults=[fault]) from None


class PeriodQuery(PageQuery):
    """The same, of a period."""

    first: datetime.date | None = Field(None, description="Periods that end on this day or later.")
    last: datetime.date | None = Field(None, description="Periods that begin on this day or before")

    def holds(self, first: datetime.date, last: datetime.date) -> bool:
        """Say whether a period overlaps the one asked for; both days included."""
        return (self.first is None or last >= self.first) and (
            self.last is None or first <= self.last
        )


ThisPageQuery = Annotated[PageQuery, Query()]
ThisPeriodQuery = Annotated[PeriodQuery, Query()]


def page_of(items: Sequence[T], query: PageQuery, key: Callable[[T], str]) -> tuple[list[T], str]:
    """Give a page of items sorted by their key, and the cursor of the next; empty at the end."""
    after = query.after
    left = [one for one in items if key(one) > after] if after else list(items)
    page = left[: query.limit]
    return page, next_cursor(page, more=len(left) > len(page), key=key)


def next_cursor(page: Sequence[T], *, more: bool, key: Callable[[T], str]) -> str:
    """Write the cursor after a page that the store has cut already."""
    return base64.urlsafe_b64encode(key(page[-1]).encode()).decode() if more else ""
