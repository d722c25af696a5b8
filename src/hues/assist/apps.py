from django.apps import AppConfig


class AssistRoom(AppConfig):
    name = "hues.assist"
    label = "assist"
