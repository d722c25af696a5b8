"""No telephone at all: calls that only the desk knows, for demonstrations and training. It says so wherever it is shown.

Its calls are events like those of any other source; nothing rings, and no number is dialled.
"""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hues.hotline import fold
from hues.hotline.events import Event
from hues.hotline.telephony import ADAPTERS, ANSWER, HANG_UP, HOLD, RESUME, TRANSFER, VERBS
from hues.kernel import clock
from hues.kernel.ids import new_id

SOURCE = "sandbox"
_KINDS = {ANSWER: fold.ANSWER, HANG_UP: fold.HANGUP, HOLD: fold.HOLD, RESUME: fold.RESUME, TRANSFER: fold.TRANSFER}


def tell(kind: str, ref: str, *, number: str = "", **data: object) -> None:
    """Something that did not happen to any telephone."""
    from hues.hotline.actions.taking import take_event

    kept = {name: value for name, value in data.items() if value not in (None, "")}
    take_event(source=SOURCE, event=Event(new_id().hex, kind, ref, clock.now(), kept, number))


@ADAPTERS.register("sandbox")
class Sandbox:
    label = _("Sandbox: no telephone rings")
    verbs = frozenset(VERBS)
    sandbox = True

    def ready(self) -> bool:
        return bool(settings.SANDBOX)

    def dial(self, *, ref: str, extension: str, number: str) -> None:
        tell(fold.RING, ref, number=number, direction="out", agent=extension)

    def control(self, *, ref: str, verb: str, to: str = "") -> None:
        tell(_KINDS[verb], ref, to=to)
