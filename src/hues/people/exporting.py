"""The archive of what we keep of a citizen: `data.json` (docs/export.md), their photos, and a note that explains both."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.utils.translation import override

from hues.kernel import clock
from hues.kernel.errors import NotFound
from hues.kernel.files import open_variant
from hues.kernel.models import StoredFile
from hues.people import erasing
from hues.people.models import User

SCHEMA = "hues-export-1"


def write_archive(export_id: UUID, user: User, account: dict[str, Any]) -> int:
    """Collect, zip and store; returns the size in bytes. A second call replaces the first one's file."""
    rooms = {name: export(user.pk) for name, export in erasing.EXPORTERS.items()}
    content = {"schema": SCHEMA, "made_at": clock.now(), "account": account, **rooms}
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.json", json.dumps(content, ensure_ascii=False, indent=2, default=_plain))
            with override(user.language):
                archive.writestr("README.txt", _note())
            for file_id in sorted(set(_files_in(rooms))):
                _add_photo(archive, file_id, user.pk)
        size = file.tell()
        file.seek(0)
        delete_archive(export_id)
        default_storage.save(name_of(export_id), File(file))
    return size


def open_archive(export_id: UUID) -> IO[bytes]:
    """Raises NotFound."""
    try:
        return default_storage.open(name_of(export_id))
    except FileNotFoundError:
        raise NotFound(_("This copy is gone. You can ask for a new one.")) from None


def delete_archive(export_id: UUID) -> None:
    default_storage.delete(name_of(export_id))


def name_of(export_id: UUID) -> str:
    return f"exports/{export_id}.zip"


def _files_in(value: Any) -> Iterator[str]:
    """The ids under every key "files"."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "files":
                yield from (str(item["id"] if isinstance(item, dict) else item) for item in inner)
            else:
                yield from _files_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _files_in(inner)


def _add_photo(archive: zipfile.ZipFile, file_id: str, owner_id: UUID) -> None:
    """Only what the person sent: a room that names another's photo by mistake gives nothing away."""
    if not StoredFile.objects.filter(pk=file_id, owner_id=owner_id).exists():
        return
    try:
        with open_variant(UUID(file_id), "full") as photo:
            archive.writestr(zipfile.ZipInfo(f"photos/{file_id}.jpg"), photo.read())  # JPEG: not packed again
    except NotFound:
        return


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be exported")


def _note() -> str:
    return _(
        "This is everything that we keep of you.\n\n"
        "data.json: your account, your reports with what became of them, your messages, notices and settings.\n"
        "photos/: the photos that you sent, as we keep them (without place and device data).\n\n"
        "Keep this file to yourself: it holds your name and number."
    )
