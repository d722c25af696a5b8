from django.urls import URLPattern, URLResolver, path

from hues.console.pages import handover, many, replies, triage

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/triage", triage.triage),
    path("desk/triage/list", triage.rows),
    path("desk/triage/views", triage.views),
    path("desk/triage/next", triage.next_case),
    path("desk/triage/beat", triage.beat),
    path("desk/triage/cases/<str:code>", triage.case),
    path("desk/triage/cases/<str:code>/decide", triage.decide),
    path("desk/triage/cases/<str:code>/take-over", triage.take_over),
    path("desk/triage/cases/<str:code>/replies", triage.reply_choices),
    path("desk/triage/bulk", many.bulk),
    path("desk/triage/bulk/<uuid:bulk_id>/undo", many.undo),
    path("desk/triage/filters", many.keep_filter),
    path("desk/triage/filters/<uuid:filter_id>/remove", many.drop_filter),
    path("desk/triage/replies", replies.page),
    path("desk/triage/replies/<uuid:reply_id>/end", replies.end),
    path("desk/handover", handover.page),
    path("desk/handover/begin", handover.begin),
    path("desk/handover/write", handover.write),
    path("desk/handover/points/<int:point_id>/take", handover.take_point),
    path("desk/handover/<uuid:handover_id>/take", handover.take_all),
]
