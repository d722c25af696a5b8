"""Any telephone system behind a web address: we POST what it is to do, signed as Standard Webhooks (`hues.hotline.signing`).

    HUES_CTI_URL=https://telephony.example/hues

    {"type": "call.dial", "call": "hues-…", "extension": "2001", "number": "+84905123456"}
    {"type": "call.hang_up" | "call.hold" | "call.resume" | "call.transfer", "call": "…", "to": "2002"}

2xx: it will be done, and events tell of it (`POST /api/v1/cti/events`, the same secret). The address is asked through the guard
of addresses: one inside our own network must stand in HUES_OUTBOUND_ALLOW.
"""

from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.utils.translation import gettext as _plain
from django.utils.translation import gettext_lazy as _

from hues.hotline import signing, sources
from hues.hotline.telephony import ADAPTERS, HANG_UP, HOLD, RESUME, TRANSFER, NotPlaced
from hues.kernel import outbound
from hues.kernel.ids import new_id

TIMEOUT_SECONDS = 8.0


@ADAPTERS.register("webhook")
class Webhook:
    label = _("Telephone system")
    verbs = frozenset({HANG_UP, HOLD, RESUME, TRANSFER})
    sandbox = False

    def ready(self) -> bool:
        return urlsplit(settings.CTI_URL).scheme in ("http", "https") and settings.CTI_SOURCE in sources.secrets()

    def dial(self, *, ref: str, extension: str, number: str) -> None:
        self._post({"type": "call.dial", "call": ref, "extension": extension, "number": number})

    def control(self, *, ref: str, verb: str, to: str = "") -> None:
        self._post({"type": f"call.{verb}", "call": ref, **({"to": to} if to else {})})

    def _post(self, content: dict[str, str]) -> None:
        body = orjson.dumps(content)
        headers = signing.headers(sources.secret_for(settings.CTI_SOURCE), f"msg_{new_id().hex}", body)
        try:
            answer = outbound.fetch(
                settings.CTI_URL, method="POST", headers={**headers, "content-type": "application/json"}, body=body,
                timeout=TIMEOUT_SECONDS, max_bytes=100_000,
            )  # fmt: skip
        except (outbound.Refused, outbound.Failed):
            raise NotPlaced(_plain("The telephone system does not answer.")) from None
        if not 200 <= answer.status < 300:
            raise NotPlaced(_plain("The telephone system refused: {code}.").format(code=answer.status))
