from django.urls import URLPattern, URLResolver, path

from hues.cases.pages import desk, moderating, photos

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk", desk.desk),
    path("desk/rows", desk.rows),
    path("desk/queues", desk.queue_counts),
    path("desk/cases/<str:code>", desk.case),
    path("desk/cases/<str:code>/panels", desk.case_panels),
    path("desk/cases/<str:code>/message", desk.write),
    path("desk/cases/<str:code>/moderate", moderating.moderate),
    path("desk/cases/<str:code>/steps/<str:step>", desk.take),
    path("files/<uuid:file_id>/<str:variant>", photos.photo),
]
