"""Labels with QR codes for lamps, bins and signs: scanned, the form opens with the thing and its place filled in."""

import csv
import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import qrcode
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.svg import SvgPathImage

from hues.city import queries as city
from hues.kernel.errors import Invalid
from hues.kernel.text import clean
from hues.people.decorators import staff_only
from hues.reports import words
from hues.reports.checks import MAX_ASSET

MOST = 240  # labels of one sheet: ten pages
MOST_BYTES = 200_000
COLUMNS = ("asset", "place", "lat", "lon", "category")


@dataclass(frozen=True)
class Label:
    asset: str
    place: str
    url: str
    code: SafeString  # the QR code as SVG


@require_http_methods(["GET", "POST"])
@staff_only
def labels(request: HttpRequest) -> HttpResponse:
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = _labels(_sent(request), request.POST.get("category", ""))
            title = clean(request.POST.get("title", ""), max_length=60, field="title") or _("Scan to report a fault")
            return render(request, "reports/labels_sheet.html", {"labels": made, "title": title})
        except Invalid as problem:
            errors = problem.fields or {"rows": problem.detail}
    context = {"errors": errors, "fields": _fields(request, errors)}
    return render(request, "reports/labels.html", context, status=422 if errors else 200)


def _fields(request: HttpRequest, errors: dict[str, str]) -> list[dict[str, Any]]:
    kinds = [
        {"value": one["code"], "label": one["name"]}
        for family in city.categories(words.language())
        for one in family["categories"]
    ]
    return [
        {
            "name": "category",
            "label": _("What they are"),
            "kind": "select",
            "options": [{"value": "", "label": _("As in the list, or people choose")}, *kinds],
            "value": request.POST.get("category", ""),
            "required": True,
        },
        {
            "name": "rows",
            "label": _("List"),
            "hint": _("One a line: code, place, latitude, longitude. Latitude and longitude may be left out."),
            "kind": "textarea",
            "rows": 8,
            "value": request.POST.get("rows", ""),
            "error": errors.get("rows", ""),
            "placeholder": "0123, 27 Lê Lợi, 16.4637, 107.5909",
        },
        {
            "name": "file",
            "label": _("Or a CSV file"),
            "hint": _("Columns: asset, place, lat, lon, category."),
            "kind": "file",
            "accept": ".csv,text/csv",
            "error": errors.get("file", ""),
        },
        {
            "name": "title",
            "label": _("Text on the label"),
            "value": request.POST.get("title", "") or _("Scan to report a fault"),
            "maxlength": 60,
        },
    ]


def _sent(request: HttpRequest) -> str:
    """The list as text: the file if one was sent, else what was typed."""
    upload = request.FILES.get("file")
    if upload is None:
        return str(request.POST.get("rows", ""))[:MOST_BYTES]
    if upload.size > MOST_BYTES:  # type: ignore[operator]
        raise Invalid(_("Some of it needs mending."), fields={"file": _("This file is too large for one sheet.")})
    try:
        return upload.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        reason = _("This file is not text in UTF-8.")
        raise Invalid(_("Some of it needs mending."), fields={"file": reason}) from None


def _labels(text: str, category: str) -> list[Label]:
    """Raises Invalid (`rows`) naming the first line that cannot be used."""
    made: list[Label] = []
    for number, row in enumerate(csv.reader(io.StringIO(text), skipinitialspace=True), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and cells[0].lower() == COLUMNS[0]):
            continue
        if len(made) == MOST:
            raise _wrong(_("At most %(n)s labels on one sheet.") % {"n": MOST})
        made.append(_label(dict(zip(COLUMNS, cells, strict=False)), category, number))
    if not made:
        raise _wrong(_("Write at least one line."))
    return made


def _label(row: dict[str, str], category: str, number: int) -> Label:
    line = _("Line %(n)s: ") % {"n": number}
    asset, place = row.get("asset", ""), row.get("place", "")
    if not asset or len(asset) > MAX_ASSET or not asset.isprintable():
        raise _wrong(line + _("a code of at most %(n)s characters is needed.") % {"n": MAX_ASSET})
    kind = words.category_of(row.get("category", "") or category)
    if row.get("category") and kind is None:
        raise _wrong(line + _("there is no such category."))
    parts = {"category": kind.code if kind else "", "asset": asset, "place": place[:200]}
    if row.get("lat") or row.get("lon"):
        point = words.numbers(row.get("lat"), row.get("lon"))
        if point is None or city.unit_at(*point) is None:
            raise _wrong(line + _("this point is not in the city."))
        parts |= {"lat": f"{point[0]:.6f}", "lon": f"{point[1]:.6f}"}
    url = f"{settings.PUBLIC_URL}/report?" + urlencode({name: value for name, value in parts.items() if value})
    return Label(asset, place, url, _svg(url))


def _svg(url: str) -> SafeString:
    """Error correction Q: a label on a lamp post gets scratched."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0, image_factory=SvgPathImage)
    code.add_data(url)
    drawn = code.make_image().to_string(encoding="unicode")
    return mark_safe(drawn)  # noqa: S308 - drawn by us from dark and light squares; no text of anybody is in it


def _wrong(reason: str) -> Invalid:
    return Invalid(_("Some of it needs mending."), fields={"rows": reason})
