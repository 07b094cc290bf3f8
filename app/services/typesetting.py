"""Typst: data and a template of `templates/paper/` → PDF. Needs the extra `print`.

The template gets everything as data, never as markup, so that no word of a definition is taken for
a command. Only the fonts of the wheel are used: a form looks the same wherever it is printed.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from app.errors import PrintingUnavailable
from app.settings import ROOT

try:
    import pylopdf_fonts_zh_cn as fonts
    import typst
except ImportError:  # the extra is optional
    typst = None  # type: ignore[assignment]

TEMPLATES = ROOT / "app" / "templates" / "paper"


def typeset(template: str, data: Mapping[str, object]) -> bytes:
    """Give the PDF that a template makes of the data. Raises PrintingUnavailable."""
    if typst is None:
        raise PrintingUnavailable
    pdf: bytes = typst.compile(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=[Path(fonts.sans_path()).parent],
        ignore_system_fonts=True,
        pdf_tags=False,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    return pdf
