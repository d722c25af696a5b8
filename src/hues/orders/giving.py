"""Who gives orders to whom, and the kind under which they are kept.

Orders come from heads of the chairman's office, heads of a department to what stands below it, and leads of the centre to everyone. The
office of whoever gave one checks it: its people, for the centre its leads.
"""

from django.utils.translation import gettext as _

from hues.cases import access, processes, reference
from hues.cases.definition import Process
from hues.city.memory import forget
from hues.city.models import Agency, Category, PackLoad
from hues.kernel.actors import HEAD, LEAD, Actor
from hues.kernel.errors import Conflict
from hues.kernel.ids import new_id

PROCESS = "order"
CATEGORY = "ORDER"  # not of the pack: nobody reports it, so no list offers it
CHANNEL = "order"


def office_for(actor: Actor, agency_id: int) -> Agency | None:
    """The office in whose name somebody may give an order to an agency; None where they may not."""
    agencies = reference.agencies()
    for grant in sorted(actor.grants, key=lambda grant: grant.agency_id or 0):
        office = agencies.get(grant.agency_id or 0)
        if grant.role != HEAD or office is None:
            continue
        if agency_id != office.pk and (office.is_chair or agency_id in reference.agencies_below(office.pk)):
            return office
    if actor.has(LEAD):
        centre = next((agency for agency in agencies.values() if agency.is_centre), None)
        return centre if centre is not None and centre.pk != agency_id else None
    return None


def may_order(actor: Actor, office_id: int, agency_id: int) -> bool:
    """Whether somebody may give to this agency in the name of this very office: of several that they lead, no other one counts."""
    office = reference.agencies().get(office_id)
    if office is None or office_id == agency_id:
        return False
    if office.is_centre and actor.has(LEAD):
        return True
    return actor.heads(office_id) and (office.is_chair or agency_id in reference.agencies_below(office_id))


def targets(actor: Actor) -> list[Agency]:
    """The agencies that somebody may give orders to, the city's own first. From memory."""
    found = [one for one in reference.agencies().values() if one.valid_to is None and office_for(actor, one.pk)]
    return sorted(found, key=lambda one: (one.unit_id is not None, one.sort_key))


def may_give(actor: Actor) -> bool:
    """Whether somebody gives orders to anybody at all. From memory."""
    if actor.kind != "staff":
        return False
    heads = [grant.agency_id for grant in actor.grants if grant.role == HEAD and grant.agency_id]
    return actor.has(LEAD) or any(reference.agencies_below(i) or _is_chair(i) for i in heads)


def _is_chair(agency_id: int) -> bool:
    agency = reference.agencies().get(agency_id)
    return agency is not None and agency.is_chair


def offices(actor: Actor) -> list[int]:
    """The offices whose orders somebody follows and checks."""
    found = set(actor.agency_ids)
    if actor.has(LEAD):
        found |= {agency.pk for agency in reference.agencies().values() if agency.is_centre}
    return sorted(found)


def receives(actor: Actor) -> bool:
    return bool(access.agencies_of(actor))


def process() -> Process:
    """Raises Conflict where the city's pack has no process for orders."""
    try:
        return processes.latest(PROCESS)[1]
    except KeyError:
        raise Conflict(_("This city has no process for orders.")) from None


def category() -> Category:
    """The kind of all orders, named as the pack names the process; made when the first one is given. One statement."""
    names = dict(process().names)
    rules = {
        "names": names, "domain": PROCESS, "domain_names": names, "process_group": Category.Group.COMMAND, "process": PROCESS,
        "priority": 2, "visibility": Category.Visibility.RESTRICTED, "triage": {}, "target": {"minutes": 1440}, "routing": [],
        "icon": "flag", "active": False,
    }  # fmt: skip
    found, made = Category.objects.get_or_create(code=CATEGORY, defaults=rules)
    if found.names != names:
        found.names = found.domain_names = names
        found.save(update_fields=["names", "domain_names"])
        made = True
    if made or found.pk not in reference.categories():
        PackLoad.objects.update(stamp=new_id())  # tells every process to look again
        forget()
    return found
