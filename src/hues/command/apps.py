from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommandRoom(AppConfig):
    name = "hues.command"
    label = "command"

    def ready(self) -> None:
        from hues.command import open_threads, panel  # noqa: F401 - register themselves
        from hues.command.access import works_with_incidents
        from hues.kernel import workplaces

        workplaces.add(
            "incidents", 40, label=_("Incidents"), icon="command", url="/desk/incidents", shown=works_with_incidents
        )
