"""Every door to the web, room by room."""

from importlib import import_module

from django.urls import include, path

from hues.config.api import api
from hues.config.health import healthz
from hues.config.rooms import ROOMS

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/", api.urls),
    *[path("", include(import_module(room.urls))) for room in ROOMS if room.urls],
]

handler400 = "hues.web.pages.bad_request"
handler403 = "hues.web.pages.forbidden"
handler404 = "hues.web.pages.not_found"
handler500 = "hues.web.pages.server_error"
