"""What one press on "accept" would do: category, agency, due date and what the public would read, before anybody presses it.

The sender chose a category; the assistant may be surer of another. The plan follows the assistant only where it is quite sure, says where it
differs from the sender, and asks for a second look where something in the public text may not be for everyone.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.assist import queries as assist
from hues.assist.queries import Choice, Suggestion
from hues.assist.triage import privacy
from hues.assist.triage.panel import SURE, how_sure
from hues.cases import clocks, moderation, processes, reference
from hues.cases.definition import Step, pick
from hues.cases.models import Case
from hues.city.calendar import city_calendar
from hues.city.models import Agency, Category
from hues.dispatch import queries as dispatch
from hues.dispatch.queries import Suggestion as Party
from hues.kernel import clock
from hues.kernel.errors import Invalid

AGREES = 0.25  # how likely the sender's own category must be to need no word


@dataclass(frozen=True)
class Plan:
    """What accepting would do now. `step` is the process's own name of it; "" where the case cannot be accepted any more."""

    step: str
    verb: str
    category: Category
    agency: Agency | None
    agency_because: str
    due: datetime | None
    confidence: float | None  # of the category, where the assistant has an opinion
    sure: str  # the same in words
    because: tuple[str, ...]  # words of the text
    differs: str  # the sender's category where the plan takes another
    others: Sequence[Choice]  # further opinions of the assistant
    urgent: str  # why it may not wait; "" where nothing says so
    private: tuple[str, ...]  # words that would be public and perhaps should not be
    abusive: tuple[str, ...]
    public_body: str
    public_address: str
    visibility: str
    trained: bool = True
    changed: bool = field(default=False)  # by the operator
    parties: Sequence[
        Party
    ] = ()  # whom to send, the first by accepting; only where somebody goes out and it was asked for

    @property
    def party(self) -> Party | None:
        """Who goes with one press: the nearest on duty of the agency that handles it."""
        return next((one for one in self.parties if self.agency and one.agency_id == self.agency.pk), None)

    @property
    def look_twice(self) -> bool:
        """The public text holds something that was not taken out by itself: one press more, on purpose."""
        return bool(self.private) and self.visibility != Category.Visibility.RESTRICTED


def accepting(case: Case, category: Category | None = None) -> Step | None:
    """The step by which the centre accepts a case of this category and hands it to an agency; None where it is past that."""
    process = processes.process(case.process_id)
    if case.state != process.initial:
        return None
    if category is not None and category.process != process.code:
        process = processes.latest(category.process)[1]
    for step in process.steps_from.get(process.initial, ()):
        if "operator" in step.by and {"agency", "public_body"} <= step.fields.keys():
            return step
    return None


def plan_for(case: Case, *, category: str = "", agency: str = "", parties: bool = False) -> Plan:
    """The plan, with what the operator has chosen instead. No statement once warm, one where layers of assets decide; with `parties`
    (whom to send, where somebody goes out) seven more. Raises Invalid."""
    language = get_language() or "vi"
    found = assist.suggest(
        case.body, lat=case.lat, lon=case.lon, at=case.received_at, address=case.address, language=language
    )
    kind, opinion = _kind(case, found, category)
    step = accepting(case, kind)
    as_planned = copy.copy(case)
    as_planned.category_id = kind.pk
    if kind.pk != case.category_id:
        as_planned.visibility = kind.visibility
    to, because = _agency(as_planned, agency)
    body = moderation.public_body(as_planned)
    flags = [flag for flag in privacy.flags(body) if flag.kind == "private"] if body else []
    return Plan(
        step=step.name if step else "",
        verb=pick(step.verbs, language) if step else "",
        category=kind,
        agency=to,
        agency_because=because,
        due=_due(kind, step),
        confidence=opinion.confidence if opinion else None,
        sure=how_sure(opinion.confidence) if opinion else "",
        because=opinion.because if opinion else (),
        differs=reference.categories()[case.category_id].name(language) if kind.pk != case.category_id else "",
        others=[one for one in found.categories if one.code != kind.code and one.confidence >= 0.03],
        urgent=found.urgency.because if found.urgency.level == "immediate" else "",
        private=tuple(flag.excerpt for flag in flags if moderation.HIDDEN not in flag.excerpt),
        abusive=tuple(excerpt for name, excerpt in found.flags if name == "abusive"),
        public_body=body,
        public_address=moderation.public_address(as_planned),
        visibility=as_planned.visibility,
        trained=found.model != assist.KEYWORD_MODEL,
        changed=bool(category or agency),
        parties=_parties(as_planned, kind, to) if parties and step and to else (),
    )


def _parties(case: Case, category: Category, agency: Agency) -> Sequence[Party]:
    """Whom to send: the agency's own nearest first, then others near. Nobody where the process sends nobody out."""
    if not processes.latest(category.process)[1].sends:
        return ()
    case.agency_id = agency.pk
    return dispatch.suggestions(case, ())


def _kind(case: Case, found: Suggestion, chosen: str) -> tuple[Category, Choice | None]:
    """The category of the plan, and what the assistant thinks of it."""
    by_code = reference.categories_by_code()
    opinions = {one.code: one for one in found.categories}
    if chosen:
        if chosen not in by_code or not by_code[chosen].active:
            raise Invalid(
                _("This is not one of the choices."), fields={"category": _("This is not one of the choices.")}
            )
        return by_code[chosen], opinions.get(chosen)
    own = reference.categories()[case.category_id]
    first = found.categories[0] if found.categories else None
    if first and first.code != own.code and first.confidence >= SURE:
        doubt = opinions[own.code].confidence if own.code in opinions else 0.0
        if doubt < AGREES and found.model != assist.KEYWORD_MODEL and case.channel != "hotline" and not case.hops:
            return by_code[first.code], first
    return own, opinions.get(own.code)


def _agency(case: Case, chosen: str) -> tuple[Agency | None, str]:
    if chosen:
        found = reference.agencies_by_code().get(chosen)
        if found is None or found.valid_to is not None:
            raise Invalid(_("This is not one of the choices."), fields={"agency": _("This is not one of the choices.")})
        return found, ""
    route = moderation.suggested_route(case)
    return route.agency, route.because


def _due(category: Category, step: Step | None) -> datetime | None:
    """When it would be due if it were accepted now."""
    if step is None:
        return None
    return clocks.start("handling", category.target, clock.now(), city_calendar()).due
