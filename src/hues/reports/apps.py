from django.apps import AppConfig


class ReportsRoom(AppConfig):
    name = "hues.reports"
    label = "reports"
