from django.apps import AppConfig


class CityRoom(AppConfig):
    name = "hues.city"
    label = "city"
