from django.urls import URLPattern, URLResolver, path

from hues.web import gallery, pages, pwa

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("about", pages.about, name="about"),
    path("theme", pages.theme, name="theme"),
    path("ward", pages.ward, name="ward"),
    path("map/base.geojson", pwa.base_map, name="map-base"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.service_worker, name="service-worker"),
    path("offline", pwa.offline, name="offline"),
    path("robots.txt", pwa.robots, name="robots"),
    path("dev/components", gallery.components, name="components"),
    path(".well-known/security.txt", pwa.security, name="security"),
]
