from django.apps import AppConfig


class ReportsRoom(AppConfig):
    name = "hues.reports"
    label = "reports"

    def ready(self) -> None:
        from hues.reports.open311 import feeding  # noqa: F401 - registers itself as a follower of the journal
