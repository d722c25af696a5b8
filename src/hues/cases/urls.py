from django.urls import URLPattern, URLResolver, path

from hues.cases.assets import pages as assets
from hues.cases.pages import agency, desk, moderating, photos, promises

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk", desk.desk),
    path("desk/rows", desk.rows),
    path("desk/queues", desk.queue_counts),
    path("desk/agency", agency.agency),
    path("desk/agency/now", agency.now),
    path("desk/agency/decide", agency.decide),
    path("desk/agency/load", agency.load),
    path("desk/agency/hand-out", agency.hand_out),
    path("desk/agency/causes", agency.cause),
    path("desk/agency/causes/open", agency.open_cause),
    path("desk/agency/deputies", agency.name_deputy),
    path("desk/agency/deputies/<int:stand_in_id>/end", agency.call_back),
    path("desk/promises", promises.promises),
    path("desk/cases/<str:code>", desk.case),
    path("desk/cases/<str:code>/panels", desk.case_panels),
    path("desk/cases/<str:code>/message", desk.write),
    path("desk/cases/<str:code>/moderate", moderating.moderate),
    path("desk/cases/<str:code>/steps/<str:step>", desk.take),
    path("desk/cases/<str:code>/asset", assets.name),
    path("desk/assets", assets.browse),
    path("desk/assets/map", assets.asset_map),
    path("desk/assets/import", assets.import_file),
    path("desk/assets/import/<uuid:import_id>", assets.imported),
    path("desk/assets/<str:layer>/<str:asset_code>", assets.one),
    path("files/<uuid:file_id>/<str:variant>", photos.photo),
]
