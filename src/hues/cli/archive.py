"""The form of a backup: one tar archive with `database.dump`, `files/…`, `secrets/…` and, last, `manifest.json` with
the checksum of each.

Files never change once they are stored, so a dump taken first and files copied afterwards belong together, while the
city goes on.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from hues.cli.prepare import server_version
from hues.runtime.postgres import Binaries, binaries
from hues.runtime.trouble import Trouble

FORMAT = 1
DUMP, MANIFEST = "database.dump", "manifest.json"
# Of the machine, not of the city: passwords of the embedded servers.
LOCAL_SECRETS = frozenset({"postgres.key", "nats.key"})
_NAMES = re.compile(r"database\.dump|secrets/[a-z_]+\.key|files/[A-Za-z0-9_][A-Za-z0-9_./-]*")
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Source:
    """A file of the data folder and its name in the archive."""

    name: str
    path: Path


def city_files(data_dir: Path) -> Iterator[Source]:
    """Everything that belongs to the city besides its database."""
    for folder in ("files", "secrets"):
        for path in sorted((data_dir / folder).rglob("*")):
            if path.is_file() and not path.name.startswith(".") and path.name not in LOCAL_SECRETS:
                yield Source(str(path.relative_to(data_dir)), path)


def safe(name: str) -> bool:
    """Whether a member may be unpacked: one of our names, and nowhere above."""
    return bool(_NAMES.fullmatch(name)) and ".." not in name.split("/")


def copy_and_sum(source: IO[bytes], target: IO[bytes]) -> str:
    total = hashlib.sha256()
    while block := source.read(_BLOCK):
        total.update(block)
        target.write(block)
    return total.hexdigest()


def sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(archive: Path, folder: Path) -> dict[str, Any]:
    """Unpack into an empty folder and check every sum. Returns the manifest. Raises Trouble if anything is missing,
    changed or strange."""
    sums: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or not (member.name == MANIFEST or safe(member.name)):
                    raise Trouble(f"{archive} holds {member.name!r}, which no backup of Hue-S holds", exit_code=1)
                if member.name == MANIFEST:
                    manifest = json.load(content)
                    continue
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with path.open("xb") as target:
                    sums[member.name] = copy_and_sum(content, target)
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        raise Trouble(f"{archive} cannot be read as a backup: {error}", exit_code=1) from error
    if manifest is None or manifest.get("format") != FORMAT:
        raise Trouble(f"{archive} has no manifest of a backup (it may be cut off)", exit_code=1)
    if wrong := sorted(n for n in {*sums, *manifest["sha256"]} if sums.get(n) != manifest["sha256"].get(n)):
        raise Trouble(f"{archive} is damaged: {wrong[0]} is not what was saved", exit_code=1)
    return manifest


def tools() -> Binaries:
    """Client programs at least as new as the server."""
    return binaries(at_least=server_version() // 10_000)


def client_arguments() -> tuple[str, dict[str, str]]:
    """The database for pg_dump and psql: an address without the password (others can see arguments), and the
    environment with it."""
    given = settings.DATABASES["default"]
    options = {k: v for k, v in given["OPTIONS"].items() if k.startswith("ssl") or k in ("connect_timeout", "passfile")}
    parts = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "dbname": given["NAME"]}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HUES_") and k != "DATABASE_URL"}
    if given["PASSWORD"]:
        environment["PGPASSWORD"] = given["PASSWORD"]
    return make_conninfo(**{k: v for k, v in parts.items() if v}, **options), environment


def dump_database(target: Path) -> None:
    """All tables as of one moment, in pg_dump's custom format."""
    address, environment = client_arguments()
    done = subprocess.run(
        [tools()["pg_dump"], "--format=custom", "--no-owner", "--no-privileges", f"--file={target}",
        f"--dbname={address}"], env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Trouble(f"pg_dump failed: {last_line(done.stderr)}", exit_code=1)


# What a dump cannot know: transaction numbers begin anew in another server, and the relay orders by them.
_AFTER = b"\nupdate public.kernel_outbox set xid = pg_current_xact_id();\ncommit;\n"
_BEFORE = b"begin;\ndrop schema public cascade;\ncreate schema public;\n"


def load_database(dump: Path) -> None:
    """Replace all tables in one transaction: after a failure everything is as before."""
    found = tools()
    address, environment = client_arguments()
    connection.close()
    psql = subprocess.Popen(
        [found["psql"], "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-", f"--dbname={address}"],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    script = subprocess.Popen(
        [found["pg_restore"], "--no-owner", "--no-privileges", "--file=-", str(dump)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert psql.stdin and psql.stderr and script.stdout and script.stderr  # noqa: S101 - for the types
    try:
        psql.stdin.write(_BEFORE)
        # Newer programs set what older servers do not know; it is off by default.
        psql.stdin.write(script.stdout.read(4096).replace(b"SET transaction_timeout = 0;\n", b""))
        shutil.copyfileobj(script.stdout, psql.stdin, _BLOCK)
        if script.wait() == 0:  # else the end of input without `commit` takes everything back
            psql.stdin.write(_AFTER)
        psql.stdin.close()
    except BrokenPipeError:
        script.kill()
    errors = psql.stderr.read().decode() or script.stderr.read().decode()
    if psql.wait() or script.wait():
        raise Trouble(f"the database could not be restored, and is as it was: {last_line(errors)}", exit_code=1)


def last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "no message")
