"""Who may see what of a case, and in which role somebody stands to it.

|                                   | sees                                        | acts as                    |
|-----------------------------------|---------------------------------------------|----------------------------|
| everyone                          | the public part of listed cases             | nobody                     |
| the reporter                      | their own cases                             | reporter                   |
| officers, heads of the agency     | its cases, and what was merged into them    | officer; head              |
| heads of the agencies above it    | the same                                    | department                 |
| the centre                        | all                                         | operator; lead; of its own |
|                                   |                                             | cases also officer; head   |
| auditors                          | all                                         | nobody                     |
| the office that gave an order     | the order                                   | giver; its heads: giving_head |
| API keys                          | the cases they sent, as a reporter does     | reporter                   |
| administrators                    | the public part                             | nobody                     |

Who the reporter is stays hidden from agencies: `hide` takes it out of what they are given.
"""

from collections.abc import Callable, Collection
from uuid import UUID

from django.db.models import Q

from hues.cases import reference
from hues.cases.models import Case, office_of, source_of_office
from hues.kernel import journal
from hues.kernel.actors import AUDITOR, CENTRE_ROLES, HEAD, LEAD, Actor
from hues.kernel.registry import Registry

NOBODY = Q(pk__in=())

# Who takes part in a case that another agency handles, so that they see its photos: (actor, case id) → yes. Rooms above register.
PARTIES: Registry[Callable[[Actor, UUID], bool]] = Registry("party to a case")


# Who may hand an order on: (actor, office that gave it, agency that shall have it) → yes. The room that gives orders registers; without it nobody.
ORDERING: Registry[Callable[[Actor, int, int], bool]] = Registry("who orders whom")


def takes_part(actor: Actor, case_id: UUID) -> bool:
    return actor.kind == "staff" and any(asked(actor, case_id) for _name, asked in PARTIES.items())


def agencies_of(actor: Actor) -> frozenset[int]:
    """The agencies whose cases this person sees: their own, and those below an agency that they head."""
    headed = (grant.agency_id for grant in actor.grants if grant.role == HEAD and grant.agency_id)
    return actor.agency_ids.union(*(reference.agencies_below(agency_id) for agency_id in headed))


def sees_all(actor: Actor) -> bool:
    return actor.kind == "system" or actor.has(*CENTRE_ROLES, AUDITOR)


def visible_to(actor: Actor) -> Q:
    """Cases that this viewer may see in full (as far as `parts_for` lets them)."""
    if sees_all(actor):
        return Q()
    if actor.kind == "citizen" and actor.id:
        return Q(reporter_id=actor.id)
    if actor.kind == "key" and actor.id:
        return Q(source=source_of(actor))
    if ids := agencies_of(actor):
        given = [source_of_office(agency_id) for agency_id in sorted(actor.agency_ids)]
        return Q(agency_id__in=ids) | Q(parent__agency_id__in=ids) | Q(source__in=given)
    return NOBODY


LISTENED = 48  # topics of one page, of the 64 that a ticket may name


def topics_of(actor: Actor) -> list[str]:
    """What moves the lists of somebody's desk: their own agencies first. Whoever stands above very many hears a part of them at once, and
    the others when the page is opened again."""
    if sees_all(actor):
        return ["centre"]
    below = agencies_of(actor) - actor.agency_ids
    return [f"agency:{agency_id}" for agency_id in [*sorted(actor.agency_ids), *sorted(below)][:LISTENED]]


def gave(actor: Actor, case: Case) -> bool:
    """Whether an order comes from this person's office; for the centre its leads are the office."""
    office = office_of(case)
    if office is None:
        return False
    return office in actor.agency_ids or (reference.is_centre(office) and actor.has(LEAD))


def leads_office(actor: Actor, case: Case) -> bool:
    """Whether this person leads the office that gave an order: a head of it; for the centre its leads."""
    office = office_of(case)
    return office is not None and (actor.heads(office) or (reference.is_centre(office) and actor.has(LEAD)))


def may_order(actor: Actor, case: Case, agency_id: int) -> bool:
    """Whether an order may go to this agency in the name of the office that gave it."""
    office = office_of(case)
    return office is not None and any(asked(actor, office, agency_id) for _name, asked in ORDERING.items())


def source_of(actor: Actor) -> str:
    """`Case.source` of what a program sent with its key: at most 32 characters."""
    return f"key:{actor.id.hex[:28]}" if actor.id else ""


def is_reporter(actor: Actor, case: Case) -> bool:
    """Whoever the case came from: the citizen, or the program that passed it on."""
    if actor.kind == "citizen":
        return actor.id is not None and actor.id == case.reporter_id
    return actor.kind == "key" and bool(case.source) and case.source == source_of(actor)


def roles(actor: Actor, case: Case) -> frozenset[str]:
    """In which roles of a process definition somebody stands to a case. A head is also an officer, a lead also an operator."""
    if actor.kind == "system":
        return frozenset({"system"})
    found: set[str] = set()
    if is_reporter(actor, case):
        found.add("reporter")
    if actor.in_centre:
        found |= {"operator", "lead"} if actor.has(LEAD) else {"operator"}
        if reference.is_centre(case.agency_id):  # what the centre handles itself
            found |= {"officer", "head"} if actor.has(LEAD) else {"officer"}
    if case.agency_id in actor.agency_ids:
        found |= {"officer", "head"} if actor.heads(case.agency_id) else {"officer"}
    elif case.agency_id in agencies_of(actor):
        found.add("department")
    if gave(actor, case):
        found |= {"giver", "giving_head"} if leads_office(actor, case) else {"giver"}
    return frozenset(found)


def parts_for(actor: Actor, case: Case) -> Collection[str]:
    """The parts of journal entries that a viewer of a case is shown."""
    if actor.kind == "system" or actor.has(AUDITOR):
        return journal.AUDIT
    if actor.in_centre:
        return journal.CENTRE
    if is_reporter(actor, case):
        return journal.PARTY
    own = agencies_of(actor)
    if case.agency_id in own or gave(actor, case) or (case.parent is not None and case.parent.agency_id in own):
        return journal.STAFF
    return journal.PUBLIC


def knows_reporter(actor: Actor, case: Case) -> bool:
    """The centre, auditors and the reporter: nobody else is told who reported."""
    return sees_all(actor) or (actor.id is not None and actor.id == case.reporter_id)


def hide(case: Case, actor: Actor) -> Case:
    """The same case without what this viewer must not learn; it can no longer be saved whole."""
    if not knows_reporter(actor, case):
        case.reporter_id, case.source_data = None, _of_nobody(case)
    for name in ("parent", "origin"):
        if (other := case._state.fields_cache.get(name)) and not sees_all(actor):
            _only_public(other)
    return case


def _of_nobody(case: Case) -> dict[str, str]:
    """What says nothing of the sender: when it was written, if it was sent much later."""
    if "source_data" in case.get_deferred_fields() or "written_at" not in case.source_data:
        return {}
    return {"written_at": case.source_data["written_at"]}


def _only_public(other: Case) -> None:
    """Another case that is merely mentioned: what anybody could read of it."""
    other.reporter_id, other.source_data, other.answers = None, {}, {}
    other.body, other.address = other.public_body, other.public_address
    other.lat, other.lon = other.public_lat, other.public_lon


def has_desk(actor: Actor) -> bool:
    """Whether somebody among the staff has a list of cases at all."""
    return actor.in_centre or actor.has(AUDITOR) or bool(agencies_of(actor))
