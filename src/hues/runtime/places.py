"""Where a deployment keeps its things: the data folder, its secrets, the database it uses.

Standard library only: settings import this before Django exists.
"""

import os
import secrets
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hues.runtime.trouble import Trouble


def data_dir() -> Path:
    return Path(os.environ.get("HUES_DATA_DIR", "var")).resolve()


def make_data_dir() -> Path:
    """The data folder, made if it is not there. Raises Trouble where it cannot be written."""
    folder = data_dir()
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o711)  # the unprivileged database user passes through to its own folder
        for name in ("run", "logs", "files"):
            (folder / name).mkdir(exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Trouble(f"the data folder {folder} cannot be written: {error.strerror}") from error
    return folder


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, readable by this service only."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    fresh.replace(path)


def secret(name: str) -> str:
    """A secret of this deployment: from `HUES_<NAME>_KEY`, else from a file that only the service can read, made on
    first use.
    """
    given = os.environ.get(f"HUES_{name.upper()}_KEY")
    if given:
        return given
    folder = data_dir() / "secrets"
    path = folder / f"{name}.key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    value = secrets.token_urlsafe(48)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(value)
    return value


def database_url() -> str:
    """`DATABASE_URL`, else what a running `hues serve` wrote down in its data folder, else nothing."""
    return os.environ.get("DATABASE_URL") or written_url("database")


def nats_url() -> str:
    """`NATS_URL`, else what a running `hues serve` wrote down, else nothing."""
    return os.environ.get("NATS_URL") or written_url("nats")


def written_url(name: str) -> str:
    try:
        return (data_dir() / "run" / f"{name}.url").read_text().strip()
    except OSError:
        return ""


def database_settings() -> dict[str, Any]:
    """Django's settings for a `postgresql://user:password@host:port/name?host=/socket/folder` address."""
    parts = urlsplit(database_url() or "postgresql:///hues")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "hues",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": query.pop("port", None) or (str(parts.port) if parts.port else ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "hues", **query},
        "TEST": {"NAME": os.environ.get("HUES_TEST_DATABASE", "test_hues")},
    }
