"""Under /open311/. Numbers and codes may hold dots: the format is what follows the last one."""

from django.urls import re_path

from hues.reports.open311 import views

urlpatterns = [
    re_path(r"^discovery\.(?P<format>\w+)$", views.discovery, name="open311-discovery"),
    re_path(r"^v2/discovery\.(?P<format>\w+)$", views.discovery),
    re_path(r"^v2/services\.(?P<format>\w+)$", views.service_list, name="open311-services"),
    re_path(r"^v2/services/(?P<code>[^/]+)\.(?P<format>\w+)$", views.service_definition, name="open311-service"),
    re_path(r"^v2/requests\.(?P<format>\w+)$", views.request_list, name="open311-requests"),
    re_path(r"^v2/requests/(?P<code>[^/]+)\.(?P<format>\w+)$", views.single_request, name="open311-request"),
    re_path(r"^v2/tokens/(?P<token>[^/]+)\.(?P<format>\w+)$", views.token, name="open311-token"),
    re_path(r"^v2/servicerequestupdates\.(?P<format>\w+)$", views.request_updates, name="open311-updates"),
    re_path("", views.nothing_here),
]
