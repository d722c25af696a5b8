"""The public map as GeoJSON, made in the database: clusters where there are many, points where there are few.

Clusters come from `case_map_cell`, which triggers keep: what a city has received in years costs as much as what it received today. Filters
that the cells do not know (text, days, late) are answered from the cases themselves.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from hues.cases import reference
from hues.cases.models import LISTED, Case
from hues.cases.queries.public import filtered
from hues.cases.queries.rows import code_of, of_domain
from hues.kernel.geo import Box

POINTS_MOST = 4_000  # features that an old phone still draws
POINTS_ANYWHERE = 300  # so few are shown as points at any zoom
POINTS_FROM = 14  # zoom from which POINTS_MOST may be shown
FINEST, COARSEST = 16, 6  # levels that are kept
_KINDS = {"open": [0, 1], "planned": [1], "done": [2, 3], "resolved": [2]}
_KNOWN = frozenset({"category", "domain", "group", "unit", "state"})
_HEAD, _TAIL = b'{"type":"FeatureCollection","features":[', b"]}"


def public_map(bbox: Box | Sequence[float], zoom: float, filters: Mapping[str, Any] | None = None) -> bytes:
    """GeoJSON (RFC 7946) of the listed cases in a box. At most two statements. Raises Invalid for bad filters.

    A point has `code`, `title`, `state`, `count` 1; a cluster has `count` and `open`. Filters are those of the public list.
    """
    box, level = Box(*bbox), max(0, min(int(zoom), 22))
    given = {name: value for name, value in (filters or {}).items() if value not in (None, "")}
    if level <= FINEST and _KNOWN.issuperset(given) and given.get("state") != "late":
        found, features = _clusters(box, max(level, COARSEST), given)
        if found > (POINTS_MOST if level >= POINTS_FROM else POINTS_ANYWHERE):
            return _HEAD + features.encode() + _TAIL
    cases = filtered(Case.objects.filter(LISTED, _within(box)), given)
    return _HEAD + _points_or_clusters(cases, level).encode() + _TAIL


_CLUSTERS = """
select coalesce(sum(n), 0), coalesce(string_agg(
  '{"type":"Feature","geometry":{"type":"Point","coordinates":[' || lon || ',' || lat || ']},"properties":{"count":' || n
  || ',"open":' || open || '}}', ','), '')
from (
  select sum(n) n, coalesce(sum(n) filter (where kind < 2), 0) open,
    round((sum(sum_lon) / nullif(sum(n), 0))::numeric, 5) lon, round((sum(sum_lat) / nullif(sum(n), 0))::numeric, 5) lat
  from (select * from case_map_cell where merged union all select * from case_map_cell where not merged) both_parts
  where category_id = any(%(categories)s) and level = %(level)s and x between %(x0)s and %(x1)s and y between %(y0)s and %(y1)s
    and (%(unit)s::bigint is null or unit_id = %(unit)s) and (%(kinds)s::smallint[] is null or kind = any(%(kinds)s))
  group by x, y having sum(n) > 0
) cells
"""


def _clusters(box: Box, level: int, given: Mapping[str, Any]) -> tuple[int, str]:
    """How many cases the box holds, and its cells as features."""
    cells = (1 << (level + 2)) / 360
    values = {
        "categories": _categories(given),
        "level": level,
        "x0": int((box.west + 180) * cells),
        "x1": int((box.east + 180) * cells),
        "y0": int((box.south + 90) * cells),
        "y1": int((box.north + 90) * cells),
        "unit": code_of(reference.units_by_code(), given["unit"], "unit").pk if "unit" in given else None,
        "kinds": code_of(_KINDS, given["state"], "state") if "state" in given else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLUSTERS, values)
        count, features = cursor.fetchone()
    return int(count), features


def _categories(given: Mapping[str, Any]) -> list[int]:
    """The categories that are meant; 0 stands for the sum over all categories and units."""
    if not given.keys() & {"category", "domain", "group", "unit"}:
        return [0]
    ids = set(reference.categories())
    if "category" in given:
        ids &= {code_of(reference.categories_by_code(), given["category"], "category").pk}
    if "domain" in given:
        ids &= set(of_domain(given["domain"]))
    if "group" in given:
        ids &= {category.pk for category in reference.categories().values() if category.process_group == given["group"]}
    return sorted(ids)


def _within(box: Box) -> Q:
    return Q(public_lat__range=(box.south, box.north), public_lon__range=(box.west, box.east))


_LIVE = """
with hits as materialized ({hits}),
titles (id, title) as (select * from unnest(%s::bigint[], %s::text[]))
select case when (select count(*) from hits) <= %s then (
  select string_agg('{{"type":"Feature","geometry":{{"type":"Point","coordinates":[' || public_lon || ',' || public_lat
    || ']}},"properties":{{"code":"' || code || '","title":' || title || ',"state":"' || state || '","count":1}}}}', ',')
  from hits join titles on titles.id = category_id
) else (
  select string_agg('{{"type":"Feature","geometry":{{"type":"Point","coordinates":[' || lon || ',' || lat
    || ']}},"properties":{{"count":' || n || ',"open":' || open || '}}}}', ',')
  from (
    select count(*) n, count(*) filter (where is_open) open, round(avg(public_lon)::numeric, 5) lon, round(avg(public_lat)::numeric, 5) lat
    from hits group by floor((public_lon + 180) * %s), floor((public_lat + 90) * %s)
  ) cells
) end
"""


def _points_or_clusters(cases: QuerySet[Case], level: int) -> str:
    """The cases themselves, or clusters of them where they are too many."""
    language = get_language() or "vi"
    titles = {pk: orjson.dumps(category.name(language)).decode() for pk, category in reference.categories().items()}
    rows = cases.order_by().values_list("code", "category_id", "state", "is_open", "public_lon", "public_lat")
    hits, parameters = rows.query.sql_with_params()
    most = POINTS_MOST if level >= POINTS_FROM else POINTS_ANYWHERE
    cells = (1 << (level + 2)) / 360
    with connection.cursor() as cursor:
        sql = _LIVE.format(hits=hits)
        cursor.execute(sql, [*parameters, list(titles), list(titles.values()), most, cells, cells])
        (features,) = cursor.fetchone()
    return features or ""
