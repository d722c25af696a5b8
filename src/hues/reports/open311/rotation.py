"""What this room keeps sealed, brought under a new key of the vault: other cities' API keys, contacts that other systems sent."""

import base64
from uuid import UUID

from django.db import transaction

from hues.cases.models import Case
from hues.people import vault
from hues.reports.models import RemoteCity


@vault.RESEALERS.register("open311")
def reseal_all() -> int:
    """Returns how many were moved. Each is its own transaction: it can be stopped and started again."""
    cities = [_reseal_city(pk) for pk in RemoteCity.objects.exclude(sealed_key=None).values_list("pk", flat=True)]
    with_contact = Case.objects.filter(source_data__has_key="contact").values_list("pk", flat=True)
    return sum(cities) + sum(_reseal_contact(pk) for pk in with_contact.iterator())


@transaction.atomic
def _reseal_city(pk: int) -> bool:
    city = RemoteCity.objects.select_for_update().get(pk=pk)
    moved = vault.reseal(city.sealed_key, city.name.encode()) if city.sealed_key else None
    if moved is None:
        return False
    city.sealed_key = moved
    city.save(update_fields=["sealed_key"])
    return True


@transaction.atomic
def _reseal_contact(pk: UUID) -> bool:
    case = Case.objects.select_for_update().only("pk", "source_id", "source_data").get(pk=pk)
    moved = vault.reseal(base64.b64decode(case.source_data["contact"]), case.source_id.encode())
    if moved is None:
        return False
    Case.objects.filter(pk=pk).update(source_data={**case.source_data, "contact": base64.b64encode(moved).decode()})
    return True
