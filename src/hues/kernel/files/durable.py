"""Django's file storage, but a file is there whole or not at all, and on the disk before anyone is told of it."""

import os
import secrets
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableFiles(FileSystemStorage):
    """Writes beside, flushes, then renames, then flushes the folder."""

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        made = _make_folders(path.parent)
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        for folder in (path.parent, *made):
            _flush(folder)
        return name


def _make_folders(folder: Path) -> list[Path]:
    """Make what is missing; returns the folders that got a new entry."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    return [parent.parent for parent in missing]


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
