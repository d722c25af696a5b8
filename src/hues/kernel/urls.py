from django.urls import URLPattern, URLResolver, path

from hues.kernel import doors

urlpatterns: list[URLPattern | URLResolver] = [
    path("metrics", doors.show_metrics, name="metrics"),
]
