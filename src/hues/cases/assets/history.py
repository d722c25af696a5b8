"""What happened to an asset before: the cases that name it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import get_language

from hues.cases import access, reference
from hues.cases.models import LISTED, Case
from hues.city.assets import layers
from hues.city.assets.near import Found
from hues.kernel import clock
from hues.kernel.actors import Actor

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Past:
    """A case about an asset, as far as this viewer may know it."""

    code: str
    title: str
    url: str
    case: Case
    received_at: datetime
    text: str


@dataclass(frozen=True)
class History:
    total: int
    this_year: int
    open: int
    last: Sequence[Past]


def history(actor: Actor, asset: Found, *, without: str = "", limit: int = 8) -> History:
    """The cases that name an asset, the newest first: those that the viewer may see, and what everybody may. Two statements."""
    seen = Q() if access.sees_all(actor) else access.visible_to(actor) | LISTED
    rows = Case.objects.filter(naming(asset), seen)
    since = clock.now() - YEAR
    counted = rows.aggregate(
        total=Count("pk"), this_year=Count("pk", Q(received_at__gte=since)), open=Count("pk", Q(is_open=True))
    )
    newest = rows.exclude(code=without).order_by("-received_at", "-id")[:limit]
    return History(**counted, last=[_past(actor, case) for case in newest])


def naming(asset: Found) -> Q:
    """Cases that name it: "lamp/NH-0231", or "NH-0231" as it is written on the thing, where they are of a kind that this layer is about."""
    kinds = [kind.pk for kind in reference.categories_by_code().values() if kind.code in asset.layer.categories]
    named = Q(asset=asset.ref)
    alone = len([layer for layer in layers.layers() if set(layer.categories) & set(asset.layer.categories)]) == 1
    return named | Q(asset=asset.code, category_id__in=kinds) if kinds and alone else named


def _past(actor: Actor, case: Case) -> Past:
    kind = reference.categories()[case.category_id]
    in_full = access.sees_all(actor) or bool(access.roles(actor, case))
    return Past(
        code=case.code,
        title=kind.name(get_language() or "vi"),
        url=f"/desk/cases/{case.code}" if in_full else f"/cases/{case.code}",
        case=case,
        received_at=case.received_at,
        text=(case.body if in_full else case.public_body)[:160],
    )
