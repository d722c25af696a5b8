from django.urls import URLPattern, URLResolver, path

from hues.orders import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/orders", pages.orders),
    path("desk/orders/rows", pages.rows),
    path("desk/orders/new", pages.new),
    path("desk/orders/from", pages.given_from),
]
