from django.apps import AppConfig


class CasesRoom(AppConfig):
    name = "hues.cases"
    label = "cases"
