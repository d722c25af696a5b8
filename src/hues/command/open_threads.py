"""What command leaves open at the end of a shift: incidents that run or are under review."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from hues.command.queries.rows import running
from hues.kernel import threads
from hues.kernel.actors import Actor
from hues.kernel.threads import Thread


def incidents(actor: Actor) -> Sequence[Thread]:
    """As far as the viewer may see them. Two statements."""
    return [
        Thread(
            ref=row.code,
            label=f"{row.code} · {row.name}",
            url=f"/desk/incidents/{row.code}",
            note=row.level_name,
            due_at=row.period_ends_at,
        )
        for row in running(actor)
    ]


threads.register("incident", 35, label=_("Incidents"), open_now=incidents)
