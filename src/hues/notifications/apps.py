from django.apps import AppConfig


class NotificationsRoom(AppConfig):
    name = "hues.notifications"
    label = "notifications"
