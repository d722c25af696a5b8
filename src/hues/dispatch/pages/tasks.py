"""The officer's phone: my tasks, and one task with one big button."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from hues.cases import reference
from hues.city.routing import centre
from hues.dispatch import actions, queries, texts
from hues.dispatch.models import State, Task
from hues.dispatch.moving import usual_minutes
from hues.dispatch.pages import forms, words
from hues.dispatch.pages.board import texts_language, topics_of
from hues.dispatch.queries import TaskRow
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, Problem
from hues.kernel.idempotency import idempotent
from hues.kernel.text import whole_number
from hues.people.decorators import staff_only

PROMISES = (5, 10, 15, 30, 60)  # minutes to choose from
Do = Callable[[HttpRequest, Actor, UUID], Any]


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


@require_GET
@staff_only
def my_tasks(request: HttpRequest) -> HttpResponse:
    return render(request, "dispatch/tasks.html", _mine(request))


@require_GET
@staff_only
def my_rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for the open page."""
    return render(request, "dispatch/task_rows.html", _mine(request))


def _mine(request: HttpRequest) -> dict[str, Any]:
    actor = _actor(request)
    going, recent = queries.mine(actor)
    return {
        "going": [_row(row) for row in going],
        "recent": [_row(row) for row in recent],
        "now": clock.now(),
        "live_topics": [*(f"agency:{pk}" for pk in sorted(actor.agency_ids)), *topics_of(actor)],
    }


def _row(row: TaskRow) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in TaskRow.__dataclass_fields__}, "chip": words.state(row.state)}


@require_GET
@staff_only
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _show(request, task_id)


@require_GET
@staff_only
def task_now(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """What changes by itself, for the open page."""
    return render(request, "dispatch/task_now.html", _context(request, task_id))


@require_GET
@staff_only
def task_log(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return render(request, "dispatch/log.html", _context(request, task_id))


def _show(request: HttpRequest, task_id: UUID, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = _context(request, task_id) | {"problem": problem, "sent": request.POST}
    return render(request, "dispatch/task.html", context, status=status)


def _context(request: HttpRequest, task_id: UUID) -> dict[str, Any]:
    actor, language = _actor(request), texts_language()
    view = queries.task_view(actor, task_id)
    case, task = view.case, view.task
    point = f"{case.lat:.6f},{case.lon:.6f}" if case.lat is not None and case.lon is not None else ""
    return {
        "view": view,
        "task": task,
        "case": case,
        "party": words.party(task),
        "title": reference.categories()[case.category_id].name(language),
        "where": texts.where(case, language),
        "parties": [words.party(one) for one in view.parties if one.is_open or one.pk == task.pk or one.state == State.DONE],
        "ladders": [words.ladder(one) for one in view.ladders],
        "lines": words.lines(view.log, actor.id),
        "geo": f"geo:{point}?q={point}({case.code})" if point else "",
        "iphone": f"maps:?daddr={point}" if point else "",
        "promises": _promises(task, task.minutes or usual_minutes(case)),
        "outcomes": [(code, text.get(language) or next(iter(text.values()), "")) for code, text in view.outcomes],
        "categories": _timed(language) if view.may_follow_up else [],
        "centre_phone": centre().phone,
        "key": forms.new_key(),
        "now": clock.now(),
        "points": [{"lat": case.lat, "lon": case.lon, "title": case.code}] if case.lat is not None else [],
        "live_topics": [f"case:{case.pk}", f"agency:{task.agency_id}"],
        "log_url": f"/desk/tasks/{task.pk}/log",
    }  # fmt: skip


def _promises(task: Task, estimate: int) -> list[dict[str, Any]]:
    """Minutes to promise; the shortest that the way allows is chosen already."""
    if task.state != State.SENT:
        return []
    fits = next((one for one in PROMISES if one >= estimate), PROMISES[-1])
    return [{"minutes": one, "chosen": one == fits} for one in PROMISES]


def _timed(language: str) -> list[tuple[str, str]]:
    """What a remainder can be: kinds that are handled with more time."""
    listed = [one for one in reference.categories().values() if one.active and one.process_group == "timed"]
    return [(one.code, one.name(language)) for one in sorted(listed, key=lambda one: one.position)]


def _door(name: str) -> Callable[[Do], Callable[..., HttpResponseBase]]:
    """A move from a form or from the phone's queue: the page's new state for scripts, the page itself for everybody else."""

    def decorate(do: Do) -> Callable[..., HttpResponseBase]:
        @require_POST
        @staff_only
        @idempotent(f"task.{name}")
        def door(request: HttpRequest, task_id: UUID) -> HttpResponse:
            try:
                done = do(request, _actor(request), task_id)
            except (Conflict, Invalid, Forbidden) as problem:
                if request.headers.get("HX-Request"):
                    raise
                return _show(request, task_id, problem=_said(problem), status=problem.status)
            if isinstance(done, HttpResponse):
                return done
            if request.headers.get("HX-Request"):
                return render(request, "dispatch/task_now.html", _context(request, task_id))
            return redirect(f"/desk/tasks/{task_id}")

        return door

    return decorate


def _said(problem: Problem) -> str:
    """The reason itself, where the fields tell more than the summary."""
    return next(iter(getattr(problem, "fields", {}).values()), problem.detail)


@_door("accept")
def accept(request: HttpRequest, actor: Actor, task_id: UUID) -> None:
    minutes = whole_number(request.POST.get("minutes", ""))
    actions.accept_task(actor=actor, task_id=task_id, minutes=minutes, happened_at=_moment(request))


@_door("set_out")
def set_out(request: HttpRequest, actor: Actor, task_id: UUID) -> None:
    actions.set_out(actor=actor, task_id=task_id, happened_at=_moment(request))


@_door("arrive")
def arrive(request: HttpRequest, actor: Actor, task_id: UUID) -> None:
    lat, lon, accuracy = (forms.number_of(request.POST.get(name, "")) for name in ("lat", "lon", "accuracy"))
    photos = forms.stored(request, actor, most=4)
    actions.arrive(
        actor=actor, task_id=task_id, lat=lat, lon=lon, accuracy_m=accuracy, photos=photos, happened_at=_moment(request)
    )


@_door("finish")
def finish(request: HttpRequest, actor: Actor, task_id: UUID) -> None:
    actions.finish_task(
        actor=actor, task_id=task_id, outcome=request.POST.get("outcome", ""), note=request.POST.get("text", ""),
        photos=forms.stored(request, actor, most=10), happened_at=_moment(request),
    )  # fmt: skip


@_door("decline")
def decline(request: HttpRequest, actor: Actor, task_id: UUID) -> None:
    actions.decline_task(actor=actor, task_id=task_id, reason=request.POST.get("reason", ""))


@_door("log")
def write(request: HttpRequest, actor: Actor, task_id: UUID) -> HttpResponse | None:
    view = queries.task_view(actor, task_id)
    photos = forms.stored(request, actor, most=4)
    actions.write_log(
        actor=actor, code=view.case.code, text=request.POST.get("text", ""), photos=photos, happened_at=_moment(request)
    )
    if request.headers.get("HX-Request"):
        return render(request, "dispatch/log.html", _context(request, task_id))
    return redirect(f"/desk/tasks/{task_id}#log")


@_door("follow_up")
def follow_up(request: HttpRequest, actor: Actor, task_id: UUID) -> None:
    category, text = request.POST.get("category", ""), request.POST.get("text", "")
    actions.follow_up(actor=actor, task_id=task_id, category=category, remains=text)


def _moment(request: HttpRequest) -> Any:
    return forms.moment_of(request.POST.get("happened_at", ""))
