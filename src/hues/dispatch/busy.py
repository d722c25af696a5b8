"""How many open tasks teams have: duty asks, to name a free team before a busy one that is as near."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import Count

from hues.dispatch.models import OPEN, Task


def count_open(team_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """One statement."""
    rows = Task.objects.filter(team__in=list(team_ids), state__in=OPEN).values_list("team").annotate(n=Count("id"))
    return dict(rows)
