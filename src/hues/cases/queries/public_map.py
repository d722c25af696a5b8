"""The public map as GeoJSON, made in the database."""

from collections.abc import Mapping
from typing import Any

from hues.kernel.geo import Box


def public_map(bbox: Box, zoom: int, filters: Mapping[str, Any] | None = None) -> bytes:
    raise NotImplementedError
