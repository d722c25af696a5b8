from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesRoom(AppConfig):
    name = "hues.cases"
    label = "cases"

    def ready(self) -> None:
        from hues.cases import (  # noqa: F401 - subjects and trust register themselves
            access,
            erasing,
            recurrence,
            subjects,
            supports,
            trust,
        )
        from hues.cases.assets import panel  # noqa: F401 - registers itself
        from hues.cases.pages import belonging  # noqa: F401 - registers itself
        from hues.cases.queries import agency
        from hues.kernel import workplaces
        from hues.people.erasing import ERASERS, EXPORTERS, HOLDS

        workplaces.add("assets", 70, label=_("Assets"), icon="layers", url="/desk/assets", shown=lambda _actor: True)
        workplaces.add("agency", 50, label=_("Agency"), icon="chart", url="/desk/agency", shown=agency.has_page)
        workplaces.add("cases", 10, label=_("Cases"), icon="inbox", url="/desk", shown=access.has_desk)
        ERASERS.add("cases", erasing.erase)
        ERASERS.add("supports", supports.erase_of)
        EXPORTERS.add("reports", erasing.export)
        EXPORTERS.add("supports", supports.export_of)
        HOLDS.add("cases", erasing.holds)
