"""While tests run, each page kept for many is compared with the one that would be rendered now."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from app.rendering import Page
from app.stencils import Stencil


@contextmanager
def kept_pages_compared() -> Iterator[None]:
    """Fail a request whose page depends on something that its `same_for` does not name."""
    give = Page._stencil

    def compared(page: Page, template: str, same_for: Hashable, context: dict[str, Any]) -> Stencil:
        kept = give(page, template, same_for, context)
        now = Stencil(page._render(template, context))
        assert vars(kept) == vars(now), f"{template} depends on more than {same_for}"
        return kept

    Page._stencil = compared  # type: ignore[method-assign]
    try:
        yield
    finally:
        Page._stencil = give  # type: ignore[method-assign]
