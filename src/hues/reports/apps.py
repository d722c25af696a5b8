from django.apps import AppConfig


class ReportsRoom(AppConfig):
    name = "hues.reports"
    label = "reports"

    def ready(self) -> None:
        from hues.reports.open311 import (  # noqa: F401 - they register themselves: a follower of the journal, a resealer
            feeding,
            rotation,
        )
