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

MOST = 60  # of one kind in a handover; beyond that one line says how many more there are, and where
MOST_SURFACED = 20
TASKS_COUNTED = 500


def _and_more(shown: Sequence[Thread], number: int, url: str) -> list[Thread]:
    """The threads, and where there are more than these a line that says so. Its reference holds the number: brought up to now, it follows."""
    rest = number - len(shown)
    if rest <= 0:
        return list(shown)
    label = ngettext("and {n} more", "and {n} more", rest).format(n=rest)
    return [*shown, Thread(ref=f"more-{rest}", label=label, url=url)]


def held(_actor: Actor) -> Sequence[Thread]:
    """Everything that was put aside, the soonest first. Two statements."""
    language = get_language() or "vi"
    all_held = Hold.objects.filter(ended_at=None)
    rows = all_held.select_related("case").order_by("wake_at")[:MOST]
    names = reference.categories()
    shown = [
        Thread(
            ref=str(hold.pk),
            label=f"{hold.case.code} · {names[hold.case.category_id].name(language)}",
            url=f"/desk/triage?case={hold.case.code}",
            note=hold.reason,
            due_at=hold.wake_at,
        )
        for hold in rows
    ]
    return _and_more(shown, all_held.count(), "/desk/triage?list=held")


def surfaced(_actor: Actor) -> Sequence[Thread]:
    """What nobody has touched for too long, the most urgent first; handovers stand on the page themselves. Two statements."""
    language = get_language() or "vi"
    now = Untouched.objects.filter(ended_at=None, handover=None)
    rows = now.select_related("case").order_by("priority", "since")[:MOST_SURFACED]
    return _and_more([_surfaced(row, language) for row in rows], now.count(), "/desk/triage?list=untouched")


def _surfaced(row: Untouched, language: str) -> Thread:
    why = str(Untouched.Kind(row.kind).label)
    if row.case is None:
        agency = reference.agencies().get(row.agency_id or 0)
        number = ngettext("{n} report", "{n} reports", row.cases).format(n=row.cases)
        label = _("{agency}: {reports}").format(agency=agency.name(language) if agency else "", reports=number)
        url = f"/desk/agency?agency={agency.code}" if agency else "/desk/triage?list=untouched"
        return Thread(ref=str(row.pk), label=label, url=url, note=why)
    name = reference.categories()[row.case.category_id].name(language)
    return Thread(
        ref=str(row.pk), label=f"{row.case.code} · {name}", url=f"/desk/triage?case={row.case.code}", note=why
    )


def tasks(actor: Actor) -> Sequence[Thread]:
    """Immediate tasks that are not done yet, as the board shows them."""
    rows = dispatch.open_tasks(actor, limit=TASKS_COUNTED)
    shown = [
        Thread(
            ref=str(row.id or row.code),
            label=f"{row.code} · {row.title}",
            url=f"/desk/tasks/{row.id}" if row.id else f"/desk/triage?case={row.code}",
            note=row.party,
            due_at=row.promised_at or row.due_at,
        )
        for row in rows[:MOST]
    ]
    return _and_more(shown, len(rows), "/desk/dispatch")


threads.register("task", 5, label=gettext_lazy("Immediate tasks"), open_now=tasks)
threads.register("hold", 10, label=gettext_lazy("Put aside"), open_now=held)
threads.register("untouched", 20, label=gettext_lazy("Surfaced by themselves"), open_now=surfaced)
