"""Other open cases of the same kind nearby: what an operator sees before deciding that it is one more of the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hues.cases import access
from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.geo import distance_m

_DEGREE_M = 111_320.0


@dataclass(frozen=True)
class Near:
    code: str
    state: str
    phase: str
    is_open: bool
    received_at: datetime
    distance: float  # metres


def near(actor: Actor, case: Case, limit: int = 5) -> list[Near]:
    """Within the category's radius and days, the nearest first, as far as this viewer may see them. One statement."""
    lat, lon = case.lat, case.lon
    if lat is None or lon is None:
        return []
    radius = max(case.category.duplicate_radius_m, 20)
    reach = radius / _DEGREE_M * 1.2
    since = min(case.received_at, clock.now()) - timedelta(days=case.category.duplicate_days)
    rows = (
        Case.objects.filter(access.visible_to(actor), category_id=case.category_id, received_at__gte=since, parent=None)
        .filter(lat__range=(lat - reach, lat + reach), lon__range=(lon - reach, lon + reach))
        .exclude(pk=case.pk)
        .values_list("code", "state", "phase", "is_open", "received_at", "lat", "lon")[:200]
    )
    found = [Near(*row[:5], distance_m(lat, lon, row[5] or 0.0, row[6] or 0.0)) for row in rows]
    return sorted((one for one in found if one.distance <= radius), key=lambda one: one.distance)[:limit]
