from django.urls import URLPattern, URLResolver, path

from hues.insights import pages
from hues.insights.opendata.urls import urlpatterns as open_data
from hues.insights.scorecards import downloads
from hues.insights.scorecards import pages as desk

urlpatterns: list[URLPattern | URLResolver] = [
    path("numbers", pages.numbers, name="numbers"),
    path("numbers/definitions", pages.definitions, name="numbers-definitions"),
    path("numbers.csv", pages.numbers_csv, name="numbers-csv"),
    *open_data,
    path("desk/scorecards", desk.overview, name="scorecards"),
    path("desk/scorecards.<str:format>", downloads.overview_file, name="scorecards-file"),
    path("desk/scorecards/records.<str:format>", downloads.behind_file, name="scorecards-records-file"),
    path("desk/scorecards/trend.<str:format>", downloads.trend_file, name="scorecards-trend-file"),
    path("desk/scorecards/fairness.<str:format>", downloads.fairness_file, name="scorecards-fairness-file"),
    path("desk/scorecards/agencies.<str:format>", downloads.agencies_file, name="scorecards-agencies-file"),
    path("desk/scorecards/agencies/<str:code>.<str:format>", downloads.agency_file, name="scorecards-agency-file"),
    path("desk/scorecards/indicators.<str:format>", downloads.catalogue_file, name="scorecards-indicators-file"),
    path("desk/scorecards/records", desk.behind, name="scorecards-records"),
    path("desk/scorecards/fairness", desk.fairness, name="scorecards-fairness"),
    path("desk/scorecards/agencies", desk.agencies, name="scorecards-agencies"),
    path("desk/scorecards/agencies/<str:code>", desk.agency, name="scorecards-agency"),
    path("desk/scorecards/brief", desk.morning, name="scorecards-brief"),
    path("desk/scorecards/brief.pdf", desk.morning_paper, name="scorecards-brief-pdf"),
    path("desk/scorecards/brief.<str:format>", downloads.morning_file, name="scorecards-brief-file"),
    path("desk/scorecards/indicators", desk.catalogue, name="scorecards-indicators"),
]
