"""The file store: what people upload is decoded and drawn anew; the bytes they sent are never kept."""

from hues.kernel.files.films import MAX_FILM, MAX_SECONDS
from hues.kernel.files.images import MAX_UPLOAD, VARIANTS
from hues.kernel.files.store import (
    CLIP,
    MASKED,
    WHEN_STORED,
    StoredImage,
    delete_file,
    describe,
    open_variant,
    store_film,
    store_image,
    store_upload,
    sweep,
)

__all__ = [
    "CLIP",
    "MASKED",
    "MAX_FILM",
    "MAX_SECONDS",
    "MAX_UPLOAD",
    "VARIANTS",
    "WHEN_STORED",
    "StoredImage",
    "delete_file",
    "describe",
    "open_variant",
    "store_film",
    "store_image",
    "store_upload",
    "sweep",
]
