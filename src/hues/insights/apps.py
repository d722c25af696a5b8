from django.apps import AppConfig


class InsightsRoom(AppConfig):
    name = "hues.insights"
    label = "insights"
