"""The structure of the house is itself tested: whoever knows one room knows all."""

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver

from hues.config.rooms import ROOMS

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "hues"
PYTHON = sorted(p for p in SRC.rglob("*.py") if "migrations" not in p.parts)
OUTSIDE_ROOMS = {"config", "cli", "runtime"}  # the frame of the house: not rooms, no tables
WRITES = {"save", "create", "bulk_create", "bulk_update", "delete", "update_or_create", "get_or_create"}
THIN = {"pages.py", "api.py", "queries.py", "urls.py"}


def folders() -> set[str]:
    return {p.name for p in SRC.iterdir() if p.is_dir() and not p.name.startswith("_")}


def test_the_table_of_rooms_is_the_list_of_folders() -> None:
    assert folders() - OUTSIDE_ROOMS == {room.name for room in ROOMS}


@pytest.mark.parametrize("folder", sorted(folders() - {"config"}))
def test_every_room_has_a_readme_of_one_screen(folder: str) -> None:
    readme = SRC / folder / "README.md"
    assert readme.is_file(), f"{folder} has no README.md"
    assert readme.read_text().strip(), f"{folder}/README.md is empty"
    lines = readme.read_text().splitlines()
    limit = 400 if folder == "web" else 90  # the web room's README is also its gallery of components
    assert len(lines) <= limit, f"{folder}/README.md has {len(lines)} lines: more than a screen"


@pytest.mark.parametrize(
    "room", [r for r in ROOMS if r.is_app and (SRC / r.name / "models.py").exists()], ids=lambda r: r.name
)
def test_a_room_with_tables_writes_them_in_actions(room) -> None:  # type: ignore[no-untyped-def]
    if room.name == "kernel":
        return  # the kernel's tables are written by the modules that own them (journal, files, relay, …)
    doors = {p.name.removesuffix(".py") for p in (SRC / room.name).iterdir()}
    assert "actions" in doors, f"{room.name} has models and no actions"


@pytest.mark.parametrize("path", [p for p in PYTHON if p.name in THIN], ids=lambda p: str(p.relative_to(SRC)))
def test_thin_doors_do_not_write(path: Path) -> None:
    calls = [
        f"line {node.lineno}: .{node.func.attr}()"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
        and re.search(r"\bobjects\b|\.save$", ast.unparse(node.func))
    ]  # fmt: skip
    assert not calls, f"{path.relative_to(SRC)} writes; that belongs in actions.py: {calls}"


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> list[tuple[str, Any]]:
    found = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += routes(pattern.url_patterns, route)
        else:
            found.append((route, pattern.callback))
    return found


def test_no_two_doors_share_an_address() -> None:
    from hues.config.urls import urlpatterns

    found = routes(urlpatterns)
    # A door of the JSON API is listed once for each of its methods.
    of_api = {route for route, callback in found if callback.__module__.startswith("ninja.")}
    addresses = [route for route, callback in found if route not in of_api] + sorted(of_api)
    assert addresses, "no doors at all"
    assert sorted(addresses) == sorted(set(addresses))


def test_every_room_imports() -> None:
    for path in PYTHON:
        name = ".".join(path.relative_to(SRC.parent).with_suffix("").parts).removesuffix(".__init__")
        if not name.endswith("__main__"):
            import_module(name)


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: str(p.relative_to(SRC)))
def test_no_file_outgrows_its_reader(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= 500, f"{path.relative_to(ROOT)} has {lines} lines: make it a package of the same name"


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: str(p.relative_to(SRC)))
def test_errors_are_not_swallowed(path: Path) -> None:
    bad = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and all(isinstance(step, ast.Pass | ast.Continue) for step in node.body)
    ]
    assert not bad, f"{path.relative_to(ROOT)} swallows errors in lines {bad}"


def test_only_the_pack_names_a_city() -> None:
    """No ward, agency or city name of Huế or Boston inside the core."""
    names = re.compile(r"\b(Thuận Hóa|Vỹ Dạ|HEPCO|HueWACO|Boston|Thừa Thiên)\b")
    allowed = {"cli/demo"}
    bad = [
        f"{p.relative_to(SRC)}: {match.group()}"
        for p in PYTHON
        if not any(str(p.relative_to(SRC)).startswith(a) for a in allowed)
        for match in names.finditer(re.sub(r'"""[\s\S]*?"""|#.*', "", p.read_text()))
    ]
    assert not bad, bad
