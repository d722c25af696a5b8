"""What there is: reports, units, all public assets, and each of their layers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Min, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import engine, reference
from hues.city import pack
from hues.city.assets import geojson
from hues.city.assets.layers import layers
from hues.city.geography import current_units
from hues.city.models import AssetLayer, Unit
from hues.insights.opendata import rows
from hues.insights.opendata.datasets import Column, DataSet, data_set, samples
from hues.insights.opendata.files import feature
from hues.insights.opendata.ogc.asking import Asked, Refused
from hues.kernel.errors import Invalid, NotFound
from hues.kernel.geo import Box
from hues.kernel.pages import seal, unseal


@dataclass(frozen=True)
class Items:
    features: list[dict[str, Any]]
    next: str | None = None


class Collection(ABC):
    """One collection: its schema is that of its data set."""

    id: str
    filters: tuple[str, ...] = ()

    def __init__(self, data_set: DataSet) -> None:
        self.data_set = data_set

    @property
    def title(self) -> str:
        return self.data_set.title

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.data_set.columns

    def extent(self) -> dict[str, Any]:
        bounds = pack.settings()["bounds"]
        box = [bounds[side] for side in ("west", "south", "east", "north")]
        return {"spatial": {"bbox": [box], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}

    @abstractmethod
    def items(self, asked: Asked) -> Items:
        """A page. Raises Refused."""

    @abstractmethod
    def item(self, ident: str) -> dict[str, Any]:
        """One feature. Raises NotFound."""


class Reports(Collection):
    id = "reports"
    filters = ("code", "category", "unit", "agency", "group", "outcome", "open")
    _order = ("-received_at", "-id")

    def extent(self) -> dict[str, Any]:
        first = rows.listed().aggregate(at=Min("received_at"))["at"]
        times = {"temporal": {"interval": [[rows.as_utc(first) if first else None, None]]}}
        return super().extent() | times

    def items(self, asked: Asked) -> Items:
        found = self._filtered(asked)
        if asked.after:
            at, ident = _unsealed(asked.after, self.id, 2)
            found = found.filter(TupleLessThan(Tuple(F("received_at"), F("id")), (at, ident)))
        page = list(found.order_by(*self._order).values_list("id", *rows.REPORT_FIELDS, named=True)[: asked.limit + 1])
        more = len(page) > asked.limit
        last = page[asked.limit - 1] if more else None
        return Items(
            [self._feature(values) for values in page[: asked.limit]],
            seal([last.received_at, last.id], self.id) if last else None,
        )

    def _filtered(self, asked: Asked) -> Any:
        found = rows.listed()
        if asked.boxes:
            found = found.filter(_any_box(asked.boxes))
        if asked.since:
            found = found.filter(received_at__gte=asked.since)
        if asked.until:
            found = found.filter(received_at__lte=asked.until)
        for name, value in asked.properties.items():
            found = found.filter(self._condition(name, value))
        return found

    def _condition(self, name: str, value: str) -> Q:
        """What is unknown matches nothing."""
        known: Any
        match name:
            case "category":
                known = reference.categories_by_code().get(value)
            case "unit":
                known = reference.units_by_code().get(value)
            case "agency":
                known = reference.agencies_by_code().get(value)
            case "open":
                return Q(is_open=_truth(value))
            case "outcome":  # as the data set says it: only once it is published
                told = (Q(published_at__isnull=False) & Q(phase="done")) | Q(state="planned")
                return Q(outcome=value) & told if value else ~told | Q(outcome="")
            case _:
                return Q(**{name: value})
        return Q(**{f"{name}_id": known.pk if known else -1})

    def item(self, ident: str) -> dict[str, Any]:
        if engine.is_code(ident):
            found = rows.listed().filter(code=engine.normal_code(ident))
            if values := found.values_list(*rows.REPORT_FIELDS, named=True).first():
                return self._feature(values)
        raise NotFound(_("There is no such report."))

    def _feature(self, values: Any) -> dict[str, Any]:
        return feature(rows.report(values), self.columns, values.code)


class Units(Collection):
    id = "units"
    filters = ("code", "kind")

    def items(self, asked: Asked) -> Items:
        units = sorted(current_units().values(), key=lambda unit: unit.code)
        start = str(_unsealed(asked.after, self.id, 1)[0]) if asked.after else ""
        units = [unit for unit in units if unit.code > start and self._fits(unit, asked)]
        page = units[: asked.limit]
        shapes = dict(Unit.objects.filter(pk__in=[unit.pk for unit in page]).values_list("pk", "boundary"))
        cursor = seal([page[-1].code], self.id) if len(units) > asked.limit else None
        return Items([self._feature(unit, shapes.get(unit.pk)) for unit in page], cursor)

    def _fits(self, unit: Unit, asked: Asked) -> bool:
        if any(getattr(unit, name) != value for name, value in asked.properties.items()):
            return False
        if not asked.boxes:
            return True
        west, south, east, north = unit.box or (unit.lon, unit.lat, unit.lon, unit.lat)
        return any(
            box.west <= east and west <= box.east and box.south <= north and south <= box.north for box in asked.boxes
        )

    def item(self, ident: str) -> dict[str, Any]:
        for unit in current_units().values():
            if unit.code == ident:
                return self._feature(unit, Unit.objects.values_list("boundary", flat=True).get(pk=unit.pk))
        raise NotFound(_("There is no such unit."))

    def _feature(self, unit: Unit, boundary: Any) -> dict[str, Any]:
        return feature(rows.unit_row(unit, boundary), self.columns, unit.code)


class Assets(Collection):
    """All public layers, or one of them (`assets-lamp`)."""

    filters = ("code", "layer", "owner", "unit")

    def __init__(self, data_set: DataSet, layer: AssetLayer | None = None) -> None:
        super().__init__(data_set)
        self.layer = layer
        self.id = f"assets-{layer.code}" if layer else "assets"

    @property
    def title(self) -> str:
        return self.layer.name(get_language() or "vi") if self.layer else super().title

    def _layers(self, asked: Asked | None = None) -> list[AssetLayer]:
        wanted = asked.properties.get("layer") if asked else None
        every = [self.layer] if self.layer else geojson.public_layers()
        return [layer for layer in every if wanted is None or layer.code == wanted]

    def items(self, asked: Asked) -> Items:
        start = int(_unsealed(asked.after, self.id, 1)[0]) if asked.after else 0
        more, values = self._conditions(asked)
        found = geojson.features(self._layers(asked), after=start, limit=asked.limit + 1, more=more, values=values)
        cursor = seal([found[asked.limit - 1]["id"]], self.id) if len(found) > asked.limit else None
        return Items([self._feature(one) for one in found[: asked.limit]], cursor)

    def _conditions(self, asked: Asked) -> tuple[str, dict[str, Any]]:
        sql, values = "" if samples() else " and not is_sample", dict[str, Any]()
        if asked.boxes:
            boxes = [_sql_box(number, box, values) for number, box in enumerate(asked.boxes)]
            sql += f" and ({' or '.join(boxes)})"
        if "code" in asked.properties:
            sql, values["code"] = sql + " and code = %(code)s", asked.properties["code"]
        for name, known in (("owner", reference.agencies_by_code()), ("unit", reference.units_by_code())):
            if name in asked.properties:
                row: Any = known.get(asked.properties[name])
                sql, values[name] = sql + f" and {name}_id = %({name})s", row.pk if row else -1
        return sql, values

    def item(self, ident: str) -> dict[str, Any]:
        if ident.isascii() and ident.isdigit() and len(ident) < 18:
            more = "" if samples() else " and not is_sample"
            for one in geojson.features(self._layers(), ident=int(ident), limit=1, more=more):
                return self._feature(one)
        raise NotFound(_("There is no such asset."))

    def _feature(self, one: dict[str, Any]) -> dict[str, Any]:
        return feature(rows.asset(one), self.columns, one["id"])


def collections() -> list[Collection]:
    """Every collection, in the order in which they are shown."""
    assets = data_set("assets")
    of_layers = [Assets(assets, layer) for layer in layers() if layer.public and layer.assets]
    return [Reports(data_set("reports")), Units(data_set("units")), Assets(assets), *of_layers]


def collection(ident: str) -> Collection:
    """Raises NotFound."""
    for one in collections():
        if one.id == ident:
            return one
    raise NotFound(_("There is no such collection."))


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Refused(_("This must be true or false."))
    return text.lower() == "true"


def _unsealed(cursor: str, scope: str, count: int) -> list[Any]:
    try:
        return unseal(cursor, scope, count)
    except Invalid as problem:
        raise Refused(problem.detail) from None


def _any_box(boxes: tuple[Box, ...]) -> Q:
    found = Q()
    for box in boxes:
        found |= Q(public_lat__range=(box.south, box.north), public_lon__range=(box.west, box.east))
    return found


def _sql_box(number: int, box: Box, values: dict[str, Any]) -> str:
    names = {side: f"{side}{number}" for side in box._fields}
    values |= {names[side]: edge for side, edge in box._asdict().items()}
    return "place && box(point(%({east})s, %({north})s), point(%({west})s, %({south})s))".format(**names)
