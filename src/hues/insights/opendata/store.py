"""What is published now: the files in `open/` of the data folder, and the list of them. Derived data: a night's work makes them anew."""

import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from hues.insights.opendata.datasets import DataSet
from hues.kernel.errors import NotFound

LIST = "published.json"


@dataclass(frozen=True)
class OpenFile:
    """One file that can be fetched at /open/files/<name>."""

    name: str
    data_set: str
    version: str
    partition: str
    form: str
    bytes: int
    rows: int
    sha256: str
    changed_at: str  # ISO 8601: when its content last changed

    @property
    def changed(self) -> datetime:
        return datetime.fromisoformat(self.changed_at)


@dataclass(frozen=True)
class Published:
    files: tuple[OpenFile, ...]
    built_at: datetime | None  # when all was last looked through

    def of(self, data_set: DataSet | str) -> list[OpenFile]:
        name = data_set if isinstance(data_set, str) else data_set.id
        return [file for file in self.files if file.data_set == name]


def folder() -> Path:
    return Path(settings.DATA_DIR) / "open"


def name_of(data_set: DataSet, partition: str, form: str) -> str:
    return f"{data_set.id}{f'-{partition}' if partition else ''}.{form}"


_kept: dict[tuple[str, int], Published] = {}


def published() -> Published:
    """The list of what is published; read again when it changed."""
    path = folder() / LIST
    try:
        stamp = (str(path), path.stat().st_mtime_ns)
    except OSError:
        return Published((), None)
    if stamp not in _kept:
        content = orjson.loads(path.read_bytes())
        found = Published(
            tuple(OpenFile(**entry) for entry in content["files"]), datetime.fromisoformat(content["built_at"])
        )
        _kept.clear()
        _kept[stamp] = found
    return _kept[stamp]


def find(name: str) -> tuple[OpenFile, Path]:
    """A published file by name. Raises NotFound: nothing else of the folder can be fetched."""
    for file in published().files:
        if file.name == name:
            return file, folder() / name
    raise NotFound(_("There is no such file."))


def write_list(files: list[OpenFile], at: datetime) -> None:
    """Take over a new list, at once or not at all."""
    content: dict[str, Any] = {"built_at": at.isoformat(), "files": [asdict(file) for file in files]}
    path = folder() / LIST
    fresh = path.with_suffix(f".{os.getpid()}.new")
    fresh.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    fresh.replace(path)
