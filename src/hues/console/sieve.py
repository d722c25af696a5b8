"""A view of the operators' work: which list, and which of it. What a saved filter keeps and an address says.

    {"list": "intake", "category": "DT01", "domain": "GT", "unit": "19789", "agency": "CVX", "channel": "hotline",
     "older": "60", "urgency": "1", "text": "den duong"}

`older`: waiting for at least so many minutes. `urgency`: "now" (handled at once), or a priority. `agency` of a case that nobody handles yet is
the one that the routing rules name for its kind and unit, or the one that returned it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import BooleanField, Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from hues.cases import processes, reference
from hues.cases.models import Case
from hues.cases.queries.rows import code_of, of_domain, words
from hues.city import routing
from hues.city.memory import remembered
from hues.city.models import Category
from hues.console.models import BulkItem, Hold
from hues.kernel import clock, text
from hues.kernel.errors import Invalid

LISTS = ("intake", "waiting", "mine", "held", "untouched")
NAMES = ("category", "domain", "unit", "agency", "channel", "older", "urgency", "text")
CHANNELS = ("web", "hotline", "api", "open311", "import", "order")
_OLDEST = 60 * 24 * 60  # minutes


@dataclass(frozen=True)
class Sieve:
    """A checked view. Equal views are equal."""

    list: str = "intake"
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        return {"list": self.list, **self.given}

    @property
    def address(self) -> str:
        """As the page's address says it."""
        shown = {name: value for name, value in self.query.items() if not (name == "list" and value == "intake")}
        return "/desk/triage" + (f"?{urlencode(shown)}" if shown else "")


def read(sent: Mapping[str, Any]) -> Sieve:
    """A view from an address or a saved filter; what it does not know is left aside. Raises Invalid for a value that nothing can have."""
    chosen = str(sent.get("list") or "intake")
    if chosen not in LISTS:
        raise Invalid(_("There is no such list."), fields={"list": _("This is not one of the choices.")})
    given = {}
    for name in NAMES:
        value = text.clean(str(sent.get(name) or ""), max_length=100, field=name)
        if value:
            given[name] = value
    view = Sieve(chosen, given)
    condition(view)  # says what is wrong before anything is asked
    return view


def condition(view: Sieve) -> Q:
    """The cases that pass, besides the list they are in. Raises Invalid."""
    found = Q()
    for name, value in view.given.items():
        found &= _CONDITIONS[name](value)
    return found


def _category(value: str) -> Q:
    return Q(category_id=code_of(reference.categories_by_code(), value, "category").pk)


def _domain(value: str) -> Q:
    return Q(category_id__in=of_domain(value))


def _unit(value: str) -> Q:
    return Q(unit_id=code_of(reference.units_by_code(), value, "unit").pk)


def _channel(value: str) -> Q:
    return Q(channel=code_of({name: name for name in CHANNELS}, value, "channel"))


def _older(value: str) -> Q:
    minutes = text.whole_number(value)
    if not minutes or minutes > _OLDEST:
        raise Invalid(_("Please give minutes."), fields={"older": _("Please give minutes.")})
    return Q(received_at__lt=clock.now() - timedelta(minutes=minutes))


def _urgency(value: str) -> Q:
    if value == "now":
        return Q(group__in=(Category.Group.IMMEDIATE, Category.Group.COMMAND))
    return Q(priority=int(code_of({str(n): str(n) for n in range(1, 5)}, value, "urgency")))


def _text(value: str) -> Q:
    query = words(value)
    if not query:
        return Q(pk__in=())
    return Q(RawSQL("cases_case.search @@ %s::tsquery", [query], output_field=BooleanField()))


def _agency(value: str) -> Q:
    agency = code_of(reference.agencies_by_code(), value, "agency")
    routed = Q(pk__in=())
    for units, categories in _routed().get(agency.pk, {}).items():
        kinds = Q(category_id__in=categories)
        routed |= kinds if units is None else kinds & Q(unit_id__in=units)
    returned = Q(pending__returned__agency=agency.pk)
    return Q(agency_id=agency.pk) | (Q(agency_id=None) & (routed | returned))


_CONDITIONS = {
    "category": _category, "domain": _domain, "unit": _unit, "agency": _agency, "channel": _channel, "older": _older,
    "urgency": _urgency, "text": _text,
}  # fmt: skip

Routed = Mapping[int, Mapping[tuple[int, ...] | None, list[int]]]


@remembered
def _routed() -> Routed:
    """Of each agency, which kinds in which units (None: in all) the routing rules send to it, addresses and assets aside."""
    units = list(reference.units().values())
    found: dict[int, dict[tuple[int, ...] | None, list[int]]] = {}
    for category in reference.categories().values():
        if not category.active:
            continue
        by_agency: dict[int, list[int]] = {}
        for unit in units:
            by_agency.setdefault(routing.agency_for(category, unit).pk, []).append(unit.pk)
        for agency_id, of_units in by_agency.items():
            key = None if len(by_agency) == 1 else tuple(of_units)
            found.setdefault(agency_id, {}).setdefault(key, []).append(category.pk)
    return found


# Lists


@remembered
def _intake_states() -> tuple[str, ...]:
    """The states in which the centre decides, in all versions of all processes that cases may pin."""
    return _states_in("triage")


def _states_in(queue: str) -> tuple[str, ...]:
    known = {
        state.name
        for process in processes.known().values()
        for state in process.states.values()
        if state.queue == queue
    }
    return tuple(sorted(known))


def asleep() -> Exists:
    """Put aside, and not to be woken yet."""
    return Exists(Hold.objects.filter(case_id=OuterRef("pk"), ended_at=None, wake_at__gt=clock.now()))


def being_decided() -> Exists:
    """A decision on it waits for its undo window to end."""
    return Exists(Case.objects.filter(pk=OuterRef("pk"), bulk_items__state="waiting"))


def decided_alone() -> Exists:
    """Decided by its operator, who may still take it back: it is out of the lists, as it will be in a moment."""
    waiting = BulkItem.objects.filter(case_id=OuterRef("pk"), state="waiting")
    return Exists(waiting.exclude(bulk__said=""))


def asked() -> Q:
    """What waits for its sender before the centre can decide."""
    return Q(is_open=True, phase="intake", state__in=_states_in("waiting"))


def to_decide() -> Q:
    """What waits for the centre's decision. `phase` is there so that the index of the backlog serves."""
    return Q(is_open=True, phase="intake", state__in=_intake_states())
