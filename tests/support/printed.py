"""Printed pages as a camera and a reader see them: the QR code's modules, the words."""

import re

import numpy as np
import pypdfium2
import segno

Pixels = np.ndarray[tuple[int, int], np.dtype[np.bool_]]
DOTS_PER_POINT = 4


def words_of(pdf: bytes) -> list[str]:
    """Give the text of each page with all blanks removed."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        text = page.get_textpage()
        found.append(re.sub(r"\s", "", text.get_text_range()))
        text.close()
        page.close()
    document.close()
    return found


def shows_qr_of(pdf: bytes, text: str, *, page: int = 0) -> bool:
    """Say whether the page shows the QR code of this text, module by module."""
    expected = np.array([list(row) for row in segno.make(text, error="q", micro=False).matrix])
    return any(
        np.array_equal(_modules(block, len(expected)), expected.astype(bool))
        for block in _square_blocks(_dark(pdf, page))
    )


def _dark(pdf: bytes, number: int) -> Pixels:
    document = pypdfium2.PdfDocument(pdf)
    page = document[number]
    bitmap = page.render(scale=DOTS_PER_POINT)
    dark: Pixels = bitmap.to_numpy()[:, :, :3].mean(axis=2) < 70
    bitmap.close()
    page.close()
    document.close()
    return dark


def _square_blocks(dark: Pixels) -> list[Pixels]:
    """Cut the page at white bands of 4 mm, first across, then down; keep what is square."""
    gap = int(4 / 25.4 * 72 * DOTS_PER_POINT)
    blocks = []
    for band in _cut(dark, gap):
        for block in _cut(band.T, gap):
            tight = next(iter(_cut(block.T, gap)), block.T)
            height, width = tight.shape
            if height > 100 and abs(height - width) <= 0.02 * height:
                blocks += [tight, _inside_frame(tight)]
    return blocks


def _inside_frame(block: Pixels) -> Pixels:
    """Take off a frame drawn around the code, and the white behind it."""
    edge = block.shape[0] // 30
    inner = block[edge:-edge, edge:-edge]
    rows, columns = (np.flatnonzero(inner.any(axis=axis)) for axis in (1, 0))
    return inner[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _cut(dark: Pixels, gap: int) -> list[Pixels]:
    """Cut where `gap` rows or more are white; drop the white."""
    inked = np.flatnonzero(dark.any(axis=1))
    if not len(inked):
        return []
    ends = np.flatnonzero(np.diff(inked) > gap)
    starts = [inked[0], *inked[ends + 1]]
    stops = [*inked[ends], inked[-1]]
    return [dark[start : stop + 1] for start, stop in zip(starts, stops, strict=True)]


def _modules(block: Pixels, n: int) -> Pixels:
    """Look at the middle of each of n × n modules."""
    rows = ((np.arange(n) + 0.5) * block.shape[0] / n).astype(int)
    columns = ((np.arange(n) + 0.5) * block.shape[1] / n).astype(int)
    return block[np.ix_(rows, columns)]
