"""What the engine needs of the city, by id, from memory: no statement on the hot path."""

from collections.abc import Mapping

from hues.city.memory import remembered
from hues.city.models import Agency, Category, Unit
from hues.kernel.actors import AGENCY_ROLES
from hues.people.models import Membership, User
from hues.people.queries import today, valid_on


@remembered
def categories() -> Mapping[int, Category]:
    return {category.pk: category for category in Category.objects.all()}


@remembered
def categories_by_code() -> Mapping[str, Category]:
    return {category.code: category for category in categories().values()}


@remembered
def agencies() -> Mapping[int, Agency]:
    return {agency.pk: agency for agency in Agency.objects.all()}


@remembered
def agencies_by_code() -> Mapping[str, Agency]:
    return {agency.code: agency for agency in agencies().values()}


@remembered
def units() -> Mapping[int, Unit]:
    return {unit.pk: unit for unit in Unit.objects.defer("boundary", "anchors")}


@remembered
def units_by_code() -> Mapping[str, Unit]:
    return {unit.code: unit for unit in units().values()}


@remembered
def _below() -> Mapping[int, frozenset[int]]:
    """Of each agency, all that stand under it."""
    children: dict[int, set[int]] = {}
    for agency in agencies().values():
        if agency.parent_id:
            children.setdefault(agency.parent_id, set()).add(agency.pk)

    def collect(agency_id: int, seen: frozenset[int]) -> frozenset[int]:
        below: frozenset[int] = frozenset()
        for child in children.get(agency_id, set()) - seen:
            below |= {child} | collect(child, seen | {child})
        return below

    return {agency_id: collect(agency_id, frozenset({agency_id})) for agency_id in agencies()}


def agencies_below(agency_id: int) -> frozenset[int]:
    """The agencies under one, at any depth."""
    return _below().get(agency_id, frozenset())


def superior_of(agency_id: int | None) -> Agency | None:
    """The agency above; above the topmost stands the chairman's office. None where there is nobody above."""
    agency = agencies().get(agency_id) if agency_id else None
    if agency is None or agency.is_chair:
        return None
    if agency.parent_id:
        return agencies()[agency.parent_id]
    return chair()


def is_centre(agency_id: int | None) -> bool:
    """Whether an agency is the operations centre itself."""
    agency = agencies().get(agency_id) if agency_id else None
    return agency is not None and agency.is_centre


def chair() -> Agency | None:
    """The chairman's office: the top of the ladder."""
    return next((agency for agency in agencies().values() if agency.is_chair), None)


def members(agency_id: int | None) -> list[User]:
    """Who works for an agency today, officers and heads, each once. One statement: people come and go by the day."""
    if not agency_id:
        return []
    held = Membership.objects.filter(valid_on(today()), agency_id=agency_id, role__in=AGENCY_ROLES)
    people = User.objects.filter(pk__in=held.values("user_id"), is_active=True)
    return list(people.only("id", "display_name", "username", "kind").order_by("display_name", "username"))
