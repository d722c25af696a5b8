from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesRoom(AppConfig):
    name = "hues.cases"
    label = "cases"

    def ready(self) -> None:
        from hues.cases import erasing, subjects, supports, trust  # noqa: F401 - subjects and trust register themselves
        from hues.kernel import workplaces
        from hues.people.erasing import ERASERS, EXPORTERS, HOLDS

        workplaces.add("cases", 10, label=_("Cases"), icon="inbox", url="/desk", shown=lambda _actor: True)
        ERASERS.add("cases", erasing.erase)
        ERASERS.add("supports", supports.erase_of)
        EXPORTERS.add("reports", erasing.export)
        EXPORTERS.add("supports", supports.export_of)
        HOLDS.add("cases", erasing.holds)
