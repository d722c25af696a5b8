from django.urls import URLPattern, URLResolver, path

from hues.command.pages import board, doing, listing, papers

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/incidents", listing.incidents, name="incidents"),
    path("desk/incidents/rows", listing.rows),
    path("desk/incidents/new", listing.new),
    path("desk/incidents/join", listing.join),
    path("desk/incidents/<str:code>", board.show, name="incident"),
    path("desk/incidents/<str:code>/area", listing.redraw),
    path("desk/incidents/<str:code>/parts/<slug:part>", board.part),
    path("desk/incidents/<str:code>/map.json", board.map_json),
    path("desk/incidents/<str:code>/do/<slug:verb>", doing.do),
    path("desk/incidents/<str:code>/sitrep/<int:number>", papers.sitrep),
    path("desk/incidents/<str:code>/sitrep/<int:number>.pdf", papers.sitrep_pdf),
    path("desk/incidents/<str:code>/sitrep/<int:number>/sign", papers.sign),
    path("desk/incidents/<str:code>/bulletins/<int:number>", papers.bulletin),
    path("desk/incidents/<str:code>/review", papers.review),
    path("desk/incidents/<str:code>/review.pdf", papers.review_pdf),
]
