"""`hues restore FILE`: a saved city in place of an empty one. The archive is unpacked and checked first; the database
changes in one transaction."""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from hues.runtime import places
from hues.runtime.trouble import Trouble


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("restore", help="bring a saved city back")
    parser.add_argument("file", type=Path)
    parser.add_argument("--replace", action="store_true", help="also if there are reports or accounts: they are lost")


def run(args: argparse.Namespace) -> int:
    from hues.cli.archive import DUMP, load_database, unpack
    from hues.cli.prepare import prepare

    if not args.replace and (found := what_is_there()):
        raise Trouble(f"this city is not empty ({found}); --replace gives up what is there")
    refuse_while_used()
    data_dir = places.data_dir()
    with tempfile.TemporaryDirectory(dir=data_dir, prefix="restore-") as scratch:
        folder = Path(scratch)
        manifest = unpack(args.file, folder)
        refuse_newer(manifest)
        place_files(folder, data_dir, "files")
        load_database(folder / DUMP)
        place_files(folder, data_dir, "secrets")
    remove_files_besides(manifest, data_dir)
    prepare()  # forward to this program's tables, and to this pack
    print(f"restored the city {manifest['city']} as it was on {manifest['at']}")
    erase_again()
    return 0


def erase_again() -> None:
    """People who left after the backup was made leave once more, before anybody can see them."""
    from hues.people import receipts
    from hues.people.actions.erasing_again import erase_again

    if not receipts.path().exists():
        print("no erasures.log here: bring the one of the city that this replaces, and `hues user erase-again FILE`")
        return
    try:
        print(erase_again(receipts.read(receipts.path())).said())
    except ValueError as error:
        raise Trouble(f"the city is back, but not everybody who left: {error}", exit_code=1) from error


def what_is_there() -> str:
    """What of a city the database holds; an empty text for an empty one, with or without tables."""
    from django.db import connection

    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table, words in (
            ("cases_case", "reports"),
            ("people_user", "accounts"),
            ("people_apikey", "API keys"),
        ):
            if table in tables:
                cursor.execute(f"select exists (select from {table})")  # noqa: S608 - our own names
                if cursor.fetchone()[0]:
                    return words
    return ""


def refuse_while_used() -> None:
    """Processes on other machines, which no lock of this folder knows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and application_name = 'hues' and pid <> pg_backend_pid()"
        )
        others = cursor.fetchone()[0]
    if others:
        raise Trouble(f"{others} connections of a running city use this database: stop it first")


def refuse_newer(manifest: dict[str, Any]) -> None:
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    known = {".".join(name) for name in MigrationLoader(connection).disk_migrations}
    if unknown := sorted(set(manifest["migrations"]) - known):
        raise Trouble(f"the backup was made by a newer Hue-S ({manifest['hues']}): {unknown[0]} is unknown here")


def place_files(folder: Path, data_dir: Path, kind: str) -> None:
    """Move unpacked files to where they belong. Stored files never change, so one that is there already is the same."""
    for path in (folder / kind).rglob("*"):
        if path.is_file():
            target = data_dir / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.chmod(0o600)
            path.replace(target)


def remove_files_besides(manifest: dict[str, Any], data_dir: Path) -> None:
    """Photos of the city that was replaced: no row knows them any more, so nobody could ever erase them."""
    from hues.cli.archive import city_files

    for source in city_files(data_dir):
        if source.name.startswith("files/") and source.name not in manifest["sha256"]:
            source.path.unlink()
