"""Pages rendered once for many: each reader gets their own, and nothing of it is kept."""

from app.rendering import Page, _kept
from app.stencils import Holes, Stencil, hole


def test_each_reader_gets_their_own() -> None:
    stencil = Stencil(f"<p>{hole('name')}</p><p>{hole('more')}</p><p>{hole('name')}</p>")
    assert stencil.fill({"name": "甲"}).decode() == "<p>甲</p><p></p><p>甲</p>"
    assert stencil.fill({"name": "B", "more": "C"}) == b"<p>B</p><p>C</p><p>B</p>"


def test_what_is_filled_in_is_text_and_no_hole() -> None:
    stencil = Stencil(f"<p>{hole('name')}</p>")
    assert stencil.fill({"name": "<b>&"}) == b"<p>&lt;b&gt;&amp;</p>"
    other = str(hole("other"))
    assert stencil.fill({"name": other, "other": "x"}) == f"<p>{other}</p>".encode()


def test_holes_are_told_apart_by_their_names() -> None:
    holes = Holes("department=")
    stencil = Stencil(f"{holes['D01']}|{holes['D02']}|{hole('D01')}")
    assert stencil.fill({"department=D02": "x"}) == b"|x|"


def test_a_page_is_kept_without_what_is_its_readers_own() -> None:
    page = Page("en", large=False, path="/of-one-reader")
    shown = page.show(
        "receipt_form.html", same_for="test of what is kept", own={"x": "secret"}, wrong=False
    )
    assert b"/of-one-reader" in bytes(shown.body)
    other = Page("en", large=False, path="/of-another").show(
        "receipt_form.html", same_for="test of what is kept", wrong=False
    )
    assert b"/of-another" in bytes(other.body)
    mine = [repr(key) for key in _kept if "test of what is kept" in repr(key)]
    assert len(mine) == 1
    assert "reader" not in mine[0]
