from django.apps import AppConfig


class KernelRoom(AppConfig):
    name = "hues.kernel"
    label = "kernel"
