"""`hues compile-texts`: every room's `.po` → `.mo`, in Python: users need no GNU gettext."""

import argparse
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    subparsers.add_parser("compile-texts", help="compile the translations")


def run(_args: argparse.Namespace) -> int:
    from hues.runtime.trouble import Trouble
    from hues.web.catalogues import CatalogueError, compile_catalogue

    for po in sorted(SOURCE.glob("*/locale/*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime > po.stat().st_mtime:
            continue
        try:
            mo.write_bytes(compile_catalogue(po.read_text(encoding="utf-8")))
        except CatalogueError as error:
            raise Trouble(f"{po.relative_to(SOURCE)}: {error}") from None
    return 0
