from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchRoom(AppConfig):
    name = "hues.dispatch"
    label = "dispatch"

    def ready(self) -> None:
        from hues.cases.access import PARTIES
        from hues.cases.along import ALONG
        from hues.dispatch import access, busy, following
        from hues.dispatch.notices import ORDERS
        from hues.dispatch.pages import panel  # noqa: F401 - registers itself
        from hues.duty.queries import BUSY
        from hues.kernel import workplaces
        from hues.kernel.actors import AUDITOR, HEAD, OFFICER
        from hues.notifications.texts import know

        know(ORDERS)
        ALONG.add("dispatch", following.follow)
        PARTIES.add("dispatch", access.takes_part)
        BUSY.add("dispatch", busy.count_open)
        workplaces.add(
            "dispatch", 20, label=_("Dispatch"), icon="bolt", url="/desk/dispatch",
            shown=lambda actor: actor.in_centre or actor.has(HEAD, AUDITOR),
        )  # fmt: skip
        workplaces.add(
            "tasks", 21, label=_("My tasks"), icon="truck", url="/desk/tasks",
            shown=lambda actor: actor.has(OFFICER, HEAD),
        )  # fmt: skip
