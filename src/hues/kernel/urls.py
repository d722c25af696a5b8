from django.urls import URLPattern, URLResolver, path

from hues.kernel import doors

urlpatterns: list[URLPattern | URLResolver] = [
    path("metrics", doors.show_metrics, name="metrics"),
    path("log/checkpoint", doors.show_checkpoint, name="log-checkpoint"),
    path("log/key", doors.show_key, name="log-key"),
    path("log/proof/<uuid:entry_id>", doors.show_proof, name="log-proof"),
    path("log/consistency", doors.show_growth, name="log-consistency"),
]
