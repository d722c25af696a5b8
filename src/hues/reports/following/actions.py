"""What people follow. Private preferences on which nobody else depends: nothing for the journal."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hues.cases import engine, reference
from hues.cases.models import LISTED, Case
from hues.city import queries as city
from hues.kernel import clock, geo, journal, text
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Invalid, NotFound, SignInNeeded
from hues.people.actions.erasure import GROUND
from hues.people.models import User
from hues.reports.following import MOST, RADII, cell_of
from hues.reports.models import Confirmation, Follow, Thanks

LABEL_MAX = 120
KINDS, PACES = Follow.Kind, Follow.Pace


def follow_case(*, actor: Actor, code: str) -> Follow:
    """Hear of each public step of a case. Raises SignInNeeded, NotFound (not listed), Invalid (too many)."""
    person_id = _person(actor)
    found = None
    if engine.is_code(code):
        found = Case.objects.filter(LISTED, code=engine.normal_code(code)).only("pk").first()
    if found is None:
        raise engine.no_case()
    return _keep(person_id, kind=KINDS.CASE, pace=PACES.NOW, case_id=found.pk)


def follow_place(
    *, actor: Actor, lat: object, lon: object, radius_m: object = RADII[1], label: object = "", pace: object = ""
) -> Follow:
    """Hear of what is new and what ended within `radius_m` metres (RADII). Raises SignInNeeded, Invalid."""
    person_id = _person(actor)
    point = geo.parse_point(lat, lon)
    if city.unit_at(point.lat, point.lon) is None:
        raise Invalid(_("This place is outside the city."), fields={"lat": _("This place is outside the city.")})
    return _keep(
        person_id,
        kind=KINDS.PLACE,
        pace=_pace(pace),
        lat=round(point.lat, 5),
        lon=round(point.lon, 5),
        cell=cell_of(point.lat, point.lon),
        defaults={
            "radius_m": _choice("radius", radius_m, {str(metres): metres for metres in RADII}),
            "label": text.clean(label if isinstance(label, str) else "", max_length=LABEL_MAX, field="label"),
        },
    )


def follow_area(*, actor: Actor, unit: object = "", category: object = "", pace: object = "") -> Follow:
    """Hear of a ward, of a kind of matter in a ward, or of it in the whole city. Raises SignInNeeded, Invalid."""
    person_id = _person(actor)
    if not unit and not category:
        raise Invalid(_("Choose an area or a kind."), fields={"unit": _("Choose an area or a kind.")})
    where = _choice("unit", unit, reference.units_by_code()) if unit else None
    what = _choice("category", category, reference.categories_by_code()) if category else None
    return _keep(
        person_id,
        kind=KINDS.CATEGORY if what else KINDS.UNIT,
        pace=_pace(pace),
        unit_id=where.pk if where else None,
        category_id=what.pk if what else None,
    )


def set_pace(*, actor: Actor, follow_id: UUID, pace: object) -> None:
    """At once, or once a day. Raises NotFound, Invalid."""
    changed = Follow.objects.filter(pk=follow_id, person_id=_person(actor)).exclude(kind=KINDS.CASE)
    if not changed.update(pace=_pace(pace)):
        raise NotFound(_("You do not follow this."))


def stop_following(*, actor: Actor, follow_id: UUID) -> None:
    """Raises NotFound for what is not one's own."""
    deleted, _by_model = Follow.objects.filter(pk=follow_id, person_id=_person(actor)).delete()
    if not deleted:
        raise NotFound(_("You do not follow this."))


def stop_following_case(*, actor: Actor, code: str) -> None:
    """However often it is said."""
    if engine.is_code(code):
        Follow.objects.filter(person_id=_person(actor), kind=KINDS.CASE, case__code=engine.normal_code(code)).delete()


def erase_of(person_id: UUID) -> dict[str, int]:
    """What somebody followed, and the words they left about results; what they confirmed stays a number."""
    entries = _erase_entries(person_id)
    follows, _by_model = Follow.objects.filter(person_id=person_id).delete()
    notes = Confirmation.objects.filter(person_id=person_id).exclude(note="").update(note="")
    thanks = Thanks.objects.filter(person_id=person_id).exclude(body="").update(body="")
    return {"follows": follows, "confirmations": notes, "thanks": thanks, "entries": entries}


# Found through the cases that were spoken of, whosever they are: the journal has an index for these.
_ENTRIES = """
select id from kernel_journalentry where actor_id = %(person)s and salt <> '' and parts ? 'staff'
  and action in ('case.confirmed', 'case.denied', 'case.thanked') and subject_id in (
    select case_id from reports_confirmation where person_id = %(person)s
    union select case_id from reports_thanks where person_id = %(person)s)
"""


def _erase_entries(person_id: UUID) -> int:
    """The same words in the histories of those cases."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, {"person": person_id})
        ids = [row[0] for row in cursor.fetchall()]
    for entry_id in ids:
        journal.erase_entry(actor=SYSTEM, entry_id=entry_id, ground=GROUND)
    return len(ids)


def _person(actor: Actor) -> UUID:
    if actor.kind not in ("citizen", "staff") or actor.id is None:
        raise SignInNeeded(_("Please sign in to follow."))
    return actor.id


def _pace(value: object) -> str:
    return str(_choice("pace", value, {pace: pace for pace in PACES.values}) if value else PACES.DAILY)


def _choice(field: str, value: object, choices: Any) -> Any:
    found = choices.get(str(value))
    if found is None:
        raise Invalid(_("This is not one of the choices."), fields={field: _("This is not one of the choices.")})
    return found


def _keep(person_id: UUID, *, kind: str, pace: str, defaults: dict[str, Any] | None = None, **target: Any) -> Follow:
    """Following twice is following once, at the pace and width that were said last."""
    with transaction.atomic():
        # One person's follows are counted one at a time: two clicks at once must not pass the limit together.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=person_id)
        found = Follow.objects.filter(person_id=person_id, kind=kind, **target).first()
        if found is None and Follow.objects.filter(person_id=person_id).count() >= MOST:
            raise Invalid(
                ngettext("You follow {n} thing already.", "You follow {n} things already.", MOST).format(n=MOST)
                + " "
                + _("Stop following something first."),
                code="too-many-follows",
            )
        follow = found or Follow(person_id=person_id, kind=kind, created_at=clock.now(), **target)
        follow.pace = pace
        for name, value in (defaults or {}).items():
            setattr(follow, name, value)
        follow.save()
    return follow
