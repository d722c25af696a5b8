from django.apps import AppConfig


class WebRoom(AppConfig):
    name = "hues.web"
    label = "web"
