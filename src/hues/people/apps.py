from django.apps import AppConfig


class PeopleRoom(AppConfig):
    name = "hues.people"
    label = "people"

    def ready(self) -> None:
        from hues.people import holds  # noqa: F401 - registers itself
        from hues.people.plugins import gateway, sandbox, smpp  # noqa: F401 - each registers itself
