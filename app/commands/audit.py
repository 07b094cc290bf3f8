"""`minyi audit`: prove that the log of staff acts is whole, and take it elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.running import run
from app.domain.audit.chain import Head, export_line
from app.errors import Fault, InvalidInput
from app.services.audit import verify_log

audit_app = typer.Typer(help="The log of staff acts.", no_args_is_help=True)


@audit_app.callback()
def _audit() -> None:
    """Keep `verify` a word of its own although it is the only command."""


@audit_app.command()
def verify(
    expect: Annotated[
        list[str] | None,
        typer.Option(help="A head noted earlier, NUMBER:HASH; may be given several times."),
    ] = None,
    anchors: Annotated[
        Path | None,
        typer.Option(
            help="File with earlier heads, a line each; today's is added. Keep it elsewhere."
        ),
    ] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write the whole log here, a line of JSON each.")
    ] = None,
) -> None:
    """Check that no entry was altered, removed, moved, inserted or cut off; print the head.

    What an old copy of the whole database would hide, only a head noted elsewhere finds.

    Example: minyi audit verify --anchors /mnt/usb/minyi.anchors --export audit.jsonl
    """
    known = [*(expect or []), *_lines(anchors)]
    head, entries = run(lambda r: verify_log(r, _read_anchors(known)))
    if export is not None:
        export.write_text("".join(export_line(one) + "\n" for one in entries), encoding="utf-8")
    if anchors is not None:
        _add(anchors, head)
    typer.echo(f"{head.number} entries, none tampered with. Head, to be noted elsewhere:")
    typer.echo(head.text)


def _lines(path: Path | None) -> list[str]:
    if path is None or not path.exists():
        return []
    return path.read_text(encoding="utf-8").split()


def _read_anchors(texts: list[str]) -> dict[int, bytes]:
    """Read heads written NUMBER:HASH. Raises InvalidInput."""
    anchors: dict[int, bytes] = {}
    for position, text in enumerate(texts, 1):
        number, _, digest = text.partition(":")
        try:
            known = anchors.setdefault(int(number), bytes.fromhex(digest))
        except ValueError:
            raise _refused(position, "Write a head as NUMBER:HASH") from None
        if len(known) != 32 or known != bytes.fromhex(digest):
            raise _refused(position, "This is no head, or differs from another of its number")
    return {number: digest for number, digest in anchors.items() if number > 0}


def _refused(position: int, message: str) -> InvalidInput:
    return InvalidInput(faults=[Fault(f"head {position}", "not-a-head", message)])


def _add(path: Path, head: Head) -> None:
    if head.text not in _lines(path):
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{head.text}\n")
