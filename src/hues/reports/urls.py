from django.urls import URLPattern, URLResolver, include, path

from hues.reports.pages import filing, mine, public

urlpatterns: list[URLPattern | URLResolver] = [
    path("report", filing.place),
    path("report/what", filing.what),
    path("report/check", filing.check),
    path("report/confirm", filing.confirm),
    path("report/again", filing.again),
    path("me", mine.my_cases),
    path("me/cases/<str:code>", mine.my_case),
    path("me/cases/<str:code>/now", mine.my_case_now),
    path("me/cases/<str:code>/message", mine.write),
    path("me/cases/<str:code>/reply", mine.take, {"act": "reply"}),
    path("me/cases/<str:code>/rate", mine.take, {"act": "rate"}),
    path("me/cases/<str:code>/reopen", mine.take, {"act": "reopen"}),
    path("cases", public.cases),
    path("cases/<str:code>", public.case),
    path("cases/<str:code>/now", public.case_now),
    path("map", public.on_map),
    path("open311/", include("hues.reports.open311.urls")),
]
