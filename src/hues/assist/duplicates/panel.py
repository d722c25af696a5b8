"""On the desk's case page: what else is open here and may be the same, seen before the case is read."""

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string

from hues.assist.duplicates.nearby import Nearby, near
from hues.cases import panels, processes
from hues.cases.joining import MERGE_STEP
from hues.cases.models import Case, CaseFile
from hues.cases.step_forms import name_of
from hues.kernel.actors import Actor
from hues.kernel.geo import EARTH_RADIUS_M

MOST = 4
LIKELY = 0.35  # from here on it is opened for comparison without a click
WIDTH, HEIGHT, MARGIN = 160.0, 96.0, 18.0  # of the small figure


@dataclass(frozen=True)
class Line:
    """A candidate beside the case: `merge` is the link that fills in the step, "" where it is not possible."""

    other: Nearby
    later: bool  # came after the case
    likely: bool
    merge: str
    figure: dict[str, str]


def render(request: HttpRequest, case: Case) -> str | None:
    """At most four statements."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not case.is_open or ((case.lat is None or case.lon is None) and not case.same_as):
        return None
    files = CaseFile.objects.filter(case_id=case.pk, role=CaseFile.Role.BEFORE).order_by("pk")
    photos = list(files.values_list("file_id", "file__phash"))
    found = near(
        case.lat, case.lon, category=case.category.code, text=case.body, address=case.address,
        phashes=[phash for _file, phash in photos if phash is not None],
        limit=MOST, actor=actor, exclude=case.pk,
    )  # fmt: skip
    if not found and not case.same_as:
        return None
    lines = [_line(request, case, other, actor) for other in found]
    context = {
        "case": case,
        "photo": photos[0][0] if photos else None,
        "lines": lines,
        "meant": case.same_as,
        "meant_merge": _merge_link(request, case, case.same_as, actor) if case.same_as else "",
        "queue": request.GET.get("queue", ""),
    }
    return render_to_string("assist/panel_duplicates.html", context, request)


def _line(request: HttpRequest, case: Case, other: Nearby, actor: Actor) -> Line:
    later = other.received_at > case.received_at
    return Line(
        other=other,
        later=later,
        likely=other.score >= LIKELY,
        merge=_merge_link(request, case, other.code, actor),
        figure=_figure(case, other),
    )


def _merge_link(request: HttpRequest, case: Case, parent: str, actor: Actor) -> str:
    """Fills in the step; "" where it is not possible."""
    step = processes.process(case.process_id).steps.get(MERGE_STEP)
    if not actor.in_centre or step is None or case.state not in step.source or case.merged_count:
        return ""
    filled = urlencode({"queue": request.GET.get("queue", ""), name_of(MERGE_STEP, "parent"): parent})
    return f"/desk/cases/{case.code}?{filled}#step-{MERGE_STEP}"


def _figure(case: Case, other: Nearby) -> dict[str, str]:
    """Both points in a small drawing, north on top, as far apart as fits."""
    assert case.lat is not None and case.lon is not None  # noqa: S101 - looked at by `render`
    east = math.radians(other.lon - case.lon) * EARTH_RADIUS_M * math.cos(math.radians(case.lat))
    north = math.radians(other.lat - case.lat) * EARTH_RADIUS_M
    room = (WIDTH / 2 - MARGIN, HEIGHT / 2 - MARGIN)
    scale = min(room[0] / max(abs(east) / 2, 1.0), room[1] / max(abs(north) / 2, 1.0), 4.0)
    middle: dict[str, Any] = {
        "x1": WIDTH / 2 - east / 2 * scale,
        "y1": HEIGHT / 2 + north / 2 * scale,
        "x2": WIDTH / 2 + east / 2 * scale,
        "y2": HEIGHT / 2 - north / 2 * scale,
    }
    return {name: f"{value:.1f}" for name, value in middle.items()}  # never with a decimal comma


panels.register("duplicates", 20, render)
