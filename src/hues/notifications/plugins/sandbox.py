"""The mail provider of the sandbox: keeps mails for the page /dev/mail instead of sending them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from hues.kernel import clock
from hues.notifications.mailers import MAILERS, Mail, Refused, SendMail
from hues.notifications.models import SandboxMail

KEPT = 50


@MAILERS.register("sandbox")
class Sandbox:
    immediate = True

    def ready(self) -> bool:
        return bool(settings.SANDBOX)

    @contextmanager
    def open(self) -> Iterator[SendMail]:
        yield self._send

    def _send(self, mail: Mail) -> None:
        if not self.ready():
            raise Refused("the sandbox provider works with HUES_SANDBOX=1 only")
        text, html = (mail.message.get_body((kind,)) for kind in ("plain", "html"))
        kept = {
            "to": mail.to,
            "subject": str(mail.message["Subject"]),
            "text": text.get_content() if text else "",
            "html": html.get_content() if html else "",
            "at": clock.now(),
        }
        SandboxMail.objects.get_or_create(id=mail.id, defaults=kept)
        outdated = SandboxMail.objects.order_by("-at").values_list("id", flat=True)[KEPT:]
        SandboxMail.objects.filter(id__in=list(outdated)).delete()
