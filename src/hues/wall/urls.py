from django.urls import URLPattern, URLResolver, path

from hues.wall import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("wall", pages.wall, name="wall"),
    path("wall/now", pages.now),
    path("wall/map.json", pages.map_data),
    path("wall/layouts", pages.layouts, name="wall-layouts"),
    path("wall/layouts/save", pages.save, name="wall-layout-save"),
    path("wall/layouts/<uuid:layout_id>/remove", pages.remove, name="wall-layout-remove"),
    path("wall/screens/open", pages.open_screen, name="wall-screen-open"),
    path("wall/screens/<uuid:screen_id>/end", pages.end_screen, name="wall-screen-end"),
    path("wall/screen/<str:link>", pages.screen),
    path("wall/screen/<str:link>/now", pages.screen_now),
    path("wall/screen/<str:link>/map.json", pages.screen_map),
]
