from django.apps import AppConfig


class PeopleRoom(AppConfig):
    name = "hues.people"
    label = "people"
