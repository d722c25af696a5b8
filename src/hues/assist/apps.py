from django.apps import AppConfig


class AssistRoom(AppConfig):
    name = "hues.assist"
    label = "assist"

    def ready(self) -> None:
        from hues.assist.duplicates import panel  # noqa: F401 - registers itself
        from hues.assist.photos import announcing  # noqa: F401 - registers itself
