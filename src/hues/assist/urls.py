from django.urls import URLPattern, URLResolver, path

from hues.assist.photos import pages as photos
from hues.assist.triage import pages as triage

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/assist", triage.quality),
    path("desk/assist/train", triage.train),
    path("desk/photos/<uuid:file_id>", photos.photo),
    path("desk/photos/<uuid:file_id>/original", photos.original),
    path("desk/photos/<uuid:file_id>/masks", photos.masks),
    path("desk/photos/<uuid:file_id>/words", photos.words),
]
