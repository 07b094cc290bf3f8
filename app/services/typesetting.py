"""Typst: a template and data → PDF or SVG. Data are values in the template, never its code."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from app.errors.operations import NotInstalled

try:
    import pylopdf_fonts_zh_cn
    import typst
except ImportError:  # the extra `print` is not installed
    typst = None  # type: ignore[assignment]

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "print"


def typeset(
    template: str,
    data: Mapping[str, object],
    *,
    to: Literal["pdf", "svg"] = "pdf",
    tagged: bool = True,
) -> bytes:
    """Set a document; an SVG has one page. Raises NotInstalled.

    `tagged` lets screen readers read the PDF, and makes one for the printer eight times as large.

    The same data give the same bytes: no time stands in the file, and only the fonts of the
    package are used, not those of the machine.
    """
    made = _compiler().compile(
        str(TEMPLATES / template),
        format=to,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=0,
        pdf_tags=tagged,
    )
    assert isinstance(made, bytes)  # noqa: S101 – a list only where an SVG has several pages
    return made


def require_typst() -> None:
    """Raise NotInstalled where nothing can be printed."""
    if typst is None:
        raise NotInstalled("Printing needs: pip install 'minyi[print]'")


@functools.cache
def _compiler() -> Any:
    """Make the one compiler of this process: each holds fonts and caches of its own."""
    require_typst()
    return typst.Compiler(
        root=str(TEMPLATES),
        font_paths=[str(pylopdf_fonts_zh_cn.sans_path().parent)],
        ignore_system_fonts=True,
    )
