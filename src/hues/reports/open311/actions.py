"""Which other cities we know: the one place where they are added and changed. Operators do it, with `hues cities`."""

import re
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.kernel import clock, journal
from hues.kernel.actors import ADMINISTRATOR, SYSTEM, Actor
from hues.kernel.errors import Forbidden, Invalid
from hues.kernel.ids import new_id
from hues.people import vault
from hues.reports.models import RemoteCity

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,23}")


def know_city(
    *,
    name: str,
    url: str,
    jurisdiction_id: str = "",
    api_key: str | None = None,
    services_in: Mapping[str, str] | None = None,
    services_out: Mapping[str, str] | None = None,
    feed_on: str | None = None,
    actor: Actor = SYSTEM,
) -> RemoteCity:
    """Add a city, or change what is known of it; what is not given stays. Raises Forbidden, and Invalid with fields."""
    if actor.kind != "system" and not actor.has(ADMINISTRATOR):
        raise Forbidden(_("You may not do this."))
    wrong = _mistakes(name, url, services_in, services_out)
    if wrong:
        raise Invalid(_("Some of it needs mending."), fields=wrong)
    with transaction.atomic():
        city = RemoteCity.objects.select_for_update().filter(name=name).first()
        city = city or RemoteCity(name=name, created_at=clock.now())
        city.url, city.jurisdiction_id = url.rstrip("/"), jurisdiction_id or city.jurisdiction_id
        if api_key is not None:
            city.sealed_key = vault.seal(api_key.encode(), name.encode()) if api_key else None
        city.services_in = city.services_in if services_in is None else dict(services_in)
        city.services_out = city.services_out if services_out is None else dict(services_out)
        city.feed_on = city.feed_on if feed_on is None else feed_on
        city.save()
        journal.record(
            actor=actor,
            action="open311.city",
            subject_kind="remote-city",
            subject_id=new_id(),
            audit={"name": name, "url": city.url, "feed_on": city.feed_on},
        )
    return city


def _mistakes(
    name: str, url: str, services_in: Mapping[str, str] | None, services_out: Mapping[str, str] | None
) -> dict[str, str]:
    wrong: dict[str, str] = {}
    ours = reference.categories_by_code()
    if not _NAME.fullmatch(name):
        wrong["name"] = _("A name has up to 24 small letters, digits, dots and dashes.")
    if not url.startswith(("http://", "https://")):
        wrong["url"] = _("A web address begins with http:// or https://.")
    for field, codes in (("services_in", (services_in or {}).values()), ("services_out", services_out or {})):
        unknown = sorted({str(code) for code in codes} - ours.keys())
        if unknown:
            wrong[field] = _("There is no such category.") + " " + ", ".join(unknown)
    return wrong
