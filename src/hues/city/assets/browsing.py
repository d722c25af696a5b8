"""Lists of assets, and one with everything: for the desk and, as far as a layer is public, for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.city.assets import layers as known
from hues.city.assets.near import label
from hues.city.models import Asset, AssetLayer
from hues.city.questions import text as text_in
from hues.kernel import clock
from hues.kernel.errors import NotFound
from hues.kernel.geo import Box
from hues.kernel.pages import Page, keyset
from hues.kernel.text import vn_fold


@dataclass(frozen=True)
class Line:
    """An attribute in words."""

    label: str
    value: Any


def asset_list(
    *,
    layer: str = "",
    text: str = "",
    owner: int | None = None,
    ended: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> Page[Asset]:
    """Assets by code, those in force unless `ended`. `text` is the beginning of a code, or words of name and street. One statement."""
    rows = Asset.objects.filter(layer_id__in=[one.pk for one in ([known.layer(layer)] if layer else known.layers())])
    rows = rows.exclude(_in_force()) if ended else rows.filter(_in_force())
    if owner is not None:
        rows = rows.filter(owner_id=owner)
    if text.strip():
        rows = _matching(rows, text)
    return keyset(rows.defer("geometry", "folded"), order=["code", "id"], after=after, limit=limit)


def _in_force() -> Q:
    return Q(valid_to=None) | Q(valid_to__gt=clock.now().date())


def _matching(rows: QuerySet[Asset], text: str) -> QuerySet[Asset]:
    """By index: a B-tree for beginnings of codes, GIN for words."""
    words = [word for word in vn_fold(text).replace("-", " ").replace("/", " ").split() if word.isalnum()][:8]
    begins = "".join(text.split()).lower()[:27].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    code = RawSQL("lower(code) like %s", [f"{begins}%"], BooleanField())
    if not words:
        return rows.filter(code)
    query = " & ".join(f"{word}:*" for word in words)
    return rows.filter(Q(code) | Q(RawSQL("search @@ to_tsquery('simple', %s)", [query], BooleanField())))


def asset(layer: str, code: str) -> Asset:
    """One asset, also an ended one. Raises NotFound."""
    found = Asset.objects.filter(layer=known.layer(layer), code=code).first()
    if found is None:
        raise NotFound(_("There is no such asset."))
    return found


def name_of(one: Asset) -> str:
    return label(known.layer_by_id(one.layer_id), one.code, one.name)


def facts(one: Asset, *, public_only: bool = False) -> list[Line]:
    """What is known of an asset, in the order of its layer."""
    language = get_language() or "vi"
    return [
        Line(text_in(attribute["labels"], language), _shown(attribute["type"], one.attributes[attribute["code"]]))
        for attribute in known.layer_by_id(one.layer_id).attributes
        if attribute["code"] in one.attributes and (attribute["public"] or not public_only)
    ]


def _shown(kind: str, value: Any) -> Any:
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "yesno":
        return _("yes") if value else _("no")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def counts() -> dict[str, int]:
    """Layer → how many are in force. One statement."""
    return dict(AssetLayer.objects.filter(active=True).values_list("code", "assets"))


_MAP = """
select count(*), coalesce(string_agg(
  '{"type":"Feature","geometry":{"type":"Point","coordinates":[' || lon || ',' || lat || ']},"properties":{"count":' || n || '}}', ','), '')
from (
  select count(*) n, round(avg(lon)::numeric, 5) lon, round(avg(lat)::numeric, 5) lat from city_asset
  where place && box(point(%(east)s, %(north)s), point(%(west)s, %(south)s)) and layer_id = any(%(layers)s)
    and (valid_to is null or valid_to > %(day)s)
  group by floor(lon / %(cell)s), floor(lat / %(cell)s)
) cells
"""
_POINTS = """
select id, layer_id, code, name, lat, lon from city_asset
where place && box(point(%(east)s, %(north)s), point(%(west)s, %(south)s)) and layer_id = any(%(layers)s)
  and (valid_to is null or valid_to > %(day)s)
limit %(most)s
"""
MOST_POINTS = 600


def asset_map(bbox: Box | Sequence[float], zoom: float, layer: str = "") -> bytes:
    """GeoJSON for the desk's map: points where they are few, else one cluster for each cell. At most two statements."""
    box = Box(*bbox)
    wanted = [known.layer(layer)] if layer else known.filled()
    values: Mapping[str, Any] = {
        **box._asdict(),
        "layers": [one.pk for one in wanted],
        "day": clock.now().date(),
        "most": MOST_POINTS + 1,
        "cell": 360 / (1 << (max(6, min(int(zoom), 20)) + 2)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_POINTS, values)
        rows = cursor.fetchall()
        if len(rows) > MOST_POINTS:
            cursor.execute(_MAP, values)
            return b'{"type":"FeatureCollection","features":[' + cursor.fetchone()[1].encode() + b"]}"
    return orjson.dumps({"type": "FeatureCollection", "features": [_feature(*row) for row in rows]})


def _feature(_id: int, layer_id: int, code: str, name: str, lat: float, lon: float) -> dict[str, Any]:
    layer = known.layer_by_id(layer_id)
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]},
        "properties": {
            "title": label(layer, code, name),
            "url": f"/desk/assets/{layer.code}/{code}",
            "stage": "handling",
            "count": 1,
        },
    }
