"""QR codes as SVG, with the quiet zone that scanners need."""

import io

import segno

QUIET_ZONE = 4
"""Modules around the code (ISO/IEC 18004)."""


def qr_svg(text: str) -> str:
    """Draw a QR code that survives a fold or a stain: level Q, a quarter may be lost."""
    drawn = io.BytesIO()
    segno.make(text, error="q", micro=False).save(
        drawn, kind="svg", border=QUIET_ZONE, xmldecl=False, omitsize=True, svgclass=None
    )
    return drawn.getvalue().decode("utf-8")
