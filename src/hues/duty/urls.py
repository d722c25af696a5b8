from django.urls import URLPattern, URLResolver, path

from hues.duty.pages import doors, mine, rota, shifts, teams, week

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/duty", week.week, name="duty"),
    path("desk/duty/board", week.board, name="duty-board"),
    path("desk/duty/roster.csv", week.roster_csv, name="duty-csv"),
    path("desk/duty/shifts/<uuid:shift_id>", shifts.shift, name="duty-shift"),
    path("desk/duty/shifts/<uuid:shift_id>/swap", mine.swap, name="duty-swap"),
    path("desk/duty/mine", mine.mine, name="duty-mine"),
    path("desk/duty/mine/absence", mine.absence, name="duty-absence"),
    path("desk/duty/mine/settings", mine.settings, name="duty-settings"),
    path("desk/duty/swaps/<uuid:swap_id>", mine.answer, name="duty-answer"),
    path("desk/duty/absences/<uuid:absence_id>", mine.decide_absence, name="duty-absence-decide"),
    path("desk/duty/position", doors.position, name="duty-position"),
    path("desk/duty/teams", teams.teams, name="duty-teams"),
    path("desk/duty/teams/new", teams.new, name="duty-team-new"),
    path("desk/duty/teams/<uuid:team_id>", teams.team, name="duty-team"),
    path("desk/duty/teams/<uuid:team_id>/edit", teams.edit, name="duty-team-edit"),
    path("desk/duty/teams/<uuid:team_id>/rota", rota.rota, name="duty-rota"),
    path("desk/duty/teams/<uuid:team_id>/import", teams.upload, name="duty-import"),
    path("desk/duty/teams/<uuid:team_id>/add", shifts.add, name="duty-add"),
    path("duty/calendar/<str:token>.ics", doors.calendar, name="duty-calendar"),
]
