"""The desk's pages of the city's assets: list and map, one asset with its history, files to import."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hues.cases import access, reference
from hues.cases.assets import actions as naming
from hues.cases.assets.history import history
from hues.city.assets import browsing, layers, near
from hues.city.assets.actions import Outcome, finish_import, imports_of, may_import, try_import
from hues.city.models import Asset, AssetLayer
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid
from hues.kernel.geo import parse_box
from hues.kernel.pages import Page
from hues.people.decorators import allowing, staff_only

PAGE_BYTES = 25_000_000  # of a file that a page takes; larger ones go through `hues import assets`
importers_only = allowing(lambda actor: actor.kind == "staff" and may_import(actor), "/staff/login")


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _frame(request: HttpRequest, chosen: str = "") -> dict[str, Any]:
    """What surrounds every page of the assets. One statement."""
    language, counts = get_language() or "vi", browsing.counts()
    return {
        "layers": [
            {
                "code": one.code,
                "name": one.name(language),
                "icon": one.icon,
                "count": counts.get(one.code, 0),
                "ground": one.ground,
            }
            for one in layers.layers()
        ],
        "layer": chosen,
        "may_import": may_import(_actor(request)),
        "text": request.GET.get("q", "")[:100],
        "total": sum(counts.values()),
    }


@require_GET
@staff_only
def browse(request: HttpRequest) -> HttpResponse:
    chosen, text = request.GET.get("layer", "")[:12], request.GET.get("q", "")[:100]
    layer = layers.layer(chosen) if chosen else None
    agency = min(_actor(request).agency_ids, default=None)
    mine, ended = agency is not None and request.GET.get("mine") == "1", request.GET.get("ended") == "1"
    page = browsing.asset_list(
        layer=chosen, text=text, owner=agency if mine else None, ended=ended, after=request.GET.get("after") or None
    )
    context = {
        **_frame(request, chosen),
        "title": layer.name(get_language() or "vi") if layer else _("The city's assets"),
        "page": Page([_row(one) for one in page], page.next),
        "mine": mine,
        "has_agency": agency is not None,
        "ended": ended,
        "source": f"/desk/assets/map?layer={chosen}" if chosen else "/desk/assets/map",
        "filtered": bool(text or mine or ended),
        "after": request.GET.get("after", ""),
        "all_page": True,
        "live_topics": access.topics_of(_actor(request)),
    }
    return render(request, "cases/assets.html", context)


def _row(one: Asset) -> dict[str, Any]:
    layer, language = layers.layer_by_id(one.layer_id), get_language() or "vi"
    owner, unit = reference.agencies().get(one.owner_id or 0), reference.units().get(one.unit_id or 0)
    return {
        "title": browsing.name_of(one),
        "url": f"/desk/assets/{layer.code}/{quote(one.code, safe='')}",
        "icon": layer.icon,
        "code": one.code,
        "street": one.street,
        "owner": owner.name(language) if owner else "",
        "unit": unit.name(language) if unit else "",
        "ended": one.valid_to,
        "sample": one.is_sample,
    }


@require_GET
@staff_only
def asset_map(request: HttpRequest) -> HttpResponse:
    try:
        zoom = float(request.GET.get("zoom", "13"))
    except ValueError:
        zoom = 13.0
    box = parse_box(request.GET.get("bbox", ""))
    content = browsing.asset_map(box, zoom if 0 <= zoom <= 24 else 13, request.GET.get("layer", "")[:12])
    return HttpResponse(content, content_type="application/geo+json", headers={"Cache-Control": "private, max-age=60"})


@require_GET
@staff_only
def one(request: HttpRequest, layer: str, asset_code: str) -> HttpResponse:
    found = browsing.asset(layer, asset_code)
    known, language = layers.layer_by_id(found.layer_id), get_language() or "vi"
    title = browsing.name_of(found)
    named = near.named(f"{known.code}/{found.code}")
    context = {
        **_frame(request, known.code),
        "row": _row(found),
        "title": title,
        "layer_name": known.name(language),
        "asset": found,
        "facts": browsing.facts(found),
        "history": history(_actor(request), named, limit=30) if named else None,
        "points": [{"lat": found.lat, "lon": found.lon, "title": title}],
        "report": _report_link(known, found),
        "qr": "qr" if not known.ground else "",
    }
    return render(request, "cases/asset.html", context)


def _report_link(layer: AssetLayer, asset: Asset) -> str:
    """The filing page with this asset filled in; "" for ground, and for what is gone."""
    if layer.ground or asset.valid_to is not None:
        return ""
    kind = f"category={layer.categories[0]}&" if len(layer.categories) == 1 else ""
    return f"/report?{kind}lat={asset.lat!r}&lon={asset.lon!r}&asset={quote(f'{layer.code}/{asset.code}', safe='')}"


# ── naming the asset of a case ──


@require_POST
@staff_only
def name(request: HttpRequest, code: str) -> HttpResponse:
    naming.name_asset(actor=_actor(request), code=code, asset=request.POST.get("asset", ""))
    return redirect(f"/desk/cases/{code}?queue={quote(request.POST.get('queue', '')[:24])}")


# ── importing ──


@require_http_methods(["GET", "HEAD", "POST"])
@importers_only
def import_file(request: HttpRequest) -> HttpResponse:
    """A file is tried first; what it would change is shown on a page of its own."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            tried = _try(request)
            return redirect(f"/desk/assets/import/{tried}")
        except Invalid as problem:
            errors = dict(problem.fields) or {"file": problem.detail}
    language = get_language() or "vi"
    options = [{"value": one.code, "label": one.name(language)} for one in layers.layers()]
    context = {
        **_frame(request),
        "errors": errors,
        "layer_field": {
            "name": "layer", "label": _("Layer"), "kind": "select", "options": options, "required": True,
            "value": request.POST.get("layer", request.GET.get("layer", "")), "error": errors.get("layer", ""),
        },
        "file_field": {
            "name": "file", "label": _("File (GeoJSON or CSV)"), "kind": "file", "accept": ".geojson,.json,.csv", "required": True,
            "hint": _("WGS 84 degrees, UTF-8, at most %(mb)s MB.") % {"mb": PAGE_BYTES // 1_000_000}, "error": errors.get("file", ""),
        },
        "complete_field": {
            "name": "complete", "kind": "check", "label": _("The file names everything there is: end what it does not name"),
            "value": request.POST.get("complete", ""),
        },
        "schemas": [_schema(one) for one in layers.layers()],
    }  # fmt: skip
    return render(request, "cases/assets_import.html", context, status=422 if errors else 200)


def _schema(layer: AssetLayer) -> dict[str, Any]:
    language = get_language() or "vi"
    return {
        "code": layer.code,
        "name": layer.name(language),
        "geometry": layer.geometry,
        "attributes": [{"code": one["code"], "label": one["labels"].get(language, "")} for one in layer.attributes],
    }


def _try(request: HttpRequest) -> UUID:
    sent = request.FILES.get("file")
    if sent is None or sent.size == 0:
        raise Invalid(_("Choose a file."), fields={"file": _("Choose a file.")})
    if (sent.size or 0) > PAGE_BYTES:
        reason = _("The file is larger than %(mb)s MB.") % {"mb": PAGE_BYTES // 1_000_000}
        raise Invalid(reason, fields={"file": reason})
    tried = try_import(
        actor=_actor(request),
        layer=request.POST.get("layer", ""),
        name=sent.name or "",
        content=sent.read(),
        complete=request.POST.get("complete") == "1",
    )
    return tried.pk


@require_http_methods(["GET", "HEAD", "POST"])
@importers_only
def imported(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What a tried file would change; a press takes it over."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            finish_import(actor=_actor(request), import_id=import_id)
            messages.success(request, _("The assets are taken over."))
            return redirect(f"/desk/assets/import/{import_id}")
        except (Invalid, Forbidden) as problem:
            errors = {"page": problem.detail}
    found = imports_of(_actor(request), import_id)
    outcome = Outcome(**found.outcome)
    context = {
        **_frame(request),
        "errors": errors,
        "tried": found,
        "outcome": outcome,
        "layer_name": found.layer.name(get_language() or "vi"),
        "may_finish": found.done_at is None and outcome.anything and not (found.complete and outcome.wrong),
        "untold": outcome.wrong - len(outcome.problems),
    }
    return render(request, "cases/assets_imported.html", context, status=422 if errors else 200)
