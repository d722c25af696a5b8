from django.urls import URLPattern, URLResolver, path

from hues.notifications import pages

urlpatterns: list[URLPattern | URLResolver] = [path("me/inbox", pages.inbox, name="inbox")]
