"""The provider of the sandbox: keeps messages for the page /dev/sms instead of sending them."""

from uuid import UUID

from django.conf import settings

from hues.kernel import clock
from hues.people.models import SandboxMessage
from hues.people.sms import PROVIDERS, Refused

KEPT = 1000  # one night of calls to those on duty is hundreds


@PROVIDERS.register("sandbox")
class Sandbox:
    immediate = True

    def ready(self) -> bool:
        return bool(settings.SANDBOX)

    def send(self, to: str, text: str, *, message_id: UUID) -> None:
        if not self.ready():
            raise Refused("the sandbox provider works with HUES_SANDBOX=1 only")
        SandboxMessage.objects.get_or_create(id=message_id, defaults={"to": to, "text": text, "at": clock.now()})
        outdated = SandboxMessage.objects.order_by("-at").values("id")[KEPT:]
        SandboxMessage.objects.filter(id__in=list(outdated.values_list("id", flat=True))).delete()
