from django.apps import AppConfig


class NotificationsRoom(AppConfig):
    name = "hues.notifications"
    label = "notifications"

    def ready(self) -> None:
        from hues.notifications import actions  # noqa: F401 - `deliver` registers itself as a follower of the journal
