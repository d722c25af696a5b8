"""Where a deployment keeps its things: the data folder, its secrets, the database it uses.

Standard library only: settings import this before Django exists.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def data_dir() -> Path:
    return Path(os.environ.get("HUES_DATA_DIR", "var")).resolve()


def secret(name: str) -> str:
    """A secret of this deployment: from `HUES_<NAME>_KEY`, else from a file that only the service can read, made on first use."""
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
    given = os.environ.get("DATABASE_URL")
    if given:
        return given
    try:
        return (data_dir() / "run" / "database.url").read_text().strip()
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
