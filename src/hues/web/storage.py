"""Static files under hashed names, compressed beforehand; under their plain names where nothing was built."""

from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

from hues.web.lean import lean


class Static(CompressedManifestStaticFilesStorage):
    """Names are hashed by `hues build-web`. Without a build (tests, `HUES_STATIC_LIVE=1`) a file is served as it lies in its room."""

    manifest_strict = False
    support_js_module_import_aggregation = True

    def url(self, name: str | None, force: bool = False) -> str:
        if not force and self.clean_name(name or "") not in self.hashed_files:
            return f"{self.base_url}{name}"
        return str(super().url(name, force=force))

    def _save(self, name: str, content: "File[Any]") -> str:
        if name.endswith(".js") and not name.startswith("vendor/"):
            content.seek(0)  # it was read to be hashed
            content = ContentFile(lean(content.read().decode()).encode())
        return str(super()._save(name, content))

    def read_manifest(self) -> Any:
        return None if settings.STATIC_LIVE else super().read_manifest()
