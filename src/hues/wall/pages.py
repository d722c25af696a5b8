"""The wall: one page that goes through its arrangements and renews itself; for people who are signed in, and for screens with a link."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound
from hues.kernel.text import whole_number
from hues.people.decorators import STAFF_DOOR, allowing
from hues.wall import actions, panes, queries
from hues.wall.access import arranges, sees
from hues.wall.models import Layout, Screen

SCREEN_SECONDS = 120  # for which a screen's ticket is good; afterwards its link is looked at again

watching = allowing(sees, STAFF_DOOR)
arranging = allowing(arranges, STAFF_DOOR)


@require_GET
@watching
def wall(request: HttpRequest) -> HttpResponse:
    return _page(request, "/wall")


@require_GET
@watching
def now(request: HttpRequest) -> HttpResponse:
    return _now(request)


@require_GET
@watching
def map_data(_request: HttpRequest) -> HttpResponse:
    return _map()


@require_GET
def screen(request: HttpRequest, link: str) -> HttpResponse:
    found = _screen(link)
    actions.note_seen(found)
    return _page(request, f"/wall/screen/{link}", actions.until(found.pk), live_seconds=SCREEN_SECONDS)


@require_GET
def screen_now(request: HttpRequest, link: str) -> HttpResponse:
    _screen(link)
    return _now(request)


@require_GET
def screen_map(_request: HttpRequest, link: str) -> HttpResponse:
    _screen(link)
    return _map()


def _screen(link: str) -> Screen:
    """Raises NotFound for a link that never was or is ended."""
    found = Screen.objects.filter(link_hash=actions.hashed(link), ended_at=None).first()
    if found is None:
        raise NotFound(_("There is no such page."))
    return found


def _page(request: HttpRequest, door: str, *topics: str, **more: Any) -> HttpResponse:
    """Every wall hears only that something changed, never what: the topic `wall` (hues.live)."""
    chosen, all_of_them = _chosen(request)
    context = _situation(chosen) | {
        "door": door, "layouts": all_of_them, "live_topics": ["wall", *topics], **more,
        "arranges": arranges(request.actor),  # type: ignore[attr-defined]
    }  # fmt: skip
    return _kept_secret(render(request, "wall/wall.html", context))


def _now(request: HttpRequest) -> HttpResponse:
    chosen, _all = _chosen(request)
    return _kept_secret(render(request, "wall/now.html", _situation(chosen)))


def _map() -> HttpResponse:
    return _kept_secret(HttpResponse(queries.map_json(), content_type="application/geo+json"))


def _kept_secret(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"  # stricter, a form on it would be sent with `Origin: null` and refused
    return response


def _chosen(request: HttpRequest) -> tuple[panes.Arrangement, list[panes.Arrangement]]:
    """The arrangement that is asked for, else the first."""
    known = panes.arrangements()
    asked = request.GET.get("layout", "")
    return next((one for one in known if one.id == asked), known[0]), known


def _situation(chosen: panes.Arrangement) -> dict[str, Any]:
    return {"layout": chosen} | queries.situation(chosen.panes, get_language() or "vi")


# What hangs there.


@require_GET
@arranging
def layouts(request: HttpRequest) -> HttpResponse:
    return render(request, "wall/layouts.html", _arrangement_context(request))


@require_POST
@arranging
def save(request: HttpRequest) -> HttpResponse:
    given = request.POST
    layout_id = UUID(given["layout"]) if panes.is_id(given.get("layout", "")) else None
    try:
        actions.save_layout(
            actor=_actor(request), name=given.get("name", ""), centre=given.get("centre", ""),
            left=given.getlist("left"), right=given.getlist("right"), layout_id=layout_id,
            seconds=whole_number(given.get("seconds", "")) or 0,
        )  # fmt: skip
    except Invalid as problem:
        context = _arrangement_context(request, errors=dict(problem.fields), given=given)
        return render(request, "wall/layouts.html", context, status=422)
    messages.success(request, _("Saved. The walls show it from now on."))
    return redirect("wall-layouts")


@require_POST
@arranging
def remove(request: HttpRequest, layout_id: UUID) -> HttpResponse:
    actions.remove_layout(actor=_actor(request), layout_id=layout_id)
    messages.success(request, _("Removed."))
    return redirect("wall-layouts")


@require_POST
@arranging
def open_screen(request: HttpRequest) -> HttpResponse:
    """The link is in the answer and nowhere else: a page that is loaded again does not show it again."""
    try:
        _made, secret = actions.open_screen(actor=_actor(request), name=request.POST.get("screen_name", ""))
    except Invalid as problem:
        context = _arrangement_context(request, errors={"screen_name": problem.fields["name"]}, given=request.POST)
        return render(request, "wall/layouts.html", context, status=422)
    context = _arrangement_context(request) | {"link": request.build_absolute_uri(f"/wall/screen/{secret}")}
    return _kept_secret(render(request, "wall/layouts.html", context))


@require_POST
@arranging
def end_screen(request: HttpRequest, screen_id: UUID) -> HttpResponse:
    actions.end_screen(actor=_actor(request), screen_id=screen_id)
    messages.success(request, _("Ended: this link shows nothing any more."))
    return redirect("wall-layouts")


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _arrangement_context(
    request: HttpRequest, errors: dict[str, str] | None = None, given: Any = None
) -> dict[str, Any]:
    errors = errors or {}
    saved = list(Layout.objects.order_by("created_at"))
    asked = request.GET.get("layout", "")
    edited = next((one for one in saved if str(one.pk) == asked), None)
    return {
        "arrangements": panes.arrangements(), "saved": bool(saved), "errors": errors,
        "screens": Screen.objects.filter(ended_at=None).order_by("opened_at"),
        "edited": edited, "fields": _fields(edited, given, errors), "screen_field": {
            "name": "screen_name", "label": _("Where it hangs"), "required": True, "maxlength": 60,
            "hint": _("For example: “Meeting room, second floor”."), "error": errors.get("screen_name"),
            "value": given.get("screen_name", "") if given else "",
        },
    }  # fmt: skip


def _fields(edited: Layout | None, given: Any, errors: dict[str, str]) -> list[dict[str, Any]]:
    def value(name: str, default: Any, many: bool = False) -> Any:
        if given is not None:
            return given.getlist(name) if many else given.get(name, default)
        return getattr(edited, name) if edited else default

    def options(table: Any) -> list[dict[str, str]]:
        return [{"value": name, "label": str(label)} for name, label in table.items()]

    def choice(name: str, label: str, kind: str, table: Any, default: Any) -> dict[str, Any]:
        return {
            "name": name, "label": label, "kind": kind, "options": options(table),
            "value": value(name, default, many=kind == "checks"),
        }  # fmt: skip

    seconds = {"kind": "number", "min": 10, "max": 3600, "value": value("seconds", 60)}
    fields: list[dict[str, Any]] = [
        {"name": "name", "label": _("Name of the arrangement"), "required": True, "maxlength": 60, "value": value("name", "")},
        choice("centre", _("Large, in the middle"), "radio", panes.CENTRE, panes.MAP),
        choice("left", _("On the left"), "checks", panes.PANES, []),
        choice("right", _("On the right"), "checks", panes.PANES, []),
        {"name": "seconds", "label": _("Seconds until the next one"), **seconds},
    ]  # fmt: skip
    return [field | {"error": errors.get(field["name"])} for field in fields]
