from django.apps import AppConfig


class AssistRoom(AppConfig):
    name = "hues.assist"
    label = "assist"

    def ready(self) -> None:
        from hues.assist.duplicates import panel  # noqa: F401 - registers itself
        from hues.assist.photos import announcing  # noqa: F401 - registers itself
        from hues.assist.triage import announcing as learning  # noqa: F401
        from hues.assist.triage import panel as suggestion  # noqa: F401
