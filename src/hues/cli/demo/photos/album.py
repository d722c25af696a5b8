"""Photos in the file store: each drawing is stored once through the usual door, further uses of it are copies."""

from io import BytesIO
from pathlib import Path
from uuid import UUID

from django.core.files.storage import default_storage

from hues.cli.demo.photos.scenes import SCENES, draw
from hues.kernel import clock
from hues.kernel.files import VARIANTS, store_image
from hues.kernel.files.store import name_of
from hues.kernel.ids import new_id
from hues.kernel.models import StoredFile

STREETS = 3  # different drawings of each scene


class Album:
    """The stored drawings by scene, street, and whether it is before or after."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, int, bool], StoredFile] = {}

    def photo(self, scene: str, street: int, *, after: bool, owner_id: UUID | None) -> UUID:
        """A stored photo of its own, owned by whoever sends it."""
        key = (scene if scene in SCENES else "phone", street % STREETS, after)
        first = self._first.get(key)
        if first is None:
            stored = store_image(BytesIO(draw(key[0], key[1], after=after)), owner_id=owner_id, drawn=True)
            first = self._first[key] = stored.file
            return first.pk
        return _copy(first, owner_id)


def _link(old: str, new: str) -> None:
    """The same bytes under another name: stored photos never change. A storage without a disk gets a copy."""
    try:
        target = Path(default_storage.path(new))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(default_storage.path(old))
    except (NotImplementedError, OSError):
        with default_storage.open(old) as content:
            default_storage.save(new, content)


def _copy(first: StoredFile, owner_id: UUID | None) -> UUID:
    fields = ("media_type", "size", "width", "height", "sha256", "upload_sha256", "phash", "masking")
    file = StoredFile(id=new_id(), at=clock.now(), owner_id=owner_id, **{name: getattr(first, name) for name in fields})
    for variant in VARIANTS:
        _link(name_of(first.pk, variant), name_of(file.pk, variant))
    file.save(force_insert=True)
    return file.pk
