"""The file store: what people upload is decoded and drawn anew; the bytes they sent are never kept."""

from hues.kernel.files.images import MAX_UPLOAD, VARIANTS
from hues.kernel.files.store import StoredImage, delete_file, open_variant, store_image, sweep

__all__ = ["MAX_UPLOAD", "VARIANTS", "StoredImage", "delete_file", "open_variant", "store_image", "sweep"]
