from django.apps import AppConfig


class PeopleRoom(AppConfig):
    name = "hues.people"
    label = "people"

    def ready(self) -> None:
        from hues.people.plugins import gateway, sandbox  # noqa: F401 - each registers itself
