"""Where dossiers are looked up: a register with a web address, and one that is made up and says so.

`http`: HUES_DOSSIERS_URL is the register's address; `GET <it>/<code>` answers JSON, {"code", "title", "state", "office", "due"}; 404 where
it knows none. HUES_DOSSIERS_KEY goes as a bearer token. No such service of the city is published: a gateway in front of the one-stop
system's own interface answers in this form.
"""

import json
import os
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _plain
from django.utils.translation import gettext_lazy as _

from hues.hotline.dossiers import SOURCES, Dossier
from hues.kernel import outbound

MOST_BYTES, SECONDS, TEXT_MAX = 50_000, 6.0, 300


@SOURCES.register("http")
class Register:
    label = _("The city's one-stop register")
    sandbox = False

    def ready(self) -> bool:
        return bool(os.environ.get("HUES_DOSSIERS_URL"))

    def find(self, code: str) -> Dossier | None:
        key = os.environ.get("HUES_DOSSIERS_KEY", "")
        headers = {"accept": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}
        url = f"{os.environ['HUES_DOSSIERS_URL'].rstrip('/')}/{quote(code, safe='')}"
        answer = outbound.fetch(url, headers=headers, timeout=SECONDS, max_bytes=MOST_BYTES)
        if answer.status == 404:
            return None
        try:
            told = json.loads(answer.body) if answer.status == 200 else None
        except ValueError:
            told = None
        if not isinstance(told, dict) or told.get("code") != code or not told.get("state"):
            raise outbound.Failed(_plain("The register of dossiers did not answer as it should."))
        return Dossier(code, *(str(told.get(name) or "")[:TEXT_MAX] for name in ("title", "state", "office", "due")))


@SOURCES.register("sandbox")
class Sandbox:
    label = _("Sandbox: this dossier is made up")
    sandbox = True

    def ready(self) -> bool:
        return bool(settings.SANDBOX)

    def find(self, code: str) -> Dossier | None:
        """Codes that end in 0 are unknown, so that this can be tried, too."""
        if code.endswith("0"):
            return None
        return Dossier(
            code, _plain("A sample procedure"), _plain("Being handled (sample)"), _plain("A sample office"), ""
        )
