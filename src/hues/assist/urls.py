from django.urls import URLPattern, URLResolver, path

from hues.assist.photos import pages as photos

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/photos/<uuid:file_id>", photos.photo),
    path("desk/photos/<uuid:file_id>/original", photos.original),
    path("desk/photos/<uuid:file_id>/masks", photos.masks),
    path("desk/photos/<uuid:file_id>/words", photos.words),
]
