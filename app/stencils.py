"""Pages rendered once for a crowd, with holes for what is each reader's own.

What is put into the holes is written for one reply and kept nowhere. Nobody can guess how a hole
is marked, so that no text of a definition is taken for one; what is put in is not looked through.
"""

import re
import secrets
from collections.abc import Mapping
from functools import lru_cache

from markupsafe import Markup, escape

_MARK = secrets.token_hex(8)
_HOLES = re.compile(rf"@{_MARK}:([^@]*)@")


@lru_cache(maxsize=5000)
def hole(name: str) -> Markup:
    """Give what a template is to write where `fill` puts in what has this name."""
    return Markup(f"@{_MARK}:{name}@")  # noqa: S704 – the mark and a code


class Holes(dict[str, Markup]):
    """Holes by what their names end with, made when a template asks for them."""

    def __init__(self, beginning: str) -> None:
        super().__init__()
        self._beginning = beginning

    def __missing__(self, end: str) -> Markup:
        self[end] = made = hole(self._beginning + end)
        return made


class Stencil:
    """A rendered page, cut at its holes."""

    def __init__(self, html: str) -> None:
        pieces = _HOLES.split(html)
        self._names = pieces[1::2]
        self._pieces = [piece.encode() for piece in pieces]

    def fill(self, own: Mapping[str, str]) -> bytes:
        """Give the page of one reader; holes that nothing is named for stay empty."""
        pieces = self._pieces.copy()
        pieces[1::2] = [_written(own[name]) if name in own else b"" for name in self._names]
        return b"".join(pieces)


def _written(text: str) -> bytes:
    return str(escape(text)).encode()
