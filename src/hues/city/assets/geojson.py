"""The public assets as GeoJSON (RFC 7946), for everybody: only layers that the pack calls public, only attributes that it calls public."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection
from django.utils.translation import gettext as _

from hues.city import routing
from hues.city.assets import layers as known
from hues.city.assets.near import assets_near
from hues.city.geography import current_units
from hues.city.models import AssetLayer
from hues.kernel import clock
from hues.kernel.errors import Invalid
from hues.kernel.geo import Box

MOST = 1000

_SELECT = """
select id, layer_id, code, name, street, owner_id, unit_id, lat, lon, geometry::text, attributes::text, valid_from, is_sample
from city_asset where layer_id = any(%(layers)s) and (valid_to is null or valid_to > %(day)s)
  and (valid_from is null or valid_from <= %(day)s)
"""
_IN_BOX = " and place && box(point(%(east)s, %(north)s), point(%(west)s, %(south)s))"


def public_layers(codes: Iterable[str] = ()) -> list[AssetLayer]:
    """The public layers, or those of them that are named. Raises Invalid for a name that is none."""
    public = {layer.code: layer for layer in known.layers() if layer.public}
    wanted = [code for code in codes if code]
    unknown = [code for code in wanted if code not in public]
    if unknown:
        message = _("There is no such layer.")
        raise Invalid(message, fields={"layer": message})
    return [public[code] for code in wanted] if wanted else list(public.values())


def features(
    layers: Sequence[AssetLayer],
    *,
    box: Box | None = None,
    after: int = 0,
    limit: int = 100,
    ident: int | None = None,
    more: str = "",
    values: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Features by id, those after `after`. `more` is a condition in SQL of our own with its `values`. One statement."""
    given: dict[str, Any] = {
        "layers": [layer.pk for layer in layers],
        "day": clock.now().date(),
        "after": after,
        "limit": limit,
        "id": ident,
    }
    sql = (
        _SELECT + (_IN_BOX if box else "") + more + (" and id = %(id)s" if ident is not None else " and id > %(after)s")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql + " order by id limit %(limit)s", {**given, **(box._asdict() if box else {}), **(values or {})}
        )
        return [feature(row) for row in cursor.fetchall()]


def near_features(
    layers: Sequence[AssetLayer], lat: float, lon: float, radius_m: float, limit: int
) -> list[dict[str, Any]]:
    """Features within `radius_m`, the nearest first, each with its distance. Two statements."""
    found = assets_near(lat, lon, layers=[layer.code for layer in layers], radius_m=radius_m, limit=limit)
    if not found:
        return []
    distances = {one.id: one.distance_m for one in found}
    rows = features(layers, limit=len(found), more=" and id = any(%(ids)s)", values={"ids": list(distances)})
    for row in rows:
        row["properties"]["distance_m"] = distances[row["id"]]
    return sorted(rows, key=lambda row: float(row["properties"]["distance_m"]))


def feature(row: Sequence[Any]) -> dict[str, Any]:
    """One row as a feature. Which properties there are is the data set's schema."""
    ident, layer_id, code, name, street, owner_id, unit_id, lat, lon, geometry, attributes, since, sample = row
    layer = known.layer_by_id(layer_id)
    unit = current_units().get(unit_id) if unit_id else None
    shape = orjson.loads(geometry) if geometry else {"type": "Point", "coordinates": [lon, lat]}
    told = {
        "layer": layer.code,
        "code": code,
        "name": name,
        "street": street,
        "owner": routing.agency(owner_id).code if owner_id else "",
        "unit": unit.code if unit else "",
        "lat": lat,
        "lon": lon,
        "valid_from": since.isoformat() if since else None,
        "sample": sample,
        "attributes": _public_attributes(layer, orjson.loads(attributes)),
    }
    return {"type": "Feature", "id": ident, "geometry": shape, "properties": told}


def _public_attributes(layer: AssetLayer, attributes: Mapping[str, Any]) -> dict[str, Any]:
    allowed = {attribute["code"] for attribute in layer.attributes if attribute["public"]}
    return {name: value for name, value in attributes.items() if name in allowed}
