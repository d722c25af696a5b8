from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleRoom(AppConfig):
    name = "hues.console"
    label = "console"

    def ready(self) -> None:
        from hues.cases import turns
        from hues.console import (
            leases,
            threads_here,  # noqa: F401 - registers itself
        )
        from hues.kernel import workplaces

        turns.register("console", leases.mind)
        workplaces.add(
            "triage", 15, label=_("Triage"), icon="bolt", url="/desk/triage", shown=lambda actor: actor.in_centre
        )
        workplaces.add(
            "handover", 17, label=_("Handover"), icon="note", url="/desk/handover", shown=lambda actor: actor.in_centre
        )
