from django.urls import URLPattern, URLResolver, path

from hues.insights import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("numbers", pages.numbers, name="numbers"),
    path("numbers/definitions", pages.definitions, name="numbers-definitions"),
    path("numbers.csv", pages.numbers_csv, name="numbers-csv"),
]
