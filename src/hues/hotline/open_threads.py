"""What the call desk leaves open at the end of a shift: people who are to be called. Never a number, never a name."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from hues.hotline import access
from hues.hotline.models import CallBack
from hues.kernel import threads
from hues.kernel.actors import Actor
from hues.kernel.threads import Thread

MOST = 60


def to_call(actor: Actor) -> Sequence[Thread]:
    """Call-backs that are open, the soonest promised first. One statement."""
    if not access.may_look(actor):
        return []
    rows = CallBack.objects.filter(state=CallBack.State.OPEN).select_related("case").order_by("promise_at", "id")[:MOST]
    return [
        Thread(
            ref=str(row.pk),
            label=" · ".join(
                part for part in (row.case.code if row.case else "", str(CallBack.Reason(row.reason).label)) if part
            ),
            url="/desk/calls/callbacks",
            due_at=row.promise_at,
        )
        for row in rows
    ]


threads.register("call", 40, label=_("Call-backs"), open_now=to_call)
