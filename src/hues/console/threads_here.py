"""What the console itself leaves open at the end of a shift: what was put aside, what surfaced by itself, and the tasks out there."""

from collections.abc import Sequence

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.console.models import Hold, Untouched
from hues.dispatch import queries as dispatch
from hues.kernel import threads
from hues.kernel.actors import Actor
from hues.kernel.threads import Thread

MOST = 60


def held(_actor: Actor) -> Sequence[Thread]:
    """Everything that was put aside, the soonest first. One statement."""
    language = get_language() or "vi"
    rows = Hold.objects.filter(ended_at=None).select_related("case").order_by("wake_at")[:MOST]
    names = reference.categories()
    return [
        Thread(
            ref=str(hold.pk),
            label=f"{hold.case.code} · {names[hold.case.category_id].name(language)}",
            url=f"/desk/triage?case={hold.case.code}",
            note=hold.reason,
            due_at=hold.wake_at,
        )
        for hold in rows
    ]


def surfaced(_actor: Actor) -> Sequence[Thread]:
    """What nobody has touched for too long, the most urgent first. One statement."""
    language = get_language() or "vi"
    rows = Untouched.objects.filter(ended_at=None).select_related("case").order_by("priority", "since")[:20]
    return [_surfaced(row, language) for row in rows]


def _surfaced(row: Untouched, language: str) -> Thread:
    why = str(Untouched.Kind(row.kind).label)
    if row.case is None:
        agency = reference.agencies().get(row.agency_id or 0)
        number = ngettext("{n} report", "{n} reports", row.cases).format(n=row.cases)
        label = _("{agency}: {reports}").format(agency=agency.name(language) if agency else "", reports=number)
        return Thread(ref=str(row.pk), label=label, url="/desk/triage?list=untouched", note=why)
    name = reference.categories()[row.case.category_id].name(language)
    return Thread(
        ref=str(row.pk), label=f"{row.case.code} · {name}", url=f"/desk/triage?case={row.case.code}", note=why
    )


def tasks(actor: Actor) -> Sequence[Thread]:
    """Immediate tasks that are not done yet, as the board shows them."""
    return [
        Thread(
            ref=str(row.id or row.code),
            label=f"{row.code} · {row.title}",
            url=f"/desk/tasks/{row.id}" if row.id else f"/desk/triage?case={row.code}",
            note=row.party,
            due_at=row.promised_at or row.due_at,
        )
        for row in dispatch.open_tasks(actor, limit=MOST)
    ]


threads.register("task", 5, label=gettext_lazy("Immediate tasks"), open_now=tasks)
threads.register("hold", 10, label=gettext_lazy("Put aside"), open_now=held)
threads.register("untouched", 20, label=gettext_lazy("Surfaced by themselves"), open_now=surfaced)
