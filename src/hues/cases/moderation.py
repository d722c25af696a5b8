"""What the public may see of a case: the defaults that an operator is offered, and the change itself."""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from hues.cases import reference
from hues.cases.change import category_of
from hues.cases.models import Case, CaseFile
from hues.city import routing
from hues.city.models import Agency, Category
from hues.kernel import geo
from hues.people.models import User

HIDDEN = "•••"
_PHONE = re.compile(r"(?<![\w.])(?:\+?84|0)(?:[ .\-]?\d){8,10}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_LONG_NUMBER = re.compile(r"(?<!\d)\d{9,}(?!\d)")  # identity cards, bank accounts
_PLATE = re.compile(r"(?<!\w)\d{2}[A-Z]{1,2}\d?[ .\-]?\d{3}\.?\d{2}(?!\d)")
# A house's or a lane's number: at the beginning ("27 Lê Lợi", "12/4 …"), or named as one ("số 5", "kiệt 22").
_NUMBER = r"\d+[a-z]?(?:[/-]\d+[a-z]?)*"
_HOUSE = re.compile(
    rf"(?i)^\s*{_NUMBER}(?![\w/])\s*,?|(?<!\w)(?:số nhà|nhà số|số|no\.?|kiệt|hẻm|ngõ|ngách|lô|căn|phòng)\s*{_NUMBER}(?![\w/])\s*,?"
)


def scrub(text: str) -> str:
    """Text without phone numbers, addresses of mail, long numbers and number plates."""
    for pattern in (_EMAIL, _PHONE, _PLATE, _LONG_NUMBER):
        text = pattern.sub(HIDDEN, text)
    return text


def public_body(case: Case) -> str:
    return case.public_body if case.moderated else scrub(case.body)


def public_address(case: Case) -> str:
    """The address; of a masked case the street without the house."""
    if case.moderated and case.public_address:
        return case.public_address
    return street_only(case.address) if case.visibility == Category.Visibility.MASKED else case.address


def street_only(address: str) -> str:
    """ "27 Lê Lợi, phường Thuận Hóa" → "Lê Lợi, phường Thuận Hóa"."""
    while (shorter := _HOUSE.sub(" ", address)) != address:
        address = shorter
    return " ".join(address.split()).strip(" ,")


def public_files(case: Case) -> list[UUID]:
    """Photos that are offered to be shown: of a public case the reporter's, of any other none."""
    files = CaseFile.objects.filter(case_id=case.pk)
    if case.moderated:
        files = files.filter(public=True)
    elif case.visibility == Category.Visibility.PUBLIC:
        files = files.filter(role=CaseFile.Role.BEFORE)
    else:
        return []
    return list(files.values_list("file_id", flat=True))


def after_files(case: Case) -> list[UUID]:
    """What shows the result: the agency's photos, and whatever is public already."""
    rows = CaseFile.objects.filter(case_id=case.pk).values_list("file_id", "role", "public")
    show_new = case.visibility == Category.Visibility.PUBLIC
    return [file_id for file_id, role, public in rows if public or (show_new and role == CaseFile.Role.AFTER)]


def suggested_agency(case: Case) -> Agency | None:
    """Who handles this category at this place, by the routing rules of the city."""
    return suggested_route(case).agency


def suggested_route(case: Case) -> routing.Route:
    """The same with its reason. One statement where layers of assets are loaded that its rules name, else none."""
    unit = reference.units().get(case.unit_id) if case.unit_id else None
    return routing.route(
        category_of(case),
        unit,
        address=case.address,
        at=case.received_at,
        lat=case.lat,
        lon=case.lon,
        asset=case.asset,
    )


def place_for_public(case: Case) -> None:
    """Sets the public point: as it is, moved into its street, or none."""
    case.public_lat = case.public_lon = None
    if case.lat is None or case.lon is None or case.visibility == Category.Visibility.RESTRICTED:
        return
    case.public_lat, case.public_lon = case.lat, case.lon
    if case.visibility == Category.Visibility.MASKED:
        case.public_lat, case.public_lon = geo.hide_in_street(case.lat, case.lon)


def show_files(
    case: Case, file_ids: Collection[UUID], roles: Iterable[str] = (CaseFile.Role.BEFORE, CaseFile.Role.AFTER)
) -> None:
    """Exactly these files of the case are public (of a restricted case none). At most two statements."""
    shown = () if case.visibility == Category.Visibility.RESTRICTED else file_ids
    files = CaseFile.objects.filter(case_id=case.pk, role__in=list(roles))
    files.filter(public=True).exclude(file_id__in=shown).update(public=False)
    if shown:
        files.filter(file_id__in=shown, public=False).update(public=True)


# What was changed. The original words, place and photos are never touched; the journal keeps each version of the rest.


def shown(case: Case, file_ids: Collection[UUID] | None = None) -> dict[str, Any]:
    """What everybody can see of a case, for the journal: {} while that is nothing. `file_ids` where they are known."""
    if not case.moderated:
        return {}
    if file_ids is None:
        file_ids = CaseFile.objects.filter(case_id=case.pk, public=True).values_list("file_id", flat=True)
    return {
        "visibility": case.visibility, "public_body": case.public_body, "public_address": case.public_address,
        "public_files": sorted(str(file_id) for file_id in file_ids),
    }  # fmt: skip


@dataclass(frozen=True)
class Version:
    """One decision on what the public sees."""

    at: datetime
    who: str
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def changed(self) -> list[str]:
        return [name for name in self.after if self.before.get(name) != self.after[name]]


def versions(case_id: UUID) -> list[Version]:
    """Every decision on what the public sees of a case, the latest first; for the centre and auditors. Two statements."""
    sql = """
    select at, actor_id, parts->'centre'->'before', parts->'centre'->'after' from kernel_journalentry
    where subject_id = %s and parts->'centre' ? 'after' order by id desc limit 100
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [case_id])
        rows = cursor.fetchall()
    names = {user.pk: user.name for user in User.objects.filter(pk__in={row[1] for row in rows if row[1]})}
    return [Version(at, names.get(who, ""), _json(before), _json(after)) for at, who, before, after in rows]


def _json(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, str) else value
    return found or {}
