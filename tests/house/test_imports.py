"""The floors of the house: imports point down only, stand on top, and rules stay pure."""

import ast
import sys

import pytest
from importlinter.cli import lint_imports

from tests.house.sources import ROOT, imports, in_functions, modules

PURE = {
    "app",
    "cryptography",
    "msgspec",
    "numpy",
    "pydantic",
    "pydantic_core",
    "ruamel",
    "scipy",
    "stdnum",
}
"""What rules may import beside the standard library."""

IMPURE = {
    "asyncio",
    "getpass",
    "io",
    "locale",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "platform",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
}
"""Parts of the standard library that look at the world: clock, files, network, randomness."""


def test_contracts_between_floors_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    config = str(ROOT / "pyproject.toml")
    assert lint_imports(config_filename=config, no_cache=True) == 0, "see `make check`"


@pytest.mark.parametrize("folder", ["app", "migrations"])
def test_no_import_stands_inside_a_function(folder: str) -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules(folder).items()
        for node in in_functions(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_parts_of_scipy_that_a_request_seldom_needs_are_loaded_when_first_used() -> None:
    """`import scipy`, then `scipy.stats.…`: every process starts half a second sooner."""
    found = {
        f"{path}: {name}"
        for path, tree in modules("app").items()
        for name in imports(tree)
        if name.startswith("scipy.") and not name.startswith("scipy.special")
    }
    assert found == set()


def test_rules_import_only_what_is_pure() -> None:
    allowed = PURE | (set(sys.stdlib_module_names) - IMPURE)
    found = {
        f"{path}: {name}"
        for path, tree in modules("app/domain").items()
        for name in imports(tree)
        if name.partition(".")[0] not in allowed
    }
    assert found == set()


def test_rules_read_no_clock_no_file_and_draw_nothing_unseeded() -> None:
    """`now` and seeds are handed in; `random` is used through a `Random(seed)` only."""
    calls = {"open", "print", "input"}
    methods = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
    found = []
    for path, tree in modules("app/domain").items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            match node.func:
                case ast.Name(id=name) if name in calls:
                    found.append(f"{path}:{node.lineno} {name}")
                case ast.Attribute(attr=attr, value=ast.Name(id=owner)):
                    unseeded = owner == "random" and attr != "Random"
                    if unseeded or (owner, attr) in methods:
                        found.append(f"{path}:{node.lineno} {owner}.{attr}")
                case ast.Attribute(attr=attr, value=ast.Attribute(attr=owner)):
                    unseeded = owner == "random" and not node.args
                    if unseeded or (owner, attr) in methods:
                        found.append(f"{path}:{node.lineno} {owner}.{attr}")
    assert found == []


def test_only_the_store_builds_sql() -> None:
    """Services hold a connection, as a type; commands and pages not even that."""
    found = {
        f"{path}: {name}"
        for path, tree in modules("app").items()
        for name in imports(tree)
        if name.startswith("sqlalchemy")
        and path.parts[1] not in ("store", "tables")
        and not (path.parts[1] == "services" and name == "sqlalchemy.ext.asyncio.AsyncConnection")
    }
    assert found == set()


def test_tables_are_imported_through_their_front_door() -> None:
    found = {
        f"{path}: {name}"
        for path, tree in modules("app").items()
        for name in imports(tree)
        if name.startswith("app.tables._") and path.parts[1] != "tables"
    }
    assert found == set()
