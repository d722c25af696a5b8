"""Assets and open data at size: 200,000 assets, every report of the city. What is added here is rolled back."""

from collections.abc import Iterator
from typing import Any

from benchmarks.measure import Bound, Result, measure

ASSETS = 200_000
_FILL = """
insert into city_asset (layer_id, code, name, street, folded, owner_id, lat, lon, west, south, east, north, attributes, is_sample, digest,
  updated_at)
select l.id, 'B-' || n, '', 'Lê Lợi', 'b-' || n || ' le loi', a.id, y, x, x, y, x, y, '{}', true, '',
  now()
from (
    select n, 16.40 + (n * 7919 %% 100000) * 0.0000015 y, 107.52 + (n * 104729 %% 100000) * 0.0000015 x
    from generate_series(1::bigint, %s) n
  ) points,
  (select id from city_assetlayer where code = 'lamp') l, (select id from city_agency where code = 'CVX') a
"""


def assets(client: Any) -> Iterator[Result]:
    """Bounds are what a person who files, and a case that is routed, may wait."""
    from django.db import connection, transaction

    from hues.city import queries, routing
    from hues.city.assets import browsing
    from hues.city.assets.actions import count_assets
    from hues.city.models import Asset, AssetLayer

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_FILL, [max(0, ASSETS - Asset.objects.count())])
            cursor.execute("analyze city_asset")
        count_assets(AssetLayer.objects.select_for_update().get(code="lamp"))
        pothole, lamp = queries.category("GT01"), queries.category("DT01")
        around = [(16.42 + i % 40 * 0.002, 107.54 + i // 40 % 40 * 0.002) for i in range(400)]
        little = Bound(total_cpu_ms=4, p95_ms=15, statements=1)
        yield measure("assets within 50 m, of 200,000", lambda i: queries.assets_near(*around[i % 400]), little)
        yield measure("whose the ground is", lambda i: routing.owner_at(*around[i % 400], category=pothole), little)
        yield measure("whose the lamp is", lambda i: routing.owner_at(*around[i % 400], category=lamp), little)
        page = Bound(cpu_ms=12, p95_ms=150)
        yield measure("list of assets by street", lambda _i: browsing.asset_list(text="le loi"), page)
        transaction.set_rollback(True)
    from hues.city import memory

    memory.forget()
    for path in (
        "/ogc/collections/reports/items?limit=100",
        "/ogc/collections/reports/items?limit=100&bbox=107.58,16.45,107.60,16.47",
    ):

        def call(_i: int, path: str = path) -> None:
            assert client.get(path).status_code == 200

        yield measure(
            f"OGC items, 100{' in a box' if 'bbox' in path else ''}", call, Bound(cpu_ms=25, p95_ms=150, statements=2)
        )
