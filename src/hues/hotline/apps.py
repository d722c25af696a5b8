from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HotlineRoom(AppConfig):
    name = "hues.hotline"
    label = "hotline"

    def ready(self) -> None:
        from hues.cases import panels
        from hues.hotline import access, open_threads, panel, plugins  # noqa: F401 - the adapters register themselves
        from hues.hotline.actions import forgetting  # noqa: F401 - eraser, exporter, holds, resealer
        from hues.kernel import workplaces

        workplaces.add("calls", 40, label=_("Calls"), icon="phone", url="/desk/calls", shown=access.may_look)
        panels.register("calls", 50, panel.render)
