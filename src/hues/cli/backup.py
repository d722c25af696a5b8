"""`hues backup FILE`: the city's database, files and keys in one archive, while it goes on."""

import argparse
import io
import json
import os
import tarfile
import tempfile
from pathlib import Path


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("backup", help="save database and files in one archive")
    parser.add_argument("file", type=Path, help="a .tar, or .tar.gz to compress (photos hardly shrink)")
    parser.add_argument(
        "--without-secrets", action="store_true",
        help="leave the keys out: they must be kept elsewhere, or nobody can read identities after a restore",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    from hues.runtime import places
    from hues.runtime.trouble import Trouble

    target: Path = args.file.resolve()
    part = target.with_name(f".{target.name}.part")
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w+b") as file, tempfile.TemporaryDirectory(dir=places.data_dir()) as scratch:
            count = write(file, Path(scratch), compress=target.name.endswith("gz"), secrets=not args.without_secrets)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise Trouble(f"the backup {target} cannot be written: {error.strerror}", exit_code=1) from error
    finally:
        part.unlink(missing_ok=True)
    print(f"saved {target}: the database and {count} files, {target.stat().st_size / 1e6:.1f} MB")
    return 0


def write(file: io.BufferedRandom, scratch: Path, *, compress: bool, secrets: bool) -> int:
    """Write the archive: dump first, then files. Returns how many files."""
    from hues.cli.archive import DUMP, MANIFEST, Source, city_files, dump_database, sum_of
    from hues.runtime import places

    dump = Source(DUMP, scratch / DUMP)
    dump_database(dump.path)
    manifest = describe()  # after the dump: it may only know more, never less
    sums: dict[str, str] = {}
    with tarfile.open(fileobj=file, mode="w:gz" if compress else "w") as tar:
        for source in (dump, *city_files(places.data_dir())):
            if source.name.startswith("secrets/") and not secrets:
                continue
            try:
                sums[source.name] = sum_of(source.path)
                tar.add(source.path, source.name, recursive=False, filter=_anonymous)
            except FileNotFoundError:  # erased meanwhile, as its owner may ask
                sums.pop(source.name, None)
        text = json.dumps(manifest | {"sha256": sums}, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(text), 0o600
        tar.addfile(entry, io.BytesIO(text))
    return sum(name.startswith("files/") for name in sums)


def describe() -> dict[str, object]:
    """What a restore has to know before it begins."""
    from django.conf import settings
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    import hues
    from hues.cli.archive import FORMAT
    from hues.cli.prepare import server_version
    from hues.kernel import clock

    return {
        "format": FORMAT,
        "hues": hues.__version__,
        "city": settings.CITY,
        "at": clock.now().isoformat(),
        "postgres": server_version(),
        "migrations": sorted(".".join(name) for name in MigrationRecorder(connection).applied_migrations()),
    }


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member
