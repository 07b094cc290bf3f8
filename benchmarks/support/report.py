"""How the benchmarks of a running server tell what they found: JSON, or tables for docs/speed.md.

`--record` puts the tables in their place there, between `<!-- NAME -->` and `<!-- end NAME -->`.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from app.settings import ROOT
from benchmarks.support.machine import describe, require_disk

DOCUMENT = ROOT / "docs" / "speed.md"
IDLE = 0.5
BUSY = "**Measured while the machine had other work**: times say little, ratios and CPU more."
Row = Mapping[str, object]


def parser_of(description: str | None, *, rounds: int) -> argparse.ArgumentParser:
    """Options that all of them have."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=rounds, help="take turns so many times")
    parser.add_argument(
        "--database", choices=("postgresql", "sqlite"), action="append", help="default: both"
    )
    parser.add_argument(
        "--folder", default=tempfile.gettempdir(), help="where databases are made: on a disk"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="print tables instead of JSON")
    form.add_argument("--record", action="store_true", help="write the tables to docs/speed.md")
    return parser


def options_of(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Read the command line. Exits where databases would be made in memory."""
    given = parser.parse_args()
    given.database = given.database or ["postgresql", "sqlite"]
    require_disk(given.folder)
    given.machine = describe()
    return given


def tell(name: str, tables: Mapping[str, Sequence[Row]], given: argparse.Namespace) -> None:
    """Print the tables, or put them in their place in the document."""
    if given.record:
        record(name, markdown(given.machine, tables))
    elif given.markdown:
        print(markdown(given.machine, tables))
    else:
        print(json.dumps({"benchmark": name, "machine": given.machine, **tables}, indent=1))


def markdown(machine: Mapping[str, Any], tables: Mapping[str, Sequence[Row]]) -> str:
    """Write the machine and all tables."""
    about = "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in machine.items())
    busy = [] if machine["load_before"] < IDLE else [BUSY]
    return "\n\n".join(
        [about + ".", *busy, *(_table(title, rows) for title, rows in tables.items())]
    )


def _table(title: str, rows: Sequence[Row]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [[str(row.get(name, "")) for name in names] for row in rows]
    ruled = [names, ["---"] * len(names), *lines]
    return f"**{title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in ruled)


def record(name: str, text: str) -> None:
    """Replace what stands between the marks of a benchmark."""
    begin, end = f"<!-- {name} -->", f"<!-- end {name} -->"
    place = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    found, times = place.subn(lambda _: f"{begin}\n{text}\n{end}", DOCUMENT.read_text())
    if times != 1:
        raise SystemExit(f"{DOCUMENT.name} has no place for {name}")
    DOCUMENT.write_text(found)
