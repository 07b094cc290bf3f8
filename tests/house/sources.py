"""The application's source files, parsed."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def modules(folder: str) -> dict[Path, ast.Module]:
    """Parse every module under a folder of the project."""
    return {
        path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def imports(tree: ast.AST) -> Iterator[str]:
    """Name what is imported, in full: `sqlalchemy.select`, `app.errors.Fault`, `math`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def in_functions(tree: ast.AST) -> Iterator[ast.AST]:
    """Give every node that stands inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from (inner for inner in ast.walk(node) if inner is not node)
