from django.apps import AppConfig


class ReportsRoom(AppConfig):
    name = "hues.reports"
    label = "reports"

    def ready(self) -> None:
        from hues.cases import panels
        from hues.people.erasing import ERASERS, EXPORTERS
        from hues.reports import voices
        from hues.reports.following import actions, news, queries  # noqa: F401 - `news` follows the journal
        from hues.reports.helping import actions as helping
        from hues.reports.open311 import (  # noqa: F401 - they register themselves: a follower of the journal, a resealer
            feeding,
            rotation,
        )

        ERASERS.add("follows", actions.erase_of)
        EXPORTERS.add("follows", queries.export_of)
        ERASERS.add("filed_for", helping.erase_of)
        EXPORTERS.add("filed_for", helping.export_of)
        panels.register("voices", 40, voices.panel)
