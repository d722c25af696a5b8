from django.urls import URLPattern, URLResolver, path

from hues.dispatch.pages import board, tasks

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/dispatch", board.board, name="dispatch"),
    path("desk/dispatch/cards", board.cards),
    path("desk/dispatch/<str:code>", board.case),
    path("desk/dispatch/<str:code>/now", board.case_now),
    path("desk/dispatch/<str:code>/log", board.case_log),
    path("desk/dispatch/<str:code>/send", board.send),
    path("desk/dispatch/<str:code>/recall", board.recall),
    path("desk/dispatch/<str:code>/write", board.write),
    path("desk/dispatch/<str:code>/tasks/<uuid:task_id>/stand-down", board.stand_down),
    path("desk/dispatch/<str:code>/tasks/<uuid:task_id>/call", board.call),
    path("desk/tasks", tasks.my_tasks),
    path("desk/tasks/rows", tasks.my_rows),
    path("desk/tasks/<uuid:task_id>", tasks.task),
    path("desk/tasks/<uuid:task_id>/now", tasks.task_now),
    path("desk/tasks/<uuid:task_id>/log", tasks.task_log),
    path("desk/tasks/<uuid:task_id>/accept", tasks.accept),
    path("desk/tasks/<uuid:task_id>/set-out", tasks.set_out),
    path("desk/tasks/<uuid:task_id>/arrive", tasks.arrive),
    path("desk/tasks/<uuid:task_id>/finish", tasks.finish),
    path("desk/tasks/<uuid:task_id>/decline", tasks.decline),
    path("desk/tasks/<uuid:task_id>/write", tasks.write),
    path("desk/tasks/<uuid:task_id>/follow-up", tasks.follow_up),
]
