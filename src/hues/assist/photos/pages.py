"""One photo on the desk: what everyone sees of it, its original, what is hidden, what it shows."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from hues.assist.photos import actions
from hues.assist.photos.versions import Version, versions_of
from hues.cases.captions import alt_of
from hues.cases.models import CaseFile
from hues.cases.queries.photos import see_file
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.text import whole_number
from hues.people.decorators import staff_only


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


@require_GET
@staff_only
def photo(request: HttpRequest, file_id: UUID) -> HttpResponse:
    return _show(request, file_id)


@require_POST
@staff_only
def original(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Show it as it is, for half an hour. Written into the journal before it is shown."""
    ticket = actions.see_original(actor=_actor(request), file_id=file_id)
    return redirect(f"/desk/photos/{file_id}?seen={ticket}")


@require_POST
@staff_only
def masks(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Exactly what the form says is hidden; or what was, in an earlier version."""
    sent, actor = request.POST, _actor(request)
    try:
        regions = _again(file_id, actor, sent["again"]) if sent.get("again") else _wanted(file_id, actor, sent)
        version = whole_number(sent.get("version", ""))
        actions.change_masks(actor=actor, file_id=file_id, regions=regions, version=version)
    except (Invalid, Conflict) as problem:
        return _show(request, file_id, problem=problem.detail, status=409 if isinstance(problem, Conflict) else 422)
    messages.success(request, _("Everyone now sees it like this. The original and earlier versions are kept."))
    return redirect(f"/desk/photos/{file_id}")


@require_POST
@staff_only
def words(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """What the picture shows."""
    actions.describe_photo(actor=_actor(request), file_id=file_id, text=request.POST.get("alt", ""))
    messages.success(request, _("Kept: screen readers now read this."))
    return redirect(f"/desk/photos/{file_id}")


def _wanted(file_id: UUID, actor: Actor, sent: QueryDict) -> list[dict[str, Any]]:
    """What was hidden and is still ticked, and the boxes that were drawn or typed, in per cent."""
    file = _held(file_id, actor).file
    kept = set(sent.getlist("keep"))
    regions = [one for n, one in enumerate(file.found.get("regions", [])) if str(n) in kept]
    for box in zip(*(sent.getlist(name) for name in ("left", "top", "width", "height")), strict=False):
        if any(value.strip() for value in box):
            regions.append({"kind": "hand", "box": [_share(value) for value in box]})
    return regions


def _share(text: str) -> float:
    try:
        return float(text.replace(",", ".")) / 100
    except ValueError:
        raise Invalid(_("Give the place of the box in per cent of the photo.")) from None


def _again(file_id: UUID, actor: Actor, version: str) -> list[dict[str, Any]]:
    held = _held(file_id, actor)
    for one in versions_of(held.case_id, file_id):
        if str(one.number) == version:
            return one.regions
    raise NotFound(_("There is no such photo."))


def _held(file_id: UUID, actor: Actor) -> CaseFile:
    sight = see_file(actor, file_id)
    if sight is None or sight.case_id is None or sight.level != "staff":
        raise NotFound(_("There is no such photo."))
    return CaseFile.objects.select_related("file", "case", "case__category").get(file_id=file_id)


def _show(request: HttpRequest, file_id: UUID, *, problem: str = "", status: int = 200) -> HttpResponse:
    actor = _actor(request)
    held = _held(file_id, actor)
    sight = see_file(actor, file_id)
    assert sight is not None  # noqa: S101 - `_held` found it
    if request.GET.get("seen") and not sight.handles:
        raise Forbidden(_("Only those who handle this case may see the original."))
    regions = [_shown(n, one) for n, one in enumerate(held.file.found.get("regions", []))]
    context = {
        "held": held,
        "file": held.file,
        "case": held.case,
        "seen": request.GET.get("seen", ""),
        "handles": sight.handles,
        "may_change": actor.in_centre and sight.ready,
        "regions": regions,
        "found_text": _found_text(held),
        "versions": _listed(versions_of(held.case_id, file_id), held.file.mask_version),
        "default_alt": alt_of(held, written=False),
        "alt_field": {
            "name": "alt", "label": _("What it shows"), "value": held.caption, "maxlength": actions.MOST_ALT,
            "hint": _("Read out to those who cannot see it. Empty: “{text}”").format(text=alt_of(held, written=False)),
        },
        "problem": problem,
        "role": {"before": _("Sent in"), "after": _("After the work")}.get(held.role, _("Sent in the talk")),
    }  # fmt: skip
    return render(request, "assist/photo.html", context, status=status)


def _shown(number: int, region: dict[str, Any]) -> dict[str, Any]:
    names = {"face": _("Face"), "plate": _("Number plate (best effort)"), "hand": _("Box drawn by hand")}
    left, top, width, height = (round(value * 100, 2) for value in region["box"])
    place = _("{left}% from the left, {top}% from above").format(left=round(left), top=round(top))
    return {
        "number": number + 1, "index": number, "name": names[region["kind"]], "kind": region["kind"], "place": place,
        # As attributes of SVG: with a point, whatever the language.
        "left": str(left), "top": str(top), "width": str(width), "height": str(height),
    }  # fmt: skip


def _found_text(held: CaseFile) -> str:
    """What was hidden, in words."""
    found, file = held.file.found, held.file
    if file.masking == file.Masking.WAITING:
        return _("Being checked for faces and number plates. Until then nobody but its sender sees it.")
    if file.masking == file.Masking.FAILED:
        return _(
            "It could not be checked, so the public does not see it. Draw what must be hidden, and it will be shown."
        )
    regions = found.get("regions", [])
    faces, plates = (sum(one["kind"] == kind for one in regions) for kind in ("face", "plate"))
    parts = []
    if faces:
        parts.append(ngettext("{n} face", "{n} faces", faces).format(n=faces))
    if plates:
        parts.append(
            ngettext("{n} number plate (best effort)", "{n} number plates (best effort)", plates).format(n=plates)
        )
    if by_hand := len(regions) - faces - plates:
        parts.append(ngettext("{n} box by hand", "{n} boxes by hand", by_hand).format(n=by_hand))
    if not parts:
        return _("No face and no number plate found; nothing is hidden. Plates are found by best effort: please look.")
    return _("Hidden: {what}. Plates are found by best effort: please look.").format(what=", ".join(parts))


def _listed(versions: list[Version], now: int) -> list[dict[str, Any]]:
    return [
        {
            "number": one.number, "at": one.at, "who": one.who, "count": len(one.regions), "is_now": one.number == now,
            "text": ngettext("{n} place hidden", "{n} places hidden", len(one.regions)).format(n=len(one.regions)),
        }
        for one in reversed(versions)
    ]  # fmt: skip
